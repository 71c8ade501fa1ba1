package github

import (
	"errors"
	"time"
)

// Hitch is something that could not be done on GitHub yet and is tried again.
type Hitch struct {
	Since time.Time `json:"since"`
	Why   string    `json:"why"` // one sentence for people
	Tries int       `json:"tries"`
	Next  time.Time `json:"next"`
	// Said says that it is for people to know: it lasts, or they have to do something.
	Said bool `json:"said,omitempty"`
}

// saidAfter is how long a hitch is there, or will be, when people are told whatever it is.
const saidAfter = 5 * time.Minute

// Again is the hitch after one more failure. What passes is tried again soon and said after the third time; what somebody has to mend
// more and more rarely, up to an hour, and said at once; whatever lasts five minutes is said. GitHub is left for as long as it wants to be.
func (h Hitch) Again(err error, now time.Time) Hitch {
	if h.Since.IsZero() {
		h.Since = now
	}
	why, wait, lasts := explain(err)
	h.Why = why
	switch {
	case errors.Is(err, ErrNotYet):
		h.Next = now.Add(5 * time.Second)
	case lasts:
		h.Tries, h.Said = min(h.Tries+1, 20), true
		h.Next = now.Add(max(wait, min(time.Minute<<min(h.Tries-1, 6), time.Hour)))
	default:
		h.Tries = min(h.Tries+1, 20)
		h.Said = h.Tries > 2
		h.Next = now.Add(max(wait, min(30*time.Second<<min(h.Tries-1, 6), 10*time.Minute)))
	}
	h.Said = h.Said || h.Next.Sub(h.Since) > saidAfter
	return h
}

// Hitches are those of one record, by what could not be done.
type Hitches map[string]Hitch

// Note keeps what came of doing something, and says when it is tried again; the zero time when it is done.
func (h *Hitches) Note(what string, err error, now time.Time) (next time.Time) {
	if err == nil {
		delete(*h, what)
		return time.Time{}
	}
	if *h == nil {
		*h = Hitches{}
	}
	again := (*h)[what].Again(err, now)
	(*h)[what] = again
	return again.Next
}

// Lasts tells whether somebody has to do something before what failed can be done.
func Lasts(err error) bool {
	_, _, lasts := explain(err)
	return lasts
}

// explain is an error in words for people, how long GitHub wants to be left, and whether somebody has to do something. Errors of others
// that have a UserMessage are theirs to mend.
func explain(err error) (why string, wait time.Duration, lasts bool) {
	var gh *Error
	var people interface{ UserMessage() string }
	var changed *Changed
	switch {
	case errors.As(err, &gh):
		passes := IsUnclear(err) || IsRateLimited(err) || gh.Status == 0 || gh.Status >= 500
		return gh.UserMessage(), gh.RetryAfter, !passes
	case errors.As(err, &changed):
		return changed.UserMessage(), 0, false
	case errors.As(err, &people):
		return people.UserMessage(), 0, true
	case errors.Is(err, ErrNotYet):
		return "GitHub does not show yet what was sent.", 0, false
	}
	return "Something broke while GitHub was asked.", 0, false
}
