package bot

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

// alone is a bot that hears nothing: the test hands it what it runs.
func (h *harness) alone() *Bot {
	h.t.Helper()
	claims, err := work.OpenClaims(context.Background(), work.ClaimsConfig{DB: h.db, Clock: h.clock, Replica: "bolt"})
	if err != nil {
		h.t.Fatal(err)
	}
	b, err := New(Config{API: h.slack.URL(), BotToken: h.slack.BotToken, AppToken: h.slack.AppToken, DB: h.db, Clock: h.clock, Log: h.log,
		Claims: claims, Settings: func() *config.Config { return h.cfg }, Commands: h.commands(h), Kinds: testKinds})
	if err != nil {
		h.t.Fatal(err)
	}
	go b.closer.run()
	h.t.Cleanup(b.closer.stop)
	return b
}

// opened are the entries that are not closed.
func (h *harness) opened() (keys []string) {
	h.t.Helper()
	err := h.db.View(context.Background(), func(s store.Snapshot) error {
		keys = nil
		for key := range s.Scan(openPrefix, "") {
			keys = append(keys, key)
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return keys
}

func TestCommandThatUsesAllItsTimeIsStillAnswered(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.commands = func(*harness) []Command {
		return []Command{{Name: "endless", Short: "Never end", Who: Everyone, Run: func(ctx context.Context, _ Request) (Reply, error) {
			<-ctx.Done()
			return Reply{}, ctx.Err()
		}}}
	}
	b := h.alone()
	b.runFor = 200 * time.Millisecond
	b.self.set(identity{team: h.slack.TeamID})
	h.leave("e-1", h.ana, "endless", 0)
	b.runEntry(entry{ID: "e-1", At: h.clock.Now(), Via: Slash, User: h.ana, Channel: h.payments, Line: "endless"})
	if left := h.opened(); len(left) != 0 {
		t.Errorf("still open: %v", left)
	}
	err := h.db.View(context.Background(), func(s store.Snapshot) error {
		answer, found, err := store.Load[saying](s, sayKey("answer-e-1"))
		if !found || !strings.Contains(string(answer.Message.Text), "Something broke") {
			t.Errorf("the answer to be said is %+v", answer)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRequestWaitsForTheWorkspaceAsLongAsItTakes(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	b := h.alone()
	h.leave("e-1", h.ana, "echo", 0)
	b.runFor = time.Nanosecond // no time of its own passes while it waits
	ran := make(chan struct{})
	go func() {
		b.runEntry(entry{ID: "e-1", At: h.clock.Now(), Via: Slash, User: h.ana, Channel: h.payments, Line: "echo"})
		close(ran)
	}()
	if len(h.opened()) != 1 {
		t.Error("it did not wait")
	}
	b.self.set(identity{team: h.slack.TeamID})
	<-ran
	h.until("it is closed", func() bool { return len(h.opened()) == 0 })
}

func TestPanicOutsideOfRunIsAnErrorToo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.commands = func(*harness) []Command {
		return []Command{{Name: "odd", Short: "Break", Who: Principals("nobody", func(Request) []config.Principal { panic("xoxb-very-secret") }),
			Run: func(context.Context, Request) (Reply, error) { return Reply{}, nil }}}
	}
	h.start()
	h.slack.SetApp(slackApp(h, "odd"))
	id := h.types(h.ana, h.payments, "/odd")
	h.told(h.ana, h.payments, reference(id))
}

// slackApp is the app with one more slash command.
func slackApp(h *harness, command string) slacktest.App {
	app := h.slack.App()
	app.Commands = append(app.Commands, slacktest.Command{Name: "/" + command, Escape: true})
	return app
}

// full is a store whose disk can be full.
type full struct {
	store.DB
	now     atomic.Bool
	refused atomic.Int32
}

func (f *full) Update(ctx context.Context, fn func(store.Tx) error) error {
	if f.now.Load() {
		f.refused.Add(1)
		return store.ErrFull
	}
	return f.DB.Update(ctx, fn)
}

func TestRequestsThatEndWhileTheDiskIsFullAreClosedWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	disk := &full{DB: h.db}
	h.db = disk
	h.start()
	h.types(h.ana, h.payments, "/hold") // leaves nothing but its end
	h.types(h.ben, h.payments, "/hold")
	h.until("both run", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.held == 2
	})
	h.inject(slacktest.Fault{Method: "response_url", Kind: slacktest.ServerError}) // one answer is to be written down
	disk.now.Store(true)
	close(h.gate)
	h.until("the disk is full", func() bool { return disk.refused.Load() >= 4 })
	disk.now.Store(false)
	h.until("both are closed", func() bool { return len(h.opened()) == 0 && len(h.audits()) == 2 })
}
