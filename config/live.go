package config

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"shipmate/clock"
)

// pollEvery is how often the file is looked at. Looking, rather than being told by the kernel, sees every way a file gets
// replaced: written in place, renamed over, or behind a symbolic link that is pointed elsewhere as Kubernetes does.
const pollEvery = 2 * time.Second

// Live is the configuration in force. It follows the file; a broken file leaves the last good one in force.
type Live struct {
	path  string
	opts  Options
	clock clock.Clock
	log   *slog.Logger
	boot  *Config // what the process was started with: store, listen and the services' addresses stay so
	now   atomic.Pointer[Config]

	mu      sync.Mutex
	seen    fingerprint // of the file when it was last judged
	bad     bool        // it was broken then
	pending []Change    // for Run to tell
	wake    chan struct{}
}

// fingerprint is of the file's content, or of the reason why it could not be read.
type fingerprint [sha256.Size]byte

// Change is what became of a file that is not what it was.
type Change struct {
	Config      *Config   // what is in force now
	Err         error     // Mistakes when the file is broken; then what was in force still is
	Warnings    []Warning // of the new configuration
	Mended      bool      // the file was broken before
	NeedRestart []string  // keys whose new values only count after a restart: "store.path"
}

// NewLive reads the file. Its error is Mistakes when the file is not right; warnings go to the log.
func NewLive(path string, opts Options, c clock.Clock, log *slog.Logger) (*Live, error) {
	l := &Live{path: path, opts: opts, clock: c, log: log, wake: make(chan struct{}, 1)}
	data, print, err := l.read()
	if err != nil {
		return nil, Mistakes{unreadable(path, err)}
	}
	config, mistakes, warnings := Parse(filepath.Base(path), data, opts)
	if len(mistakes) > 0 {
		return nil, Mistakes(mistakes)
	}
	l.boot, l.seen = config, print
	l.now.Store(config)
	l.logWarnings(warnings)
	return l, nil
}

// Current returns the configuration in force. It is safe from every goroutine and never nil.
func (l *Live) Current() *Config { return l.now.Load() }

// Reload reads the file at once and says whether what it says changed. A broken file is an error, Mistakes, and changes
// nothing. What Reload finds for the first time Run's notify is told too.
func (l *Live) Reload(ctx context.Context) (changed bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	data, print, err := l.read()
	return l.judge(data, print, err)
}

// Run follows the file until ctx ends and tells notify of each change, one at a time: of one that is in force, and of one
// that is broken. A file is judged when it has been the same for two looks, so that one that is being written is not taken
// half.
func (l *Live) Run(ctx context.Context, notify func(Change)) error {
	var before fingerprint
	for {
		l.tell(notify)
		timer := l.clock.NewTimer(pollEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-l.wake:
			timer.Stop()
		case <-timer.C:
			before = l.look(before)
		}
	}
}

// look judges the file when it is new and the same as at the look before, and returns what it saw.
func (l *Live) look(before fingerprint) fingerprint {
	l.mu.Lock()
	defer l.mu.Unlock()
	data, print, err := l.read()
	if print == before && print != l.seen {
		_, _ = l.judge(data, print, err) // told to notify
	}
	return print
}

func (l *Live) tell(notify func(Change)) {
	l.mu.Lock()
	changes := l.pending
	l.pending = nil
	l.mu.Unlock()
	for _, change := range changes {
		notify(change)
	}
}

// read returns the file's content and its fingerprint; the error of reading has a fingerprint too, so that it is told once.
func (l *Live) read() ([]byte, fingerprint, error) {
	data, err := readFile(l.path)
	if err != nil {
		return nil, sha256.Sum256([]byte("unreadable: " + err.Error())), err
	}
	return data, sha256.Sum256(data), nil
}

// judge takes the file's content into force or says what is wrong with it. The caller holds mu.
func (l *Live) judge(data []byte, print fingerprint, readErr error) (changed bool, err error) {
	known := print == l.seen
	l.seen = print
	if readErr != nil {
		return false, l.broken(Mistakes{unreadable(l.path, readErr)}, known)
	}
	config, mistakes, warnings := Parse(filepath.Base(l.path), data, l.opts)
	if len(mistakes) > 0 {
		return false, l.broken(Mistakes(mistakes), known)
	}
	old := l.now.Swap(config) // also when only lines moved: refusals cite them
	changed, mended := old.Hash() != config.Hash(), l.bad
	l.bad = false
	if !changed && !mended {
		return false, nil
	}
	l.log.Info("configuration read", "file", l.path, "hash", config.Hash(), "changed", changed)
	l.logWarnings(warnings)
	l.later(Change{Config: config, Warnings: warnings, Mended: mended, NeedRestart: needRestart(l.boot, config)})
	return changed, nil
}

func (l *Live) broken(mistakes Mistakes, known bool) error {
	l.bad = true
	if !known {
		l.log.Error("the configuration file is broken; the last good one stays in force", "file", l.path, "mistakes", len(mistakes),
			"first", mistakes[0].String())
		l.later(Change{Config: l.now.Load(), Err: mistakes})
	}
	return fmt.Errorf("reloading %s: %w", filepath.Base(l.path), mistakes)
}

func (l *Live) later(change Change) {
	l.pending = append(l.pending, change)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *Live) logWarnings(warnings []Warning) {
	for _, w := range warnings {
		l.log.Warn("configuration", "warning", w.String())
	}
}

// needRestart lists the keys whose values in the file are not those the process was started with and runs with.
func needRestart(boot, now *Config) []string {
	var keys []string
	for _, k := range []struct{ key, boot, now string }{
		{"slack.api_url", boot.Slack.APIURL, now.Slack.APIURL},
		{"github.api_url", boot.GitHub.APIURL, now.GitHub.APIURL},
		{"pagerduty.api_url", boot.PagerDuty.APIURL, now.PagerDuty.APIURL},
		{"pagerduty.events_url", boot.PagerDuty.EventsURL, now.PagerDuty.EventsURL},
		{"store.path", boot.Store.Path, now.Store.Path},
		{"listen", boot.Listen, now.Listen},
	} {
		if k.boot != k.now {
			keys = append(keys, k.key)
		}
	}
	return keys
}
