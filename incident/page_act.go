package incident

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"shipmate/integrations/pagerduty"
	"shipmate/store"
	"shipmate/work"
)

// Deed is what somebody does with a page.
type Deed string

// The deeds.
const (
	Acknowledge Deed = "acknowledge"
	Escalate    Deed = "escalate"
	Resolve     Deed = "resolve"
	AddPeople   Deed = "add"
	WriteNote   Deed = "note"
)

// ActState is where an act stands.
type ActState string

// The states of an act.
const (
	Wanted ActState = "wanted"
	Done   ActState = "done"
	Failed ActState = "failed"
)

// Act is one deed with a page, done in the name of the person who wants it.
type Act struct {
	Request string    `json:"request"`
	Deed    Deed      `json:"deed"`
	State   ActState  `json:"state"`
	By      string    `json:"by"` // Slack ID
	At      time.Time `json:"at"`
	From    string    `json:"from"` // their address on PagerDuty
	Account string    `json:"account"`
	Text    string    `json:"text,omitempty"`  // of a note or of who is added
	Users   []Person  `json:"users,omitempty"` // who are added
	Level   int       `json:"level,omitempty"` // to which it is escalated
	Tries   int       `json:"tries,omitempty"`
	Why     string    `json:"why,omitempty"` // why it failed, a sentence
}

// ActWant is what somebody wants done with a page.
type ActWant struct {
	Request string
	At      time.Time
	By      string // Slack ID
	Page    string
	Deed    Deed
	Text    string
	Users   []string // Slack IDs
	// AsBot has it done in the bot's name where the person has none on PagerDuty. Only for what assigns the page to nobody.
	AsBot bool
}

// acted is where the act of a request stands, and when it was asked for.
type acted struct {
	Page string    `json:"page"`
	At   time.Time `json:"at"`
}

// Wish is what somebody tried before it was known who they are on PagerDuty. It is done when they are linked within WishFor.
type Wish struct {
	Want ActWant `json:"want"`
}

// WishFor is how long a wish waits for its person to be linked.
const WishFor = time.Hour

// maxActs bounds what is kept of what people did.
const maxActs = 100

// Act writes down that somebody does something with a page; a step does it, in their name. The same request does it once. A
// *Refused says why not; when it is NotLinked the wish is kept, and done once they are linked.
func (s *Service) Act(ctx context.Context, w ActWant) (*Page, error) {
	if p, err := s.Acted(ctx, w.Request); !errors.Is(err, ErrNotFound) {
		return p, err
	}
	p, err := s.PageRecord(ctx, w.Page)
	if err != nil {
		return nil, err
	}
	if no := p.refuses(w.Deed); no != nil {
		return nil, no
	}
	act := Act{Request: w.Request, Deed: w.Deed, State: Wanted, By: w.By, At: w.At, Text: w.Text}
	u, err := s.user(ctx, w.By)
	if refusedCode(err) == NotLinked && w.AsBot {
		u.Email, err = s.current().PagerDuty.From, nil
	}
	if refusedCode(err) == NotLinked {
		return nil, s.wish(ctx, w, err)
	}
	if err != nil {
		return nil, err
	}
	act.From, act.Account = u.Email, u.ID
	for _, person := range w.Users {
		u, err := s.user(ctx, person)
		if err != nil {
			return nil, err
		}
		who := s.person(ctx, u)
		who.Slack = person
		act.Users = append(act.Users, who)
	}
	return s.changePage(ctx, w.Page, func(tx store.Tx, p *Page) error {
		created, err := store.Create(tx, actKey(w.Request), acted{Page: p.ID, At: w.At})
		if err != nil || !created {
			return err
		}
		if no := p.refuses(w.Deed); no != nil {
			return no
		}
		if w.Deed == Escalate {
			act.Level = p.nextLevel()
		}
		if !p.forgetAct() {
			return &Refused{Code: TooMuch, Page: p}
		}
		p.Acts = append(p.Acts, act)
		return wakePage(tx, p.ID)
	})
}

// forgetAct makes room for one more act: what is not done yet is not forgotten. It tells whether there is room.
func (p *Page) forgetAct() bool {
	if len(p.Acts) < maxActs {
		return true
	}
	i := slices.IndexFunc(p.Acts, func(a Act) bool { return a.State != Wanted })
	if i < 0 {
		return false
	}
	p.Acts = slices.Delete(p.Acts, i, i+1)
	return true
}

