package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is how a call to GitHub failed. It never holds a token, an address with secrets or a body; Message is what
// GitHub said or what we saw, shortened to one line.
type Error struct {
	Op         string        // what was being done, such as "dispatch a workflow"
	Status     int           // HTTP status; 0 when there was no answer or no call was made
	Message    string        // one line
	RetryAfter time.Duration // how long to leave it; 0 when unknown
	Unclear    bool          // a change was asked for and may or may not have happened: look before asking again

	about  string // what it was about, such as acme/foo
	kind   kind
	advice string // what to do, when the caller of do knows better than the status
	cause  error  // only context.Canceled or context.DeadlineExceeded, which hold no secrets
}

type kind int

const (
	kindAnswer  kind = iota // GitHub answered, see Status
	kindBusy                // all slots taken; no call was made
	kindHeld                // a limit was met before; no call was made
	kindLimit               // GitHub answered that a limit is met
	kindTimeout             // no answer in time
	kindNetwork             // no connection, or it broke
	kindInput               // refused by us; no call was made
)

// Error is for logs and the developers who read them.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("github: " + e.Op)
	if e.about != "" {
		b.WriteString(" (" + e.about + ")")
	}
	b.WriteString(":")
	if e.Status != 0 {
		b.WriteString(" " + strconv.Itoa(e.Status))
	}
	if e.Message != "" {
		b.WriteString(" " + e.Message)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (try again in %s)", e.RetryAfter.Round(time.Second))
	}
	if e.Unclear {
		b.WriteString(" (it may have happened)")
	}
	return b.String()
}

// Unwrap gives context.Canceled or context.DeadlineExceeded when that ended the call, else nil.
func (e *Error) Unwrap() error { return e.cause }

// UserMessage is one short sentence for people in a chat. It says what they can do where there is something.
func (e *Error) UserMessage() string {
	switch {
	case e.advice != "":
		return e.advice
	case e.kind == kindBusy:
		return "Shipmate has its hands full with GitHub right now; nothing was changed, try again in a moment."
	case e.kind == kindInput:
		return sentence(e.Message)
	case IsRateLimited(e):
		return "GitHub's rate limit for Shipmate is used up; nothing was changed, try again in " + roughly(e.RetryAfter) + "."
	case e.Unclear:
		return "GitHub did not say whether it happened; Shipmate looks before it tries again."
	case errors.Is(e.cause, context.Canceled):
		return "The call to GitHub was given up; nothing was changed."
	case e.kind == kindTimeout:
		return "GitHub answers slowly; nothing was changed."
	case e.kind == kindNetwork:
		return "Shipmate cannot reach GitHub; nothing was changed."
	}
	return e.answered()
}

// answered puts the status of an answer into words.
func (e *Error) answered() string {
	what := e.about
	if what == "" {
		what = "this"
	}
	switch {
	case e.Status == http.StatusUnauthorized:
		return "GitHub does not accept Shipmate's credentials; whoever runs Shipmate has to renew them."
	case e.Status == http.StatusForbidden:
		return "GitHub does not let Shipmate do this with " + what + ": " + sentence(e.Message)
	case e.Status == http.StatusNotFound:
		return "GitHub does not know " + what + ", or the token cannot see it."
	case e.Status == http.StatusConflict || e.Status == http.StatusUnprocessableEntity:
		return "GitHub refused: " + sentence(e.Message)
	case e.Status >= 500:
		return fmt.Sprintf("GitHub has a problem of its own (%d); nothing was changed.", e.Status)
	case e.Status >= 300 && e.Status < 400 && e.Status != http.StatusNotModified:
		return "GitHub says " + what + " has moved; its new name has to be configured."
	}
	return "GitHub gave an answer Shipmate does not understand; nothing was changed."
}

// sentence ends s like one.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return "no reason given."
	}
	if strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// roughly says a duration as people do.
func roughly(d time.Duration) string {
	switch {
	case d <= 0:
		return "a minute"
	case d < 90*time.Second:
		return fmt.Sprintf("%d s", max(1, int(d.Round(time.Second)/time.Second)))
	}
	return fmt.Sprintf("%d min", int((d+time.Minute-1)/time.Minute))
}

// IsNotFound reports that GitHub does not know it, or does not show it to this token.
func IsNotFound(err error) bool {
	var e *Error
	var ref *RefNotFound
	return errors.As(err, &e) && e.Status == http.StatusNotFound || errors.As(err, &ref)
}

// isHidden reports that this token may not see it, or that it is not there, which GitHub does not tell apart.
func isHidden(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Status == http.StatusNotFound || e.Status == http.StatusForbidden) && !IsRateLimited(err)
}

// IsRateLimited reports that a limit of GitHub is met. The call was not carried out.
func IsRateLimited(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.kind == kindLimit || e.kind == kindHeld || e.Status == http.StatusTooManyRequests)
}

// IsUnclear reports that a change may or may not have happened: no answer in time, a dropped connection, or 5xx.
func IsUnclear(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Unclear
}

// refuse is an error of ours, before any call.
func refuse(op, about, format string, args ...any) *Error {
	return &Error{Op: op, Message: fmt.Sprintf(format, args...), about: about, kind: kindInput}
}

// withAdvice gives an *Error of do its own sentence for people.
func withAdvice(err error, advice string) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	better := *e
	better.advice = advice
	return &better
}
