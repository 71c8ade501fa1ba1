package bot

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

// leave puts an entry into the journal as a process that was killed leaves it: accepted, acknowledged, not answered.
func (h *harness) leave(id, user, line string, tries int) {
	h.t.Helper()
	e := entry{ID: id, At: h.clock.Now(), Via: Slash, User: user, Team: h.slack.TeamID, Channel: h.payments, Line: line, Tries: tries, Holder: "bolt@0"}
	err := h.db.Update(context.Background(), func(tx store.Tx) error { return store.Save(tx, openKey(id), e) })
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestYoungRequestsRunAgainAfterARestart(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.leave("e-2", h.ana, "echo two", 0)
	h.forward(-time.Second)
	h.leave("e-1", h.ana, "echo one", 1)
	h.forward(2 * time.Minute)
	h.start()
	h.shown(h.slack.DMChannel(h.ana), "done echo one")
	h.shown(h.slack.DMChannel(h.ana), "done echo two")
	if got := strings.Join(h.lines(), ","); got != "echo one,echo two" {
		t.Errorf("ran %s", got)
	}
}

func TestOldRequestIsAskedAboutAfterARestart(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.leave("e-1", h.ana, "echo old", 0)
	h.forward(20 * time.Minute)
	h.start()
	m := h.shown(h.slack.DMChannel(h.ana), "do you still want it?")
	if strings.Count(whole(m), "{date_short_pretty} {time}") != 6 || !strings.Contains(whole(m), "I was down from") || len(h.lines()) != 0 {
		t.Fatalf("%s; ran %v", whole(m), h.lines())
	}
	if _, err := h.slack.Press(h.ana, slacktest.OnMessage(m), "b0", ""); err != nil {
		t.Fatal(err)
	}
	h.until("it runs after all", func() bool { return strings.Join(h.lines(), ",") == "echo old" })
}

// A weekend is longer than a question lives.
func TestQuestionAfterALongTimeDownCanStillBeAnswered(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.leave("e-1", h.ana, "echo old", 0)
	h.forward(60 * time.Hour)
	h.start()
	m := h.shown(h.slack.DMChannel(h.ana), "do you still want it?")
	h.press(h.ana, m, "b0")
	h.until("it runs after all", func() bool { return strings.Join(h.lines(), ",") == "echo old" })
}

// A request that asked something before the process died is asked about with another question than its own: "yes, do it
// now" must never stand for an answer it did not show.
func TestQuestionAfterARestartIsNotTheOneTheRequestAsked(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.leave("e-1", h.ana, "sure", 0)
	_, write := pose(entry{ID: "e-1", At: h.clock.Now(), User: h.ana}, Message{Text: "Sure?"}, &Question{Options: []Button{{Label: "Yes", Line: "echo yes"}, {Label: "No"}}})
	if err := h.db.Update(context.Background(), write); err != nil {
		t.Fatal(err)
	}
	h.forward(20 * time.Minute)
	h.start()
	h.press(h.ana, h.shown(h.slack.DMChannel(h.ana), "do you still want it?"), "b0")
	h.until("the request runs", func() bool { return len(h.audits()) == 2 })
	if got := h.lines(); len(got) != 0 {
		t.Errorf("it ran %v, which nobody asked for", got)
	}
}

func TestAnswerThatWasNotReachedIsAskedAboutAsWhatItStoodFor(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	asked := entry{ID: "e-0", At: h.clock.Now(), User: h.ana}
	buttons, write := pose(asked, Message{Text: "Sure?"}, &Question{Options: []Button{{Label: "Yes", Line: "echo yes"}, {Label: "No"}}})
	if err := h.db.Update(context.Background(), write); err != nil {
		t.Fatal(err)
	}
	h.leave("e-1", h.ana, buttons[0].Line, 0)
	h.leave("e-2", h.ben, buttons[0].Line, 0)
	h.forward(20 * time.Minute)
	h.start()
	m := h.shown(h.slack.DMChannel(h.ana), "You asked for `/echo yes`")
	h.press(h.ana, m, "b0")
	h.until("it runs after all", func() bool { return strings.Join(h.lines(), ",") == "echo yes" })
	h.shown(h.slack.DMChannel(h.ben), "That question is for <@"+h.ana+">")
}

func TestOldFormAndShortcutAreNotPassedOverInSilence(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	for _, e := range []entry{{ID: "V1", Via: Submit, Line: "file", View: "V1"}, {ID: "e-2", Via: MessageShortcut, Line: "keep"}, {ID: "e-3", Via: Home, Line: "home"}} {
		e.At, e.User, e.Team, e.Holder = h.clock.Now(), h.ana, h.slack.TeamID, "bolt@0"
		if err := h.db.Update(context.Background(), func(tx store.Tx) error { return store.Save(tx, openKey(e.ID), e) }); err != nil {
			t.Fatal(err)
		}
	}
	h.forward(20 * time.Minute)
	h.start()
	dm := h.slack.DMChannel(h.ana)
	h.shown(dm, "I did not get to the shortcut `keep`")
	m := h.shown(dm, "I did not get to the form for `/file`")
	h.press(h.ana, m, "b0")
	h.until("the form is open again", func() bool { return len(h.slack.Views(h.ana)) == 1 })
	if n := len(h.slack.Messages(dm)); n != 2 || len(h.lines()) != 0 {
		t.Errorf("%d messages; ran %v", n, h.lines())
	}
}

func TestOneRequestThatCannotBeLookedUpKeepsNothingFromStarting(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.alter("admin", func(c *Command) {
		c.Made = func(context.Context, Request) (Reply, bool, error) { return Reply{}, false, errors.New("unreadable") }
	})
	h.leave("e-1", h.ana, "admin", 0)
	h.leave("e-2", h.ana, "echo other", 0)
	h.start()
	h.until("the other runs", func() bool { return strings.Join(h.lines(), ",") == "echo other" })
	h.shown(h.slack.DMChannel(h.ana), reference("e-1"))
}

// press presses a button of a message.
func (h *harness) press(user string, m slacktest.Message, button string) {
	h.t.Helper()
	if _, err := h.slack.Press(user, slacktest.OnMessage(m), button, ""); err != nil {
		h.t.Fatal(err)
	}
}

func TestWhatDiedThreeTimesIsParked(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.leave("e-1", h.ana, "echo deadly", maxDeaths-1)
	h.start()
	h.shown(h.slack.DMChannel(h.ana), "I gave up on `/echo deadly`")
	platform, _ := h.slack.Channel("platform")
	h.shown(platform.ID, "I parked `/echo deadly`")
	if got := h.lines(); len(got) != 0 {
		t.Errorf("ran %v", got)
	}
	if a := h.audited("echo deadly"); a.Decision != "parked" {
		t.Errorf("audit %+v", a)
	}
	h.restart()
	h.types(h.ana, h.payments, "/echo alive")
	h.told(h.ana, h.payments, "done echo alive")
	if n := len(h.slack.Messages(h.slack.DMChannel(h.ana))); n != 1 {
		t.Errorf("the asker was told %d times", n)
	}
}

func TestAcceptedWorkIsFinishedWhenTheBotStops(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.types(h.ana, h.payments, "/hold")
	h.until("it runs", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.held == 1
	})
	stopped := make(chan struct{})
	go func() { h.stop(); close(stopped) }()
	h.until("nothing more is taken", func() bool { return h.slack.Connections().Open == 0 })
	close(h.gate)
	<-stopped
	h.told(h.ana, h.payments, "done hold")
	_ = h.db.View(context.Background(), func(s store.Snapshot) error {
		for key := range s.Scan(openPrefix, "") {
			t.Errorf("%s is still open", key)
		}
		return nil
	})
}

