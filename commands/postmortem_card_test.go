package commands

import (
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/incident"
	"shipmate/integrations/github"
)

// postmortemWith is one of ana's that has just been wanted.
func postmortemWith(fns ...func(*incident.Postmortem)) *incident.Postmortem {
	p := &incident.Postmortem{ID: "i-aaaaaaaaaa", Number: 12, Stage: 1, State: incident.Drafting, Severity: "sev1", Services: []string{"checkout"}, Team: "payments",
		Owner: "U0ANA", By: "U0CY", Created: nine, Due: nine.Add(72 * time.Hour), Repo: "acme/decisions", Path: "postmortems/inc-12-payments-fail.md",
		Branch: "postmortem/inc-12"}
	for _, fn := range fns {
		fn(p)
	}
	return p
}

func proposed(p *incident.Postmortem) {
	p.State, p.Pull = incident.Writing, &incident.Pull{Number: 7, URL: "https://github.com/acme/decisions/pull/7", Opened: nine}
}

func isLate(p *incident.Postmortem) {
	proposed(p)
	p.Accepted, p.Late, p.Reminders = nine, 2, 4
}

func isPublished(p *incident.Postmortem) {
	proposed(p)
	p.State, p.Ended, p.Pull.MergedAt, p.ItemsRead = incident.Published, nine.Add(time.Hour), nine.Add(time.Hour), true
}

func actionItems() []*incident.Item {
	day := time.Date(2026, 12, 4, 0, 0, 0, 0, time.UTC)
	return []*incident.Item{
		{ID: "a-1", Number: 12, State: incident.ItemOpen, Action: "Add an alert & <page>", Owner: "Ana", Person: "U0ANA", Due: day, URL: "https://github.com/acme/checkout/issues/3", Created: nine},
		{ID: "a-2", Number: 12, State: incident.ItemOpening, Action: "Add a limit", Owner: "@stranger", Created: nine, Hitch: &github.Hitch{Said: true, Why: "Issues are switched off in acme/checkout."}},
		{ID: "a-3", Number: 12, State: incident.ItemClosed, Action: "Write it down", URL: "https://github.com/acme/checkout/issues/4", Created: nine},
		{ID: "a-4", Number: 12, State: incident.ItemClosed, Reason: "not_planned", Action: "Buy more", URL: "https://github.com/acme/checkout/issues/5", Created: nine}}
}

func TestPostmortemCards(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fn    func(*incident.Postmortem)
		items []*incident.Item
		of    func(*incident.Incident)
	}{
		"wanted": {fn: func(*incident.Postmortem) {}},
		"in the way": {fn: func(p *incident.Postmortem) {
			p.Hitches = map[string]github.Hitch{"propose": {Said: true, Why: "GitHub does not know acme/decisions, or the token cannot see it."}, "look": {Why: "not to be told"}}
		}},
		"proposed": {fn: proposed},
		"late":     {fn: isLate},
		"snoozed":  {fn: func(p *incident.Postmortem) { isLate(p); p.Snoozed = nine.Add(24 * time.Hour) }},
		"closed":   {fn: func(p *incident.Postmortem) { proposed(p); p.Pull.Closed = true }},
		"left alone": {fn: func(p *incident.Postmortem) {
			proposed(p)
			p.Left = []incident.LeftAlone{{Section: "timeline", Why: incident.PartEdited}, {Section: "impact", Why: incident.MarksBroken}, {Section: "deploys", Why: incident.MarksGone}}
		}},
		"moved": {fn: func(p *incident.Postmortem) {
			proposed(p)
			p.Left = []incident.LeftAlone{{Section: "document", Why: incident.MarksGone}}
		}},
		"in its channel":    {fn: inChannel},
		"without a channel": {fn: nowhere, of: roomless},
		"published": {fn: func(p *incident.Postmortem) {
			isPublished(p)
			p.Skipped = []string{"Line 98: it does not say what is to be done."}
		}, items: actionItems()},
		"not needed": {fn: func(p *incident.Postmortem) {
			proposed(p)
			p.State, p.Ended, p.EndedBy, p.Why = incident.NotNeeded, nine, "U0BEN", "it was a *drill*"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, "testdata/postmortem/"+name+".json", readable(t, postmortemView(postmortemWith(c.fn), incidentWith(c.of), c.items)))
		})
	}
}

