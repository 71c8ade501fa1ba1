package commands

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

// refusals are one of every kind.
func refusals() map[string]*delivery.Refused {
	place := delivery.Refused{Service: "checkout", Environment: "staging"}
	with := func(code delivery.Code, fn func(*delivery.Refused)) *delivery.Refused {
		r := place
		r.Code = code
		if fn != nil {
			fn(&r)
		}
		return &r
	}
	about := func(d *delivery.Deployment) func(*delivery.Refused) {
		return func(r *delivery.Refused) { r.Deployment, r.By, r.Since = d, "U0BEN", nine }
	}
	gated := func(gates ...delivery.Gate) *delivery.Refused {
		return with(gates[0].Code, func(r *delivery.Refused) {
			r.Environment, r.Gates, r.Commit = "production", gates, delivery.Commit{SHA: newSHA}
		})
	}
	word := func(code delivery.Code, d *delivery.Deployment) *delivery.Refused {
		return with(code, func(r *delivery.Refused) { r.Deployment, r.By, r.Since = d, d.By, d.Created })
	}
	return map[string]*delivery.Refused{
		"no service":            with(delivery.NoService, func(r *delivery.Refused) { r.Service = "chek<out" }),
		"not deployed there":    with(delivery.NotDeployedThere, func(r *delivery.Refused) { r.Environments = []string{"qa", "staging", "production"} }),
		"not deployed anywhere": with(delivery.NotDeployedThere, nil),
		"not in order": gated(delivery.Gate{Name: "order", Verdict: delivery.Closed, Code: delivery.NotInOrder, Environment: "staging", At: "shipmate.yaml:31:12"},
			delivery.Gate{Name: "checks", Verdict: delivery.NotYet, Code: delivery.ChecksPending, Checks: []string{"ci/build", "ci/test"}, At: "shipmate.yaml:32:12"}),
		"not permitted": gated(delivery.Gate{Name: "permission", Verdict: delivery.Closed, Code: delivery.NotPermitted, By: "U0EVE",
			Who: []config.Principal{"payments", "group:leads"}, At: "shipmate.yaml:8:5"}),
		"outdated":              gated(delivery.Gate{Name: "outdated", Verdict: delivery.Closed, Code: delivery.Outdated, At: "shipmate.yaml:35:5"}),
		"not in default branch": gated(delivery.Gate{Name: "outdated", Verdict: delivery.Closed, Code: delivery.NotInDefaultBranch, At: "shipmate.yaml:36:5"}),
		"lineage unread":        gated(delivery.Gate{Name: "outdated", Verdict: delivery.Closed, Code: delivery.LineageUnread}),
		"vetoed":                gated(delivery.Gate{Name: "veto", Verdict: delivery.Closed, Code: delivery.Vetoed, Commit: newSHA, By: "U0BEN", Since: nine, Why: "orders are <lost>", Except: []config.Principal{"platform", "group:leads"}}),
		"locked by a rollback":  gated(delivery.Gate{Name: "lock", Verdict: delivery.Closed, Code: delivery.Locked, By: "U0BEN", Since: nine, Back: true}),
		"already going back": with(delivery.AlreadyGoingBack, func(r *delivery.Refused) {
			r.Deployment, r.By, r.Since = made(in(delivery.Running), goingBack), "U0BEN", nine
		}),
		"no production":              with(delivery.NoProduction, nil),
		"no production of a service": with(delivery.NoProduction, func(r *delivery.Refused) { r.Environment = "" }),
		"no production at all":       with(delivery.NoProduction, func(r *delivery.Refused) { r.Service, r.Environment = "", "" }),
		"nothing to undo":            with(delivery.NothingToUndo, nil),
		"nothing good":               with(delivery.NothingGood, about(made(ended(delivery.Succeeded, time.Minute)))),
		"never good":                 with(delivery.NeverGood, about(made(ended(delivery.Failed, time.Minute)))),
		"goes nowhere":               with(delivery.GoesNowhere, func(r *delivery.Refused) { r.Commit = delivery.Commit{SHA: newSHA} }),
		"not there any more": with(delivery.NotThereAnyMore, func(r *delivery.Refused) {
			r.Commit, r.Deployment = delivery.Commit{SHA: oldSHA}, made(ended(delivery.Succeeded, time.Minute))
		}),
		"not vetoed":         with(delivery.NotVetoed, func(r *delivery.Refused) { r.Ref = "1a2b3c4" }),
		"no glass":           with(delivery.NoGlass, nil),
		"glass not needed":   with(delivery.GlassNotNeeded, func(r *delivery.Refused) { r.Commit = delivery.Commit{SHA: newSHA} }),
		"review open":        with(delivery.ReviewOpen, about(made(ended(delivery.Succeeded, time.Minute), glassBroken))),
		"no review":          with(delivery.NoReview, about(made(ended(delivery.Succeeded, time.Minute)))),
		"own review":         with(delivery.OwnReview, about(made(ended(delivery.Succeeded, time.Minute), glassBroken))),
		"already signed":     with(delivery.AlreadySigned, func(r *delivery.Refused) { r.By, r.Since = "U0BEN", nine }),
		"permission unknown": gated(delivery.Gate{Name: "permission", Verdict: delivery.NotYet, Code: delivery.PermissionUnknown}),
		"already waiting": with(delivery.AlreadyWaiting, func(r *delivery.Refused) {
			r.Deployment, r.By, r.Since = waiting(approvalsOpen(1)), "U0ANA", nine
		}),
		"too many waiting": with(delivery.TooManyWaiting, nil),
		"nothing waiting":  with(delivery.NothingWaiting, nil),
		"not waiting":      word(delivery.NotWaiting, made(ended(delivery.Succeeded, time.Minute))),
		"own vote":         word(delivery.OwnVote, waiting(approvalsOpen(1))),
		"author vote":      word(delivery.AuthorVote, waiting(approvalsOpen(1))),
		"author unknown":   word(delivery.AuthorUnknown, waiting(approvalsOpen(1))),
		"already voted":    word(delivery.AlreadyVoted, waiting(approvalsOpen(1))),
		"not yours":        word(delivery.NotYours, waiting(approvalsOpen(1))),
		"approval void": with(delivery.ApprovalVoid, func(r *delivery.Refused) {
			r.Deployment, r.Why = waiting(approvalsOpen(1)), delivery.MovedInputs
		}),
		"was undone": gated(delivery.Gate{Name: "order", Verdict: delivery.Closed, Code: delivery.NotInOrder, Environment: "staging", Why: delivery.WasUndone}),
		"fell ill":   gated(delivery.Gate{Name: "order", Verdict: delivery.Closed, Code: delivery.NotInOrder, Environment: "staging", Why: delivery.FellIll, At: "shipmate.yaml:31:12"}),
		"soaking": gated(delivery.Gate{Name: "order", Verdict: delivery.Closed, Code: delivery.Soaking, Environment: "staging", Since: nine,
			Until: nine.Add(time.Hour), At: "shipmate.yaml:33:12"}),
		"checks pending": gated(delivery.Gate{Name: "checks", Verdict: delivery.NotYet, Code: delivery.ChecksPending, Checks: []string{"ci/<build>"}}),
		"checks failed": gated(delivery.Gate{Name: "checks", Verdict: delivery.Closed, Code: delivery.ChecksFailed,
			Checks: []string{"a", "b", "c", "d", "e", "f", "g"}}),
		"no checks":     gated(delivery.Gate{Name: "checks", Verdict: delivery.Closed, Code: delivery.NoChecks}),
		"checks unread": gated(delivery.Gate{Name: "checks", Verdict: delivery.Closed, Code: delivery.ChecksUnread}),
		"frozen": gated(delivery.Gate{Name: "freeze", Verdict: delivery.Closed, Code: delivery.Frozen, Since: nine, Until: nine.Add(64 * time.Hour),
			Why: "week<end", At: "shipmate.yaml:36:15"}),
		"frozen with exceptions": gated(delivery.Gate{Name: "freeze", Verdict: delivery.Closed, Code: delivery.Frozen, Since: nine, Until: nine.Add(64 * time.Hour),
			Why: "holidays", At: "shipmate.yaml:36:15", Except: []config.Principal{"payments", "group:release-managers"}}),
		"frozen unreadably": gated(delivery.Gate{Name: "freeze", Verdict: delivery.Closed, Code: delivery.Frozen, Since: nine, At: "shipmate.yaml:36:15"}),
		"frozen by somebody": gated(delivery.Gate{Name: "freeze", Verdict: delivery.Closed, Code: delivery.Frozen, By: "U0BEN", Since: nine,
			Until: nine.Add(2 * time.Hour), Why: "the <sale> begins.", Who: []config.Principal{"payments"}}),
		"frozen everywhere": gated(delivery.Gate{Name: "freeze", Verdict: delivery.Closed, Code: delivery.Frozen, By: "U0BEN", Since: nine, Why: "errors",
			All: true, Who: []config.Principal{"U0ANA"}}),
		"incident open": gated(delivery.Gate{Name: "incident", Verdict: delivery.Closed, Code: delivery.IncidentOpen, By: "U0BEN", At: "shipmate.yaml:50:9",
			Holds: []delivery.Hold{{ID: "i-abcdefghij", Number: 12, Title: "Payments <fail>.", Severity: "sev1", Status: "identified", By: "U0BEN", Channel: "C0INC12"}}}),
		"incidents open": gated(delivery.Gate{Name: "incident", Verdict: delivery.Closed, Code: delivery.IncidentOpen, By: "U0BEN",
			Holds: []delivery.Hold{{Number: 12, Title: "Payments fail", Severity: "sev1", Status: "investigating", By: "U0BEN", Channel: "C0INC12"},
				{Number: 14, Title: "Baskets are empty", Severity: "sev2", Status: "investigating", By: "U0ANA"}, {Private: true}, {Private: true}},
			Except: []config.Principal{"platform"}}),
		"incidents restricted": gated(delivery.Gate{Name: "incident", Verdict: delivery.Closed, Code: delivery.IncidentOpen, Holds: []delivery.Hold{{Private: true}, {Private: true}}}),
		"incident restricted":  gated(delivery.Gate{Name: "incident", Verdict: delivery.Closed, Code: delivery.IncidentOpen, Holds: []delivery.Hold{{Private: true}}}),
		"already frozen": with(delivery.AlreadyFrozen, func(r *delivery.Refused) {
			r.By, r.Since = "U0BEN", nine
			r.Freeze = &delivery.Freeze{Environment: "staging", By: "U0BEN", At: nine, Reason: "the <sale> begins"}
		}),
		"not frozen":     with(delivery.NotFrozen, nil),
		"no environment": with(delivery.NoEnvironment, func(r *delivery.Refused) { r.Environment, r.Environments = "moon", []string{"production", "staging"} }),
		"locked":         gated(delivery.Gate{Name: "lock", Verdict: delivery.Closed, Code: delivery.Locked, By: "U0BEN", Since: nine, Why: "the <db> moves."}),
		"locked for all": gated(delivery.Gate{Name: "lock", Verdict: delivery.Closed, Code: delivery.Locked, By: "U0BEN", Since: nine,
			Until: nine.Add(time.Hour), Why: "errors", All: true}),
		"already locked": with(delivery.AlreadyLocked, func(r *delivery.Refused) {
			r.By, r.Since = "U0BEN", nine
			r.Lock = &delivery.Lock{Service: "checkout", Environment: "staging", By: "U0BEN", At: nine, Reason: "the <db> moves"}
		}),
		"lock of another": with(delivery.LockOfAnother, func(r *delivery.Refused) {
			r.By, r.Since = "U0BEN", nine
			r.Lock = &delivery.Lock{Service: "checkout", Environment: "staging", By: "U0BEN", At: nine, Reason: "the <db> moves"}
		}),
		"slot taken for a ref": with(delivery.SlotTaken, func(r *delivery.Refused) {
			about(made(in(delivery.Running)))(r)
			r.Ref = "v1.4.2"
		}),
		"nothing in the way": with(delivery.NothingInTheWay, func(r *delivery.Refused) { r.Ref = "v1.4.2" }),
		"not in line":        with(delivery.NotInLine, nil),
		"not your turn":      with(delivery.NotYourTurn, nil),
		"not locked":         with(delivery.NotLocked, func(r *delivery.Refused) { r.Service, r.Environment = "checkout", "staging" }),
		"no ref":             with(delivery.NoRef, func(r *delivery.Refused) { r.Repo, r.Ref = "acme/checkout", "no<pe" }),
		"invalid inputs": with(delivery.InvalidInputs, func(r *delivery.Refused) {
			r.Inputs = []config.InputMistake{{Name: "note", Sentence: `note must be a text that matches [a-z]+, not "<all>".`},
				{Name: "region", Missing: true, Options: []string{"eu", "us"}, Sentence: "region is missing; it must be eu or us."}}
		}),
		"invalid input now": gated(delivery.Gate{Name: "inputs", Verdict: delivery.Closed, Code: delivery.InvalidInputs, At: "shipmate.yaml:20:9",
			Mistakes: []string{"a must be b.", "c must be d.", "e must be f.", "g must be h.", "i must be j.", "k must be l.", "m must be n."}}),
		"no ref but near": with(delivery.NoRef, func(r *delivery.Refused) {
			r.Repo, r.Ref, r.Near = "acme/checkout", "mian", []string{"main", "maintenance"}
		}),
		"no ref at all": with(delivery.NoRef, func(r *delivery.Refused) {
			r.Repo, r.Ref, r.Why = "acme/checkout", "a..b", "a name has no two dots in a row"
		}),
		"workflow missing": with(delivery.WorkflowMissing, func(r *delivery.Refused) { r.Workflow, r.Repo = "deploy.yml", "acme/checkout" }),
		"workflow mistakes": with(delivery.WorkflowMistakes, func(r *delivery.Refused) {
			r.Workflow, r.Repo, r.Mistakes = "deploy.yml", "acme/checkout", []string{"deploy.yml does not declare the input sha: add it."}
		}),
		"slot taken":              with(delivery.SlotTaken, about(made(in(delivery.Running)))),
		"slot taken by lost":      with(delivery.SlotTaken, about(made(in(delivery.Running), func(d *delivery.Deployment) { d.State, d.Lost = delivery.Lost, delivery.RunGone }))),
		"already running":         with(delivery.AlreadyRunning, func(r *delivery.Refused) { r.By, r.Since, r.Commit = "U0BEN", nine, delivery.Commit{SHA: newSHA} }),
		"already running outside": with(delivery.AlreadyRunning, func(r *delivery.Refused) { r.Commit = delivery.Commit{SHA: newSHA} }),
		"no service of":           with(delivery.NoServiceOf, func(r *delivery.Refused) { r.Repo = "acme/pay<roll" }),
		"no commit":               with(delivery.NoCommit, func(r *delivery.Refused) { r.Ref = "0f0e0d0" }),
		"no commit in one":        with(delivery.NoCommit, func(r *delivery.Refused) { r.Ref, r.Repo = "0f0e0d0", "acme/checkout" }),
		"no source":               with(delivery.NoSource, func(r *delivery.Refused) { r.Environment, r.Environments = "production", []string{"staging", "qa"} }),
		"no source at all":        with(delivery.NoSource, nil),
		"same place":              with(delivery.SamePlace, func(r *delivery.Refused) { r.From = "staging" }),
		"nothing to promote":      with(delivery.NothingToPromote, func(r *delivery.Refused) { r.From, r.Environment = "staging", "production" }),
		"source moved": with(delivery.SourceMoved, func(r *delivery.Refused) {
			r.From, r.Environment, r.Ref, r.Commit = "staging", "production", oldSHA, delivery.Commit{SHA: newSHA, Subject: "Add <a> basket", Author: "ana"}
		}),
		"no deployment":     with(delivery.NoDeployment, nil),
		"nothing running":   with(delivery.NothingRunning, nil),
		"already ended":     with(delivery.AlreadyEnded, about(made(ended(delivery.Succeeded, time.Minute)))),
		"moved on":          with(delivery.MovedOn, about(made(in(delivery.Lost)))),
		"already cancelled": with(delivery.AlreadyCancelled, about(made(in(delivery.Running), cancelledBy0("U0BEN")))),
		"not ended":         with(delivery.NotEnded, about(made(in(delivery.Running)))),
		"already retried": with(delivery.AlreadyRetried, about(made(ended(delivery.Failed, time.Minute), func(d *delivery.Deployment) {
			d.Retried = &delivery.Retried{ID: "d-bbbbbbbbbb", By: "U0BEN", At: nine}
		}))),
		"no watch":         with(delivery.NoWatch, nil),
		"nothing to rerun": with(delivery.NothingToRerun, func(r *delivery.Refused) { r.Pipeline = pipelinesShown()["running"] }),
		"already rerun":    with(delivery.AlreadyRerun, func(r *delivery.Refused) { r.Pipeline, r.By, r.Since = pipelinesShown()["passed twice"], "U0BEN", nine }),
		"rerun on github":  with(delivery.AlreadyRerun, func(r *delivery.Refused) { r.Pipeline, r.Since = pipelinesShown()["passed twice"], nine }),
		"nothing to retry": with(delivery.NothingToRetry, about(made(ended(delivery.Succeeded, time.Minute)))),
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	seen := map[delivery.Code]bool{}
	for name, r := range refusals() {
		seen[r.Code] = true
		err := refusal(fmt.Errorf("deploying: %w", r))
		var no *bot.Refusal
		if !errors.As(err, &no) || no.Code != string(r.Code) {
			t.Fatalf("%s: %v", name, err)
		}
		if strings.Contains(string(no.Text), "cannot be done (") {
			t.Errorf("%s has no words of its own", name)
		}
		golden(t, "testdata/refusals/"+strings.ReplaceAll(name, " ", "-")+".json", readable(t, no.Message))
	}
	for _, code := range []delivery.Code{delivery.NoService, delivery.NotDeployedThere, delivery.InvalidInputs, delivery.NoRef, delivery.WorkflowMissing,
		delivery.WorkflowMistakes, delivery.SlotTaken, delivery.AlreadyRunning, delivery.NoDeployment, delivery.NothingRunning,
		delivery.AlreadyEnded, delivery.AlreadyCancelled, delivery.MovedOn, delivery.NotEnded, delivery.AlreadyRetried, delivery.NothingToRetry,
		delivery.NoWatch, delivery.NothingToRerun, delivery.AlreadyRerun, delivery.NotInOrder, delivery.Soaking, delivery.ChecksPending,
		delivery.ChecksFailed, delivery.NoChecks, delivery.ChecksUnread, delivery.Frozen, delivery.IncidentOpen, delivery.Locked, delivery.AlreadyLocked,
		delivery.NotLocked, delivery.AlreadyFrozen, delivery.NotFrozen, delivery.NoEnvironment,
		delivery.LockOfAnother, delivery.NothingInTheWay, delivery.NotInLine, delivery.NotYourTurn, delivery.NotPermitted, delivery.PermissionUnknown, delivery.AlreadyWaiting, delivery.TooManyWaiting,
		delivery.NothingWaiting, delivery.NotWaiting, delivery.OwnVote, delivery.AuthorVote, delivery.AuthorUnknown, delivery.AlreadyVoted,
		delivery.NotYours, delivery.ApprovalVoid, delivery.Outdated, delivery.NotInDefaultBranch, delivery.LineageUnread, delivery.Vetoed, delivery.AlreadyGoingBack,
		delivery.NothingToUndo, delivery.NothingGood, delivery.NeverGood, delivery.GoesNowhere, delivery.NotThereAnyMore, delivery.NotVetoed,
		delivery.NoGlass, delivery.GlassNotNeeded, delivery.ReviewOpen, delivery.NoReview, delivery.OwnReview, delivery.AlreadySigned,
		delivery.NoSource, delivery.SamePlace, delivery.NothingToPromote, delivery.SourceMoved, delivery.NoServiceOf, delivery.NoCommit} {
		if !seen[code] {
			t.Errorf("no refusal %s", code)
		}
	}
	other := errors.New("disk full")
	if got := refusal(other); got != other {
		t.Errorf("another error became %v", got)
	}
}

func TestWhoDeploysIsToldSo(t *testing.T) {
	t.Parallel()
	all := refusals()
	for name, want := range map[string]string{"slot taken": "You are already deploying *checkout*", "slot taken by lost": "You are deploying *checkout*"} {
		for asker, words := range map[string]string{"U0BEN": want, "U0ANA": "<@U0BEN> is"} {
			var no *bot.Refusal
			if !errors.As(refusalTo(asker, all[name]), &no) || !strings.HasPrefix(string(no.Text), words) || len(no.Buttons) == 0 {
				t.Errorf("%s is told %q", asker, no.Text)
			}
		}
	}
}

type said string

func (s said) Error() string       { return "code" }
func (s said) UserMessage() string { return string(s) }

func TestWhatGoesAwaySaysWhenToTryAgain(t *testing.T) {
	t.Parallel()
	for words, want := range map[said]string{
		"GitHub answers slowly; nothing was changed.":                      "GitHub answers slowly; nothing was changed. Please try again in a minute.",
		"The rate limit is used up; nothing was changed, try again later.": "The rate limit is used up; nothing was changed, try again later.",
		"GitHub does not know that.":                                       "GitHub does not know that.",
	} {
		var user bot.UserError
		if err := refusal(fmt.Errorf("deploying: %w", words)); !errors.As(err, &user) || user.UserMessage() != want || !errors.Is(err, words) {
			t.Errorf("%q became %v", words, err)
		}
	}
}

// Whoever names the place of what was cancelled and runs on is told who can stop it, and may free the place after a look.
func TestCancellingOnceMoreWhatOthersCarryOut(t *testing.T) {
	t.Parallel()
	d := made(in(delivery.Running), byOthers, cancelledBy0("U0BEN"), func(d *delivery.Deployment) { d.State, d.Lost = delivery.Lost, delivery.Unstoppable })
	m := refusalMessage(&delivery.Refused{Code: delivery.AlreadyCancelled, Deployment: d, By: "U0BEN", Since: nine})
	if len(m.Buttons) == 0 || m.Buttons[0].Label != "Free staging" || !strings.Contains(string(m.Text), "stop it where it runs") {
		t.Errorf("%+v", m)
	}
}

func TestWhoCanIsNamedOnce(t *testing.T) {
	t.Parallel()
	if got := principals([]config.Principal{"payments", "group:leads", "payments", "U012AB3CD", "group:@leads"}); got != "*payments*, @leads, <@U012AB3CD>" {
		t.Errorf("got %s", got)
	}
}
