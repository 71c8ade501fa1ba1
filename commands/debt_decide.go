package commands

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/schedule"
)

// debtVerb is a command that decides about one issue of the register.
type debtVerb struct {
	verb schedule.Verb
	bot.Command
}

// debtDecisions are the commands that decide about one issue of the register.
func debtDecisions(d Deps) []bot.Command {
	var out []bot.Command
	for _, v := range []debtVerb{
		{schedule.Take, bot.Command{Name: "debt take", Args: "<item> [of <service>] (<reminder>)", Short: "Take technical debt on: the issue is assigned to you",
			Examples: []string{"debt take checkout#12", "debt take #12 of checkout"}}},
		{schedule.Snooze, bot.Command{Name: "debt snooze", Args: "<item> [of <service>] (<reminder>) [until|for <until>] [<reason>...]",
			Short: "Put technical debt off until a day, four weeks when none is said", Long: "Nobody is asked about it before. The reason and the day stand below the issue.",
			Examples: []string{"debt snooze checkout#12 until 2027-01-15 after the move", "debt snooze checkout#12 for 6w the sale comes first"},
			Form:     debtSnoozeForm}},
		{schedule.Drop, bot.Command{Name: "debt drop", Args: "<item> [of <service>] (<reminder>) [<reason>...]", Short: "Say that technical debt is not worth it: the issue is closed as not planned",
			Examples: []string{"debt drop checkout#12 we replace all of it next quarter"}, Form: debtDropForm}},
	} {
		out = append(out, v.command(d))
	}
	return out
}

func (v debtVerb) command(d Deps) bot.Command {
	c := v.Command
	c.Who = keepersOfDebt(d)
	if c.Form != nil {
		c.Form = refusing(c.Form, func(r bot.FormRequest) error { return debtOfForm(d, r) })
		c.On = bot.Typed | bot.Press | bot.Submit
		c.Fill = func(a bot.Args) bool { return a["reason"] == "" }
	}
	c.Run = func(ctx context.Context, req bot.Request) (bot.Reply, error) {
		w, err := decideWant(ctx, d, req, v.verb)
		if err != nil {
			return bot.Reply{}, err
		}
		if err := onlyTeams(ctx, d, req, teamsOf(req.Config, w.Repo)...); err != nil {
			return bot.Reply{}, err
		}
		one, err := d.Schedules.DecideDebt(ctx, w)
		if err != nil {
			return bot.Reply{}, scheduleRefusal(err)
		}
		return decidedReply(req, one), nil
	}
	c.Made = func(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
		one, err := d.Schedules.DebtDecision(ctx, schedule.DebtDecisionID(req.ID))
		if errors.Is(err, schedule.ErrNotFound) {
			return bot.Reply{}, false, nil
		}
		if err != nil {
			return bot.Reply{}, false, err
		}
		return decidedReply(req, one), true, nil
	}
	return c
}

// decidedReply shows what was decided; a reminder whose button was pressed shows it itself.
func decidedReply(req bot.Request, one *schedule.DebtDecision) bot.Reply {
	if one.Reminder != "" {
		return bot.Reply{}
	}
	return bot.Reply{Public: true, Card: &bot.CardRef{Kind: debtDecisionKind, ID: one.ID, Home: homeOf(req, one.Repo)}}
}

// debtOfForm refuses a form about an issue that a line names and that is not clear. One that was not named is asked for.
func debtOfForm(d Deps, r bot.FormRequest) error {
	if r.Args["item"] == "" {
		return nil
	}
	_, _, err := debtMeant(context.Background(), d, requestOf(r))
	return err
}

func decideWant(ctx context.Context, d Deps, req bot.Request, verb schedule.Verb) (schedule.DecideWant, error) {
	w := schedule.DecideWant{Request: req.ID, At: req.At, By: req.User, Verb: verb, Reminder: req.Arg("reminder"), Why: strings.TrimSpace(req.Arg("reason")), Zone: time.UTC}
	var err error
	if w.Repo, w.Number, err = debtMeant(ctx, d, req); err != nil || verb == schedule.Take {
		return w, err
	}
	if req.Via != bot.Submit {
		if err := cmp.Or(serviceMeant(req, w.Why), untilMeant(verb, w.Why)); err != nil {
			return w, err
		}
		w.Why = d.Readable(ctx, w.Why)
	}
	if w.Why == "" {
		return w, bot.Refuse("debt.reason", "Why? Please add a reason.")
	}
	if verb != schedule.Snooze {
		return w, nil
	}
	for _, name := range teamsOf(req.Config, w.Repo) {
		if team, ok := req.Config.Team(name); ok {
			w.Zone = team.Location()
			break
		}
	}
	w.Until, err = snoozedUntil(cmp.Or(req.Arg("until"), usualSnooze), req.At, w.Zone)
	if err != nil {
		return w, bot.Refuse(string(schedule.BadSnooze), "%s", sentenceOf(err))
	}
	return w, nil
}

