package commands

import (
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/config"
	"shipmate/delivery"
)

var nine = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

const (
	runURL = "https://github.com/acme/checkout/actions/runs/77"
	newSHA = "1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b"
	oldSHA = "0f0e0d0c0b0a09080706050403020100ffeeddcc"
)

// made is a deployment as it is right after it was asked for, changed by fns.
func made(fns ...func(*delivery.Deployment)) *delivery.Deployment {
	d := &delivery.Deployment{
		ID: "d-4kq7x2m5wz", Request: "r", Version: 1, Stage: 1, State: delivery.Wanted,
		Service: "checkout", Environment: "staging", Repo: "acme/checkout", Ref: "main",
		Commit: delivery.Commit{SHA: newSHA, Subject: "Add <a> basket & more", Author: "ana", URL: "https://github.com/acme/checkout/commit/" + newSHA},
		Before: delivery.Before{SHA: oldSHA, Source: delivery.FromLedger},
		Changes: &delivery.Changes{Status: "ahead", Ahead: 2, URL: "https://github.com/acme/checkout/compare/a...b",
			PullRequests: []delivery.PullRequest{{Number: 12, Title: "Add a basket", Author: "ana", URL: "https://github.com/acme/checkout/pull/12"}}},
		By: "U0ANA", Reason: "the demo", Channel: "C0PAY", Home: "#payments", Created: nine,
		Decided: delivery.Decided{Workflow: "deploy.yml", Branch: "main", Search: config.Duration{Duration: 90 * time.Second},
			Start: config.Duration{Duration: 5 * time.Minute}, Links: map[string]string{"runbook": "https://wiki.example/r", "dashboard": "https://grafana.example/c"}},
	}
	for _, fn := range fns {
		fn(d)
	}
	return d
}

func in(s delivery.State) func(*delivery.Deployment) {
	return func(d *delivery.Deployment) {
		d.State = s
		if s != delivery.Wanted {
			d.Attempted = nine.Add(time.Second)
		}
		if s != delivery.Wanted && s != delivery.Dispatching {
			d.Run = &delivery.Run{ID: 77, URL: runURL, Attempt: 1, Status: "queued"}
			d.Dispatched = nine.Add(2 * time.Second)
			d.Jobs = []delivery.Job{{Name: "build", Status: "queued", URL: runURL + "/job/1"}, {Name: "deploy", Status: "queued"}}
		}
		if s == delivery.Running {
			d.Run.Status = "in_progress"
			d.Started = nine.Add(10 * time.Second)
			d.Jobs[0] = delivery.Job{Name: "build", Status: "completed", Conclusion: "success", Started: d.Started, Ended: nine.Add(75 * time.Second), URL: runURL + "/job/1"}
			d.Jobs[1] = delivery.Job{Name: "deploy", Status: "in_progress", Step: "Run migrations", Started: nine.Add(80 * time.Second)}
		}
	}
}

// ended brings a running deployment to its end.
func ended(s delivery.State, after time.Duration) func(*delivery.Deployment) {
	return func(d *delivery.Deployment) {
		in(delivery.Running)(d)
		d.State, d.Ended = s, nine.Add(after)
		conclusion := map[delivery.State]string{delivery.Succeeded: "success", delivery.Failed: "failure", delivery.Cancelled: "cancelled"}[s]
		d.Run.Status, d.Run.Conclusion = "completed", conclusion
		d.Jobs[1].Status, d.Jobs[1].Conclusion, d.Jobs[1].Ended = "completed", conclusion, d.Ended
		if s == delivery.Failed {
			d.Failure = &delivery.Failure{Job: "deploy", Step: "Run migrations", URL: runURL + "/job/2",
				Log: []string{"migrating", "ERROR: no such column <total> ```", "##[error]Process completed with exit code 1."}}
		}
	}
}

func cancelledBy0(by string) func(*delivery.Deployment) {
	return func(d *delivery.Deployment) {
		d.Cancel = &delivery.Cancel{By: by, At: nine.Add(90 * time.Second), Request: "c"}
	}
}

// approvalsOpen is the gate of two approvals, of which some are there.
func approvalsOpen(n int) delivery.Gate {
	g := delivery.Gate{Name: "approvals", Verdict: delivery.NotYet, Code: delivery.ApprovalsMissing, Total: 2, At: "shipmate.yaml:36:5",
		Who: []config.Principal{"payments", "group:leads", "U0DEV", "eve@acme.example"}}
	for range n {
		g.Votes = append(g.Votes, delivery.Vote{By: "U0BEN", At: nine.Add(time.Minute)})
	}
	return g
}

