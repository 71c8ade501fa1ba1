package work

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/store"
)

func TestWakeKeepsTheEarlierAppointment(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for i, want := range []struct{ at, due time.Time }{
		{t0.Add(2 * time.Hour), t0.Add(2 * time.Hour)},
		{t0.Add(3 * time.Hour), t0.Add(2 * time.Hour)},
		{t0.Add(time.Hour).In(time.FixedZone("x", -3600)), t0.Add(time.Hour)},
		{t0.Add(time.Hour), t0.Add(time.Hour)},
		{time.Time{}, time.Time{}.Add(0)},
		{t0, time.Time{}},
	} {
		r.wake("card", "deployment/D1", want.at)
		if got := r.dueAt("card", "deployment/D1"); !got.Equal(want.due) {
			t.Errorf("wake %d: due at %v, want %v", i, got, want.due)
		}
	}
	if keys := r.keys("card/"); len(keys) != 2 {
		t.Errorf("one appointment has the keys %q", keys)
	}
}

func TestAppointMovesEitherWayAndCancelRemoves(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, d := range []time.Duration{2 * time.Hour, 3 * time.Hour, time.Hour} {
		r.update(func(tx store.Tx) error { return Appoint(tx, "card", "C1", t0.Add(d)) })
		if got := r.dueAt("card", "C1"); !got.Equal(t0.Add(d)) {
			t.Errorf("due at %v, want %v", got, t0.Add(d))
		}
	}
	r.wake("card", "C2", t0)
	for range 2 { // the second time there is nothing to cancel
		r.update(func(tx store.Tx) error { return Cancel(tx, "card", "C1") })
		r.dueAt("card", "C1")
		if keys := r.keys("card/"); len(keys) != 2 || !strings.HasSuffix(keys[0], "/C2") {
			t.Errorf("after Cancel there is %q, want only C2's", keys)
		}
	}
}

func TestNamesThatCannotBe(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, of := range [][2]string{{"", "x"}, {"a/b", "x"}, {"a%b", "x"}, {"replica", "x"}, {"card", ""}, {"card", strings.Repeat("x", store.MaxKey)}} {
		for what, fn := range map[string]func(store.Tx) error{
			"Wake":    func(tx store.Tx) error { return Wake(tx, of[0], of[1], t0) },
			"Appoint": func(tx store.Tx) error { return Appoint(tx, of[0], of[1], t0) },
		} {
			if err := r.db.Update(r.ctx, fn); err == nil {
				t.Errorf("%s of %.20q is accepted", what, of)
			}
		}
	}
	if err := r.db.Update(r.ctx, func(tx store.Tx) error { return Cancel(tx, "card", "") }); err == nil {
		t.Error("Cancel of nothing is accepted")
	}
	if keys := r.keys(""); slices.ContainsFunc(keys, func(k string) bool { return strings.HasPrefix(k, "card") }) {
		t.Errorf("something was written: %q", keys)
	}
}

// What is asked for while a step runs is not lost, and the earlier of it and what the step returns wins.
func TestWhatHappensDuringAStep(t *testing.T) {
	t.Parallel()
	min := func(n int) time.Time { return t0.Add(time.Duration(n) * time.Minute) }
	wake := func(at time.Time) func(store.Tx) error {
		return func(tx store.Tx) error { return Wake(tx, "d", "a/b", at) }
	}
	appoint := func(at time.Time) func(store.Tx) error {
		return func(tx store.Tx) error { return Appoint(tx, "d", "a/b", at) }
	}
	cancel := func(tx store.Tx) error { return Cancel(tx, "d", "a/b") }
	both := func(fns ...func(store.Tx) error) func(store.Tx) error {
		return func(tx store.Tx) error {
			for _, fn := range fns {
				if err := fn(tx); err != nil {
					return err
				}
			}
			return nil
		}
	}
	broken := errors.New("broken")
	for name, tc := range map[string]struct {
		due    time.Time // of the step
		during func(store.Tx) error
		next   time.Time // what the step returns
		err    error
		want   time.Time // when it is due afterwards
		none   bool      // or that it is not
	}{
		"nothing":                        {due: t0, next: min(10), want: min(10)},
		"nothing more to do":             {due: t0, none: true},
		"woken, nothing more to do":      {due: t0, during: wake(min(5)), want: min(5)},
		"woken earlier than next":        {due: t0, during: wake(min(5)), next: min(10), want: min(5)},
		"woken later than next":          {due: t0, during: wake(min(15)), next: min(10), want: min(10)},
		"woken twice":                    {due: t0, during: both(wake(min(5)), wake(min(15))), next: min(10), want: min(5)},
		"woken before it was due":        {due: t0, during: wake(min(-5)), next: min(10), want: min(-5)},
		"woken for the same moment":      {due: t0, during: wake(t0), next: min(10), want: t0},
		"woken at once, due at once":     {during: wake(time.Time{}), next: min(10), want: time.Time{}},
		"cancelled":                      {due: t0, during: cancel, next: min(10), none: true},
		"cancelled and woken":            {due: t0, during: both(cancel, wake(min(5))), next: min(10), want: min(5)},
		"cancelled and woken as it was":  {during: both(cancel, wake(time.Time{})), want: time.Time{}},
		"appointed later":                {due: t0, during: appoint(min(5)), want: min(5)},
		"appointed later than next":      {due: t0, during: appoint(min(15)), next: min(10), want: min(10)},
		"woken, then appointed later":    {due: t0, during: both(wake(min(5)), appoint(min(15))), want: min(15)},
		"woken while it failed":          {due: t0, during: wake(min(-1)), err: broken, want: min(-1)},
		"woken while it failed for good": {due: t0, during: wake(min(7)), err: broken, want: t0.Add(time.Second)},
		"cancelled while it failed":      {due: t0, during: cancel, err: broken, none: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			first := true
			events, hold := make(chan string, 3), make(chan struct{})
			stop := r.run(r.config(), Domain{Name: "d", Workers: 1, Step: func(ctx context.Context, id string) (time.Time, error) {
				if id == "end" {
					events <- id
					return time.Time{}, nil
				}
				if !first {
					events <- "again"
					<-hold // so that the appointment stays what the first step left
					return time.Time{}, nil
				}
				first = false
				r.wake("d", "end", t0) // there is one worker, so this is stepped when the first step is written
				if tc.during != nil {
					r.update(tc.during)
				}
				return tc.next, tc.err
			}})
			r.wake("d", "a/b", tc.due)
			seen := take(r, "the step after", events)
			at := r.dueAt("d", "a/b")
			if failed := tc.err != nil && tc.want.After(t0); failed && (at.Before(t0.Add(time.Second/2)) || at.After(tc.want)) {
				t.Errorf("due at %v, want a delay of up to a second", at)
			} else if none := len(r.keys("d/next/a")) == 0; !failed && (none != tc.none || !none && !at.Equal(tc.want)) {
				t.Errorf("due at %v (none: %v), want %v (none: %v)", at, none, tc.want, tc.none)
			}
			again := seen == "again"
			if due := !tc.none && !tc.want.After(t0); due && !again {
				take(r, "the second step", events)
			} else if again && !due {
				t.Error("stepped what is not due")
			}
			close(hold)
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
}
