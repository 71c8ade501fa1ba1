package commands_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

// risky is a commit of ana's on main that came by a pull request with a section about risks.
func (h *house) risky() {
	h.repo.Branch("basket", "main")
	h.repo.Commit("basket", "ana", "Add a basket", githubtest.Files{"basket.txt": "1"})
	n := h.repo.OpenPR(githubtest.PR{Head: "basket", Base: "main", Title: "Add a basket", Author: "ana",
		Body: "It is one.\n\n## Risks\n<!-- what can go wrong -->\nThe old carts <are> lost.\n\n## Notes\nnone"})
	h.repo.MergePR(n, "ana")
}

func TestApprovalAsPeopleMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.ana, "/deploy checkout guarded")
	h.presses(h.ben, h.shown("waits for 1 approval"), "Approve")
	h.shown("✅ *checkout*")
	h.risky()
	h.passes(time.Minute)
	h.types(h.ana, "/deploy checkout guarded")
	card := h.shown("*Risks*")
	for _, words := range []string{"waits for 1 approval", "<!subteam^", "please look at what changes", "Add a basket", "The old carts &lt;are&gt; lost."} {
		if !strings.Contains(whole(card), words) {
			t.Errorf("the card does not say %q: %s", words, whole(card))
		}
	}
	h.presses(h.ana, card, "Approve")
	h.told(h.ana, "You asked for it, so your approval does not count")
	h.types(h.cy, "/deploy approve checkout guarded")
	h.told(h.cy, "You may not do this")
	h.types(h.ana, "/deploy checkout guarded")
	h.told(h.ana, "has asked for just that")
	h.types(h.ana, "/deploy status checkout")
	h.told(h.ana, "waits for 1 approval")
	h.presses(h.ben, card, "Approve")
	h.told(h.ben, "Approved")
	h.wait("the second is there", time.Second, func() bool { return len(h.saying("is on *guarded*")) == 2 })
	if !strings.Contains(whole(h.saying("is on *guarded*")[1]), "Approved by <@"+h.ben+">") {
		t.Errorf("the card: %s", whole(h.saying("is on *guarded*")[1]))
	}
	h.types(h.ben, "/deploy approve checkout guarded")
	h.told(h.ben, "No deployment of *checkout* waits for *guarded*")
	h.runs(2)
}

func TestRejectingAsksWhy(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.ana, "/deploy checkout guarded")
	card := h.shown("waits for 1 approval")
	h.presses(h.ben, card, "Reject")
	h.until("a form asks why", func() bool { return len(h.slack.Views(h.ben)) == 1 })
	if blocks := string(h.slack.Views(h.ben)[0].Blocks); !strings.Contains(blocks, h.oldest().ID) {
		t.Errorf("the form does not say of what: %s", blocks)
	}
	if _, err := h.slack.Submit(h.ben, h.slack.Views(h.ben)[0].ID, slacktest.Values{"deployment/v": {strings.ToUpper(h.oldest().ID)}, "reason/v": {"not on a <Friday>"}}); err != nil {
		t.Fatal(err)
	}
	h.shown("was rejected by <@" + h.ben + ">: not on a &lt;Friday&gt;")
	h.told(h.ben, "Rejected")
	h.threaded(h.cards(1)[0], "<@"+h.ana+">")
	h.presses(h.ben, h.cards(1)[0], "Retry")
	h.until("it waits anew", func() bool { return len(h.saying("waits for 1 approval")) == 1 })
	h.types(h.ana, "/deploy reject checkout guarded still not")
	h.until("rejected again", func() bool { return len(h.saying("was rejected by")) == 2 })
	h.runs(0)
	// Without anything the form asks also for what.
	h.types(h.ana, "/deploy reject")
	h.until("a form asks for what and why", func() bool { return len(h.slack.Views(h.ana)) == 1 })
	view := h.slack.Views(h.ana)[0].ID
	if _, err := h.slack.Submit(h.ana, view, slacktest.Values{"deployment/v": {"d-nope"}, "reason/v": {"no"}}); err != nil {
		t.Fatal(err)
	}
	h.until("it says what an ID is", func() bool {
		now, ok := h.slack.View(view)
		return ok && strings.Contains(now.Errors["deployment"], "is not a deployment")
	})
}

func TestTheAskerStartsWhatHadToWaitForChecks(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	sha := h.repo.Head("main")
	h.repo.SetStatus(sha, "ci/build", "pending", "", "")
	h.types(h.ana, "/deploy checkout slow")
	question := h.told(h.ana, "It then waits for 1 check.")
	h.presses(h.ana, question, "Deploy to slow")
	card := h.shown("waits for 1 check")
	h.repo.SetStatus(sha, "ci/build", "success", "", "")
	h.wait("the asker is asked", 10*time.Second, func() bool { return len(h.saying("to start it")) == 1 })
	h.threaded(card, "<@"+h.ana+">, the checks of *checkout*")
	h.presses(h.ben, h.cards(1)[0], "Deploy to slow")
	h.told(h.ben, "<@"+h.ana+"> asked for it and says when it starts")
	h.presses(h.ana, h.cards(1)[0], "Deploy to slow")
	h.wait("it is there", time.Second, func() bool { return len(h.saying("✅ *checkout*")) == 1 })
	h.runs(1)
}

// waits is a deployment that waits for an approval, or for who asked to start it.
func (h *house) waits(request, environment, by string) *delivery.Deployment {
	h.Helper()
	d, err := h.deps.Delivery.Deploy(context.Background(), delivery.Want{Request: request, At: h.clock.Now(), Service: "checkout",
		Environment: environment, By: by})
	if err != nil {
		h.Fatal(err)
	}
	return d
}

// startable is a deployment whose checks have passed while it waited.
func (h *house) startable() string {
	h.Helper()
	h.repo.SetStatus(h.repo.Head("main"), "ci/build", "pending", "", "")
	d := h.waits("for its checks", "slow", h.ana)
	h.repo.SetStatus(h.repo.Head("main"), "ci/build", "success", "", "")
	h.passes(time.Minute)
	if _, err := h.deps.Delivery.Step(context.Background(), d.ID); err != nil {
		h.Fatal(err)
	}
	return d.ID
}

// rejectable is a line's arguments that reject a deployment which waits.
func (h *house) rejectable() bot.Args {
	h.repo.Branch("other", "main")
	h.repo.Commit("other", "ana", "Other", githubtest.Files{"o": "1"})
	d, err := h.deps.Delivery.Deploy(context.Background(), delivery.Want{Request: "to be rejected", At: h.clock.Now(), Service: "checkout",
		Environment: "guarded", Ref: "other", By: h.ben})
	if err != nil {
		h.Fatal(err)
	}
	return bot.Args{"deployment": d.ID, "reason": "no"}
}
