package commands

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/chart"
	"shipmate/config"
	"shipmate/incident"
)

func incidentsConfig(t *testing.T) *config.Config {
	t.Helper()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(`
teams: {payments: {schedule: PSCHED}}
services: {checkout: {repo: o/a, team: payments, environments: [staging]}}
environments: {staging: {}}
`), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	return cfg
}

// incidentWith is a sev1 of checkout that cy has just declared.
func incidentWith(fns ...func(*incident.Incident)) *incident.Incident {
	i := &incident.Incident{ID: "i-aaaaaaaaaa", Number: 12, Stage: 1, Title: "Payments fail for *everybody* & <all>", Severity: "sev1",
		Status: incident.Investigating, Services: []string{"checkout"}, By: "U0CY", Created: nine, Channel: "C0PAYMENTS", Due: nine.Add(30 * time.Minute),
		Frozen: []string{"checkout"}, Chores: map[string]*incident.Chore{incident.ChoreRoom: {State: incident.Wanted}}}
	for _, fn := range fns {
		if fn != nil {
			fn(i)
		}
	}
	return i
}

func withRoom(i *incident.Incident) {
	i.Room = incident.Room{ID: "C0ROOM", Name: "inc-12-payments-fail"}
	i.Chores[incident.ChoreRoom] = &incident.Chore{State: incident.Done}
}

func worked(i *incident.Incident) {
	withRoom(i)
	i.Status = incident.Identified
	i.Roles = map[incident.Role]incident.Holder{incident.Commander: {Person: "U0BEN"}, incident.Comms: {Person: "U0ANA"}}
	i.Impact = "Nobody can pay by card"
	i.Looked = nine
	i.Paged = []incident.Paging{{Severity: "sev1", Subject: incident.Subject{Kind: incident.Of, Name: "checkout"}, Page: "p-aaaaaaaaaa", State: incident.Triggered},
		{Severity: "sev1", Subject: incident.Subject{Kind: incident.Of, Name: "catalog"}, Page: "p-bbbbbbbbbb", State: incident.NotSent},
		{Severity: "sev1", Subject: incident.Subject{Kind: incident.Of, Name: "ledger"}, With: incident.Subject{Kind: incident.Of, Name: "checkout"}},
		{Severity: "sev1", Subject: incident.Subject{Kind: incident.Team, Name: "storefront"}, Why: "no_rota"}}
	i.Suspect = []incident.Suspect{
		{Deploy: incident.Deploy{ID: "d-aaaaaaaaaa", Service: "checkout", Environment: "production", SHA: newSHA, Subject: "Charge later", URL: "https://github.com/o/a/commit/1",
			By: "U0ANA", Began: nine.Add(-12 * time.Minute), State: "succeeded", Back: true}, Own: true},
		{Deploy: incident.Deploy{ID: "d-bbbbbbbbbb", Service: "catalog", Environment: "production", SHA: newSHA, By: "U0BEN", Began: nine.Add(-time.Hour), State: "rolled_back"}}}
	i.Update = &incident.Update{N: 2, At: nine.Add(10 * time.Minute), By: "U0ANA", Know: "A bad deploy", Do: "Rolling it back", Next: nine.Add(40 * time.Minute)}
	i.Updates = 2
}

// roomless is a restricted one that Slack made no channel for.
func roomless(i *incident.Incident) {
	worked(i)
	i.Private, i.Room = true, incident.Room{}
	i.Chores[incident.ChoreRoom] = &incident.Chore{State: incident.Failed, Why: "Slack refused: restricted_action. An administrator of the workspace can let apps do that."}
	i.Nagged = i.Due
}

var incidentStories = map[string]func(*incident.Incident){
	"declared": func(*incident.Incident) {},
	"no channel": func(i *incident.Incident) {
		i.Chores[incident.ChoreRoom] = &incident.Chore{State: incident.Failed, Why: "Slack refused: restricted_action. An administrator of the workspace can let apps do that."}
	},
	"private, no channel": roomless,
	"slack is slow": func(i *incident.Incident) {
		withRoom(i)
		i.Chores[incident.ChoreInvite] = &incident.Chore{State: incident.Wanted, Tries: 3, Why: "Slack did not answer."}
	},
	"worked on": worked,
	"an update is due": func(i *incident.Incident) {
		worked(i)
		i.Due = nine.Add(40 * time.Minute)
		i.Nagged = i.Due
	},
	"mitigated": func(i *incident.Incident) {
		worked(i)
		i.Status, i.Mitigated, i.Frozen = incident.Mitigated, nine.Add(20*time.Minute), nil
	},
	"resolved": func(i *incident.Incident) {
		worked(i)
		i.Status, i.Mitigated, i.Resolved, i.Frozen, i.Due = incident.IsResolved, nine.Add(20*time.Minute), nine.Add(time.Hour), nil, time.Time{}
		i.Reopened = 1
	},
	"private": func(i *incident.Incident) {
		worked(i)
		i.Private = true
	},
}

