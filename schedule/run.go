package schedule

import (
	"context"
	"fmt"
	"time"

	"shipmate/store"
)

// Line is a line that is run because its time has come.
type Line struct {
	ID      string    // identifies what is run, and everything it makes
	At      time.Time // as planned
	Person  string    // with whose rights; a Slack ID
	Channel string    // where the answer goes
	Text    string
	Again   bool // it may have been run before a crash
}

// Outcome is how a time was run.
type Outcome struct {
	Fate Fate   // Done, Asked, Declined or Failed
	Said string // the answer, as Slack shows it
	// Lost says that the person may not run it any more, has left, or that it is not understood any more: it does not get better by itself.
	Lost bool
}

// Ran is how a line was run, and what is to be written with that: the answer on its way, and its entry in the audit log.
type Ran struct {
	Outcome
	Write func(store.Tx) error // nil when there was no answer: then the channel is told
}

// do runs what was claimed. An error says that it could not be run now.
func (s *Service) do(ctx context.Context, one *Schedule) (Ran, error) {
	switch one.Kind {
	case Lines:
	case Digests, Handovers:
		return s.startDigest(one)
	case Reminders:
		return s.startReminder(one)
	default:
		return Ran{}, fmt.Errorf("a schedule of kind %q is of a newer version", one.Kind)
	}
	o := one.Running
	return s.runLine(ctx, Line{ID: o.ID, At: o.At, Person: one.Owner, Channel: one.Channel, Text: one.Line, Again: o.Tries > 0})
}

// endIn writes how what was claimed has ended.
func (s *Service) endIn(tx store.Tx, one *Schedule, ran Ran) error {
	o, now := one.Running, s.clock.Now()
	h := &Happening{Schedule: one.ID, ID: o.ID, At: o.At, Fate: ran.Fate, By: o.By, Began: o.Begun, Ended: now, Said: ran.Said}
	if err := keep(tx, h); err != nil {
		return err
	}
	one.Last, one.Running = h, nil
	write := ran.Write
	if write == nil { // nobody hears of it otherwise
		write = func(tx store.Tx) error {
			return s.say(tx, one.Channel, Note{Kind: NoteFailed, ID: o.ID + "-failed", At: now, Schedule: one})
		}
	}
	if err := write(tx); err != nil {
		return err
	}
	if !ran.Lost || one.State == Removed {
		return nil
	}
	one.State, one.Hold = Stopped, &Hold{At: now, Said: h.Said}
	n := Note{Kind: NoteStopped, ID: o.ID + "-stopped", At: now, Schedule: one}
	if err := s.say(tx, one.Channel, n); err != nil {
		return err
	}
	n.Person = one.Owner
	return s.tell(tx, n)
}
