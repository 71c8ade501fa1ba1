package github

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func commitJSON(sha, message string, parents ...string) map[string]any {
	var up []map[string]any
	for _, p := range parents {
		up = append(up, map[string]any{"sha": p})
	}
	return map[string]any{"sha": sha, "parents": up, "html_url": "https://github.com/acme/shop/commit/" + sha,
		"commit": map[string]any{"message": message, "author": map[string]any{"name": "Ana"}}}
}

func pullJSON(n int, title, mergeSHA string) map[string]any {
	return map[string]any{"number": n, "title": title, "state": "closed", "merged_at": "2026-11-19T10:00:00Z", "merge_commit_sha": mergeSHA,
		"user": map[string]any{"login": "ben"}, "html_url": fmt.Sprintf("https://github.com/acme/shop/pull/%d", n), "body": "why"}
}

func comparison(status string, ahead, behind, total int, commits ...map[string]any) map[string]any {
	return map[string]any{"status": status, "ahead_by": ahead, "behind_by": behind, "total_commits": total, "commits": commits,
		"html_url": "https://github.com/acme/shop/compare/a...b"}
}

// Squashes, merges with their commits, rebased commits, an issue's number, and a commit pushed directly: each pull
// request once, in order, with one list and a look-up only where the list does not tell.
func TestCompare(t *testing.T) {
	t.Parallel()
	closed := pullJSON(99, "Given up", "")
	closed["merged_at"] = nil
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/repos/acme/shop/compare/main...feature/x":
			reply(w, 200, comparison("ahead", 8, 0, 8,
				commitJSON("s1", "Add tax (#11)", "m0"),
				commitJSON("w1", "wip", "m0"),
				commitJSON("w2", "more wip\n\nsee (#11)", "w1"),
				commitJSON("m1", "Merge pull request #12 from acme/tax\n\nRound it", "s1", "w2"),
				commitJSON("r1", "rebased", "m1"),
				commitJSON("d1", "Work around issue (#5)", "r1"),
				commitJSON("q1", "Merged in words of one's own", "d1"),
				commitJSON("s2", "Revert \"Add tax (#11)\" (#14)", "q1")))
		case "/repos/acme/shop/pulls":
			reply(w, 200, []any{closed, pullJSON(15, "Quiet", "q1"), pullJSON(14, "Revert tax", "s2"), pullJSON(12, "Round it", "m1"), pullJSON(11, "Add tax", "s1")})
		case "/repos/acme/shop/commits/r1/pulls":
			reply(w, 200, []any{pullJSON(13, "Rebased", "zz"), closed})
		default: // also /pulls/5, which is an issue
			refusing(404, "Not Found")(w, r)
		}
	})
	got, err := f.client(t).Compare(t.Context(), "acme/shop", "main", "feature/x")
	if err != nil {
		t.Fatal(err)
	}
	var pulls []string
	for _, p := range got.PullRequests {
		pulls = append(pulls, fmt.Sprintf("#%d %s by %s %s", p.Number, p.Title, p.Author, p.State))
	}
	want := "#11 Add tax by ben merged, #12 Round it by ben merged, #13 Rebased by ben merged, #15 Quiet by ben merged, #14 Revert tax by ben merged"
	if strings.Join(pulls, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(pulls, ", "), want)
	}
	if got.Status != "ahead" || got.Ahead != 8 || got.Truncated || len(got.Commits) != 8 || got.Commits[7].SHA != "s2" || got.URL == "" {
		t.Errorf("got %+v", got)
	}
	if got.PullRequests[0].Body != "why" || got.PullRequests[0].URL == "" {
		t.Errorf("details are missing: %+v", got.PullRequests[0])
	}
	asked := strings.Join(f.requests(), "\n")
	if len(f.requests()) != 4 || !strings.Contains(asked, "GET /repos/acme/shop/compare/main...feature%2Fx\n") {
		t.Errorf("asked\n%s", asked)
	}
}

// A long range: GitHub gives the newest 250, look-ups stop at the bound, and it is said that there is more.
func TestCompareLongRange(t *testing.T) {
	t.Parallel()
	var commits []map[string]any
	for i := range 40 {
		commits = append(commits, commitJSON(fmt.Sprint("c", i), fmt.Sprintf("Change %d (#%d)", i, 100+i), fmt.Sprint("c", i-1)))
	}
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.Path, "/compare/"):
			reply(w, 200, comparison("ahead", 300, 0, 300, commits...))
		case strings.HasSuffix(r.URL.Path, "/pulls"):
			reply(w, 200, []any{})
		default:
			var n int
			fmt.Sscanf(r.URL.Path, "/repos/acme/shop/pulls/%d", &n)
			reply(w, 200, pullJSON(n, "looked up", ""))
		}
	})
	got, err := f.client(t).Compare(t.Context(), "acme/shop", shaA, shaB)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Truncated || len(got.PullRequests) != 40 || len(f.requests()) != 2+maxPullLookups {
		t.Errorf("truncated %v, %d pull requests, %d calls", got.Truncated, len(got.PullRequests), len(f.requests()))
	}
	last := got.PullRequests[39]
	if last.Number != 139 || last.Title != "Change 39" || last.URL != "https://github.com/acme/shop/pull/139" {
		t.Errorf("beyond the bound: %+v", last)
	}
}

// A rollback and an identical commit need no look-ups; a token that may not see pull requests still gets the commits.
func TestCompareOthers(t *testing.T) {
	t.Parallel()
	answer := comparison("behind", 0, 3, 0)
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/compare/") {
			reply(w, 200, answer)
			return
		}
		refusing(403, "Resource not accessible by personal access token")(w, r)
	})
	c := f.client(t)
	got, err := c.Compare(t.Context(), "acme/shop", shaA, shaB)
	if err != nil || got.Status != "behind" || got.Behind != 3 || got.Truncated || len(f.requests()) != 1 {
		t.Errorf("rollback: %+v, %v", got, err)
	}
	answer = comparison("diverged", 1, 2, 1, commitJSON("s1", "Add tax (#11)", "m0"))
	got, err = c.Compare(t.Context(), "acme/shop", shaA, shaB)
	if err != nil || got.Status != "diverged" || len(got.Commits) != 1 || !got.Truncated {
		t.Errorf("without pull requests: %+v, %v", got, err)
	}
}

func TestPullNumber(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]int{
		"Add tax (#11)":                                    11,
		"Add tax (#11)  \n\nbody (#12)":                    11,
		"Merge pull request #12 from acme/x\n\nTitle (#3)": 12,
		"Merge pull request #12 from acme/x (#13)":         12,
		"Fix #11":                         0,
		"(#11) first":                     0,
		"":                                0,
		"Add tax (#99999999999999999999)": 0,
	} {
		if got := pullNumber(message); got != want {
			t.Errorf("%q: got %d, want %d", message, got, want)
		}
	}
}
