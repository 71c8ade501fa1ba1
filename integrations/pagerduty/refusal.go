package pagerduty

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// said is the body of a refusal: of the REST API in Error, of Events API v2 beside it.
type said struct {
	Error   complaint `json:"error"`
	Message string    `json:"message"`
	Errors  reasons   `json:"errors"`
}

// complaint is an error of the REST API ("PagerDuty: Errors").
type complaint struct {
	Code    int     `json:"code"`
	Message string  `json:"message"`
	Errors  reasons `json:"errors"`
}

// UnmarshalJSON takes what PagerDuty has been seen to send for an error besides its object: a sentence, or a list of them.
func (e *complaint) UnmarshalJSON(data []byte) error {
	type plain complaint
	if json.Unmarshal(data, (*plain)(e)) == nil {
		return nil
	}
	*e = complaint{}
	return json.Unmarshal(data, &e.Errors)
}

// reasons are the details of an error: a list, one sentence, or lists by field.
type reasons []string

// UnmarshalJSON takes all three shapes, and drops what is none of them: it must not hide the rest of the error.
func (r *reasons) UnmarshalJSON(data []byte) error {
	var list []string
	var one string
	var fields map[string][]string
	switch {
	case json.Unmarshal(data, &list) == nil:
		*r = list
	case json.Unmarshal(data, &one) == nil:
		*r = reasons{one}
	case json.Unmarshal(data, &fields) == nil:
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			*r = append(*r, field+": "+strings.Join(fields[field], ", "))
		}
	}
	return nil
}

// refusal turns an answer outside 2xx into an *Error.
func (c *Client) refusal(k call, resp *http.Response, body []byte) *Error {
	var what said
	_ = json.Unmarshal(body, &what) // a proxy's HTML page leaves it empty
	e := &Error{Op: k.op, about: k.about, Status: resp.StatusCode, Code: what.Error.Code, Message: c.message(resp, what)}
	if resp.StatusCode == http.StatusTooManyRequests || e.Code == codeRateLimit {
		e.kind = kindLimit
		e.RetryAfter = c.limitWait(k, resp.Header)
		c.budget.hold(k, e.RetryAfter, c.clock.Now())
		return e
	}
	e.RetryAfter = retryAfter(resp.Header)
	if fromProxy(resp) {
		e.kind, e.Status = kindNetwork, 0 // it never came to PagerDuty, and what it answers may be another thing in a minute
		e.Message = c.oneLine("a proxy on the way answered " + resp.Status)
		return e
	}
	e.Unclear = k.changes() && (resp.StatusCode >= 500 || e.Code == codeTimeout)
	return e
}

// fromProxy reports a refusal that is not PagerDuty's own: its API never answers with a web page that somebody is not let
// in, and never asks for a proxy's credentials.
func fromProxy(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusProxyAuthRequired:
		return true
	case http.StatusUnauthorized, http.StatusForbidden:
		return strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
	}
	return false
}

// limitWait is how long PagerDuty says to wait, else half a minute and growing: some 429 come without any header.
func (c *Client) limitWait(k call, h http.Header) time.Duration {
	if s, err := strconv.Atoi(h.Get("Ratelimit-Reset")); err == nil && s >= 0 {
		return min(max(time.Duration(s)*time.Second, time.Second), maxHold)
	}
	if d := retryAfter(h); d > 0 {
		return min(d, maxHold)
	}
	return c.budget.strike(k)
}

// retryAfter reads the header in both of its forms, seconds and a date; 0 when there is none.
func retryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if s, err := strconv.Atoi(v); err == nil && s > 0 {
		return time.Duration(s) * time.Second
	}
	at, err := http.ParseTime(v)
	date, err2 := http.ParseTime(h.Get("Date"))
	if err != nil || err2 != nil {
		return 0
	}
	return max(0, at.Sub(date))
}

// message is what PagerDuty said, with its reasons.
func (c *Client) message(resp *http.Response, what said) string {
	text := what.Error.Message
	if text == "" {
		text = what.Message
	}
	why := strings.Join(slices.Concat(what.Error.Errors, what.Errors), "; ")
	switch {
	case text == "" && why == "":
		text = http.StatusText(resp.StatusCode)
	case text == "":
		text = why
	case why != "":
		text = strings.TrimSuffix(text, ".") + ": " + why
	}
	return c.oneLine(text)
}

// oneLine makes text fit for an error: no line breaks, no secrets, at most 300 characters.
func (c *Client) oneLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	return cut(c.secrets.mask(text), 300)
}

// cut shortens text to n characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	if runes := []rune(text); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return text
}

// noAnswer turns a failed exchange into an *Error. The failure's own text is never used: it holds the address.
func (c *Client) noAnswer(ctx context.Context, k call, err error) *Error {
	e := &Error{Op: k.op, about: k.about, kind: kindNetwork, Unclear: k.changes() && !neverSent(err)}
	var network net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.Message, e.cause = "given up by the caller", context.Canceled
	case ctx.Err() != nil || errors.As(err, &network) && network.Timeout():
		e.Message, e.kind, e.cause = "no answer in time", kindTimeout, context.DeadlineExceeded
	default:
		e.Message = networkTrouble(err)
	}
	return e
}

// neverSent reports failures before a connection stood, so that nothing can have happened.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

// networkTrouble names the failure in words of ours.
func networkTrouble(err error) string {
	var dns *net.DNSError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	switch {
	case errors.As(err, &dns):
		return "the host name is not known"
	case errors.As(err, &authority), errors.As(err, &hostname):
		return "the server's certificate is not trusted"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "connection reset"
	}
	return "the connection broke"
}
