package sandbox_test

import (
	"fmt"
	"strings"
	"testing"

	"shipmate/integrations/github/githubtest"
	"shipmate/sandbox"
)

// Acme has decided something already, in two places, and what somebody would propose from a laptop has the next number there.
func TestAcmesDecisions(t *testing.T) {
	t.Parallel()
	s, server := stage(t, sandbox.Options{})
	main := sandbox.GitHub(s).Repo("acme/decisions").Head("main")
	for path, wants := range map[string][]string{
		"decisions/tree/" + main + "/doc/adr":                                               {">0001-write-down-what-we-decide.md</a>", "/github/acme/decisions/blob/" + main + "/doc/adr/0006-"},
		"decisions/blob/" + main + "/doc/adr/0003-keep-sessions-in-the-gateway-s-memory.md": {"Superseded by [5. Keep sessions in Redis]"},
		"decisions/blob/" + main + "/doc/adr/none.md":                                       {"Nothing to see", "404"},
		"decisions/blob/nothing":                                                            {"Nothing to see", "404"},
		"decisions/":                                                                        {`value="doc/adr/0007-keep-prices-in-cents.md"`},
		"catalog/":                                                                          {`value="docs/adr/0003-keep-prices-in-cents.md"`},
	} {
		text := get(t, server, "/github/acme/"+path)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q: %s", path, want, text)
			}
		}
	}
}

// A draft is marked as ready before it is merged, and what tools say of a pull request is shown.
func TestADraftOnGitHub(t *testing.T) {
	t.Parallel()
	s, server := stage(t, sandbox.Options{})
	repo := sandbox.GitHub(s).Repo("acme/decisions")
	n := repo.OpenFromLaptop(githubtest.LaptopPR{Author: "ana", Title: "Decide", Files: githubtest.Files{"doc/adr/0007-a.md": "# 7. A\n"}, Branch: "mine", Draft: true})
	repo.SetStatus("mine", "shipmate/decisions", "failure", "The number 7 is taken.", "")
	at := fmt.Sprint("acme/decisions/pull/", n)
	text := get(t, server, "/github/"+at)
	for _, want := range []string{`data-deed="ready"`, `class="state failure">failure</b> <code>shipmate/decisions</code> The number 7 is taken.`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	deed := func(action string) string {
		return post(t, server, "github", fmt.Sprintf(`{"as":"ben","action":%q,"value":%q}`, action, at)).Error
	}
	if got := deed("merge"); !strings.Contains(got, "draft") {
		t.Errorf("a draft was merged: %q", got)
	}
	if got := deed("ready"); got != "" {
		t.Error(got)
	}
	if text := get(t, server, "/github/"+at); strings.Contains(text, `data-deed="ready"`) {
		t.Errorf("it is a draft still: %s", text)
	}
	if got := deed("merge"); got != "" {
		t.Error(got)
	}
}
