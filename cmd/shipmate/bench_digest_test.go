package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/clock"
	"shipmate/integrations/github/githubtest"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// The benchmark of digests: how long it takes until every team has its own, when all are due in the same minute and Slack's limits hold, and
// what it costs. Each team has two services, each in a repository that it shares with the next team. It prints the figures in proportion to
// their limits and judges nothing.
//
//	go test ./cmd/shipmate -run '^$' -bench Digests -benchtime 1x -timeout 20m
const (
	digestTeams     = 500
	digestLimit     = 5 * time.Minute
	digestCalls     = 5     // to GitHub, for each repository
	digestMemory    = 150.0 // MB of RssAnon
	digestDueAfter  = 20 * time.Second
	digestNoPatient = 10 * time.Minute
)

// digestRun is what one run took.
type digestRun struct {
	took    time.Duration // from the minute they are due to the last post
	first   time.Duration // and to the first
	posts   int
	calls   map[string]int // to GitHub, by repository
	limited int            // answers by which Slack said that it was too much
	idle    float64        // RssAnon before
	peak    float64        // RssAnon at most meanwhile
}

func BenchmarkDigests(b *testing.B) {
	dir := b.TempDir()
	bin := filepath.Join(dir, "shipmate")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	for b.Loop() {
		r := measureDigests(b, bin, dir)
		most, sum := 0, 0
		for _, n := range r.calls {
			most, sum = max(most, n), sum+n
		}
		b.Logf("%d digests in %.0f s, the first after %.1f s: %.2f of the limit of %s; GitHub at most %d calls for a repository, %.1f on average: %.2f of the limit of %d; "+
			"RssAnon %.0f MB before, %.0f MB at most: %.2f of the limit of %.0f MB; Slack said %d times that it was too much",
			r.posts, r.took.Seconds(), r.first.Seconds(), float64(r.took)/float64(digestLimit), digestLimit, most, float64(sum)/float64(len(r.calls)),
			float64(most)/digestCalls, digestCalls, r.idle, r.peak, r.peak/digestMemory, digestMemory, r.limited)
		b.ReportMetric(float64(r.took)/float64(digestLimit), "time/limit")
		b.ReportMetric(float64(most)/digestCalls, "calls/limit")
		b.ReportMetric(r.peak/digestMemory, "memory/limit")
		b.ReportMetric(0, "ns/op")
	}
}

// digestTeam is the name of a team, and of its channel and its first service's repository.
func digestTeam(i int) string { return fmt.Sprintf("team-%03d", i%digestTeams) }

