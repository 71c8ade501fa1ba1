package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// actions is the part of GitHub that takes dispatches and lists runs, with the traps of the real one at hand.
type actions struct {
	mu         sync.Mutex
	dispatches []map[string]any
	runs       []map[string]any // newest first
	listed     []url.Values
	respond    func(w http.ResponseWriter, r *http.Request, body map[string]any) // to a dispatch; 200 with the run when nil
	list       http.HandlerFunc                                                  // instead of listing
}

func (a *actions) handle(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch r.URL.Path {
	case "/repos/acme/shop/actions/workflows/deploy.yml/dispatches":
		var body map[string]any
		json.NewDecoder(r.Body).Decode(&body)
		a.dispatches = append(a.dispatches, body)
		if a.respond != nil {
			a.respond(w, r, body)
			return
		}
		reply(w, 200, map[string]any{"workflow_run_id": 77, "run_url": "https://api/77", "html_url": "https://github.com/acme/shop/actions/runs/77"})
	case "/repos/acme/shop/actions/workflows/deploy.yml/runs":
		a.listed = append(a.listed, r.URL.Query())
		if a.list != nil {
			a.list(w, r)
			return
		}
		reply(w, 200, map[string]any{"total_count": len(a.runs), "workflow_runs": a.runs})
	default:
		refusing(404, "Not Found")(w, r)
	}
}

func (a *actions) sent() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.dispatches)
}

func (a *actions) looked() []url.Values {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.listed
}

func (a *actions) appear(id int64, title string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	run := map[string]any{"id": id, "display_title": title, "status": "queued", "html_url": fmt.Sprint("https://github.com/acme/shop/actions/runs/", id)}
	a.runs = append([]map[string]any{run}, a.runs...)
}

func wanted() Dispatch {
	return Dispatch{Repo: "acme/shop", Workflow: "deploy.yml", Ref: "main", CorrelationID: "d-20261120-7", Inputs: map[string]string{"sha": shaA, "environment": "staging"}}
}

func TestDispatchNamesTheRun(t *testing.T) {
	t.Parallel()
	a := &actions{}
	run, err := serve(t, a.handle).client(t).EnsureRun(t.Context(), wanted())
	if err != nil || run.ID != 77 || run.URL != "https://github.com/acme/shop/actions/runs/77" || run.Done() {
		t.Fatalf("%+v, %v", run, err)
	}
	got, _ := json.Marshal(a.dispatches)
	want := `[{"inputs":{"correlation_id":"d-20261120-7","environment":"staging","sha":"` + shaA + `"},"ref":"main","return_run_details":true}]`
	if string(got) != want || len(a.looked()) != 0 {
		t.Errorf("sent %s, listed %d times", got, len(a.looked()))
	}
}

// A server that does not know return_run_details is asked without, and from then on at once without.
func TestDispatchOnAnOldServer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 422} {
		a := &actions{}
		a.respond = func(w http.ResponseWriter, r *http.Request, body map[string]any) {
			if body["return_run_details"] != nil {
				refusing(status, "Invalid request.\n\n\"return_run_details\" is not a permitted key.")(w, r)
				return
			}
			w.WriteHeader(204)
		}
		f := serve(t, a.handle)
		c := f.client(t)
		a.appear(5, "Deploy to staging [d-20261120-7]")
		for i, want := range []int{2, 3} {
			run, err := c.EnsureRun(t.Context(), wanted())
			if err != nil || run.ID != 5 || a.sent() != want {
				t.Errorf("%d, deploy %d: %+v, %v after %d dispatches", status, i, run, err, a.sent())
			}
		}
		a.runs = nil
		if _, err := c.EnsureRun(t.Context(), wanted()); !errors.Is(err, ErrNotYet) {
			t.Errorf("before the run is listed: %v", err)
		}
	}
}

