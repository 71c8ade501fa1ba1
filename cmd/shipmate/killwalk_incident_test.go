//go:build killwalk

package main

import (
	"strings"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/integrations/github/githubtest"
)

// withIncidents tells those who follow incidents in #platform, and wants post-mortems of the worst.
func withIncidents(s *stage) {
	s.github.AddRepo("acme/handbook").At(s.clock.Now().Add(-48*time.Hour)).Commit("main", "ana", "Begin", githubtest.Files{"README.md": "How we work\n"})
	s.configure(companyYAML + "incidents: {updates: [\"#platform\"]}\npostmortem: {repo: acme/handbook, severities: [sev1], items_repo: acme/handbook}\n")
}

// declaring is ana declaring that checkout is down, by the form.
func declaring(severity string) act {
	return act{what: "declaring an incident", can: func(*walk) bool { return true }, came: shows(0, "*INC-1*"),
		do: func(w *walk) (string, error) {
			return w.fills("/incident new payments fail", slacktest.Values{"title/v": {"payments fail"}, "severity/v": {severity},
				"service/v": {"checkout"}, "page/v": {"yes"}})
		}}
}

// incidents are the scenarios of what is declared, worked on and learnt from.
var incidents = []scenario{
	{
		name:  "declare and resolve",
		scene: withIncidents,
		pager: true,
		play: []act{
			declaring("sev1"),
			types("/incident role #1 commander me", func(w *walk) bool { return w.inRoom("*Commander*\\n<@" + w.people["ana"]) }),
			types("/incident status #1 resolved", shows(0, "✅ *INC-1*")),
		},
		done: func(w *walk) bool {
			return w.shows(0, "✅ *INC-1*") && w.inRoom("✅ *INC-1*") && w.inRoom("✅ Page to") && w.inRoom("acme/handbook#1") && w.callers() == "resolved"
		},
		cards: 1, left: []string{"rota/due/", "postmortem/due/"},
		check: func(w *walk) {
			w.oneRoom()
			w.pagedOnce(checkoutOnPager, true)
			for words, want := range map[string]int{"*INC-1* sev1: payments fail": 1, "is resolved after": 1} {
				if n := w.hears("platform", words); n != want {
					w.Errorf("those who follow it heard %q %d times", words, n)
				}
			}
			w.proposedOnce()
		},
	},
	{
		name:  "post-mortem to issues",
		scene: withIncidents,
		play: []act{
			declaring("sev1"),
			types("/incident status #1 resolved", func(w *walk) bool { return len(w.github.Pulls("acme/handbook")) > 0 }),
			{
				what: "merging the post-mortem", can: func(w *walk) bool { return w.inRoom("acme/handbook#1") },
				came: func(w *walk) bool { return w.github.Pulls("acme/handbook")[0].State != "open" },
				do: func(w *walk) (string, error) {
					r, pull := w.github.Repo("acme/handbook"), w.github.Pulls("acme/handbook")[0]
					const name = "postmortems/inc-1-payments-fail.md"
					text, _ := r.File(pull.Pull.Head, name)
					r.PushTo(pull.Number, "ana", "Write it", githubtest.Files{name: strings.Replace(text, "|  |  |  |  |  |",
						"| Try it in staging | ana | 2026-12-31 | prevent |  |\n| Watch the queue | | | detect |  |", 1)})
					r.MergePR(pull.Number, "ana")
					return "", errNotHeard
				},
			},
		},
		from: 1,
		done: func(w *walk) bool {
			return w.inRoom("Action items*: 2 open of 2") && len(w.github.Pulls("acme/handbook")[0].Comments) > 0
		},
		cards: 1, left: []string{"item/due/"},
		check: func(w *walk) {
			w.oneRoom()
			w.proposedOnce()
			if all := w.github.Issues("acme/handbook"); len(all) != 2 {
				w.Errorf("%d issues of two rows", len(all))
			}
			if n := len(w.github.Pulls("acme/handbook")[0].Comments); n != 1 {
				w.Errorf("the issues are listed %d times", n)
			}
		},
	},
}

// inRoom tells whether a message of the bot in the incident's channel holds the words.
func (w *walk) inRoom(words string) bool {
	for _, c := range w.slack.Channels() {
		if !strings.HasPrefix(c.Name, "inc-1-") {
			continue
		}
		for _, m := range w.slack.Messages(c.ID) {
			if m.BotID != "" && strings.Contains(whole(m), words) {
				return true
			}
		}
	}
	return false
}

// callers is how the one page stands on PagerDuty.
func (w *walk) callers() string {
	all := w.pager.Incidents()
	if len(all) != 1 {
		return ""
	}
	return all[0].Status
}

// hears counts the bot's messages in a channel that hold the words.
func (w *walk) hears(channel, words string) int {
	n := 0
	for _, m := range w.slack.Messages(w.channel(channel)) {
		if m.BotID != "" && strings.Contains(whole(m), words) {
			n++
		}
	}
	return n
}

// oneRoom checks that the incident has one channel, with one header in it, pinned once.
func (w *walk) oneRoom() {
	w.Helper()
	rooms := 0
	for _, c := range w.slack.Channels() {
		if !strings.HasPrefix(c.Name, "inc-") {
			continue
		}
		rooms++
		headers := 0
		for _, m := range w.slack.Messages(c.ID) {
			if m.BotID != "" && strings.Contains(whole(m), "*Severity*") {
				headers++
			}
		}
		if pins := len(w.slack.Pins(c.ID)); headers != 1 || pins != 1 {
			w.Errorf("#%s has %d headers and %d pins", c.Name, headers, pins)
		}
	}
	if rooms != 1 {
		w.Errorf("%d channels were made", rooms)
	}
}

// proposedOnce checks that the post-mortem is one pull request, of one commit of Shipmate's.
func (w *walk) proposedOnce() {
	w.Helper()
	pulls := w.github.Pulls("acme/handbook")
	if len(pulls) != 1 {
		w.Fatalf("%d pull requests", len(pulls))
	}
	n := 0
	for _, c := range w.github.Repo("acme/handbook").Log("", pulls[0].Pull.Head) {
		if strings.Contains(c.Message, "Shipmate-Request:") {
			n++
		}
	}
	if n < 1 || n > 2 { // once as it was made, and perhaps once more as it stood when all had ended
		w.Errorf("%d commits of Shipmate's", n)
	}
}
