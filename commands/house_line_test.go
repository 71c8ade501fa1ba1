package commands_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/delivery"
	"shipmate/store"
)

// locks has ana lock checkout in an environment.
func (h *house) locks(environment string) {
	h.Helper()
	if _, err := h.deps.Delivery.Lock(context.Background(), h.aboutLock("lock", environment)); err != nil {
		h.Fatal(err)
	}
}

func (h *house) aboutLock(request, environment string) delivery.LockWant {
	return delivery.LockWant{Request: request + " " + environment, At: h.clock.Now(), By: h.ana, Service: "checkout", Environment: environment, Reason: "a move"}
}

// isFirst makes it ana's turn to deploy checkout to an environment.
func (h *house) isFirst(environment string) {
	h.Helper()
	bg := context.Background()
	h.locks(environment)
	if _, err := h.deps.Delivery.Join(bg, delivery.LineWant{Request: "join", At: h.clock.Now(), By: h.ana, Service: "checkout", Environment: environment}); err != nil {
		h.Fatal(err)
	}
	if _, err := h.deps.Delivery.Unlock(bg, h.aboutLock("unlock", environment)); err != nil {
		h.Fatal(err)
	}
	if _, err := h.deps.Delivery.StepLine(bg, "checkout/"+environment); err != nil {
		h.Fatal(err)
	}
}

// dm waits, while time passes, until the bot has said the words to a person alone.
func (h *house) dm(user, words string) slacktest.Message {
	h.Helper()
	return h.find("a direct message to "+user+" says "+words, words, func() []slacktest.Message {
		return append(h.slack.DM(user), h.slack.Ephemerals(user, h.slack.DMChannel(user))...)
	})
}

// dms counts the messages to a person alone that hold the words.
func (h *house) dms(user, words string) int {
	n := 0
	for _, m := range h.slack.DM(user) {
		if strings.Contains(whole(m), words) {
			n++
		}
	}
	return n
}

// Whoever is refused waits for their turn, is told once, and deploys with one press what they wanted.
func TestLineAsPeopleMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	tagged := h.repo.Head("main")
	h.repo.Tag("v1", tagged)
	h.types(h.ana, "/deploy lock checkout staging the database moves")
	h.shown("is locked by")
	h.types(h.ben, "/deploy checkout@v1 staging")
	h.presses(h.ben, h.told(h.ben, "Not deployed: It is locked by"), "Tell me when it is free")
	h.told(h.ben, "You are told in a direct message when *checkout* on *staging* is free; nobody is before you.")
	h.types(h.ana, "/deploy notify checkout staging")
	h.told(h.ana, "one person is before you")
	h.types(h.cy, "/deploy notify checkout staging")
	h.told(h.cy, "You may not do this")
	h.types(h.ben, "/deploy take checkout staging")
	h.told(h.ben, "It is not your turn")
	h.types(h.ana, "/deploy unlock checkout staging")
	free := h.dm(h.ben, "*checkout* on *staging* is free now")
	if n := h.dms(h.ana, "is free now"); n != 0 {
		t.Error("two are told at a time")
	}
	h.repo.Commit("main", "ana", "Pushed meanwhile", map[string]string{"a": "b"})
	h.presses(h.ben, free, "Deploy")
	h.dm(h.ana, "is free now") // when that has ended
	if got := h.runs(1)[0].Inputs["sha"]; got != tagged {
		t.Errorf("deployed %s, not what was waited for", got)
	}
	if n := h.dms(h.ben, "is free now"); n != 1 {
		t.Errorf("ben is told %d times", n)
	}
	h.presses(h.ana, h.dm(h.ana, "is free now"), "Leave the line")
	h.dm(h.ana, "You have left the line for *checkout* on *staging*.")
	h.types(h.ana, "/deploy notify checkout staging")
	h.told(h.ana, "Nothing is in the way: you can deploy *checkout* on *staging* now.")
}

func TestTurnPassesToTheNext(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.ana, "/deploy lock checkout staging the database moves")
	h.shown("is locked by")
	h.types(h.ben, "/deploy notify checkout staging")
	h.told(h.ben, "nobody is before you")
	h.types(h.ana, "/deploy notify checkout staging")
	h.told(h.ana, "one person is before you")
	h.types(h.ana, "/deploy unlock checkout staging")
	free := h.dm(h.ben, "is free now")
	h.passes(10 * time.Minute)
	h.dm(h.ana, "is free now")
	h.presses(h.ben, free, "Deploy") // too late
	h.dm(h.ben, "It is not your turn to deploy *checkout* on *staging*")
	h.runs(0)
}

// reminded lets the moment pass for which a reminder waits for others that join it.
func (h *house) reminded() {
	h.Helper()
	h.until("a reminder waits", func() bool { return h.has("remind/due/") })
	h.passes(11 * time.Minute)
}

// has tells whether there is any key with that prefix.
func (h *house) has(prefix string) (found bool) {
	h.Helper()
	err := h.db.View(h.Context(), func(s store.Snapshot) error {
		found = false
		for range s.Scan(prefix, "") {
			found = true
		}
		return nil
	})
	return found && err == nil
}

func TestOwnerOfAnOldLockIsAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.passes(3 * 24 * time.Hour) // to a Monday: on a weekend nobody is asked
	h.types(h.ben, "/deploy lock checkout staging the database moves")
	h.shown("is locked by")
	h.passes(24 * time.Hour)
	h.reminded()
	asked := h.dm(h.ben, "Your lock of *checkout* on *staging* is 1 d old: the database moves")
	h.presses(h.ben, asked, "Keep")
	h.dm(h.ben, "stays locked. You are asked again")
	h.types(h.ana, "/deploy keep checkout staging")
	h.told(h.ana, "so only they can say that it is needed")
	h.passes(24 * time.Hour)
	h.reminded()
	again := h.dm(h.ben, "is 2 d old")
	h.presses(h.ben, again, "Unlock")
	h.dm(h.ben, "is unlocked by")
	h.passes(48 * time.Hour)
	h.types(h.ana, "/deploy locks")
	h.told(h.ana, "Nothing is locked.")
	if n := h.dms(h.ben, " old: "); n != 2 {
		t.Errorf("asked %d times", n)
	}
}