// The answer to the dispatch is lost: it is looked for, through the window, before it is sent once more, and never a
// third time.
func TestDispatchUnclear(t *testing.T) {
	t.Parallel()
	a := &actions{respond: func(w http.ResponseWriter, _ *http.Request, _ map[string]any) { hangUp(w) }}
	f := serve(t, a.handle)
	c := f.client(t)
	d := wanted()
	attempted := f.clock.Now()

	_, err := c.EnsureRun(t.Context(), d)
	if !IsUnclear(err) || a.sent() != 1 || len(a.looked()) != 0 {
		t.Fatalf("first: %v after %d dispatches", err, a.sent())
	}
	d.Attempted = attempted
	d.Resend = func(_ context.Context, at time.Time) error { d.Resent = at; return nil }
	for range 8 {
		f.clock.Advance(11 * time.Second)
		if _, err := c.EnsureRun(t.Context(), d); !errors.Is(err, ErrNotYet) {
			t.Fatalf("in the window: %v", err)
		}
	}
	if got := a.looked()[0].Get("created"); got != ">=2026-11-20T11:59:00Z" || a.looked()[0].Get("event") != "workflow_dispatch" || a.looked()[0].Has("branch") {
		t.Errorf("looked for %v", a.looked()[0])
	}
	f.clock.Advance(2 * time.Second) // 90 s in all
	if _, err := c.EnsureRun(t.Context(), d); !IsUnclear(err) || a.sent() != 2 || !d.Resent.Equal(f.clock.Now()) {
		t.Fatalf("window over: %v after %d dispatches, resent %v", err, a.sent(), d.Resent)
	}
	f.clock.Advance(89 * time.Second)
	if _, err := c.EnsureRun(t.Context(), d); !errors.Is(err, ErrNotYet) {
		t.Fatalf("in the second window: %v", err)
	}
	f.clock.Advance(time.Second)
	if _, err := c.EnsureRun(t.Context(), d); !errors.Is(err, ErrLost) {
		t.Fatalf("second window over: %v", err)
	}
	a.appear(5, "[d-20261120-7] staging")
	if run, err := c.EnsureRun(t.Context(), d); err != nil || run.ID != 5 {
		t.Errorf("when it appears after all: %+v, %v", run, err)
	}
	if a.sent() != 2 {
		t.Errorf("%d dispatches", a.sent())
	}
}

// The second dispatch leaves only when it has been written down; without a way to do so it never leaves.
func TestResendIsWrittenDownFirst(t *testing.T) {
	t.Parallel()
	a := &actions{}
	f := serve(t, a.handle)
	d := wanted()
	d.Attempted = f.clock.Now().Add(-time.Hour)
	if _, err := f.client(t).EnsureRun(t.Context(), d); !errors.Is(err, ErrLost) {
		t.Errorf("without Resend: %v", err)
	}
	full := errors.New("disk full")
	d.Resend = func(context.Context, time.Time) error { return full }
	if _, err := f.client(t).EnsureRun(t.Context(), d); !errors.Is(err, full) || a.sent() != 0 {
		t.Errorf("Resend fails: %v after %d dispatches", err, a.sent())
	}
	d.Resend = func(context.Context, time.Time) error {
		if a.sent() != 0 {
			t.Error("dispatched before it was written down")
		}
		return nil
	}
	if run, err := f.client(t).EnsureRun(t.Context(), d); err != nil || run.ID != 77 {
		t.Errorf("%+v, %v", run, err)
	}
}

// The right run among others: by the whole ID, on any page, the oldest of two, and never a guess.
func TestFindRun(t *testing.T) {
	t.Parallel()
	a := &actions{}
	f := serve(t, a.handle)
	c := f.client(t)
	d := wanted()
	d.Attempted = f.clock.Now()
	a.appear(1, "Deploy [d-20261120-70]")
	a.appear(2, "Deploy [xd-20261120-7]")
	a.appear(3, "Deploy")
	if _, err := c.EnsureRun(t.Context(), d); !errors.Is(err, ErrNotYet) {
		t.Fatalf("other runs: %v", err)
	}
	a.appear(8, "Deploy [d-20261120-7]")
	a.appear(9, "Deploy [d-20261120-7]")
	if run, err := c.EnsureRun(t.Context(), d); err != nil || run.ID != 8 {
		t.Errorf("of two: %+v, %v", run, err)
	}

	pagesSeen := 0
	a.list = func(w http.ResponseWriter, r *http.Request) {
		pagesSeen++
		page := r.URL.Query().Get("page")
		if page != "3" {
			w.Header().Set("Link", fmt.Sprintf(`<https://api.github.com/x?page=%d>; rel="next"`, pagesSeen+1))
			reply(w, 200, map[string]any{"workflow_runs": []any{map[string]any{"id": 100 - pagesSeen, "display_title": "other"}}})
			return
		}
		reply(w, 200, map[string]any{"workflow_runs": []any{map[string]any{"id": 7, "display_title": "d-20261120-7"}}})
	}
	if run, err := c.EnsureRun(t.Context(), d); err != nil || run.ID != 7 || pagesSeen != 3 {
		t.Errorf("on the third page: %+v, %v after %d pages", run, err, pagesSeen)
	}

	d.Attempted = f.clock.Now().Add(-time.Hour)
	d.Resend = func(context.Context, time.Time) error { t.Error("resent without having seen all runs"); return nil }
	full := make([]any, 100)
	for i := range full {
		full[i] = map[string]any{"id": i + 1000, "display_title": "other"}
	}
	for name, more := range map[string]bool{"more pages than are read": true, "a list cut off at 1,000": false} {
		pagesSeen = 0
		a.list = func(w http.ResponseWriter, _ *http.Request) {
			if pagesSeen++; more || pagesSeen < 10 {
				w.Header().Set("Link", fmt.Sprintf(`<https://api.github.com/x?page=%d>; rel="next"`, pagesSeen+1))
			}
			listed := full
			if more {
				listed = full[:50]
			}
			reply(w, 200, map[string]any{"workflow_runs": listed})
		}
		_, err := c.EnsureRun(t.Context(), d)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "look on GitHub") || pagesSeen != 10 {
			t.Errorf("%s: %v after %d pages", name, err, pagesSeen)
		}
	}
	a.list = refusing(502, "Bad Gateway")
	if _, err := c.EnsureRun(t.Context(), d); err == nil || errors.Is(err, ErrLost) || errors.Is(err, ErrNotYet) {
		t.Errorf("when looking fails: %v", err)
	}
}

