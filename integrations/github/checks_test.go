package github

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// judged is a commit with what is reported on it and what its branch requires.
type judged struct {
	statuses, runs []any
	rules          http.HandlerFunc
	protection     http.HandlerFunc
	branch         http.HandlerFunc
}

func (j judged) serve(t *testing.T) *Client {
	or404 := func(h http.HandlerFunc) http.HandlerFunc {
		if h == nil {
			return refusing(404, "Not Found")
		}
		return h
	}
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.EscapedPath() {
		case "/repos/acme/shop/commits/" + shaA + "/status":
			// GitHub says pending when there are none.
			reply(w, 200, map[string]any{"state": "pending", "total_count": len(j.statuses), "statuses": j.statuses})
		case "/repos/acme/shop/commits/" + shaA + "/check-runs":
			reply(w, 200, map[string]any{"total_count": len(j.runs), "check_runs": j.runs})
		case "/repos/acme/shop/rules/branches/release%2F1":
			or404(j.rules)(w, r)
		case "/repos/acme/shop/branches/release%2F1/protection/required_status_checks":
			or404(j.protection)(w, r)
		case "/repos/acme/shop/branches/release%2F1":
			or404(j.branch)(w, r)
		default:
			t.Errorf("asked %s", r.URL.EscapedPath())
		}
	}).client(t)
}

func answering(v any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, v) }
}

func status(context, state string) map[string]any {
	return map[string]any{"context": context, "state": state, "created_at": "2026-11-20T12:00:00Z", "updated_at": "2026-11-20T12:05:00Z", "target_url": "https://ci/1"}
}

func checkRun(name, status, conclusion string) map[string]any {
	run := map[string]any{"id": 4, "name": name, "status": status, "conclusion": nil, "app": map[string]any{"slug": "github-actions"}, "html_url": "https://github.com/acme/shop/runs/4"}
	if conclusion != "" {
		run["conclusion"] = conclusion
	}
	return run
}

func ruleset(names ...string) http.HandlerFunc {
	var checks []any
	for _, n := range names {
		checks = append(checks, map[string]any{"context": n, "integration_id": 15368})
	}
	return answering([]any{
		map[string]any{"type": "deletion"},
		map[string]any{"type": "a_rule_of_tomorrow", "parameters": []int{1}},
		map[string]any{"type": "required_status_checks", "parameters": map[string]any{"required_status_checks": checks}}})
}

var unprotectedBranch = refusing(404, "Branch not protected")

