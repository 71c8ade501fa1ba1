package incident

import (
	"context"
	"errors"
	"slices"
	"time"

	"shipmate/integrations/pagerduty"
	"shipmate/store"
)

// StepHandover writes an agreed hand-over on PagerDuty, takes one back, or ends one whose time is over, and says when to look again.
func (s *Service) StepHandover(ctx context.Context, id string) (time.Time, error) {
	h, err := s.HandoverRecord(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, err
	}
	now := s.clock.Now()
	switch {
	case (h.State == Offered || h.State == Agreed) && !now.Before(h.End):
		return s.lapse(ctx, h, now)
	case (h.State == Made || h.State == TakingBack) && !now.Before(h.End):
		return s.ranOut(ctx, h)
	case h.State == Offered, h.State == Made:
		return h.End, nil
	case h.State == Agreed:
		return s.override(ctx, h, now)
	case h.State == TakingBack:
		return s.removeOverride(ctx, h, now)
	}
	return time.Time{}, nil
}

// override writes the override. PagerDuty cuts what lies in the past, so that one begins now at the earliest; a start that was tried
// is kept, since it is what the override is found again by.
func (s *Service) override(ctx context.Context, h *Handover, now time.Time) (time.Time, error) {
	h, err := s.changeHandover(ctx, h.ID, func(_ store.Tx, h *Handover) error {
		if h.State != Agreed { // taken back meanwhile
			return nil
		}
		if h.Tries == 0 && h.Start.Before(now) {
			h.Start = now.Truncate(time.Second)
		}
		h.Tries++
		return nil
	})
	if err != nil || h.State != Agreed {
		return now, err
	}
	made, err := s.pager.EnsureOverride(ctx, h.From, h.Schedule.ID, h.wanted())
	switch {
	case ctx.Err() != nil:
		return time.Time{}, ctx.Err()
	case err == nil:
		h, err = s.changeHandover(ctx, h.ID, func(tx store.Tx, h *Handover) error {
			h.Override, h.Trouble = made.ID, nil
			if h.State != Agreed { // taken back meanwhile
				return nil
			}
			h.State = Made
			return s.tellRelieved(tx, h, now)
		})
		if err != nil || h.State != Made {
			return now, err
		}
		return h.End, nil
	}
	return s.handoverTrouble(ctx, h, err, now)
}

func (h *Handover) wanted() pagerduty.Override {
	return pagerduty.Override{ID: h.Override, User: pagerduty.Ref{ID: h.To.ID, Name: h.To.Name}, Start: h.Start, End: h.End}
}

// lapse ends a hand-over that nobody answered, or that PagerDuty did not take, before its time was over. Who agreed to stand in
// learns that they never did.
func (s *Service) lapse(ctx context.Context, h *Handover, now time.Time) (time.Time, error) {
	_, err := s.changeHandover(ctx, h.ID, func(tx store.Tx, h *Handover) error {
		whom := []string{h.By}
		if h.State == Agreed {
			whom = append(whom, h.To.Slack)
		}
		h.State, h.Ended, h.Trouble = Lapsed, now, nil
		return s.tellOf(tx, h, "lapsed", now, whom)
	})
	return time.Time{}, err
}

// tellRelieved tells those who need not be on call any more, and who gave the shift away that it is taken.
func (s *Service) tellRelieved(tx store.Tx, h *Handover, now time.Time) error {
	h.Told = true
	return s.tellOf(tx, h, "made", now, slices.DeleteFunc(append(h.relieved(), h.By), func(p string) bool { return p == h.To.Slack }))
}

// tellUndone tells those who had been told that they are relieved that they are on call again, also if it is they who took it back:
// it is so from now on, not from when they said so. Who asked and who stood in learn what somebody else did.
func (s *Service) tellUndone(tx store.Tx, h *Handover, now time.Time) error {
	whom := slices.DeleteFunc([]string{h.By, h.To.Slack}, func(p string) bool { return p == h.UndoneBy })
	if h.Told {
		whom = append(whom, h.relieved()...)
	}
	return s.tellOf(tx, h, "undone", now, whom)
}

