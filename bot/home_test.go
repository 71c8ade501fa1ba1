package bot

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/config"
)

// opensHome opens the home tab and waits for the ack.
func (h *harness) opensHome(user string) {
	h.t.Helper()
	ids, err := h.slack.OpenHome(user)
	if err != nil {
		h.t.Fatal(err)
	}
	h.until("the ack of the opened tab", func() bool { d, ok := h.slack.Ack(ids[0]); return ok && d.Acked })
}

// homeShows waits until a person's home tab holds the words.
func (h *harness) homeShows(user, words string) slacktest.View {
	h.t.Helper()
	var got slacktest.View
	h.until("the home tab of "+user+" shows "+words, func() bool {
		v, ok := h.slack.Home(user)
		got = v
		return ok && strings.Contains(whole(slacktest.Message{Blocks: v.Blocks}), words)
	})
	return got
}

func TestTheHomeTabShowsTheReplyWithinSlacksLimits(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.opensHome(h.ana)
	v := h.homeShows(h.ana, "Home of <@"+h.ana+"> &amp; &lt;all&gt;")
	var all []struct{ Type string }
	if err := json.Unmarshal(v.Blocks, &all); err != nil || len(all) > 100 || all[len(all)-1].Type != "actions" {
		t.Errorf("%d blocks, %v: %s", len(all), err, v.Blocks)
	}
	if _, err := h.slack.Press(h.ana, slacktest.OnView(v), "b0", ""); err != nil {
		t.Fatal(err)
	}
	h.shown(h.slack.DMChannel(h.ana), "done echo from home for") // a home tab has no channel to answer in
	if a := h.audited("home"); a.Via != "home" || a.Outcome != "ok" {
		t.Errorf("%+v", a)
	}
	h.unproblematic()
}

func TestAHomeTabIsPublishedAgainAfterAFault(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.inject(slacktest.Fault{Method: "views.publish", Kind: slacktest.ServerError, Times: 2})
	h.opensHome(h.ana)
	h.advanceUntil("the tab is there", func() bool { _, ok := h.slack.Home(h.ana); return ok })
	if n := h.calls("chat.postMessage") + h.calls("chat.postEphemeral"); n != 0 {
		t.Errorf("%d messages were sent for a home tab", n)
	}
}

func TestOnlyTheTabThatIsHomeIsPublished(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	if _, err := h.slack.OpenMessages(h.ana); err != nil {
		t.Fatal(err)
	}
	h.types(h.ana, h.payments, "/echo after")
	h.told(h.ana, h.payments, "done echo after")
	if _, ok := h.slack.Home(h.ana); ok || len(h.lines()) != 1 {
		t.Errorf("opening the messages tab ran %v", h.lines())
	}
}

func TestTeamsOfAPerson(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte("teams:\n  payments: {slack_group: payments-eng}\n  search: {members: [ben@acme.example, ana@acme.example]}\n"), config.Options{})
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	h.cfg = cfg
	h.start()
	for person, want := range map[string][]string{h.ana: {"payments", "search"}, h.ben: {"search"}, h.dev: nil} {
		got, err := h.bot.TeamsOf(t.Context(), person)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s is in %v, %v; want %v", person, got, err, want)
		}
	}
	h.forward(maxAge + time.Second)
	h.inject(slacktest.Fault{Method: "usergroups.list", Kind: slacktest.ServerError})
	if got, err := h.bot.TeamsOf(t.Context(), h.ana); !errors.As(err, new(*Error)) || !slices.Equal(got, []string{"search"}) {
		t.Errorf("who is in a group is not known: %v, %v", got, err)
	}
}

func contains(v slacktest.View, words string) bool {
	return strings.Contains(whole(slacktest.Message{Blocks: v.Blocks}), words)
}
