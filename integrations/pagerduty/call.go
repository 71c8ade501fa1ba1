package pagerduty

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// maxBody bounds an answer. The largest we ask for is a page of 100 incidents.
	maxBody = 16 << 20
	// maxEvent is the largest event PagerDuty takes ("PagerDuty: Events API v2 overview").
	maxEvent = 512 << 10
	// pageSize is the largest page there is, and window how far pages reach ("PagerDuty: Pagination").
	pageSize = 100
	window   = 10_000
)

// call is one request to the API.
type call struct {
	op     string // for errors and logs: "read an incident"
	about  string // what it is about, for people: incident Q1ABC
	method string
	path   []string // segments, escaped one by one
	query  url.Values
	body   any
	out    any    // decoded from a 2xx answer; nil drops the body
	from   string // in whose name; every change of the REST API has one
	events string // set: an event for this service, which carries its own key and no token
	limit  string // the tighter limit it counts against besides the general one; empty for none
}

// The operations with limits of their own ("PagerDuty: REST API rate limits").
const (
	limitOnCalls = "GET /oncalls"
	limitCreate  = "POST /incidents"
)

func get(op, about string, path []string, query url.Values, out any) call {
	return call{op: op, about: about, method: http.MethodGet, path: path, query: query, out: out}
}

func (k call) changes() bool { return k.method != http.MethodGet }

// bucket names the limit a call counts against.
func (k call) bucket() string {
	if k.events != "" {
		return "events of " + k.events
	}
	return k.limit
}

// do is the one way to the API. It refuses at once when a limit holds or all slots are taken, sends changes once and
// reads up to three times (5xx, broken connections) within one time-out, and makes every failure an *Error.
func (c *Client) do(ctx context.Context, k call) error {
	if k.events == "" && !c.token {
		return &Error{Op: k.op, about: k.about, kind: kindNotConfigured, Message: "no token given"}
	}
	if held := c.budget.heldFor(k, c.clock.Now()); held > 0 {
		return &Error{Op: k.op, about: k.about, kind: kindHeld, RetryAfter: held, Message: "waiting for PagerDuty's rate limit"}
	}
	free, err := c.takeSlot(k)
	if err != nil {
		return err
	}
	defer free()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	for try := 0; ; try++ {
		err := c.attempt(ctx, k)
		if err == nil {
			return nil
		}
		if k.changes() || try >= len(c.pauses) || !worthRepeating(err, c.pauses[try]) || !pause(ctx, c.pauses[try]) {
			return err
		}
	}
}

// inName sends a change of the REST API in somebody's name; "" is Shipmate's own.
func (c *Client) inName(ctx context.Context, from string, k call) error {
	if k.from = from; from == "" {
		k.from = c.from
	}
	switch {
	case k.from == "":
		e := refuse(k.op, k.about, "nobody to act for: no e-mail address given and none configured")
		e.advice = "Shipmate has no PagerDuty user to act as; whoever runs it has to set pagerduty.from."
		return e
	case !plausibleEmail(k.from):
		return refuse(k.op, k.about, "%s is no e-mail address to act for", c.oneLine(strconv.Quote(k.from)))
	}
	return c.do(ctx, k)
}

// takeSlot takes one of the slots, or refuses at once.
func (c *Client) takeSlot(k call) (free func(), err error) {
	select {
	case c.slots <- struct{}{}:
		return func() { <-c.slots }, nil
	default:
		return nil, &Error{Op: k.op, about: k.about, kind: kindBusy, RetryAfter: time.Second,
			Message: fmt.Sprintf("%d calls are under way already", cap(c.slots))}
	}
}

func worthRepeating(e *Error, within time.Duration) bool {
	if e.RetryAfter > within {
		return false
	}
	return e.kind == kindNetwork || e.kind == kindAnswer && (e.Status >= 500 || e.Code == codeTimeout)
}

// pause waits on real time: it is part of a network call. It reports false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// attempt sends k once.
func (c *Client) attempt(ctx context.Context, k call) *Error {
	began := time.Now()
	req, err := c.request(ctx, k)
	if err != nil {
		return refuse(k.op, k.about, "%s", c.oneLine(err.Error()))
	}
	resp, err := c.lib.Do(req, k.events == "")
	if err != nil {
		return c.logged(ctx, k, began, c.noAnswer(ctx, k, err))
	}
	defer resp.Body.Close()
	c.budget.see(k, resp.Header, c.clock.Now())
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return c.logged(ctx, k, began, c.noAnswer(ctx, k, err))
	}
	if fail := c.judge(k, resp, body); fail != nil {
		return c.logged(ctx, k, began, fail)
	}
	c.budget.wellAgain(k)
	c.log.LogAttrs(ctx, slog.LevelDebug, "pagerduty call", slog.String("op", k.op), slog.String("about", k.about),
		slog.Int("status", resp.StatusCode), slog.Duration("took", time.Since(began)), slog.Int("remaining", c.Rate().Remaining))
	return nil
}

