package bot

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
)

// naming adds a command that takes a person and says who it is.
func naming(h *harness) *harness {
	kinds := map[string]Kind{"member": {Person: true}}
	for name, k := range testKinds {
		kinds[name] = k
	}
	h.kinds = kinds
	h.commands = func(h *harness) []Command {
		return append(testCommands(h), Command{Name: "who", Args: "<member>", Short: "Who", Who: Everyone,
			Run: func(_ context.Context, r Request) (Reply, error) { return Say("It is %s.", r.Arg("member")), nil }})
	}
	app := h.slack.App()
	app.Commands = append(app.Commands, slacktest.Command{Name: "/who", Escape: true})
	h.slack.SetApp(app)
	return h.start()
}

func TestAPersonIsNamedInEveryWay(t *testing.T) {
	t.Parallel()
	h := naming(newHarness(t))
	bens := "It is " + h.ben + "."
	for _, word := range []string{"@ben", "ben", "BEN", h.ben, "<@" + h.ben + "|ben>", "ben@acme.example", "Ben@Acme.example"} {
		before := len(h.slack.Ephemerals(h.ana, h.payments))
		h.types(h.ana, h.payments, "/who "+word)
		h.until("an answer to "+word, func() bool { return len(h.slack.Ephemerals(h.ana, h.payments)) > before })
		if got := whole(h.slack.Ephemerals(h.ana, h.payments)[before]); !strings.Contains(got, bens) {
			t.Errorf("%s: %s", word, got)
		}
	}
	h.types(h.ana, h.payments, "/who me")
	h.told(h.ana, h.payments, "It is "+h.ana+".")
	h.unproblematic()
}

func TestAWordThatNamesNobodyIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.slack.AddUser(slacktest.User{Name: "kim", Email: "kim@acme.example"})
	h.slack.AddUser(slacktest.User{Name: "kim", Email: "kim2@acme.example"})
	gone := h.slack.AddUser(slacktest.User{Name: "leo", Deleted: true}).ID
	naming(h)
	for word, why := range map[string]string{
		"zoe":                          "Nobody here is called `@zoe`",
		"zoe@acme.example":             "Nobody here has the e-mail address `zoe@acme.example`",
		"U0NOSUCHONE":                  "Slack knows no person `U0NOSUCHONE`",
		"kim":                          "More than one person is called `@kim`",
		"leo":                          "Nobody here is called `@leo`",
		"<@" + h.slack.BotUserID + ">": "is a bot",
		gone:                           "It is " + gone, // by ID: what is known of who left can still be looked at
	} {
		h.types(h.ana, h.payments, "/who "+word)
		h.told(h.ana, h.payments, why)
	}
}

func TestPeopleAreListedOnceForManyNames(t *testing.T) {
	t.Parallel()
	h := naming(newHarness(t))
	for range 3 {
		for _, word := range []string{"zoe", "dev"} {
			h.types(h.ana, h.payments, "/who "+word)
		}
	}
	h.until("six answers", func() bool { return len(h.slack.Ephemerals(h.ana, h.payments)) == 6 })
	if n := h.calls("users.list"); n != 1 {
		t.Fatalf("everybody was listed %d times", n)
	}
	zoe := h.slack.AddUser(slacktest.User{Name: "zoe"}).ID
	h.forward(rereadAfter + time.Second)
	h.types(h.ana, h.payments, "/who zoe")
	h.told(h.ana, h.payments, "It is "+zoe)
}

func TestAPersonIsNotGuessedWhenSlackDoesNotTell(t *testing.T) {
	t.Parallel()
	h := naming(newHarness(t))
	h.inject(slacktest.Fault{Method: "users.list", Kind: slacktest.ServerError})
	h.types(h.ana, h.payments, "/who ben")
	h.told(h.ana, h.payments, "Slack does not tell me who that is")
}

func TestAMentionInsideAWordIsTheWordThatWasTyped(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	for _, typed := range []string{"/ship checkout<@" + h.ben + "> staging", "/ship checkout<@" + h.ben + "|ben> staging"} {
		before := len(h.lines())
		h.types(h.ana, h.payments, typed)
		h.until(typed+" ran", func() bool { return len(h.lines()) > before })
		if got := h.lines()[before]; got != "ship checkout@ben staging" {
			t.Errorf("%s ran as %q", typed, got)
		}
	}
	h.types(h.ana, h.payments, "/echo thanks <@"+h.ben+"> (<@"+h.ben+">)")
	h.told(h.ana, h.payments, "done echo thanks &lt;@"+h.ben+"&gt; (&lt;@"+h.ben)
}

func TestAMentionInsideAWordIsNotTakenForAnIDWhenSlackDoesNotTell(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.types(h.ana, h.payments, "/echo hello") // ana is known from here on
	h.told(h.ana, h.payments, "done echo hello")
	h.inject(slacktest.Fault{Method: "users.info", Kind: slacktest.ServerError})
	h.types(h.ana, h.payments, "/ship checkout<@"+h.ben+"> staging")
	h.told(h.ana, h.payments, "does not tell me whom")
	if got := h.lines(); len(got) != 1 {
		t.Fatalf("ran %v", got)
	}
}
