package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

// unproblematic fails the test for whatever a real Slack would have refused.
func (h *harness) unproblematic() {
	h.t.Helper()
	for _, p := range h.slack.Problems() {
		h.t.Errorf("Slack would not have taken that: %s: %s", p.Kind, p.Detail)
	}
}

func TestSlashCommandIsAnsweredAndAudited(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.types(h.ana, h.payments, "/echo hello <there> & @ben")
	h.told(h.ana, h.payments, "done echo hello &lt;there&gt; &amp; &lt;@"+h.ben)
	a := h.audited("echo hello <there> & <@" + h.ben + ">")

	if a.User != h.ana || a.Decision != "allowed" || a.Outcome != "ok" || a.Command != "echo" || a.Via != "slash" || a.Channel != h.payments {
		t.Errorf("audit %+v", a)
	}
	h.unproblematic()
}

func TestSlowCommandDelaysNoAckAndNoOtherPerson(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.types(h.ana, h.payments, "/hold")
	h.types(h.ana, h.payments, "/echo second")
	h.types(h.ben, h.payments, "/echo other")
	h.told(h.ben, h.payments, "done echo other")
	if got := h.lines(); len(got) != 1 {
		t.Fatalf("ran %v while the first was held", got)
	}
	close(h.gate)
	h.told(h.ana, h.payments, "done echo second")
	if got := strings.Join(h.lines(), ","); got != "echo other,hold,echo second" {
		t.Fatalf("ran %s", got)
	}
	h.unproblematic()
}

func TestSameEnvelopeAgainDoesNothingTwice(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	id := h.types(h.ana, h.payments, "/echo once")
	h.told(h.ana, h.payments, "done echo once")
	for _, same := range []bool{true, false} {
		ids, err := h.slack.Redeliver(id, 2, same)
		if err != nil {
			t.Fatal(err)
		}
		h.until("the repeats are acked", func() bool {
			for _, id := range ids {
				if d, ok := h.slack.Ack(id); !ok || !d.Acked {
					return false
				}
			}
			return true
		})
	}
	h.restart()
	ids, err := h.slack.Redeliver(id, 1, true)
	if err != nil {
		t.Fatal(err)
	}
	h.until("the repeat after the restart is acked", func() bool { d, ok := h.slack.Ack(ids[0]); return ok && d.Acked })
	h.types(h.ana, h.payments, "/echo last")
	h.told(h.ana, h.payments, "done echo last")
	if got := strings.Join(h.lines(), ","); got != "echo once,echo last" {
		t.Fatalf("ran %s", got)
	}
}

