package incident

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"shipmate/integrations/pagerduty"
	"shipmate/store"
	"shipmate/work"
)

// Handovers is this package's name for the runner's domain of shifts that change hands.
const Handovers = "handover"

// HandoverState is where a hand-over stands.
type HandoverState string

// The states of a hand-over.
const (
	Offered  HandoverState = "offered"  // whoever is to take over has not answered
	Agreed   HandoverState = "agreed"   // it is being written on PagerDuty
	Made     HandoverState = "made"     // PagerDuty has the override
	Declined HandoverState = "declined" // they will not
	Lapsed   HandoverState = "lapsed"   // its time passed without an answer, or PagerDuty did not take it in time
	NotMade  HandoverState = "not_made" // PagerDuty refused it
	Undone   HandoverState = "undone"   // it was taken back: the override is removed, or is about to be
)

// Ended tells whether nothing more is done about it.
func (s HandoverState) Ended() bool { return s != Offered && s != Agreed }

// MaxHandover is the longest time for which somebody stands in.
const MaxHandover = 14 * 24 * time.Hour

// Handover is the wish that somebody be on call in place of who the schedule has. It is the record behind its card.
type Handover struct {
	ID      string        `json:"id"`
	Request string        `json:"request"`
	Stage   int           `json:"stage"`
	State   HandoverState `json:"state"`

	By      string    `json:"by"` // Slack ID of who asked
	Channel string    `json:"channel,omitempty"`
	Home    string    `json:"home,omitempty"`
	Created time.Time `json:"created"`
	Ended   time.Time `json:"ended,omitzero"`

	Subject  Subject   `json:"subject"`
	Schedule Ref       `json:"schedule"`
	To       Person    `json:"to"`                 // who stands in
	Relieved []Person  `json:"relieved,omitempty"` // who would be on call in that time
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Given    bool      `json:"given,omitempty"` // offered by who is on call, so it takes the other's word
	From     string    `json:"from,omitempty"`  // the address in whose name it is written

	Override string   `json:"override,omitempty"` // PagerDuty's ID
	UndoneBy string   `json:"undone_by,omitempty"`
	Tries    int      `json:"tries,omitempty"`
	Why      string   `json:"why,omitempty"`
	Trouble  *Trouble `json:"trouble,omitempty"`
}

// HandoverWant is a shift that somebody wants to take, or to give.
type HandoverWant struct {
	Request string
	At      time.Time
	By      string // Slack ID
	Channel string
	// To is who is given it; By takes it when it is empty.
	To string
	// Subject is what for; of one that is given it may be left out when By is on call for one schedule only.
	Subject Subject
	For     time.Duration
}

var (
	handoverPrefix = store.Key(Handovers, "record") + "/"
	answerPrefix   = store.Key(Handovers, "answer") + "/"
	handoverID     = regexp.MustCompile(`^h-[a-z2-7]{10}$`)
)

func handoverKey(id string) string { return handoverPrefix + store.Key(id) }

func answerKey(request string) string { return answerPrefix + store.Key(request) }

// HandoverID is the hand-over that a request makes, the same however often it is asked.
func HandoverID(request string) string {
	sum := sha256.Sum256([]byte("handover\x00" + request))
	return "h-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:10]
}

// IsHandoverID tells whether s is written like the ID of a hand-over.
func IsHandoverID(s string) bool { return handoverID.MatchString(s) }

// HandoverRecord returns the hand-over with that ID, or ErrNotFound.
func (s *Service) HandoverRecord(ctx context.Context, id string) (*Handover, error) {
	var h *Handover
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		h, err = loadHandover(snap, id)
		return err
	})
	return h, err
}

func loadHandover(g store.Getter, id string) (*Handover, error) {
	h, found, err := store.Load[Handover](g, handoverKey(id))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrNotFound
	}
	return &h, nil
}

// PlanHandover says what a hand-over would be, without making it: for whoever is to confirm it. A *Refused says why it cannot be.
func (s *Service) PlanHandover(ctx context.Context, w HandoverWant) (*Handover, error) {
	if err := s.configured(); err != nil {
		return nil, err
	}
	if w.For < time.Minute || w.For > MaxHandover {
		return nil, &Refused{Code: BadSpan, Subject: w.Subject}
	}
	to := w.To
	if to == "" {
		to = w.By
	}
	u, err := s.user(ctx, to)
	if err != nil {
		return nil, err
	}
	h := &Handover{ID: HandoverID(w.Request), Request: w.Request, Stage: 1, State: Agreed, By: w.By, Channel: w.Channel, Created: w.At.UTC(),
		Subject: w.Subject, Given: w.To != "" && w.To != w.By, Start: w.At.UTC(), End: w.At.UTC().Add(w.For)}
	h.To = s.person(ctx, u)
	h.To.Slack = to
	if h.Given {
		h.State = Offered
	}
	h.From, _ = s.from(ctx, w.By)
	if h.Schedule, err = s.scheduleOf(ctx, w, h); err != nil {
		return nil, err
	}
	h.Home = homeOf(s.current(), h.Subject)
	schedule, err := s.pager.Schedule(ctx, h.Schedule.ID, h.Start, h.End)
	if err != nil {
		return nil, err
	}
	h.Schedule = ref(schedule.Ref)
	for _, e := range schedule.Entries {
		if e.User.ID != h.To.ID && !slices.ContainsFunc(h.Relieved, func(p Person) bool { return p.ID == e.User.ID }) {
			h.Relieved = append(h.Relieved, s.userNamed(ctx, e.User))
		}
	}
	return h, nil
}