// waiting is a deployment to production that waits for gates, changed by fns.
func waiting(with ...any) *delivery.Deployment {
	d := made(func(d *delivery.Deployment) {
		d.State, d.Environment, d.Expires = delivery.Waiting, "production", nine.Add(4*time.Hour)
		d.Changes.PullRequests[0].Risks = "The old carts <are> lost."
	})
	for _, w := range with {
		switch w := w.(type) {
		case delivery.Gate:
			d.Open = append(d.Open, w)
			if w.Name == "approvals" {
				d.Approval = &delivery.Approval{Need: w.Total, Ask: []string{"S0PAY", "U0DEV"}, Votes: w.Votes}
			}
		case func(*delivery.Deployment):
			w(d)
		}
	}
	return d
}

// health is how it has done since it succeeded.
func health(s delivery.HealthState, checks, row int) func(*delivery.Deployment) {
	return func(d *delivery.Deployment) {
		d.Health = &delivery.Health{Since: d.Ended, Until: d.Ended.Add(10 * time.Minute), State: s, Checks: checks, Failed: row, Row: row}
		if row > 0 {
			d.Health.Why = "it answered 503, not 200"
		}
		if s != delivery.Watched {
			d.Health.Decided = d.Health.Until
		}
	}
}

// byOthers makes it one that is carried out by whoever listens to GitHub's deployments.
func byOthers(d *delivery.Deployment) {
	d.Decided.Deployment, d.Decided.Workflow, d.Site = true, "", "https://staging.acme.example/"
	d.Run.URL = "https://ci.acme.example/7"
	d.Jobs = []delivery.Job{{Name: "deployment", Status: "in_progress", Step: "rolling <out>", Started: d.Started, URL: d.Run.URL}}
}

// goingBack makes it a rollback.
func goingBack(d *delivery.Deployment) {
	d.Rollback = &delivery.Rollback{Of: "d-aaaaaaaaaa", Bad: delivery.Commit{SHA: oldSHA, Subject: "Add <b> basket", Author: "ben"}}
	d.Changes.Status, d.Changes.Ahead, d.Changes.Behind = "behind", 0, 2
}

// given makes it one whose asker gave inputs.
func given(d *delivery.Deployment) {
	d.Inputs = map[string]string{"region": "eu", "note": "a <b> & *c*"}
	d.Decided.Inputs = map[string]string{"region": "eu", "note": "a <b> & *c*", "canary": "10"}
}

// glassBroken makes it one past shut gates.
func glassBroken(d *delivery.Deployment) {
	d.Environment = "production"
	d.Glass = &delivery.Glass{Ask: []string{"S0PAY"}, Skipped: []delivery.Gate{
		{Name: "lock", Verdict: delivery.Skipped, Code: delivery.Locked, By: "U0BEN", Since: nine, Why: "the <database> moves"},
		{Name: "approvals", Verdict: delivery.Skipped, Code: delivery.ApprovalsMissing, Total: 2, Who: []config.Principal{"payments"}},
	}}
}

