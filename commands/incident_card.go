package commands

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/incident"
)

// IncidentKind is the kind of an incident's header, newsKind that of the short message about it in another channel.
const (
	IncidentKind = "incident"
	newsKind     = "incidentnews"
)

// IncidentShown names the short message about an incident in a channel beside its header, for bot.PlaceBeside.
func IncidentShown(id, channel string) (kind, news, beside string) {
	return newsKind, id + "/" + channel, IncidentKind + "/" + id
}

func incidentCard(d Deps) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		i, err := d.Incidents.Record(ctx, id)
		if errors.Is(err, incident.ErrNotFound) {
			return bot.View{}, bot.ErrNoCard
		}
		if err != nil {
			return bot.View{}, err
		}
		return incidentView(i, d.Config()), nil
	}
}

func newsCard(d Deps) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		record, channel, _ := strings.Cut(id, "/")
		i, err := d.Incidents.Record(ctx, record)
		if errors.Is(err, incident.ErrNotFound) {
			return bot.View{}, bot.ErrNoCard
		}
		if err != nil {
			return bot.View{}, err
		}
		return newsIn(i, channel, d.Config()), nil
	}
}

// newsIn is the message about an incident in a channel, or in the direct message of a person: all of it where it runs.
func newsIn(i *incident.Incident, where string, cfg *config.Config) bot.View {
	room := i.Chores[incident.ChoreRoom]
	switch {
	case i.Roomless() && slices.Contains(i.People(), where):
		return incidentView(i, cfg)
	case i.Room.ID == "" && where == i.Where() && where != "" && room != nil && room.State == incident.Failed:
		return incidentView(i, cfg)
	}
	return newsView(i)
}

// statusIcon shows at a glance how it stands.
func statusIcon(i *incident.Incident) string {
	switch i.Status {
	case incident.Mitigated:
		return "🟡"
	case incident.IsResolved:
		return "✅"
	}
	return "🔴"
}

// incidentView is the header of an incident.
func incidentView(i *incident.Incident, cfg *config.Config) bot.View {
	v := bot.View{Message: bot.Message{Text: incidentHeadline(i)}, Stage: i.Stage, Status: bot.Textf("It stands so now: %s.", incidentHeadline(i)),
		Urgent: true, Replies: incidentReplies(i)}
	section := func(t bot.Text) {
		if t != "" {
			v.Parts = append(v.Parts, bot.Section(t))
		}
	}
	fields := []bot.Field{{Label: "Severity", Value: severityWords(i, cfg)}, {Label: "Status", Value: bot.Bold(i.Status)}}
	for _, role := range incident.Roles {
		who := bot.Text("nobody")
		if h, ok := i.Roles[role]; ok {
			who = bot.User(h.Person)
		}
		fields = append(fields, bot.Field{Label: roleTitle(role), Value: who})
	}
	if len(i.Services) > 0 {
		fields = append(fields, bot.Field{Label: "Services", Value: bot.Plain(words(i.Services, "and"))})
	}
	v.Parts = append(v.Parts, bot.Fields(fields...))
	if i.Impact != "" {
		section(bot.Textf("*Impact:* %s", i.Impact))
	}
	if i.Update != nil {
		section(updateText(i))
	}
	section(suspectsText(i))
	section(pagedText(i))
	if len(i.Frozen) > 0 {
		section(bot.Textf("❄️ Deployments of %s wait until it is mitigated; rollbacks pass.", words(i.Frozen, "and")))
	}
	section(choresText(i))
	section(earlierText(i))
	v.Parts = append(v.Parts, bot.Small(incidentLife(i)))
	v.Buttons = incidentButtons(i)
	return v
}

func incidentHeadline(i *incident.Incident) bot.Text {
	return bot.Textf("%s %s %s · %s: %s", statusIcon(i), bot.Bold(i.Name()), i.Severity, string(i.Status), bot.Literal(i.Title))
}

func severityWords(i *incident.Incident, cfg *config.Config) bot.Text {
	s, _, found := cfg.Incidents.Severity(i.Severity)
	if !found || s.Means == "" {
		return bot.Bold(i.Severity)
	}
	return bot.Textf("%s: %s", bot.Bold(i.Severity), s.Means)
}

