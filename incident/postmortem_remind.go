package incident

import (
	"context"
	"errors"
	"time"

	"shipmate/clock"
	"shipmate/store"
)

// The times at which people are reminded: before it is due, and after it is, each time twice as late as the last.
var (
	remindBefore = []time.Duration{48 * time.Hour, 24 * time.Hour}
	remindAfter  = 24 * time.Hour
)

// maxLate is how often somebody is reminded of a post-mortem that is late: for two months. Who has not written it then does not for
// one reminder more.
const maxLate = 7

// LastReminder tells whether nobody is reminded of it any more, unless somebody does something with it.
func (p *Postmortem) LastReminder() bool { return p.Late >= maxLate }

// remindAgain has people reminded once more after the last reminder: it has another owner, or somebody works on it.
func (p *Postmortem) remindAgain() { p.Late = min(p.Late, maxLate-1) }

// planned is the first time after a moment at which a reminder of something late is due.
func planned(due, since time.Time) time.Time {
	d := remindAfter
	for !due.Add(d).After(since) {
		d *= 2
	}
	return due.Add(d)
}

// inTime moves a reminder that comes before something is due into working hours: later, or back where later would be too late.
func inTime(at, due time.Time, hours clock.Hours) time.Time {
	if next := hours.Next(at); next.Before(due) {
		return next
	}
	for range 7 * 24 {
		if hours.Open(at) {
			break
		}
		at = at.Add(-time.Hour)
	}
	return at
}

// hours are those in which somebody is reminded: Monday to Friday, from nine to five where they live, else where their team is.
func (s *Service) hours(ctx context.Context, person, team string) clock.Hours {
	h := clock.Hours{Days: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}, From: 9 * time.Hour, To: 17 * time.Hour, Zone: time.UTC}
	zone, err := s.people.Zone(ctx, person)
	switch t, known := s.current().Team(team); {
	case err == nil && zone != nil:
		h.Zone = zone
	case known:
		h.Zone = t.Location()
	}
	return h
}

// nextReminder is when its owner, who works in those hours, is reminded next; the zero time after the last reminder.
func (p *Postmortem) nextReminder(hours clock.Hours) time.Time {
	switch {
	case !p.Snoozed.IsZero():
		return hours.Next(p.Snoozed)
	case p.LastReminder():
		return time.Time{}
	}
	for _, d := range remindBefore {
		plan := p.Due.Add(-d)
		if at := inTime(plan, p.Due, hours); plan.After(p.Reminded) && at.After(p.Reminded) {
			return at
		}
	}
	return hours.Next(planned(p.Due, p.Reminded))
}

// remindOwner reminds whoever owns a post-mortem, and from the second time since it is late the channel of the team as well. Several
// reminders that fall on a weekend are one after it.
func (s *Service) remindOwner(ctx context.Context, id string) (time.Time, error) {
	p, err := s.Postmortem(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil || p.State.Ended() {
		return time.Time{}, err
	}
	i, err := s.Record(ctx, id)
	if err != nil || i.Open() { // it is due anew when the incident is over
		return time.Time{}, err
	}
	now, hours := s.clock.Now(), s.hours(ctx, p.Owner, p.Team)
	at := p.nextReminder(hours)
	if at.IsZero() || at.After(now) {
		return at, nil
	}
	if at = hours.Next(now); at.After(now) {
		return at, nil
	}
	p, err = s.changePostmortem(ctx, id, func(tx store.Tx, stands *Postmortem) error {
		if at := stands.nextReminder(hours); stands.State.Ended() || stands.Owner != p.Owner || at.IsZero() || at.After(now) {
			return nil // somebody did something meanwhile
		}
		return s.remindIn(tx, stands, i, now)
	})
	if err != nil || p.State.Ended() {
		return time.Time{}, err
	}
	if at = p.nextReminder(hours); at.IsZero() {
		return at, nil
	}
	return later(at, now), nil
}

func (s *Service) remindIn(tx store.Tx, p *Postmortem, i *Incident, now time.Time) error {
	p.Reminded, p.Snoozed, p.Reminders = now, time.Time{}, p.Reminders+1
	if p.Overdue(now) {
		p.Late++
	}
	id := p.ID + "-remind-" + itoa(p.Reminders)
	if err := s.tell(tx, Note{Person: p.Owner, Topic: Postmortems, ID: id, At: now, Incident: i, Postmortem: p}); err != nil {
		return err
	}
	channel := s.teamChannel(p.Team)
	if i.Private { // those in its own channel know of it, and nobody else
		channel = i.Room.ID
	}
	if p.Late < 2 || channel == "" {
		return nil
	}
	return s.rooms.Say(tx, channel, id, Announcement{Incident: i, Kind: "postmortem", Postmortem: p})
}

// teamChannel is where a team's messages go; empty when it has no such place.
func (s *Service) teamChannel(team string) string {
	if t, ok := s.current().Team(team); ok {
		return t.Channel
	}
	return ""
}