func (c *Client) logged(ctx context.Context, k call, began time.Time, e *Error) *Error {
	c.log.LogAttrs(ctx, slog.LevelDebug, "pagerduty call", slog.String("op", k.op), slog.String("about", k.about),
		slog.Duration("took", time.Since(began)), slog.String("err", e.Error()))
	return e
}

// request builds k's request.
func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	address := *c.api
	if k.events != "" {
		address = *c.events
	}
	raw := address.EscapedPath()
	for _, s := range k.path {
		if s == "" || s == "." || s == ".." {
			return nil, fmt.Errorf("%q cannot stand in an address", s)
		}
		address.Path += "/" + s
		raw += "/" + url.PathEscape(s)
	}
	address.RawPath, address.RawQuery = raw, k.query.Encode()
	var body io.Reader
	if k.body != nil {
		encoded, err := json.Marshal(k.body)
		if err != nil {
			return nil, errors.New("the request cannot be built")
		}
		if k.events != "" && len(encoded) > maxEvent {
			return nil, fmt.Errorf("the event is too large: %d bytes, PagerDuty takes %d", len(encoded), maxEvent)
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, k.method, address.String(), body)
	if err != nil {
		return nil, errors.New("the request cannot be built")
	}
	if k.from != "" {
		req.Header.Set("From", k.from)
	}
	return req, nil
}

// judge decides whether a response is good, and decodes it into k.out if so.
func (c *Client) judge(k call, resp *http.Response, body []byte) *Error {
	unreadable := &Error{Op: k.op, about: k.about, Status: resp.StatusCode, Unclear: k.changes()}
	switch {
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return c.refusal(k, resp, body)
	case len(body) > maxBody:
		unreadable.Message = "the answer is too large"
		return unreadable
	case k.out == nil && !aboutJSON(resp, body):
		// A captive portal says 200 to everything: it must not pass for an event taken or an incident resolved.
		unreadable.Message = "the answer is not what PagerDuty documents"
		return unreadable
	case k.out == nil:
		return nil
	}
	if err := json.Unmarshal(body, k.out); err != nil {
		unreadable.Message = "the answer is not what PagerDuty documents"
		return unreadable
	}
	return nil
}

// aboutJSON reports an answer whose body is JSON or nothing.
func aboutJSON(resp *http.Response, body []byte) bool {
	return len(bytes.TrimSpace(body)) == 0 && !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || json.Valid(body)
}

// all reads a list to its end, page by page ("PagerDuty: Pagination"). What lies beyond the last page there can be is an
// error: half a list would pass for the whole.
func all[T any](ctx context.Context, c *Client, k call, name string) ([]T, error) {
	var out []T
	query := url.Values{}
	for key, values := range k.query {
		query[key] = values
	}
	query.Set("limit", strconv.Itoa(pageSize))
	for offset := 0; ; {
		query.Set("offset", strconv.Itoa(offset))
		var page map[string]json.RawMessage
		k.query, k.out = query, &page
		if err := c.do(ctx, k); err != nil {
			return nil, err
		}
		var items []T
		var more bool
		limit := pageSize
		if page[name] == nil || json.Unmarshal(page[name], &items) != nil || optional(page["more"], &more) != nil || optional(page["limit"], &limit) != nil {
			return nil, &Error{Op: k.op, about: k.about, Status: http.StatusOK, Message: "the answer is not what PagerDuty documents"}
		}
		out = append(out, items...)
		if !more {
			return out, nil
		}
		if limit <= 0 { // it says more and moves nowhere
			limit = pageSize
		}
		if offset += limit; offset+pageSize > window {
			e := &Error{Op: k.op, about: k.about, kind: kindMissing, Message: fmt.Sprintf("there are more than PagerDuty gives out (%d)", window)}
			e.advice = fmt.Sprintf("PagerDuty has more of these than the %d it gives out; ask for fewer.", window)
			return nil, e
		}
	}
}

func optional(raw json.RawMessage, v any) error {
	if raw == nil {
		return nil
	}
	return json.Unmarshal(raw, v)
}
