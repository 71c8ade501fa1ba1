package githubtest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"shipmate/clock"
	"shipmate/integrations/github/githubtest"
)

func TestPages(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	for i := range 5 {
		s.repo.Branch(fmt.Sprintf("b%d", i), "main")
	}
	a := s.wants(200, "GET", "api/v3/"+r+"/branches?per_page=2&page=2", "")
	link := a.header.Get("Link")
	for _, want := range []string{`page=1&per_page=2>; rel="prev"`, `page=3&per_page=2>; rel="next"`, `page=3&per_page=2>; rel="last"`, `page=1&per_page=2>; rel="first"`, "/api/v3/"} {
		if !strings.Contains(link, want) {
			t.Errorf("Link %s lacks %s", link, want)
		}
	}
	for i := range 100 {
		s.repo.Tag(fmt.Sprintf("t%03d", i), "main")
	}
	s.repo.Tag("t100", "main")
	if a := s.wants(200, "GET", r+"/tags?per_page=500", ""); strings.Count(string(a.body), `"zipball_url"`) != 100 || !strings.Contains(a.header.Get("Link"), `rel="next"`) {
		t.Errorf("more than 100 on a page: %s", a.header.Get("Link"))
	}
	var names []string
	opt := &github.BranchListOptions{ListOptions: github.ListOptions{PerPage: 4}}
	for {
		page, resp, err := s.gh.Repositories.ListBranches(context.Background(), "acme", "checkout", opt)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page {
			names = append(names, b.GetName())
		}
		if resp.NextPage == 0 {
			break
		}
		opt.Page = resp.NextPage
	}
	if got := strings.Join(names, " "); got != "b0 b1 b2 b3 b4 main" {
		t.Errorf("branches %s", got)
	}
}

func TestConditionalReadsAreFree(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	first := s.wants(200, "GET", r+"/branches/main", "")
	again := s.wants(304, "GET", r+"/branches/main", "", "If-None-Match", first.header.Get("ETag"))
	if len(again.body) != 0 || again.header.Get("X-RateLimit-Remaining") != first.header.Get("X-RateLimit-Remaining") {
		t.Errorf("304 with %d bytes, remaining %s after %s", len(again.body), again.header.Get("X-RateLimit-Remaining"), first.header.Get("X-RateLimit-Remaining"))
	}
	s.repo.Commit("main", "ana", "Change", githubtest.Files{"x": "y"})
	s.wants(200, "GET", r+"/branches/main", "", "If-None-Match", first.header.Get("ETag"))
}

func TestPrimaryLimit(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 429} {
		s := newStage(t, githubtest.Options{RateLimit: 3, LimitStatus: status})
		for range 3 {
			s.wants(200, "GET", r, "")
		}
		a := s.wants(status, "GET", r, "")
		if a.header.Get("X-RateLimit-Remaining") != "0" || !strings.HasPrefix(a.json(t)["message"].(string), "API rate limit exceeded for user ID") {
			t.Errorf("%v %s", a.header, a.body)
		}
		s.wants(200, "GET", "rate_limit", "")
		s.clock.Advance(time.Hour)
		s.wants(200, "GET", r, "")
	}
}

func TestSecondaryLimit(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{PointsPerMinute: 7})
	s.wants(201, "POST", r+"/git/blobs", `{"content":"a"}`)
	s.wants(200, "GET", r, "")
	s.clock.Advance(20 * time.Second)
	a := s.wants(403, "POST", r+"/git/blobs", `{"content":"a"}`)
	if a.header.Get("Retry-After") != "40" || !strings.HasSuffix(a.json(t)["documentation_url"].(string), "secondary-rate-limits") {
		t.Errorf("%v %s", a.header, a.body)
	}
	s.clock.Advance(40 * time.Second)
	s.wants(201, "POST", r+"/git/blobs", `{"content":"a"}`)

	s = newStage(t, githubtest.Options{})
	for range 80 {
		s.wants(201, "POST", r+"/git/blobs", `{"content":"a"}`)
	}
	s.wants(403, "POST", r+"/git/blobs", `{"content":"a"}`)
	s.wants(200, "GET", r, "")
}

