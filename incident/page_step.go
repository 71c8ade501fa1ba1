package incident

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/integrations/pagerduty"
	"shipmate/store"
)

// StepPage takes a page one move further and says when to look again; the zero time means that there is nothing more to do until
// somebody does something with it.
func (s *Service) StepPage(ctx context.Context, id string) (time.Time, error) {
	p, err := s.PageRecord(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, err
	}
	switch p.State {
	case Sending:
		return s.send(ctx, p)
	case Accepted:
		return s.find(ctx, p)
	case Triggered, Acknowledged:
		if a := p.pending(); a != nil {
			return s.act(ctx, p, a)
		}
		return s.followPage(ctx, p)
	case Resolved:
		if a := p.pending(); a != nil { // a note that was accepted before
			return s.act(ctx, p, a)
		}
	}
	return time.Time{}, nil
}

// send hands a page to PagerDuty. It is looked for by its key before it is sent again: what was sent before may have arrived, and
// may even be resolved by now.
func (s *Service) send(ctx context.Context, p *Page) (time.Time, error) {
	now := s.clock.Now()
	over := !now.Before(p.Created.Add(GiveUpAfter))
	if p.Tries > 0 {
		found, ok, err := s.pager.IncidentByKey(ctx, p.ID)
		switch {
		case ctx.Err() != nil:
			return time.Time{}, ctx.Err()
		case err == nil && ok:
			return s.caught(ctx, p, found)
		case over:
			return s.giveUp(ctx, p, err)
		case err != nil && (p.Unclear || p.Trying): // sending blindly could call people twice
			return s.notTaken(ctx, p, err)
		}
	}
	if since, ok := s.calledOff(ctx, p); ok {
		if (p.Unclear || p.Trying) && now.Sub(since) < WarnAfter { // it may be there yet, and is then resolved
			return now.Add(findEvery), nil
		}
		return s.withdraw(ctx, p)
	}
	if over {
		return s.giveUp(ctx, p, nil)
	}
	p, err := s.changePage(ctx, p.ID, func(_ store.Tx, p *Page) error {
		if p.Trying { // it was sent, and then nobody noted how that ended
			p.Unclear = true
		}
		p.Tries, p.Trying = p.Tries+1, true
		return nil
	})
	if err != nil {
		return time.Time{}, err
	}
	if p.To.Event {
		err = s.pager.Trigger(ctx, s.event(p))
		if err == nil {
			return s.accepted(ctx, p)
		}
	} else {
		var made pagerduty.Incident
		if made, err = s.pager.EnsureIncident(ctx, s.incident(p)); err == nil {
			return s.caught(ctx, p, made)
		}
	}
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err()
	}
	return s.notTaken(ctx, p, err)
}

// withdraw ends a page that nobody is to be called by any more, before PagerDuty took it.
func (s *Service) withdraw(ctx context.Context, p *Page) (time.Time, error) {
	now := s.clock.Now()
	_, err := s.changePage(ctx, p.ID, func(_ store.Tx, p *Page) error {
		p.State, p.Ended, p.Trouble = Withdrawn, now, nil
		return nil
	})
	return time.Time{}, err
}

// event is a page as an event of a service.
func (s *Service) event(p *Page) pagerduty.Event {
	e := pagerduty.Event{Service: p.To.Service, Key: p.ID, Summary: p.Summary(), Source: p.Subject.Name, Severity: "critical",
		Client: "Shipmate", Details: map[string]string{"asked by": p.ByName, "message": p.Message, "page": p.ID}}
	if p.Link != "" {
		e.Link, e.LinkText = p.Link, "Where it was asked for"
	}
	return e
}

// incident is a page as an incident that calls a person or a policy.
func (s *Service) incident(p *Page) pagerduty.NewIncident {
	body := fmt.Sprintf("%s\n\nAsked by %s. Page %s.", p.Message, p.ByName, p.ID)
	if p.Link != "" {
		body += "\n" + p.Link
	}
	return pagerduty.NewIncident{From: p.To.From, Service: p.To.Service, Title: p.Summary(), Body: body, Key: p.ID, Urgency: "high",
		User: p.To.User, Policy: p.To.Policy, Retry: p.Tries > 1}
}

