// Package openapi holds HTTP traffic against GitHub's published OpenAPI description: every request received and every
// answer given. The description is not kept here; npm's @octokit/openapi has it as generated/api.github.com.json.
//
// What it deliberately lets pass is listed in relaxations.go, each with its reason.
package openapi

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// Variable names the environment variable with the path of the description.
const Variable = "GITHUB_OPENAPI"

// Spec is a loaded description. It may be used from any goroutine.
type Spec struct {
	doc   *openapi3.T
	paths []*path

	mu   sync.Mutex
	seen map[string]int // operation id → answers checked
}

// path is one path of the description and what a request's must look like to be it.
type path struct {
	template string
	item     *openapi3.PathItem
	names    []string
	strict   *regexp.Regexp // every parameter one part
	loose    *regexp.Regexp // parameters that hold slashes as GitHub takes them
}

// Load reads a description, which takes a few seconds.
func Load(file string) (*Spec, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading GitHub's description: %w", err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("loading GitHub's description %s: %w", file, err)
	}
	relax(doc)
	s := &Spec{doc: doc, seen: map[string]int{}}
	for template, item := range doc.Paths.Map() {
		s.paths = append(s.paths, compile(template, item))
	}
	// The most literal path wins, as in /users/octocat over /users/{username}.
	slices.SortFunc(s.paths, func(a, b *path) int {
		return cmp.Or(cmp.Compare(strings.Count(a.template, "{"), strings.Count(b.template, "{")),
			cmp.Compare(len(b.template), len(a.template)), strings.Compare(a.template, b.template))
	})
	return s, nil
}

var parameter = regexp.MustCompile(`\{([^}]+)\}`)

func compile(template string, item *openapi3.PathItem) *path {
	p := &path{template: template, item: item}
	strict, loose := "^", "^"
	last := 0
	for _, m := range parameter.FindAllStringSubmatchIndex(template, -1) {
		literal, name := regexp.QuoteMeta(template[last:m[0]]), template[m[2]:m[3]]
		p.names = append(p.names, name)
		strict += literal + "([^/]+)"
		switch {
		case name == mayBeEmpty:
			loose += literal + "(.*)"
		case slices.Contains(slashed, name):
			loose += literal + "(.+)"
		default:
			loose += literal + "([^/]+)"
		}
		last = m[1]
	}
	p.strict = regexp.MustCompile(strict + regexp.QuoteMeta(template[last:]) + "$")
	p.loose = regexp.MustCompile(loose + regexp.QuoteMeta(template[last:]) + "$")
	return p
}

// find returns the path and operation a request means, and its path parameters.
func (s *Spec) find(r *http.Request) (*path, *openapi3.Operation, map[string]string) {
	at := strings.TrimPrefix(r.URL.EscapedPath(), "/api/v3")
	for _, pattern := range []func(*path) *regexp.Regexp{
		func(p *path) *regexp.Regexp { return p.strict },
		func(p *path) *regexp.Regexp { return p.loose },
	} {
		for _, p := range s.paths {
			m := pattern(p).FindStringSubmatch(at)
			op := p.item.GetOperation(r.Method)
			if m == nil || op == nil {
				continue
			}
			values := map[string]string{}
			for i, name := range p.names {
				if values[name], _ = url.PathUnescape(m[i+1]); values[name] == "" {
					values[name] = "/" // the root; only mayBeEmpty gets here
				}
			}
			return p, op, values
		}
	}
	return nil, nil, nil
}

// Has tells whether the description knows an operation id.
func (s *Spec) Has(operation string) bool {
	for _, p := range s.paths {
		for _, op := range p.item.Operations() {
			if op.OperationID == operation {
				return true
			}
		}
	}
	return false
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
