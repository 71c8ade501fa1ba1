package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
	"shipmate/store/storetest"
	"shipmate/work"
)

var morning = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

const shipmateYAML = `
slack: {admin_channel: "#platform"}
teams:
  payments: {channel: "#payments", slack_group: payments-eng}
  leads: {members: [ana@acme.example]}
services:
  checkout:
    repo: acme/checkout
    team: payments
    aliases: [shop]
    links: {dashboard: "https://grafana.example/checkout"}
    deploy: {workflow: deploy.yml}
    environments: [staging, production, guarded, gated, frozen, pair, patient, both, forward, mainline, careful, sealed, strict, evening]
  billing:
    repo: acme/billing
    team: payments
    environments: [staging]
environments:
  staging: {aliases: [stg]}
  production: {aliases: [prod]}
  guarded: {after: staging, approvals: {count: 1}}
  gated: {after: staging, soak: 10m, checks: [ci/build]}
  frozen: {freeze: [{cron: "0 16 * * 5", for: 64h, reason: weekend, timezone: Europe/Berlin}]}
  pair: {approvals: {count: 2, reuse: 1h, not_author: true, expire: 4h}}
  patient: {checks: [ci/build], confirm: true}
  forward: {forward_only: true}
  mainline: {default_branch_only: true}
  careful: {after: staging, bake: 30m, approvals: {count: 2}, rollback: {approvals: {count: 1}}, freeze: [{cron: "0 12 * * 5", for: 64h}]}
  sealed: {after: staging, approvals: {count: 2}, checks: [ci/build], break_glass: {skip: [lock, order, checks, approvals], by: [leads]}}
  strict: {after: staging, approvals: {count: 1}, freeze: [{cron: "*/20 * * * *", for: 5m}]}
  evening: {approvals: {count: 1}, freeze: [{cron: "0 11 * * *", for: 5h, reason: lunch}]}
  both: {checks: [ci/build], confirm: true, approvals: {count: 1}}
announce:
  - {to: "#releases", on: [failed, rolled_back], services: [checkout], environments: [production]}
  - {to: "#general", environments: [production]}
`

// stage is a GitHub with a repository that can be deployed, and a Service before it.
type stage struct {
	*testing.T
	*delivery.Service
	clock  *clock.Manual
	github *githubtest.Server
	repo   *githubtest.Repo
	db     store.DB
	config *config.Config
	client *github.Client
	people map[config.Principal][]string // who is who
	logins map[string]string             // proven logins on GitHub, by person
	deaf   bool                          // nobody can be asked about people
	notes  []delivery.Note               // what people were told, each once
	heard  []string                      // what was announced: "<deployment> <channel>"
	ended  []string                      // deployments whose end was heard of: "<deployment> <state>"
	asked  int

	telling sync.Mutex
}

// newStage opens one. Every transaction runs twice, so that none may accumulate or have effects.
func newStage(t *testing.T, opts ...func(*githubtest.Options)) *stage {
	t.Helper()
	s := &stage{T: t, clock: clock.NewManual(morning), db: storetest.Rerunning(storetest.New(t)),
		people: map[config.Principal][]string{"payments": {"U0ANA", "U0BEN", "U0CY"}, "leads": {"U0ANA"}}, logins: map[string]string{}}
	o := githubtest.Options{Clock: s.clock}
	for _, opt := range opts {
		opt(&o)
	}
	s.github = githubtest.New(o)
	t.Cleanup(s.github.Close)
	t.Cleanup(func() {
		for _, p := range s.github.Problems() {
			t.Errorf("GitHub does not know: %s", p)
		}
	})
	s.github.AddUser(githubtest.User{Login: "ana", Name: "Ana"})
	s.repo = s.github.AddRepo("acme/checkout")
	s.repo.Commit("main", "ana", "Begin", githubtest.Files{".github/workflows/deploy.yml": github.ExampleWorkflow})
	s.configure(shipmateYAML)
	s.connect(time.Second)
	return s
}

// configure puts another configuration in force.
func (s *stage) configure(yaml string) {
	s.Helper()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(yaml), config.Options{})
	if len(mistakes) > 0 {
		s.Fatalf("configuration: %v", mistakes)
	}
	s.config = cfg
}

// connect makes the client and the Service anew, as a restart does.
func (s *stage) connect(timeout time.Duration) {
	s.Helper()
	client, err := github.New(github.Config{APIURL: s.github.URL(), Token: githubtest.DefaultToken, Clock: s.clock, Timeout: timeout})
	if err != nil {
		s.Fatal(err)
	}
	s.client = client
	s.Service, err = delivery.New(delivery.Config{DB: s.db, GitHub: client, Clock: s.clock,
		Current: func() *config.Config { return s.config }, Tell: s.tell,
		Announce: func(_ store.Tx, deployment, channel string) error {
			if one := deployment + " " + channel; !slices.Contains(s.heard, one) { // transactions run twice
				s.heard = append(s.heard, one)
			}
			return nil
		},
		Incidents: func(g store.Getter, service string) ([]delivery.Hold, error) {
			all, _, err := store.Load[[]delivery.Hold](g, holdsOf(service))
			return all, err
		},
		Ended: func(_ store.Tx, d *delivery.Deployment) error {
			if one := d.ID + " " + string(d.State); !slices.Contains(s.ended, one) { // transactions run twice
				s.ended = append(s.ended, one)
			}
			return nil
		},
		People: delivery.People{
			May:     s.may,
			Mention: func(context.Context, []config.Principal) ([]string, error) { return []string{"S0PAY"}, nil },
			Login: func(_ store.Getter, person string) (string, bool, error) {
				return s.logins[person], s.logins[person] != "", nil
			},
		}})
	if err != nil {
		s.Fatal(err)
	}
}