// Summary is what PagerDuty reads out: the message, and who says so.
func (p *Page) Summary() string {
	who := " (" + p.ByName + ")"
	message := []rune(p.Message)
	if room := maxSummary - len([]rune(who)); len(message) > room {
		message = append(message[:room-1], '…')
	}
	return string(message) + who
}

// accepted notes that PagerDuty took the page.
func (s *Service) accepted(ctx context.Context, p *Page) (time.Time, error) {
	now := s.clock.Now()
	_, err := s.changePage(ctx, p.ID, func(_ store.Tx, p *Page) error {
		p.State, p.Taken, p.Trying, p.Trouble = Accepted, now, false, nil
		return nil
	})
	return now.Add(findEvery), err
}

// caught notes the incident that PagerDuty has of the page.
func (s *Service) caught(ctx context.Context, p *Page, found pagerduty.Incident) (time.Time, error) {
	now := s.clock.Now()
	seen := s.seen(ctx, found, p.Called, p.Alarm, now)
	_, err := s.changePage(ctx, p.ID, func(tx store.Tx, p *Page) error {
		if p.Taken.IsZero() {
			p.Taken = now
		}
		p.State, p.Trying, p.Trouble, p.Alarm = Triggered, false, nil, seen
		return s.tellThrough(tx, p, now)
	})
	return now, err // at once: what has happened to it meanwhile is not read yet
}

// findEvery is how soon the incident of an event is looked for again: PagerDuty makes it within seconds.
const findEvery = 2 * time.Second

// find looks for the incident that PagerDuty made of an event it accepted.
func (s *Service) find(ctx context.Context, p *Page) (time.Time, error) {
	found, ok, err := s.pager.IncidentByKey(ctx, p.ID)
	now := s.clock.Now()
	switch {
	case ctx.Err() != nil:
		return time.Time{}, ctx.Err()
	case err == nil && ok:
		return s.caught(ctx, p, found)
	case now.Sub(p.Taken) >= GiveUpAfter:
		return s.giveUp(ctx, p, err)
	case err != nil:
		return s.pageTrouble(ctx, p, err)
	}
	age := now.Sub(p.Taken)
	return now.Add(max(findEvery, age/4)), s.late(ctx, p, nil)
}

// notTaken notes that PagerDuty did not take the page and says when to try again.
func (s *Service) notTaken(ctx context.Context, p *Page, cause error) (time.Time, error) {
	now := s.clock.Now()
	if !pagerduty.IsPassing(cause) && !pagerduty.IsUnclear(cause) {
		return s.refusedPage(ctx, p, cause)
	}
	why, wait := explain(cause)
	tries := 0
	_, err := s.changePage(ctx, p.ID, func(tx store.Tx, p *Page) error {
		if p.Trying {
			p.Trying, p.Unclear = false, p.Unclear || pagerduty.IsUnclear(cause)
		}
		p.trouble(now, why)
		tries = p.Trouble.Tries
		return s.tellLate(tx, p, now)
	})
	next := now.Add(max(pause(tries), wait))
	for _, at := range []time.Time{p.Created.Add(WarnAfter), p.Created.Add(GiveUpAfter)} { // what is said then is not said late
		if at.After(now) && next.After(at) {
			next = at
		}
	}
	return next, err
}

// late tells people once that a page is not seen yet; cause is nil when PagerDuty answers.
func (s *Service) late(ctx context.Context, p *Page, _ error) error {
	now := s.clock.Now()
	if p.Late || now.Sub(p.Created) < WarnAfter {
		return nil
	}
	_, err := s.changePage(ctx, p.ID, func(tx store.Tx, p *Page) error { return s.tellLate(tx, p, now) })
	return err
}

// tellLate has the asker told, once, that the page has not arrived though it should have; the card tells the channel.
func (s *Service) tellLate(tx store.Tx, p *Page, now time.Time) error {
	if p.Late || now.Sub(p.Created) < WarnAfter || p.State.open() {
		return nil
	}
	p.Late = true
	return s.tell(tx, Note{Person: p.By, Topic: Pages, ID: p.ID + "-late", At: now, Page: p})
}

