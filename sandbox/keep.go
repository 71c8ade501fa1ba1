package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// keepEvery is how often a changed stage is written down: what a killed stage may lose.
const keepEvery = 2 * time.Second

// notes are what the stage itself remembers, beside what the fakes hold.
type notes struct {
	Fakes   endpoints                    `json:"fakes"`
	Offset  time.Duration                `json:"offset"`  // of the stage's clock to the machine's, in nanoseconds
	Read    map[string]map[string]string `json:"read"`    // person → channel → ts read to
	Done    map[string]bool              `json:"done"`    // "step/action" of the guide
	Broke   time.Time                    `json:"broke"`   // when the guide last broke a build
	Morning time.Time                    `json:"morning"` // the nine that the guide let come
	Nine    time.Time                    `json:"nine"`    // and the one it let pass
	Digest  time.Time                    `json:"digest"`  // the digest that the guide let come
	Outage  time.Time                    `json:"outage"`  // and the one it let come while GitHub was down
	Hidden  bool                         `json:"hidden"`  // the guide is put away
}

func (s *Stage) path(name string) string { return filepath.Join(s.opts.Dir, name) }

func (s *Stage) readNotes() (notes, error) {
	n := notes{Read: map[string]map[string]string{}, Done: map[string]bool{}}
	data, err := os.ReadFile(s.path("stage.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return n, nil
	}
	if err != nil {
		return n, fmt.Errorf("reading what the stage kept: %w", err)
	}
	if err := json.Unmarshal(data, &n); err != nil {
		return n, fmt.Errorf("reading what the stage kept in %s: %w", s.path("stage.json"), err)
	}
	return n, nil
}

// fill restores what was kept in the directory, or seeds the sample company when nothing was.
func (s *Stage) fill() error {
	slack, err := os.Open(s.path("slack.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return s.seed()
	}
	if err != nil {
		return fmt.Errorf("opening the kept Slack: %w", err)
	}
	defer slack.Close()
	if err := s.slack.Restore(slack); err != nil {
		return err
	}
	github, err := os.Open(s.path("github.json"))
	if err != nil {
		return fmt.Errorf("opening the kept GitHub: %w", err)
	}
	defer github.Close()
	if err := s.github.Restore(github); err != nil {
		return err
	}
	return s.fillPagerDuty()
}

// fillPagerDuty restores the kept PagerDuty. A stage from before there was one gets the sample company's.
func (s *Stage) fillPagerDuty() error {
	pager, err := os.Open(s.path("pagerduty.json"))
	if errors.Is(err, fs.ErrNotExist) {
		seedPagerDuty(s.pager, s.clock.Now())
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening the kept PagerDuty: %w", err)
	}
	defer pager.Close()
	return s.pager.Restore(pager)
}

func (s *Stage) seed() error {
	now := s.clock.Now()
	seedGitHub(s.github, now)
	seedPagerDuty(s.pager, now)
	if err := seedSlack(s.slack, s.clock, now); err != nil {
		return fmt.Errorf("telling what was said at Acme: %w", err)
	}
	if err := s.introduce(s.ctx); err != nil {
		return fmt.Errorf("telling who is who on GitHub: %w", err)
	}
	s.readAll()
	return nil
}

// keep writes the stage's state to its directory, each file whole or not at all; stage.json last.
func (s *Stage) keep() error {
	s.mu.Lock()
	s.dirty = false
	s.notes.Offset = time.Until(s.clock.Now()).Round(time.Millisecond)
	data, err := json.Marshal(s.notes)
	s.mu.Unlock()
	write := func(name string, save func(io.Writer) error) {
		if err == nil {
			err = writeWhole(s.path(name), save)
		}
	}
	write("slack.json", s.slack.Save)
	write("github.json", s.github.Save)
	write("pagerduty.json", s.pager.Save)
	write("stage.json", func(w io.Writer) error { _, err := w.Write(data); return err })
	if err != nil {
		return fmt.Errorf("keeping the stage's state: %w", err)
	}
	return nil
}

func writeWhole(path string, save func(io.Writer) error) error {
	var data bytes.Buffer
	if err := save(&data); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", data.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// keepSaving writes the state down whenever it changed, until the stage closes.
func (s *Stage) keepSaving() {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			return
		}
		s.mu.Lock()
		dirty := s.dirty
		s.mu.Unlock()
		if !dirty {
			continue
		}
		if err := s.keep(); err != nil {
			s.opts.Log.Error("the stage's state was not kept", "err", err)
		}
	}
}

// hostOf is the host and port of a URL; "" when there is none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
