package github

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	shaA = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	shaB = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	shaC = "deadbeefcccccccccccccccccccccccccccccccc"
)

// commitsServer knows commits by the names given to the commits API.
func commitsServer(t *testing.T, byName map[string]string) *fake {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		name, isCommit := strings.CutPrefix(r.URL.Path, "/repos/acme/shop/commits/")
		sha, known := byName[name]
		switch {
		case isCommit && known:
			reply(w, 200, map[string]any{"sha": sha, "html_url": "https://github.com/acme/shop/commit/" + sha,
				"author": map[string]any{"login": "ana"},
				"commit": map[string]any{"message": "Fix the tax\n\nDetails.", "author": map[string]any{"name": "Ana A."},
					"committer": map[string]any{"date": "2026-11-20T10:00:00+01:00"}}})
		case isCommit:
			refusing(422, "No commit found for SHA: "+name)(w, r)
		case r.URL.Path == "/repos/acme/shop":
			reply(w, 200, map[string]any{"default_branch": "trunk"})
		case r.URL.Path == "/repos/acme/shop/branches":
			reply(w, 200, []map[string]any{{"name": "main"}, {"name": "maintenance"}})
		case r.URL.Path == "/repos/acme/shop/tags":
			reply(w, 200, []map[string]any{{"name": "v1.0.0"}})
		default:
			refusing(404, "Not Found")(w, r)
		}
	})
}

func TestResolve(t *testing.T) {
	t.Parallel()
	f := commitsServer(t, map[string]string{
		"heads/trunk": shaA, "heads/feature/tax 2": shaA, "heads/feature/größe": shaB, "tags/v1.0.0": shaB,
		"heads/both": shaA, "tags/both": shaB, "heads/deadbee": shaA, "deadbeef": shaC, shaC: shaC, "cafecafe": shaA,
	})
	c := f.client(t)
	for _, tt := range []struct {
		ask, sha, ref string
		kind          RefKind
		branch        string
	}{
		{"", shaA, "trunk", RefBranch, "trunk"},
		{"HEAD", shaA, "trunk", RefBranch, "trunk"},
		{" trunk ", shaA, "trunk", RefBranch, "trunk"},
		{"feature/größe", shaB, "feature/größe", RefBranch, "feature/größe"},
		{"v1.0.0", shaB, "v1.0.0", RefTag, ""},
		{"both", shaA, "both", RefBranch, "both"},
		{"refs/tags/both", shaB, "refs/tags/both", RefTag, ""},
		{"refs/heads/both", shaA, "refs/heads/both", RefBranch, "both"},
		{"deadbee", shaA, "deadbee", RefBranch, "deadbee"},
		{"DEADBEEF", shaC, "DEADBEEF", RefCommit, ""},
		{shaC, shaC, shaC, RefCommit, ""},
	} {
		got, err := c.Resolve(t.Context(), "acme/shop", tt.ask)
		if err != nil {
			t.Errorf("%q: %v", tt.ask, err)
			continue
		}
		want := Commit{SHA: tt.sha, Subject: "Fix the tax", Author: "ana", AuthorLogin: "ana", URL: "https://github.com/acme/shop/commit/" + tt.sha,
			Date: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), Ref: tt.ref, Kind: tt.kind, Branch: tt.branch}
		if got != want {
			t.Errorf("%q: got %+v, want %+v", tt.ask, got, want)
		}
	}
	// Digits that GitHub reads as something else than the beginning of a SHA are not that commit.
	for _, ask := range []string{"cafecafe", "1234567", "mian", "refs/heads/v1.0.0", "deadb"} {
		_, err := c.Resolve(t.Context(), "acme/shop", ask)
		var missing *RefNotFound
		if !errors.As(err, &missing) || missing.Ref != ask {
			t.Errorf("%q: %v", ask, err)
		}
		if ask == "mian" && missing.UserMessage() != "acme/shop has no branch, tag or commit mian; did you mean main?" {
			t.Errorf("people are told %q", missing.UserMessage())
		}
	}
}

// A slash of a branch stays inside its place in the address, as everything else does.
func TestResolveEscapes(t *testing.T) {
	t.Parallel()
	f := commitsServer(t, map[string]string{"heads/feature/a%b#c": shaA})
	if _, err := f.client(t).Resolve(t.Context(), "acme/shop", "feature/a%b#c"); err != nil {
		t.Fatal(err)
	}
	if want := "GET /repos/acme/shop/commits/heads%2Ffeature%2Fa%25b%23c"; f.requests()[0] != want {
		t.Errorf("asked %s, want %s", f.requests()[0], want)
	}
}

// A repository that cannot be seen is not told as a missing branch, and GitHub's trouble is not told as either.
func TestResolveTellsTroubleApart(t *testing.T) {
	t.Parallel()
	_, err := commitsServer(t, nil).client(t).Resolve(t.Context(), "acme/unknown", "main")
	var e *Error
	if !errors.As(err, &e) || !IsNotFound(err) || e.UserMessage() != "GitHub does not know acme/unknown, or the token cannot see it." {
		t.Errorf("unknown repository: %v", err)
	}
	_, err = serve(t, refusing(500, "Server Error")).client(t).Resolve(t.Context(), "acme/shop", "main")
	if err == nil || IsNotFound(err) {
		t.Errorf("GitHub's trouble: %v", err)
	}
}