// tell keeps a note. The transaction may run again.
func (s *stage) tell(_ store.Tx, n delivery.Note) error {
	s.telling.Lock()
	defer s.telling.Unlock()
	if !slices.ContainsFunc(s.notes, func(o delivery.Note) bool { return o.Topic == n.Topic && o.ID == n.ID }) {
		s.notes = append(s.notes, n)
	}
	return nil
}

func (s *stage) may(_ context.Context, person string, of []config.Principal) (bool, error) {
	if s.deaf {
		return false, errors.New("Slack does not answer")
	}
	return slices.ContainsFunc(of, func(p config.Principal) bool { return slices.Contains(s.people[p], person) }), nil
}

// commit adds a commit to main.
func (s *stage) commit(subject string) string {
	return s.repo.Commit("main", "ana", subject, githubtest.Files{"app.txt": subject})
}

// want is a new request to deploy main to staging, changed by fn.
func (s *stage) want(fn ...func(*delivery.Want)) delivery.Want {
	s.asked++
	w := delivery.Want{Request: fmt.Sprintf("req-%d", s.asked), At: s.clock.Now(), Service: "checkout", Environment: "staging",
		By: "U0ANA", Channel: "C0PAY"}
	for _, f := range fn {
		f(&w)
	}
	return w
}

func to(environment string) func(*delivery.Want) {
	return func(w *delivery.Want) { w.Environment = environment }
}

func at(ref string) func(*delivery.Want) { return func(w *delivery.Want) { w.Ref = ref } }

func again(w *delivery.Want) { w.Anyway = true }

// deploys asks and expects a yes.
func (s *stage) deploys(fn ...func(*delivery.Want)) *delivery.Deployment {
	s.Helper()
	d, err := s.Deploy(context.Background(), s.want(fn...))
	if err != nil {
		s.Fatalf("deploying: %v", err)
	}
	return d
}

// refuses expects a no with the given code.
func (s *stage) refuses(code delivery.Code, err error) *delivery.Refused {
	s.Helper()
	var r *delivery.Refused
	if !errors.As(err, &r) || r.Code != code {
		s.Fatalf("got %v, want a refusal %s", err, code)
	}
	return r
}

func (s *stage) cancels(id string) *delivery.Deployment {
	s.Helper()
	s.asked++
	d, err := s.Cancel(context.Background(), delivery.Stop{Request: fmt.Sprintf("req-%d", s.asked), By: "U0BEN", ID: id})
	if err != nil {
		s.Fatalf("cancelling: %v", err)
	}
	return d
}

// now reads a deployment.
func (s *stage) now(id string) *delivery.Deployment {
	s.Helper()
	d, err := s.Deployment(context.Background(), id)
	if err != nil {
		s.Fatal(err)
	}
	return d
}

// step takes one step and moves the clock to the next; false when there is none.
func (s *stage) step(id string) bool {
	s.Helper()
	next, err := s.Step(context.Background(), id)
	if err != nil {
		s.Fatalf("step: %v", err)
	}
	s.follows(id)
	if next.IsZero() {
		return false
	}
	if next.After(s.clock.Now()) {
		s.clock.Set(next)
	}
	return true
}

// follows does what follows from the changes of a deployment, as the runner would.
func (s *stage) follows(id string) {
	s.Helper()
	after := []string{"announce/" + id, "undid/" + id}
	if d := s.now(id); d.Rollback != nil {
		after = append(after, "announce/"+d.Rollback.Of)
	}
	for _, what := range after {
		if _, err := s.StepAfter(context.Background(), what); err != nil {
			s.Fatalf("%s: %v", what, err)
		}
	}
}

// until steps until the deployment is in the state.
func (s *stage) until(id string, state delivery.State) *delivery.Deployment {
	s.Helper()
	for range 500 {
		if d := s.now(id); d.State == state {
			return d
		}
		if !s.step(id) {
			break
		}
	}
	d := s.now(id)
	if d.State != state {
		s.Fatalf("the deployment is %s, not %s: %+v", d.State, state, d)
	}
	return d
}

// runs expects so many workflow runs.
func (s *stage) runs(n int) []githubtest.Run {
	s.Helper()
	runs := s.github.Runs("acme/checkout")
	if len(runs) != n {
		s.Fatalf("%d runs, want %d: %+v", len(runs), n, runs)
	}
	return runs
}

// free expects the slot to be free, or not.
func (s *stage) free(environment string, want bool) {
	s.Helper()
	all, err := s.Status(context.Background(), "checkout")
	if err != nil {
		s.Fatal(err)
	}
	for _, one := range all {
		if one.Environment == environment && (one.Under == nil) != want {
			s.Fatalf("the slot of %s is free: %v, want %v", environment, one.Under == nil, want)
		}
	}
}

func asRefused(err error, r **delivery.Refused) bool { return errors.As(err, r) }

// works takes the steps of lines that somebody was woken for, as the runner does.
func (s *stage) works() {
	s.Helper()
	for range 20 {
		var woken []string
		err := s.db.View(context.Background(), func(snap store.Snapshot) error {
			woken = nil
			for key := range snap.Scan("line/due/"+store.Stamp(time.Time{})+"/", "") {
				woken = append(woken, strings.ReplaceAll(key[strings.LastIndex(key, "/")+1:], "%2F", "/"))
			}
			return nil
		})
		if err != nil {
			s.Fatal(err)
		}
		for _, id := range woken {
			if err := s.db.Update(context.Background(), func(tx store.Tx) error { return work.Cancel(tx, delivery.Lines, id) }); err != nil {
				s.Fatal(err)
			}
			if _, err := s.StepLine(context.Background(), id); err != nil {
				s.Fatal(err)
			}
		}
		if len(woken) == 0 {
			return
		}
	}
}
