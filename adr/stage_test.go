package adr_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"shipmate/adr"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
	"shipmate/store/storetest"
)

// monday is nine in the morning in Berlin.
var monday = time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)

const stageYAML = `
slack: {admin_channel: "#platform"}
teams: {payments: {channel: "#payments", slack_group: payments-eng}}
services: {checkout: {repo: acme/checkout, team: payments, environments: [staging]}}
environments: {staging: {}}
adr: {repo: acme/decisions, announce: ["#architecture"]}
`

// The people, by their Slack IDs; each has the login of their name. Eve's is not known.
const ana, ben, cy, dee = "U0ANA", "U0BEN", "U0CY", "U0DEE"

var logins = map[string]string{ana: "ana", ben: "ben", cy: "cy", dee: "dee"}

// stage is a Service before a GitHub.
type stage struct {
	*testing.T
	*adr.Service
	clock  *clock.Manual
	github *githubtest.Server
	repo   *githubtest.Repo
	db     store.DB
	config *config.Config

	mu    sync.Mutex
	told  map[string]adr.Note // by person, or channel, and ID
	most  []string            // IDs of those whose thumbs count where the configuration names some
	quiet bool                // Slack tells nothing

	patience time.Duration // of a call to GitHub; two seconds when zero
	stepped  string        // the proposal that was stepped last
	onTime   func()        // called whenever time has moved, where that is wanted

	onGitHub atomic.Pointer[func(githubtest.Call)]
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{T: t, patience: 2 * time.Second, clock: clock.NewManual(monday), db: storetest.Rerunning(storetest.New(t)), told: map[string]adr.Note{}}
	s.github = githubtest.New(githubtest.Options{Clock: s.clock, OnCall: func(c githubtest.Call) {
		if on := s.onGitHub.Load(); on != nil {
			(*on)(c)
		}
	}})
	t.Cleanup(s.github.Close)
	t.Cleanup(func() {
		for _, p := range s.github.Problems() {
			t.Errorf("GitHub does not know: %s", p)
		}
	})
	for _, login := range []string{"ana", "ben", "cy", "dee", "eve"} {
		s.github.AddUser(githubtest.User{Login: login, Name: strings.ToUpper(login[:1]) + login[1:]})
	}
	s.repo = s.github.AddRepo("acme/decisions")
	s.repo.Commit("main", "ana", "Begin", githubtest.Files{"README.md": "# Decisions\n"})
	s.configure(stageYAML)
	s.connect()
	return s
}

// configure puts a configuration in force.
func (s *stage) configure(yaml string) {
	s.Helper()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(yaml), config.Options{})
	if len(mistakes) > 0 {
		s.Fatal(mistakes)
	}
	s.config = cfg
}

// connect makes the service, as after a start.
func (s *stage) connect() {
	s.Helper()
	s.Service = s.service(s.db)
}

// service is a further one, as of another process.
func (s *stage) service(db store.DB) *adr.Service {
	s.Helper()
	client, err := github.New(github.Config{APIURL: s.github.URL(), Token: githubtest.DefaultToken, Clock: s.clock, Timeout: cmp.Or(s.patience, 2*time.Second), Writes: rate.NewLimiter(rate.Inf, 0)})
	if err != nil {
		s.Fatal(err)
	}
	service, err := adr.New(adr.Config{DB: db, GitHub: client, Clock: s.clock, Current: func() *config.Config { return s.config },
		People: adr.People{
			Name: func(_ context.Context, person string) (string, error) {
				if s.quiet {
					return "", errors.New("Slack does not answer")
				}
				return strings.ToLower(person[2:]), nil
			},
			Zone: func(context.Context, string) (*time.Location, error) {
				if s.quiet {
					return nil, errors.New("Slack does not answer")
				}
				return time.LoadLocation("Europe/Berlin")
			},
			GitHub: func(_ store.Getter, person string) (string, error) { return logins[person], nil },
			OnGitHub: func(_ store.Getter, login string) (string, error) {
				for person, is := range logins {
					if is == login {
						return person, nil
					}
				}
				return "", nil
			},
			May: func(_ context.Context, person string, _ []config.Principal) (bool, error) {
				return slices.Contains(s.most, person), nil
			},
		},
		Tell: func(_ store.Tx, n adr.Note) error { return s.note(n.Person, n) },
		Say:  func(_ store.Tx, channel, id string, n adr.Note) error { n.ID = id; return s.note(channel, n) }})
	if err != nil {
		s.Fatal(err)
	}
	return service
}

// note keeps what somebody was told as the bot does: once per ID.
func (s *stage) note(whom string, n adr.Note) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told[whom+" "+n.ID] = n
	return nil
}

// notes are the kinds of what a person or channel was told.
func (s *stage) notes(whom string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for key, n := range s.told {
		if strings.HasPrefix(key, whom+" ") {
			out = append(out, n.Kind)
		}
	}
	slices.Sort(out)
	return out
}

var requests atomic.Int64

func request() string { return fmt.Sprintf("request-%04d", requests.Add(1)) }

// proposes has somebody propose a decision.
func (s *stage) proposes(title string, fns ...func(*adr.Want)) *adr.Proposal {
	s.Helper()
	w := adr.Want{Request: request(), At: s.clock.Now(), By: ana, Channel: "C0PAY", Title: title, Context: "It hurts.", Decision: "We do it.", Consequences: "It is done."}
	for _, fn := range fns {
		fn(&w)
	}
	var p *adr.Proposal
	s.insists(func() (err error) {
		p, err = s.Propose(s.Context(), w)
		return err
	})
	return p
}

