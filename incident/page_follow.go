package incident

import (
	"context"
	"slices"
	"strings"
	"time"

	"shipmate/integrations/pagerduty"
	"shipmate/store"
)

// followPage reads what has become of a page. A bot without a public address gets no webhooks, so PagerDuty is asked: often while
// nobody has answered, seldom once somebody sees to it.
func (s *Service) followPage(ctx context.Context, p *Page) (time.Time, error) {
	found, err := s.pager.Incident(ctx, p.Alarm.ID)
	if pagerduty.IsNotFound(err) { // PagerDuty deletes nothing by itself, so somebody did
		return s.lostSight(ctx, p)
	}
	if err != nil {
		return s.unread(ctx, p, err)
	}
	entries, err := s.pager.Log(ctx, p.Alarm.ID, p.Created.Add(-time.Minute))
	if err != nil {
		return s.unread(ctx, p, err)
	}
	now := s.clock.Now()
	seen := s.seen(ctx, found, p.Called, p.Alarm, now)
	moments := s.moments(ctx, p.ID, entries, found.Requests)
	p, err = s.changePage(ctx, p.ID, func(tx store.Tx, p *Page) error {
		p.Trouble, p.Alarm = nil, seen
		p.Moments = clipped(moments)
		p.State = map[string]PageState{"triggered": Triggered, "acknowledged": Acknowledged, "resolved": Resolved}[found.Status]
		if p.State == "" {
			p.State = Triggered
		}
		p.silent(moments, now)
		if err := s.tellEscalations(tx, p, moments); err != nil {
			return err
		}
		switch {
		case p.State == Resolved:
			p.Ended = now
			if !found.Resolved.IsZero() {
				p.Ended = found.Resolved
			}
			return s.refuseLeft(tx, p, "It was resolved before.", now)
		case now.Sub(p.Created) >= FollowFor:
			p.State, p.Ended, p.Why = Unfollowed, now, tooOld
			return s.refuseLeft(tx, p, p.Why, now)
		}
		return nil
	})
	switch {
	case err != nil:
		return time.Time{}, err
	case p.pending() != nil:
		return now, nil
	case p.State.Ended():
		return time.Time{}, nil
	}
	return now.Add(max(p.every(now), s.pager.Pace())), nil
}

// unread notes that a page cannot be read, for as long as one is looked at.
func (s *Service) unread(ctx context.Context, p *Page, cause error) (time.Time, error) {
	if ctx.Err() == nil && s.clock.Now().Sub(p.Created) >= FollowFor {
		return s.unfollow(ctx, p, tooOld)
	}
	return s.pageTrouble(ctx, p, cause)
}

// tooOld is why a page is left that nobody resolves.
const tooOld = "It is open for so long that I stopped looking."

// lostSight ends a page whose incident is not on PagerDuty any more.
func (s *Service) lostSight(ctx context.Context, p *Page) (time.Time, error) {
	return s.unfollow(ctx, p, "PagerDuty does not have it any more.")
}

func (s *Service) unfollow(ctx context.Context, p *Page, why string) (time.Time, error) {
	now := s.clock.Now()
	_, err := s.changePage(ctx, p.ID, func(tx store.Tx, p *Page) error {
		p.State, p.Ended, p.Why = Unfollowed, now, why
		return s.refuseLeft(tx, p, why, now)
	})
	return time.Time{}, err
}

// silent notes since when nobody answers; moments are all there are, as those of the page may be clipped.
func (p *Page) silent(moments []Moment, now time.Time) {
	since := p.waitingSince(moments, now)
	if !since.Equal(p.Waiting) {
		p.Waiting, p.Silent = since, time.Time{}
	}
	if p.Silent.IsZero() && !since.IsZero() && now.Sub(since) >= SilentAfter {
		p.Silent = since.Add(SilentAfter)
	}
}

// waitingSince is when people were first called after the last answer. Being called at the next level meanwhile is no answer, so
// that it begins nothing anew.
func (p *Page) waitingSince(moments []Moment, now time.Time) time.Time {
	if p.State != Triggered {
		return time.Time{}
	}
	answered, since := false, p.Taken
	for _, m := range moments {
		switch m.Kind {
		case "acknowledge":
			answered, since = true, time.Time{}
		case "trigger", "unacknowledge", "escalate", "repeat_escalation_path":
			if answered && since.IsZero() {
				since = m.At
			}
		}
	}
	switch {
	case !since.IsZero():
		return since
	case !p.Waiting.IsZero():
		return p.Waiting
	}
	return now // its log does not say
}

