package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/clock"
	"shipmate/commands"
	"shipmate/config"
)

// The benchmark of the ledger fills stores of growing size and measures what people wait for with them. It judges nothing; the
// limits it prints stand in docs/performance.md. SHIPMATE_LEDGER names other sizes, such as "1000,10000".
//
//	go test ./cmd/shipmate -run '^$' -bench Ledger -benchtime 1x -timeout 60m
var ledgerSizes = []int{1_000, 10_000, 100_000, 1_000_000}

// asks is how often each command is asked, of all services in turn.
const asks = 500

// ledgerResult is what a size costs.
type ledgerResult struct {
	n         int
	fill      time.Duration
	size      int64
	build     time.Duration            // of the program in this process, without a network
	p50, p99  map[string]time.Duration // of a handler, by its line
	picture   time.Duration            // median
	first     time.Duration            // from the start of a process to its first socket
	idle, rss float64                  // RssAnon in MB at the start, and after everything was asked
}

// ledgerLines are what is asked; %s stands for a service.
var ledgerLines = []string{"deploy history %s", "deploy status %s", "deploy stats %s", "deploy stats"}

func BenchmarkLedger(b *testing.B) {
	sizes := ledgerSizes
	if text := os.Getenv("SHIPMATE_LEDGER"); text != "" {
		sizes = nil
		for _, word := range strings.Split(text, ",") {
			n := 0
			if _, err := fmt.Sscan(word, &n); err != nil {
				b.Fatal(err)
			}
			sizes = append(sizes, n)
		}
	}
	bin := filepath.Join(b.TempDir(), "shipmate")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	for b.Loop() {
		var results []ledgerResult
		for _, n := range sizes {
			results = append(results, measureLedger(b, bin, n))
		}
		reportLedger(b, results)
	}
}

func measureLedger(b *testing.B, bin string, n int) ledgerResult {
	b.Helper()
	dir, err := os.MkdirTemp("", "shipmate-ledger")
	if err != nil {
		b.Fatal(err)
	}
	defer os.RemoveAll(dir)
	r := ledgerResult{n: n, p50: map[string]time.Duration{}, p99: map[string]time.Duration{}}
	begun := time.Now()
	if err := (filling{n: n, now: begun}).write(context.Background(), filepath.Join(dir, "shipmate.db")); err != nil {
		b.Fatal(err)
	}
	r.fill = time.Since(begun)
	info, err := os.Stat(filepath.Join(dir, "shipmate.db"))
	if err != nil {
		b.Fatal(err)
	}
	r.size = info.Size()
	r.handlers(b, dir, asks)
	r.process(b, bin, dir)
	return r
}

