package delivery_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"shipmate/delivery"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
)

// inputsYAML lets checkout's workflow be given something.
var inputsYAML = strings.Replace(shipmateYAML, "deploy: {workflow: deploy.yml}",
	"deploy: {workflow: deploy.yml, inputs: {cluster: main, region: {options: [eu, us], required: true}, canary: {number: {min: 1, max: 100}, default: 50}, note: {pattern: .+}}}", 1)

// inputsStage is a stage with that configuration, and a workflow that takes it.
func inputsStage(t *testing.T) *stage {
	t.Helper()
	s := newStage(t).linked()
	declared := "workflow_dispatch:\n    inputs:\n      cluster: {type: string}\n      region: {type: string}\n      canary: {type: string}\n      note: {type: string}\n"
	s.repo.Commit("main", "ana", "Take inputs", githubtest.Files{
		".github/workflows/deploy.yml": strings.Replace(github.ExampleWorkflow, "workflow_dispatch:\n    inputs:\n", declared, 1)})
	s.configure(inputsYAML)
	return s
}

// with gives inputs: region=eu.
func with(pairs ...string) func(*delivery.Want) {
	return func(w *delivery.Want) {
		w.Inputs = map[string]string{}
		for _, pair := range pairs {
			name, value, _ := strings.Cut(pair, "=")
			w.Inputs[name] = value
		}
	}
}

func TestInputsAreSentAndKept(t *testing.T) {
	t.Parallel()
	s := inputsStage(t)
	d := s.until(s.deploys(with("Region=EU", "canary=07")).ID, delivery.Succeeded)
	if want := map[string]string{"region": "eu", "canary": "7"}; !maps.Equal(d.Inputs, want) {
		t.Errorf("it keeps %v", d.Inputs)
	}
	got := s.runs(1)[0].Inputs
	for name, want := range map[string]string{"cluster": "main", "region": "eu", "canary": "7", "environment": "staging", "sha": d.Commit.SHA} {
		if got[name] != want {
			t.Errorf("%s is sent as %q", name, got[name])
		}
	}
	if _, sent := d.Decided.Inputs["note"]; sent || got["note"] != "" {
		t.Error("what was not given and has no default is sent")
	}
	d = s.until(s.deploys(again, with("region=us")).ID, delivery.Succeeded)
	if got := s.runs(2)[1].Inputs; got["canary"] != "50" || len(d.Inputs) != 1 {
		t.Errorf("the default is sent as %q; kept is %v", got["canary"], d.Inputs)
	}
}

func TestWrongInputsAreRefusedBeforeGitHubIsAsked(t *testing.T) {
	t.Parallel()
	s := inputsStage(t)
	for name, tt := range map[string]struct {
		given []string
		about string
	}{
		"missing": {nil, "region"}, "unknown": {[]string{"region=eu", "regoin=us"}, "regoin"},
		"wrong": {[]string{"region=mars"}, "region"}, "fixed": {[]string{"region=eu", "cluster=other"}, "cluster"},
	} {
		calls := len(s.github.Calls())
		_, err := s.Deploy(context.Background(), s.want(with(tt.given...), at("no-such-branch")))
		r := s.refuses(delivery.InvalidInputs, err)
		if len(r.Inputs) != 1 || r.Inputs[0].Name != tt.about || r.Inputs[0].Missing != (name == "missing") {
			t.Errorf("%s: %+v", name, r.Inputs)
		}
		if asked := len(s.github.Calls()) - calls; asked != 0 {
			t.Errorf("%s: GitHub was asked %d times", name, asked)
		}
	}
	s.runs(0)
	would, gates, err := s.Why(context.Background(), s.want(with("region=mars")))
	if err != nil || len(would.Inputs) != 0 {
		t.Fatalf("%+v, %v", would, err)
	}
	for _, g := range gates {
		if g.Name == "inputs" && g.Code == delivery.InvalidInputs && strings.Contains(g.Mistakes[0], "eu or us") && strings.HasPrefix(g.At, "shipmate.yaml:") {
			return
		}
	}
	t.Errorf("why does not say it: %+v", gates)
}

