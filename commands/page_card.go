package commands

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/incident"
)

func pageCard(d Deps) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		p, err := d.Incidents.PageRecord(ctx, id)
		if errors.Is(err, incident.ErrNotFound) {
			return bot.View{}, bot.ErrNoCard
		}
		if err != nil {
			return bot.View{}, err
		}
		return pageView(p), nil
	}
}

// pageView is the card of a page. It depends on nothing but the record.
func pageView(p *incident.Page) bot.View {
	v := bot.View{Message: bot.Message{Text: pageHeadline(p)}, Stage: p.Stage, Status: pageStatus(p),
		Urgent: true, Replies: pageReplies(p)}
	v.Parts = append(v.Parts, bot.Section(quoted(p.Message)))
	if note := pageTroubleNote(p); note != "" {
		v.Parts = append(v.Parts, bot.Section(note))
	}
	if history := pageHistory(p); history != "" {
		v.Parts = append(v.Parts, bot.Section(history))
	}
	v.Parts = append(v.Parts, bot.Small(pageLife(p)))
	o := p.Offers()
	button := func(offered bool, label, line string, style bot.Style, confirm string) {
		if offered {
			v.Buttons = append(v.Buttons, bot.Button{Label: label, Line: line + " " + p.ID, Style: style, Confirm: confirm})
		}
	}
	button(o.Acknowledge, "Acknowledge", "page ack", bot.Primary, "")
	button(o.Escalate, "Escalate", "page escalate", bot.Plainly, "Call the next level now?")
	button(o.Resolve, "Resolve", "page resolve", bot.Plainly, "Resolve it on PagerDuty? Nobody is called any more.")
	button(o.Responders, "Add somebody", "page add", bot.Plainly, "")
	button(o.Note, "Note", "page note", bot.Plainly, "")
	if o.Note && p.Incident == "" {
		v.Buttons = append(v.Buttons, bot.Button{Label: "Declare an incident", Line: "incident new " + sourcePrefix + p.ID})
	}
	button(o.Again, "Page again", "page again", bot.Danger, "Page again, with the same words?")
	if p.Alarm != nil && p.Alarm.URL != "" {
		v.Buttons = append(v.Buttons, bot.Button{Label: "Open in PagerDuty", URL: p.Alarm.URL})
	}
	return v
}

// pageHeadline is the decisive fact. That PagerDuty accepted a page is never called reaching somebody.
func pageHeadline(p *incident.Page) bot.Text {
	of := bot.Textf("Page to %s", subjectName(p.Subject))
	switch p.State {
	case incident.Sending:
		if p.Late {
			return bot.Textf("⚠️ %s is *not sent yet*: PagerDuty does not take it", of)
		}
		return bot.Textf("📟 %s: being handed to PagerDuty", of)
	case incident.Accepted:
		return bot.Textf("📟 %s: PagerDuty took it, and shows nobody called yet", of)
	case incident.Triggered:
		if !p.Silent.IsZero() {
			return bot.Textf("🔴 %s: *no answer* since %s%s", of, bot.Clock(p.Waiting), calledNow(p))
		}
		return bot.Textf("🔴 %s: waiting for an answer%s", of, calledNow(p))
	case incident.Acknowledged:
		return bot.Textf("🟡 %s: %s", of, ackedBy(p))
	case incident.Resolved:
		return bot.Textf("✅ %s: resolved%s", of, resolvedBy(p))
	case incident.Withdrawn:
		return bot.Textf("⚪ %s was withdrawn: the incident was over before PagerDuty took it", of)
	case incident.NotSent:
		if p.Unclear {
			return bot.Textf("❌ %s: *not known to be sent*", of)
		}
		return bot.Textf("❌ %s was *NOT sent*", of)
	}
	return bot.Textf("⚪ %s: no longer followed", of)
}

// pageStateWords is the headline without what it is about.
func pageStateWords(p *incident.Page) bot.Text {
	switch p.State {
	case incident.Triggered:
		return bot.Textf("nobody has answered yet%s", calledNow(p))
	case incident.Acknowledged:
		return ackedBy(p)
	}
	return "it is being handed to PagerDuty"
}

func calledNow(p *incident.Page) bot.Text {
	if p.Alarm == nil || len(p.Alarm.Assigned) == 0 {
		return ""
	}
	level := bot.Text("")
	if p.Alarm.Level > 1 {
		level = bot.Textf(" (level %d)", p.Alarm.Level)
	}
	return bot.Textf(" from %s%s", peopleNames(p.Alarm.Assigned, "or"), level)
}

func nowCalled(p *incident.Page) bot.Text {
	if p.Alarm == nil || len(p.Alarm.Assigned) == 0 {
		return ""
	}
	return bot.Textf(" PagerDuty now calls %s.", peopleNames(p.Alarm.Assigned, "and"))
}

