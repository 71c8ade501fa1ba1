package github

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestClosedBy(t *testing.T) {
	t.Parallel()
	const web = "https://github.example/acme/shop"
	for text, want := range map[string]string{
		"Closes #12":                    "acme/shop#12 https://github.example/acme/shop/issues/12",
		"fixes: #1, resolved #2 and #3": "acme/shop#1 https://github.example/acme/shop/issues/1, acme/shop#2 https://github.example/acme/shop/issues/2",
		"FIX acme/other#7":              "acme/other#7 https://github.example/acme/other/issues/7",
		"- close https://github.example/acme/other/issues/8": "acme/other#8 https://github.example/acme/other/issues/8",
		"closes #4, CLOSES #4, fixes Acme/Shop#4":            "acme/shop#4 https://github.example/acme/shop/issues/4",
		"prefix #1, bugfix #2, auto-closes #3, see #4":       "",
		"closes #0, closes #x, closes #1234567890":           "",
		"<!-- e.g. Closes #99 -->Nothing":                    "",
		"":                                                   "",
	} {
		var got []string
		for _, i := range closedBy(text, "acme/shop", web) {
			got = append(got, fmt.Sprintf("%s#%d %s", i.Repo, i.Number, i.URL))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q closes %q, want %q", text, strings.Join(got, ", "), want)
		}
	}
	if got := closedBy("closes #1", "acme/shop", ""); len(got) != 1 || got[0].URL != "" {
		t.Errorf("without an address: %+v", got)
	}
}

// What came without a pull request, what nobody looked up, what is closed, and how much it is.
func TestCompareTellsDirectCommitsIssuesAndSize(t *testing.T) {
	t.Parallel()
	var files []any
	for range maxFiles {
		files = append(files, map[string]any{"filename": "f", "additions": 2, "deletions": 1})
	}
	answer := comparison("ahead", 17, 0, 17, commitJSON("s1", "Add tax (#11)\n\nResolves #70", "m0"), commitJSON("i1", "Work around (#5)", "s1"))
	all := answer["commits"].([]map[string]any)
	for i := range 14 {
		all = append(all, commitJSON(fmt.Sprint("d", i), "Straight to main\n\nfixes #71", "x"))
	}
	answer["commits"], answer["files"] = append(all, commitJSON("late", "After the bound", "x")), files
	pull := pullJSON(11, "Add tax", "s1")
	pull["body"] = "Closes #69."
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.Path, "/compare/"):
			reply(w, 200, answer)
		case r.URL.Path == "/repos/acme/shop/pulls":
			reply(w, 200, []any{pull})
		case strings.HasPrefix(r.URL.Path, "/repos/acme/shop/commits/"):
			reply(w, 200, []any{})
		default:
			refusing(404, "Not Found")(w, r) // #5 is an issue
		}
	})
	got, err := f.client(t).Compare(t.Context(), "acme/shop", shaA, shaB)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Direct) != maxPullLookups-1 || got.Direct[0].SHA != "d0" || got.Unread != 1+15-(maxPullLookups-1) || !got.Truncated {
		t.Errorf("%d direct, %d unread, truncated %v", len(got.Direct), got.Unread, got.Truncated)
	}
	if fmt.Sprint(got.Issues) != "[{acme/shop 69 https://github.com/acme/shop/issues/69} {acme/shop 70 https://github.com/acme/shop/issues/70} "+
		"{acme/shop 71 https://github.com/acme/shop/issues/71}]" {
		t.Errorf("closes %v", got.Issues)
	}
	if got.Size != (Size{Files: maxFiles, Additions: 2 * maxFiles, Deletions: maxFiles, AtLeast: true}) {
		t.Errorf("size %+v", got.Size)
	}
}