func TestRetryIsGivenTheSame(t *testing.T) {
	t.Parallel()
	s := inputsStage(t)
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy", "no"))
	old := s.until(s.deploys(with("region=us", "canary=7")).ID, delivery.Failed)
	d, err := s.Retry(context.Background(), old.ID, s.want())
	if err != nil || !maps.Equal(d.Inputs, old.Inputs) {
		t.Fatalf("%+v, %v", d, err)
	}
	s.until(d.ID, delivery.Succeeded)
	if got := s.runs(2)[1].Inputs; got["region"] != "us" || got["canary"] != "7" {
		t.Errorf("sent %v", got)
	}
}

func TestRollbackIsGivenWhatWasGood(t *testing.T) {
	t.Parallel()
	s := inputsStage(t)
	bg := context.Background()
	first := s.commit("First")
	good := s.until(s.deploys(with("region=us", "canary=7")).ID, delivery.Succeeded)
	s.commit("Second")
	s.until(s.deploys(with("region=eu", "note=try")).ID, delivery.Succeeded)
	for name, tt := range map[string]struct {
		want delivery.Want
		have map[string]string
	}{
		"the last good one":        {s.want(), good.Inputs},
		"a deployment":             {s.want(at(good.ID)), good.Inputs},
		"and something else":       {s.want(with("Canary=9")), map[string]string{"region": "us", "canary": "9"}},
		"a commit, as what is bad": {s.want(at(first)), map[string]string{"region": "eu", "note": "try"}},
		"just what was shown": {s.want(at(first), with("region=us"), func(w *delivery.Want) { w.Exactly = true }),
			map[string]string{"region": "us"}},
	} {
		d, err := s.PreviewRollback(bg, tt.want)
		if err != nil || !maps.Equal(d.Inputs, tt.have) {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	s.configure(strings.Replace(inputsYAML, "canary: {number: {min: 1, max: 100}, default: 50}", "canary: {number: {min: 50, max: 100}, default: 50}", 1))
	d, err := s.Rollback(bg, s.want()) // canary=7 may not be given any more
	if err != nil || !maps.Equal(d.Inputs, map[string]string{"region": "us"}) || d.Decided.Inputs["canary"] != "50" {
		t.Fatalf("%+v, %v", d, err)
	}
}

// What was approved is what is sent, with every input; when the configuration would make something else of it, it is void.
func TestApprovalIsBoundToInputs(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"a fixed text":      {"cluster: main", "cluster: other"},
		"a default":         {"default: 50", "default: 60"},
		"a default less":    {", default: 50", ""},
		"one more default":  {"note: {pattern: .+}", "note: {pattern: .+, default: x}"},
		"one more text":     {"note: {pattern: .+}", "note: {pattern: .+}, zone: a"},
		"what was given":    {"options: [eu, us]", "options: [us]"},
		"what is not given": {"options: [eu, us]", "options: [eu]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := inputsStage(t)
			bg := context.Background()
			d := s.deploys(to("pair"), with("region=eu"))
			if _, err := s.Approve(bg, s.word(d.ID)); err != nil {
				t.Fatal(err)
			}
			s.configure(strings.Replace(inputsYAML, change[0], change[1], 1))
			_, err := s.Approve(bg, s.word(d.ID, vote("U0CY")))
			if name == "what is not given" {
				if err != nil {
					t.Fatalf("nothing that is sent has changed: %v", err)
				}
				s.until(d.ID, delivery.Succeeded)
				return
			}
			if r := s.refuses(delivery.ApprovalVoid, err); r.Why != delivery.MovedInputs {
				t.Errorf("told %q", r.Why)
			}
			s.look(d.ID)
			want := delivery.ApprovalVoid
			if name == "what was given" {
				want = delivery.InvalidInputs
			}
			if now := s.now(d.ID); now.State != delivery.Denied || now.Denied[0].Code != want {
				t.Fatalf("%+v", now)
			}
			s.runs(0)
		})
	}
}