// cards are a deployment in every state, and whatever else changes how it looks.
func cards() map[string]*delivery.Deployment {
	lost := func(why delivery.Loss) func(*delivery.Deployment) {
		return func(d *delivery.Deployment) {
			d.State, d.Lost = delivery.Lost, why
			if why == delivery.NeverSeen {
				d.Run, d.Jobs = nil, nil
			}
		}
	}
	return map[string]*delivery.Deployment{
		"wanted":              made(),
		"dispatching":         made(in(delivery.Dispatching)),
		"queued":              made(in(delivery.Queued)),
		"queued late":         made(in(delivery.Queued), func(d *delivery.Deployment) { d.Late = nine.Add(5 * time.Minute) }),
		"starting late":       made(in(delivery.Dispatching), func(d *delivery.Deployment) { d.Late = nine.Add(5 * time.Minute) }),
		"queued for approval": made(in(delivery.Queued), func(d *delivery.Deployment) { d.Run.Status = "waiting" }),
		"running":             made(in(delivery.Running)),
		"running a commit":    made(in(delivery.Running), func(d *delivery.Deployment) { d.Ref = newSHA }),
		"running retry":       made(in(delivery.Running), func(d *delivery.Deployment) { d.RetryOf, d.Reason = "d-aaaaaaaaaa", "" }),
		"running unread": made(in(delivery.Running), func(d *delivery.Deployment) {
			d.Unread = &delivery.Trouble{Since: nine.Add(time.Minute), Why: "GitHub has a problem of its own (503).", Tries: 2}
		}),
		"running missing":         made(in(delivery.Running), func(d *delivery.Deployment) { d.Missing = nine.Add(time.Minute) }),
		"running cancelling":      made(in(delivery.Running), cancelledBy0("U0BEN")),
		"running cancelling sent": made(in(delivery.Running), cancelledBy0("U0BEN"), func(d *delivery.Deployment) { d.Cancel.Sent = nine.Add(92 * time.Second) }),
		"running cancelling unread": made(in(delivery.Running), cancelledBy0("U0BEN"), func(d *delivery.Deployment) {
			d.Unread = &delivery.Trouble{Since: nine.Add(time.Minute), Why: "GitHub has a problem of its own (503).", Tries: 2}
		}),
		"dispatching cancelling unread": made(in(delivery.Dispatching), cancelledBy0("U0BEN"), func(d *delivery.Deployment) {
			d.Unread = &delivery.Trouble{Since: nine.Add(time.Minute), Why: "GitHub answers slowly.", Tries: 1}
		}),
		"cancelled with a success": made(ended(delivery.Cancelled, 95*time.Second), cancelledBy0("U0BEN"), func(d *delivery.Deployment) {
			d.Run.Conclusion, d.Jobs[1].Conclusion = "success", "skipped"
		}),
		"dispatching cancelling": made(in(delivery.Dispatching), cancelledBy0("U0BEN")),
		"succeeded":              made(ended(delivery.Succeeded, 100*time.Second)),
		"succeeded with a next":  made(ended(delivery.Succeeded, 100*time.Second), func(d *delivery.Deployment) { d.Decided.Next = "production" }),
		"failed with a next":     made(ended(delivery.Failed, 95*time.Second), func(d *delivery.Deployment) { d.Decided.Next = "production" }),
		"promoted": made(in(delivery.Running), func(d *delivery.Deployment) {
			d.Environment, d.Ref = "production", delivery.AskedFrom("staging")
		}),
		"carried out by others": made(in(delivery.Running), byOthers),
		"carried out to its end": made(ended(delivery.Succeeded, 100*time.Second), byOthers, func(d *delivery.Deployment) {
			d.Jobs[0] = delivery.Job{Name: "deployment", Status: "completed", Conclusion: "success", Started: d.Started, Ended: d.Ended, URL: d.Run.URL}
		}),
		"carried out and unstoppable": made(in(delivery.Running), byOthers, cancelledBy0("U0BEN"), lost(delivery.Unstoppable)),
		"carried out late": made(in(delivery.Queued), byOthers, func(d *delivery.Deployment) {
			d.Run.URL, d.Site, d.Late, d.Jobs = "", "", nine.Add(5*time.Minute), []delivery.Job{{Name: "deployment", Status: "queued"}}
		}),
		"carried out badly": made(ended(delivery.Failed, 95*time.Second), byOthers, func(d *delivery.Deployment) {
			d.Failure = &delivery.Failure{Why: "Whoever carries it out said failure: no such <column>", URL: d.Run.URL}
			d.Jobs[0] = delivery.Job{Name: "deployment", Status: "completed", Conclusion: "failure", Started: d.Started, Ended: d.Ended, URL: d.Run.URL}
		}),
		"not recorded": made(in(delivery.Running), func(d *delivery.Deployment) {
			d.Decided.Record, d.Record = true, &delivery.Record{Why: "GitHub does not let Shipmate create deployments in acme/checkout: its token or App needs the permission Deployments: read and write."}
		}),
		"succeeded and watched": made(ended(delivery.Succeeded, 100*time.Second), health(delivery.Watched, 0, 0)),
		"succeeded and healthy": made(ended(delivery.Succeeded, 100*time.Second), health(delivery.Watched, 3, 0)),
		"succeeded and shaky":   made(ended(delivery.Succeeded, 100*time.Second), health(delivery.Watched, 3, 1)),
		"stayed healthy":        made(ended(delivery.Succeeded, 100*time.Second), health(delivery.Healthy, 41, 0)),
		"unhealthy":             made(ended(delivery.Succeeded, 100*time.Second), health(delivery.Unhealthy, 9, 3)),
		"unhealthy rolled back": made(ended(delivery.Succeeded, 100*time.Second), health(delivery.Unhealthy, 9, 3), func(d *delivery.Deployment) {
			d.RolledBack = &delivery.RolledBack{ID: "d-bbbbbbbbbb", By: "U0BEN", At: nine.Add(time.Hour), Ended: delivery.Succeeded}
		}),
		"unhealthy with a next":    made(ended(delivery.Succeeded, 100*time.Second), health(delivery.Unhealthy, 9, 3), func(d *delivery.Deployment) { d.Decided.Next = "production" }),
		"replaced":                 made(ended(delivery.Succeeded, 100*time.Second), health(delivery.Replaced, 9, 0)),
		"went back and is healthy": made(ended(delivery.Succeeded, 100*time.Second), goingBack, health(delivery.Watched, 3, 0)),
		"succeeded slowly":         made(ended(delivery.Succeeded, 4*time.Minute)),
		"succeeded told late":      made(ended(delivery.Succeeded, 24*time.Second), func(d *delivery.Deployment) { d.Noticed = nine.Add(12 * time.Minute) }),
		"succeeded despite cancel": made(ended(delivery.Succeeded, 100*time.Second), cancelledBy0("U0BEN")),
		"failed":                   made(ended(delivery.Failed, 95*time.Second)),
		"failed and retried": made(ended(delivery.Failed, 95*time.Second), func(d *delivery.Deployment) {
			d.Retried = &delivery.Retried{ID: "d-bbbbbbbbbb", By: "U0BEN", At: nine.Add(10 * time.Minute)}
		}),
		"failed unsent": made(func(d *delivery.Deployment) {
			d.State, d.Ended = delivery.Failed, nine.Add(3*time.Second)
			d.Failure = &delivery.Failure{Why: "The workflow deploy.yml in acme/checkout is switched off: enable it on its page under Actions."}
		}),
		"denied": made(func(d *delivery.Deployment) {
			d.State, d.Ended, d.Environment = delivery.Denied, nine.Add(time.Second), "production"
			d.Denied = []delivery.Gate{{Name: "freeze", Verdict: delivery.Closed, Code: delivery.Frozen, Since: nine, Until: nine.Add(64 * time.Hour),
				Why: "weekend", At: "shipmate.yaml:36:15"}}
		}),
		"denied in an incident": made(func(d *delivery.Deployment) {
			d.State, d.Ended = delivery.Denied, nine.Add(time.Second)
			d.Denied = []delivery.Gate{{Name: "incident", Verdict: delivery.Closed, Code: delivery.IncidentOpen, By: "U0BEN", At: "shipmate.yaml:50:9",
				Holds: []delivery.Hold{{Number: 12, Title: "Payments <fail>", Severity: "sev1", Status: "investigating", By: "U0BEN", Channel: "C0INC12"}, {Private: true}}}}
		}),
		"past an incident": made(ended(delivery.Succeeded, time.Minute), glassBroken, func(d *delivery.Deployment) {
			d.Glass.Skipped = []delivery.Gate{{Name: "incident", Verdict: delivery.Skipped, Code: delivery.IncidentOpen, Holds: []delivery.Hold{{Private: true}}}}
		}),
		"with inputs": made(in(delivery.Running), given),
		"denied by inputs": made(given, func(d *delivery.Deployment) {
			d.State, d.Ended = delivery.Denied, nine.Add(time.Second)
			d.Denied = []delivery.Gate{{Name: "inputs", Verdict: delivery.Closed, Code: delivery.InvalidInputs, At: "shipmate.yaml:20:9",
				Mistakes: []string{`note must be a text that matches [a-z]+, not "<all>".`, "region is fixed by the configuration and cannot be given."}}}
		}),
		"waiting with inputs":  waiting(approvalsOpen(0), given),
		"waiting with a text":  waiting(approvalsOpen(0), func(d *delivery.Deployment) { d.Decided.Inputs = map[string]string{"cluster": "main"} }),
		"rolling back":         made(in(delivery.Running), goingBack),
		"waiting to roll back": waiting(delivery.Gate{Name: "slot", Verdict: delivery.NotYet, Code: delivery.StillCancelling, By: "U0BEN", Since: nine}, goingBack),
		"rolled back": made(ended(delivery.Succeeded, 100*time.Second), func(d *delivery.Deployment) {
			d.RolledBack = &delivery.RolledBack{ID: "d-bbbbbbbbbb", By: "U0BEN", At: nine.Add(time.Hour), Ended: delivery.Succeeded}
		}),
		"rolled back with a next": made(ended(delivery.Succeeded, 100*time.Second), func(d *delivery.Deployment) {
			d.Decided.Next = "production"
			d.RolledBack = &delivery.RolledBack{ID: "d-bbbbbbbbbb", By: "U0BEN", At: nine.Add(time.Hour), Ended: delivery.Succeeded}
		}),
		"being rolled back": made(ended(delivery.Succeeded, 100*time.Second), func(d *delivery.Deployment) {
			d.RolledBack = &delivery.RolledBack{ID: "d-bbbbbbbbbb", By: "U0BEN", At: nine.Add(time.Hour)}
		}),
		"not rolled back": made(ended(delivery.Succeeded, 100*time.Second), func(d *delivery.Deployment) {
			d.RolledBack = &delivery.RolledBack{ID: "d-bbbbbbbbbb", By: "U0BEN", At: nine.Add(time.Hour), Ended: delivery.Failed}
		}),
		"went back":       made(ended(delivery.Succeeded, 100*time.Second), goingBack),
		"past shut gates": made(in(delivery.Running), glassBroken),
		"past shut gates signed": made(ended(delivery.Succeeded, 100*time.Second), glassBroken, func(d *delivery.Deployment) {
			d.Glass.Review = &delivery.Vote{By: "U0BEN", At: nine.Add(time.Hour), Reason: "the freeze was <too> long"}
		}),
		"denied by a freeze": made(func(d *delivery.Deployment) {
			d.State, d.Ended, d.Environment = delivery.Denied, nine.Add(time.Second), "production"
			d.Denied = []delivery.Gate{{Name: "freeze", Verdict: delivery.Closed, Code: delivery.Frozen, By: "U0BEN", Since: nine, Until: nine.Add(2 * time.Hour),
				Why: "the sale begins", Who: []config.Principal{"payments"}}}
		}),
		"waiting for approvals": waiting(approvalsOpen(1)),
		"waiting for Slack": waiting(approvalsOpen(1), func(d *delivery.Deployment) {
			d.Unread = &delivery.Trouble{Since: nine.Add(time.Minute), Why: "Nobody tells who is who.", Tries: 2, People: true}
		}),
		"waiting as a freeze comes": waiting(approvalsOpen(1), func(d *delivery.Deployment) {
			d.Closing = &delivery.Window{Environment: "production", Since: nine.Add(time.Hour), Until: nine.Add(65 * time.Hour), Reason: "<weekend>"}
			d.Warned = nine.Add(30 * time.Minute)
		}),
		"waiting for both":   waiting(delivery.Gate{Name: "checks", Verdict: delivery.NotYet, Code: delivery.ChecksPending, Checks: []string{"ci/build", "ci/<test>"}, Total: 3, At: "shipmate.yaml:34:12"}, approvalsOpen(0)),
		"waiting for checks": waiting(delivery.Gate{Name: "checks", Verdict: delivery.NotYet, Code: delivery.ChecksPending, Checks: []string{"ci/build"}, Total: 3}),
		"waiting for a start": waiting(func(d *delivery.Deployment) {
			d.Start, d.Approval = &delivery.Start{Asked: nine.Add(time.Minute)}, nil
			d.Open = []delivery.Gate{{Name: "start", Verdict: delivery.NotYet, Code: delivery.StartMissing, By: d.By, Since: d.Start.Asked}}
		}),
		"waiting unread": waiting(delivery.Gate{Name: "checks", Verdict: delivery.NotYet, Code: delivery.ChecksPending, Checks: []string{"ci/build"}, Total: 3},
			func(d *delivery.Deployment) {
				d.Unread = &delivery.Trouble{Since: nine.Add(time.Minute), Why: "GitHub has a problem of its own (503).", Tries: 2}
			}),
		"rejected": waiting(approvalsOpen(0), func(d *delivery.Deployment) {
			d.Approval.Rejected = &delivery.Vote{By: "U0BEN", At: nine.Add(time.Minute), Reason: "not on a <Friday>"}
			d.State, d.Ended, d.Open = delivery.Denied, nine.Add(time.Minute), nil
			d.Denied = []delivery.Gate{{Name: "approvals", Verdict: delivery.Closed, Code: delivery.Rejected, By: "U0BEN", Since: d.Ended, Why: "not on a <Friday>"}}
		}),
		"void": waiting(approvalsOpen(0), func(d *delivery.Deployment) {
			d.State, d.Ended, d.Open = delivery.Denied, nine.Add(time.Minute), nil
			d.Denied = []delivery.Gate{{Name: "approvals", Verdict: delivery.Closed, Code: delivery.ApprovalVoid, Why: delivery.MovedFrom}}
		}),
		"expired": waiting(approvalsOpen(1), func(d *delivery.Deployment) {
			d.State, d.Ended, d.Denied, d.Open = delivery.Expired, nine.Add(4*time.Hour), d.Open, nil
		}),
		"approved": waiting(approvalsOpen(1), func(d *delivery.Deployment) {
			d.State, d.Cleared, d.Open, d.Approval.Reused = delivery.Wanted, nine.Add(time.Minute), nil, "d-aaaaaaaaaa"
		}),
		"cancelled":           made(ended(delivery.Cancelled, 95*time.Second), cancelledBy0("U0BEN")),
		"cancelled by asker":  made(ended(delivery.Cancelled, 95*time.Second), cancelledBy0("U0ANA")),
		"cancelled on github": made(ended(delivery.Cancelled, 95*time.Second)),
		"cancelled unsent":    made(cancelledBy0("U0ANA"), func(d *delivery.Deployment) { d.State, d.Ended = delivery.Cancelled, nine.Add(time.Second) }),
		"cancelled unseen": made(in(delivery.Dispatching), cancelledBy0("U0ANA"), func(d *delivery.Deployment) {
			d.State, d.Lost, d.Ended = delivery.Cancelled, delivery.NeverSeen, nine.Add(2*time.Minute)
		}),
		"lost never seen": made(in(delivery.Dispatching), lost(delivery.NeverSeen)),
		"lost run gone":   made(in(delivery.Running), lost(delivery.RunGone)),
		"lost unreadable": made(in(delivery.Running), lost(delivery.Unreadable), func(d *delivery.Deployment) {
			d.Unread = &delivery.Trouble{Since: nine.Add(time.Minute), Why: "Shipmate cannot reach GitHub.", Tries: 8}
		}),
		"abandoned": made(in(delivery.Running), lost(delivery.RunGone), cancelledBy0("U0BEN"), func(d *delivery.Deployment) {
			d.State, d.Ended = delivery.Abandoned, nine.Add(time.Hour)
		}),
		"changes unknown":    made(func(d *delivery.Deployment) { d.Before, d.Changes = delivery.Before{}, nil }),
		"changes unread":     made(func(d *delivery.Deployment) { d.Changes = nil }),
		"changes none":       made(func(d *delivery.Deployment) { d.Changes = &delivery.Changes{Status: "identical"} }),
		"changes back":       made(func(d *delivery.Deployment) { d.Changes.Status, d.Changes.Ahead, d.Changes.Behind = "behind", 0, 3 }),
		"changes diverged":   made(func(d *delivery.Deployment) { d.Changes.Status, d.Changes.Behind = "diverged", 1 }),
		"changes by github":  made(func(d *delivery.Deployment) { d.Before.Source, d.Before.Doubtful = delivery.FromGitHub, true }),
		"changes without pr": made(func(d *delivery.Deployment) { d.Changes.PullRequests = nil }),
		"changes many": made(func(d *delivery.Deployment) {
			for n := range 8 {
				d.Changes.PullRequests = append(d.Changes.PullRequests, delivery.PullRequest{Number: n, Title: "More", URL: "https://github.com/acme/checkout/pull/1"})
			}
			d.Changes.More = 4
		}),
	}
}

