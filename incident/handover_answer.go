package incident

import (
	"context"
	"errors"
	"slices"
	"time"

	"shipmate/store"
)

// Reply is what somebody says to a hand-over.
type Reply string

// The replies.
const (
	Accept  Reply = "accept"
	Decline Reply = "decline"
	Undo    Reply = "undo"
)

// HandoverAnswer is what somebody says to a hand-over.
type HandoverAnswer struct {
	Request  string
	Handover string // its ID
	By       string // Slack ID
	At       time.Time
	Reply    Reply
}

// AnswerHandover writes down what somebody says to a hand-over: who was offered it accepts or declines, and who stands in, who is
// relieved or who asked takes it back. The same request says it once; the same answer again changes nothing.
func (s *Service) AnswerHandover(ctx context.Context, a HandoverAnswer) (*Handover, error) {
	if h, err := s.AnsweredHandover(ctx, a.Request); !errors.Is(err, ErrNotFound) {
		return h, err
	}
	return s.changeHandover(ctx, a.Handover, func(tx store.Tx, h *Handover) error {
		created, err := store.Create(tx, answerKey(a.Request), answered{Handover: h.ID, At: a.At})
		if err != nil || !created {
			return err
		}
		return s.answer(tx, h, a)
	})
}

// answered is which hand-over a request answered, and when.
type answered struct {
	Handover string    `json:"handover"`
	At       time.Time `json:"at"`
}

// AnsweredHandover is the hand-over that a request answered before, or ErrNotFound.
func (s *Service) AnsweredHandover(ctx context.Context, request string) (*Handover, error) {
	var h *Handover
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		a, found, err := store.Load[answered](snap, answerKey(request))
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		h, err = loadHandover(snap, a.Handover)
		return err
	})
	return h, err
}

func (s *Service) answer(tx store.Tx, h *Handover, a HandoverAnswer) error {
	concerned := a.By == h.By || a.By == h.To.Slack || slices.ContainsFunc(h.Relieved, func(p Person) bool { return p.Slack == a.By })
	switch {
	case a.Reply != Undo && a.By != h.To.Slack, a.Reply == Undo && !concerned:
		return &Refused{Code: NotYours, Handover: h}
	case a.Reply == Undo && h.State == Undone && h.UndoneBy == a.By, a.Reply == Accept && (h.State == Agreed || h.State == Made),
		a.Reply == Decline && h.State == Declined:
		return nil
	case a.Reply == Undo && h.State == TakingBack: // asked for again, as what PagerDuty refused it may do now
		h.Why = ""
	case a.Reply == Undo && (h.State == Made || h.State == Agreed || h.State == Offered) && a.At.Before(h.End):
		h.State, h.UndoneBy, h.Ended = Undone, a.By, a.At
		if h.Override != "" || h.Tries > 0 {
			h.State, h.Ended = TakingBack, time.Time{}
		}
	case a.Reply == Accept && h.State == Offered && a.At.Before(h.End):
		h.State = Agreed
	case a.Reply == Decline && h.State == Offered:
		h.State, h.Ended = Declined, a.At
		if err := s.tell(tx, Note{Person: h.By, Topic: Handovers, ID: h.ID + "-declined", At: a.At, Handover: h}); err != nil {
			return err
		}
	default:
		return &Refused{Code: OfferGone, Handover: h.at(a.At)}
	}
	return wakeHandover(tx, h)
}

// at is the hand-over as it stands at a time: its step may come a little later than its end.
func (h *Handover) at(t time.Time) *Handover {
	as := *h
	switch {
	case t.Before(h.End):
	case h.State == Made:
		as.State = Over
	case h.State == Offered:
		as.State = Lapsed
	}
	return &as
}