// every is how soon to look at a page again.
func (p *Page) every(now time.Time) time.Duration {
	age := now.Sub(p.Taken)
	switch {
	case p.State == Triggered && (age < 10*time.Minute || now.Sub(p.Waiting) < 10*time.Minute):
		return 5 * time.Second
	case age < time.Hour:
		return 15 * time.Second
	case age < 6*time.Hour:
		return time.Minute
	}
	return 5 * time.Minute
}

// seen is an incident as PagerDuty has it now, with the people found on Slack. People that were found before are not looked for
// again.
func (s *Service) seen(ctx context.Context, found pagerduty.Incident, called []Calling, before *Alarm, now time.Time) *Alarm {
	i := &Alarm{ID: found.ID, Number: found.Number, URL: found.URL, Urgency: found.Urgency, AsOf: now}
	known := map[string]Person{}
	if before != nil {
		for _, p := range slices.Concat(before.Assigned, before.Acked) {
			known[p.ID] = p
		}
	}
	who := func(r pagerduty.Ref) Person {
		p, ok := known[r.ID]
		if !ok {
			p = s.userNamed(ctx, r)
			known[r.ID] = p
		}
		return p
	}
	for _, r := range found.Assigned {
		i.Assigned = append(i.Assigned, who(r))
	}
	for _, a := range found.Acknowledged {
		if !slices.ContainsFunc(i.Acked, func(p Person) bool { return p.ID == a.User.ID }) {
			i.Acked = append(i.Acked, who(a.User))
		}
	}
	i.Level = levelOf(called, found.Assigned)
	if before != nil && same(before, i) { // the time alone is no news
		i.AsOf = before.AsOf
	}
	return i
}

// levelOf is the level at which those who are assigned were to be called: PagerDuty does not say which one an incident is at. The
// lowest that fits, 0 when none does.
func levelOf(called []Calling, assigned []pagerduty.Ref) int {
	for _, c := range called {
		if slices.ContainsFunc(assigned, func(r pagerduty.Ref) bool { return r.ID == c.Who.ID }) {
			return max(c.Level, 1)
		}
	}
	return 0
}

func same(a, b *Alarm) bool {
	return a.Level == b.Level && a.Urgency == b.Urgency && slices.Equal(a.Assigned, b.Assigned) && slices.Equal(a.Acked, b.Acked)
}

// userNamed finds somebody of whom PagerDuty gave no more than a reference.
func (s *Service) userNamed(ctx context.Context, r pagerduty.Ref) Person {
	u, err := s.pager.User(ctx, r.ID)
	if err != nil {
		return Person{ID: r.ID, Name: r.Name, URL: r.URL}
	}
	return s.person(ctx, u)
}

// moments are the entries of PagerDuty's log in our words, oldest first.
func (s *Service) moments(ctx context.Context, page string, entries []pagerduty.LogEntry, requests []pagerduty.ResponderAsk) []Moment {
	found := map[string]Person{}
	who := func(r pagerduty.Ref) Person {
		if _, ok := found[r.ID]; !ok {
			found[r.ID] = s.userNamed(ctx, r)
		}
		return found[r.ID]
	}
	var out []Moment
	for _, e := range entries {
		if e.Kind == "responder_request" { // the requests tell it, with whom
			continue
		}
		m := Moment{At: e.At, Kind: e.Kind, How: e.Channel, Note: unmarked(e.Note, page)}
		if e.Agent.ID != "" && e.AgentKind == "user" {
			p := who(e.Agent)
			m.Who = &p
		}
		for _, u := range e.Users {
			m.To = append(m.To, who(u))
		}
		out = append(out, m)
	}
	for _, r := range requests { // which its log does not tell
		by := who(r.Requester)
		m := Moment{At: r.At, Kind: "responder_request", Who: &by, Note: r.Message}
		for _, u := range r.Users {
			m.To = append(m.To, who(u))
		}
		out = append(out, m)
	}
	slices.SortStableFunc(out, func(a, b Moment) int { return a.At.Compare(b.At) })
	return out
}

// unmarked is a note without the mark that one of ours is found again by.
func unmarked(note, page string) string {
	if text, mark, found := strings.Cut(note, "\n"+page+" "); found && !strings.Contains(mark, "\n") {
		return text
	}
	return note
}

// clipped keeps the beginning of a long history and its newest part.
func clipped(all []Moment) []Moment {
	const first = 10
	if len(all) <= maxMoments {
		return all
	}
	return append(slices.Clone(all[:first]), all[len(all)-(maxMoments-first):]...)
}
