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
	if _, err := s.backs(to("production")); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.heard, "|"); got != second.ID+" #releases" {
		t.Fatalf("announced %q", got)
	}
	if now := s.now(second.ID); strings.Join(now.Announced, " ") != "#general #releases" {
		t.Errorf("%q", now.Announced)
	}
	s.heard = nil
	s.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	back, err := s.History(context.Background(), "checkout", "production", 1)
	if err != nil {
		t.Fatal(err)
	}
	s.until(back[0].ID, delivery.Failed)
	if len(s.heard) != 2 {
		t.Errorf("announced %q", s.heard)
	}
}
