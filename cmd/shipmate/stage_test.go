package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/clock"
	"shipmate/commands"
	"shipmate/integrations/github/githubtest"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

const companyYAML = `
slack: {api_url: %q, admin_channel: "#platform", admins: [dev@acme.example]}
github: {api_url: %q, owner: acme}
pagerduty: {api_url: %q, events_url: %q, from: shipmate@acme.example, service: PTEAMS}
store: {path: shipmate.db}
teams:
  payments: {channel: "#payments", slack_group: payments-eng, escalation_policy: PPAYMENTS}
  storefront: {channel: "#storefront", slack_group: storefront-eng, schedule: PSTOREFRONT}
services:
  checkout:
    repo: acme/checkout
    team: payments
    aliases: [shop]
    pagerduty_service: PCHECKOUT
    links: {dashboard: "https://grafana.example/checkout"}
    environments: [staging, production, guarded, slow, told]
  catalog: {repo: acme/catalog, team: storefront, environments: [staging]}
environments:
  staging: {aliases: [stg]}
  production: {aliases: [prod], confirm: true}
  guarded: {approvals: {from: [storefront, payments], self: true}, break_glass: {skip: [approvals], by: [payments, dev@acme.example]}}
  slow: {checks: [ci/build], confirm: true}
  told: {}
announce:
  - {to: "#releases", on: [started, succeeded], environments: [told]}
`

// stage is a small company on a fake Slack, a fake GitHub and a fake PagerDuty, and the clock they share. Nothing of Shipmate runs on it
// yet: the harness starts the program in this process, the kill walk as a process of its own.
//
// ana is of payments, which owns checkout; ben is of storefront, which owns catalog; dev is an admin.
type stage struct {
	*testing.T
	clock      *clock.Manual
	slack      *slacktest.Server
	github     *githubtest.Server
	pager      *pagerdutytest.Server
	dir        string
	pagerToken string            // what the program is given; empty for a program without PagerDuty
	environ    []string          // of the program, for the names of its variables
	people     map[string]string // IDs by handle

	happened atomic.Int64 // rises with everything the program does that can be seen from outside
	under    atomic.Int64 // calls that are not answered yet
	onSlack  atomic.Pointer[func(slacktest.Call)]
	onGitHub atomic.Pointer[func(githubtest.Call)]
	onPager  atomic.Pointer[func(pagerdutytest.Call)]
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{T: t, clock: clock.NewManual(time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)), dir: t.TempDir(), people: map[string]string{}}
	s.openSlack()
	s.openGitHub()
	s.openPagerDuty()
	s.configure(companyYAML)
	return s
}

func (s *stage) openSlack() {
	s.Helper()
	manifest, err := bot.Manifest(commands.All(commands.Deps{}))
	if err != nil {
		s.Fatal(err)
	}
	app, err := slacktest.ParseManifest(manifest)
	if err != nil {
		s.Fatal(err)
	}
	s.slack, err = slacktest.New(slacktest.Options{Clock: s.clock, App: app, PingEvery: 100 * time.Millisecond, Grace: 200 * time.Millisecond})
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = s.slack.Close() }) // nothing is lost with it
	var all []string
	for _, name := range []string{"ana", "ben", "dev"} {
		s.people[name] = s.slack.AddUser(slacktest.User{Name: name, Email: name + "@acme.example"}).ID
		all = append(all, s.people[name])
	}
	all = append(all, s.slack.BotUserID)
	for _, name := range []string{"payments", "storefront", "platform", "releases"} {
		s.slack.AddChannel(slacktest.Channel{Name: name, Members: all})
	}
	s.slack.AddGroup(slacktest.UserGroup{Handle: "payments-eng", Users: []string{s.people["ana"]}})
	s.slack.AddGroup(slacktest.UserGroup{Handle: "storefront-eng", Users: []string{s.people["ben"]}})
	s.slack.OnCall(func(c slacktest.Call) {
		s.note(c.Phase == slacktest.Before)
		if f := s.onSlack.Load(); f != nil {
			(*f)(c)
		}
	})
}

