package github

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRun(t *testing.T) {
	t.Parallel()
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/repos/acme/shop/actions/runs/9":
			reply(w, 200, map[string]any{"id": 9, "run_attempt": 2, "name": "Deploy", "event": "workflow_dispatch", "status": "completed", "conclusion": "failure",
				"display_title": "Deploy [d-1]", "html_url": "https://github.com/acme/shop/actions/runs/9", "head_sha": shaA,
				"created_at": "2026-11-20T12:00:00Z", "run_started_at": "2026-11-20T12:10:00Z", "updated_at": "2026-11-20T12:20:00Z"})
		case r.URL.Query().Get("page") == "":
			w.Header().Set("Link", `<https://api.github.com/x?page=2>; rel="next"`)
			reply(w, 200, map[string]any{"total_count": 3, "jobs": []any{
				map[string]any{"id": 1, "name": "build", "status": "completed", "conclusion": "success"},
				map[string]any{"id": 2, "name": "test", "status": "completed", "conclusion": "skipped"}}})
		default:
			reply(w, 200, map[string]any{"total_count": 3, "jobs": []any{
				map[string]any{"id": 3, "name": "deploy", "status": "completed", "conclusion": "failure", "started_at": "2026-11-20T12:11:00Z", "completed_at": nil,
					"html_url": "https://github.com/acme/shop/actions/runs/9/job/3",
					"steps":    []any{map[string]any{"number": 1, "name": "Set up", "status": "completed", "conclusion": "success"}, map[string]any{"number": 2, "name": "Ship", "status": "completed", "conclusion": "failure"}}}}})
		}
	})
	run, err := f.client(t).Run(t.Context(), "acme/shop", 9)
	if err != nil {
		t.Fatal(err)
	}
	if run.ID != 9 || run.Attempt != 2 || !run.Done() || run.Succeeded() || run.Title != "Deploy [d-1]" || run.HeadSHA != shaA ||
		!run.StartedAt.Equal(noon.Add(10*time.Minute)) || !run.UpdatedAt.Equal(noon.Add(20*time.Minute)) || len(run.Jobs) != 3 {
		t.Errorf("%+v", run)
	}
	job, _ := run.FailedJob()
	step, _ := job.FailedStep()
	if job.Name != "deploy" || step.Name != "Ship" || step.Number != 2 || !job.CompletedAt.IsZero() || job.URL == "" {
		t.Errorf("failed: %+v", job)
	}
	if _, failed := (Run{Jobs: run.Jobs[:2]}).FailedJob(); failed {
		t.Error("a skipped job counts as failed")
	}
	if asked := f.requests()[1]; asked != "GET /repos/acme/shop/actions/runs/9/jobs?filter=latest&per_page=100" {
		t.Errorf("asked %s", asked)
	}
}

// runServer has run 9, which answers to cancelling and repeating as told.
func runServer(t *testing.T, run map[string]any, post http.HandlerFunc) *fake {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			post(w, r)
		case strings.HasSuffix(r.URL.Path, "/jobs"):
			reply(w, 200, map[string]any{"jobs": []any{}})
		default:
			reply(w, 200, run)
		}
	})
}

func TestEnsureCancelled(t *testing.T) {
	t.Parallel()
	running := map[string]any{"id": 9, "status": "in_progress"}
	ended := map[string]any{"id": 9, "status": "completed", "conclusion": "success"}
	accepted := func(w http.ResponseWriter, _ *http.Request) { reply(w, 202, map[string]any{}) }
	conflict := refusing(409, "Cannot cancel a workflow run that is completed.")

	run, err := runServer(t, running, accepted).client(t).EnsureCancelled(t.Context(), "acme/shop", 9)
	if err != nil || run.ID != 9 || run.Done() {
		t.Errorf("accepted: %+v, %v", run, err)
	}
	run, err = runServer(t, ended, conflict).client(t).EnsureCancelled(t.Context(), "acme/shop", 9)
	if err != nil || !run.Succeeded() {
		t.Errorf("ended before: %+v, %v", run, err)
	}
	_, err = runServer(t, running, conflict).client(t).EnsureCancelled(t.Context(), "acme/shop", 9)
	var e *Error
	if !errors.As(err, &e) || e.Status != 409 || !strings.Contains(e.UserMessage(), "cannot cancel this run just now") {
		t.Errorf("neither: %v", err)
	}
	_, err = runServer(t, running, refusing(502, "Bad Gateway")).client(t).EnsureCancelled(t.Context(), "acme/shop", 9)
	if !IsUnclear(err) {
		t.Errorf("unclear: %v", err)
	}
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			reply(w, 202, map[string]any{})
			return
		}
		refusing(404, "Not Found")(w, r)
	})
	if run, err = f.client(t).EnsureCancelled(t.Context(), "acme/shop", 9); err != nil || run.ID != 9 {
		t.Errorf("accepted and then not seen: %+v, %v", run, err)
	}
}

