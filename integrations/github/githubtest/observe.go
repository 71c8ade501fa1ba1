package githubtest

import (
	"slices"
	"strings"
	"time"
)

// Call is one request, as OnCall and Calls show it. It holds no token and no body.
type Call struct {
	Seq    int    // 1, 2, 3 … in order of arrival
	Op     string // GitHub's operation id; "" for what it does not know
	Method string
	Path   string // escaped, with query, without /api/v3
	At     time.Time
	Phase  Phase
	Status int // what the client was answered; 0 before that, and when its answer was lost
	// Applied tells that the call did what it asks for, whether or not its answer arrived.
	Applied bool
}

// Dispatch is an accepted workflow dispatch.
type Dispatch struct {
	Repo     string
	Workflow string // file name
	Ref      string
	Inputs   map[string]string // as the workflow sees them, defaults filled in
	Actor    string
	RunID    int64
	At       time.Time
}

// Run is a workflow run as it stands now.
type Run struct {
	ID         int64
	Number     int
	Attempt    int
	Workflow   string // file name
	Event      string
	Title      string // display_title
	Branch     string
	SHA        string
	Actor      string
	Inputs     map[string]string
	Status     string
	Conclusion string // "" until completed
	Created    time.Time
	Updated    time.Time
}

// Calls are all requests so far, in order of arrival.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Problems are the requests a real GitHub would not know, one line each.
func (s *Server) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

// Dispatches are the accepted workflow dispatches of a repository, oldest first; of all when repo is "".
func (s *Server) Dispatches(repo string) []Dispatch {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Dispatch
	for _, d := range s.w.Dispatches {
		if repo == "" || strings.EqualFold(repo, d.Repo) {
			out = append(out, d)
		}
	}
	return out
}

// Runs are the workflow runs of a repository, oldest first, also those not visible yet to the API.
func (s *Server) Runs(repo string) []Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.w.Repos[strings.ToLower(repo)]
	if d == nil {
		return nil
	}
	var out []Run
	for _, r := range d.Runs {
		v := d.view(r.last(), s.now())
		out = append(out, Run{ID: r.ID, Number: r.Number, Attempt: r.last().Number, Workflow: baseName(r.Path), Event: r.Event,
			Title: r.Title, Branch: r.Branch, SHA: r.SHA, Actor: r.Actor, Inputs: r.Inputs, Status: v.Status,
			Conclusion: v.Conclusion, Created: r.Created, Updated: v.Updated})
	}
	return out
}
