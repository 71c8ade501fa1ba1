package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Error is how a call to PagerDuty failed. It never holds a token, a routing key, an address with secrets or a body;
// Message is what PagerDuty said or what we saw, shortened to one line.
type Error struct {
	Op         string        // what was being done, such as "acknowledge an incident"
	Status     int           // HTTP status; 0 when there was no answer or no call was made
	Code       int           // PagerDuty's own number for the error ("PagerDuty: Errors"); 0 when it gave none
	Message    string        // one line
	RetryAfter time.Duration // how long to leave it; 0 when unknown
	Unclear    bool          // a change was asked for and may or may not have happened: look before asking again

	about  string // what it was about, such as incident Q1ABC
	kind   kind
	advice string // what to do, when the caller of do knows better than the status
	cause  error  // only context.Canceled or context.DeadlineExceeded, which hold no secrets
}

type kind int

const (
	kindAnswer        kind = iota // PagerDuty answered, see Status
	kindBusy                      // all slots taken; no call was made
	kindHeld                      // a limit was met before; no call was made
	kindLimit                     // PagerDuty answered that a limit is met
	kindTimeout                   // no answer in time
	kindNetwork                   // no connection, or it broke
	kindInput                     // refused by us; no call was made
	kindNotConfigured             // there is no token, or no key; no call was made
	kindMissing                   // PagerDuty answered, and what is asked for is not in its answer
)

// PagerDuty's numbers for errors ("PagerDuty: Errors"), those that mean something to us.
const (
	codeAlreadyResolved     = 1001
	codeAlreadyAcknowledged = 1002
	codeCannotEscalate      = 1006
	codeNoRequester         = 1008
	codeNobodyOnCall        = 1015
	codeNotAuthorised       = 1018
	codeBadFrom             = 1028
	codeNotPossible         = 2014
	codeTimeout             = 2016
	codeRateLimit           = 2020
	codeNotFound            = 2100
)

// Error is for logs and the developers who read them.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("pagerduty: " + e.Op)
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
	if e.Code != 0 {
		fmt.Fprintf(&b, " (code %d)", e.Code)
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
	case e.kind == kindNotConfigured:
		return "PagerDuty is not set up here; whoever runs Shipmate has to give it a token."
	case e.kind == kindBusy:
		return "Shipmate has its hands full with PagerDuty right now; nothing was changed, try again in a moment."
	case e.kind == kindInput || e.kind == kindMissing:
		return sentence(e.Message)
	case IsRateLimited(e):
		return "PagerDuty's rate limit for Shipmate is used up; nothing was changed, try again in " + roughly(e.RetryAfter) + "."
	case e.Unclear:
		return "PagerDuty did not say whether it happened; Shipmate looks before it tries again."
	case errors.Is(e.cause, context.Canceled):
		return "The call to PagerDuty was given up; nothing was changed."
	case e.kind == kindTimeout:
		return "PagerDuty answers slowly; nothing was changed, try again in a moment."
	case e.kind == kindNetwork:
		return "Shipmate cannot reach PagerDuty; nothing was changed, use PagerDuty's own app meanwhile."
	}
	return e.answered()
}

// ReadMessage is UserMessage for people who only wanted to know something: what is the matter.
func (e *Error) ReadMessage() string {
	if e.Status >= 500 && e.advice == "" {
		return fmt.Sprintf("PagerDuty does not answer now (%d).", e.Status)
	}
	what, _, changed := strings.Cut(e.UserMessage(), "; nothing was changed")
	if changed {
		what += "."
	}
	return what
}

// answered puts PagerDuty's number, else the status of its answer, into words.
func (e *Error) answered() string {
	what := e.about
	if what == "" {
		what = "this"
	}
	switch e.Code {
	case codeAlreadyResolved:
		return "The incident is resolved already."
	case codeCannotEscalate:
		return "The incident cannot be escalated to that level; assign somebody instead."
	case codeNoRequester, codeBadFrom:
		return "PagerDuty knows nobody with the e-mail address Shipmate acts for; ask for a PagerDuty account or a link to it."
	case codeNobodyOnCall:
		return "Nobody is on call there, so PagerDuty would notify nobody; name a person instead."
	case codeNotAuthorised:
		return "PagerDuty does not let that person do this; somebody with more rights there has to."
	case codeTimeout:
		return "PagerDuty took too long over it; try again in a moment."
	case codeNotPossible:
		return "PagerDuty's plan for this account does not include that: " + sentence(e.Message)
	}
	switch {
	case e.Status == http.StatusUnauthorized:
		return "PagerDuty does not accept Shipmate's credentials; whoever runs Shipmate has to renew them."
	case e.Status == http.StatusPaymentRequired:
		return "PagerDuty's plan for this account does not include that: " + sentence(e.Message)
	case e.Status == http.StatusForbidden:
		return "PagerDuty does not let Shipmate do this with " + what + ": " + sentence(e.Message)
	case e.Status == http.StatusNotFound:
		return "PagerDuty does not know " + what + "; check its ID in the configuration."
	case e.Status == http.StatusConflict || e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity ||
		e.Status == http.StatusRequestEntityTooLarge:
		return "PagerDuty refused: " + sentence(e.Message)
	case e.Status >= 500:
		return fmt.Sprintf("PagerDuty has a problem of its own (%d); nothing was changed, try again in a moment.", e.Status)
	}
	return "PagerDuty gave an answer Shipmate does not understand; nothing was changed."
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

// IsNotFound reports that PagerDuty does not know it, or does not show it to this token.
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Status == http.StatusNotFound || e.Code == codeNotFound)
}

// IsRateLimited reports that a limit of PagerDuty is met. The call was not carried out.
func IsRateLimited(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.kind == kindLimit || e.kind == kindHeld)
}

// IsUnclear reports that a change may or may not have happened: no answer in time, a dropped connection, or 5xx.
func IsUnclear(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Unclear
}

// IsPassing reports that the same call may work later without anybody doing anything: no answer in time, no connection,
// a limit, all slots taken, or trouble of PagerDuty's own.
func IsPassing(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.kind {
	case kindBusy, kindHeld, kindLimit, kindTimeout, kindNetwork:
		return true
	}
	return e.Status >= 500 || e.Code == codeTimeout
}

// IsNotConfigured reports that there is no token, so that nothing but Events with keys from the configuration works.
func IsNotConfigured(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.kind == kindNotConfigured
}

// refuse is an error of ours, before any call.
func refuse(op, about, format string, args ...any) *Error {
	return &Error{Op: op, Message: fmt.Sprintf(format, args...), about: about, kind: kindInput}
}

// hasCode reports that PagerDuty gave one of these numbers.
func hasCode(err error, codes ...int) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	for _, code := range codes {
		if e.Code == code {
			return true
		}
	}
	return false
}
