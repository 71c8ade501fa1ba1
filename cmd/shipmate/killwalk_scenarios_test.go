//go:build killwalk

package main

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
)

// scenario is something people do with the program, and what must hold in the end however often it died meanwhile. A new
// capability adds one.
type scenario struct {
	name   string
	scene  func(*stage)     // how GitHub goes
	play   []act            // what people do
	from   int              // from which act on the program is killed
	away   time.Duration    // how long it stays dead
	done   func(*walk) bool // what shows that it is over
	runs   int              // workflow runs in the end, each of a deployment of its own
	orders int              // deployments that others carry out in the end
	cards  int              // live messages in the end
	left   []string         // what stays in the store, by the prefix of its key; all else that is still to be done must not
	pager  bool             // the program has a key for PagerDuty
	check  func(*walk)      // what else must hold
}

// act is one thing a person does.
type act struct {
	what string
	can  func(*walk) bool            // they see what they wait for
	do   func(*walk) (string, error) // returns the envelope
	came func(*walk) bool            // they see that something came of it
}

// types is ana typing a line in #payments.
func types(line string, came func(*walk) bool) act {
	return act{what: line, can: func(*walk) bool { return true }, came: came,
		do: func(w *walk) (string, error) { return w.slack.Slash(w.people["ana"], w.channel("payments"), line) }}
}

// presses is ana pressing a button of the nth card.
func presses(n int, label string, came func(*walk) bool) act { return pressesAs("ana", n, label, came) }

func pressesAs(who string, n int, label string, came func(*walk) bool) act {
	return act{what: "pressing " + label, came: came,
		can: func(w *walk) bool { return buttonID(w.card(n), label) != "" && w.shows(n, "") },
		do: func(w *walk) (string, error) {
			card := w.card(n)
			id := buttonID(card, label)
			if id == "" {
				return "", errors.New("the button is gone")
			}
			return w.slack.Press(w.people[who], slacktest.OnMessage(card), id, "")
		}}
}

func shows(n int, words ...string) func(*walk) bool {
	return func(w *walk) bool { return w.shows(n, words...) }
}

// quick is a run that does not take long.
var quick = githubtest.Script{Queue: time.Second, Step: time.Second}

var scenarios = slices.Concat(deliveries, pagings, incidents, decisions, timed, digests, reminders, atHome, debts)

