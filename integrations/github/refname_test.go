package github

import (
	"errors"
	"strings"
	"testing"
)

func TestRefMistake(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"main", "feature/x", "v1.2.3", "fix_#12", "release-2026.11", "größe/ünïcode", "日本語", "a@b", "user/a.b/c", "{x}", "x'y\"z", "a;b&&c", "100%"} {
		if why := refMistake(good); why != "" {
			t.Errorf("%q refused: %s", good, why)
		}
	}
	for _, bad := range []string{"-x", "--upload-pack=x", "a..b", "../x", "a/../b", "main@{1}", "@", "a b", "a\tb", "a\nb", "a\x00b", "a\u200bb", "a\u00a0b",
		"main~1", "main^", "a:b", "a?b", "a*", "a[b", `a\b`, "/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a.lock/b", "a.", "\xff\xfe", strings.Repeat("x", 251)} {
		if refMistake(bad) == "" {
			t.Errorf("%q taken", bad)
		}
	}
}

// What cannot be a ref is refused before GitHub is asked, whatever it would mean in an address.
func TestBadRefsAreNotSent(t *testing.T) {
	t.Parallel()
	f := serve(t, refusing(404, "Not Found"))
	c := f.client(t)
	for _, ref := range []string{"../../user", "..", "-x", "main@{yesterday}", "main?x=1", "a b"} {
		_, err := c.Resolve(t.Context(), "acme/shop", ref)
		var bad *RefNotFound
		if !errors.As(err, &bad) || bad.Why == "" || !IsNotFound(err) {
			t.Errorf("%q: %v", ref, err)
		}
		if _, err := c.Compare(t.Context(), "acme/shop", "main", ref); err == nil {
			t.Errorf("compared with %q", ref)
		}
		if names, err := c.Branches(t.Context(), "acme/shop", ref, 10); err != nil || len(names) != 0 {
			t.Errorf("branches like %q: %v, %v", ref, names, err)
		}
	}
	if len(f.requests()) != 0 {
		t.Errorf("sent %v", f.requests())
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"main", "master", "release/2026-11", "feature/checkout-tax", "v1.2.0", "v1.2.1", "v2.0.0", "maint", "main"}
	for ref, want := range map[string]string{
		"mian":         "main",
		"MAIN":         "main maint",
		"v1.2.2":       "v1.2.0 v1.2.1",
		"checkout-tax": "feature/checkout-tax",
		"2026":         "release/2026-11",
		"zzzzzzzz":     "",
	} {
		if got := strings.Join(nearest(ref, names), " "); got != want {
			t.Errorf("%q: got %q, want %q", ref, got, want)
		}
	}
}