// insists asks for something as somebody does who is told that GitHub or the store does not answer: again a minute later.
func (s *stage) insists(ask func() error) {
	s.Helper()
	for range 100 {
		err := ask()
		var broken *github.Error
		switch {
		case err == nil:
			return
		case !errors.As(err, &broken) && !errors.Is(err, storetest.ErrStorage):
			s.Fatal(err)
		}
		s.clock.Advance(time.Minute)
		s.passes()
	}
	s.Fatal("it is never done")
}

// passes is called whenever time has moved.
func (s *stage) passes() {
	if s.onTime != nil {
		s.onTime()
	}
}

// opened has a decision proposed and its pull request opened.
func (s *stage) opened(title string, fns ...func(*adr.Want)) *adr.Proposal {
	s.Helper()
	p := s.proposes(title, fns...)
	return s.until(p.ID, "it is open", func(p *adr.Proposal) bool { return p.State == adr.Open })
}

func supersedes(n ...int) func(*adr.Want) { return func(w *adr.Want) { w.Supersedes = n } }

// proposal is it as it stands.
func (s *stage) proposal(id string) *adr.Proposal {
	s.Helper()
	p, err := s.Proposal(s.Context(), id)
	if err != nil {
		s.Fatal(err)
	}
	return p
}

// until steps a proposal and the logs, and moves time to what comes next, until something holds.
func (s *stage) until(id, what string, ok func(*adr.Proposal) bool) *adr.Proposal {
	s.Helper()
	for range 300 {
		p := s.proposal(id)
		if ok(p) {
			return p
		}
		next := s.step(id)
		if p = s.proposal(id); ok(p) {
			return p
		}
		logs := s.watches(s.Service)
		if next.IsZero() || logs.Before(next) {
			next = logs
		}
		if next.After(s.clock.Now()) {
			s.clock.Set(next)
		}
		s.passes()
	}
	s.Fatalf("not so: %s: %+v", what, s.proposal(id))
	return nil
}

func (s *stage) step(id string) time.Time {
	s.Helper()
	s.stepped = id
	next, err := s.StepProposal(s.Context(), id)
	if errors.Is(err, storetest.ErrStorage) { // the runner comes again
		return s.clock.Now().Add(time.Second)
	}
	if err != nil {
		s.Fatal(err)
	}
	return next
}

// looks moves time on until a proposal's pull request was looked at again.
func (s *stage) looks(id string) *adr.Proposal {
	s.Helper()
	for range 4 {
		s.clock.Advance(10 * time.Minute)
		s.step(id)
		s.watches(s.Service)
	}
	return s.proposal(id)
}

func (s *stage) ended(id string, want adr.State) *adr.Proposal {
	s.Helper()
	p := s.until(id, "it has ended", func(p *adr.Proposal) bool { return p.State.Ended() })
	if p.State != want {
		s.Fatalf("it is %s, not %s", p.State, want)
	}
	return p
}

// thumb has somebody give a thumb in Slack.
func (s *stage) thumb(id, by string, t adr.Thumb) {
	s.Helper()
	w := adr.VoteWant{Request: request(), At: s.clock.Now(), By: by, Proposal: id, Thumb: t}
	if t == adr.Down {
		w.Why = "it is not said what it costs"
	}
	s.insists(func() error { _, err := s.Vote(s.Context(), w); return err })
}

func (s *stage) tally(id string) adr.Tally {
	s.Helper()
	t, err := s.Tally(s.Context(), s.proposal(id))
	if err != nil {
		s.Fatal(err)
	}
	return t
}

// counts checks how many thumbs count for a proposal, and how many hold it.
func (s *stage) counts(id string, up, down int) {
	s.Helper()
	if t := s.tally(id); len(t.Up) != up || len(t.Down) != down {
		s.Errorf("%d for it, %d hold it, want %d and %d: %+v", len(t.Up), len(t.Down), up, down, t)
	}
}

// record is one as it stands on a branch.
func (s *stage) record(ref, name string) adr.Record {
	s.Helper()
	content, there := s.repo.File(ref, path.Join("doc/adr", name))
	if !there {
		s.Fatalf("%s has no %s", ref, name)
	}
	return adr.Parse(name, []byte(content))
}

// decided puts records on the main branch, as adr-tools writes them.
func (s *stage) decided(titles ...string) {
	s.Helper()
	files := githubtest.Files{}
	for i, title := range titles {
		d := adr.Draft{Number: i + 1, Title: title, Date: "2026-01-02", Context: "c", Decision: "d", Consequences: "c"}
		files["doc/adr/"+adr.FileName(i+1, title)] = string(d.Render(""))
	}
	s.repo.Commit("main", "ana", "Decide", files)
}

// branches are those of proposals.
func (s *stage) branches() []string {
	return slices.DeleteFunc(s.repo.Branches(), func(b string) bool { return !strings.HasPrefix(b, "adr/") })
}

func (s *stage) pulls(state string) (n int) {
	for _, i := range s.github.Pulls("acme/decisions") {
		if i.State == state {
			n++
		}
	}
	return n
}

// refuses checks that something is refused for a reason.
func (s *stage) refuses(want adr.Code, err error) *adr.Refused {
	s.Helper()
	var r *adr.Refused
	if !errors.As(err, &r) || r.Code != want {
		s.Fatalf("got %v, want the refusal %s", err, want)
	}
	return r
}

// watches has all logs looked at, and returns when one is to be looked at next.
func (s *stage) watches(service *adr.Service) (next time.Time) {
	s.Helper()
	for _, log := range s.config.DecisionLogs() {
		at, err := service.StepLog(s.Context(), log.Name)
		if err != nil {
			s.Fatal(err)
		}
		next = at
	}
	return next
}
