package github

import (
	"bytes"
	"io"
	"net/http"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	maxCachedEntries = 2000
	maxCachedBytes   = 24 << 20
	maxCachedBody    = 1 << 20
)

// etagCache makes reading again cheap: it sends the validator of what it holds, and gives the held body as a plain
// 200 when GitHub answers 304, which does not count against the primary limit (GitHub REST: Best practices). GitHub
// is asked every time, so nothing is ever shown that the token may no longer see.
//
// Entries are found by method, address and Accept, not by credentials, since one cache serves one identity. GitHub's
// ETags depend on the token: after an App's hourly renewal the first read of each address costs a full answer, unless
// the answer had no ETag but a Last-Modified, which outlives the token.
type etagCache struct {
	next http.RoundTripper

	mu    sync.Mutex
	lru   *simplelru.LRU[string, *cached]
	bytes int
}

type cached struct {
	etag, modified string
	header         http.Header
	body           []byte
}

func newETagCache(next http.RoundTripper) *etagCache {
	c := &etagCache{next: next}
	c.lru, _ = simplelru.NewLRU(maxCachedEntries, func(_ string, old *cached) { c.bytes -= len(old.body) }) // fails only for a size below one
	return c
}

// RoundTrip sends req, with a validator when the answer is held.
func (c *etagCache) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet || req.Header.Get("Range") != "" {
		return c.next.RoundTrip(req)
	}
	key := req.Method + " " + req.URL.String() + " " + req.Header.Get("Accept")
	held := c.find(key)
	if held != nil {
		req = req.Clone(req.Context())
		held.validate(req.Header)
	}
	resp, err := c.next.RoundTrip(req)
	switch {
	case err != nil:
		return nil, err
	case held != nil && resp.StatusCode == http.StatusNotModified:
		return held.replay(resp), nil
	case resp.StatusCode == http.StatusOK:
		return c.keep(key, resp)
	}
	return resp, nil
}

func (c *etagCache) find(key string) *cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	held, _ := c.lru.Get(key)
	return held
}

// keep reads the body so that it can be held. A body beyond the limit is passed on as it comes.
func (c *etagCache) keep(key string, resp *http.Response) (*http.Response, error) {
	fresh := &cached{etag: resp.Header.Get("ETag"), modified: resp.Header.Get("Last-Modified")}
	if fresh.etag == "" && fresh.modified == "" {
		return resp, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxCachedBody+1))
	if err != nil {
		resp.Body.Close()
		return nil, err
	}
	if len(body) > maxCachedBody {
		resp.Body = rest{io.MultiReader(bytes.NewReader(body), resp.Body), resp.Body}
		return resp, nil
	}
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	fresh.header, fresh.body = resp.Header.Clone(), body
	c.store(key, fresh)
	return resp, nil
}

func (c *etagCache) store(key string, fresh *cached) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lru.Remove(key) // so that its bytes are counted off
	c.lru.Add(key, fresh)
	c.bytes += len(fresh.body)
	for c.bytes > maxCachedBytes {
		c.lru.RemoveOldest()
	}
}

func (h *cached) validate(header http.Header) {
	if h.etag != "" {
		header.Set("If-None-Match", h.etag)
		return
	}
	header.Set("If-Modified-Since", h.modified)
}

// replay is the held answer with what the 304 says about limits, date and pages.
func (h *cached) replay(live *http.Response) *http.Response {
	live.Body.Close()
	header := h.header.Clone()
	for name, values := range live.Header {
		header[name] = values
	}
	for _, name := range []string{"Content-Length", "Content-Type"} {
		if v, held := h.header[name]; held {
			header[name] = v
		}
	}
	replayed := *live
	replayed.Status, replayed.StatusCode = "200 OK", http.StatusOK
	replayed.Header = header
	replayed.Body = io.NopCloser(bytes.NewReader(h.body))
	replayed.ContentLength = int64(len(h.body))
	return &replayed
}

// rest reads from one place and closes another.
type rest struct {
	io.Reader
	io.Closer
}
