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
	Made     HandoverState = "made"     // PagerDuty has the override, and its time is not over
	Over     HandoverState = "over"     // they stood in, and its time is over
	Declined HandoverState = "declined" // they will not
	Lapsed   HandoverState = "lapsed"   // its time passed without an answer, or PagerDuty did not take it in time
	NotMade  HandoverState = "not_made" // PagerDuty refused it
	// TakingBack is one that was taken back and whose override PagerDuty has still, or may have.
	TakingBack HandoverState = "taking_back"
	Undone     HandoverState = "undone" // it was taken back, and PagerDuty has no override of it
)

// Ended tells whether nothing more is done about it.
func (s HandoverState) Ended() bool {
	return s != Offered && s != Agreed && s != Made && s != TakingBack
}

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
	Told     bool     `json:"told,omitempty"` // those relieved were told so
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
	start := w.At.UTC().Truncate(time.Second) // PagerDuty keeps no more
	h := &Handover{ID: HandoverID(w.Request), Request: w.Request, Stage: 1, State: Agreed, By: w.By, Channel: w.Channel, Created: w.At.UTC(),
		Subject: w.Subject, Given: w.To != "" && w.To != w.By, Start: start, End: start.Add(w.For).Truncate(time.Second)}
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
	if until, already := onCallAlready(h, schedule.Entries); already && !h.Given {
		return nil, &Refused{Code: OnCallAlready, Subject: w.Subject, Person: to, Until: until}
	}
	for _, e := range schedule.Entries {
		if e.User.ID != h.To.ID && !slices.ContainsFunc(h.Relieved, func(p Person) bool { return p.ID == e.User.ID }) {
			h.Relieved = append(h.Relieved, s.userNamed(ctx, e.User))
		}
	}
	return h, nil
}

// onCallAlready tells whether whoever is to stand in is on call for all of that time by the schedule, and until when they are.
func onCallAlready(h *Handover, entries []pagerduty.Entry) (until time.Time, already bool) {
	var mine []Shift
	for _, e := range entries {
		if e.User.ID == h.To.ID {
			mine = append(mine, Shift{Who: h.To, Start: e.Start, End: e.End})
		}
	}
	if mine = joined(mine); len(mine) != 1 || gap(mine, h.Start, h.End) != nil {
		return time.Time{}, false
	}
	return mine[0].End, true
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
	return wakeHandoverCards(tx, h)
}

// wakeHandoverCards has what people see of a hand-over brought up to date: its card, and the offer in a direct message.
func wakeHandoverCards(tx store.Tx, h *Handover) error {
	if h.Given {
		if err := work.Wake(tx, card, "handoveroffer/"+h.ID, time.Time{}); err != nil {
			return err
		}
	}
	return work.Wake(tx, card, "handover/"+h.ID, time.Time{})
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
			if h.State == Made || h.State.Ended() {
				if err := store.Save(tx, movedKey, s.clock.Now()); err != nil {
					return err
				}
			}
			for _, person := range append(h.relieved(), h.By, h.To.Slack) {
				if person == "" { // somebody whom Slack does not know
					continue
				}
				if err := tx.Delete(knownKey(Subject{Someone, person})); err != nil { // what PagerDuty said of them may hold no more
					return err
				}
			}
		}
		if err := store.Save(tx, handoverKey(id), h); err != nil {
			return err
		}
		return wakeHandoverCards(tx, h)
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
