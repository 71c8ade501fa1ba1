package sandbox_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
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

// What people do on GitHub's own side: they open a pull request from a laptop, and say what they think of it.
func TestDeedsOnGitHub(t *testing.T) {
	t.Parallel()
	s, server := stage(t, sandbox.Options{})
	repo := sandbox.Checkout(s)
	repo.Commit("main", "ana", "Decide", githubtest.Files{"doc/adr/0007-queue.md": "# 7. Use a queue\n", "doc/adr/template.md": "#\n"})
	page := func(path string) string {
		t.Helper()
		res, err := http.Get(server.URL + "/github/acme/checkout" + path)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if text := page("/"); !strings.Contains(text, `value="doc/adr/0008-keep-prices-in-cents.md"`) || !strings.Contains(text, "# 8. Keep prices in cents\n") {
		t.Errorf("no record to propose: %s", text)
	}
	open := func() []githubtest.Issue {
		return slices.DeleteFunc(sandbox.GitHub(s).Pulls("acme/checkout"), func(p githubtest.Issue) bool { return p.State != "open" })
	}
	before := len(open())
	if got := post(t, server, "github", `{"as":"ana","action":"open","value":"acme/checkout","query":"doc/adr/0008-a.md","text":"# 8. Keep prices in cents\r\n\r\nSo be it.\r\n"}`); got.Error != "" {
		t.Fatal(got)
	}
	if len(open()) != before+1 {
		t.Fatalf("%+v", open())
	}
	p := open()[before]
	if content, _ := repo.File(p.Pull.Head, "doc/adr/0008-a.md"); p.Title != "8. Keep prices in cents" || p.Author != "ana" || content != "# 8. Keep prices in cents\n\nSo be it.\n" {
		t.Errorf("%+v %q", p, content)
	}
	at := fmt.Sprint("acme/checkout/pull/", p.Number)
	if text := page("/"); !strings.Contains(text, fmt.Sprint("/github/", at)) {
		t.Errorf("the repository does not show it: %s", text)
	}
	for i, step := range []struct{ as, action, shows string }{
		{"ben", "+1", "👍 1"}, {"chloe", "+1", `title="ben, chloe">👍 2`}, {"ben", "+1", `title="chloe">👍 1`}, {"ben", "-1", `title="ben">👎 1`}, {"ben", "-1", `title="nobody yet">👎 0`},
		{"ben", "object", "wants changes"}, {"chloe", "approve", "approved"},
	} {
		if got := post(t, server, "github", fmt.Sprintf(`{"as":%q,"action":%q,"value":%q}`, step.as, step.action, at)); got.Error != "" {
			t.Errorf("step %d: %+v", i, got)
		}
		if text := page(fmt.Sprint("/pull/", p.Number)); !strings.Contains(text, step.shows) {
			t.Errorf("step %d: no %q in %s", i, step.shows, text)
		}
	}
	for name, body := range map[string]string{
		"one's own review":    fmt.Sprintf(`{"as":"ana","action":"approve","value":%q}`, at),
		"a stranger":          fmt.Sprintf(`{"as":"mallory","action":"+1","value":%q}`, at),
		"another deed":        fmt.Sprintf(`{"as":"ben","action":"explode","value":%q}`, at),
		"no pull request":     `{"as":"ben","action":"+1","value":"acme/checkout/pull/9999"}`,
		"no repository":       `{"as":"ben","action":"open","value":"acme/none","query":"a.md","text":"x"}`,
		"no path":             `{"as":"ben","action":"open","value":"acme/checkout","query":"../a.md","text":"x"}`,
		"nothing in it":       `{"as":"ben","action":"open","value":"acme/checkout","query":"a.md","text":"# "}`,
		"no path to write to": fmt.Sprintf(`{"as":"ben","action":"write","value":%q,"query":"/a.md","text":"x"}`, at),
	} {
		if got := post(t, server, "github", body); got.Error == "" {
			t.Errorf("%s: it was done", name)
		}
	}
	if got := post(t, server, "github", fmt.Sprintf(`{"as":"ben","action":"merge","value":%q}`, at)); got.Error != "" || len(open()) != before {
		t.Errorf("merging: %+v", got)
	}
	if content, found := repo.File("main", "doc/adr/0008-a.md"); !found || content == "" {
		t.Error("it is not on main")
	}
	other := repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "Other", Files: githubtest.Files{"b.md": "b"}})
	if got := post(t, server, "github", fmt.Sprintf(`{"as":"ben","action":"close","value":"acme/checkout/pull/%d"}`, other)); got.Error != "" || len(open()) != before {
		t.Errorf("closing: %+v", got)
	}
}
