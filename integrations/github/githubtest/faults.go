package githubtest

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Kind is what a fault does to a call.
type Kind string

// The kinds of faults.
const (
	Status500         Kind = "500"                   // {"message":"Server Error"}
	Status502         Kind = "502"                   // {"message":"Server Error"}
	Status503         Kind = "503"                   // GitHub's unicorn page, HTML
	PrimaryLimit      Kind = "primary limit"         // 403 or 429 (Options.LimitStatus), X-RateLimit-Remaining 0
	SecondaryLimit403 Kind = "secondary limit (403)" // Retry-After when Fault.RetryAfter is set
	SecondaryLimit429 Kind = "secondary limit (429)" // the same
	HangUp            Kind = "hang"                  // no answer until released, then the answer
	Reset             Kind = "connection reset"      // TCP reset instead of an answer
	Truncate          Kind = "truncated body"        // half of the answer's body, then the connection ends
)

// Phase is a moment of a call: Before it is applied, or After, with the answer still unsent.
type Phase string

// The two phases.
const (
	Before Phase = "before"
	After  Phase = "after"
)

// Fault makes matching calls go wrong. With When After the call is applied and its answer lost.
type Fault struct {
	// Match is an operation's name as GitHub's description gives it ("actions/create-workflow-dispatch"), or a method and
	// a path with * for any part ("POST /repos/acme/*/deployments"), or "*" for every call.
	Match      string
	Times      int // how many calls it hits; 0: all until cleared
	When       Phase
	Kind       Kind
	RetryAfter time.Duration
}

// OpDispatch and the others are operations often given to Fault.Match.
const (
	OpDispatch               = "actions/create-workflow-dispatch"
	OpListRuns               = "actions/list-workflow-runs"
	OpListRepoRuns           = "actions/list-workflow-runs-for-repo"
	OpGetRun                 = "actions/get-workflow-run"
	OpListJobs               = "actions/list-jobs-for-workflow-run"
	OpCancelRun              = "actions/cancel-workflow-run"
	OpCreateDeployment       = "repos/create-deployment"
	OpCreateDeploymentStatus = "repos/create-deployment-status"
	OpCompare                = "repos/compare-commits-with-basehead"
	OpGetCommit              = "repos/get-commit"
	OpCreateRef              = "git/create-ref"
	OpUpdateRef              = "git/update-ref"
	OpDeleteRef              = "git/delete-ref"
	OpPutFile                = "repos/create-or-update-file-contents"
	OpCreatePull             = "pulls/create"
	OpUpdatePull             = "pulls/update"
	OpMergePull              = "pulls/merge"
	OpMergeBranch            = "repos/merge"
	OpCreateIssue            = "issues/create"
	OpUpdateIssue            = "issues/update"
	OpListIssues             = "issues/list-for-repo"
	OpAddAssignees           = "issues/add-assignees"
	OpCreateComment          = "issues/create-comment"
	OpCreateStatus           = "repos/create-commit-status"
	OpListPulls              = "pulls/list"
	OpListPullFiles          = "pulls/list-files"
	OpTarball                = "repos/download-tarball-archive"
	OpCodeload               = elsewhereOp + "codeload" // the download that OpTarball leads to
)

// fault is a Fault in force.
type fault struct {
	Fault
	left    int // -1: no end
	release chan struct{}
	once    sync.Once
}

// Fault puts a fault in force. Faults are asked in the order they were set, at most one per phase hits a call. The
// returned function takes it back and lets go what it holds; it may be called more than once.
func (s *Server) Fault(f Fault) (release func()) {
	if f.When == "" {
		f.When = Before
	}
	if f.Kind == Truncate {
		f.When = After // there is nothing to truncate before
	}
	ft := &fault{Fault: f, left: f.Times, release: make(chan struct{})}
	if f.Times == 0 {
		ft.left = -1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, ft)
	s.touch()
	return func() {
		ft.once.Do(func() { close(ft.release) })
		s.mu.Lock()
		defer s.mu.Unlock()
		ft.left = 0
		s.touch()
	}
}

// ClearFaults takes all faults back and lets go what they hold.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		f.once.Do(func() { close(f.release) })
	}
	s.faults = nil
	s.touch()
}

// Faults are those still in force.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Fault
	for _, f := range s.faults {
		if f.left != 0 {
			out = append(out, f.Fault)
		}
	}
	return out
}

// Down makes every call a 503 with GitHub's HTML page, until it is up again.
func (s *Server) Down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
	s.touch()
}

// takeFaults finds what hits this call, and counts it; called with the lock held.
func (s *Server) takeFaults(q *request) (early, late *fault) {
	for _, f := range s.faults {
		slot := &early
		if f.When == After {
			slot = &late
		}
		if f.left == 0 || *slot != nil || !f.matches(q) {
			continue
		}
		*slot = f
		if f.left > 0 {
			f.left--
		}
	}
	return early, late
}

func (f *fault) matches(q *request) bool {
	if f.Match == "*" || f.Match == opOf(q) {
		return true
	}
	method, pattern, ok := strings.Cut(f.Match, " ")
	path := strings.TrimPrefix(q.URL.Path, "/api/v3")
	return ok && (method == "*" || strings.EqualFold(method, q.Method)) && wild(pattern, path)
}

// suffer lets a fault do its work. Before applying, answered tells that there will be no applying; after, the answer comes
// back as the client gets it, with status 0 for none at all.
func (s *Server) suffer(f *fault, q *request, answer reply) (reply, bool) {
	if f == nil {
		return answer, false
	}
	switch f.Kind {
	case HangUp:
		select {
		case <-f.release:
		case <-s.closing:
		case <-q.Context().Done():
			return reply{}, true
		}
		return answer, false
	case Truncate:
		return answer, false
	case Reset:
		return reply{}, true
	case Status503:
		return reply{status: 503, raw: []byte(unicorn), header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}}, true
	}
	var out reply
	switch f.Kind {
	case Status500, Status502:
		status, _ := strconv.Atoi(string(f.Kind))
		out = reply{status: status, body: obj{"message": "Server Error"}}
	default:
		out = s.limited(f, q)
	}
	out = out.with("X-GitHub-Request-Id", "FA17:0000")
	out.encode()
	return out, true
}

// limited is the refusal of a rate-limit fault.
func (s *Server) limited(f *fault, q *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.who == nil {
		q.authenticate()
	}
	b := s.budget(q)
	if f.Kind == PrimaryLimit {
		out := q.primaryLimit()
		out.header = http.Header{}
		b.exhausted().headers(out.header)
		return out
	}
	status := 403
	if f.Kind == SecondaryLimit429 {
		status = 429
	}
	out := q.secondaryLimit(status, f.RetryAfter)
	if out.header == nil {
		out.header = http.Header{}
	}
	b.headers(out.header)
	return out
}