func ackedBy(p *incident.Page) bot.Text {
	if p.Alarm == nil || len(p.Alarm.Acked) == 0 {
		return "acknowledged"
	}
	return bot.Textf("acknowledged by %s", peopleNames(p.Alarm.Acked, "and"))
}

func resolvedBy(p *incident.Page) bot.Text {
	for _, m := range slices.Backward(p.Moments) {
		if m.Kind == "resolve" && m.Who != nil {
			return bot.Textf(" by %s", personName(*m.Who))
		}
	}
	return ""
}

// pageTroubleNote says what is in the way, and what to do meanwhile.
func pageTroubleNote(p *incident.Page) bot.Text {
	switch {
	case p.State == incident.NotSent && p.Again != "":
		return bot.Textf("%s Somebody paged again: %s.", p.Why, bot.Code(p.Again))
	case p.State == incident.NotSent && p.Unclear:
		return bot.Textf("%s Somebody may have been called or not. %s", p.Why, instead(p))
	case p.State == incident.NotSent:
		return bot.Textf("%s %s", p.Why, instead(p))
	case p.State == incident.Unfollowed:
		return bot.Textf("%s What becomes of it now is on PagerDuty.", p.Why)
	case p.Trouble == nil:
		return ""
	case p.State == incident.Sending:
		note := bot.Textf("%s I keep trying until %s.", p.Trouble.Why, bot.Clock(p.Created.Add(incident.GiveUpAfter)))
		if p.Late {
			return bot.Textf("%s %s", note, instead(p))
		}
		return note
	}
	return bot.Textf("⚠️ PagerDuty cannot be read since %s, so this may be out of date: %s", bot.Clock(p.Trouble.Since), p.Trouble.Why)
}

// instead is what people can do where PagerDuty does not call.
func instead(p *incident.Page) bot.Text {
	var who []incident.Person
	for _, c := range p.Called {
		who = append(who, c.Who)
	}
	if len(who) == 0 {
		return "Call whoever is on call yourself, or open an incident on PagerDuty by hand."
	}
	return bot.Textf("Call %s yourself, or open an incident on PagerDuty by hand.", peopleNames(who, "or"))
}

// maxHistory is how many moments a card shows; the rest is on PagerDuty.
const maxHistory = 12

// pageHistory is what happened, one line each.
func pageHistory(p *incident.Page) bot.Text {
	var lines []bot.Text
	for _, m := range p.Moments {
		if m.Kind == "responder_request" && len(m.To) == 0 {
			m.To = askedToJoin(p, m)
		}
		if line := momentLine(m); line != "" {
			lines = append(lines, bot.Textf("%s %s", bot.Clock(m.At), line))
		}
	}
	if cut := len(lines) - maxHistory; cut > 0 {
		lines = append([]bot.Text{lines[0], bot.Textf("… %s …", count(cut, "more line"))}, lines[cut+1:]...)
	}
	for _, a := range p.Acts {
		if line := actLine(a); line != "" {
			lines = append(lines, line)
		}
	}
	return bot.Join("\n", lines...)
}

// askedToJoin is who was asked from here: PagerDuty's history says only that somebody was.
func askedToJoin(p *incident.Page, m incident.Moment) []incident.Person {
	const near = 2 * time.Minute // between the two clocks, and for the way there
	for _, a := range p.Acts {
		if a.Deed == incident.AddPeople && m.Who != nil && m.Who.ID == a.Account && m.At.Sub(a.At).Abs() < near {
			return a.Users
		}
	}
	return nil
}

func momentLine(m incident.Moment) bot.Text {
	by := bot.Text("")
	if m.Who != nil {
		by = bot.Textf(" by %s", personName(*m.Who))
	}
	switch m.Kind {
	case "trigger":
		return "PagerDuty triggered it"
	case "notify":
		if len(m.To) == 0 {
			return ""
		}
		how := map[string]string{"sms": "by text message", "phone": "by phone", "email": "by e-mail", "push": "by push notification"}[m.How]
		return bot.Textf("called %s %s", peopleNames(m.To, "and"), how)
	case "acknowledge":
		return bot.Textf("acknowledged%s", by)
	case "unacknowledge":
		return "no longer acknowledged"
	case "escalate":
		if len(m.To) > 0 {
			return bot.Textf("escalated to %s%s", peopleNames(m.To, "and"), by)
		}
		return bot.Textf("escalated%s", by)
	case "resolve":
		return bot.Textf("resolved%s", by)
	case "annotate":
		return bot.Textf("note%s: %s", by, strings.Join(strings.Fields(m.Note), " "))
	case "responder_request":
		if len(m.To) == 0 {
			return bot.Textf("somebody else was asked to join%s", by)
		}
		return bot.Textf("%s was asked to join%s", peopleNames(m.To, "and"), by)
	case "snooze":
		return bot.Textf("snoozed%s", by)
	}
	return ""
}

