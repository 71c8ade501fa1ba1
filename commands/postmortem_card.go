package commands

import (
	"context"
	"errors"
	"time"

	"shipmate/bot"
	"shipmate/incident"
)

func postmortemCard(d Deps) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		p, err := d.Incidents.Postmortem(ctx, id)
		if errors.Is(err, incident.ErrNotFound) {
			return bot.View{}, bot.ErrNoCard
		}
		if err != nil {
			return bot.View{}, err
		}
		i, err := d.Incidents.Record(ctx, id)
		if errors.Is(err, incident.ErrNotFound) {
			return bot.View{}, bot.ErrNoCard
		}
		if err != nil {
			return bot.View{}, err
		}
		items, err := d.Incidents.ItemsOf(ctx, p)
		if err != nil {
			return bot.View{}, err
		}
		return postmortemView(p, i, items), nil
	}
}

func postmortemIcon(p *incident.Postmortem) string {
	switch {
	case p.State == incident.Published:
		return "✅"
	case p.State == incident.NotNeeded:
		return "⚪"
	case p.Late > 0:
		return "⏰"
	}
	return "📝"
}

// postmortemView is the card of a post-mortem. It stands where the incident is worked on, so it names it.
func postmortemView(p *incident.Postmortem, i *incident.Incident, items []*incident.Item) bot.View {
	v := bot.View{Message: bot.Message{Text: postmortemHeadline(p, i)}, Stage: p.Stage, Status: postmortemHeadline(p, i), Urgent: p.State.Ended()}
	section := func(t bot.Text) {
		if t != "" {
			v.Parts = append(v.Parts, bot.Section(t))
		}
	}
	owner := bot.Textf("%s, who has not accepted yet", bot.User(p.Owner))
	if !p.Accepted.IsZero() || p.State.Ended() {
		owner = bot.User(p.Owner)
	}
	fields := []bot.Field{{Label: "Owner", Value: owner}, {Label: "Document", Value: documentPlace(p, i)}}
	if p.State == incident.Drafting { // later the headline says it, as long as it matters
		fields = append(fields, bot.Field{Label: "Due", Value: bot.Time(p.Due)})
	}
	v.Parts = append(v.Parts, bot.Fields(fields...))
	section(documentNotes(p, i))
	section(itemsText(items))
	if len(p.Skipped) > 0 {
		lines := []bot.Text{"⚠️ Of its action items this was not understood:"}
		for _, s := range p.Skipped[:min(len(p.Skipped), 10)] {
			lines = append(lines, bot.Textf("• %s", s))
		}
		section(bot.Join("\n", lines...))
	}
	if !p.Snoozed.IsZero() && !p.State.Ended() {
		v.Parts = append(v.Parts, bot.Small(bot.Textf("🔕 snoozed until %s", bot.Time(p.Snoozed))))
	}
	v.Buttons = postmortemButtons(p)
	return v
}

func postmortemHeadline(p *incident.Postmortem, i *incident.Incident) bot.Text {
	of := bot.Textf("%s Post-mortem of %s %s: %s", postmortemIcon(p), bot.Bold(p.Name()), p.Severity, bot.Literal(i.Title))
	switch p.State {
	case incident.Drafting:
		if documentNowhere(p, i) {
			break
		}
		return bot.Textf("%s · its document is being made", of)
	case incident.Published:
		if p.EndedBy != "" {
			return bot.Textf("%s · done, says %s", of, bot.User(p.EndedBy))
		}
		return bot.Textf("%s · published", of)
	case incident.NotNeeded:
		return bot.Textf("%s · not needed, says %s: %s", of, bot.User(p.EndedBy), p.Why)
	}
	if p.Late > 0 {
		return bot.Textf("%s · *late* since %s", of, bot.Time(p.Due))
	}
	return bot.Textf("%s · due %s", of, bot.Time(p.Due))
}

