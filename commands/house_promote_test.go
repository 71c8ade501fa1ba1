package commands_test

import (
	"regexp"
	"strings"
	"testing"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

// houseEnvironments are those of the house's service, as its configuration lists them.
var houseEnvironments = regexp.MustCompile(`environments: \[staging.*\]`).FindString(houseYAML)

// However it is said, what runs in the one environment goes to the other, and nothing that was pushed since.
func TestPromoteAsPeopleSayIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.configure("production: {aliases: [prod], confirm: true}", "production: {aliases: [prod], after: staging, confirm: true}",
		houseEnvironments, "environments: [staging, production, preview]", "\n  gated:", "\n  preview: {}\n  gated:")
	sha := h.deployed("staging", delivery.Succeeded).Commit.SHA
	h.open()
	h.repo.Commit("main", "ana", "Pushed since", githubtest.Files{"a": "b"})
	for _, line := range []string{"checkout production", "shop to prod", "checkout staging production", "checkout from stg to the production"} {
		h.types(h.ben, "/deploy promote "+line)
	}
	h.until("all are asked about", func() bool { return len(h.slack.Ephemerals(h.ben, h.payments)) == 4 })
	for _, m := range h.slack.Ephemerals(h.ben, h.payments) {
		for _, words := range []string{"Deploy *checkout* `" + sha[:7] + "` to *production*?", "what succeeded last on *staging*", "by <@" + h.ana + ">"} {
			if !strings.Contains(whole(m), words) {
				t.Errorf("the question lacks %q: %s", words, whole(m))
			}
		}
	}
	h.runs(1)
	h.types(h.ana, "/deploy promote checkout production because the tests passed")
	question := h.told(h.ana, "Deploy *checkout*")
	h.types(h.cy, "/deploy promote checkout production")
	h.told(h.cy, "You may not do this")
	h.presses(h.ana, question, "Deploy to production")
	card := h.shown("✅ *checkout* `" + sha[:7] + "` is on *production*")
	for _, words := range []string{"asked for what ran on *staging*", "the tests passed"} {
		if !strings.Contains(whole(card), words) {
			t.Errorf("the card lacks %q: %s", words, whole(card))
		}
	}
	if runs := h.runs(2); runs[1].Inputs["sha"] != sha {
		t.Error("another commit was promoted")
	}
	h.types(h.ana, "/deploy promote checkout production")
	h.presses(h.ana, h.told(h.ana, "already runs `"+sha[:7]+"` in *production*"), "Deploy it again")
	h.wait("it runs again", 0, func() bool { return len(h.saying("what ran on *staging*")) == 2 })
}

// The button on a card means the commit of the card: when something else has come there, that is said.
func TestPromoteButtonMeansItsCommit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.configure("production: {aliases: [prod], confirm: true}", "production: {aliases: [prod], after: staging}",
		houseEnvironments, "environments: [staging, production]")
	h.open()
	first := h.repo.Head("main")
	h.types(h.ana, "/deploy checkout staging")
	card := h.shown("✅ *checkout* `" + first[:7] + "`")
	second := h.repo.Commit("main", "ana", "Another", githubtest.Files{"a": "b"})
	h.types(h.ana, "/deploy checkout staging")
	h.shown("✅ *checkout* `" + second[:7] + "`")
	h.presses(h.ben, card, "Promote to production")
	h.told(h.ben, "Deploy "+first[:7]+" to production")
	h.presses(h.ben, h.told(h.ben, "*staging* has"), "Promote "+second[:7])
	done := h.shown("✅ *checkout* `" + second[:7] + "` is on *production*")
	if strings.Contains(whole(done), "Promote to") {
		t.Error("nothing comes after production")
	}
	if h.runs(3)[2].Inputs["sha"] != second {
		t.Error("another commit was promoted")
	}
}

// What is doubtful is shown before anything is done, also where nobody is asked otherwise.
func TestPromoteShowsDoubt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.configure("confirm: true", "after: staging")
	good := h.deployed("staging", delivery.Succeeded).Commit.SHA
	h.repo.Commit("main", "ana", "Breaks", githubtest.Files{"a": "b"})
	h.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	bad := h.deployed("staging", delivery.Failed)
	h.open()
	h.types(h.ana, "/deploy promote checkout production")
	question := h.told(h.ana, "Deploying `"+bad.Commit.SHA[:7]+"` there later, as `"+bad.ID+"`, did not succeed, so part of that may run there.")
	h.runs(2)
	h.presses(h.ana, question, "Deploy to production")
	h.shown("✅ *checkout* `" + good[:7] + "` is on *production*")
}

func TestPromoteRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	for line, words := range map[string]string{
		"checkout production":              "*production* comes after no other environment, so say from which: `/deploy promote checkout staging production`.",
		"checkout staging staging":         "*staging* cannot be promoted to itself",
		"checkout staging prod":            "I know of nothing to promote: no deployment of mine of *checkout* to *staging* has succeeded yet.",
		"checkout from stagin to prod":     "There is no source environment `stagin`. Did you mean `staging`?",
		"checkout staging production soon": "is not understood here; after the environment goes because, and the reason",
		"checkout":                         "Which environment?",
	} {
		h.types(h.ana, "/deploy promote "+line)
		h.told(h.ana, words)
	}
	h.presses(h.ana, h.told(h.ana, "I know of nothing to promote"), "Deploy to staging")
	h.shown("is on *staging*")
}
