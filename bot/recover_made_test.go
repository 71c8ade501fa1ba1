package bot

import (
	"context"
	"testing"
	"time"

	"shipmate/store"
)

// What a command did before the process died is answered and shown, however late it is, whatever became of the button, and
// though nobody would be asked whether it may begin. What it did not do is treated as it always is.
func TestWhatWasDoneBeforeTheCrashIsAnsweredAsDone(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.commands = func(h *harness) []Command {
		table := testCommands(h)
		for i := range table {
			if table[i].Name != "poke" && table[i].Name != "admin" {
				continue
			}
			table[i].Made = func(_ context.Context, r Request) (Reply, bool, error) {
				return Say("it was done before, %s", r.Line), r.ID != "undone" && r.ID != "unasked", nil
			}
		}
		return table
	}
	h.cards["x"] = View{Message: Message{Text: "a thing"}, Stage: 2, Status: "It moved on."}
	asked := question{At: h.clock.Now(), For: h.ana, Options: []Button{{Label: "Yes", Line: "admin"}}, Answered: "answered"}
	click := func(id string) entry {
		return entry{ID: id, Via: Press, Line: "poke " + id, Stage: 1, Pressed: "1.000001"}
	}
	typed := func(id, line string) entry { return entry{ID: id, Via: Slash, Line: line} }
	left := []entry{click("clicked"), click("undone"), typed("typed", "admin"), typed("answered", "answer q-1 0"),
		typed("unasked", "answer q-1 0"), typed("old", "poke")}
	err := h.db.Update(context.Background(), func(tx store.Tx) error {
		for _, e := range left {
			e.At, e.User, e.Team, e.Channel, e.Holder = h.clock.Now(), h.ana, h.slack.TeamID, h.payments, "bolt@0"
			if e.ID == "old" {
				e.At = e.At.Add(-time.Hour)
			}
			if err := store.Save(tx, openKey(e.ID), e); err != nil {
				return err
			}
		}
		if err := store.Save(tx, questionKey("q-1"), asked); err != nil {
			return err
		}
		return tx.Put(messageKey(h.payments, "1.000001"), []byte("thing/x"))
	})
	if err != nil {
		t.Fatal(err)
	}
	h.start()
	want := map[string]string{"clicked": "ok", "undone": "button.stale", "typed": "ok", "answered": "ok",
		"unasked": "question.answered", "old": "ok"}
	h.until("all are answered", func() bool { return len(h.audits()) == len(want) })
	for _, a := range h.audits() {
		if a.Outcome != want[a.ID] {
			t.Errorf("%s: %s, want %s", a.ID, a.Outcome, want[a.ID])
		}
	}
	if ran := h.lines(); len(ran) != 0 {
		t.Errorf("ran %v", ran)
	}
}
