package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/clock"
	"shipmate/commands"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/integrations/github"
	"shipmate/integrations/pagerduty"
	"shipmate/schedule"
	"shipmate/store"
	"shipmate/work"
)

// parts is what the program is built from; everything that differs between production and a test is here.
type parts struct {
	Config   string // path of shipmate.yaml
	Clock    clock.Clock
	Log      *slog.Logger
	Secrets  config.Secrets
	Sockets  bot.Sockets
	Environ  []string           // NAME=value; only the names are looked at
	OnCommit func(phase string) // see store.Options
}

// app is the whole program, built and not yet running.
type app struct {
	live       *config.Live
	db         *store.Bolt
	bot        *bot.Bot
	commands   []bot.Command
	deliveries *delivery.Service
	incidents  *incident.Service
	decisions  *adr.Service
	schedules  *schedule.Service
	pager      *pagerduty.Client
	github     *github.Client
	runner     *work.Runner
	health     *health
	desk       *desk
	clock      clock.Clock
	log        *slog.Logger
	environ    []string
}

// build builds everything by hand, in order; the order is the dependency graph.
func build(ctx context.Context, p parts) (*app, error) {
	live, err := config.NewLive(p.Config, configOptions(), p.Clock, p.Log)
	if err != nil {
		return nil, err
	}
	cfg := live.Current()
	db, err := store.Open(ctx, store.Options{Path: beside(p.Config, cfg.Store.Path), Log: p.Log, OnCommit: p.OnCommit})
	if err != nil {
		return nil, err
	}
	a := &app{live: live, db: db, clock: p.Clock, log: p.Log, environ: p.Environ}
	if err := a.connect(ctx, p, cfg); err != nil {
		_ = db.Close() // the reason it is closed is the one to be told
		return nil, err
	}
	return a, nil
}

// connect builds what stands on the store.
func (a *app) connect(ctx context.Context, p parts, cfg *config.Config) error {
	// bbolt is one process's alone, so the replica's name need not tell several apart.
	claims, err := work.OpenClaims(ctx, work.ClaimsConfig{DB: a.db, Clock: p.Clock, Replica: "bolt"})
	if err != nil {
		return err
	}
	gh, err := github.New(githubConfig(p, cfg))
	if err != nil {
		return err
	}
	a.github = gh
	// What deliveries and commands ask of the bot they ask when they run: the bot is made of them. So do deliveries with incidents.
	links := bot.NewLinks(a.db)
	a.deliveries, err = delivery.New(delivery.Config{DB: a.db, GitHub: gh, Clock: p.Clock, Current: a.live.Current, UserAgent: "shipmate/" + version(), People: delivery.People{
		May: func(ctx context.Context, person string, of []config.Principal) (bool, error) {
			return a.bot.IsOne(ctx, person, of)
		},
		Mention: func(ctx context.Context, of []config.Principal) ([]string, error) { return a.bot.Mentions(ctx, of) },
		Login:   func(g store.Getter, person string) (string, bool, error) { return links.Login(g, person, bot.OnGitHub) },
	}, Tell: func(tx store.Tx, n delivery.Note) error {
		if kind, id, ok := commands.LockReminder(n); ok {
			return a.bot.Remind(tx, n.Person, kind, id)
		}
		return a.bot.Tell(tx, n.Person, n.Topic, n.ID, commands.Note(n))
	}, Announce: func(tx store.Tx, deployment, channel string) error {
		kind, id, beside := commands.Announcement(deployment, channel)
		return a.bot.PlaceBeside(tx, kind, id, channel, beside)
	}, Incidents: func(g store.Getter, service string) ([]delivery.Hold, error) {
		return commands.Held(incident.Holds(g, service))
	}, Ended: func(tx store.Tx, d *delivery.Deployment) error {
		if err := a.shipped(tx, links, d); err != nil {
			return err
		}
		return a.incidents.Deployed(tx, commands.DeployOf(d))
	}})
	if err != nil {
		return err
	}
	if err := a.connectPager(p, cfg, links); err != nil {
		return err
	}
	if err := a.keepDecisions(p, links); err != nil {
		return err
	}
	if err := a.keepSchedules(p, links); err != nil {
		return err
	}
	deps := commands.Deps{Delivery: a.deliveries, Incidents: a.incidents, Decisions: a.decisions, Schedules: a.schedules, Config: a.live.Current,
		Message: func(ctx context.Context, channel, ts string) (bot.MessageRef, string, error) {
			return a.bot.Message(ctx, channel, ts)
		},
		Permalink: func(ctx context.Context, channel, ts string) (string, error) {
			return a.bot.Permalink(ctx, channel, ts)
		},
		CardAt: func(ctx context.Context, kind, id string) (channel, ts string, stands bool, err error) {
			err = a.db.View(ctx, func(s store.Snapshot) error {
				channel, ts, stands, err = bot.CardAt(s, kind, id)
				return err
			})
			return channel, ts, stands, err
		},
		Readable: func(ctx context.Context, text string) string { return a.bot.Readable(ctx, text) }, Version: version(), Links: links, Checks: a.checks(p, gh),
		Now: p.Clock.Now, WantsOf: func(ctx context.Context, person string) (bot.Wants, error) { return a.bot.WantsOf(ctx, person) },
		SetWants:  func(ctx context.Context, person string, w bot.Wants) error { return a.bot.SetWants(ctx, person, w) },
		ChannelID: func(ctx context.Context, name string) (string, error) { return a.bot.ChannelID(ctx, name) },
		IsPublic:  func(ctx context.Context, channel string) (bool, error) { return a.bot.IsPublic(ctx, channel) },
		IsOne: func(ctx context.Context, person string, of []config.Principal) (bool, error) {
			return a.bot.IsOne(ctx, person, of)
		},
		TeamsOf: func(ctx context.Context, person string) ([]string, error) { return a.bot.TeamsOf(ctx, person) },
		ZoneOf:  func(ctx context.Context, person string) (*time.Location, error) { return a.bot.ZoneOf(ctx, person) }}
	a.commands = commands.All(deps)
	a.bot, err = bot.New(bot.Config{
		API: cfg.Slack.APIURL, BotToken: p.Secrets.SlackBot.Reveal(), AppToken: p.Secrets.SlackApp.Reveal(),
		DB: a.db, Clock: p.Clock, Log: p.Log, Claims: claims, Settings: a.live.Current, Sockets: p.Sockets,
		Commands: a.commands, Kinds: commands.Kinds(), Cards: commands.Cards(deps), Reminders: commands.Reminders(deps), Topics: commands.Topics(), AtHome: commands.AtHome(),
	})
	if err != nil {
		return err
	}
	domains := a.domains()
	a.runner = work.New(work.Config{DB: a.db, Clock: p.Clock, Log: p.Log, Claims: claims, Alert: a.bot.Parked}, domains...)
	a.health = newHealth(cfg.Listen, a.bot, p.Log)
	a.desk = newDesk(beside(p.Config, cfg.Store.Path), a.questions(), p.Log)
	return nil
}

