package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/clock"
)

// The benchmark compares three real processes on one fake Slack, one after the other in each round, and prints medians and
// ratios against the limits that docs/performance.md names. It judges nothing.
//
//	go test ./cmd/shipmate -run '^$' -bench Bot -benchtime 1x -timeout 20m
const (
	rounds   = 5
	answered = 10_000 // answers of one throughput measurement
	inFlight = 256
)

// contestant is one of the bots that are compared.
type contestant struct {
	name, pkg string
	args      []string
	bin       string
}

// result is what one round says of one bot.
type result struct {
	first                          time.Duration // from start of the process to its first socket
	idle, peak                     float64       // RssAnon in MB
	perSecond, cpu                 float64       // answers a second; CPU seconds per 10,000 answers
	p50slow, p99slow, p50mid, p99m time.Duration // ack at 50 and at 500 commands a second
}

func BenchmarkBot(b *testing.B) {
	dir := b.TempDir()
	bots := []*contestant{
		{name: "shipmate", pkg: ".", args: []string{"run", "--config"}},
		{name: "a: plain slack-go", pkg: "./testdata/plainbot"},
		{name: "b: bare journal", pkg: "./testdata/barebot"},
	}
	for i, c := range bots {
		c.bin = filepath.Join(dir, fmt.Sprint("bot", i))
		if out, err := exec.Command("go", "build", "-o", c.bin, c.pkg).CombinedOutput(); err != nil {
			b.Fatalf("building %s: %v\n%s", c.name, err, out)
		}
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // the fake Slack has half of each processor: it should be quick
	results := map[string][]result{}
	for b.Loop() {
		for range rounds {
			for _, c := range bots {
				results[c.name] = append(results[c.name], measure(b, c, filepath.Join(dir, fmt.Sprint(len(results[c.name]), c.name))))
			}
		}
	}
	report(b, results)
}

// measure runs one bot through one round.
func measure(b *testing.B, c *contestant, dir string) (r result) {
	b.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	slack, err := slacktest.New(slacktest.Options{Clock: clock.System(), Quiet: true, NoLimits: true,
		App: slacktest.App{Commands: []slacktest.Command{{Name: "/shipmate"}}}})
	if err != nil {
		b.Fatal(err)
	}
	defer slack.Close()
	user := slack.AddUser(slacktest.User{Name: "ana"}).ID
	channel := slack.AddChannel(slacktest.Channel{Name: "payments", Members: []string{user}}).ID
	users := []string{user}
	for i := range 63 { // one person's requests run in order; a company's run side by side
		u := slack.AddUser(slacktest.User{Name: fmt.Sprint("u", i)}).ID
		if err := slack.Join(u, channel); err != nil {
			b.Fatal(err)
		}
		users = append(users, u)
	}
	file := filepath.Join(dir, "shipmate.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, "slack: {api_url: %q}\nlisten: \"\"\n", slack.URL()), 0o600); err != nil {
		b.Fatal(err)
	}
	args := c.args
	if len(args) > 0 {
		args = append(slices.Clone(args), file)
	}
	cmd := exec.Command(c.bin, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SLACK_BOT_TOKEN="+slack.BotToken, "SLACK_APP_TOKEN="+slack.AppToken, "GITHUB_TOKEN=ghp_none",
		"SLACK_API_URL="+slack.URL(), "BARE_DIR="+dir)
	var said bytes.Buffer
	cmd.Stderr = &said
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		done := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // ended by a signal, which is an error to it
		done.Stop()
	}()
	for slack.Connections().Open == 0 {
		if time.Since(begun) > 10*time.Second {
			b.Fatalf("%s does not connect: %s", c.name, said.String())
		}
		runtime.Gosched()
	}
	r.first = time.Since(begun)
	l := newLoad(b, slack, users, channel)
	l.run(2_000, 0) // warm
	r.idle = rssAnon(b, cmd.Process.Pid)
	r.p50slow, r.p99slow = l.run(200, 20*time.Millisecond)
	r.p50mid, r.p99m = l.run(2_000, 2*time.Millisecond)
	before, start := cpuSeconds(b, cmd.Process.Pid), time.Now()
	l.run(answered, 0)
	r.perSecond = answered / time.Since(start).Seconds()
	r.cpu = (cpuSeconds(b, cmd.Process.Pid) - before) * 10_000 / answered
	r.peak = rssAnon(b, cmd.Process.Pid)
	return r
}

// load sends commands and hears acks and answers.
type load struct {
	b       *testing.B
	slack   *slacktest.Server
	users   []string
	channel string
	places  chan struct{} // taken by a command until it is answered
	missing sync.WaitGroup

	mu    sync.Mutex
	took  []time.Duration // from sending an envelope to its ack
	given atomic.Int64
}