func (s *stage) openGitHub() {
	s.Helper()
	s.github = githubtest.New(githubtest.Options{Clock: s.clock, OnCall: func(c githubtest.Call) {
		s.note(c.Phase == githubtest.Before)
		if f := s.onGitHub.Load(); f != nil {
			(*f)(c)
		}
	}})
	s.Cleanup(s.github.Close)
	workflow, err := os.ReadFile("../../deploy/example/deploy.yml")
	if err != nil {
		s.Fatal(err)
	}
	for _, name := range []string{"ana", "ben"} {
		s.github.AddUser(githubtest.User{Login: name, Name: strings.ToUpper(name[:1]) + name[1:]})
	}
	for _, name := range []string{"acme/checkout", "acme/catalog"} {
		repo := s.github.AddRepo(name).At(s.clock.Now().Add(-48 * time.Hour))
		repo.Commit("main", "ana", "Begin", githubtest.Files{".github/workflows/deploy.yml": string(workflow)})
	}
	checkout := s.checkout().At(s.clock.Now().Add(-time.Hour))
	checkout.Branch("basket", "main")
	checkout.Commit("basket", "ben", "Add a basket", githubtest.Files{"basket.txt": "1"})
	checkout.SquashPR(checkout.OpenPR(githubtest.PR{Title: "Add a basket", Author: "ben", Head: "basket"}), "ana")
}

func (s *stage) checkout() *githubtest.Repo { return s.github.Repo("acme/checkout") }

// configure writes the configuration file; %q stands for the addresses of Slack, of GitHub, and twice of PagerDuty.
func (s *stage) configure(yaml string) {
	s.Helper()
	text := fmt.Sprintf(yaml, s.slack.URL(), s.github.URL(), s.pager.APIURL(), s.pager.EventsURL())
	if err := os.WriteFile(s.configPath(), []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
}

func (s *stage) configPath() string { return filepath.Join(s.dir, "shipmate.yaml") }

// watched has checkout's health asked for ten minutes after each deployment to staging; answer is the status it answers with.
func (s *stage) watched(answer func() int) {
	s.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.note(true)
		w.WriteHeader(answer())
		s.note(false)
	}))
	s.Cleanup(site.Close)
	s.configure(strings.NewReplacer("links:", `health: {url: "`+site.URL+`", every: 10s}
    links:`, "{aliases: [stg]}", "{aliases: [stg], bake: 10m}").Replace(companyYAML))
}

// note counts a call that begins, or one that has been applied.
func (s *stage) note(begins bool) {
	s.happened.Add(1)
	if begins {
		s.under.Add(1)
		return
	}
	if s.under.Load() > 0 {
		s.under.Add(-1)
	}
}

// A step of time is taken when nothing has happened for so long, in the machine's time.
const moment = 4 * time.Millisecond

// unanswered is how long a call that is not answered holds up the clock, in the machine's time: beyond it, nobody answers.
const unanswered = 200 * time.Millisecond

// patience ends a test that would hang.
const patience = 30 * time.Second

// still waits until cond holds; time stands still.
func (s *stage) still(what string, cond func() bool) {
	s.Helper()
	s.wait(what, func() {}, cond)
}

// later waits until cond holds, with time going on in small steps whenever the program has nothing to do, and in larger ones
// the longer that is so.
func (s *stage) later(what string, cond func() bool) {
	s.Helper()
	var seen int64
	var step time.Duration
	s.wait(what, func() {
		if now := s.happened.Load(); now != seen {
			seen, step = now, shortStep
		} else {
			step = min(2*step, longStep)
		}
		s.clock.Advance(step)
	}, cond)
}

// The steps of time, shorter than anything that people or the program wait for.
const (
	shortStep = 250 * time.Millisecond
	longStep  = 2 * time.Second
)