func TestCards(t *testing.T) {
	t.Parallel()
	for name, d := range cards() {
		golden(t, "testdata/cards/"+strings.ReplaceAll(name, " ", "-")+".json", readable(t, view(d)))
	}
}

// Every state is among the cards, so that none is forgotten.
func TestEveryStateHasACard(t *testing.T) {
	t.Parallel()
	seen := map[delivery.State]bool{}
	for _, d := range cards() {
		seen[d.State] = true
	}
	for _, s := range []delivery.State{delivery.Wanted, delivery.Dispatching, delivery.Queued, delivery.Running, delivery.Lost,
		delivery.Succeeded, delivery.Failed, delivery.Cancelled, delivery.Abandoned, delivery.Waiting, delivery.Denied, delivery.Expired} {
		if !seen[s] {
			t.Errorf("no card of a %s deployment", s)
		}
	}
}

// What people and services wrote cannot forge a mention, a link or a button's line.
func TestCardsEscapeWhatOthersWrote(t *testing.T) {
	t.Parallel()
	const evil = "<!channel> <https://evil.example|ok> & `x` *y*"
	d := made(ended(delivery.Failed, time.Minute))
	d.Commit.Subject, d.Commit.Author, d.Reason, d.Ref, d.Failure.Why = evil, evil, evil, evil, evil
	d.Failure.Job, d.Failure.Step, d.Failure.Log = evil, evil, []string{evil}
	d.Jobs[0].Name, d.Jobs[1].Name, d.Jobs[1].Step = evil, evil, evil
	d.Changes.PullRequests[0].Title, d.Changes.PullRequests[0].Author = evil, evil
	d.Decided.Links[evil] = "javascript:alert(1)"
	got := string(readable(t, view(d)))
	for _, forged := range []string{"<!channel>", "<https://evil", "javascript:"} {
		if strings.Contains(got, forged) {
			t.Errorf("%s got through:\n%s", forged, got)
		}
	}
}

