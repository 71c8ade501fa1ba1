package schedule_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
	"shipmate/schedule"
	"shipmate/store"
	"shipmate/store/storetest"
)

// monday is nine in the morning in Berlin.
var monday = time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)

const stageYAML = `
slack: {admin_channel: "#platform"}
teams:
  payments: {channel: "#payments", slack_group: payments-eng, timezone: Europe/Berlin, holidays: ["2026-03-11"]}
services: {checkout: {repo: acme/checkout, team: payments, environments: [staging]}}
environments: {staging: {}}
`

const ana, ben = "U0ANA", "U0BEN"

// stage is a Service with a clock that the test moves.
type stage struct {
	*testing.T
	*schedule.Service
	clock  *clock.Manual
	db     store.DB
	config *config.Config
	github *githubtest.Server

	sources schedule.Sources
	digests map[string]time.Time // when those that were made are to be stepped
	logins  map[string]string    // on GitHub

	mu   sync.Mutex
	ran  []schedule.Line
	said []string // notes, by whom they are for
	run  func(schedule.Line) (schedule.Ran, error)
	may  func(person, line string) error
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{T: t, clock: clock.NewManual(monday), db: storetest.Rerunning(storetest.New(t))}
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(stageYAML), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	s.config = cfg
	s.sources.Login = func(_ context.Context, login string) string { return login }
	s.github = githubtest.New(githubtest.Options{Clock: s.clock})
	t.Cleanup(s.github.Close)
	s.Service = s.service(s.db)
	return s
}

// service is a further one, as of another process.
func (s *stage) service(db store.DB) *schedule.Service {
	s.Helper()
	client, err := github.New(github.Config{APIURL: s.github.URL(), Token: githubtest.DefaultToken, Clock: s.clock, Timeout: 2 * time.Second})
	if err != nil {
		s.Fatal(err)
	}
	service, err := schedule.New(schedule.Config{DB: db, Clock: s.clock, Current: func() *config.Config { return s.config }, Sources: s.sources, GitHub: client,
		Log: slog.New(slog.DiscardHandler),
		Place: func(tx store.Tx, kind, id, channel string) error {
			return tx.Put("placed/"+store.Key(kind, id), []byte(channel))
		},
		Changed: func(tx store.Tx, kind, id string) error { return tx.Put("changed/"+store.Key(kind, id), []byte{}) },
		Run: func(_ context.Context, l schedule.Line) (schedule.Ran, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.ran = append(s.ran, l)
			if s.run != nil {
				return s.run(l)
			}
			return done(l), nil
		},
		Try: func(_ context.Context, person, line string) error {
			if s.may != nil {
				return s.may(person, line)
			}
			return nil
		},
		People: schedule.People{GitHub: func(_ store.Getter, person string) (string, error) { return s.logins[person], nil },
			Name: func(_ context.Context, person string) string {
				return strings.ToLower(strings.TrimPrefix(person, "U0"))
			}},
		Tell: func(_ store.Tx, n schedule.Note) error { return s.note(n.Person, n) },
		Say:  func(_ store.Tx, channel string, n schedule.Note) error { return s.note(channel, n) }})
	if err != nil {
		s.Fatal(err)
	}
	return service
}

// done is a line that went well. Its answer is written under a key of its own, to be counted.
func done(l schedule.Line) schedule.Ran {
	return schedule.Ran{Outcome: schedule.Outcome{Fate: schedule.Done, Said: "done " + l.Text}, Write: answers(l)}
}

func answers(l schedule.Line) func(store.Tx) error {
	return func(tx store.Tx) error { return tx.Put("answer/"+store.Key(l.ID), []byte(l.Text)) }
}

func (s *stage) note(to string, n schedule.Note) error {
	line := to + " " + string(n.Kind) + " " + n.ID
	for _, was := range s.said { // the transaction may run again
		if was == line {
			return nil
		}
	}
	s.said = append(s.said, line)
	return nil
}

var requests atomic.Int64

