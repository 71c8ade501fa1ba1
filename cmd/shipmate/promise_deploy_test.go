package main

import (
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/integrations/github/githubtest"
)

// slowly is a run of some minutes.
func slowly(s *stage) { s.checkout().Script("deploy.yml", githubtest.Script{Step: time.Minute}) }

// hanging is a run that never ends by itself.
func hanging(s *stage) { s.checkout().Script("deploy.yml", githubtest.HangAt("deploy", "Deploy")) }

// broken is a run that fails, and the next one does not.
func broken(s *stage) {
	s.checkout().ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy", "no such column: basket_id"))
}

func TestDeployToItsEndWithOneCard(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	sha := h.checkout().Head("main")[:7]
	ana := h.as("ana").in("#payments").types("/deploy shop to STG because of the demo")
	ana.sees("🚀 Deploying *checkout* `"+sha+"` to *staging*", "Add a basket", "of the demo")
	card := ana.seen.TS
	ana.sees("▶️", "deploy", "since") // the job, live
	ana.sees("✅ *checkout* `"+sha+"` is on *staging*", "View run", "<@"+ana.id+">", "grafana.example")
	if ana.seen.TS != card {
		t.Error("the end is told by another message")
	}
	if got := h.runs("acme/checkout", 1)[0].Inputs["sha"]; !strings.HasPrefix(got, sha) {
		t.Errorf("deployed %s", got)
	}
}

func TestChangesSinceWhatRunsThere(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments").types("/deploy checkout staging").sees("✅ *checkout*")
	repo := h.checkout()
	repo.Branch("fix", "main")
	repo.Commit("fix", "ben", "Round prices", githubtest.Files{"prices.txt": "1"})
	number := repo.OpenPR(githubtest.PR{Title: "Round prices & totals", Author: "ben", Head: "fix"})
	sha := repo.MergePR(number, "ana")[:7]
	ana.types("/deploy checkout staging").sees("Deploying *checkout* `"+sha+"`", "Round prices &amp; totals")
	ana.sees("✅ *checkout* `" + sha + "`")
	h.runs("acme/checkout", 2)
}

func TestLongDeployEndsWithAMentionInTheThread(t *testing.T) {
	t.Parallel()
	h := newHarness(t, slowly)
	ana := h.as("ana").in("#payments").types("/deploy checkout staging").sees("✅ *checkout*")
	ana.readsInThread("<@"+ana.id+">", "is on *staging* after 3 min")
}

func TestFailureIsLoudAndRetried(t *testing.T) {
	t.Parallel()
	h := newHarness(t, broken)
	ana := h.as("ana").in("#payments").types("/deploy checkout staging")
	ana.sees("❌ Deploying", "failed in *deploy*, step *Deploy*")
	card := ana.seen
	ana.readsInThread("<@"+ana.id+">", "no such column: basket_id")
	if !ana.seen.Broadcast {
		t.Error("the failure is not shown in the channel")
	}
	ana.seen = card
	ana.presses("Retry").sees("✅ *checkout*", "a retry of")
	ana.sees("❌ Deploying", "<@"+ana.id+"> retried it")
	runs := h.runs("acme/checkout", 2)
	if runs[0].Inputs["sha"] != runs[1].Inputs["sha"] {
		t.Error("the retry deployed another commit")
	}
	ana.seen = card // as it looked before
	ana.pressesAgain("Retry", card).isTold("already retried it")
}

func TestWhatAlreadyRunsIsAskedAbout(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments").types("/deploy checkout staging").sees("✅ *checkout*")
	ana.types("/deploy checkout staging because I can").isTold("already runs", "deployed by <@"+ana.id+">")
	question := ana.seen
	ana.presses("Deploy it again").hearsOnly("already runs", "You chose *Deploy it again*.")
	h.later("a second run", func() bool { return len(h.github.Runs("acme/checkout")) == 2 })
	ana.seesCard(2, "✅ *checkout*", "I can")
	ana.pressesAgain("Leave it", question).isTold("already answered that with *Deploy it again*")
	h.runs("acme/checkout", 2)
}

