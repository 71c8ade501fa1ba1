package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shipmate/commands"
)

// asks runs shipmate why on the stage's configuration and checks the status it ends with and the words it prints.
func (h *harness) asks(want int, words []string, args ...string) string {
	h.Helper()
	got, err := says(h.T, append([]string{"why", "-c", h.configPath()}, args...)...)
	ended := 0
	if err != nil {
		ended = status(err)
		if !errors.Is(err, errInTheWay) {
			got += err.Error()
		}
	}
	if ended != want {
		h.Errorf("shipmate why %q ends with %d (%v), want %d:\n%s", args, ended, err, want, got)
	}
	for _, w := range words {
		if !strings.Contains(got, w) {
			h.Errorf("shipmate why %q does not say %q:\n%s", args, w, got)
		}
	}
	return got
}

func TestWhyOnTheCommandLine(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.asks(0, []string{"✅ checkout", "to staging could be deployed now", "Add a basket", "✅ It is not locked.",
		"Who may deploy there is asked when somebody does"}, "shop", "stg")
	h.asks(0, []string{"✅ @ana may deploy there. (shipmate.yaml:"}, "checkout@main", "staging", "--as", "ana@acme.example")
	h.asks(2, []string{"⛔ checkout", "cannot be deployed now", "⛔ @ben may not deploy there. payments can. (shipmate.yaml:"},
		"checkout", "staging", "--as", h.people["ben"])
	h.as("ana").in("#payments").types("/deploy lock checkout staging the *database* moves").sees("🔒")
	got := h.asks(2, []string{"⛔ It is locked by @ana since 9 Mar 2026 ", ": the database moves. /deploy unlock checkout staging ends it."}, "checkout", "staging")
	if strings.ContainsAny(got, "*`<>") {
		t.Errorf("marks are left: %s", got)
	}
	h.asks(1, []string{"There is no service nothing."}, "nothing", "staging")
	h.asks(1, []string{"nowhere"}, "checkout@nowhere", "staging")
	h.asks(1, []string{"Nobody here has the e-mail address eve@acme.example."}, "checkout", "staging", "--as", "eve@acme.example")
	h.asks(1, []string{"Only Slack knows who me is"}, "checkout", "staging", "--as", "me")
	h.asks(1, []string{"which service, and where? Say: shipmate why checkout production"}, "checkout")
	h.asks(1, []string{"checkout@ names no service and commit"}, "checkout@", "staging")
	h.github.Down(true)
	h.asks(1, []string{"GitHub"}, "checkout", "staging")
	h.github.Down(false)

	h.stop()
	if _, err := os.Lstat(filepath.Join(h.dir, "shipmate.db.sock")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is left at a clean end: %v", err)
	}
	h.asks(1, []string{"no bot runs here with " + h.configPath(), "shipmate run --config " + h.configPath() + " starts it"}, "checkout", "staging")
}

func TestWhyAsJSON(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as("ana").in("#payments").types("/deploy lock checkout staging the *database* moves").sees("🔒")
	var got struct {
		Service, Environment, Commit string
		Could                        bool
		Gates                        []commands.GateSaid
	}
	if err := json.Unmarshal([]byte(h.asks(2, nil, "--json", "shop", "stg", "--as", "ana@acme.example")), &got); err != nil {
		t.Fatal(err)
	}
	if got.Service != "checkout" || got.Environment != "staging" || len(got.Commit) != 40 || got.Could || len(got.Gates) < 3 {
		t.Fatalf("%+v", got)
	}
	if g := got.Gates[0]; g.Name != "permission" || g.Verdict != "passed" || g.Code != "" || !strings.HasPrefix(g.At, "shipmate.yaml:") ||
		g.Says != "@ana may deploy there." || g.Clears != "" {
		t.Errorf("%+v", g)
	}
	lock := slices.IndexFunc(got.Gates, func(g commands.GateSaid) bool { return g.Name == "lock" })
	if lock < 0 {
		t.Fatalf("no lock in %+v", got.Gates)
	}
	if g := got.Gates[lock]; g.Verdict != "refused" || g.Code != "locked" || !strings.HasPrefix(string(g.Says), "It is locked by @ana since ") ||
		g.Clears != "/deploy unlock checkout staging ends it." {
		t.Errorf("%+v", g)
	}
}

// What does not come from the command line of this build is answered too, and nothing larger than a question is read.
func TestSocketTakesNothingElse(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	socket := filepath.Join(h.dir, "shipmate.db.sock")
	info, err := os.Lstat(socket)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the socket is %v, %v", info, err)
	}
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	defer client.CloseIdleConnections()
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{"/why", `{"service":"checkout","environment":"staging","later":true}`, http.StatusBadRequest},
		{"/why", `nonsense`, http.StatusBadRequest},
		{"/why", `{"service":"` + strings.Repeat("x", maxQuestion) + `"}`, http.StatusBadRequest},
		{"/deploy", `{}`, http.StatusNotFound},
	} {
		r, err := client.Post("http://shipmate"+c.path, "application/json", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close() // what it says is of no interest
		if r.StatusCode != c.want {
			t.Errorf("%s with %.60s: %d", c.path, c.body, r.StatusCode)
		}
	}
}

func TestSocketOfADeadProcessIsReplacedAndOneOfALivingIsNot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "s.sock")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Fatal(err) // so it is there, as after SIGKILL
	}
	living, err := listenAt(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := listenAt(t.Context(), path); err == nil || !strings.Contains(err.Error(), "another process listens at "+path) {
		t.Errorf("a living one: %v", err)
	}
	if err := living.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listenAt(t.Context(), path); err == nil || !strings.Contains(err.Error(), path+" is not a socket") {
		t.Errorf("a file of somebody: %v", err)
	}
}

func TestPathTooLongForASocketIsOneSentence(t *testing.T) {
	t.Parallel()
	store := filepath.Join("/", strings.Repeat("d", 100), "shipmate.db")
	want := "the path of a socket has at most 103 bytes, and " + store + ".sock has 118; a shorter store.path lets the command line ask the bot"
	if _, err := socketOf(store); err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	var log logged
	d := newDesk(store, http.NotFoundHandler(), slog.New(slog.NewTextHandler(&log, nil)))
	d.open(t.Context()) // the bot runs all the same
	d.close()
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), want) {
		t.Errorf("the log says %s", log.String())
	}
	s := newStage(t)
	s.configure(strings.Replace(companyYAML, "path: shipmate.db", "path: "+store, 1))
	if got, err := says(t, "why", "-c", s.configPath(), "checkout", "staging"); err == nil || err.Error() != want || got != "" {
		t.Errorf("%q, %v", got, err)
	}
}
