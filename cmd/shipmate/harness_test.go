package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/config"
	"shipmate/integrations/github/githubtest"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// harness is the whole program in this process on a stage. A test says who does what and what they see; whatever else
// anybody was told, and whatever Slack, GitHub or PagerDuty would not have understood, fails the test at its end.
type harness struct {
	*stage
	app  *app
	stop func()

	mu       sync.Mutex
	expected map[string]bool // messages a test has seen, by channel, person and timestamp
	fine     []string        // words of messages that may be there
}

// newHarness starts the program. before sets the scene first.
func newHarness(t *testing.T, before ...func(*stage)) *harness {
	t.Helper()
	h := &harness{stage: newStage(t), expected: map[string]bool{}}
	for _, f := range before {
		f(h.stage)
	}
	h.slack.OnAck(func(slacktest.Delivery) { h.happened.Add(1) })
	h.Cleanup(h.settled)
	h.start()
	h.Cleanup(func() { h.stop() })
	h.Cleanup(func() {
		if !h.Failed() {
			h.still("everything is acked", func() bool { return len(h.unacked()) == 0 })
		}
	})
	return h
}

// start builds and runs the program on what it left on the disk.
func (h *harness) start() {
	h.Helper()
	log := slog.New(slog.NewTextHandler(logTo{h.T}, nil))
	a, err := build(context.Background(), parts{Config: h.configPath(), Clock: h.clock, Log: log,
		Secrets: config.Secrets{SlackApp: config.NewSecret(h.slack.AppToken), SlackBot: config.NewSecret(h.slack.BotToken),
			GitHubToken: config.NewSecret(githubtest.DefaultToken), PagerDuty: config.NewSecret(h.pagerToken)},
		Sockets: bot.Sockets{Second: 20 * time.Millisecond, MinLife: 50 * time.Millisecond, MaxPause: time.Second},
		Environ: h.environ, OnCommit: func(string) { h.happened.Add(1) }})
	if err != nil {
		h.Fatal(err)
	}
	h.app = a
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx) }()
	var once sync.Once
	h.stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				h.Errorf("the program ended with %v", err)
			}
		})
	}
	h.still("the bot hears Slack", func() bool { return h.app.bot.Hearing().DeafSince.IsZero() })
}

// restart stops the program and starts the next.
func (h *harness) restart() {
	h.Helper()
	h.still("everything is acked", func() bool { return len(h.unacked()) == 0 }) // what is not comes again only with time
	h.stop()
	h.still("Slack sees it gone", func() bool { return h.slack.Connections().Open == 0 })
	h.start()
}

type logTo struct{ *testing.T }

// Write implements io.Writer.
func (l logTo) Write(p []byte) (int, error) {
	for _, secret := range []string{"xoxb-", "xapp-", githubtest.DefaultToken, pagerdutytest.DefaultToken, "/response/"} {
		if strings.Contains(string(p), secret) {
			l.Errorf("a secret is in the log: %s", p)
		}
	}
	l.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// settled checks, when the program has ended, that nothing was said or called that the test does not know of.
func (h *harness) settled() {
	if h.Failed() {
		return
	}
	h.eachSaid(func(m slacktest.Message) {
		if !h.expected[keyOf(m)] && !slices.ContainsFunc(h.fine, func(words string) bool { return strings.Contains(whole(m), words) }) {
			h.Errorf("nobody expected in %s, for %q: %s", m.Channel, m.For, whole(m))
		}
	})
	for _, p := range h.slack.Problems() {
		h.Errorf("Slack does not like: %s: %s", p.Kind, p.Detail)
	}
	for _, p := range h.github.Problems() {
		h.Errorf("GitHub does not know: %s", p)
	}
	for _, p := range h.pager.Problems() {
		h.Errorf("PagerDuty does not know: %s", p)
	}
}

// eachSaid calls fn with every message of the bot and everything that one person alone sees.
func (h *harness) eachSaid(fn func(slacktest.Message)) {
	for _, c := range h.slack.Channels() {
		for _, m := range h.slack.Messages(c.ID) {
			if m.BotID != "" {
				fn(m)
			}
			for _, r := range h.slack.Thread(c.ID, m.TS) {
				if r.TS != m.TS && r.BotID != "" && !r.Broadcast {
					fn(r)
				}
			}
		}
	}
	for _, id := range h.people {
		for _, m := range h.slack.Ephemerals(id, "") {
			fn(m)
		}
	}
}

func keyOf(m slacktest.Message) string { return m.Channel + "/" + m.For + "/" + m.TS }

// expect marks a message as one the test knows of.
func (h *harness) expect(m slacktest.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expected[keyOf(m)] = true
}

// mayHear lists words of messages that are of no interest to the test.
func (h *harness) mayHear(words ...string) { h.fine = append(h.fine, words...) }
