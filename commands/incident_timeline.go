package commands

import (
	"strings"

	"shipmate/bot"
	"shipmate/incident"
)

// maxLines is how many lines of a timeline one message shows: the newest.
const maxLines = 60

func timelineMessage(i *incident.Incident, lines []incident.Line) bot.Message {
	m := text("📋 Timeline of %s: %s", bot.Bold(i.Name()), bot.Literal(i.Title))
	if cut := len(lines) - maxLines; cut > 0 {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("%s before these", count(cut, "line"))))
		lines = lines[cut:]
	}
	var out []bot.Text
	for _, l := range lines {
		out = append(out, bot.Textf("%s %s", bot.Time(l.At), timelineLine(l)))
	}
	for len(out) > 0 {
		n := min(perPart, len(out))
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", out[:n]...)))
		out = out[n:]
	}
	return m
}

// timelineLine says in a line what happened.
func timelineLine(l incident.Line) bot.Text {
	by := bot.User(l.By)
	switch l.Kind {
	case incident.LineDeclared:
		return bot.Textf("%s declared it as %s", by, bot.Bold(l.Text))
	case incident.LineSeverity:
		return bot.Textf("severity %s → %s, by %s", l.From, bot.Bold(l.Text), by)
	case incident.LineStatus:
		return bot.Textf("%s → %s, by %s", l.From, bot.Bold(l.Text), by)
	case incident.LineReopened:
		return bot.Textf("%s opened it again: %s", by, l.Text)
	case incident.LineRole:
		if l.From != "" {
			return bot.Textf("%s is %s after %s", bot.User(l.Whom), l.Text, bot.User(l.From))
		}
		return bot.Textf("%s is %s", bot.User(l.Whom), l.Text)
	case incident.LineImpact:
		return bot.Textf("impact, says %s: %s", by, l.Text)
	case incident.LineTitle:
		return bot.Textf("called, says %s: %s", by, bot.Literal(l.Text))
	case incident.LineService:
		return bot.Textf("%s is concerned, says %s", bot.Bold(l.Text), by)
	case incident.LineNoService:
		return bot.Textf("%s is not concerned, says %s", bot.Bold(l.Text), by)
	case incident.LineUpdate:
		return bot.Textf("update by %s: %s", by, inOneLine(l.Text, " · "))
	case incident.LineNote:
		return bot.Textf("%s: %s", by, l.Text)
	case incident.LineMessage:
		return messageLine(l)
	case incident.LinePaged:
		if l.From != "" {
			return samePeople(subjectOfKey(l.Text), subjectOfKey(l.From))
		}
		return bot.Textf("📟 %s paged", pagedName(l.Text))
	case incident.LineNotPaged:
		return bot.Textf("⚠️ %s *not* paged: %s", pagedName(l.Text), notPaged(l))
	case incident.LineAcknowledged:
		return bot.Textf("page to %s acknowledged by %s", pagedName(l.Text), calledName(l))
	case incident.LineEscalated:
		t := bot.Textf("page to %s escalated to %s", pagedName(l.Text), calledName(l))
		if l.By != "" {
			t = bot.Textf("%s, by %s", t, by)
		}
		return t
	case incident.LinePageOver:
		return bot.Textf("page to %s resolved", pagedName(l.Text))
	case incident.LineDeployed:
		return bot.Textf("🚀 %s, by %s", l.Text, by)
	case incident.LineRolledBack:
		return bot.Textf("⏪ %s, by %s", l.Text, by)
	}
	return bot.Plain(l.Text)
}

func messageLine(l incident.Line) bot.Text {
	if l.Deleted {
		return bot.Textf("%s wrote something that is deleted since", bot.User(l.By))
	}
	t := bot.Textf("%s wrote: %s", bot.User(l.By), inOneLine(l.Text, " / "))
	if l.Link != "" {
		t = bot.Textf("%s (%s)", t, bot.Link(l.Link, "message"))
	}
	if !l.Edited.IsZero() {
		t += ", edited"
	}
	return t
}

// inOneLine is a text with that between its lines.
func inOneLine(text, between string) string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	return strings.Join(lines, between)
}

// calledName is whom PagerDuty called, as Slack knows them, else by their name there.
func calledName(l incident.Line) bot.Text {
	if l.Whom != "" {
		return bot.User(l.Whom)
	}
	return bot.Bold(l.From)
}

// notPaged says why: what PagerDuty said, or what a code of ours means.
func notPaged(l incident.Line) bot.Text {
	if strings.ContainsAny(l.From, " .") {
		return bot.Plain(l.From)
	}
	return whyNotPaged(subjectOfKey(l.Text), l.From)
}

// pagedName names a page's subject from its key.
func pagedName(key string) bot.Text { return subjectName(subjectOfKey(key)) }

func subjectOfKey(key string) incident.Subject {
	kind, name, _ := strings.Cut(key, "/")
	return incident.Subject{Kind: incident.Kind(kind), Name: name}
}