// inChannel is one whose document is posted where the incident runs.
func inChannel(p *incident.Postmortem) {
	p.State, p.InChannel, p.Posted, p.Private, p.Repo = incident.Writing, true, 1, true, ""
}

// nowhere is one whose document would be posted in a channel that there is not.
func nowhere(p *incident.Postmortem) {
	p.State, p.InChannel, p.Private, p.Repo = incident.Drafting, true, true, ""
	p.Hitches = map[string]github.Hitch{"post": {Since: nine, Why: "The incident has no channel of its own.", Said: true}}
}

// givenUp is one of which nobody is reminded any more.
func givenUp(p *incident.Postmortem) { p.Late = 7 }

func TestPostmortemWordsUnasked(t *testing.T) {
	t.Parallel()
	i := incidentWith()
	for name, m := range map[string]bot.Message{
		"asked without a channel":      IncidentNote(incident.Note{Postmortem: postmortemWith(nowhere), Incident: incidentWith(roomless), Ask: true, At: nine}),
		"asked":                        IncidentNote(incident.Note{Postmortem: postmortemWith(), Incident: i, Ask: true, At: nine}),
		"others write it":              IncidentNote(incident.Note{Postmortem: postmortemWith(proposed, func(p *incident.Postmortem) { p.Accepted = nine }), Incident: i, Relieved: true, At: nine}),
		"others are asked":             IncidentNote(incident.Note{Postmortem: postmortemWith(), Incident: i, Relieved: true, At: nine}),
		"soon due":                     IncidentNote(incident.Note{Postmortem: postmortemWith(proposed), Incident: i, At: nine.Add(25 * time.Hour)}),
		"long due":                     IncidentNote(incident.Note{Postmortem: postmortemWith(isLate), Incident: i, At: nine.Add(120 * time.Hour)}),
		"told a channel":               IncidentNews(incident.Announcement{Kind: "postmortem", Postmortem: postmortemWith(isLate), Incident: i}),
		"the last time":                IncidentNote(incident.Note{Postmortem: postmortemWith(isLate, givenUp), Incident: i, At: nine.Add(120 * time.Hour)}),
		"told a channel the last time": IncidentNews(incident.Announcement{Kind: "postmortem", Postmortem: postmortemWith(isLate, givenUp), Incident: i}),
		"document": IncidentNews(incident.Announcement{Kind: "document", Postmortem: postmortemWith(), Incident: i, N: 2, Of: 3, Passages: []incident.Passage{
			{Text: "• *Everybody* & <all>"}, {Heading: "Impact", Text: "Nobody could pay", Ask: "How many?"}, {Heading: "What went well"}}}),
		"item is late":  IncidentNote(incident.Note{Item: actionItems()[0], At: nine.Add(400 * time.Hour)}),
		"nobody's item": IncidentNote(incident.Note{Item: &incident.Item{Number: 12, Action: "Add a limit", Due: nine, State: incident.ItemOpen}, At: nine.Add(400 * time.Hour)}),
		"items":         itemsMessage(actionItems()[:2], 1, nine.Add(400*time.Hour)),
		"no items":      itemsMessage(nil, 0, nine),
		"a later incident": incidentView(incidentWith(func(i *incident.Incident) {
			i.Earlier = []incident.Cited{{Item: "a-1", Number: 7, Action: "Add an alert", URL: "https://github.com/acme/checkout/issues/3"}, {Item: "a-2", Number: 9, Action: "Add a *limit*"}}
		}), new(config.Config)).Message,
	} {
		golden(t, "testdata/postmortem/said "+name+".json", readable(t, m))
	}
}
