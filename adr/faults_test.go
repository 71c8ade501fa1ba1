package adr_test

import (
	"fmt"
	"regexp"
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

// kindsOfFaults are the ways in which a change can fail; of reads those that are not repeated in real time, and one that is.
func kindsOfFaults(write bool) []githubtest.Fault {
	out := []githubtest.Fault{{Kind: githubtest.SecondaryLimit429, RetryAfter: time.Minute}, {Kind: githubtest.PrimaryLimit}}
	if !write {
		return append(out, githubtest.Fault{Kind: githubtest.Status503, Times: 3})
	}
	for _, kind := range []githubtest.Kind{githubtest.Status500, githubtest.Reset} {
		out = append(out, githubtest.Fault{Kind: kind, When: githubtest.Before}, githubtest.Fault{Kind: kind, When: githubtest.After})
	}
	return append(out, githubtest.Fault{Kind: githubtest.Truncate, When: githubtest.After})
}

// Whatever happens to any of the calls, once or for an hour, applied or not: every life ends the same, and what lasts is said.
func TestLivesWhateverFails(t *testing.T) {
	t.Parallel()
	for name, live := range lives {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, calls := undisturbed(t, live)
			seen := map[string]bool{}
			for _, call := range calls {
				write := call.Method != "GET"
				if seen[call.Op] || strings.HasPrefix(call.Path, "/repos/acme/decisions/git/trees/") && !write {
					continue
				}
				seen[call.Op] = true
				for n, f := range kindsOfFaults(write) {
					f.Match = call.Op
					if f.Times == 0 {
						f.Times = 1
					}
					t.Run(fmt.Sprint(call.Op, " ", f.Kind, " ", f.When, " once"), func(t *testing.T) {
						t.Parallel()
						s := newStage(t)
						s.github.Fault(f)
						if got := s.became(live(s)); got != want {
							t.Errorf("it became\n%s\nwant\n%s", got, want)
						}
					})
					if !write && n > 0 { // repeated in real time, or the same
						continue
					}
					f.Times = 0
					t.Run(fmt.Sprint(call.Op, " ", f.Kind, " ", f.When, " for an hour"), func(t *testing.T) {
						t.Parallel()
						s := newStage(t)
						s.lasts(f, time.Hour)
						if got := s.became(live(s)); got != want {
							t.Errorf("it became\n%s\nwant\n%s", got, want)
						}
					})
				}
			}
		})
	}
}

// lasts puts a fault in force for a time, and checks that what lasts because of it is said.
func (s *stage) lasts(f githubtest.Fault, long time.Duration) {
	until := s.clock.Now().Add(long)
	s.github.Fault(f)
	s.onTime = func() {
		now := s.clock.Now()
		if !now.Before(until) {
			s.github.ClearFaults()
		}
		all, err := s.OpenProposals(s.Context(), "")
		if err != nil {
			s.Fatal(err)
		}
		for _, p := range all {
			for of, h := range p.Hitches {
				if now.Sub(h.Since) > 10*time.Minute && !h.Said && h.Tries > 2 {
					s.Errorf("%s hangs since %s, and nobody is told: %+v", of, h.Since, h)
				}
				if h.Said && h.Why == "" {
					s.Errorf("%s hangs, and nobody knows why", of)
				}
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
