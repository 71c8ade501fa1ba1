package sandbox_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"shipmate/integrations/github/githubtest"
	"shipmate/sandbox"
)

// The pages of GitHub show what a pull request and an issue say and what is said of them, and nothing of what is hidden in it.
func TestPagesOfGitHub(t *testing.T) {
	t.Parallel()
	s, server := stage(t, sandbox.Options{})
	repo := sandbox.Checkout(s)
	repo.Branch("adr/0042", "main").Commit("adr/0042", "ana", "Add", githubtest.Files{"doc/adr/0042-queue.md": "# 42\n"})
	pull := repo.OpenPR(githubtest.PR{Title: "Use a queue", Body: "Because <b>it</b> is slow.\n\n<!-- shipmate-request: r-1 -->", Author: "ana", Head: "adr/0042", Labels: []string{"adr"}})
	repo.Review(pull, "ben", "APPROVED", "Good thinking")
	repo.Comment(pull, "ben", "Which one?<!-- shipmate-comment: c-1 -->")
	issue := repo.OpenIssue("ana", "Watch the queue", "Its length.<!-- shipmate-request: r-2 -->", "action-item")
	repo.Assign(issue, "ben")
	repo.Comment(issue, "ana", "By Friday")
	for path, wants := range map[string][]string{
		fmt.Sprint("pull/", pull):    {"Use a queue", "Because &lt;b&gt;it&lt;/b&gt; is slow.</pre>", "doc/adr/0042-queue.md", "added", "approved", "Good thinking", "Which one?</pre>", ">adr</b>"},
		fmt.Sprint("issues/", issue): {"Watch the queue", "Its length.</pre>", "given to ben", "By Friday", ">action-item</b>"},
		"pull/9999":                  {"Nothing to see", "404"},
	} {
		res, err := http.Get(server.URL + "/github/acme/checkout/" + path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %q: %s", path, want, text)
			}
		}
		if strings.Contains(string(text), "shipmate-") {
			t.Errorf("%s shows what GitHub hides: %s", path, text)
		}
	}
}
