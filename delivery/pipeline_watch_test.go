package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
)

// hidingUnless is hiding until allowed is true.
func hidingUnless(allowed *atomic.Bool, words ...string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		hidden := hiding(words...)(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if allowed.Load() {
				next.ServeHTTP(w, r)
				return
			}
			hidden.ServeHTTP(w, r)
		})
	}
}

// hiding answers 403 for paths that contain one of the words, as to a token without the permission.
func hiding(words ...string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, word := range words {
				if strings.Contains(r.URL.Path, word) {
					w.Header().Set("Content-Type", "application/json")
					w.WriteHeader(http.StatusForbidden)
					_, _ = w.Write([]byte(`{"message":"Resource not accessible by personal access token"}`))
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

func (s *stage) request() string {
	s.asked++
	return fmt.Sprintf("req-%d", s.asked)
}

// watches asks for a watch of main.
func (s *stage) watches() *delivery.Watch {
	s.Helper()
	w, err := s.Watch(context.Background(), delivery.WatchWant{Request: s.request(), At: s.clock.Now(), By: "U0ANA", Channel: "C0PAY",
		Look: delivery.Look{Service: "checkout"}})
	if err != nil {
		s.Fatal(err)
	}
	return w
}

func (s *stage) watched(id string) *delivery.Watch {
	s.Helper()
	w, err := s.Watched(context.Background(), id)
	if err != nil {
		s.Fatal(err)
	}
	return w
}

// stepWatch takes one step and moves the clock to the next; false when there is none.
func (s *stage) stepWatch(id string) bool {
	s.Helper()
	next, err := s.StepWatch(context.Background(), id)
	if err != nil {
		s.Fatalf("step: %v", err)
	}
	if next.After(s.clock.Now()) {
		s.clock.Set(next)
	}
	return !next.IsZero()
}

func (s *stage) untilWatch(id string, what string, ok func(*delivery.Watch) bool) *delivery.Watch {
	s.Helper()
	for range 1000 {
		if w := s.watched(id); ok(w) {
			return w
		}
		if !s.stepWatch(id) {
			break
		}
	}
	w := s.watched(id)
	if !ok(w) {
		s.Fatalf("never %s: %+v", what, w)
	}
	return w
}

func over(w *delivery.Watch) bool { return w.State == delivery.Over }

func TestWatchFollowsToTheEndAcrossARestart(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ci(githubtest.FailAt("test", "Unit tests", "boom"))
	w := s.watches()
	if w.State != delivery.Watching || w.Round != 1 || w.Home != "#payments" {
		t.Fatalf("%+v", w)
	}
	s.untilWatch(w.ID, "running", func(w *delivery.Watch) bool { return w.Seen.Tally.Running > 0 })
	s.connect(time.Second) // the process died and is back
	w = s.untilWatch(w.ID, "over", over)
	if w.Seen.Tally.Failed != 1 || w.Seen.Failure == nil || len(w.Seen.Failure.Log) == 0 || w.Ended.IsZero() {
		t.Fatalf("%+v", w.Seen)
	}
	if s.stepWatch(w.ID) {
		t.Error("it goes on after its end")
	}
}

// The appointment is written with the record, so that a watch nobody stepped is found by the next process.
func TestWatchHasItsAppointment(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ci()
	w := s.watches()
	found := 0
	if err := s.db.View(context.Background(), func(snap store.Snapshot) error {
		for key := range snap.Scan("pipeline/due/", "") {
			if strings.HasSuffix(key, "/"+w.ID) {
				found++
			}
		}
		return nil
	}); err != nil || found != 1 {
		t.Fatalf("%d appointments, %v", found, err)
	}
}

func TestSameRequestWatchesOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ci()
	want := delivery.WatchWant{Request: "r", At: s.clock.Now(), By: "U0ANA", Look: delivery.Look{Service: "shop"}}
	first, err := s.Watch(context.Background(), want)
	if err != nil {
		t.Fatal(err)
	}
	s.ci()
	s.github.Down(true)
	second, err := s.Watch(context.Background(), want)
	if err != nil || second.ID != first.ID || second.Seen.Commit != first.Seen.Commit {
		t.Fatalf("%+v, %v", second, err)
	}
}

func TestWatchOfWhatHasEnded(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ci()
	s.clock.Advance(time.Hour)
	if w := s.watches(); w.State != delivery.Over || w.Round != 0 || !w.Seen.Good() {
		t.Fatalf("%+v", w)
	}
}

func TestWatchOfNothingEndsSoon(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := s.watches()
	begun := s.clock.Now()
	w = s.untilWatch(w.ID, "over", over)
	if took := s.clock.Now().Sub(begun); took < 2*time.Minute || took > 3*time.Minute || w.Seen.Tally.Total != 0 {
		t.Fatalf("after %s: %+v", took, w)
	}
}

func TestWatchIsPoliteAndGivesUp(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ci(githubtest.HangAt("test", "Unit tests"))
	w := s.watches()
	begun, steps, last := s.clock.Now(), 0, time.Duration(0)
	for s.watched(w.ID).State == delivery.Watching && steps <= 500 {
		before := s.clock.Now()
		if !s.stepWatch(w.ID) {
			break
		}
		pause := s.clock.Now().Sub(before)
		if steps++; pause < last && s.clock.Now().Before(w.Until) {
			t.Fatalf("after %s it looks again in %s, before in %s", before.Sub(begun), pause, last)
		}
		last = pause
	}
	w = s.watched(w.ID)
	if w.State != delivery.GivenUp || w.Ended.Sub(begun) != delivery.WatchFor || w.Seen.Tally.Running != 1 {
		t.Fatalf("%s after %s and %d looks: %+v", w.State, w.Ended.Sub(begun), steps, w.Seen.Tally)
	}
}

func TestWatchTellsThatGitHubIsAway(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ci()
	w := s.watches()
	s.github.Down(true)
	for range 4 {
		s.stepWatch(w.ID)
	}
	if w = s.watched(w.ID); w.Unread == nil || w.Unread.Why == "" || w.State != delivery.Watching {
		t.Fatalf("%+v", w)
	}
	s.github.Down(false)
	if w = s.untilWatch(w.ID, "over", over); w.Unread != nil || !w.Seen.Good() {
		t.Fatalf("%+v", w)
	}
	s.github.Down(true)
	_, err := s.Watch(context.Background(), delivery.WatchWant{Request: "x", At: s.clock.Now(), Look: delivery.Look{Service: "checkout"}})
	var user interface{ UserMessage() string }
	if !errors.As(err, &user) || !strings.Contains(user.UserMessage(), "GitHub") {
		t.Fatalf("%v", err)
	}
}

func TestSweepTakesOldWatches(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.ci(githubtest.FailAt("test", "Unit tests"))
	s.clock.Advance(time.Minute)
	ended := s.untilWatch(s.reruns(delivery.FailedJobs).ID, "over", over)
	s.ci(githubtest.HangAt("test", "Unit tests"))
	open := s.watches()
	s.clock.Advance(500 * 24 * time.Hour)
	if _, err := s.Sweep(context.Background(), s.clock.Now().Add(-400*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Watched(context.Background(), ended.ID); !errors.Is(err, delivery.ErrNotFound) {
		t.Errorf("the old one: %v", err)
	}
	s.watched(open.ID)
	if err := s.db.View(context.Background(), func(snap store.Snapshot) error {
		for key := range snap.Scan("delivery/rerun", "") {
			t.Errorf("%s is left", key)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
