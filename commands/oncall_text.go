package commands

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/incident"
)

// personName mentions somebody on PagerDuty where they are known on Slack, and says their name where they are not.
func personName(p incident.Person) bot.Text {
	if p.Slack != "" {
		return bot.User(p.Slack)
	}
	return bot.Bold(p.Name)
}

// peopleNames lists people, each once.
func peopleNames(all []incident.Person, last string) bot.Text {
	var out []bot.Text
	for _, p := range all {
		if name := personName(p); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return listed(out, last)
}

// subjectName names what is asked about.
func subjectName(sub incident.Subject) bot.Text {
	if sub.Kind == incident.Someone {
		return bot.User(sub.Name)
	}
	return bot.Bold(sub.Name)
}

// subjectWord is how a line names it.
func subjectWord(cfg *config.Config, sub incident.Subject) string {
	switch found, _ := incident.Find(cfg, sub.Name); {
	case sub.Kind == incident.Someone:
		return "<@" + sub.Name + ">"
	case found != sub:
		return incident.TeamPrefix + sub.Name
	}
	return sub.Name
}

// theirTime is the time of day where somebody is, unless the reader's clock shows the same.
func theirTime(p incident.Person, t time.Time, reader *time.Location) string {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil || p.Zone == "" || t.IsZero() {
		return ""
	}
	there := t.In(zone)
	if reader != nil {
		_, here := t.In(reader).Zone()
		if _, off := there.Zone(); off == here {
			return ""
		}
	}
	return there.Format("15:04")
}

// forThem ends a time with what it is for somebody who is elsewhere.
func forThem(p incident.Person, t time.Time, reader *time.Location) bot.Text {
	if at := theirTime(p, t, reader); at != "" {
		return bot.Textf(" (%s for %s)", at, personName(p))
	}
	return ""
}

// onCallMessage says who is on call for one subject. mine says that the reader is the subject.
func onCallMessage(cfg *config.Config, a *incident.Answer, now time.Time, reader *time.Location, mine bool) bot.Message {
	if a.Subject.Kind == incident.Someone {
		return personOnCall(a, now, reader, mine)
	}
	m := bot.Message{Text: onCallHeadline(a), Parts: asOf(a, now)}
	for _, r := range a.Rosters {
		var lines []bot.Text
		if len(a.Rosters) > 1 || r.Policy.Name != "" && r.Policy.Name != a.Subject.Name {
			lines = append(lines, bot.Link(r.Policy.URL, r.Policy.Name))
		}
		for _, l := range r.Levels {
			lines = append(lines, levelLines(l, len(r.Levels) > 1, reader)...)
		}
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines...)))
	}
	word := subjectWord(cfg, a.Subject)
	m.Buttons = []bot.Button{{Label: "Calendar", Line: "oncall next " + word}}
	return m
}

// onCallHeadline is the decisive fact.
func onCallHeadline(a *incident.Answer) bot.Text {
	var people []incident.Person
	for _, s := range a.OnCall() {
		people = append(people, s.Who)
	}
	if len(people) == 0 {
		return bot.Textf("⚠️ Nobody is on call for %s", subjectName(a.Subject))
	}
	is := "is"
	if len(people) > 1 {
		is = "are"
	}
	return bot.Textf("📟 %s %s on call for %s", peopleNames(people, "and"), is, subjectName(a.Subject))
}

func levelLines(l incident.Level, several bool, reader *time.Location) []bot.Text {
	prefix := bot.Text("")
	if several {
		prefix = bot.Textf("%s: ", bot.Bold("Level "+itoa(l.N)))
	}
	var lines []bot.Text
	switch {
	case len(l.Now) == 0:
		lines = append(lines, bot.Textf("%s⚠️ nobody%s", prefix, gapEnd(l.Gap)))
	default:
		var now []bot.Text
		for _, s := range l.Now {
			now = append(now, shiftWords(s, reader))
		}
		lines = append(lines, bot.Textf("%s%s", prefix, bot.Join("; ", now...)))
	}
	if len(l.Next) > 0 {
		var who []incident.Person
		for _, s := range l.Next {
			who = append(who, s.Who)
		}
		next := l.Next[0]
		line := bot.Textf("    then %s from %s%s", peopleNames(who, "and"), bot.Time(next.Start), forThem(next.Who, next.Start, reader))
		if next.Override {
			line += " (standing in)"
		}
		lines = append(lines, line)
	}
	if g := l.Gap; g != nil && len(l.Now) > 0 {
		lines = append(lines, bot.Textf("    ⚠️ nobody from %s%s", bot.Time(g.Start), gapEnd(g)))
	}
	return lines
}

