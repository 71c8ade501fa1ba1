package pagerdutytest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

func TestFromHeader(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	id := s.open("key")
	for _, path := range []string{"PUT /incidents/" + id, "PUT /incidents", "POST /incidents", "POST /incidents/" + id + "/notes", "POST /incidents/" + id + "/snooze"} {
		method, at, _ := strings.Cut(path, " ")
		s.refused(400, 1028, method, at, `{}`, "From", "")
		s.refused(400, 1028, method, at, `{}`, "From", "Ana <ana@acme.example>")
		s.refused(400, 1008, method, at, `{}`, "From", "nobody@acme.example")
	}
	s.refused(401, 2006, "GET", "/users", "", "Authorization", "")
	s.wants(200, "GET", "/users", "", "Authorization", "Bearer "+pagerdutytest.DefaultToken)
}

func TestNumbersOfRefusals(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{NoResponders: true})
	id := s.open("key")
	at := "/incidents/" + id
	update := func(what string) string { return `{"incident":{"type":"incident_reference",` + what + `}}` }
	s.refused(400, 1006, "PUT", at, update(`"escalation_level":9`))
	s.wants(200, "PUT", at, update(`"status":"acknowledged"`))
	s.refused(400, 1002, "PUT", at, update(`"status":"acknowledged"`))
	s.wants(200, "PUT", at, update(`"status":"acknowledged"`), "From", "ben@acme.example") // both have it
	s.refused(402, 2014, "POST", at+"/responder_requests", `{}`)
	s.refused(400, 2001, "POST", at+"/snooze", `{"duration":604801}`)
	s.refused(400, 2001, "POST", at+"/notes", `{"note":{}}`)
	s.wants(200, "PUT", at, update(`"status":"resolved"`))
	s.refused(400, 1001, "PUT", at, update(`"status":"resolved"`))
	s.refused(400, 1001, "PUT", at, update(`"escalation_level":1`))
	s.wants(200, "PUT", at, update(`"status":"acknowledged"`)) // opens it again
	if i := s.only(); i.Status != "acknowledged" || !i.Resolved.IsZero() {
		t.Errorf("opened again: %+v", i)
	}
	many := strings.Repeat(`{"id":"PX","type":"incident_reference"},`, 251)
	s.refused(413, 2001, "PUT", "/incidents", `{"incidents":[`+strings.TrimSuffix(many, ",")+`]}`)
	s.refused(404, 2100, "GET", "/nothing", "")
	if p := s.Problems(); len(p) != 1 {
		t.Errorf("problems: %q", p)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	for n := range 130 {
		s.AddUser(pagerdutytest.User{Name: fmt.Sprint("User ", n), Email: fmt.Sprintf("u%d@acme.example", n)})
	}
	page := func(query string) (int, float64, bool) {
		a := s.wants(200, "GET", "/users?"+query, "").json(t)
		return len(a["users"].([]any)), a["limit"].(float64), a["more"].(bool)
	}
	for query, want := range map[string]string{"": "25 25 true", "limit=100": "100 100 true", "limit=500": "100 100 true", "limit=100&offset=100": "34 100 false", "offset=200": "0 25 false"} {
		n, limit, more := page(query)
		if got := fmt.Sprint(n, limit, more); got != want {
			t.Errorf("%q: %s, want %s", query, got, want)
		}
	}
	if n, _, _ := page("query=ANA"); n != 1 {
		t.Errorf("%d users called ana", n)
	}
	if n, _, _ := page("query=ana@acme.example"); n != 0 {
		t.Errorf("the search is about names, and finds %d by e-mail", n)
	}
	s.wants(200, "GET", "/users?limit=100&offset=9900", "")
	s.refused(400, 2002, "GET", "/users?limit=100&offset=9901", "")
}

func TestLastMonthOnly(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	s.open("old")
	s.clock.Advance(60 * 24 * time.Hour)
	count := func(query string) int {
		return len(s.wants(200, "GET", "/incidents?"+query, "").json(t)["incidents"].([]any))
	}
	if now, ever := count(""), count("date_range=all"); now != 0 || ever != 1 {
		t.Errorf("%d in the last month, %d ever", now, ever)
	}
	s.refused(400, 2001, "GET", "/incidents?since=2025-01-01T00:00:00Z", "")
}

func TestLimits(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{RateLimit: 10, TightLimit: 3, EventLimit: 2})
	a := s.wants(200, "GET", "/users", "")
	if h := a.header; h.Get("ratelimit-limit") != "10" || h.Get("ratelimit-remaining") != "9" || h.Get("ratelimit-reset") != "60" {
		t.Errorf("headers %v", h)
	}
	for range 3 {
		s.wants(200, "GET", "/oncalls", "")
	}
	s.refused(429, 2020, "GET", "/oncalls", "")
	s.wants(200, "GET", "/users", "")
	s.clock.Advance(20 * time.Second)
	for s.call("GET", "/users", "").status == 200 {
	}
	a = s.wants(429, "GET", "/users", "")
	if h := a.header; h.Get("ratelimit-remaining") != "0" || h.Get("ratelimit-reset") != "40" {
		t.Errorf("headers %v", h)
	}
	s.event(202, "trigger", "a")
	s.clock.Advance(50 * time.Second)
	s.event(202, "trigger", "b")
	s.event(429, "trigger", "c")
	s.clock.Advance(11 * time.Second) // the minute slides
	s.event(202, "trigger", "c")
	s.event(429, "trigger", "d")
	s.wants(200, "GET", "/users", "")
}

