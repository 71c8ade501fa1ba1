package openapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What is not as described is noticed; what is, and what is relaxed, is not.
func TestChecks(t *testing.T) {
	t.Parallel()
	spec, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	const user = `{"id":"PU1","type":"user_reference","summary":"Ana","self":"https://api.pagerduty.com/users/PU1","html_url":null}`
	const create = `{"incident":{"type":"incident","title":"t","service":{"id":"PV1","type":"service_reference"},"body":{"type":"incident_body","details":"text"}}}`
	const incident = `{"incident":{"id":"Q1","type":"incident","title":"t","status":"triggered"}}`
	onCall := func(start string) string {
		return `{"oncalls":[{"user":` + user + `,"schedule":null,"escalation_level":1,"start":` + start + `,"end":null}],"limit":25,"offset":0,"more":false,"total":null}`
	}
	for _, tt := range []struct {
		name, method, path, from, body string
		status                         int
		answer                         string
		finds                          string
	}{
		{"right", "GET", "/oncalls?include[]=users", "", "", 200, onCall("null"), ""},
		{"no list", "GET", "/oncalls", "", "", 200, `{"users":[]}`, `"oncalls" is missing`},
		{"no time", "GET", "/oncalls", "", "", 200, onCall(`"soon"`), "start"},
		{"number for text", "GET", "/oncalls", "", "", 200, strings.Replace(onCall("null"), `"PU1"`, "1", 1), ""}, // a user may stand there in full
		{"unknown parameter", "GET", "/oncalls?who=ana", "", "", 200, onCall("null"), `query parameter "who" is not described`},
		{"unknown include", "GET", "/oncalls?include[]=pets", "", "", 200, onCall("null"), "include[]"},
		{"right change", "POST", "/incidents", "ana@acme.example", create, 201, incident, ""},
		{"no From", "POST", "/incidents", "", create, 201, incident, "From"},
		{"unknown field", "POST", "/incidents", "ana@acme.example", strings.Replace(create, `"title"`, `"colour":"red","title"`, 1), 201, incident, `field ".incident.colour" is not described`},
		{"no title", "POST", "/incidents", "ana@acme.example", strings.Replace(create, `"title":"t",`, "", 1), 201, incident, `"title" is missing`},
		{"unknown status", "POST", "/incidents", "ana@acme.example", create, 200, incident, "the status is not described"},
		{"unknown word", "POST", "/incidents", "ana@acme.example", create, 201, strings.Replace(incident, "triggered", "burning", 1), "status"},
		{"refusal", "POST", "/incidents", "", "{}", 400, `{"error":{"message":"no","code":1028,"errors":["x"]}}`, ""},
		{"refusal of another shape", "POST", "/incidents", "", "{}", 402, `{"message":"no"}`, "error"},
		{"gateway", "POST", "/incidents", "", "{}", 502, `<html>`, ""},
		{"unknown operation", "PATCH", "/incidents", "", "", 200, `{}`, "not in the description"},
		{"event", "POST", "/v2/enqueue", "", `{"routing_key":"k","event_action":"resolve","dedup_key":"d"}`, 202, `{"status":"success"}`, ""},
		{"event of another kind", "POST", "/v2/enqueue", "", `{"routing_key":"k","event_action":"explode"}`, 202, `{"status":"success"}`, "event_action"},
		{"refused event", "POST", "/v2/enqueue", "", `{}`, 400, `{"status":"invalid event","message":"no","errors":["x"]}`, ""},
		{"refused event of another shape", "POST", "/v2/enqueue", "", `{}`, 400, `{"error":{"message":"no"}}`, "status"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var found []string
			h := spec.Validate(func(f Finding) { found = append(found, f.Error()) })(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json; charset=utf-8")
				if strings.HasPrefix(tt.answer, "<") {
					w.Header().Set("Content-Type", "text/html")
				}
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.answer)
			}))
			r := httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body))
			r.Header.Set("Accept", "application/vnd.pagerduty+json;version=2")
			r.Header.Set("Content-Type", "application/json")
			if tt.from != "" {
				r.Header.Set("From", tt.from)
			}
			h.ServeHTTP(httptest.NewRecorder(), r)
			if all := strings.Join(found, "\n"); (tt.finds == "") != (len(found) == 0) || !strings.Contains(all, tt.finds) {
				t.Errorf("found %q, want %q", all, tt.finds)
			}
		})
	}
}
