//go:build killwalk

package main

import (
	"strings"
	"time"

	"shipmate/integrations/github/githubtest"
	"shipmate/schedule"
)

// digests are the scenarios of what a team is told at its hour. What runs at a time is an appointment for ever.
var digests = []scenario{
	{
		name:  "digest",
		scene: (*stage).busyDay,
		play:  untilTheDigest(comes("the digest", tells("Change the basket"))),
		from:  2,
		done:  func(w *walk) bool { return tells("Change the basket")(w) && len(w.replies(1)) > 0 },
		runs:  1, cards: 2, left: []string{"schedule/due/"},
		check: (*walk).toldTheDay,
	},
	{
		name: "digest that is completed",
		scene: func(s *stage) {
			s.busyDay()
			s.github.Fault(githubtest.Fault{Match: githubtest.OpListPulls, Kind: githubtest.Status503})
		},
		play: untilTheDigest(comes("the digest without pull requests", tells("Not read yet: pull requests")), comes("GitHub to answer again", func(w *walk) bool {
			w.github.ClearFaults()
			return true
		})),
		from: 2,
		done: func(w *walk) bool { return tells("Change the basket")(w) && len(w.replies(1)) > 0 },
		runs: 1, cards: 2, left: []string{"schedule/due/"},
		check: func(w *walk) {
			w.toldTheDay()
			if w.shows(1, "Not read yet") {
				w.Error("it is completed and says that it is not")
			}
		},
	},
}

// busyDay has payments told every working day at the planned time, with a pipeline that fails, a pull request that waits and debt.
func (s *stage) busyDay() {
	s.configure(strings.Replace(companyYAML, "slack_group: payments-eng", `slack_group: payments-eng, digest: "10 9 * * 1-5"`, 1))
	repo := s.checkout().Script("deploy.yml", quick)
	early := repo.At(s.clock.Now().Add(-30 * time.Minute))
	early.Commit("main", "ben", "Test it", githubtest.Files{".github/workflows/ci.yml": ciWorkflow})
	repo.At(s.clock.Now().Add(-20 * time.Minute)).AddRun(githubtest.PastRun{File: "ci.yml", Branch: "main", Actor: "ben", Attempts: []string{"failure"}})
	early.Branch("change", "main").Commit("change", "ben", "Change the basket", githubtest.Files{"basket.txt": "2"})
	early.AskReview(early.OpenPR(githubtest.PR{Title: "Change the basket", Author: "ben", Head: "change"}), "ana")
	early.OpenIssue("ben", "Two clocks", "", "tech-debt")
}

// untilTheDigest is a deployment of before, and then nobody doing anything.
func untilTheDigest(acts ...act) []act {
	return append([]act{
		types("/deploy checkout staging", shows(0, "✅ *checkout*")),
		comes("everything to be written", func(w *walk) bool { return w.quiet(30 * time.Second) }),
	}, acts...)
}

// tells tells whether the digest stands and has the words.
func tells(words ...string) func(*walk) bool {
	return func(w *walk) bool {
		return w.shows(1, append([]string{"📰 *payments*, Monday 9 March"}, words...)...)
	}
}

// toldTheDay checks that the digest has come once with all there is to tell, its details once in its thread, and that the day after is next.
func (w *walk) toldTheDay() {
	w.Helper()
	w.ranOnce(0)
	w.nextDay()
	for _, words := range []string{"❌ a pipeline fails", "CI> of checkout fails on `main`", "*checkout*: staging 1 ✅", "Change the basket", "*ana* to review", "Two clocks", "· new"} {
		if !w.shows(1, words) {
			w.Errorf("the digest does not say %q: %s", words, whole(w.card(1)))
		}
	}
	if said := w.replies(1); len(said) != 1 || !hasAll(whole(said[0]), []string{"✅ *checkout*", "to *staging*", "Two clocks"}) {
		w.Errorf("the details are in the thread %d times: %+v", len(said), said)
	}
	all := stored[schedule.Digest](w, "digest/one/")
	if len(all) != 1 || all[0].State != schedule.Told || len(all[0].Missing) > 0 || all[0].Ended.IsZero() {
		w.Errorf("digests: %+v", all)
	}
}