func documentPlace(p *incident.Postmortem, i *incident.Incident) bot.Text {
	switch {
	case documentNowhere(p, i):
		return "nowhere: the incident has no channel"
	case p.Pull != nil && !p.Pull.MergedAt.IsZero():
		return bot.Textf("%s, merged", pullLink(p))
	case p.Pull != nil && p.Pull.Closed:
		return bot.Textf("%s, *closed* without being merged", pullLink(p))
	case p.Pull != nil:
		return pullLink(p)
	case p.InChannel && p.Posted > 0:
		return "in this channel"
	}
	return "being made"
}

// documentNowhere tells whether there is no place for the document: it would be posted in the channel of an incident that has none.
func documentNowhere(p *incident.Postmortem, i *incident.Incident) bool {
	return p.InChannel && i.Roomless()
}

func pullLink(p *incident.Postmortem) bot.Text {
	return bot.Link(p.Pull.URL, p.Repo+"#"+itoa(p.Pull.Number))
}

// documentNotes say what is in the way of the document, and what is not kept up to date in it any more.
func documentNotes(p *incident.Postmortem, i *incident.Incident) bot.Text {
	what := map[string]string{"propose": "open its pull request", "post": "post its document", "look": "see how its pull request stands", "refresh": "bring it up to date",
		"read": "read its action items", "tell": "list its issues below the pull request"}
	var lines []bot.Text
	for _, name := range []string{"propose", "post", "look", "refresh", "read", "tell"} {
		h, ok := p.Hitches[name]
		switch {
		case !ok || !h.Said || p.State == incident.NotNeeded:
		case name == "post" && documentNowhere(p, i):
			lines = append(lines, bot.Textf("⚠️ %s", h.Why))
		default:
			lines = append(lines, bot.Textf("⚠️ I cannot %s yet: %s I keep trying.", what[name], h.Why))
		}
	}
	for _, problem := range p.Problems {
		lines = append(lines, bot.Textf("⚠️ %s", problem))
	}
	if p.Pull != nil && p.Pull.Closed {
		lines = append(lines, "Open the pull request again, or say that no post-mortem is needed.")
	}
	if len(p.Left) > 0 && !p.State.Ended() {
		lines = append(lines, leftAlone(p.Left))
	}
	return bot.Join("\n", lines...)
}

// leftAlone says which parts of a document are people's own now.
func leftAlone(left []incident.LeftAlone) bot.Text {
	if left[0].Section == "document" {
		return "⚠️ The document is not where it was proposed, so it is not kept up to date any more."
	}
	by := map[string][]string{}
	for _, l := range left {
		by[l.Why] = append(by[l.Why], l.Section)
	}
	var lines []bot.Text
	for _, one := range []struct{ why, words string }{{incident.PartEdited, "somebody has edited what I wrote"}, {incident.MarksGone, "the marks are gone"},
		{incident.MarksBroken, "the marks are damaged"}} {
		if names := by[one.why]; len(names) > 0 {
			lines = append(lines, bot.Textf("✍️ I no longer keep up to date: %s (%s).", words(names, "and"), one.words))
		}
	}
	return bot.Join("\n", lines...)
}

// maxItemsShown is how many action items a card lists; the rest is below the pull request.
const maxItemsShown = 10

func itemsText(items []*incident.Item) bot.Text {
	if len(items) == 0 {
		return ""
	}
	open := 0
	for _, it := range items {
		if it.State != incident.ItemClosed {
			open++
		}
	}
	lines := []bot.Text{bot.Textf("*Action items*: %d open of %d", open, len(items))}
	for _, it := range items[:min(len(items), maxItemsShown)] {
		lines = append(lines, itemLine(it))
	}
	if more := len(items) - maxItemsShown; more > 0 {
		lines = append(lines, bot.Textf("and %d more", more))
	}
	return bot.Join("\n", lines...)
}

