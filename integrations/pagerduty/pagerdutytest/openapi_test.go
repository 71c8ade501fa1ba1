package pagerdutytest_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"shipmate/integrations/pagerduty/pagerdutytest"
	"shipmate/integrations/pagerduty/pagerdutytest/openapi"
)

// TestEveryOperationAsDescribed plays every operation through PagerDuty's description of it, in success and refusal.
func TestEveryOperationAsDescribed(t *testing.T) {
	t.Parallel()
	spec, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var findings []string
	s := newStage(t, pagerdutytest.Options{Wrap: spec.Validate(func(f openapi.Finding) {
		mu.Lock()
		defer mu.Unlock()
		findings = append(findings, f.Error())
	})})
	s.playReads()
	s.playOverrides()
	s.playIncidents()
	s.playEvents()
	s.playRefusals()

	for _, f := range findings {
		t.Errorf("not as PagerDuty describes it: %.1500s", f)
	}
	played := map[string]int{}
	for _, c := range s.Calls() {
		if c.Applied {
			played[c.Op]++
		}
	}
	seen := spec.Seen()
	for _, op := range s.Operations() {
		if played[op] == 0 {
			t.Errorf("%s was never played with success", op)
		}
		if seen[op] == 0 {
			t.Errorf("%s was never compared with the description", op)
		}
	}
	if len(s.Operations()) != len(openapi.Operations) {
		t.Errorf("the server knows %d operations, the description has %d", len(s.Operations()), len(openapi.Operations))
	}
	if p := s.Problems(); len(p) > 0 {
		t.Errorf("problems: %v", p)
	}
}

func (s *stage) playReads() {
	const window = "since=2026-11-20T09:00:00Z&until=2026-12-20T09:00:00Z"
	s.AddOverride(s.rota, s.cho, start.Add(24*time.Hour), start.Add(48*time.Hour))
	s.AddService(pagerdutytest.Service{Name: "Ledger", Policy: s.policy, NoEvents: true, AckTimeout: time.Hour})
	for _, path := range []string{"/abilities", "/oncalls", "/oncalls?include[]=users&schedule_ids[]=PSCHED1&schedule_ids[]=PX&earliest=true&" + window,
		"/users", "/users?query=ana&limit=1", "/users/" + s.ana, "/users/" + s.ana + "/contact_methods", "/users/" + s.ben + "/contact_methods",
		"/escalation_policies", "/escalation_policies/" + s.policy, "/schedules", "/schedules/PSCHED1", "/schedules/PSCHED1?overflow=true&" + window,
		"/schedules/PSCHED1/overrides?" + window, "/schedules/PSCHED1/overrides?overflow=true&" + window,
		"/services?total=true", "/services/PSVC1", "/services/PSVC1?include[]=integrations"} {
		s.wants(200, "GET", path, "")
	}
	sv := s.wants(200, "GET", "/services/PSVC1", "").json(s.t)
	list, _ := in(sv, "service", "integrations").([]any)
	if len(list) != 1 || in(list[0], "integration_key") != nil {
		s.t.Fatalf("integrations without being asked for: %v", list)
	}
	one := s.wants(200, "GET", "/services/PSVC1/integrations/"+in(list[0], "id").(string), "").json(s.t)
	if key := in(one, "integration", "integration_key"); key != s.Key("PSVC1") {
		s.t.Errorf("the integration's key is %v", key)
	}
}

