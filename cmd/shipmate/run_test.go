package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"shipmate/config"
)

func TestMissingSecretsAndABrokenConfigurationAreToldAtOnce(t *testing.T) {
	for _, name := range []string{"SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "GITHUB_TOKEN"} {
		t.Setenv(name, "")
		t.Setenv(name+"_FILE", "")
	}
	path := filepath.Join(t.TempDir(), "shipmate.yaml")
	if err := os.WriteFile(path, []byte("servces: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run(t.Context(), path, false, &out); err == nil {
		t.Fatal("it runs")
	}
	for _, words := range []string{"SLACK_APP_TOKEN: is missing", "GITHUB_TOKEN: is missing", "shipmate.yaml:1:1: ", "servces"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("%q is not told in:\n%s", words, out.String())
		}
	}
}

func TestWrongGitHubTokenIsInTheLogAtTheStart(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	var log logged
	a, err := build(t.Context(), parts{Config: s.configPath(), Clock: s.clock, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Secrets: config.Secrets{SlackApp: config.NewSecret(s.slack.AppToken), SlackBot: config.NewSecret(s.slack.BotToken),
			GitHubToken: config.NewSecret("ghp_wrong")}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx) }()
	s.still("the log warns", func() bool {
		return strings.Contains(log.String(), "level=WARN") && strings.Contains(log.String(), "GitHub does not accept Shipmate's credentials")
	})
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if strings.Contains(log.String(), "ghp_wrong") {
		t.Error("the token is in the log")
	}
}

// logged keeps a log that is written while it is read.
type logged struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