// relieved are the people on Slack who are relieved.
func (h *Handover) relieved() []string {
	var out []string
	for _, p := range h.Relieved {
		out = append(out, p.Slack)
	}
	return out
}

// tellOf tells people, each once, how a hand-over went on.
func (s *Service) tellOf(tx store.Tx, h *Handover, how string, now time.Time, whom []string) error {
	var told []string
	for _, p := range whom {
		if p == "" || slices.Contains(told, p) {
			continue
		}
		told = append(told, p)
		if err := s.tell(tx, Note{Person: p, Topic: Handovers, ID: h.ID + "-" + how + "-" + p, At: now, Handover: h}); err != nil {
			return err
		}
	}
	return nil
}

// removeOverride takes an override off PagerDuty. One whose writing ended unclear is found first.
func (s *Service) removeOverride(ctx context.Context, h *Handover, now time.Time) (time.Time, error) {
	o := h.wanted()
	if o.ID == "" {
		there, _, err := s.pager.FindOverride(ctx, h.Schedule.ID, o)
		if err != nil {
			return s.handoverTrouble(ctx, h, err, now)
		}
		o.ID = there.ID
	}
	if o.ID != "" {
		if err := s.pager.DeleteOverride(ctx, h.Schedule.ID, o); err != nil {
			return s.handoverTrouble(ctx, h, err, now)
		}
	}
	_, err := s.changeHandover(ctx, h.ID, func(tx store.Tx, h *Handover) error {
		h.State, h.Ended = Undone, now
		h.Override, h.Tries, h.Trouble, h.Why = "", 0, nil, ""
		return s.tellUndone(tx, h, now)
	})
	return time.Time{}, err
}

// ranOut ends a hand-over whose time is over: they stood in, also where PagerDuty did not remove the override in time.
func (s *Service) ranOut(ctx context.Context, h *Handover) (time.Time, error) {
	_, err := s.changeHandover(ctx, h.ID, func(_ store.Tx, h *Handover) error {
		if h.State.Ended() { // taken back meanwhile
			return nil
		}
		never := h.State == TakingBack && h.Override == ""
		h.State, h.Ended, h.Trouble = Over, h.End, nil
		if never {
			h.State = Undone
		}
		return nil
	})
	return time.Time{}, err
}

func (s *Service) handoverTrouble(ctx context.Context, h *Handover, cause error, now time.Time) (time.Time, error) {
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err()
	}
	why, wait := explain(cause)
	tries, writing := 0, h.State == Agreed
	h, err := s.changeHandover(ctx, h.ID, func(tx store.Tx, h *Handover) error {
		if !pagerduty.IsPassing(cause) && !pagerduty.IsUnclear(cause) {
			h.Trouble = nil
			switch {
			case h.State == Agreed:
				h.State, h.Ended, h.Why = NotMade, now, why
				return s.tellOf(tx, h, "failed", now, []string{h.By, h.To.Slack})
			case writing: // and taken back meanwhile: what stands, if anything does, is removed next
				return nil
			}
			h.Why = why
			return s.tellOf(tx, h, "not-undone", now, []string{h.UndoneBy})
		}
		if h.Trouble == nil {
			h.Trouble = &Trouble{Since: now}
		}
		h.Trouble.Why, h.Trouble.Tries = why, min(h.Trouble.Tries+1, 8)
		tries = h.Trouble.Tries
		return nil
	})
	switch {
	case err != nil:
		return time.Time{}, err
	case tries == 0 && h.State == TakingBack && writing:
		return now, nil
	case tries == 0 && h.State == TakingBack:
		return h.End, nil // or until somebody asks for it again
	case tries == 0:
		return time.Time{}, nil
	}
	return now.Add(max(pause(tries), wait)), nil
}
