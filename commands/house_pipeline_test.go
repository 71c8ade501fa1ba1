package commands_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/commands"
	"shipmate/config"
	"shipmate/integrations/github/githubtest"
)

const ciWorkflow = `
name: CI
on:
  push: {branches: [main]}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - name: Unit tests
        run: make test
`

// ci pushes a commit that CI runs on, as the scripts say.
func (h *house) ci(scripts ...githubtest.Script) string {
	h.repo.ScriptNext("ci.yml", scripts...)
	return h.repo.Commit("main", "ana", "Add <!channel> CI", githubtest.Files{".github/workflows/ci.yml": ciWorkflow})
}

// attempt expects CI to be at an attempt.
func (h *house) attempt(want int) {
	h.Helper()
	for _, r := range h.github.Runs("acme/checkout") {
		if r.Workflow == "ci.yml" && r.Attempt != want {
			h.Errorf("CI is at attempt %d, want %d", r.Attempt, want)
		}
	}
}

// grown has two more services, so that a bare commit is no longer enough.
func (h *house) grown() *house {
	h.Helper()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(strings.Replace(strings.Replace(houseYAML, "services:\n", "  docs: {channel: \"#docs\", slack_group: docs}\nservices:\n", 1), "environments:\n  staging: {", `  billing: {repo: acme/billing, team: payments, environments: [staging]}
  wiki: {repo: acme/wiki, team: docs, environments: [staging]}
environments:
  staging: {`, 1)+`
`), config.Options{})
	if len(mistakes) > 0 {
		h.Fatal(mistakes)
	}
	h.config = cfg
	return h
}

func TestPipelineIsReadPrivatelyAndWatchedForAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sha := h.ci(githubtest.FailAt("test", "Unit tests", "expected <3>"))
	h.open()
	h.types(h.cy, "/pipeline shop")
	read := h.told(h.cy, "the only check has not ended yet")
	if !strings.Contains(whole(read), "Add &lt;!channel&gt; CI") || !strings.Contains(whole(read), "`main` requires none of them") {
		t.Errorf("the answer: %s", whole(read))
	}
	h.cards(0)
	h.presses(h.cy, read, "Watch")
	card := h.shown("❌ *checkout* `" + sha[:7] + "`: the only check failed")
	told := h.threaded(card, "<@"+h.cy+">, ❌")
	for _, words := range []string{"expected &lt;3&gt;", "Unit tests"} {
		if !strings.Contains(whole(told), words) || !strings.Contains(whole(card), words) {
			t.Errorf("%q is missing", words)
		}
	}
	h.presses(h.cy, card, "Rerun failed")
	h.told(h.cy, "You may not do this")
	h.attempt(1)
	h.presses(h.ben, card, "Rerun failed")
	h.told(h.ben, "the card tells how it goes")
	h.presses(h.ana, card, "Rerun failed")
	h.told(h.ana, "That button is out of date. <@"+h.ben+"> asked at")
	again := h.shown("✅ *checkout* `" + sha[:7] + "`: the only check passed")
	h.threaded(card, "<@"+h.ben+">, <@"+h.cy+">, ✅")
	if again.TS != card.TS || !strings.Contains(whole(again), "CI: attempt 2") {
		t.Errorf("the card: %s", whole(again))
	}
	h.cards(1)
	h.attempt(2)
}

func TestRerunFromAnAnswerIsSeenByAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ci(githubtest.FailAt("test", "Unit tests"))
	h.passes(time.Minute)
	h.open()
	h.types(h.ana, "/pipeline checkout")
	read := h.told(h.ana, "the only check failed")
	h.presses(h.ana, read, "Rerun failed")
	card := h.shown("the only check passed")
	h.threaded(card, "<@"+h.ana+">, ✅")
	h.presses(h.ana, read, "Rerun failed")
	h.told(h.ana, "<@"+h.ana+"> already ran it again at")
	h.types(h.ana, "/pipeline rerun failed checkout")
	h.told(h.ana, "There is nothing to run again")
	h.cards(1)
	h.attempt(2)
}

func TestPullRequestsAndCommitsNeedAService(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sha := h.ci()
	h.repo.Branch("fix", "main")
	head := h.repo.Commit("fix", "ana", "Fix it", githubtest.Files{"a": "b"})
	if n := h.repo.OpenPR(githubtest.PR{Author: "ana", Title: "Fix <it>", Head: "fix", Base: "main"}); n != 1 {
		t.Fatalf("#%d", n)
	}
	h.open()
	h.types(h.ana, "/pipeline #1") // the channel's team has one service
	if m := h.told(h.ana, "#1> `"+head[:7]+"`: no checks at all"); !strings.Contains(whole(m), "Fix &lt;it&gt;") {
		t.Errorf("%s", whole(m))
	}
	h.types(h.ana, "/pipeline "+sha[:8])
	h.told(h.ana, "*checkout* `"+sha[:7]+"`")
	h.grown()
	h.types(h.ana, "/pipeline "+sha[:8])
	question := h.told(h.ana, "Which service's `"+sha[:8]+"`?")
	if buttonID(question, "billing") == "" || buttonID(question, "wiki") != "" {
		t.Errorf("offered: %s", whole(question))
	}
	before := len(h.slack.Ephemerals(h.ana, h.payments))
	h.presses(h.ana, question, "checkout")
	h.until("it is answered", func() bool { return len(h.slack.Ephemerals(h.ana, h.payments)) > before })
	h.types(h.ana, "/pipeline watch #1")
	h.presses(h.ana, h.told(h.ana, "Which service's `#1`?"), "checkout")
	h.shown("#1> `" + head[:7] + "`: no checks at all")
	h.types(h.ana, "/pipeline #1 in checkout")
	h.types(h.ana, "/pipeline #99 checkout")
	h.told(h.ana, "acme/checkout has no pull request #99")
	h.types(h.ana, "/pipeline chekout")
	h.told(h.ana, "Did you mean `checkout`?")
}

