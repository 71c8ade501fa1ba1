package githubtest_test

import (
	"strings"
	"testing"
	"time"

	"shipmate/integrations/github/githubtest"
)

// The address of an archive is another host's; it is good for a while and for that archive, and takes no credentials of GitHub's.
func TestArchiveAddress(t *testing.T) {
	t.Parallel()
	s := newStage(t, githubtest.Options{})
	to := s.wants(302, "GET", r+"/tarball/"+s.repo.Head("main"), "").header.Get("Location")
	at, found := strings.CutPrefix(to, strings.Replace(s.URL(), "127.0.0.1", "localhost", 1))
	if !found || !strings.HasPrefix(at, "_codeload/acme/checkout/legacy.tar.gz/") {
		t.Fatalf("it leads to %s", to)
	}
	bare, _, _ := strings.Cut(at, "?")
	none := []string{"Authorization", ""}
	if a := s.wants(200, "GET", at, "", none...); !strings.HasPrefix(string(a.body), "\x1f\x8b") || a.header.Get("Content-Type") != "application/x-gzip" {
		t.Errorf("%v", a.header)
	}
	s.wants(404, "GET", strings.Replace(at, s.repo.Head("main"), "main", 1), "", none...)
	s.wants(404, "GET", bare, "", none...)
	if len(s.Problems()) != 0 {
		t.Error(s.Problems())
	}
	s.wants(404, "GET", at, "")
	if len(s.Problems()) != 1 {
		t.Errorf("credentials went unnoticed: %v", s.Problems())
	}
	s.clock.Advance(5 * time.Minute)
	s.wants(404, "GET", at, "", none...)
	s.repo.Describe("", true)
	s.wants(200, "GET", bare, "", none...)
}
