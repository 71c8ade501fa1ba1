package config_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/config"
)

const (
	first  = "listen: 127.0.0.1:1\n"
	second = "listen: 127.0.0.1:2\nstore: {path: other.db}\n"
	broken = "lissten: 127.0.0.1:2\n"
)

// following is a Live whose Run is going, on a clock the test moves.
type following struct {
	t       *testing.T
	path    string
	clock   *clock.Manual
	live    *config.Live
	changes chan config.Change
}

func follow(t *testing.T, path string) *following {
	t.Helper()
	f := &following{t: t, path: path, clock: clock.NewManual(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)), changes: make(chan config.Change, 10)}
	live, err := config.NewLive(path, reserved, f.clock, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	f.live = live
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- live.Run(ctx, func(c config.Change) { f.changes <- c }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
	f.waits()
	return f
}

// waits returns when Run waits for its next look.
func (f *following) waits() {
	for _, set := f.clock.Next(); !set; _, set = f.clock.Next() {
		runtime.Gosched()
	}
}

// looks lets Run look n times.
func (f *following) looks(n int) {
	f.t.Helper()
	for range n {
		f.waits()
		f.clock.Advance(2 * time.Second)
	}
	f.waits()
}

func (f *following) write(text string) { write(f.t, f.path, text) }

func (f *following) told() config.Change {
	f.t.Helper()
	select {
	case c := <-f.changes:
		return c
	case <-time.After(5 * time.Second):
		f.t.Fatal("no change was told")
		panic("unreachable")
	}
}

func (f *following) toldNothing() {
	f.t.Helper()
	select {
	case c := <-f.changes:
		f.t.Errorf("a change was told: %+v", c)
	default:
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func started(t *testing.T) *following {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shipmate.yaml")
	write(t, path, first)
	return follow(t, path)
}

func TestLiveFollowsTheFile(t *testing.T) {
	t.Parallel()
	f := started(t)
	f.write(second)
	f.looks(1)
	if got := f.live.Current().Listen; got != "127.0.0.1:1" {
		t.Errorf("a file that may still be being written is in force: %s", got)
	}
	f.looks(1)
	change := f.told()
	if change.Err != nil || change.Config != f.live.Current() || f.live.Current().Listen != "127.0.0.1:2" || len(change.Warnings) == 0 {
		t.Errorf("got %+v", change)
	}
	same(t, "keys that need a restart", change.NeedRestart, []string{"store.path", "listen"})
	f.looks(3)
	f.toldNothing()
}

func TestLiveKeepsTheLastGoodFile(t *testing.T) {
	t.Parallel()
	f := started(t)
	before := f.live.Current()
	f.write(broken)
	f.looks(2)
	change := f.told()
	var mistakes config.Mistakes
	if !errors.As(change.Err, &mistakes) || !strings.Contains(mistakes.Error(), "did you mean listen?") || change.Config != before || f.live.Current() != before {
		t.Errorf("got %+v", change)
	}
	f.looks(3)
	f.toldNothing() // once is enough

	f.write(first)
	f.looks(2)
	if change := f.told(); change.Err != nil || !change.Mended || len(change.NeedRestart) != 0 {
		t.Errorf("mended: %+v", change)
	}

	if err := os.Remove(f.path); err != nil {
		t.Fatal(err)
	}
	f.looks(2)
	if change := f.told(); change.Err == nil || !strings.Contains(change.Err.Error(), "cannot be read") {
		t.Errorf("removed: %+v", change)
	}
}

// A file that is being written in pieces is never in force half, and a rename in one step is no different.
func TestLiveWaitsForAFileToSettle(t *testing.T) {
	t.Parallel()
	f := started(t)
	for _, text := range []string{"listen: ", "listen: 127.0.0.1:2\n", "listen: 127.0.0.1:2\nstore: {", second} {
		f.write(text)
		f.looks(1)
	}
	f.toldNothing()
	f.write(first)
	f.looks(3)
	f.toldNothing()
	renamed := f.path + "~"
	write(t, renamed, second)
	if err := os.Rename(renamed, f.path); err != nil {
		t.Fatal(err)
	}
	f.looks(2)
	if change := f.told(); change.Err != nil || change.Config.Listen != "127.0.0.1:2" {
		t.Errorf("renamed: %+v", change)
	}
}

// Kubernetes mounts a ConfigMap as a link to ..data/shipmate.yaml, where ..data is a link that is pointed elsewhere.
func TestLiveFollowsLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"v1": first, "v2": second} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name, "shipmate.yaml"), text)
	}
	link(t, "v1", filepath.Join(dir, "..data"))
	link(t, filepath.Join("..data", "shipmate.yaml"), filepath.Join(dir, "shipmate.yaml"))
	f := follow(t, filepath.Join(dir, "shipmate.yaml"))
	link(t, "v2", filepath.Join(dir, "..new"))
	if err := os.Rename(filepath.Join(dir, "..new"), filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
	f.looks(2)
	if change := f.told(); change.Config.Listen != "127.0.0.1:2" {
		t.Errorf("got %+v", change)
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	f := started(t)
	ctx := context.Background()
	if changed, err := f.live.Reload(ctx); changed || err != nil {
		t.Errorf("nothing changed: %v, %v", changed, err)
	}
	f.write(second)
	if changed, err := f.live.Reload(ctx); !changed || err != nil || f.live.Current().Listen != "127.0.0.1:2" {
		t.Errorf("changed: %v, %v", changed, err)
	}
	if change := f.told(); change.Config.Listen != "127.0.0.1:2" {
		t.Errorf("told %+v", change)
	}
	f.write(broken)
	for range 2 {
		var mistakes config.Mistakes
		if changed, err := f.live.Reload(ctx); changed || !errors.As(err, &mistakes) {
			t.Errorf("broken: %v, %v", changed, err)
		}
	}
	if change := f.told(); change.Err == nil {
		t.Errorf("told %+v", change)
	}
	f.looks(3)
	f.toldNothing()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := f.live.Reload(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}

// A file whose lines only moved changes nothing but what refusals cite.
func TestReloadMovesLines(t *testing.T) {
	t.Parallel()
	f := started(t)
	f.write("# a comment\n" + first)
	if changed, err := f.live.Reload(context.Background()); changed || err != nil {
		t.Errorf("got %v, %v", changed, err)
	}
	if at := f.live.Current().At("listen"); at != "shipmate.yaml:2:1" {
		t.Errorf("listen stands at %s", at)
	}
	f.looks(3)
	f.toldNothing()
}

func TestNewLiveRefusesABrokenFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "broken.yaml"), broken)
	for _, file := range []string{"broken.yaml", "none.yaml"} {
		live, err := config.NewLive(filepath.Join(dir, file), reserved, clock.System(), slog.New(slog.NewTextHandler(io.Discard, nil)))
		var mistakes config.Mistakes
		if live != nil || !errors.As(err, &mistakes) || len(mistakes) != 1 {
			t.Errorf("%s: %v, %v", file, live, err)
		}
	}
}
