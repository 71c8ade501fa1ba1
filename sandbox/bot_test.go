package sandbox_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shipmate/sandbox"
)

// script is a bot that is a shell script: the stage knows bots only as processes.
func script(t *testing.T, lines ...string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bot.sh")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o700); err != nil {
		t.Fatal(err)
	}
	return []string{"/bin/sh", path}
}

// await looks, after each change the stage tells, until the state is as wanted.
func await(t *testing.T, server *httptest.Server, want func(seen) bool) seen {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/api/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for changes := bufio.NewScanner(res.Body); changes.Scan(); {
		if v := look(t, server, ""); want(v) {
			return v
		}
	}
	t.Fatalf("it did not come to that: %+v", look(t, server, "").Bot)
	return seen{}
}

func logged(v seen, text string) bool {
	for _, l := range v.Bot.Logs {
		if strings.Contains(l.Text, text) {
			return true
		}
	}
	return false
}

func TestTheBotIsStartedAndKilled(t *testing.T) {
	t.Parallel()
	_, server := stage(t, sandbox.Options{BotCommand: script(t, `echo '{"level":"WARN","msg":"careful","err":"no luck","n":3}' >&2`, `echo "$@ $SLACK_APP_TOKEN"`, "sleep 60")})
	if got := look(t, server, "").Bot; got.State != "stopped" {
		t.Fatalf("before it is started the bot is %s", got.State)
	}
	post(t, server, "door", `{"lever":"bot-start"}`)
	v := await(t, server, func(v seen) bool { return logged(v, "careful") && logged(v, "xapp-") })
	if v.Bot.State != "running" || v.Bot.PID == 0 {
		t.Errorf("the bot is %+v", v.Bot)
	}
	if !logged(v, "careful err=\"no luck\" n=3") || !logged(v, "shipmate.yaml") {
		t.Errorf("logs: %+v", v.Bot.Logs)
	}
	if got := post(t, server, "door", `{"lever":"bot-start"}`); got.Error == "" {
		t.Error("a second bot was started beside the first")
	}
	post(t, server, "door", `{"lever":"bot-kill"}`)
	if v := look(t, server, ""); v.Bot.State != "stopped" || !strings.Contains(v.Bot.Exit, "KILLED") {
		t.Errorf("after the kill the bot is %+v", v.Bot)
	}
	if got := post(t, server, "door", `{"lever":"bot-kill"}`); got.Error == "" {
		t.Error("a dead bot was killed")
	}
	post(t, server, "door", `{"lever":"bot-start"}`)
	if v := look(t, server, ""); v.Bot.State != "running" || v.Bot.Starts != 2 {
		t.Errorf("after the second start the bot is %+v", v.Bot)
	}
}

func TestABotThatEndsByItself(t *testing.T) {
	t.Parallel()
	_, server := stage(t, sandbox.Options{BotCommand: script(t, "echo cannot", "exit 3")})
	post(t, server, "door", `{"lever":"bot-start"}`)
	v := await(t, server, func(v seen) bool { return v.Bot.State == "stopped" })
	if !strings.Contains(v.Bot.Exit, "exit status 3") || !logged(v, "cannot") {
		t.Errorf("the page shows %+v", v.Bot)
	}
}

func TestTheStageEndsItsBot(t *testing.T) {
	t.Parallel()
	end := filepath.Join(t.TempDir(), "ended")
	s, server := stage(t, sandbox.Options{BotCommand: script(t, "trap 'echo in good order > "+end+"; exit 0' TERM", "echo up", "while :; do sleep 0.05; done")})
	post(t, server, "door", `{"lever":"bot-start"}`)
	await(t, server, func(v seen) bool { return logged(v, "up") })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(end); err != nil || !strings.Contains(string(text), "good order") {
		t.Errorf("the bot did not end in good order: %q, %v", text, err)
	}
}

func TestANewLineNeverGrowsWithoutBounds(t *testing.T) {
	t.Parallel()
	_, server := stage(t, sandbox.Options{BotCommand: script(t, "head -c 300000 /dev/zero | tr '\\0' x", "echo", "i=0", "while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); done", "echo last", "sleep 60")})
	post(t, server, "door", `{"lever":"bot-start"}`)
	v := await(t, server, func(v seen) bool { return logged(v, "last") })
	if len(v.Bot.Logs) != 80 {
		t.Errorf("%d lines are kept", len(v.Bot.Logs))
	}
	for _, l := range v.Bot.Logs {
		if len(l.Text) > 4096 {
			t.Errorf("a line of %d bytes is kept", len(l.Text))
		}
	}
}
