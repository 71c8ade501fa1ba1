package bot

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

// slow is a store whose next write does not answer in time, though it is done, or is not.
type slow struct {
	store.DB
	next  atomic.Bool
	loses bool
}

func (s *slow) Update(ctx context.Context, fn func(store.Tx) error) error {
	if !s.next.CompareAndSwap(true, false) {
		return s.DB.Update(ctx, fn)
	}
	if !s.loses {
		if err := s.DB.Update(ctx, fn); err != nil {
			return err
		}
	}
	return context.DeadlineExceeded
}

// A journal write that did not answer in time and was done all the same must not leave a request that nobody runs.
func TestRequestThatWasJournaledLateRuns(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	disk := &slow{DB: h.db}
	h.db = disk
	h.start()
	disk.next.Store(true)
	h.types(h.ana, h.payments, "/echo late")
	h.told(h.ana, h.payments, "done echo late")
	h.until("it is closed", func() bool { return len(h.opened()) == 0 })
}

func TestRequestThatCouldNotBeJournaledIsNotAcknowledgedAndHoldsUpNothing(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	disk := &slow{DB: h.db, loses: true}
	h.db = disk
	h.start()
	disk.next.Store(true)
	id, err := h.slack.Slash(h.ana, h.payments, "/echo lost")
	if err != nil {
		t.Fatal(err)
	}
	h.until("the write failed", func() bool { return !disk.next.Load() })
	h.types(h.ana, h.payments, "/echo next")
	h.told(h.ana, h.payments, "done echo next")
	if d, _ := h.slack.Ack(id); d.Acked {
		t.Error("what was not journaled was acknowledged")
	}
	if got := strings.Join(h.lines(), ","); got != "echo next" {
		t.Errorf("ran %s", got)
	}
}

func TestFormThatIsNotTakenStaysOpenAndSaysSo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.cfg.Limits.Backlog = 1
	h.start()
	h.types(h.ana, h.payments, "/file")
	h.until("a form is open", func() bool { return len(h.slack.Views(h.ana)) == 1 && h.bot.queue.ahead() == 0 })
	v := h.slack.Views(h.ana)[0]
	h.types(h.ben, h.payments, "/hold")
	if _, err := h.slack.Submit(h.ana, v.ID, slacktest.Values{"service/v": {"checkout"}}); err != nil {
		t.Fatal(err)
	}
	h.until("the form says so", func() bool {
		w, ok := h.slack.View(v.ID)
		return ok && strings.Contains(w.Errors["service"]+w.Errors["note"], "Not taken")
	})
	close(h.gate)
	h.until("there is room", func() bool { return h.bot.queue.ahead() == 0 })
	if _, err := h.slack.Submit(h.ana, v.ID, slacktest.Values{"service/v": {"checkout"}}); err != nil {
		t.Fatal(err)
	}
	h.until("it is taken", func() bool { return strings.Join(h.lines(), ",") == "hold,file" })
	h.unproblematic()
}