// want is a line of ana's.
func want(cron string, fns ...func(*schedule.Want)) schedule.Want {
	w := schedule.Want{Request: fmt.Sprintf("r%d", requests.Add(1)), At: monday, By: ana, Channel: "C0PAY", Team: "payments", Cron: cron, Zone: "Europe/Berlin",
		Missed: schedule.CatchUp, Line: "deploy status checkout"}
	for _, fn := range fns {
		fn(&w)
	}
	return w
}

func (s *stage) adds(w schedule.Want) *schedule.Schedule {
	s.Helper()
	w.At = s.clock.Now()
	one, err := s.Add(s.Context(), w)
	if err != nil {
		s.Fatal(err)
	}
	return one
}

// by is that somebody wants a schedule changed.
func (s *stage) by(person string, one *schedule.Schedule) schedule.ChangeWant {
	return schedule.ChangeWant{Request: fmt.Sprintf("r%d", requests.Add(1)), At: s.clock.Now(), By: person, ID: one.ID}
}

// steps steps a schedule as the runner does, whenever it is due, until a time.
func (s *stage) steps(one *schedule.Schedule, until time.Time) {
	s.Helper()
	for range 100_000 {
		next, err := s.StepSchedule(s.Context(), one.ID)
		var wait interface{ RetryAfter() time.Duration }
		switch {
		case errors.As(err, &wait):
			next = s.clock.Now().Add(wait.RetryAfter())
		case err != nil:
			s.Fatal(err)
		}
		if next.IsZero() || next.After(until) {
			s.clock.Set(until)
			return
		}
		if next.After(s.clock.Now()) {
			s.clock.Set(next)
		}
	}
	s.Fatal("it is due for ever")
}

// became is what became of a schedule's times, oldest first: "Mon 9 Mar 09:00 done".
func (s *stage) became(one *schedule.Schedule) []string {
	s.Helper()
	all, err := s.Happened(s.Context(), one.ID, schedule.MaxHappenings)
	if err != nil {
		s.Fatal(err)
	}
	zone := one.Location()
	var out []string
	for _, h := range all {
		line := h.At.In(zone).Format("Mon 2 Jan 15:04")
		if h.Count() > 1 {
			line += fmt.Sprintf(" to %s (%d)", h.Until.In(zone).Format("Mon 2 Jan 15:04"), h.Count())
		}
		line += " " + string(h.Fate)
		if h.Why != "" {
			line += ": " + string(h.Why)
		}
		if h.By != "" {
			line += " by " + h.By
		}
		if h.LateBy() > 0 {
			line += " late by " + h.LateBy().String()
		}
		out = append([]string{line}, out...)
	}
	return out
}

func (s *stage) is(what string, got, want any) {
	s.Helper()
	if g, w := flat(got), flat(want); g != w {
		s.Errorf("%s:\n%s\nwant:\n%s", what, g, w)
	}
}

func flat(v any) string {
	if lines, ok := v.([]string); ok {
		return strings.Join(lines, "\n")
	}
	return fmt.Sprint(v)
}

func (s *stage) refuses(code schedule.Code, err error) {
	s.Helper()
	var r *schedule.Refused
	if !errors.As(err, &r) || r.Code != code {
		s.Errorf("%v, want a refusal %s", err, code)
	}
}

// everything is all that became of a schedule, newest first.
func (s *stage) everything(one *schedule.Schedule) (out []schedule.Happening) {
	s.Helper()
	err := s.db.View(s.Context(), func(snap store.Snapshot) error {
		out = nil
		for _, value := range snap.Scan("schedule/happened/"+one.ID+"/", "") {
			var h schedule.Happening
			if err := json.Unmarshal(value, &h); err != nil {
				return err
			}
			out = append(out, h)
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return out
}

// now is a schedule as it is now.
func (s *stage) now(one *schedule.Schedule) *schedule.Schedule {
	s.Helper()
	one, err := s.Schedule(s.Context(), one.ID)
	if err != nil {
		s.Fatal(err)
	}
	return one
}
