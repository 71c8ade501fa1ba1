package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody bounds an answer. The largest we ask for is a comparison with 300 files of patches.
const maxBody = 32 << 20

// call is one request to the API.
type call struct {
	op     string // for errors and logs: "read a branch"
	about  string // what it is about, for people: acme/foo
	method string
	path   []string // segments, escaped one by one
	query  url.Values
	body   any
	out    any  // decoded from a 2xx answer; nil drops the body
	asApp  bool // signed as the App itself, not as its installation

	redirect *string // set: the answer is a redirect, not followed, and this is where it points
}

func get(op, about string, path []string, query url.Values, out any) call {
	return call{op: op, about: about, method: http.MethodGet, path: path, query: query, out: out}
}

func post(op, about string, path []string, body, out any) call {
	return call{op: op, about: about, method: http.MethodPost, path: path, body: body, out: out}
}

func (k call) changes() bool { return k.method != http.MethodGet }

// answer is what is left of a good response.
type answer struct {
	status int
	header http.Header
	next   string // the next page's number; empty on the last page
	last   string // the last page's number; empty on the last page
}

// do is the one way to the API. It refuses at once when a limit holds or all slots are taken, sends changes once and
// reads up to three times (5xx, broken connections) within one time-out, and makes every failure an *Error.
func (c *Client) do(ctx context.Context, k call) (*answer, error) {
	if held := c.budget.heldFor(c.clock.Now()); held > 0 {
		return nil, &Error{Op: k.op, about: k.about, kind: kindHeld, RetryAfter: held, Message: "waiting for GitHub's rate limit"}
	}
	if err := c.takeTurn(ctx, k); err != nil {
		return nil, err
	}
	free, err := c.takeSlot(k)
	if err != nil {
		return nil, err
	}
	defer free()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	for try := 0; ; try++ {
		ans, err := c.attempt(ctx, k)
		if err == nil {
			return ans, nil
		}
		if k.changes() || try >= len(c.pauses) || !worthRepeating(err, c.pauses[try]) || !pause(ctx, c.pauses[try]) {
			return nil, err
		}
	}
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

// takeTurn spaces changes.
func (c *Client) takeTurn(ctx context.Context, k call) error {
	if !k.changes() {
		return nil
	}
	turn := c.writes.Reserve()
	wait := turn.Delay()
	if wait > maxWriteWait || wait > 0 && !pause(ctx, wait) {
		turn.Cancel()
		return &Error{Op: k.op, about: k.about, kind: kindBusy, RetryAfter: wait, Message: "too many changes at once"}
	}
	return nil
}

func worthRepeating(e *Error, within time.Duration) bool {
	if e.RetryAfter > within {
		return false
	}
	return e.kind == kindNetwork || e.kind == kindAnswer && e.Status >= 500
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
func (c *Client) attempt(ctx context.Context, k call) (*answer, *Error) {
	began := time.Now()
	req, err := c.request(ctx, k)
	if err != nil {
		return nil, refuse(k.op, k.about, "%s", c.oneLine(err.Error()))
	}
	resp, err := c.sender(k).Do(req)
	if err != nil {
		return nil, c.logged(ctx, k, began, c.noAnswer(ctx, k, err))
	}
	defer resp.Body.Close()
	c.budget.see(resp.Header, c.clock.Now())
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return nil, c.logged(ctx, k, began, c.noAnswer(ctx, k, err))
	}
	if fail := c.judge(k, resp, body); fail != nil {
		return nil, c.logged(ctx, k, began, fail)
	}
	c.budget.wellAgain()
	c.log.LogAttrs(ctx, slog.LevelDebug, "github call", slog.String("op", k.op), slog.String("about", k.about),
		slog.Int("status", resp.StatusCode), slog.Duration("took", time.Since(began)), slog.Int("remaining", c.Rate().Remaining))
	return &answer{status: resp.StatusCode, header: resp.Header, next: pageLink(resp.Header, "next"), last: pageLink(resp.Header, "last")}, nil
}

func (c *Client) sender(k call) *http.Client {
	if k.asApp {
		return &http.Client{Transport: c.appAuth, CheckRedirect: noRedirect}
	}
	if k.redirect != nil {
		return &http.Client{Transport: c.http.Transport, CheckRedirect: stopAtFound}
	}
	return c.http
}

func (c *Client) logged(ctx context.Context, k call, began time.Time, e *Error) *Error {
	c.log.LogAttrs(ctx, slog.LevelDebug, "github call", slog.String("op", k.op), slog.String("about", k.about),
		slog.Duration("took", time.Since(began)), slog.String("err", e.Error()))
	return e
}

// request builds k's request: go-github adds headers and encodes the body.
func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	segments := make([]string, len(k.path))
	for i, s := range k.path {
		if s == "" || s == "." || s == ".." {
			return nil, fmt.Errorf("%q cannot stand in an address", s)
		}
		segments[i] = url.PathEscape(s)
	}
	path := strings.Join(segments, "/")
	if len(k.query) > 0 {
		path += "?" + k.query.Encode()
	}
	req, err := c.requests.NewRequest(k.method, path, k.body)
	if err != nil {
		return nil, errors.New("the request cannot be built")
	}
	return req.WithContext(ctx), nil
}

// judge decides whether a response is good, and decodes it into k.out if so.
func (c *Client) judge(k call, resp *http.Response, body []byte) *Error {
	unreadable := &Error{Op: k.op, about: k.about, Status: resp.StatusCode, Unclear: k.changes()}
	switch {
	case k.redirect != nil && resp.StatusCode == http.StatusFound:
		*k.redirect = resp.Header.Get("Location")
		return nil
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return c.refusal(k, resp, body)
	case resp.StatusCode == http.StatusAccepted && !k.changes():
		// For a read 202 means "not computed yet" (go-github's AcceptedError); for a change it is success.
		return &Error{Op: k.op, about: k.about, Status: resp.StatusCode, Message: "GitHub is still working it out", RetryAfter: time.Second}
	case k.out == nil || len(body) == 0:
		return nil
	case len(body) > maxBody:
		unreadable.Message = "the answer is too large"
		return unreadable
	}
	if err := json.Unmarshal(body, k.out); err != nil {
		unreadable.Message = "the answer is not what GitHub documents"
		return unreadable
	}
	return nil
}

// pageLink reads the page number of the link with this mark, such as next (GitHub REST: Pagination).
func pageLink(h http.Header, rel string) string {
	for link := range strings.SplitSeq(h.Get("Link"), ",") {
		address, params, found := strings.Cut(link, ";")
		if !found || !strings.Contains(params, `rel="`+rel+`"`) {
			continue
		}
		u, err := url.Parse(strings.Trim(strings.TrimSpace(address), "<>"))
		if err != nil {
			return ""
		}
		return u.Query().Get("page")
	}
	return ""
}