// handlers measures commands alone, in this process: reading and wording, no network.
func (r *ledgerResult) handlers(t testing.TB, dir string, asks int) {
	t.Helper()
	path, err := fillConfig(dir, "http://127.0.0.1:1/api/")
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	a, err := build(context.Background(), parts{Config: path, Clock: clock.System(), Log: slog.New(slog.DiscardHandler),
		Secrets: config.Secrets{SlackApp: config.NewSecret("xapp"), SlackBot: config.NewSecret("xoxb"), GitHubToken: config.NewSecret("ghp")}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.db.Close()
	r.build = time.Since(begun)
	for _, line := range ledgerLines {
		var took []time.Duration
		for i := range asks {
			begun := time.Now()
			reply, err := ask(a, line, fillService(i))
			took = append(took, time.Since(begun))
			if err != nil || reply.Text == "" {
				t.Fatalf("%s: %v", line, err)
			}
		}
		slices.Sort(took)
		r.p50[line], r.p99[line] = took[len(took)/2], took[len(took)*99/100]
	}
	reply, err := ask(a, "deploy stats %s", fillService(0))
	if err != nil || reply.File == nil {
		t.Fatalf("no picture: %v", err)
	}
	var took []time.Duration
	for range 15 {
		begun := time.Now()
		if _, err := reply.File.Draw(); err != nil {
			t.Fatal(err)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	r.picture = took[len(took)/2]
}

// ask runs a command as the bot does once it has bound its arguments.
func ask(a *app, line, service string) (bot.Reply, error) {
	name, args := line, bot.Args{}
	if rest, ok := strings.CutSuffix(line, " %s"); ok {
		name, args = rest, bot.Args{"service": service}
	}
	i := slices.IndexFunc(a.commands, func(c bot.Command) bool { return c.Name == name })
	return a.commands[i].Run(context.Background(), bot.Request{ID: "r", At: time.Now(), User: "U0ANA00001", Channel: "C0PAY00001", Args: args, Config: a.live.Current()})
}

// process measures the whole program in a process of its own, on a fake Slack.
func (r *ledgerResult) process(b *testing.B, bin, dir string) {
	b.Helper()
	manifest, err := bot.Manifest(commands.All(commands.Deps{}))
	if err != nil {
		b.Fatal(err)
	}
	app, err := slacktest.ParseManifest(manifest)
	if err != nil {
		b.Fatal(err)
	}
	slack, err := slacktest.New(slacktest.Options{Clock: clock.System(), Quiet: true, NoLimits: true, App: app})
	if err != nil {
		b.Fatal(err)
	}
	defer slack.Close()
	user := slack.AddUser(slacktest.User{Name: "ana"}).ID
	channel := slack.AddChannel(slacktest.Channel{Name: "payments", Members: []string{user}}).ID
	path, err := fillConfig(dir, slack.URL())
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(bin, "run", "--config", path)
	cmd.Env = append(os.Environ(), "SLACK_BOT_TOKEN="+slack.BotToken, "SLACK_APP_TOKEN="+slack.AppToken, "GITHUB_TOKEN=ghp_none")
	var said bytes.Buffer
	cmd.Stderr = &said
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		done := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // ended by a signal, which is an error to it
		done.Stop()
	}()
	for slack.Connections().Open == 0 {
		if time.Since(begun) > time.Minute {
			b.Fatalf("it does not connect: %s", said.String())
		}
		time.Sleep(100 * time.Microsecond)
	}
	r.first = time.Since(begun)
	r.idle = rssAnon(b, cmd.Process.Pid)
	var missing sync.WaitGroup
	slack.OnCall(func(c slacktest.Call) {
		if c.Phase == slacktest.After && (c.Method == "response_url" || c.Method == "files.completeUploadExternal") {
			missing.Done()
		}
	})
	for i := range asks {
		for _, line := range ledgerLines {
			if line == "deploy stats" && i%10 > 0 { // of all services it is rarely asked
				continue
			}
			missing.Add(1)
			if strings.HasPrefix(line, "deploy stats") {
				missing.Add(1) // its picture
			}
			if strings.Contains(line, "%s") {
				line = fmt.Sprintf(line, fillService(i))
			}
			if _, err := slack.Slash(user, channel, "/"+line); err != nil {
				b.Fatal(err)
			}
		}
		if i%8 == 7 {
			missing.Wait()
		}
	}
	missing.Wait()
	r.rss = rssAnon(b, cmd.Process.Pid)
}

// reportLedger prints how cost grows, and what the largest is in proportion to its limit.
func reportLedger(b *testing.B, results []ledgerResult) {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	lines := []struct {
		what  string
		limit float64 // 0 for none
		of    func(ledgerResult) float64
	}{
		{"filling, s", 0, func(r ledgerResult) float64 { return r.fill.Seconds() }},
		{"store, MB", 0, func(r ledgerResult) float64 { return float64(r.size) / (1 << 20) }},
		{"building the program, ms", 0, func(r ledgerResult) float64 { return ms(r.build) }},
		{"history of a service p50, ms", 0, func(r ledgerResult) float64 { return ms(r.p50[ledgerLines[0]]) }},
		{"history of a service p99, ms", 50, func(r ledgerResult) float64 { return ms(r.p99[ledgerLines[0]]) }},
		{"status of a service p50, ms", 0, func(r ledgerResult) float64 { return ms(r.p50[ledgerLines[1]]) }},
		{"status of a service p99, ms", 50, func(r ledgerResult) float64 { return ms(r.p99[ledgerLines[1]]) }},
		{"stats of a service p50, ms", 0, func(r ledgerResult) float64 { return ms(r.p50[ledgerLines[2]]) }},
		{"stats of a service p99, ms", 50, func(r ledgerResult) float64 { return ms(r.p99[ledgerLines[2]]) }},
		{"stats of all services p99, ms", 0, func(r ledgerResult) float64 { return ms(r.p99[ledgerLines[3]]) }},
		{"drawing the picture, ms", 0, func(r ledgerResult) float64 { return ms(r.picture) }},
		{"first socket after start, ms", 1000, func(r ledgerResult) float64 { return ms(r.first) }},
		{"RssAnon at the start, MB", 0, func(r ledgerResult) float64 { return r.idle }},
		{"RssAnon after all of it, MB", 150, func(r ledgerResult) float64 { return r.rss }},
	}
	var out strings.Builder
	fmt.Fprintf(&out, "\n%-32s", "deployments in the store")
	for _, r := range results {
		fmt.Fprintf(&out, "%12d", r.n)
	}
	fmt.Fprintf(&out, "%10s %8s\n", "limit", "ratio")
	last := results[len(results)-1]
	for _, l := range lines {
		fmt.Fprintf(&out, "%-32s", l.what)
		for _, r := range results {
			fmt.Fprintf(&out, "%12.2f", l.of(r))
		}
		if l.limit > 0 {
			fmt.Fprintf(&out, "%10.0f %8.3f", l.limit, l.of(last)/l.limit)
		}
		out.WriteString("\n")
	}
	b.Log(out.String())
	b.ReportMetric(0, "ns/op")
	for name, i := range map[string]int{"history-p99/limit": 4, "status-p99/limit": 6, "stats-p99/limit": 8, "start/limit": 11, "rss/limit": 13} {
		b.ReportMetric(lines[i].of(last)/lines[i].limit, name)
	}
}

// The benchmark measures what it says it does, also when nobody asks for it.
func TestTheLedgerIsMeasured(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f := filling{n: 1000, now: time.Now()}
	if err := f.write(t.Context(), filepath.Join(dir, "shipmate.db")); err != nil {
		t.Fatal(err)
	}
	r := ledgerResult{p50: map[string]time.Duration{}, p99: map[string]time.Duration{}}
	r.handlers(t, dir, 40)
	for _, line := range ledgerLines {
		if r.p50[line] <= 0 || r.p99[line] <= 0 {
			t.Errorf("%s: %s, %s", line, r.p50[line], r.p99[line])
		}
	}
	path, err := fillConfig(dir, "http://127.0.0.1:1/api/")
	if err != nil {
		t.Fatal(err)
	}
	a, err := build(t.Context(), parts{Config: path, Clock: clock.System(), Log: slog.New(slog.DiscardHandler),
		Secrets: config.Secrets{SlackApp: config.NewSecret("xapp"), SlackBot: config.NewSecret("xoxb"), GitHubToken: config.NewSecret("ghp")}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.db.Close()
	for line, words := range map[string]string{"deploy history %s": "The latest 10 deployments of *service-03*", "deploy status %s": "What runs where",
		"deploy stats %s": "*service-03 in production*", "deploy stats": "*All services in production*"} {
		reply, err := ask(a, line, "service-03")
		if err != nil || !strings.Contains(string(reply.Text), words) {
			t.Errorf("%s: %s, %v", line, reply.Text, err)
		}
	}
	reply, err := ask(a, "deploy stats", "")
	if err != nil || strings.Contains(fmt.Sprint(reply.Parts), "no data") {
		t.Errorf("the filling leaves figures out: %v, %v", reply.Parts, err)
	}
}
