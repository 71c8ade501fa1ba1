package incident

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"shipmate/store"
)

// StepIncident does what is to be done beside an incident, each thing by itself so that none holds up another, and says when to look
// again.
func (s *Service) StepIncident(ctx context.Context, id string) (time.Time, error) {
	if deployment, ok := strings.CutPrefix(id, endedStep); ok {
		return time.Time{}, s.noteEnded(ctx, deployment)
	}
	i, err := s.Record(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, err
	}
	if err := s.pageOut(ctx, i); err != nil { // first: people may be needed before anything is tidy
		return time.Time{}, err
	}
	for _, name := range []string{ChoreRoom, ChoreInvite, ChoreTopic, ChoreBookmark, ChorePin, ChoreSettle, ChoreShow} {
		if i, err = s.chore(ctx, i.ID, name); err != nil {
			return time.Time{}, err
		}
	}
	if err := s.showPages(ctx, i); err != nil {
		return time.Time{}, err
	}
	if err := s.showPeople(ctx, i); err != nil {
		return time.Time{}, err
	}
	now := s.clock.Now()
	if i.Open() && (i.Looked.IsZero() || now.Sub(i.Looked) >= suspectEvery) {
		if err := s.lookForSuspects(ctx, i, now); err != nil {
			return time.Time{}, err
		}
	}
	if err := s.remind(ctx, i, now); err != nil {
		return time.Time{}, err
	}
	if err := s.tire(ctx, i, now); err != nil {
		return time.Time{}, err
	}
	if i, err = s.Record(ctx, id); err != nil {
		return time.Time{}, err
	}
	return s.nextLook(i, now), nil
}

// showPages has the cards of its pages stand where it runs, as soon as it is known where that is. Of a private one without a channel
// of its own they stand nowhere.
func (s *Service) showPages(ctx context.Context, i *Incident) error {
	hidden := func(p Paging) bool { return p.Page != "" && !p.Shown }
	if !slices.ContainsFunc(i.Paged, hidden) || !i.settled() || i.Where() == "" {
		return nil
	}
	_, err := s.changeIncident(ctx, i.ID, func(tx store.Tx, i *Incident) error {
		for n := range i.Paged {
			if p := &i.Paged[n]; hidden(*p) {
				p.Shown = true
				if err := s.rooms.Page(tx, p.Page, i.Where()); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return err
}

// showPeople has an incident that runs in no channel stand in the direct message of each of its people, and tells them why it does.
func (s *Service) showPeople(ctx context.Context, i *Incident) error {
	hidden := func(i *Incident, person string) bool { return !slices.Contains(i.Shown, person) }
	if !i.Roomless() || !slices.ContainsFunc(i.People(), func(person string) bool { return hidden(i, person) }) {
		return nil
	}
	_, err := s.changeIncident(ctx, i.ID, func(tx store.Tx, i *Incident) error {
		for _, person := range i.People() {
			if !hidden(i, person) {
				continue
			}
			i.Shown = append(i.Shown, person)
			show := s.rooms.Show
			if person == i.By { // the others' messages stand beside it
				show = s.rooms.Header
			}
			if err := show(tx, i.ID, person); err != nil {
				return err
			}
			if err := s.tell(tx, Note{Person: person, Topic: Incidents, ID: i.ID + "-roomless-" + person, At: s.clock.Now(), Incident: i, Roomless: true}); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// showPostmortem has the card of the post-mortem stand where the incident runs, once that is known.
func (s *Service) showPostmortem(ctx context.Context, i *Incident) (ready bool, err error) {
	if !i.settled() || i.Where() == "" {
		return i.settled(), nil
	}
	_, err = s.changeIncident(ctx, i.ID, func(tx store.Tx, i *Incident) error { return s.rooms.Postmortem(tx, i.ID, i.Where()) })
	return true, err
}

// nextLook is when something is to be done next; the zero time when nothing is until somebody changes it.
func (s *Service) nextLook(i *Incident, now time.Time) time.Time {
	var next time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, c := range i.Chores {
		if c.State == Wanted { // one that waits for another is looked at ever less often
			sooner(later(c.Next, now.Add(min(max(time.Second, now.Sub(i.Created)/10), 30*time.Second))))
		}
	}
	if i.Open() {
		sooner(now.Add(suspectEvery))
		if !i.Due.IsZero() && !i.Nagged.Equal(i.Due) {
			sooner(i.Due)
		}
	}
	return next
}
