package delivery_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"shipmate/delivery"
)

// spell is a time in which something held.
type spell struct{ from, to time.Time }

// during tells whether one of the spells holds at t; one without an end holds still.
func during(all []spell, t time.Time) bool {
	for _, s := range all {
		if !t.Before(s.from) && (s.to.IsZero() || t.Before(s.to)) {
			return true
		}
	}
	return false
}

// course is a random course of events in a place with every rule, and what an onlooker knows of it.
type course struct {
	*stage
	rng     *rand.Rand
	refs    []string
	ids     []string
	locked  []spell            // by a person or a rollback
	kept    []spell            // by a person, which keeps rollbacks out too
	held    []spell            // by an incident
	vetoed  map[string][]spell // by commit
	outcast map[string][]spell // people who may not, by person
}

func (c *course) end(all []spell) {
	for i := range all {
		if all[i].to.IsZero() {
			all[i].to = c.clock.Now()
		}
	}
}

func (c *course) who() string { return []string{"U0ANA", "U0BEN", "U0CY"}[c.rng.IntN(3)] }

func (c *course) some() string {
	if len(c.ids) == 0 {
		return "d-aaaaaaaaaa"
	}
	return c.ids[max(0, len(c.ids)-1-c.rng.IntN(4))]
}

// ref is a commit to deploy, often one that was rolled back.
func (c *course) ref() string {
	if c.rng.IntN(2) == 0 {
		for _, sha := range c.refs {
			if len(c.vetoed[sha]) > 0 {
				return sha
			}
		}
	}
	return c.refs[c.rng.IntN(len(c.refs))]
}

// event is one thing that happens.
func (c *course) event() {
	bg := context.Background()
	ask := func(fn func() (*delivery.Deployment, error)) {
		d, err := fn()
		var no *delivery.Refused
		if err != nil && !asRefused(err, &no) {
			c.Fatal(err)
		}
		if err == nil {
			c.ids = append(c.ids, d.ID)
		}
	}
	by := c.who()
	want := c.want(to("strict"), at(c.ref()), again, func(w *delivery.Want) { w.By = by })
	switch c.rng.IntN(26) {
	case 23: // right before something that waits is sent, or is not
		c.opens(nothing, outage)
		c.held = append(c.held, spell{from: c.clock.Now()})
	case 24, 25:
		c.mitigated()
		c.end(c.held)
	case 21, 22:
		ask(func() (*delivery.Deployment, error) { return c.Retry(bg, c.some(), want) })
	case 17:
		c.refs = append(c.refs, c.commit("Another"))
	case 18:
		c.clock.Advance(time.Duration(c.rng.IntN(9)) * time.Minute)
	case 19, 20: // what was approved in time is sent at once
		want.Environment = "strict"
		ask(func() (*delivery.Deployment, error) { return c.Deploy(bg, want) })
		for _, by := range []string{"U0BEN", "U0CY"} {
			_, err := c.Approve(bg, c.word(c.some(), vote(by)))
			c.fine(err)
		}
	case 0, 1:
		want.Environment = "staging"
		ask(func() (*delivery.Deployment, error) { return c.Deploy(bg, want) })
	case 2, 3, 4:
		ask(func() (*delivery.Deployment, error) { return c.Deploy(bg, want) })
	case 5, 6:
		_, err := c.Approve(bg, c.word(c.some(), vote(by)))
		c.fine(err)
	case 7:
		if c.rng.IntN(2) == 0 {
			break
		}
		l, err := c.Lock(bg, c.lock(func(w *delivery.LockWant) { w.Environment, w.By = "strict", by }))
		if c.fine(err); err == nil {
			c.locked, c.kept = append(c.locked, spell{from: l.At}), append(c.kept, spell{from: l.At})
		}
	case 8, 11, 12:
		if _, err := c.Unlock(bg, c.lock(func(w *delivery.LockWant) { w.Environment, w.Anyway = "strict", true })); err == nil {
			c.end(c.locked)
			c.end(c.kept)
		}
	case 9:
		want.Ref = ""
		for _, id := range c.ids { // whatever runs comes to its end first
			for range 40 {
				next, err := c.Step(bg, id)
				c.fine(err)
				if c.follows(id); next.IsZero() || c.now(id).State == delivery.Waiting {
					break
				}
				c.clock.Advance(time.Second)
			}
		}
		if d, err := c.Rollback(bg, want); err == nil {
			c.ids = append(c.ids, d.ID)
			bad := d.Rollback.Bad.SHA
			c.vetoed[bad] = append(c.vetoed[bad], spell{from: c.clock.Now()})
			c.locked = append(c.locked, spell{from: c.clock.Now()})
			if _, err := c.Unlock(bg, c.lock(func(w *delivery.LockWant) { w.Environment, w.Anyway = "strict", true })); err == nil {
				c.end(c.locked)
				c.end(c.kept)
			}
		} else {
			c.fine(err)
		}
	case 10:
		c.people["payments"] = []string{"U0ANA", "U0BEN", "U0CY"}
		c.end(c.outcast["U0ANA"])
		if c.rng.IntN(4) == 0 {
			c.people["payments"] = []string{"U0BEN", "U0CY"}
			c.outcast["U0ANA"] = append(c.outcast["U0ANA"], spell{from: c.clock.Now()})
		}
	default:
		id := c.some()
		for range 1 + c.rng.IntN(25) {
			next, err := c.Step(bg, id)
			c.fine(err)
			if c.follows(id); next.IsZero() {
				break
			}
			c.clock.Advance(time.Second)
		}
	}
	c.clock.Advance(time.Second)
}

