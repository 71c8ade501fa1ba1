package commands

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/schedule"
)

const (
	maxSchedules = 20 // in a list
	maxHappened  = 10 // of what became of one
)

// scheduleName is what it does, as people type it.
func scheduleName(one *schedule.Schedule) bot.Text {
	switch one.Kind {
	case schedule.Digests:
		return bot.Textf("the digest of %s", bot.Bold(one.Team))
	case schedule.Reminders:
		return bot.Textf("the debt reminder of %s", bot.Bold(one.Team))
	case schedule.Handovers:
		return bot.Textf("the hand-over of %s", bot.Bold(one.Team))
	}
	return bot.Code(cutTo(one.Name(), 150))
}

// whenText says when something happens, in words where there are simple ones.
func whenText(one *schedule.Schedule) bot.Text {
	when := bot.Plain(cronWords(one.Cron))
	if when == "" {
		when = bot.Code(one.Cron)
	}
	if one.Working {
		when = bot.Textf("%s, not on days off", when)
	}
	return bot.Textf("%s (%s)", when, one.Zone)
}

var dayNames = []string{"Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"}

// cronWords says a simple cron expression as people do: "Mondays to Fridays at 9:00"; "" for one that is not simple.
func cronWords(expr string) string {
	f := strings.Fields(expr)
	if len(f) != 5 || f[2] != "*" || f[3] != "*" {
		return ""
	}
	minute, err := strconv.Atoi(f[0])
	if err != nil {
		return ""
	}
	if f[1] == "*" && f[4] == "*" {
		return fmt.Sprintf("every hour at :%02d", minute)
	}
	hour, err := strconv.Atoi(f[1])
	if err != nil {
		return ""
	}
	at := fmt.Sprintf("at %d:%02d", hour, minute)
	if f[4] == "*" {
		return "every day " + at
	}
	from, to, isRange := strings.Cut(f[4], "-")
	first, err := strconv.Atoi(from)
	if err != nil || first > 6 {
		return ""
	}
	if !isRange {
		return dayNames[first] + " " + at
	}
	last, err := strconv.Atoi(to)
	if err != nil || last > 6 {
		return ""
	}
	return dayNames[first] + " to " + dayNames[last] + " " + at
}

// schedulesMessage lists schedules, everyone's or those here and of one person; elsewhere is how many there are that are not listed.
func schedulesMessage(s *schedule.Service, all []*schedule.Schedule, everyone bool, elsewhere int) bot.Message {
	m := text("⏰ %s here or yours", count(len(all), "schedule"))
	switch {
	case everyone && len(all) > 0:
		m = text("⏰ %s", count(len(all), "schedule"))
	case len(all) == 0 && elsewhere == 0:
		m = text("Nothing runs at a time yet. %s has a line run every weekday at nine.", bot.Code(`/schedule add "0 9 * * 1-5" deploy status`))
	case len(all) == 0:
		m = text("Nothing runs at a time here, and nothing of yours.")
	}
	for _, one := range all[:min(len(all), maxSchedules)] {
		m.Parts = append(m.Parts, bot.Section(bot.Textf("%s %s in %s · %s\n%s · %s", scheduleIcon(one), scheduleName(one), bot.Channel(one.Channel), whenText(one),
			nextText(s, one), bot.Code("/schedule show "+one.ID))))
	}
	if more := len(all) - maxSchedules; more > 0 {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("and %s", count(more, "more schedule"))))
	}
	if elsewhere > 0 {
		m.Buttons = []bot.Button{{Label: fmt.Sprintf("All of them (%d more)", elsewhere), Line: "schedule all"}}
	}
	return m
}

func scheduleIcon(one *schedule.Schedule) bot.Text {
	switch one.State {
	case schedule.Paused:
		return "⏸️"
	case schedule.Stopped:
		return "⛔"
	case schedule.Removed:
		return "🗑️"
	}
	return "⏰"
}