func TestSeenIsRememberedAnHourAndForgottenAfterTwo(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.start()
	id := h.types(h.ana, h.payments, "/echo once")
	h.told(h.ana, h.payments, "done echo once")
	h.forward(59 * time.Minute)
	if _, err := h.slack.Redeliver(id, 1, true); err != nil {
		t.Fatal(err)
	}
	h.types(h.ben, h.payments, "/echo x")
	h.told(h.ben, h.payments, "done echo x")
	if got := h.lines(); len(got) != 2 {
		t.Fatalf("ran %v", got)
	}
	seen := func() (n int) {
		_ = h.db.View(context.Background(), func(s store.Snapshot) error {
			n = 0
			for range s.Scan(seenPrefix, "") {
				n++
			}
			return nil
		})
		return n
	}
	if seen() == 0 {
		t.Fatal("nothing is remembered")
	}
	if err := h.bot.forgetSeen(context.Background(), h.clock.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := seen(); n != 0 {
		t.Fatalf("%d identities are kept for ever", n)
	}
}

func TestUnknownAndUnfitLinesAreAnsweredWithWhatWouldBeRight(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	for line, want := range map[string]string{
		"/ship chekout staging":     "There is no service `chekout`. Did you mean `checkout`?",
		"/ship checkout stagng":     "Did you mean `staging`?",
		"/ship statsu":              "`/ship status`",
		"/ship checkout staging ok": "I do not understand `ok`",
		"/poke x":                   "",
	} {
		if want == "" {
			continue // a button's command is no slash command: Slack itself refuses it
		}
		h.types(h.ana, h.payments, line)
		m := h.told(h.ana, h.payments, want)
		if strings.HasPrefix(line, "/ship") && !strings.Contains(whole(m), "Usage:") {
			t.Errorf("%s is answered without usage: %s", line, m.Text)
		}
	}
	if got := h.lines(); len(got) != 0 {
		t.Errorf("ran %v", got)
	}
	h.unproblematic()
}

func TestPermissionIsAskedAboveAllHandlers(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.types(h.ana, h.payments, "/ship shop to stg")
	h.told(h.ana, h.payments, "done ship shop to stg")
	h.types(h.ben, h.payments, "/ship checkout staging")
	h.told(h.ben, h.payments, "You may not do this. *payments* (@payments-eng) can.")
	h.types(h.ben, h.payments, "/admin")
	h.told(h.ben, h.payments, "dev@acme.example")
	h.types(h.dev, h.payments, "/admin")
	h.told(h.dev, h.payments, "done admin")
	h.types(h.guest, h.payments, "/echo hi")
	h.told(h.guest, h.payments, "Guests may not use Shipmate here")
	if a := h.audited("ship checkout staging"); a.Decision != "refused" || a.Outcome != "permission.denied" {
		t.Errorf("audit %+v", a)
	}
	// A change of the group counts at once, by Slack's notice.
	if err := h.slack.SetGroupMembers(h.group, h.ben); err != nil {
		t.Fatal(err)
	}
	h.types(h.ben, h.payments, "/echo after the notice")
	h.told(h.ben, h.payments, "done echo after the notice")
	h.types(h.ben, h.payments, "/ship checkout production")
	h.told(h.ben, h.payments, "done ship checkout production")
	h.types(h.ana, h.payments, "/ship checkout staging")
	h.told(h.ana, h.payments, "You may not do this")
	h.unproblematic()
}

func TestPermissionFailsClosed(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.types(h.ana, h.payments, "/ship checkout staging")
	h.told(h.ana, h.payments, "done ship")
	f, err := h.slack.Inject(slacktest.Fault{Method: "usergroups.list", Kind: slacktest.ServerError, Times: -1})
	if err != nil {
		t.Fatal(err)
	}
	h.forward(5 * time.Minute) // old, and still believed
	h.types(h.ana, h.payments, "/ship checkout production")
	h.told(h.ana, h.payments, "done ship checkout production")
	h.forward(6 * time.Minute) // too old
	h.types(h.ana, h.payments, "/ship shop staging")
	h.told(h.ana, h.payments, "Slack does not tell who is in which group")
	f.Remove()
	h.types(h.ana, h.payments, "/ship shop production")
	h.told(h.ana, h.payments, "done ship shop production")
}

func TestOtherWorkspacesPeopleAreRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	eve := h.slack.AddUser(slacktest.User{Name: "eve", TeamID: "T0OTHER0001"}).ID
	if err := h.slack.Join(eve, h.payments); err != nil {
		t.Fatal(err)
	}
	h.start()
	h.types(h.ana, h.payments, "/echo first")
	h.told(h.ana, h.payments, "done echo first")
	if _, err := h.slack.Slash(eve, h.payments, "/echo mine"); err == nil {
		h.told(eve, h.payments, "I only work for members of this workspace")
	}
	if err := h.slack.Deactivate(h.ben); err != nil {
		t.Fatal(err)
	}
	for _, line := range h.lines() {
		if line != "echo first" {
			t.Errorf("ran %s", line)
		}
	}
}

func TestInternalErrorsAndPanicsNeverReachSlack(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	for _, line := range []string{"/fail", "/panic"} {
		id := h.types(h.ana, h.payments, line)
		m := h.told(h.ana, h.payments, reference(id))
		if strings.Contains(whole(m), "secret") || strings.Contains(whole(m), "internal") {
			t.Errorf("%s says %s", line, whole(m))
		}
	}
	h.types(h.ana, h.payments, "/echo still here")
	h.told(h.ana, h.payments, "done echo still here")
}

func TestMentionsAndDirectMessagesAreLines(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if err := h.slack.Invite(h.ana, h.payments, h.slack.BotUserID); err != nil {
		t.Fatal(err)
	}
	h.start()
	h.types(h.ana, h.payments, "/echo first") // from here on the bot knows its own name
	h.told(h.ana, h.payments, "done echo first")
	said, err := h.slack.Say(h.ana, h.payments, "", "<@"+h.slack.BotUserID+"> echo “by mention”")
	if err != nil {
		t.Fatal(err)
	}
	h.told(h.ana, h.payments, `done echo \"by mention\"`)
	if _, err := h.slack.Say(h.ana, h.payments, said.TS, "<@"+h.slack.BotUserID+"> echo in thread"); err != nil {
		t.Fatal(err)
	}
	if m := h.told(h.ana, h.payments, "done echo in thread"); m.ThreadTS != said.TS {
		t.Errorf("answered outside the thread: %+v", m)
	}
	if _, err := h.slack.Say(h.ana, h.slack.DMChannel(h.ana), "", "echo privately"); err != nil {
		t.Fatal(err)
	}
	h.shown(h.slack.DMChannel(h.ana), "done echo privately")
	if _, err := h.slack.Say(h.ana, h.payments, "", "echo to nobody"); err != nil {
		t.Fatal(err)
	}
	h.types(h.ana, h.payments, "/echo end")
	h.told(h.ana, h.payments, "done echo end")
	if got := len(h.lines()); got != 5 {
		t.Errorf("ran %v", h.lines())
	}
	h.unproblematic()
}

