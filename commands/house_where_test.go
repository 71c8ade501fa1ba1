package commands_test

import (
	"fmt"
	"strings"
	"testing"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

// A change is found however it is named, and by everybody.
func TestWhereAsPeopleAskForIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	old := h.repo.Head("main")
	issue := h.repo.OpenIssue("ana", "No <b>basket", "")
	h.repo.Branch("basket", "main")
	h.repo.Commit("basket", "ana", "wip", githubtest.Files{"basket.txt": "1"})
	n := h.repo.OpenPR(githubtest.PR{Title: "Add <!here> basket", Body: fmt.Sprintf("Fixes #%d", issue), Author: "ana", Head: "basket"})
	h.deployed("production", delivery.Succeeded)
	sha := h.repo.SquashPR(n, "ana")
	h.deployed("staging", delivery.Succeeded)
	h.open()
	pull := fmt.Sprintf("*checkout*: <https://github.com/acme/checkout/pull/%d|#%d> Add &lt;!here&gt; basket (ana) is in *staging*, not in *production*", n, n)
	const page = "https://github.com/acme/checkout"
	for line, words := range map[string]string{
		fmt.Sprintf("#%d checkout", n):       pull,
		fmt.Sprintf("%d", n):                 pull, // all services here have one repository
		fmt.Sprintf("shop#%d", n):            pull,
		fmt.Sprintf("checkout %d", n):        pull,
		fmt.Sprintf("checkout #%d", n):       pull,
		fmt.Sprintf("%s/pull/%d#x", page, n): pull,
		sha[:7]:                              "is in *staging*, not in *production*",
		sha[:7] + " shop":                    "is in *staging*, not in *production*",
		page + "/commit/" + sha:              "is in *staging*, not in *production*",
		old:                                  "is in *staging* and *production*",
		fmt.Sprintf("#%d", issue):            fmt.Sprintf("|#%d> No &lt;b&gt;basket (closed)", issue),
		"checkout":                           "What runs where",
		"0123456":                            "acme/checkout has no commit `0123456`.",
		"0123456 checkout":                   "acme/checkout has no commit `0123456`.",
		"#99":                                "no pull request and no issue #99",
		"https://github.com/acme/x/pull/1":   "`acme/x` is the repository of no service",
		"https://github.com/acme/x":          "There is no service",
		"chekout":                            "Did you mean `checkout`?",
	} {
		h.types(h.cy, "/deploy where "+line)
		h.told(h.cy, words)
	}
	told := h.told(h.cy, "Add &lt;!here&gt; basket (ana) is in *staging*")
	for _, words := range []string{"✅ *staging*: since", "▫️ *production*: not there · runs", "❔ *gated*: what runs there is not known"} {
		if !strings.Contains(whole(told), words) {
			t.Errorf("the answer lacks %q: %s", words, whole(told))
		}
	}
}