// gapEnd says until when nobody is on call.
func gapEnd(g *incident.Gap) bot.Text {
	switch {
	case g == nil:
		return ""
	case g.End.IsZero():
		return ", as far as PagerDuty plans ahead"
	}
	return bot.Textf(" until %s", bot.Time(g.End))
}

// shiftWords says who, since when and until when.
func shiftWords(s incident.Shift, reader *time.Location) bot.Text {
	t := personName(s.Who)
	switch {
	case s.Start.IsZero() && s.End.IsZero():
		return bot.Textf("%s, always", t)
	case s.Start.IsZero():
		t = bot.Textf("%s until %s%s", t, bot.Time(s.End), forThem(s.Who, s.End, reader))
	case s.End.IsZero():
		t = bot.Textf("%s since %s", t, bot.Time(s.Start))
	default:
		t = bot.Textf("%s since %s, until %s%s", t, bot.Time(s.Start), bot.Time(s.End), forThem(s.Who, s.End, reader))
	}
	if s.Override {
		t += ", standing in"
	}
	return t
}

// personOnCall says of one person what they are on call for, and when next.
func personOnCall(a *incident.Answer, now time.Time, reader *time.Location, mine bool) bot.Message {
	who, are := subjectName(a.Subject), "is"
	if mine {
		who, are = "You", "are"
	}
	var nowLines, nextLines []bot.Text
	for _, r := range a.Rosters {
		for _, l := range r.Levels {
			name := bot.Link(r.Policy.URL, r.Policy.Name)
			for _, s := range l.Now {
				when := bot.Text("always")
				if !s.End.IsZero() {
					when = bot.Textf("until %s%s", bot.Time(s.End), forThem(s.Who, s.End, reader))
				}
				nowLines = append(nowLines, bot.Textf("📟 %s, level %d: %s", name, l.N, when))
			}
			if len(l.Next) > 0 {
				s := l.Next[0]
				nextLines = append(nextLines, bot.Textf("%s, level %d: from %s%s until %s", name, l.N, bot.Time(s.Start), forThem(s.Who, s.Start, reader), bot.Time(s.End)))
			}
		}
	}
	m := text("📟 %s %s on call", who, are)
	switch {
	case len(nowLines) == 0 && len(nextLines) == 0:
		m = text("%s %s not on call, and will not be in the next %s", who, are, spell(incident.Ahead))
	case len(nowLines) == 0:
		m = text("%s %s not on call now", who, are)
	}
	m.Parts = asOf(a, now)
	if len(nowLines) > 0 {
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", nowLines...)))
	}
	if len(nextLines) > 0 {
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", append([]bot.Text{"Next:"}, nextLines...)...)))
	}
	return m
}

// asOf says how old an answer is when it is not of now, and why.
func asOf(a *incident.Answer, now time.Time) []bot.Part {
	if a.Old == nil {
		return nil
	}
	if a.AsOf.IsZero() {
		return []bot.Part{bot.Section(bot.Textf("⚠️ %s", errorWords(a.Old)))}
	}
	age, at := max(time.Minute, now.Sub(a.AsOf).Round(time.Minute)), bot.Clock(a.AsOf)
	if age >= 12*time.Hour {
		at = bot.Time(a.AsOf)
	}
	return []bot.Part{bot.Section(bot.Textf("⚠️ As of %s, %s ago: %s", at, took(age), errorWords(a.Old)))}
}

// onCallList is one line per team.
func onCallList(all []*incident.Answer, now time.Time, reader *time.Location) bot.Message {
	m := text("📟 On call now")
	var lines []bot.Text
	var old *incident.Answer
	for _, a := range all {
		lines = append(lines, onCallLine(a, now, reader))
		if a.Old != nil && !a.AsOf.IsZero() && (old == nil || a.AsOf.Before(old.AsOf)) {
			old = a
		}
	}
	if old != nil {
		m.Parts = asOf(old, now)
	}
	for len(lines) > 0 {
		n := min(perPart, len(lines))
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines[:n]...)))
		lines = lines[n:]
	}
	m.Buttons = []bot.Button{{Label: "Calendar", Line: "oncall next"}}
	return m
}

