package pagerdutytest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// start is a Friday morning.
var start = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// stage is a server with a small company in it: ana and ben take weekly turns, cho stands on the second level.
type stage struct {
	*pagerdutytest.Server
	t             *testing.T
	clock         *clock.Manual
	ana, ben, cho string
	rota          string
	policy        string
	service       string
}

func newStage(t *testing.T, o pagerdutytest.Options) *stage {
	t.Helper()
	c := clock.NewManual(start)
	o.Clock = c
	s := &stage{Server: pagerdutytest.New(o), t: t, clock: c}
	t.Cleanup(s.Close)
	team := s.AddTeam("Payments")
	s.ana = s.AddUser(pagerdutytest.User{Name: "Ana Souza", Email: "ana@acme.example", Zone: "Europe/Berlin", Contacts: []pagerdutytest.Contact{
		{Kind: "push", Address: "ana's phone"}, {Kind: "sms", Address: "1511234567", CountryCode: 49, After: time.Minute}, {Kind: "phone", Address: "1511234567", CountryCode: 49, After: 3 * time.Minute}}})
	s.ben = s.AddUser(pagerdutytest.User{Name: "Ben Ott", Email: "ben@acme.example", Zone: "America/New_York"})
	s.cho = s.AddUser(pagerdutytest.User{Name: "Cho Lee", Email: "cho@acme.example"})
	s.rota = s.AddSchedule(pagerdutytest.Schedule{ID: "PSCHED1", Name: "Payments primary", Zone: "Europe/Berlin", Teams: []string{team}, Layers: []pagerdutytest.Layer{
		{Users: []string{s.ana, s.ben}, Start: time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC), Turn: 7 * 24 * time.Hour}}})
	s.policy = s.AddPolicy(pagerdutytest.Policy{Name: "Payments", Loops: 1, Teams: []string{team}, Levels: []pagerdutytest.Level{
		{After: 10 * time.Minute, Schedules: []string{s.rota}}, {After: 15 * time.Minute, Users: []string{s.cho}}}})
	s.service = s.AddService(pagerdutytest.Service{ID: "PSVC1", Name: "Checkout", Policy: s.policy, Teams: []string{team}})
	return s
}

// answer is what came back from a raw call.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("no JSON object: %v: %.200s", err, a.body)
	}
	return v
}

// in walks into a JSON object.
func in(v any, path ...string) any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

// call sends a request with the account's key, as ana; header is name, value, name, value …, and an empty value takes one away.
func (s *stage) call(method, path, body string, header ...string) answer {
	s.t.Helper()
	req, err := http.NewRequest(method, s.APIURL()+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	set := append([]string{"Content-Type", "application/json", "Accept", "application/vnd.pagerduty+json;version=2",
		"Authorization", "Token token=" + pagerdutytest.DefaultToken, "From", "ana@acme.example"}, header...)
	for i := 0; i+1 < len(set); i += 2 {
		if req.Header.Set(set[i], set[i+1]); set[i+1] == "" {
			req.Header.Del(set[i])
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	var buf bytes.Buffer
	if _, err := io.Copy(&buf, resp.Body); err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, buf.Bytes()}
}

// wants calls and checks the status.
func (s *stage) wants(status int, method, path, body string, header ...string) answer {
	s.t.Helper()
	a := s.call(method, path, body, header...)
	if a.status != status {
		s.t.Fatalf("%s %s: status %d, want %d: %.300s", method, path, a.status, status, a.body)
	}
	return a
}

// refused calls and checks status and PagerDuty's number.
func (s *stage) refused(status, code int, method, path, body string, header ...string) {
	s.t.Helper()
	a := s.wants(status, method, path, body, header...)
	if got, _ := in(a.json(s.t), "error", "code").(float64); int(got) != code {
		s.t.Errorf("%s %s: code %v, want %d: %s", method, path, got, code, a.body)
	}
}

// open opens an incident through the REST API and returns its ID.
func (s *stage) open(key string) string {
	s.t.Helper()
	a := s.wants(201, "POST", "/incidents", `{"incident":{"type":"incident","title":"Payments fail","service":{"id":"PSVC1","type":"service_reference"},"incident_key":"`+key+`"}}`)
	return in(a.json(s.t), "incident", "id").(string)
}

// event sends one and checks the status.
func (s *stage) event(status int, action, key string) answer {
	s.t.Helper()
	return s.wants(status, "POST", "/v2/enqueue", `{"routing_key":"`+s.Key("PSVC1")+`","event_action":"`+action+`","dedup_key":"`+key+`",
		"payload":{"summary":"Errors at 12%","source":"shipmate","severity":"critical","custom_details":{"rate":"12%"}},"links":[{"href":"https://grafana.example/d/1","text":"Board"}],"client":"Shipmate","client_url":"https://slack.example"}`,
		"Authorization", "", "From", "")
}

// only is the one incident there is.
func (s *stage) only() pagerdutytest.Incident {
	s.t.Helper()
	list := s.Incidents()
	if len(list) != 1 {
		s.t.Fatalf("%d incidents, want one: %+v", len(list), list)
	}
	return list[0]
}