func (c *course) fine(err error) {
	c.Helper()
	var no *delivery.Refused
	if err != nil && !asRefused(err, &no) {
		c.Fatal(err)
	}
}

// sent checks a deployment that was sent against what the onlooker knows.
func (c *course) sent(d *delivery.Deployment) {
	c.Helper()
	at := d.Attempted
	_, inHour, _ := at.Clock()
	switch {
	case during(c.outcast[d.By], at):
		c.Errorf("%s was sent for somebody who may not", d.ID)
	case d.Rollback != nil && during(c.kept, at):
		c.Errorf("%s went back through somebody's lock", d.ID)
	case during(c.vetoed[d.Commit.SHA], at):
		c.Errorf("%s was sent against a veto", d.ID)
	case d.Rollback != nil:
	case during(c.locked, at):
		c.Errorf("%s was sent through a lock", d.ID)
	case during(c.held, at):
		c.Errorf("%s was sent during an incident", d.ID)
	case inHour%20 < 5:
		c.Errorf("%s was sent in a freeze, at %s", d.ID, at)
	case !c.succeededBefore(d):
		c.Errorf("%s was sent before its time in staging", d.ID)
	}
	votes := 0
	for _, v := range d.Approval.Votes {
		if v.By != d.By && !v.At.After(at) && !during(c.outcast[v.By], at) {
			votes++
		}
	}
	if votes == 0 {
		c.Errorf("%s was sent without an approval: %+v", d.ID, d.Approval)
	}
}

func (c *course) succeededBefore(d *delivery.Deployment) bool {
	for _, id := range c.ids {
		one := c.now(id)
		if one.Environment == "staging" && one.State == delivery.Succeeded && one.Commit.SHA == d.Commit.SHA && !one.Ended.After(d.Attempted) {
			return true
		}
	}
	return false
}

// For random courses of events nothing is sent through a gate that an onlooker knows to be shut.
func TestNobodyDeploysThroughARefusedGate(t *testing.T) {
	t.Parallel()
	sent := 0
	for seed := range uint64(12) {
		c := &course{stage: newStage(t), rng: rand.New(rand.NewPCG(seed, 7)), vetoed: map[string][]spell{}, outcast: map[string][]spell{}}
		for _, subject := range []string{"First", "Second", "Third"} {
			sha := c.commit(subject)
			d := c.until(c.deploys(at(sha)).ID, delivery.Succeeded)
			c.refs, c.ids = append(c.refs, sha), append(c.ids, d.ID)
		}
		c.clock.Set(morning.Add(6 * time.Minute))
		for range 150 {
			c.event()
		}
		for _, id := range c.ids {
			if d := c.now(id); d.Environment == "strict" && !d.Attempted.IsZero() {
				c.sent(d)
				sent++
			}
		}
	}
	if sent < 5 {
		t.Errorf("only %d were sent, which proves little", sent)
	}
}