// The cards that offer more than their state does: to take the commit on, to sign a review, to go back.
var (
	promotable = []string{"succeeded with a next"}
	unsigned   = []string{"past shut gates", "past an incident"}
	undoable   = []string{"past an incident", "carried out badly", "carried out to its end", "failed", "failed and retried", "failed with a next", "not rolled back",
		"past shut gates signed", "replaced", "stayed healthy", "succeeded", "succeeded and healthy", "succeeded and shaky", "succeeded and watched",
		"succeeded despite cancel", "succeeded slowly", "succeeded told late", "succeeded with a next", "unhealthy", "unhealthy with a next"}
)

// alarming are those from which an incident can be declared: what failed, or fell ill and is not rolled back.
var alarming = []string{"carried out badly", "failed", "failed and retried", "failed unsent", "failed with a next", "unhealthy", "unhealthy with a next"}

func TestButtonsFitTheirStage(t *testing.T) {
	t.Parallel()
	for name, d := range cards() {
		var lines []string
		for _, b := range view(d).Buttons {
			if b.Line != "" {
				lines = append(lines, b.Line)
			}
		}
		want := map[delivery.Offer]string{delivery.OfferCancel: "deploy cancel " + d.ID, delivery.OfferFree: "deploy cancel " + d.ID,
			delivery.OfferRetry: "deploy retry " + d.ID, delivery.OfferStart: "deploy start " + d.ID + "|deploy cancel " + d.ID,
			delivery.OfferVote: "deploy approve " + d.ID + "|deploy reject " + d.ID + "|deploy cancel " + d.ID}[d.Offer()]
		for _, more := range []struct {
			of   []string
			line string
		}{{promotable, "deploy promote checkout staging production " + newSHA}, {unsigned, "deploy review " + d.ID},
			{undoable, "deploy rollback checkout " + d.Environment + " from:" + newSHA}, {alarming, "incident new from:" + d.ID}} {
			if slices.Contains(more.of, name) {
				want = strings.TrimPrefix(want+"|"+more.line, "|")
			}
		}
		if strings.Join(lines, "|") != want {
			t.Errorf("%s: buttons %q, want %q", name, lines, want)
		}
	}
}

// Whoever cancels while GitHub is away is told what is true: that the run may go on.
func TestStoppingSaysWhetherGitHubCanBeAsked(t *testing.T) {
	t.Parallel()
	unread := func(d *delivery.Deployment) { d.Unread = &delivery.Trouble{Since: nine, Why: "GitHub answers slowly."} }
	for words, d := range map[string]*delivery.Deployment{
		"GitHub is asked to stop":                                     made(in(delivery.Running), cancelledBy0("U0BEN")),
		"GitHub cannot be asked to stop it now, so the run may go on": made(in(delivery.Running), cancelledBy0("U0BEN"), unread),
		"GitHub cannot be asked for its run now, so it may go on":     made(in(delivery.Dispatching), cancelledBy0("U0BEN"), unread),
		"I look for its run":                                          made(in(delivery.Dispatching), cancelledBy0("U0BEN")),
	} {
		if got := string(stopping(d)); !strings.Contains(got, words) {
			t.Errorf("%q lacks %q", got, words)
		}
	}
}
