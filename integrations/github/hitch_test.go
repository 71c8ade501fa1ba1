package github

import (
	"errors"
	"testing"
	"time"
)

type mendIt struct{}

func (mendIt) Error() string       { return "mend it" }
func (mendIt) UserMessage() string { return "Please mend it." }

func TestHitchesAreTriedAgainAndSaid(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		err   error
		after []time.Duration // until the next try, after each failure
		said  []bool
	}{
		"it passes":        {&Error{Status: 502}, []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 10 * time.Minute}, []bool{false, false, true}},
		"unclear":          {&Error{Unclear: true, Status: 404}, []time.Duration{30 * time.Second}, []bool{false}},
		"GitHub wants it":  {&Error{Status: 502, RetryAfter: time.Hour}, []time.Duration{time.Hour}, []bool{true}},
		"somebody pushed":  {&Changed{What: "a branch"}, []time.Duration{30 * time.Second}, []bool{false}},
		"forbidden":        {&Error{Status: 403, Message: "Resource not accessible"}, []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour}, []bool{true, true}},
		"theirs to mend":   {mendIt{}, []time.Duration{time.Minute}, []bool{true}},
		"not shown yet":    {ErrNotYet, []time.Duration{5 * time.Second, 5 * time.Second}, []bool{false, false}},
		"nobody knows why": {errors.New("s3cret"), []time.Duration{30 * time.Second}, []bool{false}},
	} {
		var h Hitch
		for n, want := range c.after {
			h = h.Again(c.err, now)
			if got := h.Next.Sub(now); got != want || h.Since != now || h.Why == "" {
				t.Errorf("%s: after failure %d it waits %s, want %s: %+v", name, n+1, got, want, h)
			}
			if n < len(c.said) && h.Said != c.said[n] {
				t.Errorf("%s: after failure %d it is said: %v", name, n+1, h.Said)
			}
		}
	}
	if h := (Hitch{}).Again(mendIt{}, now); h.Why != "Please mend it." || !Lasts(mendIt{}) || Lasts(ErrNotYet) {
		t.Errorf("%+v", h)
	}
	if h := (Hitch{Since: now.Add(-5 * time.Minute)}).Again(ErrNotYet, now); !h.Said {
		t.Error("what lasts is not said")
	}
	if h := (Hitch{}).Again(errors.New("s3cret"), now); h.Why != "Something broke while GitHub was asked." {
		t.Errorf("it says %q", h.Why)
	}
}

func TestHitchesOfOneRecord(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	var h Hitches
	if next := h.Note("open", nil, now); !next.IsZero() || len(h) != 0 {
		t.Errorf("%s, %+v", next, h)
	}
	h.Note("open", mendIt{}, now)
	if next := h.Note("open", mendIt{}, now); !next.Equal(now.Add(2*time.Minute)) || h["open"].Tries != 2 || !h["open"].Next.Equal(next) {
		t.Errorf("%s, %+v", next, h)
	}
	if next := h.Note("open", nil, now); !next.IsZero() || len(h) != 0 {
		t.Errorf("%s, %+v", next, h)
	}
}
