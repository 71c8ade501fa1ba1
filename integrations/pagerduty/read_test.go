package pagerduty

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/pagerduty/pagerdutytest"
)

func TestOnCalls(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	list, err := s.OnCalls(t.Context(), OnCallQuery{})
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, o := range list {
		switch o.User.ID {
		case s.ana:
			if o.User.Email != "Ana@acme.example" || o.User.Zone != "Europe/Berlin" || o.Schedule.ID != rota || o.Schedule.Name != "Payments primary" || o.Level != 1 ||
				!o.Start.Equal(time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)) || !o.End.Equal(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)) || o.Policy.URL == "" {
				t.Errorf("ana: %+v", o)
			}
		case s.cho: // permanently
			if o.Schedule != (Ref{}) || !o.Start.IsZero() || !o.End.IsZero() || o.Level != 2 || o.Policy.Name != "Payments" {
				t.Errorf("cho: %+v", o)
			}
		default:
			t.Errorf("nobody else is on call: %+v", o)
		}
	}
	next, err := s.OnCalls(t.Context(), OnCallQuery{Schedules: []string{rota}, Users: []string{s.ben}, Since: noon, Until: noon.AddDate(0, 1, 0), Earliest: true})
	if err != nil || len(next) != 1 || !next[0].Start.Equal(time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("ben's next: %+v, %v", next, err)
	}
	if _, err := s.OnCalls(t.Context(), OnCallQuery{Since: noon, Until: noon.AddDate(1, 0, 0)}); err == nil {
		t.Error("a year ahead")
	}
	if _, err := s.OnCalls(t.Context(), OnCallQuery{Since: noon, Until: noon.Add(-time.Hour)}); err == nil {
		t.Error("a window that ends before it begins")
	}
}

// People are found by exactly their address, though PagerDuty's search is about names, and once in ten minutes.
func TestUserByEmail(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	for n := range 120 { // more than a page
		s.pd.AddUser(pagerdutytest.User{Name: fmt.Sprint("Robot ", n), Email: fmt.Sprintf("robot%d@acme.example", n)})
	}
	last := s.pd.AddUser(pagerdutytest.User{Name: "Dan Last", Email: "Dan.Last@acme.example"})
	u, err := s.UserByEmail(t.Context(), " dan.last@ACME.example ")
	if err != nil || u.ID != last || u.Name != "Dan Last" || u.Role != "user" {
		t.Errorf("%+v, %v", u, err)
	}
	calls := s.calls(pagerdutytest.OpUsers)
	for range 3 {
		if u, err := s.UserByEmail(t.Context(), "ana@acme.example"); err != nil || u.ID != s.ana {
			t.Errorf("%+v, %v", u, err)
		}
	}
	if n := s.calls(pagerdutytest.OpUsers); n != calls {
		t.Errorf("%d more calls for who was read already", n-calls)
	}
	_, err = s.UserByEmail(t.Context(), "an@acme.example")
	var e *Error
	if !IsNotFound(err) || !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "an@acme.example") {
		t.Errorf("nobody: %v", err)
	}
	if n := s.calls(pagerdutytest.OpUsers); n != calls+1 {
		t.Errorf("%d calls for nobody, one search would do", n-calls)
	}
	s.clock.Advance(remembered)
	if _, err := s.UserByEmail(t.Context(), "ana@acme.example"); err != nil || s.calls(pagerdutytest.OpUsers) <= calls+1 {
		t.Errorf("not read again after %s: %v", remembered, err)
	}
	if _, err := s.UserByEmail(t.Context(), "ana"); err == nil || IsNotFound(err) {
		t.Errorf("no address: %v", err)
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	if u, err := s.User(t.Context(), s.ana); err != nil || u.Name != "Ana Souza" || u.URL == "" {
		t.Errorf("%+v, %v", u, err)
	}
	ways, err := s.ContactMethods(t.Context(), s.ana)
	if err != nil || len(ways) != 3 || ways[0].Kind != "push" || ways[1] != (ContactMethod{Kind: "sms", Address: "1511234567", Label: "Mobile", CountryCode: 49}) || ways[2].Kind != "email" {
		t.Errorf("%+v, %v", ways, err)
	}
	if _, err := s.User(t.Context(), "PNONE"); !IsNotFound(err) {
		t.Errorf("nobody: %v", err)
	}
}

func TestPoliciesAndServices(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	p, err := s.Policy(t.Context(), s.policy)
	if err != nil || p.Name != "Payments" || p.Loops != 1 || len(p.Levels) != 2 || p.Levels[0].Delay != 10*time.Minute ||
		p.Levels[0].Targets[0].Kind != "schedule" || p.Levels[0].Targets[0].ID != rota || p.Levels[1].Targets[0].Kind != "user" || p.Teams[0].Name != "Payments" {
		t.Errorf("%+v, %v", p, err)
	}
	if list, err := s.Policies(t.Context()); err != nil || len(list) != 1 || list[0].ID != s.policy {
		t.Errorf("%+v, %v", list, err)
	}
	if sv, err := s.Service(t.Context(), checkout); err != nil || sv.Name != "Checkout" || sv.Status != "active" || sv.Policy.ID != s.policy || len(sv.Teams) != 1 {
		t.Errorf("%+v, %v", sv, err)
	}
	s.open("k")
	if list, err := s.Services(t.Context()); err != nil || len(list) != 2 || list[0].Status != "critical" || list[1].Name != "Ledger" {
		t.Errorf("%+v, %v", list, err)
	}
}

