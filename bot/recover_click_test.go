package bot

import (
	"context"
	"testing"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

// What a click's command does can make the button out of date. When the process dies before it has answered, the click
// must run again, so that what it made gets its card; a click that never began is late as any other.
func TestClickThatBeganIsNotLateAfterARestart(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.cards["x"] = View{Message: Message{Text: "a thing"}, Stage: 2, Status: "It moved on."}
	for id, passed := range map[string]bool{"began": true, "never": false} {
		e := entry{ID: id, At: h.clock.Now(), Via: Press, User: h.ana, Team: h.slack.TeamID, Channel: h.payments, Line: "poke " + id,
			Stage: 1, Pressed: "1.000001", Holder: "bolt@0", Passed: passed}
		err := h.db.Update(context.Background(), func(tx store.Tx) error {
			if err := tx.Put(messageKey(h.payments, "1.000001"), []byte("thing/x")); err != nil {
				return err
			}
			return store.Save(tx, openKey(id), e)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	h.start()
	if a := h.audited("poke began"); a.Decision != "allowed" {
		t.Errorf("the click that began: %+v", a)
	}
	if a := h.audited("poke never"); a.Outcome != "button.stale" {
		t.Errorf("the click that never began: %+v", a)
	}
}

func TestClickThatBeginsIsNotedBeforeItsCommandRuns(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.cards["x"] = View{Message: Message{Text: "a thing", Buttons: []Button{{Label: "Hold", Line: "hold"}}}, Stage: 1}
	h.start()
	h.types(h.ana, h.payments, "/card x")
	if _, err := h.slack.Press(h.ana, slacktest.OnMessage(h.shown(h.payments, "a thing")), "b0", ""); err != nil {
		t.Fatal(err)
	}
	h.until("it runs", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.held == 1
	})
	passed := 0
	err := h.db.View(context.Background(), func(s store.Snapshot) error {
		for key := range s.Scan(openPrefix, "") {
			e, _, err := store.Load[entry](s, key)
			if err != nil {
				return err
			}
			if e.Passed {
				passed++
			}
		}
		return nil
	})
	if err != nil || passed != 1 {
		t.Errorf("%d clicks are noted, %v", passed, err)
	}
	close(h.gate)
	h.told(h.ana, h.payments, "done hold")
}
