package commands

import (
	"context"
	"errors"
	"strings"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/delivery"
	"shipmate/incident"
)

// The kinds of what people and channels are reminded of; those that have a topic are named like it.
const (
	remindPostmortem = incident.Postmortems
	remindLate       = "postmortem-late" // a channel, of a post-mortem that is late
	remindItem       = incident.Items
	remindDecision   = adr.Proposals
	remindLock       = "lock"
)

// Reminders render what people are reminded of, as it is when they are.
func Reminders(d Deps) map[string]bot.Reminder {
	return map[string]bot.Reminder{
		remindPostmortem: func(ctx context.Context, id string) (bot.Message, bool, error) {
			n, ok, err := duePostmortem(ctx, d, id)
			if err != nil || !ok {
				return bot.Message{}, false, err
			}
			return postmortemNote(n), true, nil
		},
		remindLate: func(ctx context.Context, id string) (bot.Message, bool, error) {
			n, ok, err := duePostmortem(ctx, d, id)
			if err != nil || !ok {
				return bot.Message{}, false, err
			}
			return IncidentNews(incident.Announcement{Incident: n.Incident, Kind: "postmortem", Postmortem: n.Postmortem}), true, nil
		},
		remindItem: func(ctx context.Context, id string) (bot.Message, bool, error) {
			it, err := d.Incidents.Item(ctx, id)
			if errors.Is(err, incident.ErrNotFound) {
				return bot.Message{}, false, nil
			}
			if err != nil || it.State == incident.ItemClosed {
				return bot.Message{}, false, err
			}
			return itemNote(it), true, nil
		},
		remindDecision: func(ctx context.Context, id string) (bot.Message, bool, error) { return waitingDecision(ctx, d, id) },
		remindLock: func(ctx context.Context, id string) (bot.Message, bool, error) {
			all, err := d.Delivery.Locks(ctx)
			if err != nil {
				return bot.Message{}, false, err
			}
			for i := range all {
				if l := &all[i]; delivery.LockID(l) == id && l.Until.IsZero() {
					return Note(delivery.Note{Person: l.By, At: d.Now(), OldLock: l}), true, nil
				}
			}
			return bot.Message{}, false, nil
		},
	}
}

// duePostmortem is a reminder of a post-mortem that is still to be written.
func duePostmortem(ctx context.Context, d Deps, id string) (incident.Note, bool, error) {
	p, err := d.Incidents.Postmortem(ctx, id)
	if errors.Is(err, incident.ErrNotFound) {
		return incident.Note{}, false, nil
	}
	if err != nil || p.State.Ended() {
		return incident.Note{}, false, err
	}
	i, err := d.Incidents.Record(ctx, id)
	if err != nil || i.Open() { // it is due anew when the incident is over
		return incident.Note{}, false, err
	}
	return incident.Note{Person: p.Owner, At: d.Now(), Incident: i, Postmortem: p}, true, nil
}

// waitingDecision is a reminder of a proposal that waits for a person's thumb: the ID names both.
func waitingDecision(ctx context.Context, d Deps, id string) (bot.Message, bool, error) {
	proposal, person, _ := strings.Cut(id, "/")
	p, err := d.Decisions.Proposal(ctx, proposal)
	if errors.Is(err, adr.ErrNotFound) {
		return bot.Message{}, false, nil
	}
	if err != nil || p.State.Ended() {
		return bot.Message{}, false, err
	}
	t, err := d.Decisions.Tally(ctx, p)
	if err != nil || t.Reached() || t.Said(person) {
		return bot.Message{}, false, err
	}
	return DecisionNote(adr.Note{Person: person, Kind: adr.NoteWaits, Proposal: p}), true, nil
}

// IncidentReminder is what a note reminds of, when it only does that: it waits for the right hour and joins others.
func IncidentReminder(n incident.Note) (kind, id string, ok bool) {
	switch {
	case n.Postmortem != nil && !n.Ask && !n.Relieved:
		return remindPostmortem, n.Postmortem.ID, true
	case n.Item != nil:
		return remindItem, n.Item.ID, true
	}
	return "", "", false
}

// IncidentNewsReminder is what a channel is reminded of.
func IncidentNewsReminder(a incident.Announcement) (kind, id string, ok bool) {
	if a.Kind == "postmortem" && a.Postmortem != nil {
		return remindLate, a.Postmortem.ID, true
	}
	return "", "", false
}

// DecisionReminder is what a note about a proposal reminds of.
func DecisionReminder(n adr.Note) (kind, id string, ok bool) {
	if n.Kind != adr.NoteWaits {
		return "", "", false
	}
	return remindDecision, n.Proposal.ID + "/" + n.Person, true
}

// LockReminder is what a note about a lock reminds of.
func LockReminder(n delivery.Note) (kind, id string, ok bool) {
	if n.OldLock == nil {
		return "", "", false
	}
	return remindLock, delivery.LockID(n.OldLock), true
}

// ShippedTopic is what people hear who wished to be told when what they wrote runs in production.
const ShippedTopic = "shipped"

// Topics are what people can choose whether they hear of. What somebody must not miss is none of them: pages, shifts, approvals.
func Topics() []bot.Topic {
	return []bot.Topic{
		{Name: remindPostmortem, Words: "post-mortems that are due"},
		{Name: remindItem, Words: "action items that are late"},
		{Name: remindDecision, Words: "decisions: your own, and those that wait for your thumb", AtOnce: true},
		{Name: remindLock, Words: "locks of yours: old ones, and who ended one", AtOnce: true},
		{Name: "schedule", Words: "schedules of yours: who paused or removed one", AtOnce: true},
		{Name: ShippedTopic, Words: "pull requests of yours that run in production", Wished: true, AtOnce: true},
	}
}

// Shipped is what those are told whose pull requests a deployment has brought to production, by their logins on GitHub.
func Shipped(d *delivery.Deployment) map[string]bot.Message {
	out := map[string]bot.Message{}
	if d.State != delivery.Succeeded || d.Rollback != nil || d.Changes == nil {
		return out
	}
	by := map[string][]bot.Text{}
	for _, p := range d.Changes.PullRequests {
		if p.Author != "" {
			by[p.Author] = append(by[p.Author], bot.Link(p.URL, bot.Literal("#"+itoa(p.Number)+" "+cutTo(p.Title, 100))))
		}
	}
	for login, pulls := range by {
		m := text("🚢 %s runs in %s with what you wrote: %s", bot.Bold(d.Service), bot.Bold(d.Environment), pulls[0])
		if len(pulls) > 1 {
			m = text("🚢 %s runs in %s with %s of yours", bot.Bold(d.Service), bot.Bold(d.Environment), count(len(pulls), "pull request"))
			m.Parts = []bot.Part{bot.Section(bot.Join("\n", pulls[:min(len(pulls), 10)]...))}
		}
		m.Parts = append(m.Parts, bot.Small(bot.Textf("Deployed by %s at %s", bot.User(d.By), bot.Time(d.Ended))))
		m.Buttons = []bot.Button{{Label: "Tell me no more", Line: "shipmate notify " + ShippedTopic + " off"}}
		out[login] = m
	}
	return out
}