// deliveries are the scenarios of what is deployed.
var deliveries = []scenario{
	{
		name:  "deploy",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", quick) },
		play:  []act{types("/deploy checkout staging", shows(0, ""))},
		done:  shows(0, "✅ *checkout*"),
		runs:  1, cards: 1,
		check: func(w *walk) {
			if n := len(w.replies(0)); n != 0 {
				w.Errorf("a quick success has %d replies", n)
			}
		},
	},
	{
		name:  "cancel",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", githubtest.HangAt("deploy", "Deploy")) },
		play: []act{
			types("/deploy checkout staging", shows(0, "🚀 Deploying")),
			presses(0, "Stop it", func(w *walk) bool { return w.shows(0, "asked to cancel") || w.shows(0, "was cancelled") }),
		},
		from: 1,
		done: shows(0, "⛔", "was cancelled by"),
		runs: 1, cards: 1,
		check: func(w *walk) {
			if w.told("ana") == 0 {
				w.Error("whoever cancelled was not answered")
			}
			if c := w.github.Runs("acme/checkout")[0].Conclusion; c != "cancelled" {
				w.Errorf("the run ended as %s", c)
			}
		},
	},
	{
		name: "retry",
		scene: func(s *stage) {
			s.checkout().Script("deploy.yml", quick).ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy", "no such column"))
		},
		play: []act{
			types("/deploy checkout staging", shows(0, "❌ Deploying")),
			presses(0, "Retry", func(w *walk) bool { return len(w.theCards()) > 1 }),
		},
		from: 1,
		done: func(w *walk) bool { return w.shows(0, "❌", "retried it") && w.shows(1, "✅ *checkout*") },
		runs: 2, cards: 2,
		check: func(w *walk) {
			if r := w.replies(0); len(r) != 1 || !hasAll(whole(r[0]), []string{"no such column", w.people["ana"]}) {
				w.Errorf("the failure is told %d times", len(r))
			}
		},
	},
	{
		name:  "unknown ref",
		play:  []act{types("/deploy checkout@mian staging", func(w *walk) bool { return w.told("ana", "mian", "main") > 0 })},
		done:  func(*walk) bool { return true },
		check: func(*walk) {},
	},
	{
		name:  "busy slot",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", githubtest.HangAt("deploy", "Deploy")) },
		play: []act{
			types("/deploy checkout staging", shows(0, "🚀 Deploying")),
			types("/deploy shop stg", func(w *walk) bool { return w.told("ana", "already deploying") > 0 }),
		},
		from: 1,
		done: func(w *walk) bool {
			runs := w.github.Runs("acme/checkout")
			if len(runs) > 0 && runs[0].Conclusion == "" {
				w.github.FinishRun("acme/checkout", runs[0].ID, "success")
			}
			return w.shows(0, "✅ *checkout*")
		},
		runs: 1, cards: 1,
		check: func(*walk) {},
	},
	{
		name:  "confirmed deploy",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", quick) },
		play: []act{
			types("/deploy checkout production", func(w *walk) bool { return w.lastTold("ana", "to *production*?").TS != "" }),
			answers("to *production*?", "Deploy to production", shows(0, "")),
		},
		done: shows(0, "✅ *checkout*", "production"),
		runs: 1, cards: 1,
		check: func(*walk) {},
	},
	{
		name: "in order",
		scene: func(s *stage) {
			s.configure(strings.Replace(companyYAML, "confirm: true", "after: staging", 1))
			s.checkout().Script("deploy.yml", quick)
		},
		play: []act{
			types("/deploy checkout staging", shows(0, "✅ *checkout*")),
			types("/deploy checkout production", func(w *walk) bool { return len(w.theCards()) > 1 }),
		},
		from: 1,
		done: shows(1, "✅ *checkout*", "production"),
		runs: 2, cards: 2,
		check: func(*walk) {},
	},
	{
		name: "promote",
		scene: func(s *stage) {
			s.configure(strings.Replace(companyYAML, "confirm: true", "after: staging, confirm: true", 1))
			s.checkout().Script("deploy.yml", quick)
		},
		play: []act{
			types("/deploy checkout staging", shows(0, "✅ *checkout*", "Promote to production")),
			{
				what: "pressing Promote to production after a commit that nobody asked for",
				can:  shows(0, "✅ *checkout*", "Promote to production"),
				do: func(w *walk) (string, error) {
					if w.checkout().Head("main") == w.github.Runs("acme/checkout")[0].Inputs["sha"] {
						w.checkout().Commit("main", "ben", "Not to be promoted", githubtest.Files{"new.txt": "new"})
					}
					return presses(0, "Promote to production", nil).do(w)
				},
				came: func(w *walk) bool { return w.lastTold("ana", "to *production*?").TS != "" },
			},
			answers("to *production*?", "Deploy to production", func(w *walk) bool { return len(w.theCards()) > 1 }),
		},
		from: 1,
		done: shows(1, "✅ *checkout*", "production", "what ran on *staging*"),
		runs: 2, cards: 2,
		check: func(w *walk) {
			runs := w.github.Runs("acme/checkout")
			if runs[0].Inputs["sha"] != runs[1].Inputs["sha"] {
				w.Errorf("staging had %s, production got %s", runs[0].Inputs["sha"], runs[1].Inputs["sha"])
			}
		},
	},
	{
		name:  "out of order",
		scene: func(s *stage) { s.configure(strings.Replace(companyYAML, "confirm: true", "after: staging", 1)) },
		play: []act{types("/deploy checkout production", func(w *walk) bool {
			return w.told("ana", "Not deployed", "comes after *staging*") > 0
		})},
		done:  func(*walk) bool { return true },
		check: func(*walk) {},
	},
	{
		name: "lock",
		play: []act{
			types("/deploy lock checkout staging for 2h we look", func(w *walk) bool { return w.says("is locked by") }),
			types("/deploy checkout staging", func(w *walk) bool { return w.told("ana", "Not deployed", "is locked by") > 0 }),
		},
		done:  func(*walk) bool { return true },
		check: func(*walk) {},
	},
	{
		name:  "freeze",
		scene: keptByPayments,
		play: []act{
			types("/deploy freeze staging for 2h we look", func(w *walk) bool { return w.says("is frozen by") }),
			types("/deploy checkout staging", func(w *walk) bool { return w.told("ana", "Not deployed", "is frozen by", "Thaw") > 0 }),
		},
		done:  func(*walk) bool { return true },
		check: func(*walk) {},
	},
	{
		name:  "thaw",
		scene: keptByPayments,
		play: []act{
			types("/deploy freeze staging we look", func(w *walk) bool { return w.says("is frozen by") }),
			types("/deploy thaw staging", func(w *walk) bool { return w.says("is thawed by") }),
			types("/deploy freezes", func(w *walk) bool { return w.told("ana", "Nothing is frozen now.") > 0 }),
		},
		from:  1,
		done:  func(*walk) bool { return true },
		check: func(*walk) {},
	},
	{
		name:  "waiting line",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", quick) },
		play: []act{
			types("/deploy lock checkout staging for 2h we look", func(w *walk) bool { return w.says("is locked by") }),
			types("/deploy notify checkout staging", func(w *walk) bool { return w.told("ana", "You are told in a direct message") > 0 }),
			types("/deploy unlock checkout staging", func(w *walk) bool { return w.said("ana", "is free now") > 0 }),
			{
				what: "pressing Deploy in the direct message",
				can:  func(w *walk) bool { return w.said("ana", "is free now") > 0 },
				came: func(w *walk) bool { return len(w.theCards()) > 0 },
				do: func(w *walk) (string, error) {
					m := w.slack.DM(w.people["ana"])[0]
					return w.slack.Press(w.people["ana"], slacktest.OnMessage(m), buttonID(m, "Deploy"), "")
				},
			},
		},
		from: 1,
		done: shows(0, "✅ *checkout*"),
		runs: 1, cards: 1,
		check: func(w *walk) {
			if n := w.said("ana", "is free now"); n != 1 {
				w.Errorf("ana was told %d times that it is her turn", n)
			}
		},
	},
	{
		name:  "deploy by form",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", quick) },
		play: []act{{
			what: "deploying by form",
			can:  func(*walk) bool { return true },
			do:   byForm,
			came: shows(0, ""),
		}},
		done: shows(0, "✅ *checkout*", "by form"),
		runs: 1, cards: 1,
		check: func(*walk) {},
	},
	{
		name:  "deploy, and back after ten minutes",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", quick) },
		away:  downFor,
		play: []act{
			types("/deploy checkout staging", func(w *walk) bool { return w.shows(0, "") || w.told("ana", "do you still want it?") > 0 }),
			{
				what: "saying yes to the old question",
				can:  func(*walk) bool { return true },
				do: func(w *walk) (string, error) {
					m := w.lastTold("ana", "do you still want it?")
					return w.slack.Press(w.people["ana"], slacktest.OnMessage(m), buttonID(m, "Yes, do it now"), "")
				},
				came: shows(0, ""),
			},
		},
		done: shows(0, "✅ *checkout*"),
		runs: 1, cards: 1,
		check: func(*walk) {},
	},
	{
		name:  "approve",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", quick) },
		play: []act{
			types("/deploy checkout guarded", shows(0, "waits for 1 approval")),
			pressesAs("ben", 0, "Approve", func(w *walk) bool { return w.shows(0, "Approved by") || w.shows(0, "✅ *checkout*") }),
		},
		done: shows(0, "✅ *checkout*", "Approved by"),
		runs: 1, cards: 1,
		check: func(w *walk) {
			if n := len(w.replies(0)); n != 1 {
				w.Errorf("whoever asked was told %d times that it is approved", n)
			}
		},
	},
	{
		name:  "reject",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", quick) },
		play: []act{
			types("/deploy checkout guarded", shows(0, "waits for 1 approval")),
			types("/deploy reject checkout guarded not today", shows(0, "was rejected by")),
		},
		from: 1,
		done: shows(0, "was rejected by", "not today"),
		runs: 0, cards: 1,
		check: func(w *walk) {
			if w.told("ana", "Rejected") == 0 && w.told("ana", "No deployment of *checkout* waits") == 0 {
				w.Error("whoever rejected was not answered")
			}
		},
	},
	{
		name: "rollback",
		scene: func(s *stage) {
			s.checkout().Script("deploy.yml", quick).Script("deploy.yml", quick)
		},
		play: []act{
			types("/deploy checkout staging", shows(0, "✅ *checkout*")),
			{
				what: "shipping the next commit", can: shows(0, "✅ *checkout*"),
				do: func(w *walk) (string, error) {
					if w.checkout().Head("main") == w.github.Runs("acme/checkout")[0].Inputs["sha"] {
						w.checkout().Commit("main", "ben", "Break it", githubtest.Files{"app.txt": "broken"})
					}
					return w.slack.Slash(w.people["ana"], w.channel("payments"), "/deploy checkout@main staging")
				},
				came: shows(1, "✅ *checkout*"),
			},
			types("/deploy rollback checkout staging because orders are lost", func(w *walk) bool { return w.lastTold("ana", "Roll *checkout* in *staging* back").TS != "" }),
			answers("Roll *checkout* in *staging* back", "Roll back", func(w *walk) bool { return w.shows(2, "") }),
		},
		from: 2,
		done: func(w *walk) bool { return w.shows(2, "is back at") && w.shows(1, "was rolled back from *staging*") },
		runs: 3, cards: 3,
		// The commit is kept out, and whoever went back is asked about the lock for ever.
		left: []string{"delivery/veto/checkout/staging/", "delivery/lock/checkout/staging", "lock/due/"},
		check: func(w *walk) {
			runs := w.github.Runs("acme/checkout")
			if runs[0].Inputs["sha"] != runs[2].Inputs["sha"] || runs[1].Inputs["sha"] == runs[2].Inputs["sha"] {
				w.Errorf("went back to %s", runs[2].Inputs["sha"])
			}
		},
	},
	{
		name:  "break-glass",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", quick) },
		play: []act{
			types("/deploy break-glass checkout guarded orders are lost", func(w *walk) bool { return w.lastTold("ana", "Break the glass and deploy").TS != "" }),
			answers("Break the glass and deploy", "Break the glass", shows(0, "has broken the glass")),
			pressesAs("ben", 0, "Sign the review", shows(0, "has signed the review")),
		},
		from: 1,
		done: shows(0, "✅ *checkout*", "has signed the review"),
		runs: 1, cards: 1,
		check: func(w *walk) {
			if n := len(w.slack.Messages(w.channel("platform"))); n != 1 {
				w.Errorf("the admins were told %d times", n)
			}
			if n := len(w.replies(0)); n != 1 {
				w.Errorf("the approvers were told %d times", n)
			}
		},
	},
	{
		name:  "announced",
		scene: func(s *stage) { s.checkout().Script("deploy.yml", quick) },
		play:  []act{types("/deploy checkout told", shows(0, ""))},
		done: func(w *walk) bool {
			all := w.slack.Messages(w.channel("releases"))
			return w.shows(0, "✅ *checkout*") && len(all) > 0 && strings.Contains(whole(all[0]), "✅ *checkout*")
		},
		runs: 1, cards: 1,
		check: func(w *walk) {
			if n := len(w.slack.Messages(w.channel("releases"))); n != 1 {
				w.Errorf("it was announced %d times", n)
			}
		},
	},
	{
		name:  "inputs",
		scene: (*stage).takesInputs,
		play: []act{
			types(`/deploy checkout staging note="two words"`, func(w *walk) bool { return w.lastTold("ana", "Which `region`?").TS != "" }),
			answers("Which `region`?", "us", shows(0, "")),
		},
		done: shows(0, "✅ *checkout*", "With `note=two words` `region=us`"),
		runs: 1, cards: 1,
		check: func(w *walk) {
			if got := w.github.Runs("acme/checkout")[0].Inputs; got["region"] != "us" || got["note"] != "two words" || got["tier"] != "small" {
				w.Errorf("sent %v", got)
			}
		},
	},
	{
		name:  "unhealthy",
		scene: falls,
		play:  []act{types("/deploy checkout staging", shows(0, ""))},
		done:  shows(0, "⚠️ *checkout*", "and unhealthy: it answered 503, not 200"),
		runs:  1, cards: 1,
		check: func(w *walk) {
			if r := w.replies(0); len(r) != 1 || !hasAll(whole(r[0]), []string{"did not stay healthy", w.people["ana"]}) || buttonID(r[0], "Roll back") == "" {
				w.Errorf("that it is unhealthy is told %d times", len(r))
			}
		},
	},
	{
		name:  "carried out by others",
		scene: listens,
		play:  []act{types("/deploy checkout staging", shows(0, ""))},
		done: func(w *walk) bool {
			for _, d := range w.github.Deployments("acme/checkout") {
				if len(d.States) == 0 {
					w.checkout().Report(d.ID, "ana", githubtest.Says{State: "success", SiteURL: "https://staging.acme.example"})
				}
			}
			return w.shows(0, "✅ *checkout*")
		},
		orders: 1, cards: 1,
		check: func(*walk) {},
	},
	{
		name:  "carried out by others, who alone can stop it",
		scene: listens,
		play: []act{
			types("/deploy checkout staging", shows(0, "queued")),
			presses(0, "Stop it", shows(0, "asked to stop it at")),
			presses(0, "Free staging", shows(0, "was given up by")),
		},
		from:   1,
		done:   shows(0, "was given up by"),
		orders: 1, cards: 1,
		check: func(*walk) {},
	},
	{
		name:  "recorded on GitHub",
		scene: records,
		play:  []act{types("/deploy checkout staging", shows(0, ""))},
		done:  shows(0, "✅ *checkout*"),
		runs:  1, cards: 1,
		check: func(w *walk) {
			all := w.github.Deployments("acme/checkout")
			if len(all) != 1 || len(all[0].States) == 0 || all[0].States[len(all[0].States)-1] != "success" {
				w.Errorf("GitHub was told %+v", all)
				return
			}
			if said := slices.Compact(slices.Clone(all[0].States)); len(said) != len(all[0].States) {
				w.Errorf("GitHub was told twice: %v", all[0].States)
			}
		},
	},
	{
		name:  "watched pipeline",
		scene: failsOnce,
		play: []act{
			types("/pipeline watch checkout", shows(0, "❌ *checkout*")),
			presses(0, "Rerun failed", shows(0, again)),
		},
		done:  shows(0, "✅ *checkout*", again, "CI: attempt 2"),
		cards: 1,
		check: func(w *walk) {
			w.checkRanAgain()
			if w.told("ana", "Running again") == 0 {
				w.Error("whoever pressed was not answered")
			}
		},
	},
	{
		name: "rerun of a pipeline",
		scene: func(s *stage) {
			failsOnce(s)
			s.clock.Advance(time.Minute)
		},
		play: []act{
			types("/pipeline checkout", func(w *walk) bool { return w.lastTold("ana", "❌ *checkout*", "Rerun failed").TS != "" }),
			answers("❌ *checkout*", "Rerun failed", shows(0, again)),
		},
		done:  shows(0, "✅ *checkout*", again, "CI: attempt 2"),
		cards: 1,
		check: (*walk).checkRanAgain,
	},
}

