package pagerduty

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/pagerduty/pagerdutytest"
)

// Whatever happens to the answer, one incident is opened.
func TestEnsureIncident(t *testing.T) {
	t.Parallel()
	want := NewIncident{From: anaMail, Service: checkout, Title: "Payments\n fail ", Body: "Since 12:00", Key: "shipmate-1", Urgency: "high"}
	for name, fault := range map[string]pagerdutytest.Fault{
		"lost after":    {When: pagerdutytest.After, Kind: pagerdutytest.Reset},
		"lost before":   {When: pagerdutytest.Before, Kind: pagerdutytest.Reset},
		"502 after":     {When: pagerdutytest.After, Kind: pagerdutytest.Status502},
		"half a body":   {Kind: pagerdutytest.Truncate},
		"hangs":         {When: pagerdutytest.After, Kind: pagerdutytest.HangUp},
		"limit, before": {When: pagerdutytest.Before, Kind: pagerdutytest.RateLimit, RetryAfter: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, pagerdutytest.Options{}, func(c *Config) { c.Timeout = 2 * time.Second })
			if fault.Kind == pagerdutytest.HangUp {
				s.timeout = 50 * time.Millisecond
			}
			fault.Match, fault.Times = pagerdutytest.OpCreateIncident, 1
			s.pd.Fault(fault)
			n := want
			_, err := s.EnsureIncident(t.Context(), n)
			if err == nil || IsUnclear(err) == (fault.Kind == pagerdutytest.RateLimit) {
				t.Fatalf("the first try: %v", err)
			}
			s.timeout = 2 * time.Second
			s.pd.ClearFaults()
			s.clock.Advance(time.Second)
			n.Retry = true
			for range 2 {
				i, err := s.EnsureIncident(t.Context(), n)
				if err != nil || i.Key != "shipmate-1" || i.Title != "Payments fail" || i.Service.ID != checkout || i.Assigned[0].ID != s.ana || !i.Open() {
					t.Errorf("again: %+v, %v", i, err)
				}
			}
			if list := s.pd.Incidents(); len(list) != 1 {
				t.Errorf("%d incidents", len(list))
			}
		})
	}
}