// Acted is the page of what a request did before, or ErrNotFound.
func (s *Service) Acted(ctx context.Context, request string) (*Page, error) {
	var p *Page
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		a, found, err := store.Load[acted](snap, actKey(request))
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		p, err = loadPage(snap, a.Page)
		return err
	})
	return p, err
}

// refuses says why a deed makes no sense now; nil when it does.
func (p *Page) refuses(d Deed) *Refused {
	o := p.Offers()
	can := map[Deed]bool{Acknowledge: o.Acknowledge, Escalate: o.Escalate, Resolve: o.Resolve, AddPeople: o.Responders, WriteNote: o.Note}[d]
	switch {
	case can:
		return nil
	case p.State.Ended():
		return &Refused{Code: NotAnyMore, Page: p}
	case p.State == Acknowledged && d == Acknowledge:
		return &Refused{Code: AlreadyDone, Page: p}
	}
	return &Refused{Code: NotYet, Page: p}
}

// nextLevel is the level after the one that is called now.
func (p *Page) nextLevel() int { return max(p.Alarm.Level, p.escalatedTo(), 1) + 1 }

// escalatedTo is the level to which it was escalated from here since PagerDuty last began with the first, 0 when it was not: who is
// assigned does not always tell the level, as the same person may be on several or nobody known to be on any.
func (p *Page) escalatedTo() int {
	var anew time.Time
	for _, m := range p.Moments {
		if m.Kind == "repeat_escalation_path" {
			anew = m.At
		}
	}
	level := 0
	for _, a := range p.Acts {
		if a.Deed == Escalate && a.State == Done && a.At.After(anew) {
			level = max(level, a.Level)
		}
	}
	return level
}

// pending is the oldest act that is not done; nil when all are.
func (p *Page) pending() *Act {
	for i := range p.Acts {
		if p.Acts[i].State == Wanted {
			return &p.Acts[i]
		}
	}
	return nil
}

