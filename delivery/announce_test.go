package delivery_test

import (
	"context"
	"strings"
	"testing"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
)

func TestAnnouncedOnceAtWhatIsNamed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first := s.ships("First", to("production"))
	if got := strings.Join(s.heard, "|"); got != first.ID+" #general" {
		t.Fatalf("announced %q", got)
	}
	s.ships("Elsewhere")
	second := s.ships("Second", to("production"))
	s.heard = nil
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	back, err := s.backs(to("production"))
	if err != nil {
		t.Fatal(err)
	}
	s.until(back.ID, delivery.Failed)
	if got := strings.Join(s.heard, "|"); got != back.ID+" #releases|"+back.ID+" #general" {
		t.Fatalf("announced %q, though nothing was rolled back", got)
	}
	s.heard = nil
	again, err := s.Retry(context.Background(), back.ID, s.want())
	if err != nil {
		t.Fatal(err)
	}
	s.until(again.ID, delivery.Succeeded)
	if got := strings.Join(s.heard, "|"); got != again.ID+" #general|"+second.ID+" #releases" {
		t.Fatalf("announced %q", got)
	}
	if now := s.now(second.ID); strings.Join(now.Announced, " ") != "#general #releases" {
		t.Errorf("%q", now.Announced)
	}
}
