package commands_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

// shipped is a deployment to spare of a new commit on a branch, brought to its end.
func (h *house) shipped(request, subject string) *delivery.Deployment {
	h.Helper()
	h.repo.Commit("spare", "ana", subject, githubtest.Files{"app.txt": subject})
	h.passes(time.Minute)
	d, err := h.deps.Delivery.Deploy(context.Background(), delivery.Want{Request: request, At: h.clock.Now(), Service: "checkout", Environment: "spare",
		Ref: "spare", By: h.ana})
	if err != nil {
		h.Fatal(err)
	}
	for next := h.clock.Now(); !next.IsZero(); {
		h.clock.Set(next)
		if next, err = h.deps.Delivery.Step(context.Background(), d.ID); err != nil {
			h.Fatal(err)
		}
	}
	return d
}

// twoGood makes two deployments to spare that succeed: a rollback undoes the second. Their SHAs are returned.
func (h *house) twoGood() (good, bad string) {
	h.Helper()
	h.repo.Script("deploy.yml", githubtest.Script{})
	h.repo.Branch("spare", "main")
	good = h.shipped("the good one", "Good").Commit.SHA
	return good, h.shipped("the bad one", "Bad").Commit.SHA
}

func TestRollbackAsPeopleMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.repo.Script("deploy.yml", githubtest.Script{Queue: time.Second, Step: time.Second})
	h.open()
	h.types(h.ana, "/deploy checkout spare")
	h.shown("✅ *checkout*")
	h.risky()
	h.passes(time.Minute)
	h.types(h.ana, "/deploy checkout spare because of the basket")
	h.wait("both are there", time.Second, func() bool { return len(h.saying("is on *spare*")) == 2 })
	bad := h.cards(2)[1]
	h.types(h.cy, "/deploy rollback checkout spare confirmed")
	h.told(h.cy, "You may not do this")
	h.types(h.ana, "/deploy rollback checkout spare confirmed") // what only buttons say does not count when it is typed
	h.told(h.ana, "Roll *checkout* in *spare* back from")
	h.runs(2)
	h.presses(h.ben, bad, "Roll back")
	question := h.told(h.ben, "Roll *checkout* in *spare* back from")
	for _, words := range []string{"Goes back by", "Add a basket", "not deployed there again", "locked until somebody unlocks it"} {
		if !strings.Contains(whole(question), words) {
			t.Errorf("the question does not say %q: %s", words, whole(question))
		}
	}
	h.presses(h.ben, question, "Roll back")
	h.wait("it is back", time.Second, func() bool { return len(h.saying("✅ *checkout* is back at")) == 1 })
	h.until("the bad one says so", func() bool { return len(h.saying("was rolled back from *spare* by <@"+h.ben+">")) == 1 })
	h.types(h.ana, "/deploy checkout spare")
	refused := h.told(h.ana, "is locked since <@"+h.ben+"> rolled it back")
	if !strings.Contains(whole(refused), "rolled this commit back there") {
		t.Errorf("not told of the veto: %s", whole(refused))
	}
	h.types(h.ana, "/deploy locks")
	listed := h.told(h.ana, "🚫 *checkout*")
	if !strings.Contains(whole(listed), "/deploy unveto checkout spare ") {
		t.Errorf("not told how to lift it: %s", whole(listed))
	}
	h.types(h.cy, "/deploy rollback checkout spare")
	h.told(h.cy, "You may not do this")
	h.types(h.ana, "/deploy rollback checkout spare")
	h.told(h.ana, "stayed good, as far as I know")
	h.runs(3)
}