// usualSnooze is how long something is put off when nobody says.
const usualSnooze = "4w"

// serviceMeant refuses a reason that begins with a service that there is not, after a number that says no repository.
func serviceMeant(req bot.Request, why string) error {
	rest, meant := strings.CutPrefix(strings.ToLower(why), "of ")
	name, _, _ := strings.Cut(rest, " ")
	if !meant || !strings.HasPrefix(req.Arg("item"), "#") || req.Arg("service") != "" {
		return nil
	}
	return bot.Refuse(string(schedule.NoService), "There is no service %s. A reason that begins like that goes after %s.", bot.Code(name), bot.Code("checkout"+req.Arg("item")))
}

// untilMeant refuses a reason that begins with a time that was not understood, which would make it the usual one.
func untilMeant(verb schedule.Verb, why string) error {
	lower := strings.ToLower(why)
	length, isFor := strings.CutPrefix(lower, "for ")
	if verb == schedule.Snooze && (strings.HasPrefix(lower, "until ") || isFor && length != "" && length[0] >= '0' && length[0] <= '9') {
		return bot.Refuse("debt.until", "Not done: I do not understand until when. Write it as %s or %s, and then the reason.", bot.Code("until 2027-01-15"), bot.Code("for 4w"))
	}
	return nil
}

// snoozedUntil is the beginning of the day until which something is put off.
func snoozedUntil(word string, now time.Time, zone *time.Location) (time.Time, error) {
	if long, err := clock.ParseDuration(word); err == nil {
		y, m, d := now.Add(long).In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, zone), nil
	}
	return clock.ParseMoment(word, now, zone)
}

// keepersOfDebt admits the teams whose services are in the repository, and administrators. Of what is not understood everybody may learn
// that.
func keepersOfDebt(d Deps) bot.Audience {
	return bot.Principals("the service's team, and admins", func(r bot.Request) []config.Principal {
		repo, _, err := debtMeant(context.Background(), d, r)
		out := slices.Clone(r.Config.Slack.Admins)
		if err != nil {
			return append(out, config.Principal(r.User))
		}
		for _, team := range teamsOf(r.Config, repo) {
			out = append(out, config.Principal(team))
		}
		return out
	})
}

// teamsOf are the teams whose services are in a repository, each once.
func teamsOf(cfg *config.Config, repo string) []string {
	var out []string
	for _, name := range cfg.ServiceNames() {
		if s := cfg.Services[name]; string(s.Repo) == repo && s.Team != "" && !slices.Contains(out, s.Team) {
			out = append(out, s.Team)
		}
	}
	return out
}

// itemInput asks which issue is meant, where a line does not say. It has a name of its own, since a form is made again from what was filled in.
func itemInput(r bot.FormRequest) []bot.Input {
	if r.Args["item"] != "" {
		return nil
	}
	return []bot.Input{{Name: "which", Label: "Which", Placeholder: "checkout#12", Hint: "As the list shows it.", MaxLength: 200}}
}

func debtSnoozeForm(r bot.FormRequest) bot.Form {
	return bot.Form{Title: "Snooze tech debt", Submit: "Snooze", Check: checkDecision, Fields: append(itemInput(r),
		bot.Input{Name: "until", Label: "Until when", Hint: "A day, such as 2027-01-15 or monday, or how long: 6w, 30d.", Initial: cmp.Or(r.Args["until"], usualSnooze), MaxLength: 30},
		bot.Input{Name: "reason", Label: "Why", Long: true, MaxLength: 1000, Hint: "It stands below the issue."})}
}

func debtDropForm(r bot.FormRequest) bot.Form {
	return bot.Form{Title: "Not worth it", Submit: "Close the issue", Check: checkDecision, Fields: append(itemInput(r),
		bot.Input{Name: "reason", Label: "Why is it not worth it", Long: true, MaxLength: 1000, Hint: "It stands below the issue, which is closed as not planned."})}
}

// checkDecision holds a form about an issue against how such things are written.
func checkDecision(a bot.Args) map[string]string {
	wrong := map[string]string{}
	if word := strings.TrimSpace(a["which"]); word != "" {
		if _, err := parseDebtItem(word); err != nil {
			wrong["which"] = "Please write it as checkout#12."
		}
	}
	if word := strings.TrimSpace(a["until"]); word != "" {
		if _, err := parseUntil(word); err != nil {
			wrong["until"] = "Please write a day, such as 2027-01-15 or monday, or how long: 6w, 30d."
		}
	}
	return wrong
}
