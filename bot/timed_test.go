package bot

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

// runs runs a line whose time has come and writes how it ended.
func (h *harness) runs(id, person, channel, line string, again bool) TimedEnd {
	h.t.Helper()
	end, err := h.bot.RunTimed(context.Background(), TimedLine{ID: id, Planned: h.clock.Now(), Person: person, Channel: channel, Line: line, Again: again})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.db.Update(context.Background(), func(tx store.Tx) error { return end.Write(tx) }); err != nil {
		h.t.Fatal(err)
	}
	return end
}

func TestTimedLineIsAnsweredInItsChannel(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	end := h.runs("s-1.0900", h.ana, h.payments, "ship checkout staging", false)
	m := h.shown(h.payments, "done ship checkout staging")
	if words := whole(m); !strings.Contains(words, "/ship checkout staging") || !strings.Contains(words, "scheduled by <@"+h.ana+">") {
		t.Errorf("nobody sees why it is said: %s", words)
	}
	if end.Code != "ok" || end.Lost || !strings.Contains(string(end.Text), "done ship") {
		t.Errorf("it ended as %+v", end)
	}
	if a := h.audited("ship checkout staging"); a.Via != "schedule" || a.User != h.ana || a.Decision != "allowed" {
		t.Errorf("the audit log has %+v", a)
	}
	h.unproblematic()
}

// What was said for one time and is read at another says so.
func TestTimedLineThatIsLate(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	at := h.clock.Now()
	h.clock.Advance(2 * time.Hour)
	end, err := h.bot.RunTimed(context.Background(), TimedLine{ID: "s-5.0900", Planned: at, Person: h.ana, Channel: h.payments, Line: "echo hi"})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.db.Update(context.Background(), func(tx store.Tx) error { return end.Write(tx) }); err != nil {
		t.Fatal(err)
	}
	if words := whole(h.shown(h.payments, "hi")); !strings.Contains(words, "scheduled by <@"+h.ana+"> for "+string(Time(at))+", late") {
		t.Errorf("nobody sees that it is late: %s", words)
	}
	h.unproblematic()
}

func TestTimedLineThatIsLost(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	if err := h.slack.Deactivate(h.dev); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, person, line, code string
		lost                     bool
	}{
		{"no right", h.ben, "ship checkout staging", "permission.denied", true},
		{"has left", h.dev, "ship checkout staging", "person.inactive", true},
		{"a guest", h.guest, "echo hi", "person.guest", true},
		{"no such command", h.ana, "shipp checkout", "command.unknown", true},
		{"no such service", h.ana, "ship nothing staging", "arguments", true},
		{"a form", h.ana, "file", "line.form", true},
		{"broken", h.ana, "fail", "error", false},
		{"a panic", h.ana, "panic", "error", false},
		{"fine", h.ana, "echo hi", "ok", false},
	} {
		end := h.runs("s-2."+c.name, c.person, h.payments, c.line, false)
		if end.Code != c.code || end.Lost != c.lost || end.Text == "" {
			t.Errorf("%s: %+v, want %s, lost %v", c.name, end, c.code, c.lost)
		}
		no := h.bot.TryLine(context.Background(), c.person, c.line)
		if (no != nil) != c.lost {
			t.Errorf("%s: trying it says %v", c.name, no)
		}
	}
	if ran := h.lines(); !slices.Equal(ran, []string{"echo hi"}) {
		t.Errorf("%q ran; trying a line runs nothing", ran)
	}
}

// What cannot be found out now is no reason to give a schedule up.
func TestTimedLineWaitsForSlack(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	for _, method := range []string{"users.info", "usergroups.list"} {
		h.inject(slacktest.Fault{Method: method, Kind: slacktest.ServerError})
		_, err := h.bot.RunTimed(context.Background(), TimedLine{ID: "s-3", Planned: h.clock.Now(), Person: h.ana, Channel: h.payments, Line: "ship checkout staging"})
		if err == nil || len(h.lines()) > 0 {
			t.Errorf("%s failed: %v, and %q ran", method, err, h.lines())
		}
	}
	h.runs("s-3", h.ana, h.payments, "ship checkout staging", false)
}

// A line that runs again after a crash is answered with what it made before.
func TestTimedLineRunsOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.alter("echo", func(c *Command) {
		c.Made = func(_ context.Context, r Request) (Reply, bool, error) { return Say("made %s", r.ID), true, nil }
	})
	h.start()
	h.runs("s-4.0900", h.ana, h.payments, "echo hi", true)
	h.shown(h.payments, "made s-4.0900")
	if len(h.lines()) > 0 {
		t.Errorf("%q ran again", h.lines())
	}
}

// Where nothing can be said any more its owner reads it.
func TestTimedLineWhoseChannelIsGone(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.runs("s-5.0900", h.ana, h.ops, "echo hi", false) // a private channel the bot is not in
	h.shown(h.slack.DMChannel(h.ana), "done echo hi")
}