// scheduleOf finds the schedule of a hand-over: the team's, or the one that somebody is on call by.
func (s *Service) scheduleOf(ctx context.Context, w HandoverWant, h *Handover) (Ref, error) {
	giver := ""
	if h.Given {
		u, err := s.user(ctx, w.By)
		if err != nil {
			return Ref{}, err
		}
		giver = u.ID
	}
	if w.Subject.Name == "" {
		return s.onlySchedule(ctx, w, giver)
	}
	if t, ok := s.current().Team(w.Subject.Name); ok && w.Subject.Kind == Team && t.Schedule != "" && giver == "" {
		return Ref{ID: t.Schedule, Name: t.Schedule}, nil
	}
	a, err := s.OnCall(ctx, w.Subject)
	if err != nil {
		return Ref{}, err
	}
	for _, r := range a.Rosters {
		for _, l := range r.Levels {
			for _, shift := range l.Now {
				if shift.Schedule.ID != "" && (giver == "" || shift.Who.ID == giver) {
					return shift.Schedule, nil
				}
			}
		}
	}
	if giver != "" {
		return Ref{}, &Refused{Code: NotOnCall, Subject: w.Subject, Person: w.By}
	}
	return Ref{}, &Refused{Code: NoSchedule, Subject: w.Subject}
}

// onlySchedule is the one schedule that somebody is on call by.
func (s *Service) onlySchedule(ctx context.Context, w HandoverWant, giver string) (Ref, error) {
	now := s.clock.Now()
	all, err := s.pager.OnCalls(ctx, pagerduty.OnCallQuery{Users: []string{giver}, Since: now, Until: now.Add(time.Minute)})
	if err != nil {
		return Ref{}, err
	}
	var found []Ref
	for _, one := range all {
		if one.Schedule.ID != "" && !slices.Contains(found, ref(one.Schedule)) {
			found = append(found, ref(one.Schedule))
		}
	}
	switch len(found) {
	case 0:
		return Ref{}, &Refused{Code: NotOnCall, Person: w.By}
	case 1:
		return found[0], nil
	}
	return Ref{}, &Refused{Code: WhichSchedule, Person: w.By, Schedules: found}
}

// Handover writes down that somebody stands in; steps do it, once the other has agreed where that is needed. The same request makes
// one hand-over.
func (s *Service) Handover(ctx context.Context, w HandoverWant) (*Handover, error) {
	h, err := s.HandoverRecord(ctx, HandoverID(w.Request))
	if !errors.Is(err, ErrNotFound) {
		return h, err
	}
	planned, err := s.PlanHandover(ctx, w)
	if err != nil {
		return nil, err
	}
	err = work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		h, err = loadHandover(tx, planned.ID)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		copied := *planned
		h = &copied
		if err := store.Save(tx, handoverKey(h.ID), h); err != nil {
			return err
		}
		if h.Given {
			if err := s.tell(tx, Note{Person: h.To.Slack, Topic: Handovers, ID: h.ID + "-offer", At: w.At, Handover: h}); err != nil {
				return err
			}
		}
		return wakeHandover(tx, h)
	})
	if err != nil {
		return nil, fmt.Errorf("writing a hand-over: %w", err)
	}
	return h, nil
}

func wakeHandover(tx store.Tx, h *Handover) error {
	if err := work.Wake(tx, Handovers, h.ID, time.Time{}); err != nil {
		return err
	}
	return work.Wake(tx, card, "handover/"+h.ID, time.Time{})
}

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
	case a.Reply == Undo && (h.State == Made || h.State == Agreed || h.State == Offered) && a.At.Before(h.End):
		h.State, h.UndoneBy, h.Ended = Undone, a.By, a.At
	case a.Reply == Accept && h.State == Offered && a.At.Before(h.End):
		h.State = Agreed
	case a.Reply == Decline && h.State == Offered:
		h.State, h.Ended = Declined, a.At
		if err := s.tell(tx, Note{Person: h.By, Topic: Handovers, ID: h.ID + "-declined", At: a.At, Handover: h}); err != nil {
			return err
		}
	default:
		return &Refused{Code: OfferGone, Handover: h}
	}
	return wakeHandover(tx, h)
}

// StepHandover writes an agreed hand-over on PagerDuty, or takes one back, and says when to look again.
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
		_, err = s.changeHandover(ctx, id, func(_ store.Tx, h *Handover) error { h.State, h.Ended = Lapsed, now; return nil })
		return time.Time{}, err
	case h.State == Offered:
		return h.End, nil
	case h.State == Agreed:
		return s.override(ctx, h, now)
	case h.State == Undone && (h.Override != "" || h.Tries > 0):
		return s.removeOverride(ctx, h, now)
	}
	return time.Time{}, nil
}