// When GitHub's clock is behind ours, the search begins earlier by as much.
func TestFindRunWithAnotherClock(t *testing.T) {
	t.Parallel()
	a := &actions{}
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", noon.Add(-10*time.Minute).Format(http.TimeFormat))
		a.handle(w, r)
	})
	c := f.client(t)
	d := wanted()
	d.Attempted = f.clock.Now()
	for range 2 {
		c.EnsureRun(t.Context(), d)
	}
	if got := a.looked()[1].Get("created"); got != ">=2026-11-20T11:49:00Z" {
		t.Errorf("looked for %s", got)
	}
}

// What GitHub definitely refuses was not started, and people are told what to do.
func TestDispatchRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status  int
		message string
		says    string
	}{
		{404, "Not Found", "GitHub finds no workflow deploy.yml in acme/shop: check its name, that it is on the default branch"},
		{403, "Resource not accessible by integration", "its token or App needs the permission Actions: read and write"},
		{403, "Cannot trigger a 'workflow_dispatch' on a disabled workflow", "is switched off: enable it"},
		{422, "Cannot trigger a 'workflow_dispatch' on a disabled workflow", "is switched off: enable it"},
		{422, "Workflow does not have 'workflow_dispatch' trigger", "add workflow_dispatch under `on`"},
		{422, "No ref found for: main", "acme/shop has no branch or tag main to start deploy.yml on."},
		{422, `Unexpected inputs provided: ["sha"]`, `GitHub does not start deploy.yml in acme/shop: Unexpected inputs provided: ["sha"].`},
		{429, "API rate limit exceeded", "rate limit"},
	} {
		a := &actions{respond: func(w http.ResponseWriter, r *http.Request, _ map[string]any) { refusing(tt.status, tt.message)(w, r) }}
		_, err := serve(t, a.handle).client(t).EnsureRun(t.Context(), wanted())
		var e *Error
		if !errors.As(err, &e) || e.Unclear || e.Status != tt.status || !strings.Contains(e.UserMessage(), tt.says) {
			t.Errorf("%d %s: %v", tt.status, tt.message, err)
			if e != nil {
				t.Errorf("people are told %q", e.UserMessage())
			}
		}
	}
}

func TestDispatchIsChecked(t *testing.T) {
	t.Parallel()
	f := serve(t, refusing(404, "Not Found"))
	many := map[string]string{}
	for i := range 25 {
		many[fmt.Sprint("i", i)] = "x"
	}
	for name, change := range map[string]func(*Dispatch){
		"a SHA":          func(d *Dispatch) { d.Ref = shaA },
		"no ref":         func(d *Dispatch) { d.Ref = "" },
		"a bad ref":      func(d *Dispatch) { d.Ref = "../x" },
		"no correlation": func(d *Dispatch) { d.CorrelationID = "" },
		"a short one":    func(d *Dispatch) { d.CorrelationID = "7" },
		"a bad workflow": func(d *Dispatch) { d.Workflow = "../deploy.yml" },
		"too much":       func(d *Dispatch) { d.Inputs = many },
	} {
		d := wanted()
		change(&d)
		var e *Error
		if _, err := f.client(t).EnsureRun(t.Context(), d); !errors.As(err, &e) || e.Status != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(f.requests()) != 0 {
		t.Errorf("sent %v", f.requests())
	}
}