func TestRerun(t *testing.T) {
	t.Parallel()
	created := func(w http.ResponseWriter, _ *http.Request) { reply(w, 201, map[string]any{}) }
	failedRun := map[string]any{"id": 9, "run_attempt": 1, "status": "completed", "conclusion": "failure"}

	f := runServer(t, failedRun, created)
	run, err := f.client(t).RerunFailed(t.Context(), "acme/shop", 9, 1)
	if err != nil || run.Attempt != 2 || run.Done() || run.Conclusion != "" {
		t.Errorf("%+v, %v", run, err)
	}
	if _, err = f.client(t).RerunAll(t.Context(), "acme/shop", 9, 1); err != nil {
		t.Error(err)
	}
	asked := fmt.Sprint(f.requests())
	if !strings.Contains(asked, "POST /repos/acme/shop/actions/runs/9/rerun-failed-jobs ") || !strings.Contains(asked, "POST /repos/acme/shop/actions/runs/9/rerun]") {
		t.Errorf("asked %s", asked)
	}
	f = runServer(t, map[string]any{"id": 9, "run_attempt": 2, "status": "in_progress"}, created)
	if run, err = f.client(t).RerunFailed(t.Context(), "acme/shop", 9, 1); err != nil || run.Attempt != 2 || strings.Contains(fmt.Sprint(f.requests()), "POST") {
		t.Errorf("run again already: %+v, %v", run, err)
	}
	var e *Error
	if _, err = f.client(t).RerunFailed(t.Context(), "acme/shop", 9, 2); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "still going") {
		t.Errorf("still going: %v", err)
	}
	_, err = runServer(t, failedRun, refusing(403, "Unable to retry this workflow run because it was created over a month ago")).client(t).RerunAll(t.Context(), "acme/shop", 9, 1)
	if !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "does not run this again: Unable to retry this workflow run because it was created over a month ago.") {
		t.Errorf("too old: %v", err)
	}
	_, err = runServer(t, failedRun, refusing(403, "Resource not accessible by integration")).client(t).RerunAll(t.Context(), "acme/shop", 9, 1)
	if !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "needs the permission Actions: read and write") {
		t.Errorf("not allowed: %v", err)
	}
}

func TestWorkflowRuns(t *testing.T) {
	t.Parallel()
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/repos/acme/shop/actions/runs" && r.URL.Query().Get("head_sha") == shaA {
			reply(w, 200, map[string]any{"workflow_runs": []any{map[string]any{"id": 2, "name": "CI"}, map[string]any{"id": 1, "name": "Lint"}}})
			return
		}
		var id int64
		fmt.Sscanf(r.URL.Path, "/repos/acme/shop/actions/runs/%d/jobs", &id)
		reply(w, 200, map[string]any{"jobs": []any{map[string]any{"id": 10 * id, "name": "job"}}})
	})
	runs, err := f.client(t).WorkflowRuns(t.Context(), "acme/shop", shaA)
	if err != nil || len(runs) != 2 || runs[0].Workflow != "CI" || runs[0].Jobs[0].ID != 20 || runs[1].Jobs[0].ID != 10 {
		t.Errorf("%+v, %v", runs, err)
	}
}