// override writes the override. PagerDuty cuts what lies in the past, so that one begins now at the earliest; a start that was tried
// is kept, since it is what the override is found again by.
func (s *Service) override(ctx context.Context, h *Handover, now time.Time) (time.Time, error) {
	h, err := s.changeHandover(ctx, h.ID, func(_ store.Tx, h *Handover) error {
		if h.Tries == 0 && h.Start.Before(now) {
			h.Start = now.Truncate(time.Second)
		}
		h.Tries++
		return nil
	})
	if err != nil {
		return time.Time{}, err
	}
	made, err := s.pager.EnsureOverride(ctx, h.From, h.Schedule.ID, h.wanted())
	switch {
	case ctx.Err() != nil:
		return time.Time{}, ctx.Err()
	case err == nil:
		_, err = s.changeHandover(ctx, h.ID, func(tx store.Tx, h *Handover) error {
			h.Override, h.Trouble = made.ID, nil
			if h.State != Agreed { // taken back meanwhile
				return wakeHandover(tx, h)
			}
			h.State, h.Ended = Made, now
			return s.tellRelieved(tx, h, now)
		})
		return time.Time{}, err
	}
	return s.handoverTrouble(ctx, h, err, now)
}

func (h *Handover) wanted() pagerduty.Override {
	return pagerduty.Override{ID: h.Override, User: pagerduty.Ref{ID: h.To.ID, Name: h.To.Name}, Start: h.Start, End: h.End}
}

// tellRelieved tells those who need not be on call any more, and who gave the shift away that it is taken.
func (s *Service) tellRelieved(tx store.Tx, h *Handover, now time.Time) error {
	told := []string{h.To.Slack}
	if !h.Given {
		told = append(told, h.By)
	}
	for _, p := range append(slices.Clone(h.Relieved), Person{Slack: h.By}) {
		if p.Slack == "" || slices.Contains(told, p.Slack) {
			continue
		}
		told = append(told, p.Slack)
		if err := s.tell(tx, Note{Person: p.Slack, Topic: Handovers, ID: h.ID + "-made-" + p.Slack, At: now, Handover: h}); err != nil {
			return err
		}
	}
	return nil
}

// removeOverride takes an override off PagerDuty. One whose writing ended unclear is found first.
func (s *Service) removeOverride(ctx context.Context, h *Handover, now time.Time) (time.Time, error) {
	id := h.Override
	if id == "" {
		schedule, err := s.pager.Schedule(ctx, h.Schedule.ID, h.Start, h.End)
		if err != nil {
			return s.handoverTrouble(ctx, h, err, now)
		}
		for _, o := range schedule.Overrides {
			if o.User.ID == h.To.ID && o.Start.Equal(h.Start) && o.End.Equal(h.End) {
				id = o.ID
			}
		}
	}
	if id != "" {
		if err := s.pager.DeleteOverride(ctx, h.Schedule.ID, id); err != nil {
			return s.handoverTrouble(ctx, h, err, now)
		}
	}
	_, err := s.changeHandover(ctx, h.ID, func(_ store.Tx, h *Handover) error {
		h.Override, h.Tries, h.Trouble = "", 0, nil
		return nil
	})
	return time.Time{}, err
}

func (s *Service) handoverTrouble(ctx context.Context, h *Handover, cause error, now time.Time) (time.Time, error) {
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err()
	}
	why, wait := explain(cause)
	tries := 0
	_, err := s.changeHandover(ctx, h.ID, func(tx store.Tx, h *Handover) error {
		if !pagerduty.IsPassing(cause) && !pagerduty.IsUnclear(cause) {
			if h.State == Agreed {
				h.State, h.Ended, h.Why = NotMade, now, why
			}
			h.Why = why
			return s.tell(tx, Note{Person: h.By, Topic: Handovers, ID: h.ID + "-failed", At: now, Handover: h})
		}
		if h.Trouble == nil {
			h.Trouble = &Trouble{Since: now}
		}
		h.Trouble.Why, h.Trouble.Tries = why, min(h.Trouble.Tries+1, 8)
		tries = h.Trouble.Tries
		return nil
	})
	if err != nil || tries == 0 {
		return time.Time{}, err
	}
	return now.Add(max(pause(tries), wait)), nil
}

func (s *Service) changeHandover(ctx context.Context, id string, fn func(store.Tx, *Handover) error) (*Handover, error) {
	var h *Handover
	err := work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		if h, err = loadHandover(tx, id); err != nil {
			return err
		}
		state := h.State
		if changed, err := differs(h, func() error { return fn(tx, h) }); err != nil || !changed {
			return err
		}
		if h.State != state {
			h.Stage++
		}
		if err := store.Save(tx, handoverKey(id), h); err != nil {
			return err
		}
		return work.Wake(tx, card, "handover/"+id, time.Time{})
	})
	var refused *Refused
	if errors.As(err, &refused) {
		return nil, refused
	}
	if err != nil {
		return nil, fmt.Errorf("writing hand-over %s: %w", id, err)
	}
	return h, nil
}