func TestIncidentCards(t *testing.T) {
	t.Parallel()
	cfg := incidentsConfig(t)
	for name, fn := range incidentStories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := incidentWith(fn)
			golden(t, "testdata/incident/"+name+".json", readable(t, incidentView(i, cfg)))
			golden(t, "testdata/incident/"+name+", in short.json", readable(t, newsView(i)))
		})
	}
}

// Of a private incident no word of what it is about stands where others read.
func TestPrivateIncidentsSayNothing(t *testing.T) {
	t.Parallel()
	i := incidentWith(incidentStories["private"])
	asked := bot.Request{User: "U0EVE", Channel: "C0OTHER"}
	for _, shown := range []any{newsView(i), incidentsMessage([]*incident.Incident{i}, nil, asked), incidentLine(i, false)} {
		text := string(readable(t, shown))
		for _, word := range []string{"Payments", "checkout", "by card", "sev1", "C0ROOM"} {
			if strings.Contains(text, word) {
				t.Errorf("it says %s: %s", word, text)
			}
		}
	}
	if concerns(i, asked) || !concerns(i, bot.Request{User: "U0EVE", Channel: "C0ROOM"}) || !concerns(i, bot.Request{User: "U0BEN", Channel: "C0OTHER"}) {
		t.Error("who may see it is not who is in it")
	}
}

// A restricted incident without a channel stands whole with its people alone, and nowhere is the channel it was declared in called its.
func TestIncidentsWithoutAChannel(t *testing.T) {
	t.Parallel()
	cfg, i := incidentsConfig(t), incidentWith(roomless)
	for where, all := range map[string]bool{"U0BEN": true, "U0CY": true, "U0EVE": false, "C0PAYMENTS": false, "": false} {
		if text := string(readable(t, newsIn(i, where, cfg))); strings.Contains(text, "Payments fail") != all {
			t.Errorf("in %q it says %s", where, text)
		}
	}
	for _, n := range []incident.Note{{Due: true}, {Tired: true, Role: incident.Commander}, {Role: incident.Scribe}, {Roomless: true, Person: "U0CY"}, {Roomless: true}} {
		n.Incident = i
		if text := string(readable(t, IncidentNote(n))); strings.Contains(text, "C0PAYMENTS") {
			t.Errorf("it is said to be in #payments: %s", text)
		}
	}
	golden(t, "testdata/incident/note no channel.json", readable(t, IncidentNote(incident.Note{Incident: i, Roomless: true, Person: i.By})))
	golden(t, "testdata/incident/note no channel, to others.json", readable(t, IncidentNote(incident.Note{Incident: i, Roomless: true, Person: "U0BEN"})))
}

