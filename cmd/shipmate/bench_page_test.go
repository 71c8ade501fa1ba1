package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/clock"
	"shipmate/incident"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// The benchmark of pages: how long it takes from a person's confirming a page to the event's arriving at PagerDuty, while others use
// the bot. It prints the figure in proportion to its limit and judges nothing.
//
//	go test ./cmd/shipmate -run '^$' -bench Page -benchtime 1x -timeout 20m
const (
	pagesMeasured = 180 // one a second
	pageLimit     = time.Second
)

const pageYAML = `
slack: {api_url: %q}
github: {api_url: "http://127.0.0.1:1/"}
pagerduty: {api_url: %q, events_url: %q, from: shipmate@acme.example}
listen: ""
teams: {payments: {channel: "#payments", slack_group: payments-eng, escalation_policy: PPAYMENTS}}
services: {checkout: {repo: acme/checkout, team: payments, pagerduty_service: PCHECKOUT, environments: [staging]}}
environments: {staging: {}}
`

func BenchmarkPage(b *testing.B) {
	dir := b.TempDir()
	bin := filepath.Join(dir, "shipmate")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	var took []time.Duration
	for b.Loop() {
		took = append(took, measurePages(b, bin, dir)...)
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	b.Logf("from the confirmation to PagerDuty, %d pages, one a second among 50 commands a second: p50 %.1f ms, p99 %.1f ms, %.3f of the limit of %s",
		len(took), ms(p50), ms(p99), float64(p99)/float64(pageLimit), pageLimit)
	b.ReportMetric(float64(p99)/float64(pageLimit), "p99/limit")
	b.ReportMetric(0, "ns/op")
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// measurePages runs the bot as a process and pages, and returns how long each page took.
func measurePages(b *testing.B, bin, dir string) []time.Duration {
	b.Helper()
	slack, err := slacktest.New(slacktest.Options{Clock: clock.System(), Quiet: true, NoLimits: true,
		App: slacktest.App{Commands: []slacktest.Command{{Name: "/shipmate"}, {Name: "/page"}}}})
	if err != nil {
		b.Fatal(err)
	}
	defer slack.Close()
	pager := pagerdutytest.New(pagerdutytest.Options{Clock: clock.System()})
	defer pager.Close()
	users := fillForPages(slack, pager)
	file := filepath.Join(dir, "shipmate.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, pageYAML, slack.URL(), pager.APIURL(), pager.EventsURL()), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(bin, "run", "--config", file)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SLACK_BOT_TOKEN="+slack.BotToken, "SLACK_APP_TOKEN="+slack.AppToken, "GITHUB_TOKEN=ghp_none",
		"PAGERDUTY_TOKEN="+pagerdutytest.DefaultToken)
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait() // ended by a signal, which is an error to it
	}()
	for begun := time.Now(); slack.Connections().Open == 0; runtime.Gosched() {
		if time.Since(begun) > 10*time.Second {
			b.Fatalf("it does not connect: %s", said.String())
		}
	}
	channel, _ := slack.Channel("payments")
	l := newLoad(b, slack, users[1:], channel.ID)
	l.run(500, 20*time.Millisecond) // warm
	var others sync.WaitGroup
	others.Go(func() { l.run((pagesMeasured+2)*50, 20*time.Millisecond) })
	sent := map[string]time.Time{}
	next := time.Now()
	for i := range pagesMeasured + 1 {
		next = next.Add(time.Second)
		time.Sleep(time.Until(next))
		at := time.Now()
		// The line that the button of the question writes.
		envelope, err := slack.Slash(users[0], channel.ID, fmt.Sprintf("/page checkout %s the lights are out, %d", "confirm:yes", i))
		if err != nil {
			b.Fatal(err)
		}
		sent[incident.PageID(envelope)] = at
		settlePages(pager)
	}
	others.Wait()
	return arrivals(b, pager, sent)
}

// fillForPages makes the people, and who is on call.
func fillForPages(slack *slacktest.Server, pager *pagerdutytest.Server) []string {
	var users []string
	for i := range 64 {
		name := fmt.Sprint("u", i)
		users = append(users, slack.AddUser(slacktest.User{Name: name, Email: name + "@acme.example"}).ID)
	}
	slack.AddChannel(slacktest.Channel{Name: "payments", Members: append(users[:len(users):len(users)], slack.BotUserID)})
	slack.AddGroup(slacktest.UserGroup{Handle: "payments-eng", Users: users[:4]})
	ana := pager.AddUser(pagerdutytest.User{Name: "Ana", Email: "u0@acme.example", Zone: "Europe/Berlin"})
	pager.AddUser(pagerdutytest.User{Name: "Shipmate", Email: botOnPager})
	pager.AddPolicy(pagerdutytest.Policy{ID: policyOfPayments, Name: "Payments", Levels: []pagerdutytest.Level{{After: 5 * time.Minute, Users: []string{ana}}}})
	pager.AddService(pagerdutytest.Service{ID: checkoutOnPager, Name: "Checkout", Policy: policyOfPayments})
	return users
}

// settlePages resolves what has come so far, as people do: pages that nobody ever ends are no load that there is.
func settlePages(pager *pagerdutytest.Server) {
	for _, i := range pager.Incidents() {
		if i.Status != "resolved" {
			pager.Resolve(i.ID, i.Assigned[0])
		}
	}
}

// arrivals are how long the pages took, but for the first, which finds out what later ones know.
func arrivals(b *testing.B, pager *pagerdutytest.Server, sent map[string]time.Time) []time.Duration {
	b.Helper()
	var events []time.Time // in the order of the incidents that they open
	for _, c := range pager.Calls() {
		if c.Op == pagerdutytest.OpEvent && c.Applied {
			events = append(events, c.At)
		}
	}
	incidents := pager.Incidents()
	if len(incidents) != len(sent) || len(events) != len(sent) {
		b.Fatalf("%d pages made %d events and %d incidents", len(sent), len(events), len(incidents))
	}
	var took []time.Duration
	for n, i := range incidents[1:] {
		took = append(took, events[n+1].Sub(sent[i.Key]))
	}
	return took
}