// itemLine is an action item in a list. It depends on nothing but the record.
func itemLine(it *incident.Item) bot.Text {
	icon := map[incident.ItemState]string{incident.ItemOpening: "⏳", incident.ItemOpen: "◻️", incident.ItemClosed: "☑️"}[it.State]
	t := bot.Textf("%s %s", icon, cutTo(it.Action, 150))
	if it.URL != "" {
		t = bot.Textf("%s %s", icon, bot.Link(it.URL, cutTo(it.Action, 150)))
	}
	switch {
	case it.Person != "":
		t = bot.Textf("%s · %s", t, bot.User(it.Person))
	case it.Owner != "":
		t = bot.Textf("%s · %s", t, it.Owner)
	}
	switch {
	case it.State == incident.ItemClosed && it.Reason == "not_planned":
		return bot.Textf("%s · closed as not planned", t)
	case it.State == incident.ItemClosed:
		return t
	case !it.Due.IsZero():
		t = bot.Textf("%s · due %s", t, it.Due.Format("Jan 2 2006"))
	}
	if it.Hitch != nil && it.Hitch.Said {
		t = bot.Textf("%s · ⚠️ %s", t, it.Hitch.Why)
	}
	return t
}

func postmortemButtons(p *incident.Postmortem) []bot.Button {
	number := " #" + itoa(p.Number)
	var out []bot.Button
	if !p.State.Ended() {
		if p.Accepted.IsZero() {
			out = append(out, bot.Button{Label: "Accept", Line: "postmortem accept" + number, Style: bot.Primary})
		}
		out = append(out, bot.Button{Label: "Hand over", Line: "postmortem owner" + number}, bot.Button{Label: "Snooze", Line: "postmortem snooze" + number},
			bot.Button{Label: "Not needed", Line: "postmortem not-needed" + number})
		if p.InChannel {
			out = append(out, postmortemDone(p))
		}
	}
	if p.State == incident.NotNeeded {
		out = append(out, bot.Button{Label: "It is needed after all", Line: "postmortem new" + number})
	}
	if p.Pull != nil {
		out = append(out, bot.Button{Label: "Open", URL: p.Pull.URL})
	}
	return out
}

func postmortemDone(p *incident.Postmortem) bot.Button {
	return bot.Button{Label: "Done", Line: "postmortem done #" + itoa(p.Number), Confirm: "Is everything said and learnt?"}
}

// postmortemNote is what the owner of a post-mortem is told.
func postmortemNote(n incident.Note) bot.Message {
	p := n.Postmortem
	number := " #" + itoa(p.Number)
	open := []bot.Button(nil)
	if p.Pull != nil {
		open = []bot.Button{{Label: "Open", URL: p.Pull.URL}}
	}
	if n.Relieved {
		m := text("📝 You need not write the post-mortem of %s: %s is asked to, says %s.", bot.Bold(p.Name()), bot.User(p.Owner), bot.User(p.By))
		if !p.Accepted.IsZero() {
			m = text("📝 You need not write the post-mortem of %s: %s writes it.", bot.Bold(p.Name()), bot.User(p.Owner))
		}
		m.Buttons = append([]bot.Button{{Label: "I write it", Line: "postmortem accept" + number}}, open...)
		return m
	}
	handOver := bot.Button{Label: "Hand over", Line: "postmortem owner" + number}
	if documentNowhere(p, n.Incident) { // no card offers it
		open = []bot.Button{postmortemDone(p)}
	}
	if n.Ask {
		m := text("📝 Please write the post-mortem of %s, due %s: %s", bot.Bold(p.Name()), bot.Time(p.Due), bot.Literal(n.Incident.Title))
		where := bot.Text("Its document is opened as a pull request with what is known filled in.")
		switch {
		case documentNowhere(p, n.Incident):
			where = bot.Textf("It has no document: the incident has no channel, and the configuration names no %s. Write it where only those who may know read it.",
				bot.Code("postmortem.private_repo"))
		case p.InChannel:
			where = "Its document is posted in the incident's channel, with what is known filled in."
		}
		m.Parts = []bot.Part{bot.Small(where)}
		m.Buttons = append([]bot.Button{{Label: "Accept", Line: "postmortem accept" + number, Style: bot.Primary}, handOver}, open...)
		return m
	}
	m := text("⏰ The post-mortem of %s is due %s, %s: %s", bot.Bold(p.Name()), bot.Time(p.Due), fromNow(p.Due.Sub(n.At)), bot.Literal(n.Incident.Title))
	if p.Overdue(n.At) {
		m = text("⏰ The post-mortem of %s is late, it was due %s, %s: %s", bot.Bold(p.Name()), bot.Time(p.Due), fromNow(p.Due.Sub(n.At)), bot.Literal(n.Incident.Title))
	}
	if p.LastReminder() {
		m.Parts = []bot.Part{bot.Small("This was the last reminder, unless you snooze it or hand it over.")}
	}
	m.Buttons = append(open, bot.Button{Label: "In 1 day", Line: "postmortem snooze" + number + " 1d"}, bot.Button{Label: "In 3 days", Line: "postmortem snooze" + number + " 3d"},
		handOver, bot.Button{Label: "Not needed", Line: "postmortem not-needed" + number})
	return m
}

