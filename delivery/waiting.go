package delivery

import (
	"context"
	"maps"
	"slices"
	"time"

	"shipmate/config"
	"shipmate/store"
)

const (
	// waitsAtMost is how long a deployment waits for checks; for approvals it is as long as the environment says.
	waitsAtMost = 4 * time.Hour
	// startsWithin is how long who asked may take to say that it starts.
	startsWithin = time.Hour
	// maxWaiting is how many deployments of a service wait for one environment.
	maxWaiting = 20
	// warnsAhead is how long before a freeze people are told that it waits still.
	warnsAhead = 30 * time.Minute
	// checksPause is how often checks are looked at that have been waited for for some time.
	checksPause = 30 * time.Second
)

// Wait is that a deployment waited for a gate.
type Wait struct {
	Gate  string    `json:"gate"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"`
}

// waitIn writes a new deployment that waits, instead of the slot it does not take yet.
func waitIn(tx store.Tx, d *Deployment, waits []Gate, e *config.Environment) error {
	d.Open, d.Expires = waits, d.Created.Add(waitsAtMost)
	rule, _ := approvalRule(e, d.Rollback != nil)
	if slices.ContainsFunc(waits, func(g Gate) bool { return g.Name == "approvals" }) && rule != nil {
		d.Expires = d.Created.Add(rule.Expire.Duration)
	}
	d.note(waits, d.Created)
	ids, err := waitingIDs(tx, d.Service, d.Environment)
	if err != nil {
		return err
	}
	if len(ids) >= maxWaiting {
		return &Refused{Code: TooManyWaiting, Service: d.Service, Environment: d.Environment}
	}
	return store.Save(tx, waitingKey(d.Service, d.Environment), append(ids, d.ID))
}

// waitingIDs are the deployments that wait in a place, oldest first.
func waitingIDs(g store.Getter, service, environment string) ([]string, error) {
	ids, _, err := store.Load[[]string](g, waitingKey(service, environment))
	return ids, err
}

// leave takes a deployment from those that wait.
func leave(tx store.Tx, d *Deployment) error {
	ids, err := waitingIDs(tx, d.Service, d.Environment)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(ids, func(id string) bool { return id == d.ID })
	if len(left) == 0 {
		return tx.Delete(waitingKey(d.Service, d.Environment))
	}
	return store.Save(tx, waitingKey(d.Service, d.Environment), left)
}

// twin finds a deployment of the same commit with the same inputs that waits in the same place; nil when there is none.
func twin(g store.Getter, d *Deployment) (*Deployment, error) {
	ids, err := waitingIDs(g, d.Service, d.Environment)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if id == d.ID {
			continue
		}
		other, err := load(g, id)
		if err != nil {
			return nil, err
		}
		if other.Commit.SHA == d.Commit.SHA && maps.Equal(other.Decided.Inputs, d.Decided.Inputs) {
			return other, nil
		}
	}
	return nil, nil
}

// waitingFor is the newest deployment that waits in a place.
func (s *Service) waitingFor(g store.Getter, service, environment string) (string, error) {
	w := s.named(Stop{Service: service, Environment: environment})
	ids, err := waitingIDs(g, w.Service, w.Environment)
	if err != nil {
		return "", err
	}
	if len(ids) == 0 {
		return "", &Refused{Code: NothingWaiting, Service: w.Service, Environment: w.Environment}
	}
	return ids[len(ids)-1], nil
}

// wait looks at everything again that a waiting deployment waits for, and starts it, ends it or lets it wait on.
func (s *Service) wait(ctx context.Context, d *Deployment) (time.Time, error) {
	p, err := s.lastLook(ctx, d)
	if err != nil {
		return s.waitBlindly(ctx, d, err)
	}
	now := s.clock.Now()
	d, err = s.change(ctx, d.ID, func(tx store.Tx, d *Deployment) error { return p.waited(tx, d, now) })
	switch {
	case err != nil || d.State.Ended():
		return time.Time{}, err
	case d.State != Waiting:
		return now, nil
	case slices.ContainsFunc(d.Open, func(g Gate) bool { return g.Name == "checks" }):
		next := now.Add(max(min(pause(now.Sub(d.Created))*2, checksPause), min(s.github.Pace(), maxWait)))
		return earlierOf(next, d.looksAgain()), nil
	}
	return d.looksAgain(), nil
}

// waitBlindly lets a deployment wait on while somebody who has to be asked cannot be, but not beyond its time.
func (s *Service) waitBlindly(ctx context.Context, d *Deployment, cause error) (time.Time, error) {
	now := s.clock.Now()
	if ctx.Err() != nil || now.Before(d.Expires) {
		next, err := s.trouble(ctx, d, cause, nil)
		if err != nil || next.IsZero() {
			return next, err
		}
		return earlierOf(next, d.Expires), nil
	}
	_, err := s.change(ctx, d.ID, func(tx store.Tx, d *Deployment) error {
		if d.State != Waiting {
			return nil
		}
		d.expire(now, d.Open)
		return leave(tx, d)
	})
	return time.Time{}, err
}

// looksAgain is when something about a deployment that waits for people changes by itself.
func (d *Deployment) looksAgain() time.Time {
	if d.Closing == nil || !d.Warned.IsZero() {
		return d.Expires
	}
	return earlierOf(d.Expires, d.Closing.Since.Add(-warnsAhead))
}

