package delivery

import "shipmate/config"

// approvalsGate asks for people to have approved just this: this commit, over what runs there, with these inputs, under these
// rules.
func approvalsGate(f *Facts) *Gate {
	rule := f.Environment.Approvals
	if rule == nil {
		return nil
	}
	g := &Gate{Verdict: NotYet, Code: ApprovalsMissing, At: f.rule("approvals"), Total: rule.Count, Who: approvers(f.Config, f.Service, f.Environment)}
	a := f.Approval
	if a == nil {
		return g
	}
	g.Votes = a.counted(f)
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
func (a *Approval) counted(f *Facts) []Vote {
	var out []Vote
	for _, v := range a.Votes {
		if v.By == f.By && !f.Environment.Approvals.Self || !f.Approvers[v.By] {
			continue
		}
		out = append(out, v)
	}
	return out
}

// approvers are who may approve a deployment to the environment.
func approvers(cfg *config.Config, service *config.Service, e *config.Environment) []config.Principal {
	if e.Approvals != nil && len(e.Approvals.From) > 0 {
		return e.Approvals.From
	}
	return cfg.Deployers(service, e)
}

// ApproversOf are who may approve deployments of the service to the environment by the configuration in force; nobody when it
// does not know the place.
func (s *Service) ApproversOf(serviceName, environment string) []config.Principal {
	cfg := s.current()
	service, e, err := place(cfg, serviceName, environment)
	if err != nil {
		return nil
	}
	return approvers(cfg, service, e)
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