func pausedText(one *schedule.Schedule) bot.Text {
	t := bot.Textf("paused by %s since %s", bot.User(one.Hold.By), bot.Time(one.Hold.At))
	if !one.Hold.Until.IsZero() {
		t = bot.Textf("%s, until %s", t, bot.Time(one.Hold.Until))
	}
	return t
}

// nextText says when it runs next, or why it does not.
func nextText(s *schedule.Service, one *schedule.Schedule) bot.Text {
	switch one.State {
	case schedule.Paused:
		return pausedText(one)
	case schedule.Stopped:
		return bot.Textf("stopped since %s: %s", bot.Time(one.Hold.At), bot.Text(one.Hold.Said))
	case schedule.Removed:
		if one.Hold.By == "" {
			return "the configuration does not name it any more"
		}
		return bot.Textf("removed by %s at %s", bot.User(one.Hold.By), bot.Time(one.Hold.At))
	}
	next := s.Upcoming(one, 1)
	if len(next) == 0 {
		return "no time in the year to come is on a working day"
	}
	t := bot.Textf("next %s", bot.Time(next[0]))
	if !one.Skip.IsZero() {
		t = bot.Textf("%s, after %s is left out", t, bot.Time(one.Skip))
	}
	return t
}

// scheduleMessage is all there is to say of a schedule.
func scheduleMessage(s *schedule.Service, one *schedule.Schedule, was []*schedule.Happening) bot.Message {
	m := text("%s %s · %s", scheduleIcon(one), scheduleName(one), nextText(s, one))
	what := bot.Textf("%s in %s", whenText(one), bot.Channel(one.Channel))
	if one.Owner != "" {
		what = bot.Textf("%s, with the rights of %s", what, bot.User(one.Owner))
	}
	m.Parts = append(m.Parts, bot.Section(what))
	if next := s.Upcoming(one, schedule.Shown); len(next) > 0 {
		m.Parts = append(m.Parts, bot.Section(timesText("*The next times*", next)))
	}
	if times, err := one.Times(); err == nil && one.State == schedule.Active {
		m.Parts = append(m.Parts, changesText(one, times.Changes(one.Next, one.Next.AddDate(1, 0, 0)))...)
	}
	var lines []bot.Text
	for _, h := range was {
		lines = append(lines, happenedText(h))
	}
	if len(lines) > 0 {
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", append([]bot.Text{"*What became of it*"}, lines...)...)))
	}
	m.Parts = append(m.Parts, bot.Small(missedText(one)))
	m.Buttons = scheduleButtons(one)
	return m
}

func timesText(title bot.Text, next []time.Time) bot.Text {
	lines := []bot.Text{title}
	for _, at := range next {
		lines = append(lines, bot.Textf("• %s", bot.DayTime(at)))
	}
	return bot.Join("\n", lines...)
}