// closes notes the freeze that the deployment would run into while it waits, and when it is near.
func (p *planned) closes(d *Deployment, now time.Time) {
	if d.Rollback != nil {
		return
	}
	d.Closing = nextFreeze(p.facts.Config, p.facts.Environment, now, d.Expires.Sub(now))
	if d.Closing != nil && d.Warned.IsZero() && !now.Before(d.Closing.Since.Add(-warnsAhead)) {
		d.Warned = now
	}
}

func earlierOf(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// waited takes over how the gates stand before a deployment that waits.
func (p *planned) waited(tx store.Tx, d *Deployment, now time.Time) error {
	if d.State != Waiting {
		return nil
	}
	if p.gone != "" {
		d.deny(now, []Gate{{Name: "place", Verdict: Closed, Code: p.gone}})
		return leave(tx, d)
	}
	p.Deployment, p.facts.Approval, p.facts.Start = d, d.Approval, d.Start
	all, err := p.judge(tx)
	if err != nil {
		return err
	}
	d.read()
	waits, barred := waitsFor(all)
	d.note(waits, now)
	shut := slices.DeleteFunc(open(all), func(g Gate) bool { return g.passes() })
	switch {
	case len(shut) > 0:
		d.deny(now, shut)
	case d.tooLong(len(waits) > 0, now):
		d.expire(now, waits)
	case len(waits) > 0:
		d.Open = waits
		p.closes(d, now)
		return nil
	case p.asksFirst(d):
		d.Start, d.Expires = &Start{Asked: now}, now.Add(startsWithin)
		d.Open = []Gate{{Name: "start", Verdict: NotYet, Code: StartMissing, By: d.By, Since: now}}
		d.note(d.Open, now)
		p.closes(d, now)
		return nil
	case barred:
		d.deny(now, open(all))
	default:
		d.State, d.Cleared, d.Open = Wanted, now, nil
		if err := takeSlot(tx, d); err != nil {
			return err
		}
	}
	return leave(tx, d)
}

// tooLong tells whether the deployment has waited beyond its time. What people have said just in time still counts, when nothing
// else is waited for.
func (d *Deployment) tooLong(waits bool, now time.Time) bool {
	if now.Before(d.Expires) {
		return false
	}
	word := d.lastWord()
	return waits || !word.Before(d.Expires) || now.Sub(word) >= staleAfter
}

// lastWord is when somebody last approved it or said that it starts; the zero time when nobody has.
func (d *Deployment) lastWord() time.Time {
	var last time.Time
	if d.Approval != nil && len(d.Approval.Votes) > 0 {
		last = d.Approval.Votes[len(d.Approval.Votes)-1].At
	}
	if d.Start != nil && d.Start.At.After(last) {
		last = d.Start.At
	}
	return last
}

// asksFirst tells whether who asked has to say that it starts: where people are asked before a deployment, it does not begin by
// itself because a check passed some time later. An approval that came last was somebody's word that it should.
func (p *planned) asksFirst(d *Deployment) bool {
	if !p.facts.Environment.Confirm || d.Start != nil {
		return false
	}
	passed := time.Time{} // when the checks were seen to have passed; they were looked at last up to checksPause before
	for _, w := range d.Waits {
		if w.Gate == "checks" && w.Until.After(passed) {
			passed = w.Until
		}
	}
	return !passed.IsZero() && d.lastWord().Before(passed.Add(-checksPause))
}

// deny ends the deployment by the gates that are shut.
func (d *Deployment) deny(now time.Time, shut []Gate) {
	d.read()
	d.State, d.Ended, d.Denied, d.Open = Denied, now, shut, nil
	d.note(nil, now)
}

// expire ends the deployment since what it waited for did not come in time.
func (d *Deployment) expire(now time.Time, waits []Gate) {
	d.deny(now, waits)
	d.State = Expired
}

// note keeps since when and until when the deployment has waited for each gate.
func (d *Deployment) note(waits []Gate, now time.Time) {
	for i := range d.Waits {
		w := &d.Waits[i]
		if w.Until.IsZero() && !slices.ContainsFunc(waits, func(g Gate) bool { return g.Name == w.Gate }) {
			w.Until = d.passedAt(w.Gate, now)
		}
	}
	for _, g := range waits {
		if !slices.ContainsFunc(d.Waits, func(w Wait) bool { return w.Gate == g.Name && w.Until.IsZero() }) {
			d.Waits = append(d.Waits, Wait{Gate: g.Name, Since: now})
		}
	}
}

// passedAt is when a gate opened that is open at now: people's words have their own time.
func (d *Deployment) passedAt(gate string, now time.Time) time.Time {
	switch {
	case gate == "approvals" && d.Approval != nil && len(d.Approval.Votes) > 0:
		return d.Approval.Votes[len(d.Approval.Votes)-1].At
	case gate == "start" && d.Start != nil && !d.Start.At.IsZero():
		return d.Start.At
	}
	return now
}

// begun is from when on people wait for it to start: from being asked for, or from having nothing in its way any more.
func (d *Deployment) begun() time.Time {
	if !d.Cleared.IsZero() {
		return d.Cleared
	}
	return d.Created
}