// actLine is what somebody wants done that is not in PagerDuty's history yet.
func actLine(a incident.Act) bot.Text {
	what := map[incident.Deed]string{incident.Acknowledge: "acknowledge it", incident.Escalate: "escalate it", incident.Resolve: "resolve it",
		incident.AddPeople: "add somebody", incident.WriteNote: "write a note"}[a.Deed]
	switch a.State {
	case incident.Wanted:
		return bot.Textf("%s wants to %s; PagerDuty is being told", bot.User(a.By), what)
	case incident.Failed:
		return bot.Textf("⚠️ %s could not %s: %s", bot.User(a.By), what, a.Why)
	}
	return ""
}

func pageLife(p *incident.Page) bot.Text {
	t := bot.Textf("%s paged at %s", bot.User(p.By), bot.Clock(p.Created))
	switch after := p.Taken.Sub(p.Created); {
	case p.Taken.IsZero():
	case after < time.Second:
		t = bot.Textf("%s · PagerDuty took it at once", t)
	default:
		t = bot.Textf("%s · PagerDuty took it after %s", t, took(after))
	}
	if !p.Ended.IsZero() {
		t = bot.Textf("%s · ended %s", t, bot.Clock(p.Ended))
	}
	return bot.Textf("%s · %s", t, bot.Code(p.ID))
}

// pageStatus is what a late click is told.
func pageStatus(p *incident.Page) bot.Text {
	return bot.Textf("It stands so now: %s.", pageHeadline(p))
}

// pageReplies are what the thread and the channel are told, each once: edits notify nobody.
func pageReplies(p *incident.Page) []bot.ThreadReply {
	var out []bot.ThreadReply
	say := func(key string, m bot.Message) {
		out = append(out, bot.ThreadReply{Key: key, Message: m, Broadcast: true})
	}
	if p.Late {
		say("late", text("⚠️ %s, %s", bot.User(p.By), lateWords(p, "the")))
	}
	if !p.Through.IsZero() {
		say("through", text("📟 %s, %s", bot.User(p.By), throughWords(p, "the")))
	}
	if p.State == incident.NotSent {
		say("not-sent", text("%s. %s, %s", pageHeadline(p), bot.User(p.By), pageTroubleNote(p)))
	}
	if !p.Silent.IsZero() {
		key := "silent-" + strconv.FormatInt(p.Waiting.Unix(), 10) // an answer may be followed by another silence
		say(key, text("🔴 %s, nobody has answered the page to %s for %s.%s", bot.User(p.By), subjectName(p.Subject), took(incident.SilentAfter), nowCalled(p)))
	}
	return out
}

// IncidentNote is the message for what one person is told unasked.
func IncidentNote(n incident.Note) bot.Message {
	switch {
	case n.Act != nil:
		return text("⚠️ The page to %s: %s", subjectName(n.Page.Subject), actLine(*n.Act))
	case n.Handover != nil:
		return handoverNote(n)
	case n.Postmortem != nil:
		return postmortemNote(n)
	case n.Item != nil:
		return itemNote(n.Item)
	case n.Incident != nil:
		return incidentNote(n)
	case n.Page.State == incident.NotSent:
		m := text("%s: %s", pageHeadline(n.Page), pageTroubleNote(n.Page))
		m.Buttons = []bot.Button{{Label: "Page again", Line: "page again " + n.Page.ID, Style: bot.Danger}}
		return m
	case !n.Page.Through.IsZero():
		return text("📟 %s", throughWords(n.Page, "Your"))
	}
	return text("⚠️ %s", lateWords(n.Page, "Your"))
}

// throughWords say of a page that people were told to be late that it is there after all.
func throughWords(p *incident.Page, whose string) bot.Text {
	return bot.Textf("%s page to %s got through after %s.%s", whose, subjectName(p.Subject), took(p.Through.Sub(p.Created)), nowCalled(p))
}

// lateWords say what is the matter with a page that nobody is known to be called by, and what to do. The one that PagerDuty took
// is not called unsent.
func lateWords(p *incident.Page, whose string) bot.Text {
	if !p.Taken.IsZero() {
		return bot.Textf("PagerDuty took %s page to %s at %s, and *nobody is known to be called*. I keep looking. %s", strings.ToLower(whose), subjectName(p.Subject),
			bot.Clock(p.Taken), instead(p))
	}
	return bot.Textf("%s page to %s is *not sent yet*: PagerDuty does not take it. I keep trying until %s. %s", whose, subjectName(p.Subject),
		bot.Clock(p.Created.Add(incident.GiveUpAfter)), instead(p))
}