// An approval of one region is none of another, and both may wait at the same time.
func TestApprovalIsNotForOtherInputs(t *testing.T) {
	t.Parallel()
	s := inputsStage(t)
	bg := context.Background()
	eu := s.deploys(to("pair"), with("region=eu"))
	for _, who := range []string{"U0BEN", "U0CY"} {
		if _, err := s.Approve(bg, s.word(eu.ID, vote(who))); err != nil {
			t.Fatal(err)
		}
	}
	us := s.deploys(to("pair"), with("region=us"))
	if len(us.Approval.Votes) != 0 {
		t.Fatalf("the approval of another region counts: %+v", us.Approval)
	}
	_, err := s.Deploy(bg, s.want(to("pair"), with("REGION=us")))
	if r := s.refuses(delivery.AlreadyWaiting, err); r.Deployment.ID != us.ID {
		t.Errorf("%+v", r.Deployment)
	}
	s.until(eu.ID, delivery.Succeeded)
	again := s.deploys(to("pair"), with("region=eu"), again, at(eu.Commit.SHA))
	if len(again.Approval.Votes) != 0 { // from the same commit now
		t.Errorf("%+v", again.Approval)
	}
}

// Right before it is sent: what was given may not be given any more, so nothing is sent.
func TestInputsAreLookedAtLast(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][2]string{
		"the option is gone":    {"options: [eu, us]", "options: [us]"},
		"the input is gone":     {"region: {options: [eu, us], required: true}, ", ""},
		"it is fixed now":       {"region: {options: [eu, us], required: true}", "region: eu"},
		"another must be given": {"note: {pattern: .+}", "note: {pattern: .+, required: true}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := inputsStage(t)
			d := s.deploys(with("region=eu"))
			s.configure(strings.Replace(inputsYAML, change[0], change[1], 1))
			s.step(d.ID)
			now := s.now(d.ID)
			if now.State != delivery.Denied || len(now.Denied) != 1 || now.Denied[0].Code != delivery.InvalidInputs || len(now.Denied[0].Mistakes) != 1 {
				t.Fatalf("%+v", now)
			}
			s.runs(0)
			s.free("staging", true)
			_, err := s.Retry(context.Background(), d.ID, s.want())
			s.refuses(delivery.InvalidInputs, err)
		})
	}
}

// Whoever waits in line is given in their turn what they wanted to give.
func TestLineKeepsInputs(t *testing.T) {
	t.Parallel()
	s := inputsStage(t)
	bg := context.Background()
	d := s.deploys(with("region=us"))
	_, err := s.Deploy(bg, s.want(with("region=eu", "note=x y")))
	if r := s.refuses(delivery.SlotTaken, err); r.Given["note"] != "x y" {
		t.Errorf("the refusal has forgotten what was given: %+v", r)
	}
	waits := func(w *delivery.LineWant) { w.Inputs = map[string]string{"Canary": "7"} } // region can be given later
	if _, err := s.Join(bg, s.line("U0BEN", waits)); err != nil {
		t.Fatal(err)
	}
	_, err = s.Join(bg, s.line("U0CY", func(w *delivery.LineWant) { w.Inputs = map[string]string{"canary": "700"} }))
	s.refuses(delivery.InvalidInputs, err)
	s.until(d.ID, delivery.Succeeded)
	s.moves()
	turn, err := s.TurnOf(bg, "U0BEN", "checkout", "staging")
	if err != nil || !maps.Equal(turn.Inputs, map[string]string{"canary": "7"}) || !maps.Equal(s.notes[0].Turn.Inputs, turn.Inputs) {
		t.Errorf("%+v, %v", turn, err)
	}
}