// keptByPayments lets ana's team close staging to everybody.
func keptByPayments(s *stage) {
	s.configure(strings.Replace(companyYAML, "aliases: [stg]", "aliases: [stg], deployers: [payments]", 1))
}

// takesInputs has checkout's workflow given something.
func (s *stage) takesInputs() {
	s.configure(strings.Replace(companyYAML, "    repo: acme/checkout\n",
		"    repo: acme/checkout\n    deploy: {inputs: {region: {options: [eu, us], required: true}, note: {pattern: .+}, tier: {options: [small, large], default: small}}}\n", 1))
	s.checkout().Script("deploy.yml", quick)
	s.checkout().Commit("main", "ana", "Take inputs", githubtest.Files{".github/workflows/deploy.yml": strings.Replace(github.ExampleWorkflow,
		"    inputs:\n", "    inputs:\n      region: {type: string}\n      note: {type: string}\n      tier: {type: string}\n", 1)})
}

// falls is a service that does not answer well once it is deployed, and is watched.
func falls(s *stage) {
	s.checkout().Script("deploy.yml", quick)
	s.watched(func() int { return http.StatusServiceUnavailable })
}

// listens is a service that others deploy, who listen to GitHub's deployments.
func listens(s *stage) {
	s.configure(strings.Replace(companyYAML, "links:", "deploy: {deployment: true}\n    links:", 1))
}

