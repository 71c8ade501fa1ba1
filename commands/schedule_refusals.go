package commands

import (
	"errors"
	"fmt"
	"strings"

	"shipmate/bot"
	"shipmate/schedule"
)

// scheduleRefusal puts a *schedule.Refused into words; other errors keep their own.
func scheduleRefusal(err error) error {
	var r *schedule.Refused
	if errors.As(err, &r) {
		m := scheduleRefused(r)
		if rest, ok := strings.CutPrefix(string(m.Text), "the "); ok { // the name of a schedule
			m.Text = "The " + bot.Text(rest)
		}
		return &bot.Refusal{Code: string(r.Code), Message: m}
	}
	return passing(err)
}

func scheduleRefused(r *schedule.Refused) bot.Message {
	switch r.Code {
	case schedule.NoSchedule:
		return text("There is no schedule %s; %s shows those that there are.", bot.Code(r.Word), bot.Code("/schedule all"))
	case schedule.NoTeam:
		return text("There is no team %s.", bot.Code(r.Word))
	case schedule.NoDigest:
		return text("That digest is not there any more.")
	case schedule.BadTimes:
		return text("Those times cannot be: %s.", r.Why.Error())
	case schedule.TooOften:
		return text("That is too often: at least %s are between two times.", took(schedule.MinEvery))
	case schedule.TooMany:
		return text("You have %d schedules, which is the most that one person may have. Remove one first: %s", schedule.MaxOwned, bot.Code("/schedule"))
	case schedule.NoRecursion:
		return text("A schedule cannot change schedules.")
	case schedule.NotRunning:
		return text("%s does not run, so there is no next time to leave out.", scheduleName(r.Schedule))
	case schedule.IsRunning:
		return text("%s is running already.", scheduleName(r.Schedule))
	case schedule.Configured:
		return text("%s is in the configuration: %s says when it comes. %s keeps it away.", scheduleName(r.Schedule), bot.Code(configKeyOf(r.Schedule)), bot.Code(pauseLine(r.Schedule)))
	case schedule.WasRemoved:
		if r.Schedule.Hold.By == "" {
			return text("The configuration does not name %s any more: %s says when it comes.", scheduleName(r.Schedule), bot.Code(configKeyOf(r.Schedule)))
		}
		return text("%s was removed by %s at %s. Schedule it anew.", scheduleName(r.Schedule), bot.User(r.Schedule.Hold.By), bot.Time(r.Schedule.Hold.At))
	case schedule.AlreadySo:
		return alreadySchedule(r.Schedule)
	case schedule.NoService:
		return text("There is no service %s.", bot.Code(r.Word))
	case schedule.NoDebt:
		return text("%s is no open issue with the label %s.", bot.Bold(fmt.Sprintf("%s#%d", repoName(r.Item.Repo), r.Item.Number)), bot.Code(r.Word))
	case schedule.BadDebt:
		return text("It needs a title, and what it costs in at most some pages.")
	case schedule.BadSnooze:
		return text("It can be put off until tomorrow at least, and for a year at most.")
	case schedule.NotLinked:
		return text("I do not know who you are on GitHub, so the issue cannot be assigned to you. %s tells me your login, and an admin confirms it.",
			bot.Code("/shipmate link me github <login>"))
	case schedule.DebtDecided:
		if r.Decision.By == "" { // so long ago that nobody knows
			return text("That was decided before.")
		}
		return text("That was decided before: %s.", decidedText(r.Decision, true))
	}
	return notTheirs(r)
}

func alreadySchedule(one *schedule.Schedule) bot.Message {
	switch {
	case one.State == schedule.Paused:
		return text("%s is %s. %s has it come again.", scheduleName(one), pausedText(one), bot.Code(resumeLine(one)))
	case !one.Skip.IsZero():
		return text("%s leaves %s out already, as %s wanted.", scheduleName(one), bot.Time(one.Skip), bot.User(one.SkipBy))
	}
	return text("%s runs already.", scheduleName(one))
}

// configKeyOf is what in the configuration says when a schedule comes that it names.
func configKeyOf(one *schedule.Schedule) string {
	switch one.Kind {
	case schedule.Digests:
		return "teams." + one.Team + ".digest"
	case schedule.Handovers:
		return "teams." + one.Team + ".handover"
	}
	return "debt.remind"
}

func pauseLine(one *schedule.Schedule) string {
	if one.Kind == schedule.Digests {
		return "/digest mute " + one.Team
	}
	return "/schedule pause " + one.ID
}

func resumeLine(one *schedule.Schedule) string {
	if one.Kind == schedule.Digests {
		return "/digest unmute " + one.Team
	}
	return "/schedule resume " + one.ID
}

// notTheirs says that a person may not run the line, in the words in which they would be refused it.
func notTheirs(r *schedule.Refused) bot.Message {
	why := bot.Text("Please try again in a minute.")
	var no *bot.Refusal
	if errors.As(r.Why, &no) {
		why = no.Text
	}
	m := text("That line would not run: %s", why)
	if one := r.Schedule; one != nil {
		m = text("%s would not run with the rights of %s: %s", scheduleName(one), bot.User(one.Owner), why)
		if r.Word != "" && r.Word != one.Owner {
			m = text("You may not have %s run at once: %s", scheduleName(one), why)
		}
	}
	if no != nil {
		m.Parts = no.Parts
	}
	return m
}