func TestWhoMayWhat(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.AddUser(githubtest.User{Login: "eve"})
	s.AddToken("eve-token", "eve", "repo")
	s.AddToken("ana-token", "ana", "repo")
	s.AddToken("ben-token", "ben", "repo")
	s.AddToken("ana-narrow", "ana", "gist")
	for _, c := range []struct {
		auth   string
		status int
		method string
		path   string
	}{
		{"", 404, "GET", r}, {"", 401, "POST", r + "/git/blobs"}, {"Bearer no", 401, "GET", r}, {"Bearer eve-token", 404, "GET", r},
		{"Bearer ben-token", 404, "GET", r}, {"token ana-token", 200, "GET", r}, {"Bearer ana-narrow", 404, "GET", r},
		{"Bearer ana-token", 404, "GET", r + "/branches/main/protection/required_status_checks"}, {"Bearer ana-token", 404, "GET", "orgs/acme/teams"},
	} {
		s.wants(c.status, c.method, c.path, "", "Authorization", c.auth)
	}
	s.repo.Grant("eve", "pull")
	s.wants(200, "GET", r, "", "Authorization", "Bearer eve-token")
	s.wants(403, "POST", r+"/git/blobs", `{"content":"a"}`, "Authorization", "Bearer eve-token")
	n := s.repo.OpenIssue("ana", "Slow", "")
	s.wants(201, "POST", fmt.Sprintf("%s/issues/%d/comments", r, n), `{"body":"Me too"}`, "Authorization", "Bearer eve-token")
	s.RevokeToken("eve-token")
	a := s.wants(401, "GET", r, "", "Authorization", "Bearer eve-token")
	if a.json(t)["message"] != "Bad credentials" {
		t.Errorf("%s", a.body)
	}
	s.repo.Describe("Open", true)
	if a := s.wants(200, "GET", r, "", "Authorization", ""); a.header.Get("X-RateLimit-Limit") != "60" {
		t.Errorf("nobody's limit is %s", a.header.Get("X-RateLimit-Limit"))
	}
}

func TestUnknownEndpointIsAProblem(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.wants(404, "GET", "repos/acme/checkout/stars", "")
	s.wants(404, "PUT", "rate_limit", "")
	if p := s.Problems(); len(p) != 2 || p[0] != "GET /repos/acme/checkout/stars: no such operation" {
		t.Errorf("problems %v", p)
	}
	for _, c := range s.Calls() {
		if strings.Contains(fmt.Sprint(c), githubtest.DefaultToken) {
			t.Error("a call shows the token")
		}
	}
}

func TestFaultsBeforeAndAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind    githubtest.Kind
		when    githubtest.Phase
		status  int // 0: no answer
		applied bool
	}{
		{githubtest.Status500, githubtest.Before, 500, false}, {githubtest.Status502, githubtest.After, 502, true},
		{githubtest.Status503, githubtest.Before, 503, false}, {githubtest.Reset, githubtest.Before, 0, false}, {githubtest.Reset, githubtest.After, 0, true},
		{githubtest.Truncate, githubtest.After, 0, true}, {githubtest.PrimaryLimit, githubtest.Before, 403, false},
		{githubtest.SecondaryLimit429, githubtest.Before, 429, false}, {githubtest.SecondaryLimit403, githubtest.Before, 403, false},
	} {
		s := newStage(t, githubtest.Options{})
		s.Fault(githubtest.Fault{Match: githubtest.OpDispatch, Times: 1, When: c.when, Kind: c.kind, RetryAfter: 30 * time.Second})
		s.wants(200, "GET", r, "")
		status, header := s.try()
		if status != c.status || len(s.Dispatches("")) == 1 != c.applied {
			t.Errorf("%s %s: status %d, %d dispatches", c.kind, c.when, status, len(s.Dispatches("")))
		}
		switch c.kind {
		case githubtest.PrimaryLimit:
			if header.Get("X-RateLimit-Remaining") != "0" {
				t.Errorf("%v", header)
			}
		case githubtest.SecondaryLimit403, githubtest.SecondaryLimit429:
			if header.Get("Retry-After") != "30" {
				t.Errorf("%v", header)
			}
		}
		calls := s.Calls()
		if last := calls[len(calls)-1]; last.Applied != c.applied || last.Op != githubtest.OpDispatch {
			t.Errorf("%s %s: call %+v", c.kind, c.when, last)
		}
		if status, _ := s.try(); status != 200 {
			t.Errorf("after its one time %s still answers %d", c.kind, status)
		}
	}
}