// records is a service whose deployments are written on GitHub beside their runs.
func records(s *stage) {
	s.checkout().Script("deploy.yml", quick)
	s.configure(strings.Replace(companyYAML, "links:", "deploy: {record: true}\n    links:", 1))
}

// failsOnce is a commit whose tests fail, and pass when they are run again.
func failsOnce(s *stage) {
	s.checkout().Script("ci.yml", quick).ScriptNext("ci.yml", githubtest.FailAt("test", "Unit tests", "want 3, got 4"))
	s.checkout().Commit("main", "ben", "Test it", githubtest.Files{".github/workflows/ci.yml": ciWorkflow})
}

// checkRanAgain checks that the tests were run once more and no oftener, that ana was told how they ended, and that the card
// never went back to the failure.
func (w *walk) checkRanAgain() {
	w.Helper()
	for _, r := range w.github.Runs("acme/checkout") {
		if r.Workflow == "ci.yml" && (r.Attempt != 2 || r.Conclusion != "success") {
			w.Errorf("attempt %d of CI ended as %q, want attempt 2 and success", r.Attempt, r.Conclusion)
		}
	}
	told := 0
	for _, m := range w.replies(0) {
		if hasAll(whole(m), []string{"✅", w.people["ana"]}) {
			told++
		}
	}
	if told != 1 {
		w.Errorf("ana was told %d times that it passed", told)
	}
	if w.shows(0, "Rerun failed") {
		w.Error("what passed can be run again as failed")
	}
}

