package main

import (
	"testing"

	"shipmate/bot/slacktest"
	"shipmate/integrations/github/githubtest"
)

// Who wished it is told when what they wrote runs in production, and nobody else.
func TestTheAuthorIsToldThatItShipped(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana, ben, dev := h.as("ana").in("#storefront"), h.as("ben").in("#storefront"), h.as("dev").in("#storefront")
	repo := h.github.Repo("acme/catalog")
	ben.types("/deploy catalog staging").sees("✅ *catalog*")
	dev.types("/shipmate link @ana github ana").isTold("<@" + ana.id + "> is `ana` on GitHub")
	ana.types("/shipmate notify shipped on").isTold("🔔 You hear of pull requests of yours that run in production. It comes at once")
	merges := func(branch, title, login string) {
		repo.Branch(branch, "main").Commit(branch, login, title, githubtest.Files{branch: title})
		repo.MergePR(repo.OpenPR(githubtest.PR{Author: login, Title: title, Head: branch}), login)
	}
	merges("a", "Show *prices* in <euro>", "ana")
	merges("b", "Of ben", "ben")
	ben.types("/deploy catalog staging").seesCard(2, "✅ *catalog*")
	ana.find("reads in her direct messages", []string{"🚢 *catalog* runs in *staging* with what you wrote", "Show ∗prices∗ in &lt;euro&gt;", "Tell me no more"},
		func() []slacktest.Message { return h.slack.DM(ana.id) })
	ana.types("/shipmate notify shipped off").isTold("🔕 You hear no more")
	merges("c", "Once more", "ana")
	ben.types("/deploy catalog staging").seesCard(3, "✅ *catalog*")
}
