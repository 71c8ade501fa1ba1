package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/clock"
	"shipmate/integrations/github/githubtest"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// Stage is the fakes, the sample company in them, the bot and the clock they share.
type Stage struct {
	opts   Options
	base   string // the page's own address
	ctx    context.Context
	cancel context.CancelFunc
	wait   sync.WaitGroup
	closed sync.Once

	clock    *clock.Manual
	clocks   *clock.Server
	slack    *slacktest.Server
	github   *githubtest.Server
	pager    *pagerdutytest.Server
	sites    *sites
	director *director
	bot      *bot
	logs     *logBook
	hub      *hub
	levers   []*lever
	pushes   atomic.Int64 // commits pushed at the stage door
	names    names        // of services and environments, as the configuration has them

	mu    sync.Mutex
	notes notes // what the page remembers
	dirty bool  // something changed since it was last kept
}

// Open sets up a stage in Options.Dir, which must exist, for a page at base. The bot is not started yet. Close it.
func Open(ctx context.Context, o Options, base string) (*Stage, error) {
	o = o.withDefaults()
	s := &Stage{opts: o, base: strings.TrimSuffix(base, "/"), hub: newHub()}
	// The stage outlives ctx until Close, since a bot that finishes what it accepted still needs the fakes and the clock.
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := s.setUp(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Stage) setUp() error {
	kept, err := s.readNotes()
	if err != nil {
		return err
	}
	s.notes = kept
	s.clock = clock.NewRunning(time.Now().Add(kept.Offset))
	s.clocks = clock.Serve(s.clock)
	if err := s.openFakes(kept.Fakes); err != nil {
		return err
	}
	if err := s.fill(); err != nil {
		return err
	}
	if err := writeConfig(s.configPath(), kept.Fakes, s.endpoints(), s.clock.Now()); err != nil {
		return err
	}
	s.names = names{path: s.configPath()}
	s.notes.Fakes = s.endpoints()
	s.director = newDirector(s.github)
	s.levers = s.allLevers()
	s.logs = &logBook{changed: s.hub.touch, copy: s.opts.BotLog}
	s.bot = &bot{env: append(plainEnv(), s.botEnv()...), dir: s.opts.Dir, logs: s.logs, changed: s.hub.touch}
	if !s.opts.NoBot {
		s.bot.command = s.botCommand()
	}
	s.follow()
	return s.keep()
}

// openFakes starts the fakes, where they were before if that is still free.
func (s *Stage) openFakes(before endpoints) error {
	var err error
	app, err := s.app()
	if err != nil {
		return err
	}
	o := slacktest.Options{Clock: s.clock, App: app, TeamName: "Acme", Listen: hostOf(before.Slack)}
	if s.slack, err = slacktest.New(o); err != nil && o.Listen != "" {
		o.Listen = ""
		s.slack, err = slacktest.New(o)
	}
	if err != nil {
		return fmt.Errorf("starting the fake Slack: %w", err)
	}
	g := githubtest.Options{Clock: s.clock, Listen: hostOf(before.GitHub), RunAppears: 1500 * time.Millisecond, HTMLURL: s.base + "/github"}
	if s.github, err = githubtest.Open(g); err != nil && g.Listen != "" {
		g.Listen = ""
		s.github, err = githubtest.Open(g)
	}
	if err != nil {
		return fmt.Errorf("starting the fake GitHub: %w", err)
	}
	p := pagerdutytest.Options{Clock: s.clock, Listen: hostOf(before.Pager), EventDelay: 1500 * time.Millisecond, HTMLURL: s.base + "/pagerduty"}
	if s.pager, err = pagerdutytest.Open(p); err != nil && p.Listen != "" {
		p.Listen = ""
		s.pager, err = pagerdutytest.Open(p)
	}
	if err != nil {
		return fmt.Errorf("starting the fake PagerDuty: %w", err)
	}
	s.sites, err = openSites(hostOf(before.Sites), s.opts.Log)
	return err
}

// app is what is installed on the fake Slack.
func (s *Stage) app() (slacktest.App, error) {
	if len(s.opts.Manifest) > 0 {
		app, err := slacktest.ParseManifest(s.opts.Manifest)
		if err != nil {
			return app, fmt.Errorf("reading the bot's manifest: %w", err)
		}
		return app, nil
	}
	app := slacktest.App{}
	seen := map[string]bool{}
	for _, c := range s.opts.Commands {
		root, _, _ := strings.Cut(c.Name, " ")
		if !seen[root] {
			app.Commands = append(app.Commands, slacktest.Command{Name: "/" + root, Description: c.Short, UsageHint: c.Args, Escape: true})
		}
		seen[root] = true
	}
	return app, nil
}

// follow passes on what changes until the stage closes.
func (s *Stage) follow() {
	changed := func() {
		s.mu.Lock()
		s.dirty = true
		s.mu.Unlock()
		s.hub.touch()
	}
	slack, github, pager := s.slack.Changes(s.ctx), s.github.Changes(s.ctx), s.pager.Changes(s.ctx)
	s.wait.Go(func() {
		for {
			select {
			case <-slack:
			case <-github:
				s.director.next()
			case <-pager:
			case <-s.ctx.Done():
				return
			}
			changed()
		}
	})
	s.wait.Go(s.keepSaving)
}

func (s *Stage) endpoints() endpoints {
	return endpoints{Slack: s.slack.URL(), GitHub: s.github.URL(), Pager: s.pager.APIURL(), Sites: s.sites.url()}
}

func (s *Stage) configPath() string { return filepath.Join(s.opts.Dir, "shipmate.yaml") }

func (s *Stage) botCommand() []string {
	return append(s.opts.BotCommand[:len(s.opts.BotCommand):len(s.opts.BotCommand)], "--config", s.configPath())
}

// botEnv is what the bot finds in its environment beside the usual.
func (s *Stage) botEnv() []string {
	return []string{"SLACK_APP_TOKEN=" + s.slack.AppToken, "SLACK_BOT_TOKEN=" + s.slack.BotToken,
		"GITHUB_TOKEN=" + githubtest.DefaultToken, "PAGERDUTY_TOKEN=" + pagerdutytest.DefaultToken, "SHIPMATE_CLOCK=" + s.base + "/clock"}
}

// plainEnv is this process's environment without what could point a bot at real services.
func plainEnv() []string {
	var out []string
	for _, v := range os.Environ() {
		foreign := false
		for _, prefix := range []string{"SLACK_", "GITHUB_", "PAGERDUTY_", "SHIPMATE_", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
			foreign = foreign || strings.HasPrefix(v, prefix)
		}
		if !foreign {
			out = append(out, v)
		}
	}
	return out
}

func (s *Stage) startBot() error {
	if s.opts.NoBot {
		return nil
	}
	if len(s.opts.BotCommand) == 0 {
		return errors.New("the stage was given no command that starts Shipmate")
	}
	return s.bot.start()
}

// Close ends the bot, keeps the state and ends the fakes. It may be called more than once.
func (s *Stage) Close() error {
	var err error
	s.closed.Do(func() { err = s.close() })
	return err
}

func (s *Stage) close() error {
	var errs []error
	if s.bot != nil && s.bot.status().State == botRunning {
		errs = append(errs, s.bot.stop())
	}
	s.cancel()
	s.wait.Wait()
	if s.bot != nil {
		errs = append(errs, s.keep())
	}
	if s.slack != nil {
		errs = append(errs, s.slack.Close())
	}
	if s.github != nil {
		s.github.Close()
	}
	if s.pager != nil {
		s.pager.Close()
	}
	if s.sites != nil {
		errs = append(errs, s.sites.close())
	}
	return errors.Join(errs...)
}
