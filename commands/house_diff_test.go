package commands_test

import (
	"fmt"
	"strings"
	"testing"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

// Everybody may ask what a deployment would change, and is offered just that commit.
func TestDiffAsPeopleAskForIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deployed("staging", delivery.Succeeded)
	h.repo.Branch("basket", "main")
	h.repo.Commit("basket", "ana", "wip", githubtest.Files{"basket.txt": "1"})
	n := h.repo.OpenPR(githubtest.PR{Title: "Add <!here> basket", Body: "Fixes #41", Author: "ana", Head: "basket"})
	sha := h.repo.SquashPR(n, "ana")
	h.open()
	h.types(h.cy, "/deploy diff shop stg")
	told := h.told(h.cy, "What deploying *checkout* `"+sha[:7]+"` to *staging* would change")
	for _, words := range []string{"1 commit>", "Add &lt;!here&gt; basket (ana)", "Closes <", "/issues/41|#41>", "Written by ana (1)", "1 file, +1 −0 lines", "Compare on GitHub"} {
		if !strings.Contains(whole(told), words) {
			t.Errorf("the answer lacks %q: %s", words, whole(told))
		}
	}
	h.types(h.ana, "/deploy diff checkout to staging main")
	told = h.told(h.ana, "would change")
	h.repo.Commit("main", "ana", "Pushed meanwhile", githubtest.Files{"a": "b"})
	h.presses(h.ana, told, "Deploy to staging")
	card := h.shown("✅ *checkout* `" + sha[:7] + "` is on *staging*")
	if !strings.Contains(whole(card), "asked for `main`") {
		t.Errorf("the card: %s", whole(card))
	}
	h.types(h.ben, "/deploy diff checkout@"+sha[:7]+" staging")
	h.told(h.ben, "would change nothing")
	h.types(h.ben, "/deploy diff checkout staging mian")
	h.told(h.ben, "no branch, tag or commit `mian`")
}

// A long range with long words fits in one message and says that there is more. Slack's own checks are the test.
func TestLongDiffFits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deployed("staging", delivery.Succeeded)
	for i := range 255 {
		h.repo.Commit("main", "ana", fmt.Sprintf("%s (#%d)\n\ncloses #%d", strings.Repeat("<&>", 120), 1000+i, i+1), githubtest.Files{"a": fmt.Sprint(i)})
	}
	h.open()
	h.types(h.ana, "/deploy diff checkout staging")
	told := h.told(h.ana, "would change")
	for _, words := range []string{"255 commits", "and at least", "GitHub lists the newest 250 of 255 commits"} {
		if !strings.Contains(whole(told), words) {
			t.Errorf("the answer lacks %q: %.3000s", words, whole(told))
		}
	}
}