func roleTitle(r incident.Role) string {
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// suspectsText lists what was deployed around it. Near is not guilty, and the words say no more.
func suspectsText(i *incident.Incident) bot.Text {
	if len(i.Suspect) == 0 {
		if len(i.Services) > 0 && !i.Looked.IsZero() {
			return bot.Textf("Nothing of %s was deployed in the %s before.", words(i.Services, "or"), took(incident.SuspectFor))
		}
		return ""
	}
	lines := []bot.Text{"*Deployed around then*, the nearest first:"}
	for _, s := range i.Suspect {
		line := bot.Textf("• %s %s to %s by %s, %s: %s", bot.Bold(s.Service), bot.Link(s.URL, s.SHA[:min(7, len(s.SHA))]), bot.Bold(s.Environment), bot.User(s.By),
			s.Why(i.Created), strings.ReplaceAll(s.State, "_", " "))
		if s.Subject != "" {
			line = bot.Textf("%s · %s", line, s.Subject)
		}
		lines = append(lines, line)
	}
	return bot.Join("\n", lines...)
}

// pagedText says whom it paged.
func pagedText(i *incident.Incident) bot.Text {
	var lines []bot.Text
	for _, p := range i.Paged {
		switch {
		case p.Why != "":
			lines = append(lines, bot.Textf("⚠️ %s was *not* paged. %s", subjectName(p.Subject), whyNotPaged(p.Subject, p.Why)))
		case p.With != incident.Subject{}:
			lines = append(lines, samePeople(p.Subject, p.With))
		default:
			words := pagedWords(p)
			if i.Private && p.State == incident.Triggered {
				words = bot.Textf("%s. Whoever acknowledges it gets in.", words)
			}
			lines = append(lines, words)
		}
	}
	return bot.Join("\n", lines...)
}

// samePeople says of a subject that whoever was to be called for it is called already.
func samePeople(sub, as incident.Subject) bot.Text {
	return bot.Textf("📟 %s: the same people as %s", subjectName(sub), subjectName(as))
}

// pagedWords say how a page of it stands, as far as PagerDuty has said so.
func pagedWords(p incident.Paging) bot.Text {
	whom, page := subjectName(p.Subject), bot.Code(p.Page)
	switch p.State {
	case incident.Accepted:
		return bot.Textf("📟 %s is being paged: PagerDuty took it (%s)", whom, page)
	case incident.Triggered:
		return bot.Textf("📟 %s is paged, and nobody has answered yet (%s)", whom, page)
	case incident.Acknowledged, incident.Resolved, incident.Unfollowed:
		return bot.Textf("📟 %s was paged (%s)", whom, page)
	case incident.NotSent:
		return bot.Textf("⚠️ %s was *not* paged: PagerDuty did not take it (%s). Call them yourself.", whom, page)
	case incident.Withdrawn:
		return bot.Textf("%s was not paged: it was over before PagerDuty took it", whom)
	}
	return bot.Textf("📟 %s is being paged", whom)
}

// whyNotPaged says why a page was not made. What it knows of a code is only the subject.
func whyNotPaged(sub incident.Subject, code string) bot.Text {
	return incidentRefused(&incident.Refused{Code: incident.Code(code), Subject: sub, Person: sub.Name}).Text
}

// choresText says what could not be done beside it.
func choresText(i *incident.Incident) bot.Text {
	room := bot.Text("make a channel, so it runs where it was declared and /incident works there")
	if i.Roomless() {
		room = "make a channel, so each of its people has it in a direct message"
	}
	what := map[string]bot.Text{incident.ChoreRoom: room, incident.ChoreInvite: "bring everybody in",
		incident.ChoreTopic: "set the topic", incident.ChoreBookmark: "add bookmarks", incident.ChorePin: "pin this message",
		incident.ChoreSettle: "resolve its pages on PagerDuty"}
	var lines []bot.Text
	for _, name := range []string{incident.ChoreRoom, incident.ChoreInvite, incident.ChoreTopic, incident.ChoreBookmark, incident.ChorePin, incident.ChoreSettle} {
		c := i.Chores[name]
		switch {
		case c == nil || c.Why == "":
		case c.State == incident.Failed:
			lines = append(lines, bot.Textf("⚠️ I could not %s: %s", what[name], c.Why))
		case c.State == incident.Wanted && c.Tries > 1:
			lines = append(lines, bot.Textf("⚠️ I cannot %s yet: %s I keep trying.", what[name], c.Why))
		}
	}
	return bot.Join("\n", lines...)
}

func incidentLife(i *incident.Incident) bot.Text {
	t := bot.Textf("%s declared it %s", bot.User(i.By), bot.Time(i.Created))
	if !i.Mitigated.IsZero() {
		t = bot.Textf("%s · mitigated after %s", t, took(i.Mitigated.Sub(i.Created)))
	}
	if !i.Resolved.IsZero() {
		t = bot.Textf("%s · resolved after %s", t, took(i.Resolved.Sub(i.Created)))
	}
	if i.Reopened > 0 {
		t = bot.Textf("%s · opened again %s", t, count(i.Reopened, "time"))
	}
	switch {
	case i.Due.IsZero():
	case i.Nagged.Equal(i.Due):
		t = bot.Textf("%s · ⏰ an update is due since %s", t, bot.Clock(i.Due))
	default:
		t = bot.Textf("%s · next update %s", t, bot.Clock(i.Due))
	}
	if i.Link != "" {
		t = bot.Textf("%s · %s", t, bot.Link(i.Link, "where it was noticed"))
	}
	return t
}

func incidentButtons(i *incident.Incident) []bot.Button {
	line := func(what, rest string) string {
		return strings.TrimSpace("incident " + what + " #" + itoa(i.Number) + " " + rest)
	}
	if !i.Open() {
		return []bot.Button{{Label: "Timeline", Line: line("timeline", "")}}
	}
	out := []bot.Button{{Label: "Update", Line: line("update", ""), Style: bot.Primary}}
	if _, taken := i.Roles[incident.Commander]; !taken { // somebody has to decide before there is much to tell
		out = []bot.Button{{Label: "Take command", Line: line("role", "commander me "+vacantOnly), Style: bot.Primary}, {Label: "Update", Line: line("update", "")}}
	}
	switch i.Status {
	case incident.Investigating:
		out = append(out, bot.Button{Label: "Identified", Line: line("status", "identified")}, bot.Button{Label: "Mitigated", Line: line("status", "mitigated")})
	case incident.Identified:
		out = append(out, bot.Button{Label: "Mitigated", Line: line("status", "mitigated")})
	}
	out = append(out, bot.Button{Label: "Resolve", Line: line("status", "resolved"), Confirm: "Is it over? Its pages are resolved on PagerDuty too."},
		bot.Button{Label: "Edit", Line: line("edit", "")}, bot.Button{Label: "Note", Line: line("note", "")}, bot.Button{Label: "Timeline", Line: line("timeline", "")})
	for _, s := range i.Suspect {
		if s.Back {
			out = append(out, bot.Button{Label: cutTo("Roll back "+s.Service+" in "+s.Environment, 75),
				Line: "deploy rollback " + s.Service + " " + s.Environment + " " + fromPrefix + s.SHA, Style: bot.Danger})
		}
	}
	return out
}

// incidentReplies are what its thread and its channel are told, each once: edits notify nobody.
func incidentReplies(i *incident.Incident) []bot.ThreadReply {
	if i.Due.IsZero() || !i.Nagged.Equal(i.Due) || i.Roomless() { // whoever speaks for it is told by themselves
		return nil
	}
	m := text("⏰ %s, an update is due.", bot.User(i.Speaker()))
	m.Buttons = dueButtons(i)
	return []bot.ThreadReply{{Key: "due-" + strconv.FormatInt(i.Due.Unix(), 10), Message: m, Broadcast: true}}
}

// dueButtons are what can be done about an update that is due.
func dueButtons(i *incident.Incident) []bot.Button {
	number := " #" + itoa(i.Number)
	return []bot.Button{{Label: "Write it", Line: "incident update" + number, Style: bot.Primary}, {Label: "In 15 min", Line: "incident snooze" + number + " 15m"}}
}

// newsView is an incident in short, for whoever does not work on it. Of a private one nothing is said but that it is.
func newsView(i *incident.Incident) bot.View {
	if i.Private {
		return bot.View{Message: text("%s %s is a restricted incident.", statusIcon(i), bot.Bold(i.Name())), Stage: i.Stage, Urgent: true}
	}
	v := bot.View{Message: bot.Message{Text: incidentHeadline(i)}, Stage: i.Stage, Status: incidentHeadline(i), Urgent: true}
	if i.Impact != "" {
		v.Parts = append(v.Parts, bot.Section(bot.Textf("*Impact:* %s", i.Impact)))
	}
	where := bot.Text("Its channel is being made.")
	switch {
	case i.Room.ID != "" && !i.Open():
		where = bot.Textf("It was worked on in %s.", bot.Channel(i.Room.ID))
	case i.Room.ID != "":
		where = bot.Textf("It is worked on in %s.", bot.Channel(i.Room.ID))
	case i.Chores[incident.ChoreRoom] != nil && i.Chores[incident.ChoreRoom].State == incident.Failed:
		where = "It is worked on where it was declared."
	}
	v.Parts = append(v.Parts, bot.Section(where), bot.Small(incidentLife(i)))
	return v
}

// IncidentNews is what those who follow incidents are told.
func IncidentNews(a incident.Announcement) bot.Message {
	i := a.Incident
	switch a.Kind {
	case "postmortem", "document":
		return postmortemNews(a)
	case "update":
		m := bot.Message{Text: bot.Textf("%s %s %s · %s: %s", statusIcon(i), bot.Bold(i.Name()), i.Severity, string(i.Status), bot.Literal(i.Title))}
		m.Parts = []bot.Part{bot.Section(updateText(i))}
		return m
	case "resolved":
		return text("✅ %s is resolved after %s: %s", bot.Bold(i.Name()), took(i.Resolved.Sub(i.Created)), bot.Literal(i.Title))
	case "reopened":
		return text("🔴 %s is open again: %s", bot.Bold(i.Name()), bot.Literal(i.Title))
	}
	m := text("🔴 %s %s: %s", bot.Bold(i.Name()), i.Severity, bot.Literal(i.Title))
	if i.Impact != "" {
		m.Parts = []bot.Part{bot.Section(bot.Plain(i.Impact))}
	}
	return m
}

// updateText is the newest update.
func updateText(i *incident.Incident) bot.Text {
	u := i.Update
	if u == nil {
		return ""
	}
	lines := []bot.Text{bot.Textf("*Update %d* at %s by %s: %s", u.N, bot.Clock(u.At), bot.User(u.By), u.Know)}
	if u.Do != "" {
		lines = append(lines, bot.Textf("*We do:* %s", u.Do))
	}
	if !u.Next.IsZero() && i.Open() {
		lines = append(lines, bot.Textf("Next update: %s", bot.Clock(u.Next)))
	}
	return bot.Join("\n", lines...)
}

// incidentLine is an incident in a list. Where it is not to be known it is only a restricted one.
func incidentLine(i *incident.Incident, known bool) bot.Text {
	if i.Private && !known {
		return bot.Textf("%s %s: a restricted incident, %s", statusIcon(i), bot.Bold(i.Name()), string(i.Status))
	}
	t := bot.Textf("%s since %s", incidentHeadline(i), bot.Time(i.Created))
	if !i.Open() {
		t = bot.Textf("%s, for %s", t, took(i.Resolved.Sub(i.Created)))
	}
	if where := i.Room.ID; where != "" {
		t = bot.Textf("%s · %s", t, bot.Channel(where))
	}
	return t
}

func incidentsMessage(open, over []*incident.Incident, req bot.Request) bot.Message {
	m := text("🔴 %s open", count(len(open), "incident"))
	if len(open) == 0 {
		m = text("✅ No incident is open.")
	}
	list := func(title bot.Text, all []*incident.Incident) {
		lines := []bot.Text{title}
		for _, i := range all {
			lines = append(lines, incidentLine(i, concerns(i, req)))
		}
		if len(all) > 0 {
			m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines...)))
		}
	}
	list("", open)
	list("*Over*", over)
	m.Buttons = []bot.Button{{Label: "Declare an incident", Line: "incident new", Style: bot.Danger}}
	return m
}

