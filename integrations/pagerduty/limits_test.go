package pagerduty

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"shipmate/integrations/pagerduty/pagerdutytest"
)

// A limit holds back calls for as long as PagerDuty said, those of the same kind only when it is a tighter one.
func TestHolds(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{TightLimit: 2})
	onCalls := func() error { _, err := s.OnCalls(t.Context(), OnCallQuery{}); return err }
	for range 2 {
		if err := onCalls(); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if err := onCalls(); !IsRateLimited(err) {
			t.Errorf("over the limit: %v", err)
		}
	}
	if n := s.calls(pagerdutytest.OpOnCalls); n != 3 {
		t.Errorf("%d calls were made, the hold should have kept it at 3", n)
	}
	s.open("key") // another limit
	if err := s.Check(t.Context()); err != nil || s.Pace() != 0 {
		t.Errorf("the general limit holds, too: %v, pace %s", err, s.Pace())
	}
	s.clock.Advance(61 * time.Second)
	if err := onCalls(); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestGeneralHold(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	s.pd.Fault(pagerdutytest.Fault{Match: pagerdutytest.OpAbilities, Kind: pagerdutytest.RateLimit, Times: 1, RetryAfter: 20 * time.Second})
	if err := s.Check(t.Context()); !IsRateLimited(err) {
		t.Fatal(err)
	}
	if _, err := s.OnCalls(t.Context(), OnCallQuery{}); !IsRateLimited(err) || s.Pace() != 20*time.Second {
		t.Errorf("%v, pace %s", err, s.Pace())
	}
	s.clock.Advance(20 * time.Second)
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// Events have limits of their own, per key; people's calls go on.
func TestEventLimit(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{EventLimit: 1})
	e := Event{Service: checkout, Key: "a", Summary: "It is down"}
	if err := s.Trigger(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	e.Key = "b"
	err := s.Trigger(t.Context(), e)
	if !IsRateLimited(err) || IsUnclear(err) || !strings.Contains(err.Error(), "429") {
		t.Errorf("the second: %v", err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("the REST API is held back, too: %v", err)
	}
	other := s.pd.AddService(pagerdutytest.Service{Name: "Other", Policy: s.policy})
	if err := s.Trigger(t.Context(), Event{Service: other, Key: "c", Summary: "It is down"}); err != nil {
		t.Errorf("another key: %v", err)
	}
	s.clock.Advance(time.Minute)
	if err := s.Trigger(t.Context(), e); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

// Without a word on how long, the waits grow, and a good answer ends that.
func TestUntoldHoldsGrow(t *testing.T) {
	t.Parallel()
	s := newStage(t, pagerdutytest.Options{})
	s.pd.Fault(pagerdutytest.Fault{Match: "*", Kind: pagerdutytest.SilentRateLimit, Times: 5})
	for _, want := range []time.Duration{30, 60, 120, 240, 240} {
		if err := s.Check(t.Context()); !IsRateLimited(err) || s.Pace() != want*time.Second {
			t.Errorf("%v, pace %s, want %d s", err, s.Pace(), want)
		}
		s.clock.Advance(want * time.Second)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	s.pd.Fault(pagerdutytest.Fault{Match: "*", Kind: pagerdutytest.SilentRateLimit, Times: 1})
	if err := s.Check(t.Context()); !IsRateLimited(err) || s.Pace() != 30*time.Second {
		t.Errorf("after a good answer: %v, pace %s", err, s.Pace())
	}
}

// The pace slows down before PagerDuty says so.
func TestPace(t *testing.T) {
	t.Parallel()
	var remaining int
	f := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ratelimit-limit", "960")
		w.Header().Set("ratelimit-remaining", strconv.Itoa(remaining))
		w.Header().Set("ratelimit-reset", "48")
		reply(w, 200, map[string]any{"abilities": []string{}})
	})
	c := f.client(t)
	if c.Pace() != 0 {
		t.Errorf("before anything: %s", c.Pace())
	}
	for _, tt := range []struct {
		remaining int
		want      time.Duration
	}{{900, 0}, {480, 48 * time.Second / 384}, {100, 12 * time.Second}, {96, 48 * time.Second}, {0, 48 * time.Second}} {
		remaining = tt.remaining
		if err := c.Check(t.Context()); err != nil || c.Pace() != tt.want {
			t.Errorf("%d left: %s, want %s (%v)", tt.remaining, c.Pace(), tt.want, err)
		}
	}
	f.clock.Advance(48 * time.Second)
	if c.Pace() != 0 {
		t.Errorf("renewed: %s", c.Pace())
	}
}
