package delivery

import (
	"context"

	"shipmate/config"
	"shipmate/integrations/github"
)

// checksGate asks for checks of the commit to have passed. Pending is not passed, and neither is that there are none.
func checksGate(f *Facts) *Gate {
	if f.Environment.Checks.None() {
		return nil
	}
	g := &Gate{Verdict: Closed, At: f.rule("checks")}
	if f.Checks == nil || f.Checks.Truncated || f.Environment.Checks.Word == config.ChecksRequired && !f.Checks.RequiredKnown {
		g.Code = ChecksUnread
		return g
	}
	asked := askedChecks(f.Environment.Checks, f.Checks.All)
	if g.Total = len(asked); g.Total == 0 {
		g.Code = NoChecks
		return g
	}
	var pending []string
	for _, c := range asked {
		switch {
		case !c.State.Ended():
			pending = append(pending, c.Name)
		case !c.State.Good():
			g.Checks = append(g.Checks, c.Name)
		}
	}
	switch {
	case len(g.Checks) > 0:
		g.Code = ChecksFailed
	case len(pending) > 0:
		g.Verdict, g.Code, g.Checks = NotYet, ChecksPending, pending
	default:
		g.Verdict = Passed
	}
	return g
}

// askedChecks are the checks that a rule asks for. One that is named and that nobody has reported is expected.
func askedChecks(rule config.Checks, all []github.Check) []github.Check {
	var out []github.Check
	for _, c := range all {
		if rule.Word == config.ChecksAll || rule.Word == config.ChecksRequired && c.Required {
			out = append(out, c)
		}
	}
	for _, name := range rule.Names {
		reported := false
		for _, c := range all {
			if c.Name == name {
				out, reported = append(out, c), true
			}
		}
		if !reported {
			out = append(out, github.Check{Name: name, State: github.Expected})
		}
	}
	return out
}

// readChecks reads what judges the commit, without the runs that deployments started on it; nil when nothing is asked for.
func (s *Service) readChecks(ctx context.Context, rule config.Checks, d *Deployment) (*github.Checks, error) {
	if rule.None() {
		return nil, nil
	}
	// Runs before checks, so that what begins between the two is seen as under way.
	runs, err := s.github.WorkflowRuns(ctx, d.Repo, d.Commit.SHA)
	if err != nil && !forbidden(err) {
		return nil, err
	}
	checks, err := s.github.Checks(ctx, d.Repo, d.Commit.SHA, d.Decided.Branch)
	if err != nil {
		return nil, err
	}
	leaveOutOthers(&checks, &runs)
	return &checks, nil
}
