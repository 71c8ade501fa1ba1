package delivery

import (
	"context"

	"shipmate/config"
	"shipmate/store"
)

// approvalsGate asks for people to have approved just this: this commit, over what runs there, with these inputs, under these
// rules.
func approvalsGate(f *Facts) *Gate {
	rule, key := approvalRule(f.Environment, f.Rollback != nil)
	if rule == nil {
		return nil
	}
	g := &Gate{Verdict: NotYet, Code: ApprovalsMissing, At: f.rule(key), Total: rule.Count, Who: approvers(f.Config, f.Service, f.Environment, rule)}
	a := f.Approval
	switch {
	case a == nil && f.Made:
		g.Verdict, g.Code, g.Why = Closed, ApprovalVoid, MovedRules
		return g
	case a == nil:
		return g
	}
	g.Votes = a.counted(f, rule)
	switch {
	case a.Rejected != nil:
		g.Verdict, g.Code, g.By, g.Since, g.Why = Closed, Rejected, a.Rejected.By, a.Rejected.At, a.Rejected.Reason
	case a.Bound != f.Bound:
		g.Verdict, g.Code, g.Why = Closed, ApprovalVoid, a.Bound.moved(f.Bound)
	case len(g.Votes) >= rule.Count:
		g.Verdict, g.Code = Passed, ""
	}
	return g
}

// counted are the approvals that count: of people who still may, each once.
func (a *Approval) counted(f *Facts, rule *config.Approvals) []Vote {
	var out []Vote
	for _, v := range a.Votes {
		if v.By == f.By && !rule.Self || !f.Approvers[v.By] {
			continue
		}
		out = append(out, v)
	}
	return out
}

// approvers are who may approve a deployment to the environment by a rule.
func approvers(cfg *config.Config, service *config.Service, e *config.Environment, rule *config.Approvals) []config.Principal {
	if rule != nil && len(rule.From) > 0 {
		return rule.From
	}
	return cfg.Deployers(service, e)
}

// approvalRule is what a deployment to the environment, or a rollback there, needs of approvals, nil for none, and its key.
func approvalRule(e *config.Environment, rollback bool) (rule *config.Approvals, key string) {
	if rollback && e.Rollback != nil {
		return e.Rollback.Approvals, "rollback.approvals"
	}
	return e.Approvals, "approvals"
}

// ApproversOf are who may approve the deployment by the configuration in force; nobody when it does not know the place any more.
func (s *Service) ApproversOf(d *Deployment) []config.Principal {
	cfg := s.current()
	service, e, err := place(cfg, d.Service, d.Environment)
	if err != nil {
		return nil
	}
	rule, _ := approvalRule(e, d.Rollback != nil)
	return approvers(cfg, service, e, rule)
}

// WaitingFor is the newest deployment that waits in a place; a *Refused when there is none.
func (s *Service) WaitingFor(ctx context.Context, service, environment string) (d *Deployment, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		id, err := s.waitingFor(snap, service, environment)
		if err != nil {
			return err
		}
		d, err = load(snap, id)
		return err
	})
	return d, err
}

// startGate waits for who asked to say that it starts.
func startGate(f *Facts) *Gate {
	if f.Start == nil {
		return nil
	}
	g := &Gate{Verdict: Passed, By: f.By, Since: f.Start.At}
	if f.Start.At.IsZero() {
		g.Verdict, g.Code, g.Since = NotYet, StartMissing, f.Start.Asked
	}
	return g
}