// wait waits until cond holds. It is asked again after whatever the fakes tell of; when nothing has happened for a moment
// and no call waits for its answer, move moves the clock.
func (s *stage) wait(what string, move func(), cond func() bool) {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.await(ctx, move, cond); err != nil {
		var waiting []string
		for _, d := range s.unacked() {
			waiting = append(waiting, fmt.Sprintf("%s %s on %d", d.Type, d.EnvelopeID, d.Conn))
		}
		s.Fatalf("never happened: %s; it is %s, sockets are %+v, not acknowledged is %q\n%s", what, s.clock.Now(), s.slack.Connections(), waiting, s.everything())
	}
}

func (s *stage) await(ctx context.Context, move func(), cond func() bool) error {
	slack, github, pager := s.slack.Changes(ctx), s.github.Changes(ctx), s.pager.Changes(ctx)
	tick := time.NewTicker(moment)
	defer tick.Stop()
	seen, since := s.happened.Load(), time.Now()
	for !cond() {
		select {
		case <-slack:
		case <-github:
		case <-pager:
		case <-tick.C:
			if now := s.happened.Load(); now != seen {
				seen, since = now, time.Now()
				continue
			}
			if (s.under.Load() > 0 || len(s.unacked()) > 0) && time.Since(since) < unanswered {
				continue
			}
			s.under.Store(0)
			move()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// leaps moves the clock on at once, when nothing is on its way that would be acknowledged late.
func (s *stage) leaps(d time.Duration) {
	s.Helper()
	s.still("everything is acked", func() bool { return len(s.unacked()) == 0 })
	s.clock.Advance(d)
}

// unacked are the envelopes that reached the program and were not acknowledged.
func (s *stage) unacked() []slacktest.Delivery {
	return slices.DeleteFunc(s.slack.Deliveries(), func(d slacktest.Delivery) bool {
		return !d.AckAt.IsZero() || d.Conn == 0 || d.Type == "hello" || d.Type == "disconnect"
	})
}

// team sets who is in a user group.
func (s *stage) team(handle string, names ...string) {
	s.Helper()
	var ids []string
	for _, name := range names {
		ids = append(ids, s.people[name])
	}
	for _, g := range s.slack.Groups() {
		if g.Handle != handle {
			continue
		}
		if err := s.slack.SetGroupMembers(g.ID, ids...); err != nil {
			s.Fatal(err)
		}
		return
	}
	s.Fatalf("there is no group %s", handle)
}

// channel is the ID of a channel by its name.
func (s *stage) channel(name string) string {
	s.Helper()
	c, ok := s.slack.Channel(name)
	if !ok {
		s.Fatalf("there is no channel %s", name)
	}
	return c.ID
}

// everything is all that people can read, for a failure.
func (s *stage) everything() string {
	var b strings.Builder
	for _, c := range s.slack.Channels() {
		for _, m := range s.slack.Messages(c.ID) {
			fmt.Fprintf(&b, "#%s %s: %s\n", c.Name, m.TS, whole(m))
			for _, r := range s.slack.Thread(c.ID, m.TS) {
				if r.TS != m.TS {
					fmt.Fprintf(&b, "    thread: %s\n", whole(r))
				}
			}
		}
	}
	for _, i := range s.pager.Incidents() {
		fmt.Fprintf(&b, "PagerDuty: %s, level %d, %s, assigned to %v: %s\n", i.Key, i.Level, i.Status, i.Assigned, i.Title)
	}
	for name, id := range s.people {
		for _, m := range s.slack.DM(id) {
			fmt.Fprintf(&b, "to %s: %s\n", name, whole(m))
		}
		for _, m := range s.slack.Ephemerals(id, "") {
			fmt.Fprintf(&b, "only %s: %s\n", name, whole(m))
		}
		for _, v := range s.slack.Views(id) {
			fmt.Fprintf(&b, "form of %s: %s %v\n", name, v.Blocks, v.Errors)
		}
	}
	return b.String()
}

// whole is all of a message as text.
func whole(m slacktest.Message) string {
	return m.Text + " " + strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(m.Blocks))
}