// fromNow says how far off a time is, in days or hours.
func fromNow(d time.Duration) string {
	far := d.Abs().Round(time.Hour)
	t := count(int(far.Hours()), "hour")
	if far >= 36*time.Hour {
		t = count(int((far+12*time.Hour).Hours())/24, "day")
	}
	if d < 0 {
		return t + " ago"
	}
	return "in " + t
}

// itemNote is what the owner of a late action item is told.
func itemNote(it *incident.Item) bot.Message {
	m := text("⏰ An action item after INC-%d is late, it was due %s: %s", it.Number, it.Due.Format("Jan 2"), bot.Link(it.URL, cutTo(it.Action, 300)))
	if it.Person == "" {
		m.Parts = []bot.Part{bot.Small("You are told since you own the post-mortem and I do not know who owns the item.")}
	}
	if it.URL != "" {
		m.Buttons = []bot.Button{{Label: "Open the issue", URL: it.URL}}
	}
	return m
}

// postmortemNews is what a channel is told of a post-mortem.
func postmortemNews(a incident.Announcement) bot.Message {
	p := a.Postmortem
	if a.Kind == "document" {
		m := text("📝 Post-mortem of %s, %d of %d", bot.Bold(p.Name()), a.N, a.Of)
		for _, one := range a.Passages {
			m.Parts = append(m.Parts, bot.Section(bot.Join("\n", bot.Bold(one.Heading), bot.Plain(one.Text), bot.Italic(one.Ask))))
		}
		return m
	}
	m := text("⏰ The post-mortem of %s is late, it was due %s. %s writes it.", bot.Bold(p.Name()), bot.Time(p.Due), bot.User(p.Owner))
	if p.LastReminder() {
		m.Text = bot.Textf("%s Nobody is reminded of it any more: somebody has to write it, or say that it is not needed.", m.Text)
	}
	number := " #" + itoa(p.Number)
	if p.Pull != nil {
		m.Buttons = append(m.Buttons, bot.Button{Label: "Open", URL: p.Pull.URL})
	}
	m.Buttons = append(m.Buttons, bot.Button{Label: "I write it", Line: "postmortem accept" + number}, bot.Button{Label: "Hand over", Line: "postmortem owner" + number},
		bot.Button{Label: "Not needed", Line: "postmortem not-needed" + number})
	return m
}

// earlierText names what is still to be done after earlier incidents.
func earlierText(i *incident.Incident) bot.Text {
	if len(i.Earlier) == 0 {
		return ""
	}
	var all []bot.Text
	for _, c := range i.Earlier {
		one := bot.Plain(cutTo(c.Action, 80))
		if c.URL != "" {
			one = bot.Link(c.URL, cutTo(c.Action, 80))
		}
		all = append(all, bot.Textf("%s (INC-%d)", one, c.Number))
	}
	return bot.Textf("*Open action items of earlier incidents:* %s", bot.Join(", ", all...))
}