func TestMissingArgumentIsAskedForWithButtons(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.types(h.ana, h.payments, "/ship checkout@v1.2")
	m := h.told(h.ana, h.payments, "Which environment?")
	h.inject(slacktest.Fault{Method: "response_url", Kind: slacktest.ServerError}) // the buttons stay
	if _, err := h.slack.Press(h.ana, slacktest.OnMessage(m), "b1", ""); err != nil {
		t.Fatal(err)
	}
	h.told(h.ana, h.payments, "done ship checkout@v1.2 production")
	if _, err := h.slack.Press(h.ana, slacktest.OnMessage(m), "b0", ""); err != nil {
		t.Fatal(err)
	}
	h.told(h.ana, h.payments, "You already answered that with *production*.")
	if got := len(h.lines()); got != 1 {
		t.Errorf("ran %v", h.lines())
	}
	h.unproblematic()
}

func TestAnsweredQuestionLosesItsButtonsAndSaysWhatWasChosen(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	for button, says := range map[string]string{"b0": "You chose *Yes*.", "b1": "All right, nothing happens."} {
		h.types(h.ana, h.payments, "/sure")
		h.press(h.ana, h.told(h.ana, h.payments, `"value":"answer `), button)
		if m := h.told(h.ana, h.payments, says); !strings.Contains(whole(m), "Sure?") || strings.Contains(whole(m), `"button"`) {
			t.Errorf("after %s it reads %s", button, whole(m))
		}
	}
	h.told(h.ana, h.payments, "done echo yes")
	if n := len(h.slack.Ephemerals(h.ana, h.payments)); n != 3 {
		t.Errorf("two questions and an answer are %d messages", n)
	}
	h.unproblematic()
}

func TestQuestionKeepsFreeTextAndTakesNo(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.types(h.ana, h.payments, "/sure")
	m := h.told(h.ana, h.payments, "Sure?")
	if _, err := h.slack.Press(h.ana, slacktest.OnMessage(m), "b1", ""); err != nil {
		t.Fatal(err)
	}
	h.told(h.ana, h.payments, "All right, nothing happens.")
	h.types(h.ben, h.payments, "/sure")
	m = h.told(h.ben, h.payments, "Sure?")
	if _, err := h.slack.Press(h.ben, slacktest.OnMessage(m), "b0", ""); err != nil {
		t.Fatal(err)
	}
	h.told(h.ben, h.payments, "done echo yes &amp; &lt;all&gt;")
	h.forward(25 * time.Hour)
	h.types(h.ana, h.payments, "/echo tomorrow")
	h.told(h.ana, h.payments, "done echo tomorrow")
}

func TestFormIsCheckedInItsAckAndTakenOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if err := h.slack.Invite(h.ana, h.payments, h.slack.BotUserID); err != nil {
		t.Fatal(err)
	}
	h.start()
	h.types(h.ana, h.payments, "/file")
	var v slacktest.View
	h.until("a form is open", func() bool {
		if vs := h.slack.Views(h.ana); len(vs) == 1 {
			v = vs[0]
			return true
		}
		return false
	})
	bad := slacktest.Values{"service/v": {"checkout"}, "note/v": {"bad"}}
	if _, err := h.slack.Submit(h.ana, v.ID, bad); err != nil {
		t.Fatal(err)
	}
	h.until("the form says what is wrong", func() bool { w, ok := h.slack.View(v.ID); return ok && w.Errors["note"] == "Not that." })
	good := slacktest.Values{"service/v": {"checkout"}, "note/v": {"“well” <done>"}}
	id, err := h.slack.Submit(h.ana, v.ID, good)
	if err != nil {
		t.Fatal(err)
	}
	h.told(h.ana, h.payments, "done file")
	ids, err := h.slack.Redeliver(id, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	h.until("the repeat is acked", func() bool { d, ok := h.slack.Ack(ids[0]); return ok && d.Acked })
	h.types(h.ana, h.payments, "/echo end")
	h.told(h.ana, h.payments, "done echo end")
	if got := strings.Join(h.lines(), ","); got != "file,echo end" {
		t.Errorf("ran %s", got)
	}
	h.unproblematic()
}

func TestShortcutsAndHomeAreRouted(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if err := h.slack.Invite(h.ana, h.payments, h.slack.BotUserID); err != nil {
		t.Fatal(err)
	}
	h.start()
	said, err := h.slack.Say(h.ben, h.payments, "", "remember this")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.slack.Shortcut(h.ana, "keep", h.payments, said.TS); err != nil {
		t.Fatal(err)
	}
	h.told(h.ana, h.payments, "done keep remember this")
	if _, err := h.slack.OpenHome(h.ana); err != nil {
		t.Fatal(err)
	}
	h.until("the home command ran", func() bool { return len(h.lines()) == 2 })
	h.unproblematic()
}