// tellThrough has the asker told, once, that the page is there after all, if they were told that it was late; the card tells the channel.
// That PagerDuty accepted it is not enough: it has to show the incident.
func (s *Service) tellThrough(tx store.Tx, p *Page, now time.Time) error {
	if !p.Late || !p.Through.IsZero() {
		return nil
	}
	p.Through = now
	return s.tell(tx, Note{Person: p.By, Topic: Pages, ID: p.ID + "-through", At: now, Page: p})
}

// refusedPage ends a page that PagerDuty will never take.
func (s *Service) refusedPage(ctx context.Context, p *Page, cause error) (time.Time, error) {
	why, _ := explain(cause)
	return s.end(ctx, p, why, false)
}

// giveUp ends a page that PagerDuty did not take in time. cause is why it could not even be looked for; nil when it is not there.
func (s *Service) giveUp(ctx context.Context, p *Page, cause error) (time.Time, error) {
	why := ""
	if cause != nil {
		why, _ = explain(cause)
	}
	switch {
	case cause == nil && p.Unclear: // it was looked for and is not there
		why = "PagerDuty did not take it, and has nothing of it."
	case p.Trouble != nil:
		why = p.Trouble.Why
	case why != "":
	case p.State == Accepted:
		why = "PagerDuty accepted it and shows no incident of it."
	case p.Tries == 0:
		why = "Shipmate was not running."
	}
	return s.end(ctx, p, why, cause != nil || p.State == Accepted)
}

func (s *Service) end(ctx context.Context, p *Page, why string, doubt bool) (time.Time, error) {
	now := s.clock.Now()
	_, err := s.changePage(ctx, p.ID, func(tx store.Tx, p *Page) error {
		p.Unclear = doubt && (p.Unclear || p.State == Accepted || p.Trying)
		p.State, p.Ended, p.Why, p.Trying = NotSent, now, why, false
		return s.tell(tx, Note{Person: p.By, Topic: Pages, ID: p.ID + "-not-sent", At: now, Page: p})
	})
	return time.Time{}, err
}

// trouble counts one more time that PagerDuty could not be asked.
func (p *Page) trouble(now time.Time, why string) {
	if p.Trouble == nil {
		p.Trouble = &Trouble{Since: now}
	}
	p.Trouble.Why, p.Trouble.Tries = why, min(p.Trouble.Tries+1, 8)
}

// pageTrouble notes that PagerDuty cannot be read and says when to try again.
func (s *Service) pageTrouble(ctx context.Context, p *Page, cause error) (time.Time, error) {
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err()
	}
	now := s.clock.Now()
	why, wait := explain(cause)
	tries := 0
	_, err := s.changePage(ctx, p.ID, func(tx store.Tx, p *Page) error {
		p.trouble(now, why)
		tries = p.Trouble.Tries
		return s.tellLate(tx, p, now)
	})
	return now.Add(max(pause(tries), wait, p.patience(cause, now))), err
}

// patience is how long to leave a page that cannot be read: as long as one that can be, the longer the older it is, and what PagerDuty
// refuses until somebody has done something about it.
func (p *Page) patience(cause error, now time.Time) time.Duration {
	const refused = time.Minute
	switch {
	case p.State == Accepted: // it is given up in time
		age := now.Sub(p.Taken)
		return min(age/4, GiveUpAfter-age)
	case !pagerduty.IsPassing(cause):
		return max(refused, p.every(now))
	case p.every(now) < 15*time.Second: // somebody is being called
		return 0
	}
	return p.every(now)
}

// pause is how long to wait after that many failures: 1 s, 2 s, 4 s, … up to half a minute. A page is not a thing to be patient
// with.
func pause(tries int) time.Duration {
	return min(time.Second<<max(0, tries-1), 30*time.Second)
}

// explain is an error in words for people, and how long PagerDuty wants to be left.
func explain(err error) (why string, wait time.Duration) {
	var e *pagerduty.Error
	if errors.As(err, &e) {
		if e.Unclear {
			return "PagerDuty did not answer clearly.", e.RetryAfter
		}
		return e.UserMessage(), e.RetryAfter
	}
	var r *Refused
	if errors.As(err, &r) {
		return "It was refused: " + string(r.Code) + ".", 0
	}
	return "Something broke while PagerDuty was asked.", 0
}
