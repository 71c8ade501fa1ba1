package github

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gh "github.com/google/go-github/v60/github"
)

// refusal turns an answer outside 2xx into an *Error. GitHub says with 403 or with 429 that a limit is met, primary
// or secondary, with or without Retry-After (GitHub REST: Rate limits, "Exceeding the rate limit").
func (c *Client) refusal(k call, resp *http.Response, body []byte) *Error {
	var said gh.ErrorResponse
	_ = json.Unmarshal(body, &said) // a proxy's HTML page leaves it empty
	e := &Error{Op: k.op, about: k.about, Status: resp.StatusCode, Message: c.message(resp, &said)}
	if isLimit(resp, &said) {
		e.kind = kindLimit
		e.RetryAfter = c.limitWait(resp)
		c.budget.hold(e.RetryAfter, c.clock.Now())
		return e
	}
	e.RetryAfter = retryAfter(resp.Header)
	if fromProxy(resp, &said) {
		e.kind, e.Status = kindNetwork, 0 // it never came to GitHub, and what it answers may be another thing in a minute
		e.Message = c.oneLine("a proxy on the way answered " + resp.Status)
		return e
	}
	e.Unclear = k.changes() && resp.StatusCode >= 500
	return e
}

// fromProxy reports a refusal that is not GitHub's own: GitHub says with every 401 and 403 why, in JSON, and never asks for a
// proxy's credentials.
func fromProxy(resp *http.Response, said *gh.ErrorResponse) bool {
	switch resp.StatusCode {
	case http.StatusProxyAuthRequired:
		return true
	case http.StatusUnauthorized, http.StatusForbidden:
		return said.Message == ""
	}
	return false
}

func isLimit(resp *http.Response, said *gh.ErrorResponse) bool {
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return resp.Header.Get("X-RateLimit-Remaining") == "0" || resp.Header.Get("Retry-After") != "" ||
			strings.HasSuffix(said.DocumentationURL, "secondary-rate-limits") ||
			strings.HasSuffix(said.DocumentationURL, "#abuse-rate-limits") ||
			strings.Contains(strings.ToLower(said.Message), "secondary rate limit")
	}
	return false
}

// limitWait follows GitHub's order: Retry-After, else the reset when the budget is used up, else a minute and growing.
// The reset of a budget that is not used up says nothing about a secondary limit.
func (c *Client) limitWait(resp *http.Response) time.Duration {
	if d := retryAfter(resp.Header); d > 0 {
		return min(d, maxHold)
	}
	if r, ok := parseRate(resp.Header); ok && r.Remaining == 0 {
		wait := r.Reset.Sub(c.clock.Now())
		if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil && (wait <= 0 || wait > maxHold) {
			wait = r.Reset.Sub(date) // our clock is off; GitHub's own is as good
		}
		return min(max(wait, time.Second), maxHold)
	}
	return c.budget.strike()
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

// message is what GitHub said, and which permission it would want.
func (c *Client) message(resp *http.Response, said *gh.ErrorResponse) string {
	text := said.Message
	if text == "" {
		text = http.StatusText(resp.StatusCode)
	}
	for _, detail := range said.Errors {
		if detail.Message == "" && detail.Field != "" {
			text += "; " + detail.Field + " " + detail.Code
		}
		if detail.Message != "" && !strings.Contains(text, detail.Message) {
			text += "; " + detail.Message
		}
	}
	if resp.StatusCode == http.StatusForbidden {
		// The header comes with every answer, also when the reason is another one.
		if wanted := resp.Header.Get("X-Accepted-GitHub-Permissions"); wanted != "" && aboutAccess(text) {
			text += " (needs the permission " + wanted + ")"
		}
		if strings.HasPrefix(resp.Header.Get("X-GitHub-SSO"), "required") {
			text += " (the token must be authorised for the organisation's single sign-on)"
		}
	}
	return c.oneLine(text)
}

// aboutAccess reports whether a 403 is for want of a permission: GitHub words it for Apps, fine-grained tokens and people.
func aboutAccess(said string) bool {
	said = strings.ToLower(said)
	return strings.Contains(said, "resource not accessible") || strings.Contains(said, "admin rights") || strings.Contains(said, "write access")
}

// oneLine makes text fit for an error: no line breaks, no secrets, at most 300 characters.
func (c *Client) oneLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	runes := []rune(c.secrets.mask(text))
	if len(runes) > 300 {
		return string(runes[:299]) + "…"
	}
	return string(runes)
}

// noAnswer turns a failed exchange into an *Error. The failure's own text is never used: it holds the address.
func (c *Client) noAnswer(ctx context.Context, k call, err error) *Error {
	var renewal *ghinstallation.HTTPError
	if errors.As(err, &renewal) {
		return c.noToken(ctx, k, renewal)
	}
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

// noToken is the failure to renew an App's installation token. The call itself was never sent.
func (c *Client) noToken(ctx context.Context, k call, renewal *ghinstallation.HTTPError) *Error {
	if renewal.Response == nil {
		e := c.noAnswer(ctx, k, renewal.RootCause)
		e.Op, e.Unclear = "renew the App's token", false
		return e
	}
	said, _ := io.ReadAll(io.LimitReader(renewal.Response.Body, maxBody)) // an answer cut short says less
	renewal.Response.Body.Close()                                         // left open by the library on this path
	e := c.refusal(call{op: "renew the App's token", method: http.MethodGet, about: k.about}, renewal.Response, said)
	if e.Status == http.StatusNotFound || e.Status == http.StatusUnauthorized {
		e.advice = "GitHub does not accept the App's key, ID or installation ID; whoever runs Shipmate has to check them."
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
