package delivery

import (
	"context"
	"slices"
)

// Why says how every gate stands before a deployment that somebody might ask for, without asking for it: the deployment as
// it would be, and the gates in the order people are told of them. What is no deployment at all, such as a service that is
// not configured or a ref that does not exist, is a *Refused; that GitHub could not be asked is a *github.Error. Without By there
// is nobody of whom to tell whether they may, so the gates do not tell it.
func (s *Service) Why(ctx context.Context, w Want) (*Deployment, []Gate, error) {
	w.asking = true
	p, err := s.plan(ctx, w)
	if err != nil {
		return nil, nil, err
	}
	all, err := s.judged(ctx, p)
	if w.By == "" {
		all = slices.DeleteFunc(all, func(g Gate) bool { return g.Name == "permission" })
	}
	return p.Deployment, all, err
}