// Without Retry PagerDuty refuses the key of an open incident; that one is returned. Another refusal stays one.
func TestEnsureIncidentOfAnOpenKey(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	first := s.open("k")
	if again := s.open("k"); again != first {
		t.Errorf("got %s, want %s", again, first)
	}
	s.pd.Resolve(first, s.ana)
	if other := s.open("k"); other == first {
		t.Error("a resolved incident was taken for a new one")
	}
	i, err := s.EnsureIncident(t.Context(), NewIncident{Service: checkout, Title: "t", Key: "k", Retry: true})
	if err != nil || i.ID == first {
		t.Errorf("the newest of two: %+v, %v", i, err)
	}
	_, err = s.EnsureIncident(t.Context(), NewIncident{Service: checkout, Title: "t", Key: "k2", User: "PNONE"})
	var e *Error
	if !errors.As(err, &e) || e.Status != 400 || !strings.Contains(e.UserMessage(), "Assignee must exist") {
		t.Errorf("an assignee nobody knows: %v", err)
	}
	i, err = s.EnsureIncident(t.Context(), NewIncident{From: anaMail, Service: checkout, Title: "Mine", Key: "k3", User: s.ana})
	if err != nil || i.Status != StatusAcknowledged || len(i.Acknowledged) != 1 || i.Acknowledged[0].User.ID != s.ana || !i.Acknowledged[0].At.Equal(noon) {
		t.Errorf("for oneself: %+v, %v", i, err)
	}
	for name, n := range map[string]NewIncident{
		"no key":           {Service: checkout, Title: "t"},
		"no title":         {Service: checkout, Key: "k"},
		"no service":       {Title: "t", Key: "k"},
		"user and policy":  {Service: checkout, Title: "t", Key: "k", User: s.ana, Policy: s.policy},
		"no such urgency":  {Service: checkout, Title: "t", Key: "k", Urgency: "sev1"},
		"a very long key":  {Service: checkout, Title: "t", Key: strings.Repeat("k", 256)},
		"nobody to act as": {From: "nobody", Service: checkout, Title: "t", Key: "k"},
	} {
		before := len(s.pd.Calls())
		if _, err := s.EnsureIncident(t.Context(), n); err == nil || len(s.pd.Calls()) != before {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.EnsureIncident(t.Context(), NewIncident{From: "nobody@acme.example", Service: checkout, Title: "t", Key: "k9"}); !hasCode(err, codeNoRequester) {
		t.Errorf("a stranger: %v", err)
	}
}

// 202 is not an incident yet; then it is one, however often the event is sent.
func TestTrigger(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{EventDelay: 3 * time.Second})
	e := Event{Service: checkout, Key: "shipmate-7", Summary: strings.Repeat("é", 1100), Source: "checkout", Severity: "error", Link: "https://slack.example/c/1", LinkText: "Incident channel",
		Client: "Shipmate", ClientURL: "https://slack.example", Details: map[string]string{"incident": "7"}}
	if err := s.Trigger(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if i, found, err := s.IncidentByKey(t.Context(), "shipmate-7"); err != nil || found {
		t.Errorf("found before it is there: %+v, %v", i, err)
	}
	if err := s.Trigger(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(3 * time.Second)
	i, found, err := s.IncidentByKey(t.Context(), "shipmate-7")
	if err != nil || !found || i.Key != "shipmate-7" || i.Status != StatusTriggered || len([]rune(i.Title)) != 1024 || len(s.pd.Incidents()) != 1 {
		t.Errorf("%+v, %t, %v", i, found, err)
	}
	sent := s.pd.Incidents()[0].Event
	if sent.Client != "Shipmate" || sent.Links[0].Text != "Incident channel" || sent.Details["incident"] != "7" || sent.Severity != "error" {
		t.Errorf("sent: %+v", sent)
	}
	s.clock.Advance(200 * 24 * time.Hour) // longer ago than lists look by themselves
	if _, found, err := s.IncidentByKey(t.Context(), "shipmate-7"); err != nil || !found {
		t.Errorf("an old one: %t, %v", found, err)
	}
	if list, err := s.OpenIncidents(t.Context(), []string{checkout, ledger}); err != nil || len(list) != 1 || list[0].Key != "" {
		t.Errorf("open: %+v, %v", list, err)
	}
	if list, err := s.OpenIncidents(t.Context(), []string{ledger}); err != nil || len(list) != 0 {
		t.Errorf("open: %+v, %v", list, err)
	}
	for name, e := range map[string]Event{
		"no key":           {Service: checkout, Summary: "s"},
		"no summary":       {Service: checkout, Key: "k", Summary: " \n"},
		"no service":       {Key: "k", Summary: "s"},
		"no such severity": {Service: checkout, Key: "k", Summary: "s", Severity: "sev1"},
		"no address":       {Service: checkout, Key: "k", Summary: "s", Link: "javascript:x"},
		"far too large":    {Service: checkout, Key: "k", Summary: "s", Details: map[string]string{"x": strings.Repeat("x", 600<<10)}},
	} {
		before := s.calls(pagerdutytest.OpEvent)
		if err := s.Trigger(t.Context(), e); err == nil || IsPassing(err) || s.calls(pagerdutytest.OpEvent) != before {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Keys from the environment need no token, wrong ones are told with PagerDuty's reason, and a service without an integration
// is told so.
func TestRoutingKeys(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	if key, err := s.RoutingKey(t.Context(), checkout); err != nil || key != s.pd.Key(checkout) {
		t.Errorf("%v", err)
	}
	_, err := s.RoutingKey(t.Context(), ledger)
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "Ledger takes no events yet; add an Events API v2 integration") || IsPassing(err) {
		t.Errorf("no integration: %v", err)
	}
	if _, err := s.RoutingKey(t.Context(), "PNONE"); !IsNotFound(err) {
		t.Errorf("no service: %v", err)
	}
	bare, err := New(Config{EventsURL: s.pd.EventsURL(), Clock: s.clock, Keys: map[string]string{checkout: s.pd.Key(checkout), ledger: strings.Repeat("0", 32)}})
	if err != nil {
		t.Fatal(err)
	}
	if err := bare.Trigger(t.Context(), Event{Service: checkout, Key: "k", Summary: "s"}); err != nil || len(s.pd.Incidents()) != 1 {
		t.Errorf("with a key and no token: %v", err)
	}
	if err := bare.Trigger(t.Context(), Event{Service: "PSVC9", Key: "k", Summary: "s"}); !IsNotConfigured(err) {
		t.Errorf("neither key nor token: %v", err)
	}
	if err := bare.Trigger(t.Context(), Event{Service: ledger, Key: "k", Summary: "s"}); !errors.As(err, &e) || e.Status != 400 || !strings.Contains(e.Message, "'routing_key' is not known") || IsPassing(err) || IsUnclear(err) {
		t.Errorf("a wrong key: %v", err)
	}
}

// What is so already is success; what is resolved is not opened again.
func TestAcknowledgeAndResolve(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	id := s.open("k")
	for range 2 {
		if err := s.Acknowledge(t.Context(), anaMail, id); err != nil {
			t.Error(err)
		}
	}
	if i := s.incident(id); i.Status != "acknowledged" || len(i.Acknowledged) != 1 || i.Acknowledged[0] != s.ana {
		t.Errorf("%+v", i)
	}
	for range 2 {
		if err := s.Resolve(t.Context(), "", id); err != nil {
			t.Error(err)
		}
	}
	if err := s.Acknowledge(t.Context(), anaMail, id); err != nil || s.incident(id).Status != "resolved" {
		t.Errorf("after it was resolved: %v, %s", err, s.incident(id).Status)
	}
	if err := s.Acknowledge(t.Context(), "stranger@acme.example", s.open("k2")); !hasCode(err, codeNoRequester) {
		t.Errorf("a stranger: %v", err)
	}
	for _, c := range s.pd.Calls() {
		if c.Method != http.MethodGet && c.From == "" {
			t.Errorf("without From: %+v", c)
		}
	}
}

func TestEscalateAndReassign(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	id := s.open("k")
	if err := s.Escalate(t.Context(), anaMail, id, 2); err != nil || s.incident(id).Assigned[0] != s.cho {
		t.Errorf("%v, %+v", err, s.incident(id))
	}
	var e *Error
	if err := s.Escalate(t.Context(), anaMail, id, 3); !hasCode(err, codeCannotEscalate) || !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "cannot be escalated") {
		t.Errorf("to a level there is not: %v", err)
	}
	if err := s.Escalate(t.Context(), anaMail, id, 0); err == nil {
		t.Error("to level 0")
	}
	if err := s.Reassign(t.Context(), anaMail, id, []string{s.ben, s.ana}); err != nil || len(s.incident(id).Assigned) != 2 {
		t.Errorf("%v, %+v", err, s.incident(id))
	}
	if err := s.Reassign(t.Context(), anaMail, id, nil); err == nil {
		t.Error("to nobody")
	}
	s.pd.Resolve(id, s.ana)
	if err := s.Reassign(t.Context(), anaMail, id, []string{s.ben}); !hasCode(err, codeAlreadyResolved) || !errors.As(err, &e) || e.UserMessage() != "The incident is resolved already." {
		t.Errorf("after it was resolved: %v", err)
	}
}

func TestSnooze(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	id := s.open("k")
	if err := s.Snooze(t.Context(), anaMail, id, time.Hour); err != nil || s.incident(id).Status != "acknowledged" {
		t.Errorf("%v, %+v", err, s.incident(id))
	}
	s.clock.Advance(time.Hour)
	if i := s.incident(id); i.Status != "triggered" {
		t.Errorf("after an hour: %+v", i)
	}
	for _, d := range []time.Duration{0, time.Millisecond, 8 * 24 * time.Hour} {
		if err := s.Snooze(t.Context(), anaMail, id, d); err == nil {
			t.Errorf("snoozed for %s", d)
		}
	}
}

// A note is written once, whatever happens to the answer.
func TestEnsureNote(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	id := s.open("k")
	s.pd.Fault(pagerdutytest.Fault{Match: pagerdutytest.OpCreateNote, When: pagerdutytest.After, Kind: pagerdutytest.Reset, Times: 1})
	if err := s.EnsureNote(t.Context(), anaMail, id, "Rolled back", "[shipmate 7/3]"); !IsUnclear(err) {
		t.Errorf("its answer is lost: %v", err)
	}
	for range 2 {
		if err := s.EnsureNote(t.Context(), anaMail, id, "Rolled back", "[shipmate 7/3]"); err != nil {
			t.Error(err)
		}
	}
	if err := s.EnsureNote(t.Context(), "", id, "Another", "[shipmate 7/31]"); err != nil {
		t.Error(err)
	}
	notes := s.incident(id).Notes
	if len(notes) != 2 || notes[0].Text != "Rolled back\n[shipmate 7/3]" || notes[0].User != s.ana {
		t.Errorf("%+v", notes)
	}
	if err := s.EnsureNote(t.Context(), "", id, "Text", " "); err == nil {
		t.Error("a note without a mark")
	}
}

func TestAddResponders(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	id := s.open("k")
	ask := ResponderRequest{From: anaMail, Requester: s.ana, Incident: id, Message: "Please join", Users: []string{s.ben}, Policies: []string{s.policy}}
	if err := s.AddResponders(t.Context(), ask); err != nil {
		t.Fatal(err)
	}
	if r := s.incident(id).Responders; len(r) != 1 || r[0].Message != "Please join" || r[0].Users[0] != s.ben || r[0].Policies[0] != s.policy {
		t.Errorf("%+v", r)
	}
	if err := s.AddResponders(t.Context(), ResponderRequest{Incident: id, Requester: s.ana}); err == nil {
		t.Error("nobody asked")
	}
	poor := newStage(t, pagerdutytest.Options{NoResponders: true})
	ask.Incident = poor.open("k")
	var e *Error
	if err := poor.AddResponders(t.Context(), ask); !errors.As(err, &e) || e.Status != 402 || !strings.Contains(e.UserMessage(), "plan") {
		t.Errorf("without the ability: %v", err)
	}
}

// An override is made once, whatever happens to the answer; one like it is another.
func TestEnsureOverride(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	o := Override{User: Ref{ID: s.cho}, Start: noon.Add(time.Hour + 300*time.Millisecond), End: noon.Add(3 * time.Hour)}
	s.pd.AddOverride(rota, s.cho, noon, noon.Add(4*time.Hour)) // longer, but cut to our window it would look the same
	s.pd.Fault(pagerdutytest.Fault{Match: pagerdutytest.OpCreateOverride, When: pagerdutytest.After, Kind: pagerdutytest.Reset, Times: 1})
	if _, err := s.EnsureOverride(t.Context(), anaMail, rota, o); !IsUnclear(err) {
		t.Errorf("its answer is lost: %v", err)
	}
	var made Override
	for range 2 {
		var err error
		if made, err = s.EnsureOverride(t.Context(), anaMail, rota, o); err != nil || made.ID == "" || !made.Start.Equal(noon.Add(time.Hour)) || made.User.Name != "Cho Lee" {
			t.Errorf("%+v, %v", made, err)
		}
	}
	if list := s.pd.Overrides(rota); len(list) != 2 {
		t.Errorf("%+v", list)
	}
	if there, found, err := s.FindOverride(t.Context(), rota, o); err != nil || !found || there.ID != made.ID {
		t.Errorf("found %+v, %v", there, err)
	}
	for range 2 {
		if err := s.DeleteOverride(t.Context(), rota, made); err != nil {
			t.Error(err)
		}
	}
	if list := s.pd.Overrides(rota); len(list) != 1 {
		t.Errorf("%+v", list)
	}
	s.clock.Advance(time.Hour)
	begun := Override{ID: s.pd.Overrides(rota)[0].ID, User: Ref{ID: s.cho}, Start: noon, End: noon.Add(4 * time.Hour)}
	s.pd.Fault(pagerdutytest.Fault{Match: "deleteScheduleOverride", When: pagerdutytest.After, Kind: pagerdutytest.Reset, Times: 1})
	if err := s.DeleteOverride(t.Context(), rota, begun); !IsUnclear(err) {
		t.Errorf("its answer is lost: %v", err)
	}
	s.clock.Advance(time.Minute)
	if err := s.DeleteOverride(t.Context(), rota, begun); err != nil || !s.pd.Overrides(rota)[0].End.Equal(noon.Add(time.Hour)) {
		t.Errorf("one that has begun: %v, %+v", err, s.pd.Overrides(rota))
	}
	begun.End = noon.Add(time.Hour)
	if err := s.DeleteOverride(t.Context(), rota, begun); err == nil {
		t.Error("one that was over by itself is said to be taken back")
	}
	s.clock.Advance(-time.Minute)
	s.pd.AddOverride(rota, s.cho, noon.Add(time.Hour), noon.Add(2*time.Hour))
	moved := Override{User: Ref{ID: s.cho}, Start: noon.Add(59 * time.Minute), End: noon.Add(2 * time.Hour)}
	if _, found, err := s.FindOverride(t.Context(), rota, moved); err != nil || !found {
		t.Errorf("one whose start was moved up: %t, %v", found, err)
	}
	o.User.ID = "PNONE"
	o.Start, o.End = noon.Add(5*time.Hour), noon.Add(6*time.Hour)
	var e *Error
	if _, err := s.EnsureOverride(t.Context(), anaMail, rota, o); !errors.As(err, &e) || e.Status != 400 || !strings.Contains(e.UserMessage(), "User must exist") {
		t.Errorf("for nobody: %v", err)
	}
	for name, wrong := range map[string]Override{"no user": {Start: o.Start, End: o.End}, "backwards": {User: o.User, Start: o.End, End: o.Start},
		"over": {User: o.User, Start: noon.Add(-2 * time.Hour), End: noon.Add(-time.Hour)}} {
		before := len(s.pd.Calls())
		if _, err := s.EnsureOverride(t.Context(), anaMail, rota, wrong); err == nil || len(s.pd.Calls()) != before {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Down is told as such, and nothing is done twice when it is over.
func TestDown(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{}, func(c *Config) { c.Keys = map[string]string{checkout: ""} })
	s.pd.Down(true)
	if err := s.Trigger(t.Context(), Event{Service: checkout, Key: "k", Summary: "s"}); !IsPassing(err) || IsUnclear(err) {
		t.Errorf("the key cannot be read: %v", err)
	}
	if _, err := s.OnCalls(t.Context(), OnCallQuery{}); !IsPassing(err) {
		t.Errorf("%v", err)
	}
	s.pd.Down(false)
	s.pd.Fault(pagerdutytest.Fault{Match: pagerdutytest.OpEvent, When: pagerdutytest.After, Kind: pagerdutytest.Status500, Times: 1})
	if err := s.Trigger(t.Context(), Event{Service: checkout, Key: "k", Summary: "s"}); !IsUnclear(err) || !IsPassing(err) {
		t.Errorf("500 after it was taken: %v", err)
	}
	if _, found, err := s.IncidentByKey(t.Context(), "k"); err != nil || !found {
		t.Errorf("looked for: %t, %v", found, err)
	}
}