// A schedule's shifts come whole, with who overrides whom.
func TestSchedule(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	o := s.pd.AddOverride(rota, s.cho, noon.Add(-time.Hour), noon.Add(8*time.Hour))
	sc, err := s.Schedule(t.Context(), rota, noon, noon.Add(time.Hour))
	if err != nil || sc.Name != "Payments primary" || sc.Zone != "Europe/Berlin" || len(sc.Users) != 2 {
		t.Fatalf("%+v, %v", sc, err)
	}
	if len(sc.Entries) != 1 || sc.Entries[0].User.ID != s.cho || !sc.Entries[0].Start.Equal(noon.Add(-time.Hour)) || !sc.Entries[0].End.Equal(noon.Add(8*time.Hour)) {
		t.Errorf("entries: %+v", sc.Entries)
	}
	if len(sc.Overrides) != 1 || sc.Overrides[0].ID != o || sc.Overrides[0].User.Name != "Cho Lee" || !sc.Overrides[0].End.Equal(noon.Add(8*time.Hour)) {
		t.Errorf("overrides: %+v", sc.Overrides)
	}
	if list, err := s.Schedules(t.Context()); err != nil || len(list) != 1 || list[0].ID != rota {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := s.Schedule(t.Context(), rota, noon, noon); err == nil {
		t.Error("a window of nothing")
	}
}

// What nobody promised to be there, or promised to be otherwise, makes no list unreadable; what would be a lie does.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	answer := ""
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(answer))
	})
	c := f.client(t)
	answer = `{"incidents":[{"id":"P1","body":{"type":"incident_body","details":{"an":"object"}},"resolve_reason":[],"priority":7,"created_at":"2026-11-20T12:00:00+01:00"},
		{"id":"P2","status":"triggered","assignments":null,"acknowledgements":null,"service":null}],"more":false}`
	if list, err := c.OpenIncidents(t.Context(), nil); err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	answer = `{"oncalls":[{"user":{"id":"PA","contact_methods":[{"country_code":"one"}]},"schedule":null,"escalation_policy":{"id":"PP"},"escalation_level":1,"start":null,"end":null}],"more":false}`
	if list, err := c.OnCalls(t.Context(), OnCallQuery{}); err != nil || len(list) != 1 || list[0].User.ID != "PA" {
		t.Errorf("%+v, %v", list, err)
	}
	answer = `{"oncalls":[{"user":{"id":"PA"},"start":"soon","end":null}],"more":false}`
	if list, err := c.OnCalls(t.Context(), OnCallQuery{}); err == nil {
		t.Errorf("on call from soon: %+v", list)
	}
	for _, answer = range []string{`{}`, `{"incident":null}`, `[]`, `null`, ``} {
		if i, err := c.Incident(t.Context(), "PX"); err == nil {
			t.Errorf("%s is read as %+v", answer, i)
		}
		if list, err := c.OpenIncidents(t.Context(), nil); err == nil {
			t.Errorf("%s is read as %+v", answer, list)
		}
	}
}

// Every page is read, by the length PagerDuty really gave; what lies beyond the last page there can be is an error.
func TestPagesToTheEnd(t *testing.T) {
	t.Parallel()
	total, length := 230, 100
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var offset int
		fmt.Sscan(r.URL.Query().Get("offset"), &offset)
		var list []any
		for n := offset; n < min(offset+length, total); n++ {
			list = append(list, map[string]any{"id": fmt.Sprint("P", n)})
		}
		reply(w, 200, map[string]any{"services": list, "limit": length, "offset": offset, "more": offset+length < total, "total": nil})
	})
	c := f.client(t)
	for _, length = range []int{100, 25} {
		list, err := c.Services(t.Context())
		if err != nil || len(list) != total || list[229].ID != "P229" {
			t.Errorf("pages of %d: %d services, %v", length, len(list), err)
		}
	}
	total, length = 20_000, 100
	before := len(f.requests())
	_, err := c.Services(t.Context())
	var e *Error
	if !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "10000") || len(f.requests())-before != 100 {
		t.Errorf("twenty thousand: %v after %d requests", err, len(f.requests())-before)
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	id := s.open("k")
	s.clock.Advance(11 * time.Minute)
	s.pd.Note(id, s.cho, "Looking")
	s.pd.Ack(id, s.cho)
	log, err := s.Log(t.Context(), id, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range log {
		line := e.Kind + " by " + e.AgentKind
		for _, u := range e.Users {
			line += " " + u.Name
		}
		if e.Kind == "notify" {
			line += " " + e.Channel
		}
		got = append(got, line+e.Note)
	}
	want := []string{"trigger by user", "assign by service Ana Souza", "notify by service Ana Souza push", "notify by service Ana Souza email", "notify by service Ana Souza sms",
		"escalate by service Cho Lee", "notify by service Cho Lee email", "annotate by userLooking", "acknowledge by user"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("log:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if Level(log) != 2 {
		t.Errorf("level %d", Level(log))
	}
	since, err := s.Log(t.Context(), id, noon.Add(10*time.Minute))
	if err != nil || len(since) != 4 || Level(since) != 0 {
		t.Errorf("since the escalation: %+v, %v", since, err)
	}
	if log[8].Agent.ID != s.cho || log[0].Agent.Name != "Ana Souza" || !log[5].At.Equal(noon.Add(10*time.Minute)) {
		t.Errorf("%+v", log)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	if err := s.Check(t.Context()); err != nil || s.Rate().Limit != 960 {
		t.Errorf("%v, %+v", err, s.Rate())
	}
	wrong := newStage(t, pagerdutytest.Options{}, func(c *Config) { c.Token = "u+WrongWrongWrong00000" })
	var e *Error
	if err := wrong.Check(t.Context()); !errors.As(err, &e) || e.Status != 401 {
		t.Errorf("a wrong token: %v", err)
	}
}