func newLoad(b *testing.B, slack *slacktest.Server, users []string, channel string) *load {
	l := &load{b: b, slack: slack, users: users, channel: channel, places: make(chan struct{}, inFlight)}
	slack.OnCall(func(c slacktest.Call) {
		if c.Method == "response_url" && c.Phase == slacktest.After {
			<-l.places
			l.missing.Done()
		}
	})
	slack.OnAck(func(d slacktest.Delivery) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.took = append(l.took, d.AckAt.Sub(d.SentAt))
	})
	return l
}

// run sends n commands, as fast as places allow or one each interval, and waits until all are answered.
func (l *load) run(n int, every time.Duration) (p50, p99 time.Duration) {
	l.b.Helper()
	l.mu.Lock()
	l.took = l.took[:0]
	l.mu.Unlock()
	next := time.Now()
	for range n {
		if every > 0 {
			next = next.Add(every)
			time.Sleep(time.Until(next))
		}
		l.places <- struct{}{}
		l.missing.Add(1)
		user := l.users[int(l.given.Add(1))%len(l.users)]
		if _, err := l.slack.Slash(user, l.channel, "/shipmate version"); err != nil {
			l.b.Fatal(err)
		}
	}
	l.missing.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	slices.Sort(l.took)
	return l.took[len(l.took)/2], l.took[len(l.took)*99/100]
}

// report prints the medians and what they are in proportion to each other.
func report(b *testing.B, results map[string][]result) {
	median := func(name string, of func(result) float64) float64 {
		var all []float64
		for _, r := range results[name] {
			all = append(all, of(r))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	const ours, plain, bare = "shipmate", "a: plain slack-go", "b: bare journal"
	ms := func(of func(result) time.Duration) func(result) float64 {
		return func(r result) float64 { return float64(of(r).Microseconds()) / 1000 }
	}
	lines := []struct {
		what, limit string
		of          func(result) float64
		against     string
	}{
		{"answers/s at 256 in flight", "≥ 1.30", func(r result) float64 { return r.perSecond }, plain},
		{"CPU s per 10,000 answers", "≤ 1.0 s", func(r result) float64 { return r.cpu }, plain},
		{"RssAnon at that load, MB", "≤ 80 MB", func(r result) float64 { return r.peak }, plain},
		{"ack p50 at 50/s, ms", "≤ 1.30", ms(func(r result) time.Duration { return r.p50slow }), bare},
		{"ack p99 at 50/s, ms", "≤ 1.30 and 3 ms", ms(func(r result) time.Duration { return r.p99slow }), bare},
		{"ack p50 at 500/s, ms", "≤ 1.30", ms(func(r result) time.Duration { return r.p50mid }), bare},
		{"ack p99 at 500/s, ms", "≤ 1.30 and 3 ms", ms(func(r result) time.Duration { return r.p99m }), bare},
		{"first socket after start, ms", "≤ 100 ms", ms(func(r result) time.Duration { return r.first }), plain},
		{"RssAnon after 2,000 answers, MB", "—", func(r result) float64 { return r.idle }, plain},
	}
	var out strings.Builder
	fmt.Fprintf(&out, "\n%-34s %10s %10s %10s %8s  %s\n", "median of "+strconv.Itoa(len(results[ours])), ours, "(a)", "(b)", "ratio", "limit")
	for _, l := range lines {
		us, other := median(ours, l.of), median(l.against, l.of)
		fmt.Fprintf(&out, "%-34s %10.2f %10.2f %10.2f %8.2f  %s\n", l.what, us, median(plain, l.of), median(bare, l.of), us/other, l.limit)
	}
	b.Log(out.String())
	b.ReportMetric(median(ours, lines[0].of)/median(plain, lines[0].of), "throughput/a")
	b.ReportMetric(median(ours, lines[6].of)/median(bare, lines[6].of), "ack-p99-500/b")
	b.ReportMetric(0, "ns/op")
}

// rssAnon is the anonymous memory of a process in MB (proc(5), status).
func rssAnon(b *testing.B, pid int) float64 {
	b.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for _, line := range strings.Split(string(data), "\n") {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb / 1024
		}
	}
	b.Fatal("no RssAnon")
	return 0
}

// cpuSeconds is the processor time a process has used (proc(5), stat: utime and stime, in hundredths of a second).
func cpuSeconds(b *testing.B, pid int) float64 {
	b.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	f := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+2:]))
	sum := 0.0
	for _, s := range f[11:13] {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			b.Fatal(err)
		}
		sum += v
	}
	return sum / 100
}