// try dispatches and returns the status, 0 when there was no whole answer.
func (s *stage) try() (int, http.Header) {
	req, _ := http.NewRequest("POST", s.URL()+r+"/actions/workflows/deploy.yml/dispatches", strings.NewReader(`{"ref":"main","return_run_details":true,`+deployInputs+`}`))
	req.Header.Set("Authorization", "Bearer "+githubtest.DefaultToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err != nil {
		return 0, nil
	}
	return resp.StatusCode, resp.Header
}

func TestFaultByPathAndDown(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	take := s.Fault(githubtest.Fault{Match: "GET /repos/acme/*/branches*", Kind: githubtest.Status502})
	s.wants(502, "GET", r+"/branches", "")
	s.wants(200, "GET", r, "")
	if len(s.Faults()) != 1 {
		t.Errorf("faults %v", s.Faults())
	}
	take()
	s.wants(200, "GET", r+"/branches", "")
	s.Down(true)
	a := s.wants(503, "GET", r, "")
	if !strings.Contains(a.header.Get("Content-Type"), "text/html") {
		t.Errorf("%v", a.header)
	}
	s.Down(false)
	s.wants(200, "GET", r, "")
	s.Fault(githubtest.Fault{Match: "*", Kind: githubtest.Status500})
	s.wants(500, "GET", r, "")
	s.ClearFaults()
	s.wants(200, "GET", r, "")
}

func TestHangUntilReleased(t *testing.T) {
	t.Parallel()
	before, after := make(chan struct{}), make(chan struct{})
	s := newStage(t, githubtest.Options{OnCall: func(c githubtest.Call) {
		if c.Op == githubtest.OpDispatch && c.Phase == githubtest.After {
			close(after)
		} else if c.Op == githubtest.OpDispatch {
			close(before)
		}
	}})
	release := s.Fault(githubtest.Fault{Match: githubtest.OpDispatch, When: githubtest.After, Kind: githubtest.HangUp})
	done := make(chan int)
	go func() {
		status, _ := s.try()
		done <- status
	}()
	<-before
	<-after
	if len(s.Dispatches("")) != 1 {
		t.Error("hanging after applying has not applied")
	}
	select {
	case status := <-done:
		t.Errorf("answered %d while it hangs", status)
	default:
	}
	release()
	release()
	if status := <-done; status != 200 {
		t.Errorf("after its release: %d", status)
	}
	s.Fault(githubtest.Fault{Match: "*", Kind: githubtest.HangUp})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := s.gh.Repositories.Get(ctx, "acme", "checkout"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a hanging call: %v", err)
	}
}

func TestOnCallComesAroundApplying(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	var s *stage
	s = newStage(t, githubtest.Options{OnCall: func(c githubtest.Call) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, fmt.Sprintf("%d %s %s %d dispatched", c.Seq, c.Op, c.Phase, len(s.Dispatches(""))))
	}})
	s.dispatch()
	want := "1 actions/create-workflow-dispatch before 0 dispatched, 1 actions/create-workflow-dispatch after 1 dispatched"
	if got := strings.Join(seen, ", "); got != want {
		t.Errorf("%s", got)
	}
}

func TestSaveAndRestore(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("release", "Roll out"))
	id := s.dispatch()
	s.repo.SetStatus("main", "ci", "success", "", "")
	var kept bytes.Buffer
	if err := s.Save(&kept); err != nil {
		t.Fatal(err)
	}
	other := newStage(t, githubtest.Options{Token: "another-token"})
	if err := other.Restore(strings.NewReader("{")); err == nil {
		t.Error("half a file was restored")
	}
	if err := other.Restore(strings.NewReader(`{"format":99,"world":{}}`)); err == nil || !strings.Contains(err.Error(), "format 99") {
		t.Errorf("a newer file: %v", err)
	}
	if err := other.Restore(&kept); err != nil {
		t.Fatal(err)
	}
	other.sees(5*time.Minute, id, "completed/failure", "Build staging:completed/success release:completed/failure report:completed/success")
	if other.Repo("acme/checkout").Head("main") != s.repo.Head("main") || len(other.Dispatches("")) != 1 || other.Repo("acme/none") != nil {
		t.Error("not all is back")
	}
	other.wants(200, "GET", r, "", "Authorization", "Bearer another-token")
	other.repo.Commit("main", "ana", "Go on", githubtest.Files{"x": "y"})
	if next := other.dispatch(); next == id {
		t.Error("an ID was given twice")
	}
}

func TestChangesAreTold(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	ctx, cancel := context.WithCancel(context.Background())
	changes := s.Changes(ctx)
	s.dispatch()
	<-changes
	cancel()
	for range changes { // until it is closed
	}
}

func TestOpenSaysWhyNot(t *testing.T) {
	t.Parallel()
	if _, err := githubtest.Open(githubtest.Options{}); err == nil || !strings.Contains(err.Error(), "Clock") {
		t.Errorf("without a clock: %v", err)
	}
	s := newStage(t, githubtest.Options{})
	taken := strings.TrimSuffix(strings.TrimPrefix(s.URL(), "http://"), "/")
	if _, err := githubtest.Open(githubtest.Options{Clock: s.clock, Listen: taken}); err == nil {
		t.Error("two servers on one address")
	}
}

func TestDateIsTheStages(t *testing.T) {
	t.Parallel()
	now := clock.NewManual(time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC))
	s := githubtest.New(githubtest.Options{Clock: now})
	t.Cleanup(s.Close)
	now.Advance(24 * time.Hour)
	resp, err := http.Get(s.URL() + "meta")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got := resp.Header.Get("Date"); got != "Tue, 10 Mar 2026 09:00:00 GMT" {
		t.Errorf("Date is %q", got)
	}
}
