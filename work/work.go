// Package work is the one runner: it takes the records that are due one step further.
//
// A record that wants something done has an appointment: the key "<domain>/due/<UTC>/<id>", written in the transaction
// that wrote the record (Wake). The runner calls the domain's Step when the time has come, one at a time per record, and
// keeps or moves the appointment by what Step returns. A crash between any two instructions leaves the appointment, so the
// next runner carries on. There is no other queue.
//
// What is promised: a record with an appointment is stepped at or after its time until Step returns no next one; no two of
// its steps overlap, also among replicas that share a store; what was woken while a step ran is stepped again. What is not:
// that a step happens only once. A step whose outcome could not be written happens again, so it looks at what it already
// did before it does more.
//
// A step that fails is repeated with growing delays and in the end parked: its appointment is removed, it is listed by
// Parked, the operator is alerted, and whoever wakes it starts it again.
//
// The keys of a domain, all written only here:
//
//	<domain>/due/<UTC>/<id>   the appointment, in order of time; empty
//	<domain>/next/<id>        which of those is the record's, and how its steps have gone
//	<domain>/parked/<id>      why it was given up, and whether that was told
//	<domain>/claim/<id>       which replica steps it now; only on a store that replicas share
//	replica/<name>            a replica's epoch, and the beat that shows that it lives
package work

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// Defaults of Domain and Backoff.
const (
	DefaultWorkers = 8
	DefaultTimeout = time.Minute
	DefaultFirst   = time.Second
	DefaultMax     = 5 * time.Minute
	DefaultTries   = 12
)

// Domain is one kind of records that take steps.
type Domain struct {
	// Name is the first word of its keys.
	Name string
	// Step takes the record one step further and returns when to look at it again; the zero time when there is nothing
	// more to do until it is woken. It writes with Update, which fails once the record is no longer this step's. An error
	// counts as a failure and repeats the step after a delay, unless it has a method RetryAfter() time.Duration that
	// returns more than nothing: then the step is repeated after that long and nothing is counted. A panic is an error.
	// A step ends soon after its ctx.
	Step func(ctx context.Context, id string) (next time.Time, err error)
	// Workers is how many records are stepped at once.
	Workers int
	// Timeout bounds one step, on the machine's clock.
	Timeout time.Duration
	// Retry is what happens after a failure.
	Retry Backoff
}

// Backoff says how failed steps are repeated: after First, then twice as long each time up to Max, each delay shortened by
// up to a half at random so that records that failed together do not come back together. After Tries failures in a row the
// record is parked, unless it was woken during the last of them: a record that somebody keeps waking is not given up.
type Backoff struct {
	First, Max time.Duration
	Tries      int
}

// delay returns how long to wait after the given number of failures in a row.
func (b Backoff) delay(failures int) time.Duration {
	d := b.First
	for i := 1; i < failures && d < b.Max; i++ {
		d *= 2
	}
	d = min(d, b.Max)
	return d - rand.N(d/2+1)
}

// withDefaults fills in what is left zero and refuses what cannot work.
func (d Domain) withDefaults() (Domain, error) {
	if err := checkName(d.Name); err != nil {
		return d, err
	}
	if d.Step == nil {
		return d, fmt.Errorf("the domain %q has no step", d.Name)
	}
	d.Workers = orDefault(d.Workers, DefaultWorkers)
	d.Timeout = orDefault(d.Timeout, DefaultTimeout)
	d.Retry.First = orDefault(d.Retry.First, DefaultFirst)
	d.Retry.Max = orDefault(d.Retry.Max, max(DefaultMax, d.Retry.First))
	d.Retry.Tries = orDefault(d.Retry.Tries, DefaultTries)
	if d.Workers < 0 || d.Timeout < 0 || d.Retry.First < 0 || d.Retry.Max < d.Retry.First || d.Retry.Tries < 0 {
		return d, fmt.Errorf("the domain %q has a limit below zero, or a longest delay shorter than the first", d.Name)
	}
	return d, nil
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}
