package github

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A second read costs a 304 and gives the same answer, with the limits as they are now; a changed thing is seen at once.
func TestETagCache(t *testing.T) {
	t.Parallel()
	branch, remaining, full := "main", 5000, 0
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		remaining--
		w.Header().Set("ETag", `W/"`+branch+`"`)
		w.Header().Set("X-RateLimit-Limit", "5000")
		w.Header().Set("X-RateLimit-Remaining", fmt.Sprint(remaining))
		w.Header().Set("X-RateLimit-Reset", stamp(noon))
		if r.Header.Get("If-None-Match") == `W/"`+branch+`"` {
			w.WriteHeader(304)
			return
		}
		full++
		reply(w, 200, map[string]string{"default_branch": branch})
	})
	c := f.client(t)
	for _, want := range []string{"main", "main", "trunk", "trunk"} {
		branch = want
		got, err := c.DefaultBranch(t.Context(), "acme/shop")
		if err != nil || got != want {
			t.Fatalf("got %q, %v; want %q", got, err, want)
		}
		if c.Rate().Remaining != remaining {
			t.Errorf("rate %d, want the live %d", c.Rate().Remaining, remaining)
		}
	}
	if full != 2 {
		t.Errorf("%d full answers", full)
	}
	if _, err := c.DefaultBranch(t.Context(), "acme/other"); err != nil || full != 3 {
		t.Errorf("another address: %v after %d full answers", err, full)
	}
}

// What a token may no longer see is not shown from memory, and pages are kept apart.
func TestETagCacheForgetsNothingItShould(t *testing.T) {
	t.Parallel()
	gone := false
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if gone {
			refusing(404, "Not Found")(w, r)
			return
		}
		page := r.URL.Query().Get("page")
		if page == "" {
			page = "1"
			w.Header().Set("Link", `<http://x/y?page=2>; rel="next"`)
		}
		w.Header().Set("ETag", `"same"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(304)
			return
		}
		reply(w, 200, []map[string]string{{"name": "page-" + page}})
	})
	c := f.client(t)
	for range 2 {
		names, err := c.Branches(t.Context(), "acme/shop", "", 150)
		if err != nil || strings.Join(names, " ") != "page-1 page-2" {
			t.Fatalf("got %v, %v", names, err)
		}
	}
	gone = true
	if _, err := c.Branches(t.Context(), "acme/shop", "", 150); !IsNotFound(err) {
		t.Errorf("after it was hidden: %v", err)
	}
}

func TestETagCacheBounds(t *testing.T) {
	t.Parallel()
	size, etag := 900<<10, "e"
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") != "" && size > maxCachedBody {
			t.Error("a validator for something too large to keep")
		}
		io.WriteString(w, strings.Repeat("x", size))
	})
	cache := newETagCache(http.DefaultTransport)
	read := func(path string) {
		req, _ := http.NewRequest(http.MethodGet, f.URL+path, nil)
		resp, err := cache.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err != nil || len(body) != size {
			t.Fatalf("%d bytes, %v", len(body), err)
		}
	}
	for i := range 60 {
		read(fmt.Sprint("/", i))
	}
	if cache.bytes > maxCachedBytes || cache.bytes < maxCachedBytes/2 || cache.bytes != cache.lru.Len()*size {
		t.Errorf("%d entries in %d bytes", cache.lru.Len(), cache.bytes)
	}
	etag = "f"
	for i := 59; i >= 50; i-- { // still held, and changed since
		read(fmt.Sprint("/", i))
	}
	if cache.bytes != cache.lru.Len()*size {
		t.Errorf("after some were replaced: %d entries in %d bytes", cache.lru.Len(), cache.bytes)
	}
	size = maxCachedBody + 1
	read("/large")
	read("/large")
}
