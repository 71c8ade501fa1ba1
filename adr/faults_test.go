package adr_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/adr"
	"shipmate/integrations/github/githubtest"
	"shipmate/store/storetest"
)

// lives are whole lives of proposals; each returns the proposals in it.
var lives = map[string]func(*stage) []string{
	"one that is open is superseded": func(s *stage) []string {
		old := s.opened("Use Kafka")
		p := s.opened("Use NATS", supersedes(1))
		s.agreed(p.ID)
		s.ended(p.ID, adr.Accepted)
		s.ended(old.ID, adr.Overtaken)
		return []string{old.ID, p.ID}
	},
	"two supersede the same": func(s *stage) []string {
		s.decided("Use Kafka")
		p, q := s.opened("Use NATS", supersedes(1)), s.opened("Use ZeroMQ", supersedes(1))
		s.agreed(p.ID)
		s.ended(p.ID, adr.Accepted)
		s.agreed(q.ID)
		s.ended(q.ID, adr.Accepted)
		return []string{p.ID, q.ID}
	},
	"renumbered": func(s *stage) []string {
		s.decided("Use Kafka")
		p := s.opened("Use NATS", supersedes(1))
		s.repo.Commit("main", "ana", "By hand", githubtest.Files{"doc/adr/0002-mine.md": record(2, "Mine own", "d")})
		s.until(p.ID, "it is taken", func(p *adr.Proposal) bool { return p.Taken() })
		again := request()
		s.insists(func() error { _, err := s.Renumber(s.Context(), again, p.ID, s.clock.Now()); return err })
		s.until(p.ID, "it has another number", func(p *adr.Proposal) bool { return p.Number == 3 && !p.Renumber })
		s.agreed(p.ID)
		s.ended(p.ID, adr.Accepted)
		return []string{p.ID}
	},
	"rejected": func(s *stage) []string {
		s.decided("Use Kafka")
		p := s.opened("Use NATS", supersedes(1))
		w := adr.EndWant{Request: request(), At: s.clock.Now(), By: ben, Proposal: p.ID, Why: "Kafka is fine.", Record: true}
		s.insists(func() error { _, err := s.End(s.Context(), w); return err })
		s.ended(p.ID, adr.Rejected)
		return []string{p.ID}
	},
	"closed": func(s *stage) []string {
		p := s.opened("Use NATS")
		w := adr.EndWant{Request: request(), At: s.clock.Now(), By: ana, Proposal: p.ID, Why: "never mind"}
		s.insists(func() error { _, err := s.End(s.Context(), w); return err })
		s.ended(p.ID, adr.Closed)
		return []string{p.ID}
	},
	"adopted": func(s *stage) []string {
		s.decided("Use Kafka")
		w := adr.AdoptWant{Request: request(), At: s.clock.Now(), By: cy, Pull: s.laptop("ben", "0001-by-hand.md"), Renumber: true}
		var p *adr.Proposal
		s.insists(func() (err error) { p, err = s.Adopt(s.Context(), w); return err })
		s.until(p.ID, "it has a number of its own", func(p *adr.Proposal) bool { return p.Number == 2 && !p.Renumber })
		s.thumb(p.ID, cy, adr.Up)
		s.thumb(p.ID, ana, adr.Up)
		s.ended(p.ID, adr.Accepted)
		return []string{p.ID}
	},
}

var trailer = regexp.MustCompile(`Shipmate-Request: a-[a-z2-7]{10}(-\w+)?`)

// became is everything that is left of a life: how the proposals ended, what GitHub holds, and who was told what.
func (s *stage) became(ids []string) string {
	s.Helper()
	var b strings.Builder
	for _, id := range ids {
		p := s.proposal(id)
		fmt.Fprintf(&b, "%s %s %s by %d, hitches %d\n", p.State, p.Name(), p.File, p.SupersededBy, len(p.Hitches))
	}
	fmt.Fprintf(&b, "branches %v, %d commits\n", s.repo.Branches(), len(s.repo.Log("", "main")))
	for n := 1; n < 5; n++ {
		for _, title := range []string{"Use Kafka", "Use NATS", "Use ZeroMQ", "By hand", "Mine own", "Mine"} {
			if content, there := s.repo.File("main", "doc/adr/"+adr.FileName(n, title)); there {
				fmt.Fprintf(&b, "%d\n%s\n", n, content)
			}
		}
	}
	for _, pull := range s.github.Pulls("acme/decisions") {
		var made []string
		for _, c := range s.repo.Log("", pull.Pull.HeadSHA) {
			if what := trailer.FindStringSubmatch(c.Message); what != nil && len(c.Parents) == 1 && !strings.Contains(c.Message, "(#") {
				made = append(made, what[1])
			}
		}
		fmt.Fprintf(&b, "#%d %q %s merged %t, %d comments, commits %q\n", pull.Number, pull.Title, pull.State, pull.Pull.Merged, len(pull.Comments), made)
	}
	for _, whom := range []string{ana, ben, cy, dee, "#architecture"} {
		fmt.Fprintf(&b, "%s was told %v\n", whom, s.notes(whom))
	}
	return b.String()
}

