//go:build killwalk

package main

import (
	"slices"
	"strings"

	"shipmate/adr"
	"shipmate/bot/slacktest"
	"shipmate/integrations/github/githubtest"
)

// deciding is ana proposing a decision by the form, as the nth live message.
func deciding(n int, title, supersedes string) act {
	return act{what: "proposing " + title, can: func(*walk) bool { return true }, came: shows(n, title),
		do: func(w *walk) (string, error) {
			return w.fills("/adr new", slacktest.Values{"title/v": {title}, "context/v": {"It hurts."}, "decides/v": {"We do it."}, "consequences/v": {"It is done."},
				"supersedes/v": {supersedes}})
		}}
}

// isOpen tells whether the nth proposal can be decided.
func isOpen(n int) func(*walk) bool { return shows(n, "*proposed*") }

// decisions are the scenarios of what is decided by thumbs.
var decisions = []scenario{
	{
		name:  "decide",
		scene: withDecisions,
		play: []act{
			deciding(0, "Use NATS", "1"),
			{what: "waiting for the pull request", can: isOpen(0), came: isOpen(0), do: func(*walk) (string, error) { return "", errNotHeard }},
			pressesAs("ben", 0, "👍", shows(0, "*accepted*")),
		},
		done: func(w *walk) bool {
			return w.shows(0, "*accepted*") && w.hears("platform", "*accepted*") > 0 && w.said("ana", "*accepted*") > 0
		},
		cards: 1, left: []string{"decisionlog/due/"},
		check: func(w *walk) {
			w.decided("Propose ADR-2: Use NATS")
			w.stands("0001-use-kafka.md", adr.StatusSuperseded)
			w.stands("0002-use-nats.md", adr.StatusAccepted)
			w.toldOnce("*accepted*")
		},
	},
	{
		name:  "overtake",
		scene: withDecisions,
		play: []act{
			deciding(0, "Use NATS", ""),
			{what: "waiting for the pull request", can: isOpen(0), came: isOpen(0), do: func(*walk) (string, error) { return "", errNotHeard }},
			deciding(1, "Use ZeroMQ", "2"),
			{what: "waiting for the second", can: isOpen(1), came: isOpen(1), do: func(*walk) (string, error) { return "", errNotHeard }},
			pressesAs("ben", 1, "👍", shows(1, "*accepted*")),
		},
		from: 4,
		done: func(w *walk) bool {
			return w.shows(1, "*accepted*") && w.shows(0, "superseded by *ADR-3* before it was decided")
		},
		cards: 2, left: []string{"decisionlog/due/"},
		check: func(w *walk) {
			w.decided("Propose ADR-2: Use NATS", "Propose ADR-3: Use ZeroMQ", "Supersede what ADR-3 supersedes")
			w.stands("0002-use-nats.md", adr.StatusSuperseded)
			w.stands("0003-use-zeromq.md", adr.StatusAccepted)
		},
	},
	{
		name:  "renumber and reject",
		scene: withDecisions,
		play: []act{
			deciding(0, "Use NATS", ""),
			{what: "waiting for the pull request", can: isOpen(0), came: isOpen(0), do: func(*walk) (string, error) { return "", errNotHeard }},
			{
				what: "somebody taking its number",
				can: func(w *walk) bool {
					_, taken := w.github.Repo("acme/decisions").File("main", "doc/adr/0002-mine.md")
					return w.shows(0, "*proposed*") && !taken
				},
				came: func(w *walk) bool { return buttonID(w.card(0), "Renumber") != "" },
				do: func(w *walk) (string, error) {
					w.github.Repo("acme/decisions").Commit("main", "ana", "By hand", githubtest.Files{"doc/adr/0002-mine.md": "# 2. Mine\n"})
					return "", errNotHeard
				},
			},
			presses(0, "Renumber", shows(0, "*ADR-3*: Use NATS · *proposed*")),
			types("/adr reject #3 record no", shows(0, "*rejected*")),
		},
		from:  3,
		done:  func(w *walk) bool { return w.shows(0, "*rejected*") && w.hears("platform", "*rejected*") > 0 },
		cards: 1, left: []string{"decisionlog/due/"},
		check: func(w *walk) {
			w.decided("Propose ADR-2: Use NATS", "Renumber ADR-2 to ADR-3", "Reject ADR-3: Use NATS")
			w.stands("0003-use-nats.md", adr.StatusRejected)
			w.toldOnce("*rejected*")
		},
	},
}

// decided checks that Shipmate made just these commits on branches of proposals, each once, that no proposal has two pull requests, and
// that no branch is left.
func (w *walk) decided(commits ...string) {
	w.Helper()
	r := w.github.Repo("acme/decisions")
	var made []string
	titles := map[string]bool{}
	for _, pull := range w.github.Pulls("acme/decisions") {
		if titles[pull.Title] {
			w.Errorf("two pull requests %q", pull.Title)
		}
		if titles[pull.Title] = true; pull.State == "open" {
			w.Errorf("%q is open", pull.Title)
		}
		for _, c := range r.Log("main", pull.Pull.HeadSHA) {
			if subject, _, _ := strings.Cut(c.Message, "\n"); !slices.Contains(made, subject) || strings.Contains(c.Message, "Shipmate-Request:") {
				made = append(made, subject)
			}
		}
	}
	slices.Sort(made)
	slices.Sort(commits)
	if !slices.Equal(made, commits) {
		w.Errorf("commits: %q, want %q", made, commits)
	}
	for _, b := range r.Branches() {
		if strings.HasPrefix(b, "adr/") {
			w.Errorf("the branch %s is left", b)
		}
	}
}

// stands checks how a record on the main branch says it stands.
func (w *walk) stands(name string, want adr.Status) {
	w.Helper()
	content, there := w.github.Repo("acme/decisions").File("main", "doc/adr/"+name)
	if got := adr.Parse(name, []byte(content)).Status; !there || got != want {
		w.Errorf("%s is %q, want %q", name, got, want)
	}
}

// toldOnce checks that those who follow decisions, and the author, were told once.
func (w *walk) toldOnce(words string) {
	w.Helper()
	if n, m := w.hears("platform", words), w.said("ana", words); n != 1 || m != 1 {
		w.Errorf("#platform was told %d times, and ana %d times", n, m)
	}
}