// incidentNote is what one person is told of an incident.
func incidentNote(n incident.Note) bot.Message {
	i := n.Incident
	where := bot.Text("")
	if i.Where() != "" {
		where = bot.Textf(" in %s", bot.Channel(i.Where()))
	}
	number := " #" + itoa(i.Number)
	switch {
	case n.Roomless:
		return roomlessNote(n)
	case n.Due:
		m := text("⏰ An update of %s is due%s.", bot.Bold(i.Name()), where)
		m.Buttons = dueButtons(i)
		return m
	case n.Tired:
		return text("You have been %s of %s for long%s. Hand over while you are fresh enough to: %s", string(n.Role), bot.Bold(i.Name()), where,
			bot.Code("/incident role"+number+" "+string(n.Role)+" @…"))
	}
	return text("You are %s of %s%s: %s. %s", bot.Bold(n.Role), bot.Bold(i.Name()), where, bot.Literal(i.Title), roleDuty(n.Role))
}

// roomlessNote is what each of its people is told of an incident that runs in no channel. Its card comes beside it.
func roomlessNote(n incident.Note) bot.Message {
	i := n.Incident
	why := "Slack made none."
	if room := i.Chores[incident.ChoreRoom]; room != nil && room.Why != "" {
		why = room.Why
	}
	if n.Person == i.By {
		m := text("⚠️ %s is declared and has no channel: %s", bot.Bold(i.Name()), why)
		if i.Private {
			m.Text = bot.Textf("%s Nobody else is told in Slack.", m.Text)
		}
		m.Text = bot.Textf("%s Its card is here, and in the direct messages of whoever gets a role or acknowledges a page of it.", m.Text)
		return m
	}
	return text("🔴 %s has no channel, so its card is here, as for each of its people: %s", bot.Bold(i.Name()), i.Title)
}

// roleDuty says what somebody with a role does.
func roleDuty(r incident.Role) bot.Text {
	return map[incident.Role]bot.Text{
		incident.Commander: "You decide, and have others do; you need not repair anything yourself.",
		incident.Comms:     "You tell everybody else how it goes, in the rhythm that the severity asks for.",
		incident.Scribe:    "You write down what happens: mark messages with :pushpin:, or add notes.",
	}[r]
}