// domains are all that the runner takes forward.
func (a *app) domains() []work.Domain {
	return slices.Concat(a.bot.Domains(), a.deliveries.Domains(), a.incidents.Domains(), a.decisions.Domains(), a.schedules.Domains())
}

// reloaded has the admins told what became of the configuration file, and what runs by itself follow it.
func (a *app) reloaded(ctx context.Context) func(config.Change) {
	return func(c config.Change) {
		a.bot.Reloaded(c)
		if err := errors.Join(a.decisions.Begin(ctx), a.schedules.Begin(ctx)); err != nil && ctx.Err() == nil {
			a.log.Error("the new configuration is not followed in all", "err", err)
		}
	}
}

// run runs everything until ctx ends. The bot stops first, so that what it accepted is finished; then the runner; the
// store is closed last.
func (a *app) run(ctx context.Context) error {
	defer a.db.Close()
	if err := a.health.start(); err != nil {
		return err
	}
	defer a.health.stop()
	if err := errors.Join(a.incidents.Begin(ctx), a.decisions.Begin(ctx), a.schedules.Begin(ctx)); err != nil {
		return err
	}
	a.desk.open(ctx)
	defer a.desk.close()
	var aside sync.WaitGroup
	defer aside.Wait()
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	aside.Go(func() { _ = a.live.Run(watching, a.reloaded(watching)) }) // ends only with its context
	aside.Go(func() { a.reloadOnSignal(watching) })
	aside.Go(func() { a.sweepOld(watching) })
	aside.Go(func() { a.askGitHub(watching) })
	aside.Go(func() { a.askPagerDuty(watching) })

	stepping, stopStepping := context.WithCancel(context.WithoutCancel(ctx))
	defer stopStepping()
	stepped := make(chan error, 1)
	asked := ctx // to stop, by whoever started it
	ctx, end := context.WithCancel(ctx)
	defer end()
	go func() {
		stepped <- a.runner.Run(stepping)
		end() // a bot without steps would accept what nobody does
	}()
	err := a.bot.Run(ctx)
	stopStepping()
	if stepErr := <-stepped; err == nil {
		err = stepErr
	}
	if asked.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // before it had quite begun
	}
	return err
}

// askGitHub asks GitHub once who we are, so that a wrong token is in the log at the start and not only found by the first
// deployment. Nothing waits for the answer.
func (a *app) askGitHub(ctx context.Context) {
	if _, err := a.github.WhoAmI(ctx); err != nil && ctx.Err() == nil {
		a.log.Warn("GitHub does not say who Shipmate is: "+words(err), "err", err)
	}
}

func githubConfig(p parts, cfg *config.Config) github.Config {
	c := github.Config{APIURL: cfg.GitHub.APIURL, Clock: p.Clock, Log: p.Log, Token: p.Secrets.GitHubToken.Reveal(),
		UserAgent: "shipmate/" + version()}
	if app := p.Secrets.GitHubApp; app != nil {
		c.App = github.App{ID: app.ID, InstallationID: app.InstallationID, PrivateKeyPEM: []byte(app.PrivateKey.Reveal())}
	}
	return c
}

// newLog is the program's log: JSON lines on standard error.
func newLog(debug bool) *slog.Logger {
	level := slog.LevelInfo
	if debug {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}