func TestEventsThatAreWrong(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	key := s.Key("PSVC1")
	for body, why := range map[string]string{
		`{}`: "'routing_key' must have 32 characters",
		`{"routing_key":"` + strings.Repeat("a", 32) + `","event_action":"resolve","dedup_key":"k"}`:                                   "'routing_key' is not known",
		`{"routing_key":"` + key + `","event_action":"trigger"}`:                                                                       "'payload.summary' must not be empty",
		`{"routing_key":"` + key + `","event_action":"resolve"}`:                                                                       "'dedup_key' must not be empty",
		`{"routing_key":"` + key + `","event_action":"trigger","payload":{"summary":"` + strings.Repeat("x", 1025) + `"}}`:             "at most 1024",
		`{"routing_key":"` + key + `","event_action":"trigger","dedup_key":"` + strings.Repeat("x", 256) + `"}`:                        "at most 255",
		`{"routing_key":"` + key + `","event_action":"trigger","payload":{"summary":"x","source":"y","severity":"sev1"}}`:              "'payload.severity'",
		`{"routing_key":"` + key + `","event_action":"trigger","payload":{"summary":"x","source":"y","severity":"info"},"links":[{}]}`: "'links.href'",
		`[]`: "not an event",
	} {
		if a := s.wants(400, "POST", "/v2/enqueue", body); !contains(string(a.body), why) || !contains(string(a.body), `"status":"invalid event"`) {
			t.Errorf("%.80s: %s", body, a.body)
		}
	}
	s.wants(413, "POST", "/v2/enqueue", `{"x":"`+strings.Repeat("x", 513<<10)+`"}`)
	if list := s.Incidents(); len(list) != 0 {
		t.Errorf("opened: %+v", list)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	s.Fault(pagerdutytest.Fault{Match: pagerdutytest.OpUsers, Kind: pagerdutytest.Status502, Times: 1})
	if a := s.wants(502, "GET", "/users", ""); !contains(a.header.Get("Content-Type"), "text/html") {
		t.Errorf("a 502 of type %s", a.header.Get("Content-Type"))
	}
	s.wants(200, "GET", "/users", "")
	s.Fault(pagerdutytest.Fault{Match: "POST /incidents", When: pagerdutytest.After, Kind: pagerdutytest.Reset, Times: 1})
	resp, err := http.Post(s.APIURL()+"/incidents", "application/json", strings.NewReader("{}"))
	if err == nil {
		resp.Body.Close()
		t.Error("the connection held")
	}
	s.Fault(pagerdutytest.Fault{Match: pagerdutytest.OpUsers, Kind: pagerdutytest.SilentRateLimit, Times: 1})
	if a := s.wants(429, "GET", "/users", ""); a.header.Get("ratelimit-reset") != "" {
		t.Errorf("headers %v", a.header)
	}
	s.Fault(pagerdutytest.Fault{Match: "*", Kind: pagerdutytest.RateLimit, Times: 1, RetryAfter: 7 * time.Second})
	if a := s.wants(429, "GET", "/users", ""); a.header.Get("ratelimit-reset") != "7" {
		t.Errorf("headers %v", a.header)
	}
	s.Fault(pagerdutytest.Fault{Match: "GET /users/*", Kind: pagerdutytest.Truncate, Times: 1})
	if resp, err := http.Get(s.APIURL() + "/users/" + s.ana); err == nil {
		if _, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("half an answer ends with %v", err)
		}
		resp.Body.Close()
	}
	release := s.Fault(pagerdutytest.Fault{Match: "*", Kind: pagerdutytest.HangUp})
	done := make(chan int)
	go func() {
		resp, err := http.Get(s.APIURL() + "/users")
		if err != nil {
			done <- 0
			return
		}
		resp.Body.Close()
		done <- resp.StatusCode
	}()
	if len(s.Faults()) != 1 {
		t.Errorf("in force: %v", s.Faults())
	}
	release()
	if status := <-done; status != 401 {
		t.Errorf("let go with %d", status)
	}
	s.Down(true)
	s.wants(503, "GET", "/users", "")
	s.Down(false)
	s.wants(200, "GET", "/users", "")
	last := s.Calls()[len(s.Calls())-1]
	if last.Op != pagerdutytest.OpUsers || !last.Applied || last.Status != 200 || last.From != "ana@acme.example" {
		t.Errorf("the last call is %+v", last)
	}
	s.ClearFaults()
}

// All of it survives: also what is still to come.
func TestSave(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{EventDelay: time.Minute})
	id := s.open("key")
	s.wants(200, "POST", "/incidents/"+id+"/notes", `{"note":{"content":"On it"}}`)
	s.event(202, "trigger", "later")
	var kept bytes.Buffer
	if err := s.Save(&kept); err != nil {
		t.Fatal(err)
	}
	later := clock.NewManual(start.Add(30 * time.Minute))
	again := pagerdutytest.New(pagerdutytest.Options{Clock: later})
	t.Cleanup(again.Close)
	if err := again.Restore(bytes.NewReader(kept.Bytes())); err != nil {
		t.Fatal(err)
	}
	list := again.Incidents()
	if len(list) != 2 || list[0].Notes[0].Text != "On it" || list[0].Level != 1 || list[1].Title != "Errors at 12%" || list[1].Event.Severity != "critical" {
		t.Errorf("restored: %+v", list)
	}
	s.clock.Advance(30 * time.Minute)
	if one, other := fmt.Sprint(s.Notifications()), fmt.Sprint(again.Notifications()); one != other {
		t.Errorf("told here\n%s\nand there\n%s", one, other)
	}
	if err := again.Restore(strings.NewReader(`{"format":9,"world":{}}`)); err == nil || !contains(err.Error(), "format 9") {
		t.Errorf("another format: %v", err)
	}
	if err := again.Restore(strings.NewReader(`nonsense`)); err == nil || len(again.Incidents()) != 2 {
		t.Errorf("nonsense: %v", err)
	}
}
