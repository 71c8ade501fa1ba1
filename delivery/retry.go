package delivery

import (
	"context"
	"errors"

	"shipmate/store"
)

// Retry makes a new deployment of the same commit to the same place, unless somebody did before. It returns the new
// deployment, or a *Refused.
func (s *Service) Retry(ctx context.Context, id string, w Want) (*Deployment, error) {
	w, made, err := s.again(ctx, id, w)
	if made != nil || err != nil {
		return made, err
	}
	return s.Deploy(ctx, w)
}

// PreviewRetry is to Retry what Preview is to Deploy.
func (s *Service) PreviewRetry(ctx context.Context, id string, w Want) (*Deployment, error) {
	w, made, err := s.again(ctx, id, w)
	if made != nil || err != nil {
		return made, err
	}
	return s.Preview(ctx, w)
}

// again turns the retry of a deployment into a wish for its commit; made is what the same request made before.
func (s *Service) again(ctx context.Context, id string, w Want) (_ Want, made *Deployment, err error) {
	if made, err = s.made(ctx, w); made != nil || err != nil {
		return w, made, err
	}
	old, err := s.Deployment(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return w, nil, &Refused{Code: NoDeployment}
	}
	if err != nil {
		return w, nil, err
	}
	if err := old.retryable(); err != nil {
		return w, nil, err
	}
	w.Service, w.Environment, w.Ref, w.Asked = old.Service, old.Environment, old.Commit.SHA, old.Ref
	w.Inputs, w.retryOf = old.Inputs, old.ID
	if w.Reason == "" {
		w.Reason = old.Reason
	}
	if old.Rollback != nil { // it goes back once more, if what it was to undo is still there
		w.From, w.Exactly = old.Rollback.Bad.SHA, true
		return s.back(ctx, w)
	}
	return w, nil, nil
}

// retryable refuses what there is nothing to retry of, or what was retried.
func (d *Deployment) retryable() error {
	refused := &Refused{Service: d.Service, Environment: d.Environment, Deployment: d}
	switch {
	case !d.State.Ended():
		refused.Code, refused.By, refused.Since = NotEnded, d.By, d.Created
	case d.State == Succeeded:
		refused.Code, refused.By, refused.Since = NothingToRetry, d.By, d.Ended
	case d.Retried != nil:
		refused.Code, refused.By, refused.Since = AlreadyRetried, d.Retried.By, d.Retried.At
	default:
		return nil
	}
	return refused
}

// markRetried notes on the old deployment what was started instead, in the transaction that starts it.
func (s *Service) markRetried(tx store.Tx, w Want, id string) error {
	_, err := s.changeIn(tx, w.retryOf, func(_ store.Tx, old *Deployment) error {
		if err := old.retryable(); err != nil {
			return err
		}
		old.Retried = &Retried{ID: id, By: w.By, At: w.At.UTC()}
		return nil
	})
	return err
}