// Whoever declares one reads whom each severity pages, and is not asked whether to page where none pages anybody.
func TestWhomSeveritiesPage(t *testing.T) {
	t.Parallel()
	cfg := incidentsConfig(t)
	for want, all := range map[string][]config.Severity{
		"sev1 pages whoever is on call for the service. sev2 and sev3 page nobody.": nil,
		"bad pages whoever is on call for the service and payments. mild pages nobody.": {
			{Name: "bad", Page: []string{config.ServicesOnCall, "payments"}}, {Name: "mild"}},
		"": {{Name: "mild"}},
	} {
		cfg.Incidents.Severities = all
		if got := whomPaged(cfg); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}

func TestIncidentsInShort(t *testing.T) {
	t.Parallel()
	open, over := incidentWith(worked), incidentWith(incidentStories["resolved"])
	golden(t, "testdata/incident/list.json", readable(t, incidentsMessage([]*incident.Incident{open}, []*incident.Incident{over}, bot.Request{})))
	for _, kind := range []string{"declared", "update", "resolved", "reopened"} {
		golden(t, "testdata/incident/told of "+kind+".json", readable(t, IncidentNews(incident.Announcement{Incident: over, Kind: kind, Update: over.Update})))
	}
	for name, n := range map[string]incident.Note{"due": {Due: true}, "tired": {Tired: true, Role: incident.Commander}, "role": {Role: incident.Scribe}} {
		n.Incident = open
		golden(t, "testdata/incident/note "+name+".json", readable(t, IncidentNote(n)))
	}
}

func TestTimelineAsItIsShown(t *testing.T) {
	t.Parallel()
	var lines []incident.Line
	for n, l := range []incident.Line{
		{Kind: incident.LineDeclared, By: "U0CY", Text: "sev2"}, {Kind: incident.LineSeverity, By: "U0BEN", From: "sev2", Text: "sev1"},
		{Kind: incident.LinePaged, Text: "service/checkout", Link: "p-aaaaaaaaaa"}, {Kind: incident.LinePaged, Text: "service/ledger", From: "service/checkout"}, {Kind: incident.LineNotPaged, Text: "team/storefront", From: "no_rota"},
		{Kind: incident.LineEscalated, Text: "service/checkout", Whom: "U0BEN"}, {Kind: incident.LineEscalated, Text: "service/checkout", From: "Eve, Cy", By: "U0ANA"},
		{Kind: incident.LineAcknowledged, Text: "service/checkout", Whom: "U0ANA"}, {Kind: incident.LineAcknowledged, Text: "service/checkout", From: "Eve"},
		{Kind: incident.LineRole, By: "U0BEN", Whom: "U0BEN", Text: "commander"}, {Kind: incident.LineRole, By: "U0BEN", Whom: "U0ANA", Text: "commander", From: "U0BEN"},
		{Kind: incident.LineStatus, By: "U0BEN", From: "investigating", Text: "identified"}, {Kind: incident.LineImpact, By: "U0BEN", Text: "Nobody & <all>"},
		{Kind: incident.LineUpdate, By: "U0ANA", Text: "A bad deploy\nRolling back"}, {Kind: incident.LineNote, By: "U0BEN", Text: "the queue is empty"},
		{Kind: incident.LineMessage, By: "U0BEN", Text: "it began\nat nine", Link: "https://acme.slack.com/x", Edited: nine}, {Kind: incident.LineMessage, By: "U0BEN", Deleted: true},
		{Kind: incident.LineDeployed, By: "U0ANA", Text: "checkout 1a2b3c4 production succeeded"}, {Kind: incident.LineRolledBack, By: "U0BEN", Text: "checkout 0a1b2c3 production succeeded"},
		{Kind: incident.LineService, By: "U0BEN", Text: "catalog"}, {Kind: incident.LineNoService, By: "U0BEN", Text: "catalog"}, {Kind: incident.LineTitle, By: "U0BEN", Text: "Cards fail"},
		{Kind: incident.LinePageOver, Text: "service/checkout"}, {Kind: incident.LineReopened, By: "U0CY", Text: "it is back"},
	} {
		l.At = nine.Add(time.Duration(n) * time.Minute)
		lines = append(lines, l)
	}
	golden(t, "testdata/incident/timeline.json", readable(t, timelineMessage(incidentWith(worked), lines)))
}

func TestIncidentStatsAsTheyAreShown(t *testing.T) {
	t.Parallel()
	s := &incident.Stats{Days: 90, Since: nine.AddDate(0, 0, -90), Until: nine, Incidents: 9, Open: 1, Ack: incident.Middle{Median: 3 * time.Minute, Of: 7},
		Mitigate: incident.Middle{Median: 41 * time.Minute, Of: 8}, Resolve: incident.Middle{Median: 2 * time.Hour, Of: 8}, Severities: []string{"sev1", "sev2", "sev3", "sev4"},
		Services: []incident.ServiceCount{{Service: "checkout", N: 6}, {Service: "catalog", N: 2}}}
	for n := range 13 {
		s.Bars = append(s.Bars, incident.Bar{From: nine.AddDate(0, 0, 7*(n-13)), Counts: []int{n % 2, n % 3, n % 2, 1}})
	}
	r := incidentStatsReply(s)
	golden(t, "testdata/incident/stats.json", readable(t, r))
	data, err := chart.PNG(incidentPicture(s, "Incidents", "the last 90 days", nil))
	if err != nil || len(data) < 1000 {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	if dir := os.Getenv("PICTURES"); dir != "" { // for whoever wants to look at it
		data, _ = r.File.Draw()
		if err := os.WriteFile(filepath.Join(dir, "incidents.png"), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r := incidentStatsReply(&incident.Stats{Days: 90, Severities: []string{"sev1"}}); r.File != nil {
		t.Error("a picture of nothing")
	}
}