func TestBacklogOverItsLimitIsNotTaken(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.cfg.Limits.Backlog = 3
	h.start()
	var ids []string
	for range 5 {
		id, err := h.slack.Slash(h.ana, h.payments, "/hold")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		h.until("acked", func() bool { d, ok := h.slack.Ack(id); return ok && d.Acked })
	}
	d, _ := h.slack.Ack(ids[4])
	if !strings.Contains(string(d.AckPayload), "Not taken") {
		t.Fatalf("the fifth of three was acked with %s", d.AckPayload)
	}
	h.told(h.ana, h.payments, "Not taken: too much is waiting")
	close(h.gate)
}

func TestUnreadableEnvelopeIsAckedAndKept(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	for i, payload := range []string{`{"envelope_id":"odd-%d","type":"slash_commands","payload":{"text":[1]},"accepts_response_payload":true}`,
		`{"envelope_id":"odd-%d","type":"workflow_of_tomorrow","payload":{"x":1}}`} {
		id := fmt.Sprintf("odd-%d", i)
		if _, err := h.slack.Send(json.RawMessage(fmt.Sprintf(payload, i))); err != nil {
			t.Fatal(err)
		}
		h.until("it is acked", func() bool { d, ok := h.slack.Ack(id); return ok && d.Acked })
		err := h.db.View(context.Background(), func(s store.Snapshot) error {
			p, found, err := store.Load[parked](s, store.Key("journal", "parked", id))
			if err == nil && (!found || len(p.Raw) == 0) {
				t.Errorf("%s was not kept: %+v", id, p)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnswerFindsItsWay(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if err := h.slack.Invite(h.ana, h.payments, h.slack.BotUserID); err != nil {
		t.Fatal(err)
	}
	h.start()
	f, err := h.slack.Inject(slacktest.Fault{Method: "response_url", Kind: slacktest.Refuse, Error: "used_url", Times: -1})
	if err != nil {
		t.Fatal(err)
	}
	h.types(h.ana, h.payments, "/echo a")
	h.told(h.ana, h.payments, "done echo a") // by chat.postEphemeral
	h.types(h.ana, h.ops, "/echo b")         // the bot is not in there
	h.shown(h.slack.DMChannel(h.ana), "done echo b")
	f.Remove()
	if _, err := h.slack.Inject(slacktest.Fault{Method: "response_url", Kind: slacktest.ServerError, Times: 2}); err != nil {
		t.Fatal(err)
	}
	h.types(h.ana, h.payments, "/echo c")
	h.until("it is tried again", func() bool { h.forward(time.Second); return len(h.slack.Ephemerals(h.ana, h.payments)) >= 2 })
	h.told(h.ana, h.payments, "done echo c")
}

func TestPeopleAreNotAskedForWhileSlackWantsPeace(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.types(h.ana, h.payments, "/ship checkout staging")
	h.told(h.ana, h.payments, "done ship checkout staging")
	h.forward(5 * time.Minute) // what is known is old, and still good
	h.inject(slacktest.Fault{Method: "users.info", Kind: slacktest.RateLimited, RetryAfter: time.Minute, Times: -1})
	h.inject(slacktest.Fault{Method: "usergroups.list", Kind: slacktest.RateLimited, RetryAfter: time.Minute, Times: -1})
	before := h.calls("users.info") + h.calls("usergroups.list")
	for i := range 3 {
		h.types(h.ana, h.payments, fmt.Sprintf("/ship checkout@v%d staging", i))
		h.told(h.ana, h.payments, fmt.Sprintf("done ship checkout@v%d staging", i))
	}
	if n := h.calls("users.info") + h.calls("usergroups.list") - before; n != 2 {
		t.Errorf("Slack was asked %d times, and had said to wait", n)
	}
}

func TestPanicInAFormIsNotTheEnd(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.types(h.ana, h.payments, "/fragile")
	h.until("a form is open", func() bool { return len(h.slack.Views(h.ana)) == 1 })
	v := h.slack.Views(h.ana)[0]
	if _, err := h.slack.Submit(h.ana, v.ID, slacktest.Values{"x/v": {"1"}}); err != nil {
		t.Fatal(err)
	}
	h.until("the form says so", func() bool {
		w, ok := h.slack.View(v.ID)
		return ok && strings.Contains(string(w.Blocks), "I could not read this form") && !strings.Contains(string(w.Blocks), "secret")
	})
	h.types(h.ana, h.payments, "/echo still here")
	h.told(h.ana, h.payments, "done echo still here")
}