func measureDigests(b *testing.B, bin, dir string) digestRun {
	b.Helper()
	slack, err := slacktest.New(slacktest.Options{Clock: clock.System(), Quiet: true, App: slacktest.App{Commands: []slacktest.Command{{Name: "/shipmate"}}}})
	if err != nil {
		b.Fatal(err)
	}
	defer slack.Close()
	pager := pagerdutytest.New(pagerdutytest.Options{Clock: clock.System()})
	defer pager.Close()
	fillForPages(slack, pager)
	gh := fillForDigests(slack)
	defer gh.Close()
	due := time.Now().Add(digestDueAfter).Truncate(time.Minute).Add(time.Minute).UTC()
	file := filepath.Join(dir, "shipmate.yaml")
	if err := os.WriteFile(file, []byte(digestYAML(due, slack, gh, pager)), 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(bin, "run", "--config", file)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SLACK_BOT_TOKEN="+slack.BotToken, "SLACK_APP_TOKEN="+slack.AppToken, "GITHUB_TOKEN="+githubtest.DefaultToken,
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
	r := digestRun{calls: map[string]int{}}
	time.Sleep(time.Until(due.Add(-time.Second)))
	r.idle = rssAnon(b, cmd.Process.Pid)
	before := len(gh.Calls())
	for r.posts < digestTeams {
		if time.Since(due) > digestNoPatient {
			b.Fatalf("%d digests after %s: %s", r.posts, time.Since(due), tail(said.String()))
		}
		time.Sleep(500 * time.Millisecond)
		r.peak = max(r.peak, rssAnon(b, cmd.Process.Pid))
		r.posts = postedDigests(slack)
		if r.posts > 0 && r.first == 0 {
			r.first = time.Since(due)
		}
	}
	r.took = time.Since(due)
	for _, c := range gh.Calls()[before:] {
		if parts := strings.Split(c.Path, "/"); len(parts) > 3 && parts[1] == "repos" {
			r.calls[parts[3]]++
		}
	}
	for _, c := range slack.Calls() {
		if c.Outcome == "429" {
			r.limited++
		}
	}
	return r
}

// tail is the end of a log.
func tail(s string) string { return s[max(0, len(s)-2000):] }

// postedDigests is in how many channels of teams a digest stands.
func postedDigests(slack *slacktest.Server) (n int) {
	for i := range digestTeams {
		channel, _ := slack.Channel(digestTeam(i))
		for _, m := range slack.Messages(channel.ID) {
			if strings.Contains(m.Text, "📰") {
				n++
				break
			}
		}
	}
	return n
}

// fillForDigests makes a channel and a repository for each team, with pull requests that wait, a pipeline that fails and debt.
func fillForDigests(slack *slacktest.Server) *githubtest.Server {
	gh := githubtest.New(githubtest.Options{Clock: clock.System()})
	for _, login := range []string{"ana", "ben"} {
		gh.AddUser(githubtest.User{Login: login})
	}
	now := time.Now()
	for i := range digestTeams {
		name := digestTeam(i)
		slack.AddChannel(slacktest.Channel{Name: name, Members: []string{slack.BotUserID}})
		repo := gh.AddRepo("acme/" + name).At(now.Add(-72 * time.Hour))
		repo.Commit("main", "ana", "Begin", githubtest.Files{".github/workflows/ci.yml": "name: CI\non: workflow_dispatch\njobs: {test: {runs-on: ubuntu-latest, steps: [{run: make test}]}}\n"})
		for n := range 5 {
			branch := fmt.Sprintf("change-%d", n)
			repo.Branch(branch, "main").Commit(branch, "ben", "Change", githubtest.Files{branch: branch})
			repo.AskReview(repo.OpenPR(githubtest.PR{Author: "ben", Title: "Show the basket on small screens", Head: branch}), "ana")
			repo.OpenIssue("ana", "Two clocks", "", "tech-debt")
			repo.At(now.Add(-time.Duration(50-n) * time.Hour)).AddRun(githubtest.PastRun{File: "ci.yml", Branch: "main", Event: "push", Actor: "ana", Attempts: []string{"failure"}})
		}
	}
	return gh
}

// digestYAML is the company's configuration: every team has its digest in that minute.
func digestYAML(due time.Time, slack *slacktest.Server, gh *githubtest.Server, pager *pagerdutytest.Server) string {
	var b strings.Builder
	fmt.Fprintf(&b, "slack: {api_url: %q}\ngithub: {api_url: %q}\npagerduty: {api_url: %q, events_url: %q, from: shipmate@acme.example}\nlisten: \"\"\n", slack.URL(), gh.URL(),
		pager.APIURL(), pager.EventsURL())
	b.WriteString("environments: {staging: {}}\ndigest: {details: button}\nteams:\n")
	for i := range digestTeams {
		fmt.Fprintf(&b, "  %s: {channel: \"#%s\", slack_group: payments-eng, escalation_policy: PPAYMENTS, digest: \"%d %d * * *\"}\n", digestTeam(i), digestTeam(i), due.Minute(), due.Hour())
	}
	b.WriteString("services:\n")
	for i := range digestTeams {
		fmt.Fprintf(&b, "  one-%d: {repo: acme/%s, team: %s, environments: [staging]}\n  two-%d: {repo: acme/%s, team: %s, environments: [staging]}\n", i, digestTeam(i), digestTeam(i), i,
			digestTeam(i+1), digestTeam(i))
	}
	return b.String()
}
