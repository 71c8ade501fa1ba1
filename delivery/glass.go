package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"shipmate/config"
	"shipmate/store"
)

// Glass says that a deployment was made past gates that were shut.
type Glass struct {
	// Skipped are those gates, as they stood when it was decided or sent.
	Skipped []Gate `json:"skipped"`
	// Ask are the Slack IDs of the groups and people who can sign the review, to be mentioned.
	Ask []string `json:"ask,omitempty"`
	// Review is the signature of somebody else who has looked at it; nil until then.
	Review *Vote `json:"review,omitempty"`
}

// skip makes gates that are shut ones that are skipped, where the environment's configuration lets a broken glass skip them; of
// others it says who could.
func (f *Facts) skip(all []Gate) []Gate {
	if f.Environment.BreakGlass == nil {
		return all
	}
	for i := range all {
		g := &all[i]
		switch {
		case g.Verdict == Passed || !slices.Contains(f.Environment.BreakGlass.Skip, g.Name):
		case f.Glass:
			g.Verdict = Skipped
		case g.Verdict == Closed:
			g.Except = breakers(f.Config, f.Service, f.Environment)
		}
	}
	return all
}

// skipped are the gates that were.
func skipped(all []Gate) []Gate {
	var out []Gate
	for _, g := range all {
		if g.Verdict == Skipped {
			out = append(out, g)
		}
	}
	return out
}

// breakers are who may break the glass of an environment.
func breakers(cfg *config.Config, service *config.Service, e *config.Environment) []config.Principal {
	if e.BreakGlass != nil && len(e.BreakGlass.By) > 0 {
		return e.BreakGlass.By
	}
	return cfg.Deployers(service, e)
}

// allowed are who may make such a deployment.
func (f *Facts) allowed() []config.Principal {
	if f.Glass {
		return breakers(f.Config, f.Service, f.Environment)
	}
	return f.Config.Deployers(f.Service, f.Environment)
}

// breakable refuses where nothing may be skipped.
func breakable(service *config.Service, e *config.Environment) error {
	if e.BreakGlass == nil {
		return &Refused{Code: NoGlass, Service: service.Name, Environment: e.Name}
	}
	return nil
}

// mayBreak refuses a deployment past shut gates that is not needed, and one of whose last review nobody has signed.
func (d *Deployment) mayBreak(g store.Getter) error {
	if len(d.Glass.Skipped) == 0 {
		return &Refused{Code: GlassNotNeeded, Service: d.Service, Environment: d.Environment, Commit: d.Commit, Ref: d.Ref}
	}
	before, err := g.Get(reviewKey(d.By))
	if err != nil || before == nil {
		return err
	}
	unsigned, err := load(g, string(before))
	if err != nil {
		return err
	}
	return unsigned.refuse(ReviewOpen)
}

// Sign signs the review of a deployment past shut gates: somebody else has looked at it. It returns the deployment, or a
// *Refused. Whether the person may is asked above.
func (s *Service) Sign(ctx context.Context, w VoteWant) (*Deployment, error) {
	now := s.clock.Now()
	return s.touch(ctx, w.Request, func(store.Tx) (string, error) { return w.ID, nil }, func(tx store.Tx, d *Deployment) error {
		switch {
		case d.Glass == nil:
			return d.refuse(NoReview)
		case d.Glass.Review != nil:
			r := d.refuse(AlreadySigned)
			r.By, r.Since = d.Glass.Review.By, d.Glass.Review.At
			return r
		case d.By == w.By:
			return d.refuse(OwnReview)
		}
		d.Glass.Review = &Vote{By: w.By, At: now, Reason: cleanReason(w.Reason)}
		unsigned, err := tx.Get(reviewKey(d.By))
		if err != nil || string(unsigned) != d.ID {
			return err
		}
		return tx.Delete(reviewKey(d.By))
	})
}

// Reviews lists the deployments past shut gates that nobody has signed.
func (s *Service) Reviews(ctx context.Context) ([]*Deployment, error) {
	var out []*Deployment
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, id := range snap.Scan(reviewPrefix, "") {
			d, err := load(snap, string(id))
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, d)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading open reviews: %w", err)
	}
	return out, nil
}

// ReviewersOf are who may sign the review of a deployment past shut gates: those who may approve there, and administrators.
func (s *Service) ReviewersOf(d *Deployment) []config.Principal {
	cfg := s.current()
	service, e, err := place(cfg, d.Service, d.Environment)
	if err != nil {
		return cfg.Slack.Admins
	}
	return append(slices.Clone(approvers(cfg, service, e, e.Approvals)), cfg.Slack.Admins...)
}

// concerned asks whom to mention about a deployment past shut gates.
func (s *Service) concerned(ctx context.Context, d *Deployment) []string {
	ids, err := s.people.Mention(ctx, s.ReviewersOf(d))
	if err != nil {
		return nil // nobody is mentioned then; the message stands there all the same
	}
	return slices.DeleteFunc(ids, func(id string) bool { return id == d.By })
}