// Elsewhere than in a team's channel all services are offered.
func TestServicesAreAskedForInADirectMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t).grown()
	h.open()
	c := command(t, h.deps, "pipeline")
	reply, err := c.Run(context.Background(), bot.Request{ID: "r", At: h.clock.Now(), User: h.ana, Channel: "D0ANA", Args: bot.Args{"pr": "7"}, Config: h.config})
	if err != nil || reply.Question == nil || len(reply.Question.Options) != 3 || reply.Question.Options[0].Line != "pipeline #7 billing" {
		t.Fatalf("%+v, %v", reply, err)
	}
}

func TestGitHubAwayIsOneSentence(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ci()
	h.open()
	h.github.Down(true)
	for _, line := range []string{"/pipeline checkout", "/pipeline watch checkout", "/pipeline rerun all checkout"} {
		before := len(h.slack.Ephemerals(h.ana, h.payments))
		h.types(h.ana, line)
		h.until(line+" is answered", func() bool { return len(h.slack.Ephemerals(h.ana, h.payments)) > before })
		m := h.slack.Ephemerals(h.ana, h.payments)[before]
		if !strings.Contains(m.Text, "GitHub has a problem of its own (503)") {
			t.Errorf("%s: %s", line, whole(m))
		}
	}
	h.cards(0)
}

func command(t *testing.T, d commands.Deps, name string) bot.Command {
	t.Helper()
	for _, c := range commands.All(d) {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no command %s", name)
	return bot.Command{}
}

// What people type, and what it is taken for.
func TestPipelineLinesBind(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	lines := map[string]string{ // the line → how it is decided
		"pipeline checkout":                              "allowed",
		"pipeline SHOP@main":                             "allowed",
		"pipeline #12":                                   "allowed",
		"pipeline #12 in shop":                           "allowed",
		"pipeline 1A2B3C4":                               "allowed",
		"pipeline 1a2b3c4 checkout":                      "allowed",
		"pipeline watch checkout@v1":                     "allowed",
		"pipeline watch #12 checkout":                    "allowed",
		"pipeline rerun failed checkout":                 "allowed",
		"pipeline rerun ALL checkout@1a2b3c4 12.1,13.2":  "allowed",
		"pipeline rerun all w-4kq7x2m5wz":                "allowed",
		"pipeline":                                       "unfit",
		"pipeline chekout":                               "unfit",
		"pipeline #x":                                    "unfit",
		"pipeline 1a2b3c":                                "unfit",
		"pipeline #12 nothing":                           "unfit",
		"pipeline checkout staging":                      "unfit",
		"pipeline rerun checkout":                        "unfit",
		"pipeline rerun some checkout":                   "unfit",
		"pipeline rerun failed checkout@1a2b3c4 nothing": "unfit",
		"pipeline rerun failed":                          "unfit",
	}
	for line := range lines {
		h.types(h.ana, "/"+line)
	}
	seen := map[string]bot.Audit{}
	h.wait("all lines are answered", 100*time.Millisecond, func() bool {
		_ = bot.AuditLog(context.Background(), h.db, time.Time{}, func(a bot.Audit) bool {
			seen[a.Line] = a
			return true
		})
		return len(seen) == len(lines)
	})
	for line, want := range lines {
		if got := seen[line].Decision; got != want {
			t.Errorf("%s: %s (%s), want %s", line, got, seen[line].Outcome, want)
		}
	}
}

// Every button of every answer is a line that is understood.
func TestPipelineButtonsAreUnderstood(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ci(githubtest.FailAt("test", "Unit tests"))
	h.passes(time.Minute)
	h.open()
	h.types(h.ana, "/pipeline checkout")
	read := h.told(h.ana, "the only check failed")
	for i, label := range []string{"Rerun all", "Rerun failed"} {
		if buttonID(read, label) == "" {
			t.Fatalf("no %s: %s", label, whole(read))
		}
		h.presses(h.ana, read, label)
		if i == 0 {
			h.shown("the only check passed")
		}
	}
	h.told(h.ana, "already ran it again")
	h.attempt(2)
}

// A crash after a wish was written down: the same request is answered as before, though its button is out of date by then.
func TestRerunFromACardIsKnownByItsRequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ci(githubtest.FailAt("test", "Unit tests"))
	h.passes(time.Minute)
	h.open()
	ctx := context.Background()
	does := func(name, request string, args bot.Args) bot.Reply {
		t.Helper()
		c, req := command(t, h.deps, name), bot.Request{ID: request, At: h.clock.Now(), User: h.ana, Channel: h.payments, Args: args, Config: h.config}
		if _, ok, err := c.Made(ctx, req); ok || err != nil {
			t.Errorf("%s was made before it was asked for: %v", name, err)
		}
		reply, err := c.Run(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		made, ok, err := c.Made(ctx, bot.Request{ID: request, User: h.ana, Channel: h.payments, Args: bot.Args{}, Config: h.config})
		if !ok || err != nil || !reflect.DeepEqual(made, reply) {
			t.Errorf("%s answered %+v; what was made is told as %+v, %v, %v", name, reply, made, ok, err)
		}
		return reply
	}
	card := does("pipeline watch", "the first", bot.Args{"service": "checkout"}).Card
	if card == nil {
		t.Fatal("no card")
	}
	if again := does("pipeline rerun", "the second", bot.Args{"jobs": "failed", "watch": card.ID}); again.Card != nil || !strings.Contains(string(again.Text), "the card tells how it goes") {
		t.Errorf("the answer: %+v", again)
	}
}
