package incident

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// The reasons to refuse something of post-mortems.
const (
	NoRepo         Code = "no_repo"         // the configuration names no repository for post-mortems
	NotOver        Code = "not_over"        // the incident is open, and has no post-mortem before it ends
	NoPostmortem   Code = "no_postmortem"   // the incident has none
	PostmortemOver Code = "postmortem_over" // it is published, or not needed
	HasPull        Code = "has_pull"        // its pull request says when it is done
)

// NewPostmortem wants the post-mortem of a resolved incident, of whatever severity, or wants one after all that was not needed. It is a
// *Refused with AlreadySo when there is one, with NotOver while the incident is open, with NoRepo when the configuration names no
// repository for it.
func (s *Service) NewPostmortem(ctx context.Context, w ChangeWant) (*Postmortem, error) {
	var p *Postmortem
	err := work.Update(ctx, s.db, func(tx store.Tx) error {
		i, err := loadIncident(tx, w.Incident)
		if err != nil {
			return err
		}
		created, err := store.Create(tx, postmortemAskedKey(w.Request), asked{Incident: i.ID, At: w.At})
		if err != nil {
			return err
		}
		before, err := loadPostmortem(tx, i.ID)
		switch {
		case !created:
			p = before
			return err
		case i.Open():
			return &Refused{Code: NotOver, Incident: i}
		case errors.Is(err, ErrNotFound):
			// The incident is saved with it: it may have to show it once it has its channel.
			_, err = s.changeIncidentIn(tx, i.ID, func(tx store.Tx, i *Incident) (err error) {
				p, err = s.plan(tx, i, w.Request, w.At, w.By)
				return err
			})
			return err
		case err != nil:
			return err
		case before.State != NotNeeded:
			return &Refused{Code: AlreadySo, Incident: i, Postmortem: before}
		}
		p, err = s.changePostmortemIn(tx, i.ID, func(tx store.Tx, p *Postmortem) error {
			p.State, p.Why, p.Ended, p.EndedBy = Drafting, "", time.Time{}, ""
			if p.Pull != nil || p.Posted > 0 {
				p.State = Writing
			}
			p.Owner, p.By, p.Accepted = w.By, w.By, time.Time{}
			p.Due, p.Reminded, p.Late, p.Snoozed = w.At.UTC().Add(s.current().PostmortemDue(i.Severity)), w.At.UTC(), 0, time.Time{}
			return s.askOwner(tx, p, i, w.At)
		})
		if err != nil {
			return err
		}
		return work.Wake(tx, Postmortems, i.ID, time.Time{})
	})
	return p, postmortemError(w.Incident, err)
}

func postmortemError(id string, err error) error {
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		return refused
	case err != nil:
		return fmt.Errorf("writing the post-mortem of %s: %w", id, err)
	}
	return nil
}

// PostmortemChanged is the post-mortem that a request changed, or ErrNotFound.
func (s *Service) PostmortemChanged(ctx context.Context, request string) (*Postmortem, error) {
	var p *Postmortem
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		a, found, err := store.Load[asked](snap, postmortemAskedKey(request))
		if err == nil && !found {
			err = ErrNotFound
		}
		if err == nil {
			p, err = loadPostmortem(snap, a.Incident)
		}
		return err
	})
	return p, err
}

// postmortemChange makes a change that a person asked for, once per request. Of an incident that has no post-mortem it is refused with
// NoPostmortem, of one that has ended with PostmortemOver.
func (s *Service) postmortemChange(ctx context.Context, w ChangeWant, fn func(store.Tx, *Incident, *Postmortem) error) (*Postmortem, error) {
	var p *Postmortem
	err := work.Update(ctx, s.db, func(tx store.Tx) error {
		i, err := loadIncident(tx, w.Incident)
		if err != nil {
			return err
		}
		if p, err = loadPostmortem(tx, w.Incident); errors.Is(err, ErrNotFound) {
			return &Refused{Code: NoPostmortem, Incident: i}
		} else if err != nil {
			return err
		}
		created, err := store.Create(tx, postmortemAskedKey(w.Request), asked{Incident: p.ID, At: w.At})
		if err != nil || !created {
			return err
		}
		p, err = s.changePostmortemIn(tx, p.ID, func(tx store.Tx, p *Postmortem) error {
			if p.State.Ended() {
				return &Refused{Code: PostmortemOver, Incident: i, Postmortem: p}
			}
			return fn(tx, i, p)
		})
		if err != nil {
			return err
		}
		return work.Wake(tx, Postmortems, p.ID, time.Time{})
	})
	if err := postmortemError(w.Incident, err); err != nil {
		return nil, err
	}
	return p, nil
}

// AcceptPostmortem says that somebody writes it; who was asked to before need not any more, and is told so.
func (s *Service) AcceptPostmortem(ctx context.Context, w ChangeWant) (*Postmortem, error) {
	return s.SetPostmortemOwner(ctx, w, w.By)
}

// SetPostmortemOwner hands it over to somebody, who is asked; who names themselves accepts it. Who had it is told, unless they say so
// themselves.
func (s *Service) SetPostmortemOwner(ctx context.Context, w ChangeWant, person string) (*Postmortem, error) {
	return s.postmortemChange(ctx, w, func(tx store.Tx, i *Incident, p *Postmortem) error {
		had, accepts := p.Owner, person == w.By
		if had == person && (!accepts || !p.Accepted.IsZero()) {
			return &Refused{Code: AlreadySo, Incident: i, Postmortem: p}
		}
		p.Owner, p.By, p.Accepted = person, w.By, time.Time{}
		if accepts {
			p.Accepted = w.At.UTC()
		} else if err := s.askOwner(tx, p, i, w.At); err != nil {
			return err
		}
		if had == person {
			return nil
		}
		p.remindAgain()
		if had == w.By {
			return nil
		}
		return s.tell(tx, Note{Person: had, Topic: Postmortems, ID: p.ID + "-relieved-" + had + "-" + itoa(int(w.At.Unix())), At: w.At, Incident: i,
			Postmortem: p, Relieved: true})
	})
}

// SnoozePostmortem has its owner reminded after that time and not before.
func (s *Service) SnoozePostmortem(ctx context.Context, w ChangeWant, d time.Duration) (*Postmortem, error) {
	return s.postmortemChange(ctx, w, func(_ store.Tx, _ *Incident, p *Postmortem) error {
		p.Snoozed = w.At.UTC().Add(d)
		return nil
	})
}

// PostmortemNotNeeded ends it with a reason. A pull request of it stays as it is.
func (s *Service) PostmortemNotNeeded(ctx context.Context, w ChangeWant, reason string) (*Postmortem, error) {
	if strings.TrimSpace(reason) == "" {
		return nil, &Refused{Code: NoReason}
	}
	return s.postmortemChange(ctx, w, func(_ store.Tx, _ *Incident, p *Postmortem) error {
		p.State, p.Why, p.Ended, p.EndedBy = NotNeeded, strings.TrimSpace(reason), w.At.UTC(), w.By
		return nil
	})
}

// FinishPostmortem says that one is done whose document is in its channel. With a pull request that is what merging it says, and this
// is refused with HasPull.
func (s *Service) FinishPostmortem(ctx context.Context, w ChangeWant) (*Postmortem, error) {
	return s.postmortemChange(ctx, w, func(_ store.Tx, i *Incident, p *Postmortem) error {
		if !p.InChannel {
			return &Refused{Code: HasPull, Incident: i, Postmortem: p}
		}
		p.State, p.Ended, p.EndedBy = Published, w.At.UTC(), w.By
		return nil
	})
}
