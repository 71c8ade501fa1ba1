package adr

import (
	"context"
	"time"

	"shipmate/clock"
	"shipmate/store"
)

// MaxNudges is how often people are reminded of a proposal that nobody says anything to: the last time it is offered for rejection.
const MaxNudges = 2

var workdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}

// zone is where the author of a proposal lives; UTC when that is not known.
func (p *Proposal) zone() *time.Location {
	if zone, err := time.LoadLocation(p.Zone); err == nil {
		return zone
	}
	return time.UTC
}

// nudgeAt is when people are reminded of a proposal next, so much working time after anything last happened, in working hours where its
// author lives; the zero time when they are not.
func (p *Proposal) nudgeAt(after time.Duration) time.Time {
	if p.State != Open || p.Pull == nil || p.Ending != nil || p.SupersededBy != 0 || p.Nudges >= MaxNudges {
		return time.Time{}
	}
	days := clock.Hours{Days: workdays, To: 24 * time.Hour, Zone: p.zone()}
	office := clock.Hours{Days: workdays, From: 9 * time.Hour, To: 17 * time.Hour, Zone: p.zone()}
	return office.Next(working(days, newer(newer(p.Opened, p.Moved), p.Nudged), after))
}

// working is the moment at which so much working time has passed.
func working(hours clock.Hours, from time.Time, long time.Duration) time.Time {
	at := hours.Next(from)
	for {
		left := long - hours.Between(from, at)
		if left <= 0 {
			return at
		}
		at = at.Add(left)
	}
}

func (s *Service) wantsNudge(p *Proposal, _ time.Time) time.Time {
	log, err := s.logOf(p)
	if err != nil {
		return time.Time{}
	}
	return p.nudgeAt(log.Nudge)
}

// nudge reminds people of a proposal: its thread says so, and those who were asked for a review and have not said anything are told.
func (s *Service) nudge(ctx context.Context, p *Proposal, now time.Time) error {
	tally, err := s.Tally(ctx, p)
	if err != nil {
		return err
	}
	_, err = s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		p.Nudges, p.Nudged = p.Nudges+1, now.UTC()
		if p.Nudges > 1 || p.Draft || tally.Reached() {
			return nil
		}
		for _, person := range p.Reviewers {
			if tally.Said(person) {
				continue
			}
			if err := s.tell(tx, Note{Person: person, ID: p.ID + "-waits-" + store.Stamp(now), Kind: NoteWaits, At: now, Proposal: p}); err != nil {
				return err
			}
		}
		return nil
	})
	return inStore(err)
}

// Said tells whether somebody has said anything that counts.
func (t Tally) Said(person string) bool {
	for _, votes := range [][]Vote{t.Up, t.Down, t.Foreign} {
		for _, v := range votes {
			if v.By == person {
				return true
			}
		}
	}
	return false
}