// refuseLeft ends the acts that nothing can be done about any more, and has those told who wanted them. A note can be written on what
// is resolved too, so it still is.
func (s *Service) refuseLeft(tx store.Tx, p *Page, why string, now time.Time) error {
	for i := range p.Acts {
		a := &p.Acts[i]
		switch {
		case a.State != Wanted, p.State == Resolved && a.Deed == WriteNote:
		case p.State == Resolved && a.Deed == Resolve:
			a.State, a.Why = Done, ""
		default:
			if err := s.failAct(tx, p, a, why, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// failAct ends an act that was not done, and has the person told who wanted it.
func (s *Service) failAct(tx store.Tx, p *Page, a *Act, why string, now time.Time) error {
	a.State, a.Why = Failed, why
	failed := *a
	return s.tell(tx, Note{Person: a.By, Topic: Pages, ID: p.ID + "-" + a.Request, At: now, Page: p, Act: &failed})
}

// actFor is how long an act is tried while PagerDuty does not answer.
const actFor = 15 * time.Minute

// act does what somebody wants with a page.
func (s *Service) act(ctx context.Context, p *Page, a *Act) (time.Time, error) {
	tries := a.Tries + 1
	if a.Deed == Escalate || a.Deed == AddPeople { // to do them twice is not to do them once, so that they are tried stands first
		if err := s.noteAct(ctx, p.ID, a.Request, func(_ store.Tx, _ *Page, a *Act) error { a.Tries = tries; return nil }); err != nil {
			return time.Time{}, err
		}
	}
	err := s.do(ctx, p, a)
	now := s.clock.Now()
	switch {
	case ctx.Err() != nil:
		return time.Time{}, ctx.Err()
	case err == nil:
		return now, s.noteAct(ctx, p.ID, a.Request, func(_ store.Tx, p *Page, a *Act) error { p.done(a, now); return nil })
	case (pagerduty.IsPassing(err) || pagerduty.IsUnclear(err)) && now.Sub(a.At) < actFor:
		why, wait := explain(err)
		return now.Add(max(pause(tries), wait)), s.noteAct(ctx, p.ID, a.Request, func(_ store.Tx, _ *Page, a *Act) error { a.Tries, a.Why = tries, why; return nil })
	}
	why, _ := explain(err)
	return now, s.noteAct(ctx, p.ID, a.Request, func(tx store.Tx, p *Page, a *Act) error { return s.failAct(tx, p, a, why, now) })
}

// done notes that an act was done. What becomes of a page that is resolved is not read any more, so that its history is added to here.
func (p *Page) done(a *Act, now time.Time) {
	a.State, a.Why = Done, ""
	if p.State == Resolved && a.Deed == WriteNote {
		p.Moments = clipped(append(p.Moments, Moment{At: now, Kind: "annotate", Who: &Person{ID: a.Account, Slack: a.By}, Note: a.Text}))
	}
}

// do asks PagerDuty for it, in the person's name; a is as it stood before. What has happened already counts as done.
func (s *Service) do(ctx context.Context, p *Page, a *Act) error {
	id := p.Alarm.ID
	switch a.Deed {
	case Acknowledge:
		return s.pager.Acknowledge(ctx, a.From, id)
	case Resolve:
		return s.pager.Resolve(ctx, a.From, id)
	case Escalate:
		if a.Tries > 0 { // it may have arrived
			if arrived, err := s.escalated(ctx, p, a); err != nil || arrived {
				return err
			}
		}
		return s.pager.Escalate(ctx, a.From, id, a.Level)
	case WriteNote:
		return s.pager.EnsureNote(ctx, a.From, id, a.Text, p.ID+" "+a.Request)
	case AddPeople:
		if a.Tries > 0 {
			if asked, err := s.asked(ctx, p, a); err != nil || asked {
				return err
			}
		}
		var users []string
		for _, u := range a.Users {
			users = append(users, u.ID)
		}
		return s.pager.AddResponders(ctx, pagerduty.ResponderRequest{From: a.From, Requester: a.Account, Incident: id, Message: a.Text, Users: users})
	}
	return fmt.Errorf("nobody knows how to %s a page", a.Deed)
}

// escalated tells whether PagerDuty has it at that level already, or has escalated it for that person since the act was wanted.
func (s *Service) escalated(ctx context.Context, p *Page, a *Act) (bool, error) {
	now, err := s.pager.Incident(ctx, p.Alarm.ID)
	if err != nil || levelOf(p.Called, now.Assigned) >= a.Level {
		return err == nil, err
	}
	since := a.At.Truncate(time.Second)
	entries, err := s.pager.Log(ctx, p.Alarm.ID, since)
	return slices.ContainsFunc(entries, func(e pagerduty.LogEntry) bool {
		return e.Kind == "escalate" && e.Agent.ID == a.Account && !e.At.Before(since)
	}), err
}

// asked tells whether PagerDuty has asked them already: the same people, by the same person, since the act was wanted.
func (s *Service) asked(ctx context.Context, p *Page, a *Act) (bool, error) {
	now, err := s.pager.Incident(ctx, p.Alarm.ID)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(now.Requests, func(r pagerduty.ResponderAsk) bool {
		return r.Requester.ID == a.Account && !r.At.Before(a.At.Truncate(time.Second)) && !slices.ContainsFunc(a.Users, func(u Person) bool {
			return !slices.ContainsFunc(r.Users, func(asked pagerduty.Ref) bool { return asked.ID == u.ID })
		})
	}), nil
}

func (s *Service) noteAct(ctx context.Context, page, request string, fn func(store.Tx, *Page, *Act) error) error {
	_, err := s.changePage(ctx, page, func(tx store.Tx, p *Page) error {
		for i := range p.Acts {
			if p.Acts[i].Request == request {
				return fn(tx, p, &p.Acts[i])
			}
		}
		return nil
	})
	return err
}

// wish keeps what somebody wanted until they are linked, and says so in the refusal. The last wish counts.
func (s *Service) wish(ctx context.Context, w ActWant, refusal error) error {
	if err := s.db.Update(ctx, func(tx store.Tx) error { return store.Save(tx, wishKey(w.By), Wish{Want: w}) }); err != nil {
		return errors.Join(refusal, err)
	}
	var r *Refused
	if errors.As(refusal, &r) {
		r.Kept = true
	}
	return refusal
}

// Linked does what the person wanted before it was known who they are on PagerDuty, and returns what was done: nil when there was
// nothing, or it is too long ago.
func (s *Service) Linked(ctx context.Context, person string) (*Page, *Wish, error) {
	var w Wish
	found := false
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		w, found, err = store.Load[Wish](snap, wishKey(person))
		return err
	})
	if err != nil || !found || s.clock.Now().Sub(w.Want.At) > WishFor {
		return nil, nil, err
	}
	p, err := s.Act(ctx, w.Want)
	if err != nil {
		return nil, &w, err
	}
	return p, &w, work.Update(ctx, s.db, func(tx store.Tx) error { return tx.Delete(wishKey(person)) })
}