func (s *stage) playOverrides() {
	o := func(from, to int) string {
		return fmt.Sprintf(`{"start":"2026-11-%dT10:00:00Z","end":"2026-11-%dT10:00:00Z","user":{"id":%q,"type":"user_reference"}}`, from, to, s.ben)
	}
	a := s.wants(201, "POST", "/schedules/PSCHED1/overrides", `{"overrides":[`+o(25, 26)+`,`+o(28, 27)+`]}`)
	if want := `"errors":["the override ends before it begins"]`; !contains(string(a.body), want) {
		s.t.Errorf("no %s in %s", want, a.body)
	}
	all := s.Overrides("PSCHED1")
	s.wants(204, "DELETE", "/schedules/PSCHED1/overrides/"+all[len(all)-1].ID, "")
	s.wants(404, "DELETE", "/schedules/PSCHED1/overrides/"+all[len(all)-1].ID, "")
	s.clock.Advance(25 * time.Hour)
	s.wants(200, "DELETE", "/schedules/PSCHED1/overrides/"+all[0].ID, "") // begun: it ends now
	s.clock.Advance(time.Second)
	s.wants(400, "DELETE", "/schedules/PSCHED1/overrides/"+all[0].ID, "")
}

func (s *stage) playIncidents() {
	id := s.open("key-a")
	at := "/incidents/" + id
	s.clock.Advance(11 * time.Minute) // escalates
	for _, path := range []string{"/incidents", "/incidents?date_range=all&incident_key=key-a&statuses[]=triggered&statuses[]=resolved&service_ids[]=PSVC1&sort_by=created_at:desc", at, at + "/log_entries?include[]=channels"} {
		s.wants(200, "GET", path, "")
	}
	update := func(what string) string { return `{"incident":{"type":"incident_reference",` + what + `}}` }
	s.wants(200, "PUT", at, update(`"escalation_level":1`))
	s.wants(200, "PUT", at, update(`"assignments":[{"assignee":{"id":"`+s.ben+`","type":"user_reference"}}]`))
	s.wants(200, "PUT", at, update(`"status":"acknowledged"`))
	s.wants(201, "POST", at+"/snooze", `{"duration":60}`)
	s.wants(200, "POST", at+"/notes", `{"note":{"content":"On it"}}`)
	s.wants(200, "GET", at+"/notes", "")
	s.wants(200, "POST", at+"/responder_requests", `{"requester_id":"`+s.ana+`","message":"Please join","responder_request_targets":[
		{"responder_request_target":{"id":"`+s.cho+`","type":"user_reference"}},{"responder_request_target":{"id":"`+s.policy+`","type":"escalation_policy_reference"}}]}`)
	s.clock.Advance(2 * time.Minute) // the snooze ends
	s.wants(200, "PUT", "/incidents", `{"incidents":[{"id":"`+id+`","type":"incident_reference","status":"resolved"}]}`)
	s.wants(200, "GET", at, "")
	s.wants(200, "GET", at+"/log_entries?limit=100", "")
	s.wants(200, "GET", at+"/log_entries?is_overview=true&since=2026-11-20T09:00:00Z", "")
	s.wants(201, "POST", "/incidents", `{"incident":{"type":"incident","title":"For ben","urgency":"low","service":{"id":"PSVC1","type":"service_reference"},"body":{"type":"incident_body","details":"Why"},
		"assignments":[{"assignee":{"id":"`+s.ben+`","type":"user_reference"}}]}}`)
	s.wants(200, "GET", "/incidents", "")
}

func (s *stage) playEvents() {
	s.event(202, "trigger", "dedup-a")
	s.event(202, "acknowledge", "dedup-a")
	s.wants(200, "GET", "/incidents?incident_key=dedup-a", "")
	id := s.Incidents()[len(s.Incidents())-1].ID
	s.wants(200, "GET", "/incidents/"+id+"/log_entries", "")
	s.event(202, "resolve", "dedup-a")
	s.event(400, "explode", "dedup-a")
}

func (s *stage) playRefusals() {
	s.refused(401, 2006, "GET", "/users", "", "Authorization", "Token token=wrong")
	s.refused(404, 2100, "GET", "/incidents/PNONE", "")
	s.refused(400, 2002, "GET", "/users?limit=100&offset=9901", "")
	s.refused(400, 1028, "POST", "/incidents", `{}`, "From", "")
	for range 130 {
		s.call("GET", "/oncalls", "")
	}
	s.refused(429, 2020, "GET", "/oncalls", "")
}