func TestSecondAskerIsToldWhoAndSinceWhen(t *testing.T) {
	t.Parallel()
	h := newHarness(t, hanging, func(s *stage) { s.team("payments-eng", "ana", "dev") })
	ana := h.as("ana").in("#payments").types("/deploy checkout staging").sees("🚀 Deploying")
	dev := h.as("dev").in("#payments").types("/deploy checkout staging")
	dev.isTold("<@"+ana.id+"> is already deploying", "since", "Stop it")
	dev.presses("Stop it").isTold("GitHub is asked to stop")
	ana.sees("⛔ Deploying", "was cancelled by <@"+dev.id+">")
	ana.readsInThread("<@" + ana.id + ">")
	dev.types("/deploy cancel checkout staging").isTold("Nothing is being deployed")
	if c := h.runs("acme/checkout", 1)[0].Conclusion; c != "cancelled" {
		t.Errorf("the run ended as %s", c)
	}
}

func TestProductionIsConfirmedForOneCommit(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	sha := h.checkout().Head("main")
	ana := h.as("ana").in("#payments").types("/deploy checkout prod").isTold("Deploy *checkout* `" + sha[:7] + "` to *production*?")
	h.checkout().Commit("main", "ben", "Pushed while somebody thinks", githubtest.Files{"late.txt": "1"})
	h.runs("acme/checkout", 0)
	ana.presses("Deploy to production").sees("✅ *checkout* `" + sha[:7] + "` is on *production*")
	if got := h.runs("acme/checkout", 1)[0].Inputs["sha"]; got != sha {
		t.Errorf("deployed %s, confirmed %s", got, sha)
	}
}

func TestWhatCannotBeIsToldToTheAskerAlone(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments")
	ana.types("/deploy checkout@mian staging").isTold("no branch, tag or commit `mian`", "Did you mean `main`?")
	ana.types("/deploy chekout staging").isTold("chekout", "checkout")
	ana.types("/deploy checkout").isTold("environment", "staging", "production")
	ana.types("/deploy catalog staging").isTold("You may not do this", "storefront")
	h.as("ben").in("#payments").types("/deploy checkout staging").isTold("You may not do this", "payments")
	ana.types("/deploy frobnicate now").isTold("frobnicate")
	h.runs("acme/checkout", 0)
}

func TestMissingEnvironmentIsAskedFor(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments").types("/deploy checkout").isTold("environment").presses("staging")
	ana.sees("✅ *checkout*", "is on *staging*")
	h.runs("acme/checkout", 1)
}

func TestReads(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ben := h.as("ben").in("#storefront").types("/deploy status").isTold("catalog", "not read here")
	h.as("ana").in("#payments").types("/deploy checkout staging").sees("✅ *checkout*")
	ben.types("/deploy status shop").isTold("Add a basket", "since", "<@"+h.people["ana"]+">")
	ben.types("/deploy history checkout staging 5").isTold("The latest deployment of *checkout* to *staging*")
	ben.types("/deploy history catalog").isTold("No deployments of *catalog* yet.")
	ben.types("/shipmate help").isTold("Stop a deployment")
	ben.types("/shipmate help deploy cancel").isTold("/deploy cancel checkout staging")
	ben.types("/shipmate version").isTold("Shipmate `")
	ben.types("/shipmate halp").isTold("help")
}

func TestLineIsTakenAsMentionAndAsDirectMessage(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments").says("@shipmate deploy status checkout", "")
	ana.hearsOnly("What runs where")
	direct := h.as("ana")
	direct.channel = h.slack.DMChannel(ana.id)
	direct.says("deploy history", "").sees("No deployments yet")
}

func TestForm(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments").types("/deploy")
	filled := func(ref string) slacktest.Values {
		return slacktest.Values{"service/v": {"checkout"}, "environment/v": {"staging"}, "ref/v": {ref}, "reason/v": {"by form"}}
	}
	ana.form()
	ana.submits(filled("two words")).formSays("no spaces")
	ana.submits(filled("mian"))
	back := ana.formSays("no branch, tag or commit `mian`")
	if !hasAll(string(back.Blocks), []string{"by form", "mian", "checkout"}) {
		t.Errorf("the form came back without what was filled in: %s", back.Blocks)
	}
	ana.submits(filled("main")).sees("✅ *checkout*", "by form")
	h.runs("acme/checkout", 1)
}