// onCallLine is a team in one line: who, until when, who is next, and what is missing.
func onCallLine(a *incident.Answer, now time.Time, reader *time.Location) bot.Text {
	if len(a.Rosters) == 0 {
		return bot.Textf("%s: ⚠️ %s", subjectName(a.Subject), errorWords(a.Old))
	}
	on := a.OnCall()
	if len(on) == 0 {
		return bot.Textf("%s: ⚠️ nobody%s", subjectName(a.Subject), gapEnd(firstGap(a)))
	}
	var who []incident.Person
	until := on[0].End
	for _, s := range on {
		who = append(who, s.Who)
		if until.IsZero() || !s.End.IsZero() && s.End.Before(until) {
			until = s.End
		}
	}
	t := bot.Textf("%s: %s", subjectName(a.Subject), peopleNames(who, "and"))
	if !until.IsZero() {
		t = bot.Textf("%s until %s", t, bot.Time(until))
	}
	for _, r := range a.Rosters {
		for _, l := range r.Levels {
			if l.N == r.Levels[0].N && len(l.Next) > 0 {
				t = bot.Textf("%s, then %s", t, personName(l.Next[0].Who))
			}
			switch {
			case l.Gap == nil:
			case len(l.Now) == 0:
				t = bot.Textf("%s · ⚠️ nobody at level %d%s", t, l.N, gapEnd(l.Gap))
			default:
				t = bot.Textf("%s · ⚠️ nobody at level %d from %s%s", t, l.N, bot.Time(l.Gap.Start), gapEnd(l.Gap))
			}
		}
	}
	return t
}

// firstGap is the gap at the first level that is called on; nil without one.
func firstGap(a *incident.Answer) *incident.Gap {
	for _, r := range a.Rosters {
		for _, l := range r.Levels {
			return l.Gap
		}
	}
	return nil
}

// calendarParts are the shifts of a subject, in order.
func calendarParts(c *incident.Calendar, reader *time.Location) []bot.Part {
	var out []bot.Part
	if len(c.Rotas) == 0 {
		return []bot.Part{bot.Section(bot.Textf("%s: ⚠️ nobody is on call", subjectName(c.Subject)))}
	}
	for _, r := range c.Rotas {
		title := bot.Textf("%s: %s", subjectName(c.Subject), bot.Link(r.Policy.URL, r.Policy.Name))
		if r.Level > 0 {
			title = bot.Textf("%s, level %d", title, r.Level)
		}
		lines := []bot.Text{title}
		for i, s := range r.Shifts {
			if i == maxShifts {
				lines = append(lines, bot.Textf("and %s", count(len(r.Shifts)-i, "more shift")))
				break
			}
			lines = append(lines, calendarLine(s, reader))
		}
		if r.Gap != nil {
			until := bot.Time(r.Gap.End)
			if r.Gap.End.IsZero() {
				until = bot.Time(c.End)
			}
			lines = append(lines, bot.Textf("⚠️ nobody from %s until %s", bot.Time(r.Gap.Start), until))
		}
		out = append(out, bot.Section(bot.Join("\n", lines...)))
	}
	return out
}

// maxShifts is how many shifts of one rota a calendar lists.
const maxShifts = 20

func calendarLine(s incident.Shift, reader *time.Location) bot.Text {
	if s.Start.IsZero() && s.End.IsZero() {
		return bot.Textf("• always: %s", personName(s.Who))
	}
	until := bot.Time(s.End)
	if s.End.IsZero() {
		until = "further notice"
	}
	return bot.Textf("• %s%s – %s: %s", bot.Time(s.Start), forThem(s.Who, s.Start, reader), until, personName(s.Who))
}

// errorWords are the words for people of an error that left something unread.
func errorWords(err error) bot.Text {
	var read interface{ ReadMessage() string }
	var user bot.UserError
	var refused *incident.Refused
	switch {
	case errors.As(err, &read):
		return bot.Plain(read.ReadMessage())
	case errors.As(err, &user):
		return bot.Plain(user.UserMessage())
	case errors.As(err, &refused):
		return incidentRefused(refused).Text
	}
	return "Something broke while PagerDuty was asked."
}

// parseSpan reads a number of days, or a length of time.
func parseSpan(word string) (string, error) {
	if _, err := spanOf(word, 0); err != nil {
		return "", err
	}
	return word, nil
}

func spanOf(word string, otherwise time.Duration) (time.Duration, error) {
	if word == "" {
		return otherwise, nil
	}
	d, err := clock.ParseDuration(word)
	if n, notNumber := strconv.Atoi(strings.TrimSuffix(word, "days")); notNumber == nil {
		d, err = time.Duration(n)*24*time.Hour, nil
	}
	if err != nil || d < 24*time.Hour || d > incident.MaxCalendar {
		return 0, fmt.Errorf("%q is not a number of days; say one from 1 to 31", word)
	}
	return d, nil
}
