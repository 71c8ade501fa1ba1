package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

// StepDigest reads what a digest tells of, has it told, and completes it with what could not be read at first.
func (s *Service) StepDigest(ctx context.Context, id string) (time.Time, error) {
	d, err := s.Digest(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil || d.State == Kept {
		return time.Time{}, err
	}
	now := s.clock.Now()
	wanted := d.wanted(now)
	if len(wanted) == 0 && d.State == Told {
		return d.next(), nil
	}
	team, ok := s.current().Team(d.Team)
	if !ok {
		return time.Time{}, s.giveUpDigest(ctx, id)
	}
	facts, misses := s.gather(ctx, team, d, wanted)
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err()
	}
	err = work.Update(ctx, s.db, func(tx store.Tx) error {
		if d, err = loadDigest(tx, id); err != nil {
			return err
		}
		d.take(wanted, facts, misses, now)
		if d.State == Gathering {
			if err := s.tellDigest(tx, d); err != nil {
				return err
			}
		}
		return s.saveDigest(tx, d)
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("writing the digest %s: %w", id, err)
	}
	return d.next(), nil
}

// giveUpDigest has a digest promise nothing more whose team has left the configuration; one that was not told yet is not told.
func (s *Service) giveUpDigest(ctx context.Context, id string) error {
	err := work.Update(ctx, s.db, func(tx store.Tx) error {
		d, err := loadDigest(tx, id)
		if err != nil {
			return err
		}
		for section, miss := range d.Missing {
			miss.Next = time.Time{}
			miss.Why = "the team is no longer in the configuration"
			d.Missing[section] = miss
		}
		if d.State == Gathering {
			d.State = Kept
		}
		d.Ended = s.clock.Now()
		return s.saveDigest(tx, d)
	})
	if err != nil {
		return fmt.Errorf("giving up the digest %s: %w", id, err)
	}
	return nil
}

// tellDigest has a digest posted, unless it says nothing and the team wants to hear nothing then.
func (s *Service) tellDigest(tx store.Tx, d *Digest) error {
	if d.IsQuiet() && d.Quiet == config.QuietNothing && d.By == "" {
		d.State = Kept
		return nil
	}
	d.State = Told
	return s.place(tx, DigestDomain, d.ID, d.Channel)
}

// wanted are the sections that are to be read now.
func (d *Digest) wanted(now time.Time) []config.DigestSection {
	var out []config.DigestSection
	for _, section := range d.Sections {
		miss, missed := d.Missing[section]
		if d.Has(section) || missed && miss.rests(now) {
			continue
		}
		out = append(out, section)
	}
	return out
}

// next is when the first of what is missing is tried again; the zero time when nothing is.
func (d *Digest) next() time.Time { return nextTry(d.Missing) }

func nextTry[K comparable](missing map[K]Miss) time.Time {
	var next time.Time
	for _, miss := range missing {
		if !miss.Next.IsZero() && (next.IsZero() || miss.Next.Before(next)) {
			next = miss.Next
		}
	}
	return next
}

// take puts what was read into the digest, and what was not into what is missing of it.
func (d *Digest) take(wanted []config.DigestSection, facts Facts, misses map[config.DigestSection]error, now time.Time) {
	if d.Read == nil {
		d.Read = map[config.DigestSection]time.Time{}
	}
	for _, section := range wanted {
		if d.Has(section) {
			continue
		}
		err, missed := misses[section]
		if !missed {
			d.Read[section] = now
			d.Facts.copy(section, facts)
			delete(d.Missing, section)
			continue
		}
		if d.Missing == nil {
			d.Missing = map[config.DigestSection]Miss{}
		}
		d.Missing[section] = d.Missing[section].again(err, now)
	}
	if d.next().IsZero() {
		d.Ended = now
	}
}

// rests tells whether it is not tried now.
func (m Miss) rests(now time.Time) bool { return m.Next.IsZero() || m.Next.After(now) }

// again is a miss after one more failure.
func (m Miss) again(err error, now time.Time) Miss {
	if m.Tries == 0 {
		m.Since = now
	}
	wait := sourceFirst
	for range m.Tries {
		wait = min(2*wait, sourceMost)
	}
	m.Tries++
	m.Why = sourceWords(err)
	m.Next = now.Add(wait)
	if m.Next.Sub(m.Since) > sourcePatience {
		m.Next = time.Time{}
	}
	return m
}

// sourceWords says why something could not be read, for people: what an error has to say to them, without what it says to whoever wanted
// to change something, or that it is in the log.
func sourceWords(err error) string {
	var user interface{ UserMessage() string }
	switch {
	case errors.As(err, &user):
		why, _, _ := strings.Cut(user.UserMessage(), "; nothing was changed")
		return strings.TrimRight(why, ".")
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	}
	return "the log says why"
}

// PreviewDigest reads what a team's digest would tell now, and writes nothing.
func (s *Service) PreviewDigest(ctx context.Context, name string) (*Digest, error) {
	team, ok := s.current().Team(name)
	if !ok {
		return nil, &Refused{Code: NoTeam, Word: name}
	}
	var d *Digest
	now := s.clock.Now()
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		d, err = s.newDigest(snap, Digests, team, &Occasion{ID: previewID, At: now})
		return err
	})
	if err != nil {
		return nil, err
	}
	wanted := slices.Clone(d.Sections)
	facts, misses := s.gather(ctx, team, d, wanted)
	d.take(wanted, facts, misses, now)
	return d, nil
}

// ShowDetails has the details of a digest said in its thread, for everybody.
func (s *Service) ShowDetails(ctx context.Context, id string) (d *Digest, err error) {
	err = s.db.Update(ctx, func(tx store.Tx) error {
		d, err = loadDigest(tx, id)
		if errors.Is(err, ErrNotFound) {
			return &Refused{Code: NoDigest, Word: id}
		}
		if err != nil || d.Detailed {
			return err
		}
		d.Detailed = true
		return s.saveDigest(tx, d)
	})
	return d, err
}