// undisturbed is a life in which nothing fails, with the calls that it took.
func undisturbed(t *testing.T, live func(*stage) []string) (became string, calls []githubtest.Call) {
	t.Helper()
	s := newStage(t)
	ids := live(s)
	return s.became(ids), s.github.Calls()
}

// faults are the ways in which a call can fail. What is no limit is repeated in real time where it hits a read.
func faults() []githubtest.Fault {
	return []githubtest.Fault{
		{Kind: githubtest.SecondaryLimit429, RetryAfter: time.Minute}, {Kind: githubtest.PrimaryLimit}, {Kind: githubtest.Status500, When: githubtest.Before},
		{Kind: githubtest.Reset, When: githubtest.After}, {Kind: githubtest.Reset, When: githubtest.Before}, {Kind: githubtest.Truncate, When: githubtest.After},
	}
}

// Whatever happens to the calls, applied or not: every life ends the same, and what lasts is said. Each kind of fault hits every call of a
// life once; for an hour each change is hit by one of them, by turns.
func TestLivesWhateverFails(t *testing.T) {
	t.Parallel()
	for name, live := range lives {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, calls := undisturbed(t, live)
			tried := len(name)
			suffers := func(what string, long time.Duration, faults ...githubtest.Fault) {
				if tried++; testing.Short() && tried%4 != 0 {
					return
				}
				t.Run(what, func(t *testing.T) {
					t.Parallel()
					s := newStage(t)
					for _, f := range faults {
						s.github.Fault(f)
					}
					s.lasts(long)
					if got := s.became(live(s)); got != want {
						t.Errorf("it became\n%s\nwant\n%s", got, want)
					}
				})
			}
			var ops, writes []string
			for _, call := range calls {
				if slices.Contains(ops, call.Op) {
					continue
				}
				ops = append(ops, call.Op)
				if call.Method != "GET" {
					writes = append(writes, call.Op)
				}
			}
			for n, kind := range faults() {
				hits := writes
				switch {
				case n == 0:
					hits = ops
				case kind.Kind == githubtest.PrimaryLimit: // an hour for each
					continue
				}
				var all []githubtest.Fault
				for _, op := range hits {
					f := kind
					f.Match, f.Times = op, 1
					all = append(all, f)
				}
				suffers(fmt.Sprint("all ", kind.Kind, " ", kind.When), 24*time.Hour, all...)
			}
			for n, op := range writes {
				f := faults()[(n+len(name)+3)%len(faults())]
				f.Match = op
				suffers(fmt.Sprint(op, " ", f.Kind, " ", f.When, " for an hour"), time.Hour, f)
			}
		})
	}
}

// Each change once gets no answer at all.
func TestLivesWhatHangs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"renumbered", "closed"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, calls := undisturbed(t, lives[name])
			s := newStage(t)
			s.patience = 150 * time.Millisecond
			s.connect()
			hangs := map[string]bool{}
			for _, call := range calls {
				if call.Method != "GET" && !hangs[call.Op] {
					hangs[call.Op] = true
					s.github.Fault(githubtest.Fault{Match: call.Op, Times: 1, Kind: githubtest.HangUp})
				}
			}
			if got := s.became(lives[name](s)); got != want {
				t.Errorf("it became\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// lasts takes all faults back after a time, and checks that what lasts because of them is said.
func (s *stage) lasts(long time.Duration) {
	until := s.clock.Now().Add(long)
	s.onTime = func() {
		now := s.clock.Now()
		if !now.Before(until) {
			s.github.ClearFaults()
		}
		if s.stepped == "" {
			return
		}
		for of, h := range s.proposal(s.stepped).Hitches {
			if now.Sub(h.Since) > 10*time.Minute && (!h.Said || h.Why == "") {
				s.Fatalf("%s hangs since %s, it is %s, and nobody is told: %+v", of, h.Since, now, h)
			}
		}
	}
}

// Whichever commit of the store fails, written or not, each six commits after another one: every life ends the same.
func TestLivesWhateverTheStoreDoes(t *testing.T) {
	t.Parallel()
	const apart = 6
	for name, live := range lives {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, _ := undisturbed(t, live)
			for at := range apart {
				if testing.Short() && at%3 != len(name)%3 {
					continue
				}
				for _, how := range []storetest.Failure{storetest.Dropped, storetest.Untold} {
					t.Run(fmt.Sprint(at, " ", how), func(t *testing.T) {
						t.Parallel()
						s, commits := newStage(t), 0
						s.db = storetest.Failing(s.db, func() storetest.Failure {
							if commits++; commits%apart == at {
								return how
							}
							return storetest.None
						})
						s.connect()
						if got := s.became(live(s)); got != want {
							t.Errorf("it became\n%s\nwant\n%s", got, want)
						}
					})
				}
			}
		})
	}
}
