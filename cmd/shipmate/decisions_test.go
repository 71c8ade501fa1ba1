package main

import (
	"context"
	"strconv"
	"time"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/integrations/github/githubtest"
)

// withDecisions keeps decisions in acme/decisions, where one is made already and one thumb makes another.
func withDecisions(s *stage) {
	s.Helper()
	old := adr.Draft{Number: 1, Title: "Use Kafka", Date: "2026-01-02", Context: "Queues.", Decision: "We use Kafka.", Consequences: "One cluster."}
	s.github.AddRepo("acme/decisions").At(s.clock.Now().Add(-48*time.Hour)).Commit("main", "ana", "Begin",
		githubtest.Files{"doc/adr/0001-use-kafka.md": string(old.Render(""))})
	s.configure(companyYAML + "adr: {repo: acme/decisions, dir: doc/adr, approvals: 1, announce: [\"#platform\"]}\n")
}

// keepsDecisions builds the program anew where decisions are kept.
func (i *idle) keepsDecisions() {
	i.Helper()
	withDecisions(i.stage)
	i.crash()
}

// proposes is a proposal of ben's whose pull request is open.
func (i *idle) proposes() *adr.Proposal {
	i.Helper()
	i.keepsDecisions()
	bg := context.Background()
	p, err := i.app.decisions.Propose(bg, adr.Want{Request: "the proposal", At: i.clock.Now(), By: i.people["ben"], Channel: i.channel("payments"), Title: "Use NATS", Decision: "We do."})
	for err == nil && p.State == adr.Numbering {
		if _, err = i.app.decisions.StepProposal(bg, p.ID); err == nil {
			p, err = i.app.decisions.Proposal(bg, p.ID)
		}
	}
	if err != nil {
		i.Fatal(err)
	}
	return p
}

// proposed gives a command the proposal, and whether ana has given it her thumb already.
func proposed(liked bool) func(*idle, bot.Args) {
	return func(i *idle, a bot.Args) {
		a["decision"] = i.proposes().ID
		if !liked {
			return
		}
		if _, err := i.app.decisions.Vote(context.Background(), adr.VoteWant{Request: "likes it", At: i.clock.Now(), By: i.people["ana"], Proposal: a["decision"], Thumb: adr.Up}); err != nil {
			i.Fatal(err)
		}
	}
}

// collides gives a command a proposal whose number somebody else took.
func collides(i *idle, a bot.Args) {
	a["decision"] = i.proposes().ID
	i.github.Repo("acme/decisions").Commit("main", "ana", "By hand", githubtest.Files{"doc/adr/0002-mine.md": "# 2. Mine\n"})
	i.clock.Advance(time.Minute)
	if _, err := i.app.decisions.StepLog(context.Background(), "main"); err != nil {
		i.Fatal(err)
	}
}

// fromLaptop gives a command a pull request that nobody asked Shipmate for.
func fromLaptop(i *idle, a bot.Args) {
	i.keepsDecisions()
	if _, err := bot.NewLinks(i.app.db).Set(context.Background(), bot.Naming{Proven: true, At: i.clock.Now(), Person: i.people["ben"], Service: bot.OnGitHub, Login: "ben",
		By: i.people["dev"]}); err != nil {
		i.Fatal(err)
	}
	a["pull"] = strconv.Itoa(i.github.Repo("acme/decisions").OpenFromLaptop(githubtest.LaptopPR{Author: "ben", Title: "By hand",
		Files: githubtest.Files{"doc/adr/0002-by-hand.md": "# 2. By hand\n"}}))
}
