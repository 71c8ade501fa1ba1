// Package openapi holds HTTP traffic against PagerDuty's published OpenAPI descriptions: every request received and every
// answer given. The descriptions are not kept here; rest.json and events.json say only how the operations we use are
// shaped (see Distil). With SHIPMATE_SPECS naming a folder with pagerduty-rest.json.gz and pagerduty-events-v2.json.gz,
// go test -update distils them anew.
//
// What it deliberately lets pass is listed in relaxations.go, each with its reason.
package openapi

import (
	"cmp"
	_ "embed" // the extracts
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// Variable names the environment variable with the folder of the published descriptions.
const Variable = "SHIPMATE_SPECS"

// Operations are those the extracts describe.
var Operations = []string{"listAbilities", "listOnCalls", "listUsers", "getUser", "getUserContactMethods", "listEscalationPolicies",
	"getEscalationPolicy", "listSchedules", "getSchedule", "listScheduleOverrides", "createScheduleOverride", "deleteScheduleOverride",
	"listServices", "getService", "getServiceIntegration", "listIncidents", "createIncident", "updateIncidents", "getIncident",
	"updateIncident", "listIncidentLogEntries", "listIncidentNotes", "createIncidentNote", "createIncidentSnooze",
	"createIncidentResponderRequest", "createV2Event"}

//go:embed rest.json
var rest []byte

//go:embed events.json
var events []byte

// Spec is a loaded description. It may be used from any goroutine.
type Spec struct {
	paths []*path
	fail  *openapi3.Schema // the error all operations of the REST API share

	mu   sync.Mutex
	seen map[string]int // operation id → answers checked
}

// path is one path of a description and what a request's must look like to be it.
type path struct {
	doc      *openapi3.T
	template string
	item     *openapi3.PathItem
	names    []string
	pattern  *regexp.Regexp
	events   bool
}

// Load reads the extracts.
func Load() (*Spec, error) {
	s := &Spec{seen: map[string]int{}}
	for _, part := range []struct {
		extract []byte
		below   string // where the paths begin
	}{{rest, ""}, {events, "/v2"}} {
		doc, err := openapi3.NewLoader().LoadFromData(part.extract)
		if err != nil {
			return nil, fmt.Errorf("loading PagerDuty's description: %w", err)
		}
		relax(doc)
		for template, item := range doc.Paths.Map() {
			one := compile(part.below+template, item)
			one.doc, one.events = doc, part.below != ""
			s.paths = append(s.paths, one)
		}
	}
	s.fail = restError()
	// The most literal path wins.
	slices.SortFunc(s.paths, func(a, b *path) int {
		return cmp.Or(cmp.Compare(strings.Count(a.template, "{"), strings.Count(b.template, "{")), strings.Compare(a.template, b.template))
	})
	return s, nil
}

var parameter = regexp.MustCompile(`\{([^}]+)\}`)

func compile(template string, item *openapi3.PathItem) *path {
	p := &path{template: template, item: item}
	pattern, last := "^", 0
	for _, m := range parameter.FindAllStringSubmatchIndex(template, -1) {
		p.names = append(p.names, template[m[2]:m[3]])
		pattern += regexp.QuoteMeta(template[last:m[0]]) + "([^/]+)"
		last = m[1]
	}
	p.pattern = regexp.MustCompile(pattern + regexp.QuoteMeta(template[last:]) + "$")
	return p
}

// find returns the path and operation a request means, and its path parameters.
func (s *Spec) find(r *http.Request) (*path, *openapi3.Operation, map[string]string) {
	for _, p := range s.paths {
		m := p.pattern.FindStringSubmatch(r.URL.EscapedPath())
		op := p.item.GetOperation(r.Method)
		if m == nil || op == nil {
			continue
		}
		values := map[string]string{}
		for i, name := range p.names {
			values[name], _ = url.PathUnescape(m[i+1])
		}
		return p, op, values
	}
	return nil, nil, nil
}

// Seen tells how many answers of each operation have been checked.
func (s *Spec) Seen() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]int, len(s.seen))
	for op, n := range s.seen {
		out[op] = n
	}
	return out
}
