package github

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"shipmate/integrations/github/githubtest"
)

// instead makes a GitHub that answers some requests, named by method and the end of their path, in a way that it has and that cannot
// be brought about otherwise.
func instead(what string, status int, body any) githubtest.Options {
	return githubtest.Options{Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			method, end, _ := strings.Cut(what, " ")
			if r.Method != method || !strings.HasSuffix(r.URL.Path, end) {
				next.ServeHTTP(w, r)
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			reply(w, status, body)
		})
	}}
}

func notValid(details ...any) map[string]any {
	return map[string]any{"message": "Validation Failed", "errors": details}
}

func TestProposalAndOddAnswers(t *testing.T) {
	t.Parallel()
	type detail = map[string]string
	for name, one := range map[string]struct {
		what   string
		status int
		body   any
		is     error  // what the error is, or
		says   string // what it tells
	}{
		"rules":            {"POST /git/refs", 422, detail{"message": "Repository rule violations found"}, nil, "does not make the branch postmortem/inc-7 in acme/decisions: Repository rule violations found."},
		"a ref conflict":   {"POST /git/refs", 409, detail{"message": "Conflict"}, nil, "does not make the branch"},
		"no tree":          {"POST /git/trees", 201, detail{}, nil, ""},
		"not seen yet":     {"POST /pulls", 422, notValid(detail{"resource": "PullRequest", "field": "head", "code": "invalid"}), ErrNotYet, ""},
		"there, not shown": {"POST /pulls", 422, notValid(detail{"code": "custom", "message": "A pull request already exists for acme:postmortem/inc-7."}), ErrNotYet, ""},
		"no such base":     {"POST /pulls", 422, notValid(detail{"resource": "PullRequest", "field": "base", "code": "invalid"}), nil, "has no branch main that a pull request could go to"},
		"something else":   {"POST /pulls", 422, notValid(detail{"code": "custom", "message": "No more today"}), nil, "does not open this pull request in acme/decisions: Validation Failed; No more today."},
	} {
		s := library(t, instead(one.what, one.status, one.body))
		_, err := s.c.EnsurePullRequest(t.Context(), proposal())
		var e *Error
		switch {
		case one.is != nil && !errors.Is(err, one.is):
			t.Errorf("%s: %v", name, err)
		case one.is == nil && (!errors.As(err, &e) || e.Unclear || !strings.Contains(e.UserMessage(), one.says)):
			t.Errorf("%s: %v", name, err)
		}
	}
	s := library(t, instead("POST /pulls", 201, map[string]any{}))
	if _, err := s.c.EnsurePullRequest(t.Context(), proposal()); !IsUnclear(err) {
		t.Errorf("none opened: %v", err)
	}
	s = library(t, instead("POST /issues", 201, map[string]any{}))
	if _, err := s.c.EnsureIssue(t.Context(), newIssue()); !IsUnclear(err) {
		t.Errorf("none opened: %v", err)
	}
}

// A filter that GitHub does not understand it leaves out: what comes from elsewhere is not taken for it.
func TestPullRequestFromElsewhere(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			q.Del("head")
			r.URL.RawQuery = q.Encode()
			next.ServeHTTP(w, r)
		})
	}})
	s.repo.Branch("other", "main").Commit("other", "ana", "Other", githubtest.Files{"o.md": "1"})
	other := s.repo.OpenPR(githubtest.PR{Title: "Copied", Body: requestMarker("inc-7/postmortem"), Author: "ana", Head: "other"})
	p := proposal()
	p.Retry = true
	if got, err := s.c.EnsurePullRequest(t.Context(), p); err != nil || got.Number == other {
		t.Errorf("%+v, %v", got, err)
	}
}

// Whether a branch name has had more pull requests than are looked at, "none of them" would be a guess.
func TestTooManyToLookThrough(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	for range maxPullLooks + 1 {
		s.reuse()
	}
	s.repo.DeleteBranch("postmortem/inc-7")
	p := proposal()
	p.Retry = true
	var e *Error
	if _, err := s.c.EnsurePullRequest(t.Context(), p); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "too many pull requests from postmortem/inc-7") || s.writes(githubtest.OpCreateRef) {
		t.Error(err)
	}
	n := newIssue()
	n.Retry, n.Since = true, s.clock.Now()
	for range maxIssuePages*100 + 1 {
		s.repo.OpenIssue("ben", "Noise", "")
	}
	if _, err := s.c.EnsureIssue(t.Context(), n); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "too many issues since") || s.writes(githubtest.OpCreateIssue) {
		t.Error(err)
	}
}

func TestMergeAndOddAnswers(t *testing.T) {
	t.Parallel()
	var no *NotMergeable
	s := library(t, instead("PUT /merge", 200, map[string]any{"merged": false, "message": "Not today"}))
	n, head := s.open(t)
	if err := s.c.MergePullRequest(t.Context(), "acme/decisions", n, head, "merge"); !errors.As(err, &no) || no.Why != "Not today" {
		t.Error(err)
	}
	s = library(t, instead("PUT /merge", 405, map[string]any{"message": "Base branch was modified. Review and try the merge again."}))
	n, head = s.open(t)
	var e *Error
	if err := s.c.MergePullRequest(t.Context(), "acme/decisions", n, head, "merge"); !errors.As(err, &e) || e.RetryAfter == 0 {
		t.Error(err)
	}
}

// The merge names the commit that was judged, so that GitHub refuses what was pushed since we looked.
func TestMergeNamesTheCommit(t *testing.T) {
	t.Parallel()
	sent := map[string]map[string]any{}
	s := library(t, githubtest.Options{Wrap: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut {
				var body map[string]any
				data, _ := io.ReadAll(r.Body)
				_ = json.Unmarshal(data, &body)
				sent[r.URL.Path] = body
				r.Body = io.NopCloser(strings.NewReader(string(data)))
			}
			next.ServeHTTP(w, r)
		})
	}})
	n, head := s.open(t)
	if err := s.c.MergePullRequest(t.Context(), "acme/decisions", n, head, "rebase"); err != nil {
		t.Fatal(err)
	}
	if body := sent["/repos/acme/decisions/pulls/1/merge"]; body["sha"] != head || body["merge_method"] != "rebase" {
		t.Errorf("%v", sent)
	}
}