func TestAddressIsErasedWhenARequestIsDone(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.types(h.ana, h.payments, "/echo private")
	h.audited("echo private")
	_ = h.db.View(context.Background(), func(s store.Snapshot) error {
		for key, value := range s.Scan("", "") {
			if strings.Contains(string(value), "http://") {
				t.Errorf("%s still holds an address: %s", key, value)
			}
		}
		return nil
	})
}

// What waited for its turn when others died is not what Shipmate died of: only what was begun again counts.
func TestRequestThatNeverBeganIsNotCounted(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.leave("e-1", h.ana, "hold", 0)
	h.leave("e-2", h.ana, "echo patient", 0) // behind the first, in the same person's lane
	h.start()
	tries := func(id string) (n int) {
		err := h.db.View(context.Background(), func(s store.Snapshot) error {
			e, found, err := store.Load[entry](s, openKey(id))
			if n = e.Tries; err == nil && !found {
				n = -1
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	h.until("the first is begun again", func() bool { return tries("e-1") == 1 })
	if n := tries("e-2"); n != 0 {
		t.Errorf("what never began counts %d", n)
	}
	close(h.gate)
	h.shown(h.slack.DMChannel(h.ana), "done echo patient")
}

func TestTimeWithoutAProcessIsToldToTheAdmins(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.start()
	h.restart() // at once: nothing to tell
	h.stop()
	h.forward(20 * time.Minute)
	h.restart()
	platform, _ := h.slack.Channel("platform")
	h.shown(platform.ID, "I was down from about")
	if n := len(h.slack.Messages(platform.ID)); n != 1 {
		t.Errorf("%d words to the admins", n)
	}
}