// changesText explains what changes of clocks in the year to come do to it.
func changesText(one *schedule.Schedule, changes []clock.ClockChange) []bot.Part {
	var lines []bot.Text
	for _, c := range changes {
		when := c.Wall.Format("2 January 2006")
		hour := c.Wall.Format("15:04")
		switch {
		case c.Left && c.Times == 0:
			lines = append(lines, bot.Textf("On %s clocks in %s leave %s out: nothing runs for it.", when, one.Zone, hour))
		case c.Left:
			lines = append(lines, bot.Textf("On %s clocks in %s leave %s out: it runs once, at %s.", when, one.Zone, hour, c.At.In(one.Location()).Format("15:04")))
		case c.Times == 1:
			lines = append(lines, bot.Textf("On %s clocks in %s show %s twice: it runs the first time only.", when, one.Zone, hour))
		default:
			lines = append(lines, bot.Textf("On %s clocks in %s show %s twice: it runs both times.", when, one.Zone, hour))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return []bot.Part{bot.Section(bot.Join("\n", lines...))}
}

func missedText(one *schedule.Schedule) bot.Text {
	switch {
	case one.Missed == schedule.SkipIt:
		return bot.Textf("What is missed while I am down is left out. %s", bot.Code(one.ID))
	case one.Kind != schedule.Lines:
		return bot.Textf("What is missed while I am down comes when I am back, on the same day. %s", bot.Code(one.ID))
	}
	return bot.Textf("What is missed while I am down runs once when I am back, up to %s late. %s", took(schedule.Late), bot.Code(one.ID))
}

// happenedText is one line about what became of a time, or of several.
func happenedText(h *schedule.Happening) bot.Text {
	when := bot.Time(h.At)
	if h.Count() > 1 {
		when = bot.Textf("%s to %s, %d times", bot.Time(h.At), bot.Time(h.Until), h.Count())
	}
	by := bot.User(h.By)
	switch h.Fate {
	case schedule.LeftOut:
		return bot.Textf("⏭️ %s: left out, %s", when, leftOutWhy(h.Why, by))
	case schedule.Done:
		when = bot.Textf("✅ %s", when)
	case schedule.Asked:
		when = bot.Textf("❓ %s", when)
	case schedule.Declined:
		when = bot.Textf("⛔ %s", when)
	default:
		when = bot.Textf("❌ %s", when)
	}
	if h.By != "" {
		when = bot.Textf("%s, asked for by %s", when, by)
	}
	if late := h.LateBy(); late > 0 {
		when = bot.Textf("%s, %s late", when, took(late))
	}
	if said := bot.Text(h.Said); said != "" {
		return bot.Textf("%s: %s", when, firstLine(string(said)))
	}
	return when
}

func leftOutWhy(why schedule.Reason, by bot.Text) bot.Text {
	switch why {
	case schedule.WasDown:
		return "I was down"
	case schedule.WasAsked:
		return bot.Textf("%s wanted that", by)
	case schedule.WasPaused:
		return bot.Textf("paused by %s", by)
	case schedule.WasStopped:
		return "it was stopped"
	case schedule.DayOff:
		return "a day off"
	case schedule.WasChanged:
		return "the configuration has other times since"
	}
	return bot.Plain(string(why))
}

func scheduleButtons(one *schedule.Schedule) []bot.Button {
	var out []bot.Button
	switch one.State {
	case schedule.Removed:
		return nil
	case schedule.Active:
		if one.Skip.IsZero() {
			out = append(out, bot.Button{Label: "Skip the next time", Line: "schedule skip " + one.ID})
		}
		out = append(out, bot.Button{Label: "Pause", Line: "schedule pause " + one.ID})
	default:
		out = append(out, bot.Button{Label: "Resume", Line: "schedule resume " + one.ID, Style: bot.Primary})
	}
	out = append(out, bot.Button{Label: "Run now", Line: "schedule run " + one.ID, Confirm: "It runs at once, beside its times."})
	if one.Kind == schedule.Lines {
		out = append(out, bot.Button{Label: "Remove", Line: "schedule remove " + one.ID, Style: bot.Danger, Confirm: "It never runs again."})
	}
	return out
}

// askToSchedule shows when a line would run before it is saved.
func askToSchedule(p *schedule.Preview) bot.Reply {
	one := p.Schedule
	r := bot.Reply{Message: text("⏰ %s in %s, %s?", scheduleName(one), bot.Channel(one.Channel), whenText(one))}
	if len(p.Next) == 0 {
		r.Parts = append(r.Parts, bot.Section("⚠️ No time in the year to come is on a working day."))
	} else {
		r.Parts = append(r.Parts, bot.Section(timesText("*It would run at*", p.Next)))
	}
	r.Parts = append(r.Parts, changesText(one, p.Changes)...)
	late := bot.Textf("What is missed while I am down runs once when I am back, up to %s late.", took(schedule.Late))
	if one.Missed == schedule.SkipIt {
		late = "What is missed while I am down is left out."
	}
	r.Parts = append(r.Parts, bot.Small(bot.Textf("It runs with your rights, asked again each time; everybody there sees the answers. %s", late)))
	r.Question = &bot.Question{Options: []bot.Button{{Label: "Save it", Line: addLine(one), Style: bot.Primary}, {Label: "No"}}}
	return r
}

// addLine is the line that saves what was shown, with all that was found out for it.
func addLine(one *schedule.Schedule) string {
	words := []string{"schedule add", sure, strconv.Quote(one.Cron), "in", one.Channel, "zone", one.Zone, "missed", string(one.Missed)}
	if one.Working {
		words = append(words, "on workdays")
	}
	return strings.Join(append(words, one.Line), " ")
}

func scheduledReply(s *schedule.Service, one *schedule.Schedule) bot.Reply {
	m := text("⏰ %s runs in %s, %s · %s", scheduleName(one), bot.Channel(one.Channel), whenText(one), nextText(s, one))
	m.Parts = []bot.Part{bot.Small(bot.Textf("Scheduled by %s. %s", bot.User(one.Owner), bot.Code(one.ID)))}
	m.Buttons = []bot.Button{{Label: "Show it", Line: "schedule show " + one.ID}}
	return bot.Reply{Message: m, Public: true}
}

// changedSchedule says what was done to a schedule, and when it runs next.
func changedSchedule(s *schedule.Service, req bot.Request, one *schedule.Schedule, format string) bot.Reply {
	m := text(format, scheduleName(one), bot.User(req.User))
	switch {
	case one.State == schedule.Active && len(s.Upcoming(one, 1)) == 0:
		m.Text = bot.Textf("%s But %s.", m.Text, nextText(s, one))
	case one.State == schedule.Active:
		m.Text = bot.Textf("%s It runs %s.", m.Text, nextText(s, one))
	case one.State == schedule.Paused && !one.Hold.Until.IsZero():
		m.Text = bot.Textf("%s It goes on at %s.", m.Text, bot.Time(one.Hold.Until))
	}
	if one.State != schedule.Removed {
		m.Buttons = []bot.Button{{Label: "Show it", Line: "schedule show " + one.ID}}
	}
	return bot.Reply{Message: m, Public: true}
}

// ScheduleNote is what a person, or a channel, is told about a schedule.
func ScheduleNote(n schedule.Note) bot.Message {
	one := n.Schedule
	show := []bot.Button{{Label: "Show it", Line: "schedule show " + one.ID}}
	switch n.Kind {
	case schedule.NoteStopped:
		m := text("⛔ %s, scheduled by %s, does not run any more.", scheduleName(one), bot.User(one.Owner))
		if one.Hold != nil && one.Hold.Said != "" {
			m.Parts = []bot.Part{bot.Section(bot.Text(one.Hold.Said))}
		}
		m.Parts = append(m.Parts, bot.Small(bot.Textf("It was to run %s. Resume it when that is in order, or let somebody else schedule it.", whenText(one))))
		m.Buttons = append([]bot.Button{{Label: "Resume", Line: "schedule resume " + one.ID, Style: bot.Primary}}, show...)
		return m
	case schedule.NoteFailed:
		m := text("❌ %s did not run for %s: %s", scheduleName(one), bot.Time(one.Last.At), bot.Text(one.Last.Said))
		m.Parts = []bot.Part{bot.Small(bot.Textf("Scheduled by %s. %s", bot.User(one.Owner), bot.Code(one.ID)))}
		m.Buttons = append([]bot.Button{{Label: "Run now", Line: "schedule run " + one.ID, Confirm: "It runs at once, beside its times."}}, show...)
		return m
	case schedule.NotePaused:
		m := text("⏸️ %s has paused your schedule of %s.", bot.User(n.By), scheduleName(one))
		m.Buttons = append([]bot.Button{{Label: "Resume", Line: "schedule resume " + one.ID}}, show...)
		return m
	}
	return text("🗑️ %s has removed your schedule of %s.", bot.User(n.By), scheduleName(one))
}