// answers is ana pressing an answer of the latest question that holds the words.
func answers(question, label string, came func(*walk) bool) act {
	return act{what: "answering " + label, came: came,
		can: func(w *walk) bool { return w.lastTold("ana", question).TS != "" },
		do: func(w *walk) (string, error) {
			m := w.lastTold("ana", question)
			return w.slack.Press(w.people["ana"], slacktest.OnMessage(m), buttonID(m, label), "")
		}}
}

var errNotHeard = errors.New("it did not arrive")

// byForm is ana filling in the form of /deploy.
func byForm(w *walk) (string, error) {
	return w.fills("/deploy", slacktest.Values{"service/v": {"checkout"}, "environment/v": {"staging"}, "reason/v": {"by form"}})
}

// fills is ana filling in the form that a line opens; what never came of it she does again from the beginning.
func (w *walk) fills(line string, values slacktest.Values) (string, error) {
	ana := w.people["ana"]
	if len(w.slack.Views(ana)) == 0 && w.lastTold("ana", "Open the form").TS == "" {
		envelope, err := w.slack.Slash(ana, w.channel("payments"), line)
		if err != nil {
			return "", err
		}
		if !w.heard(envelope) {
			return "", errNotHeard
		}
		w.until("the form or a button for it", func() bool {
			return len(w.slack.Views(ana)) > 0 || w.lastTold("ana", "Open the form").TS != ""
		})
	}
	if button := w.lastTold("ana", "Open the form"); len(w.slack.Views(ana)) == 0 && button.TS != "" {
		envelope, err := w.slack.Press(ana, slacktest.OnMessage(button), buttonID(button, "Open the form"), "")
		if err != nil {
			return "", err
		}
		if !w.heard(envelope) {
			return "", errNotHeard
		}
		w.until("the form", func() bool { return len(w.slack.Views(ana)) > 0 || w.lastTold("ana", "Open the form").TS != button.TS })
	}
	open := w.slack.Views(ana)
	if len(open) == 0 {
		return "", errors.New("no form")
	}
	return w.slack.Submit(ana, open[len(open)-1].ID, values)
}