func TestChecks(t *testing.T) {
	t.Parallel()
	green := []any{checkRun("build", "completed", "success")}
	tests := []struct {
		name              string
		judged            judged
		all               string // name source state, * when required
		known             bool
		verdict, required State
	}{
		{"nothing at all", judged{rules: ruleset(), protection: unprotectedBranch}, "", true, None, None},
		{"only Actions", judged{runs: green, rules: ruleset(), protection: unprotectedBranch}, "build Actions success", true, Success, None},
		{"pending is not success", judged{statuses: []any{status("ci/build", "success"), status("ci/test", "pending")}, rules: ruleset("ci/test"), protection: unprotectedBranch},
			"ci/build status success, ci/test status running *", true, Running, Running},
		{"error is failure", judged{statuses: []any{status("ci", "error")}, runs: green, rules: ruleset("build"), protection: unprotectedBranch},
			"ci status failure, build Actions success *", true, Failure, Success},
		{"skipped and neutral are good", judged{runs: []any{checkRun("a", "completed", "skipped"), checkRun("b", "completed", "neutral")}, rules: ruleset("a", "b"), protection: unprotectedBranch},
			"a Actions skipped *, b Actions neutral *", true, Success, Success},
		{"the rest is not", judged{runs: []any{checkRun("a", "completed", "stale"), checkRun("b", "completed", "timed_out"), checkRun("c", "completed", "action_required"),
			checkRun("d", "completed", "cancelled"), checkRun("e", "completed", "of tomorrow"), checkRun("f", "waiting", ""), checkRun("g", "in_progress", "")}, rules: ruleset(), protection: unprotectedBranch},
			"a Actions stale, b Actions timed out, c Actions action required, d Actions cancelled, e Actions failure, f Actions queued, g Actions running", true, Failure, None},
		{"required and not reported", judged{runs: green, rules: ruleset("build", "ci/e2e"), protection: unprotectedBranch},
			"build Actions success *, ci/e2e  expected *", true, Running, Running},
		{"required by both kinds of rules", judged{runs: green, rules: ruleset("build"),
			protection: answering(map[string]any{"strict": true, "contexts": []string{"old"}, "checks": []any{map[string]any{"context": "old"}, map[string]any{"context": "new"}}})},
			"build Actions success *, new  expected *, old  expected *", true, Running, Running},
		{"protected without checks", judged{runs: green, rules: ruleset(), protection: refusing(404, "Required status checks not enabled")}, "build Actions success", true, Success, None},
		{"protection hidden, summary seen", judged{runs: green, rules: ruleset(), protection: refusing(404, "Not Found"),
			branch: answering(map[string]any{"protected": true, "protection": map[string]any{"enabled": true, "required_status_checks": map[string]any{"contexts": []string{"build"}}}})},
			"build Actions success *", true, Success, Success},
		{"protection hidden, branch says it has none", judged{runs: green, rules: ruleset(), protection: refusing(403, "Resource not accessible"), branch: answering(map[string]any{"protected": false})},
			"build Actions success", true, Success, None},
		{"protection hidden, branch says no more", judged{runs: green, rules: ruleset("build"), protection: refusing(403, "Resource not accessible"), branch: answering(map[string]any{"protected": true})},
			"build Actions success", false, Success, None},
		{"rules hidden", judged{runs: green, rules: refusing(403, "Upgrade to GitHub Pro"), protection: unprotectedBranch}, "build Actions success", false, Success, None},
		{"rules by whole workflows", judged{runs: green, rules: answering([]any{map[string]any{"type": "workflows", "parameters": map[string]any{}}}), protection: unprotectedBranch}, "build Actions success", false, Success, None},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.judged.serve(t).Checks(t.Context(), "acme/shop", shaA, "release/1")
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, c := range got.All {
				line := fmt.Sprintf("%s %s %s", c.Name, c.Source, c.State)
				if c.Required {
					line += " *"
				}
				all = append(all, line)
			}
			if strings.Join(all, ", ") != tt.all || got.RequiredKnown != tt.known || got.Verdict() != tt.verdict || got.RequiredVerdict() != tt.required {
				t.Errorf("got %s; known %v, verdict %s, required %s", strings.Join(all, ", "), got.RequiredKnown, got.Verdict(), got.RequiredVerdict())
			}
		})
	}
}

func TestChecksDetails(t *testing.T) {
	t.Parallel()
	app := checkRun("lint", "completed", "success")
	app["app"], app["html_url"], app["details_url"] = map[string]any{"slug": "buildkite"}, "", "https://buildkite/1"
	got, err := judged{statuses: []any{status("ci", "success"), status("cd", "pending")}, runs: []any{app}}.serve(t).Checks(t.Context(), "acme/shop", shaA, "")
	if err != nil || got.RequiredKnown || len(got.All) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got.All[0].URL != "https://ci/1" || got.All[0].CompletedAt.IsZero() || !got.All[1].CompletedAt.IsZero() {
		t.Errorf("statuses %+v", got.All[:2])
	}
	if got.All[2].Source != SourceCheckRun || got.All[2].URL != "https://buildkite/1" {
		t.Errorf("check run %+v", got.All[2])
	}
	if (Checks{All: got.All[:1], Truncated: true}).Verdict() != Running {
		t.Error("green without having seen all")
	}
}

// Trouble is not "unknown": a gate that reads checks has to hear of it.
func TestChecksTrouble(t *testing.T) {
	t.Parallel()
	for _, j := range []judged{
		{rules: refusing(500, "Server Error")},
		{rules: ruleset(), protection: refusing(502, "Bad Gateway")},
		{rules: ruleset(), protection: refusing(404, "Not Found"), branch: refusing(429, "API rate limit exceeded")},
		{rules: refusing(403, "API rate limit exceeded", "X-RateLimit-Remaining", "0")},
	} {
		_, err := j.serve(t).Checks(t.Context(), "acme/shop", shaA, "release/1")
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("got %v", err)
		}
	}
}
