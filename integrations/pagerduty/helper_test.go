package pagerduty

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/integrations/pagerduty/pagerdutytest"
	"shipmate/integrations/pagerduty/pagerdutytest/openapi"
)

const (
	marker     = "y_MARKERmarker012345"             // a REST key as PagerDuty makes them
	routingKey = "R0MARKERmarkerMARKERmarker012345" // and a routing key
)

// noon is a Friday's.
var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// fake is a server of a few answers, for what a whole PagerDuty cannot be made to do.
type fake struct {
	*httptest.Server
	clock *clock.Manual
	mu    sync.Mutex
	seen  []string // method, escaped path and query of every request
}

func serve(t *testing.T, h http.HandlerFunc) *fake {
	t.Helper()
	f := &fake{clock: clock.NewManual(noon)}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.seen = append(f.seen, r.Method+" "+r.URL.RequestURI())
		f.mu.Unlock()
		h(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

func (f *fake) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.seen...)
}

// client speaks to the fake, with hardly a pause between tries.
func (f *fake) client(t *testing.T, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{APIURL: f.URL, EventsURL: f.URL, Token: marker, From: "bot@acme.example", Clock: f.clock, Timeout: 5 * time.Second,
		Keys: map[string]string{"PSVC1": routingKey}}
	for _, fn := range change {
		fn(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c.pauses = []time.Duration{time.Millisecond, time.Millisecond}
	return c
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

// refusing answers with an error of the REST API; code 0 leaves the number out.
func refusing(status, code int, message string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		e := map[string]any{"message": message}
		if code != 0 {
			e["code"] = code
		}
		reply(w, status, map[string]any{"error": e})
	}
}

// page answers as whoever stands between does, in HTML.
func page(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		w.Write([]byte("<html>Access denied by policy</html>"))
	}
}

// hangUp drops the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	conn.Close()
}

// stage is a whole PagerDuty with a small company in it, and a client of it. Every request and answer is held against
// PagerDuty's description.
type stage struct {
	*Client
	pd            *pagerdutytest.Server
	t             *testing.T
	clock         *clock.Manual
	ana, ben, cho string // IDs; ana is on call, cho stands on the second level
	policy        string
}

const (
	rota     = "PSCHED1"
	checkout = "PSVC1"
	ledger   = "PSVC2" // takes no events
	anaMail  = "ana@acme.example"
)

// description is loaded once for all tests.
var description = sync.OnceValues(openapi.Load)

func newStage(t *testing.T, o pagerdutytest.Options, change ...func(*Config)) *stage {
	t.Helper()
	spec, err := description()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, clock: clock.NewManual(noon)}
	o.Clock = s.clock
	o.Wrap = spec.Validate(func(f openapi.Finding) { t.Errorf("not as PagerDuty describes it: %.600s", f.Error()) })
	s.pd = pagerdutytest.New(o)
	t.Cleanup(func() {
		s.pd.Close()
		if p := s.pd.Problems(); len(p) > 0 {
			t.Errorf("problems: %q", p)
		}
	})
	s.seed()
	cfg := Config{APIURL: s.pd.APIURL(), EventsURL: s.pd.EventsURL(), Token: pagerdutytest.DefaultToken, From: pagerdutytest.DefaultEmail, Clock: s.clock, Timeout: 5 * time.Second}
	for _, fn := range change {
		fn(&cfg)
	}
	if s.Client, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	s.pauses = []time.Duration{time.Millisecond, time.Millisecond}
	return s
}

func (s *stage) seed() {
	team := s.pd.AddTeam("Payments")
	s.ana = s.pd.AddUser(pagerdutytest.User{Name: "Ana Souza", Email: "Ana@acme.example", Zone: "Europe/Berlin", Contacts: []pagerdutytest.Contact{
		{Kind: "push", Address: "phone"}, {Kind: "sms", Label: "Mobile", Address: "1511234567", CountryCode: 49, After: time.Minute}}})
	s.ben = s.pd.AddUser(pagerdutytest.User{Name: "Ben Ott", Email: "ben@acme.example"})
	s.cho = s.pd.AddUser(pagerdutytest.User{Name: "Cho Lee", Email: "cho@acme.example"})
	s.pd.AddSchedule(pagerdutytest.Schedule{ID: rota, Name: "Payments primary", Zone: "Europe/Berlin", Layers: []pagerdutytest.Layer{
		{Users: []string{s.ana, s.ben}, Start: time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC), Turn: 7 * 24 * time.Hour}}})
	s.policy = s.pd.AddPolicy(pagerdutytest.Policy{Name: "Payments", Loops: 1, Teams: []string{team}, Levels: []pagerdutytest.Level{
		{After: 10 * time.Minute, Schedules: []string{rota}}, {After: 15 * time.Minute, Users: []string{s.cho}}}})
	s.pd.AddService(pagerdutytest.Service{ID: checkout, Name: "Checkout", Policy: s.policy, Teams: []string{team}})
	s.pd.AddService(pagerdutytest.Service{ID: ledger, Name: "Ledger", Policy: s.policy, NoEvents: true})
}

// open opens an incident and returns its ID.
func (s *stage) open(key string) string {
	s.t.Helper()
	i, err := s.EnsureIncident(s.t.Context(), NewIncident{From: anaMail, Service: checkout, Title: "Payments fail", Key: key})
	if err != nil {
		s.t.Fatal(err)
	}
	return i.ID
}

// incident is one as PagerDuty itself has it.
func (s *stage) incident(id string) pagerdutytest.Incident {
	s.t.Helper()
	for _, i := range s.pd.Incidents() {
		if i.ID == id {
			return i
		}
	}
	s.t.Fatalf("no incident %s", id)
	return pagerdutytest.Incident{}
}

// calls counts the requests of an operation.
func (s *stage) calls(op string) (n int) {
	for _, c := range s.pd.Calls() {
		if c.Op == op {
			n++
		}
	}
	return n
}
