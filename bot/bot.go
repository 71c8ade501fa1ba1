// Package bot is the Slack side of Shipmate: it takes in what people ask, journals it before it acknowledges it, routes it
// to a command, checks who may, runs it, answers, and keeps the live cards true.
//
// A request goes down one column of files: socket.go (connections), intake.go (journal, then ack), queue.go (one person's
// requests in order), run.go (find, bind, may this person, run, answer, done). What Shipmate says unasked goes through two
// kinds of records that the runner of package work takes forward: cards.go (live messages) and say.go (single messages).
//
// The package knows nothing of what commands do: they are values (Command) that a table outside lists.
package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"shipmate/clock"
	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

// Config is everything a Bot needs. All fields without a default are required.
type Config struct {
	API      string // Slack's Web API, with a trailing slash
	BotToken string // xoxb-…; never logged
	AppToken string // xapp-…; never logged
	DB       store.DB
	Clock    clock.Clock
	Log      *slog.Logger
	Claims   *work.Claims
	Settings func() *config.Config // the configuration in force
	Commands []Command
	Kinds    map[string]Kind
	Cards    map[string]Card
	AtHome   []string // the kinds of cards whose records home tabs tell of
	// Reminders say how what people are reminded of is rendered, by its kind; Topics are what people can choose whether they hear of.
	Reminders map[string]Reminder
	Topics    []Topic
	Workers   int     // commands run side by side; default 64
	Sockets   Sockets // real time; tests shorten it
}

// Bot is Shipmate on Slack. Make one with New, give Domains to the runner, and Run it.
type Bot struct {
	api       *slackAPI
	budget    *budget
	people    *people
	channels  *channels
	router    *router
	queue     *queue
	closer    *closer
	sockets   *sockets
	self      *self
	live      liveCards
	db        store.DB
	clock     clock.Clock
	log       *slog.Logger
	claims    *work.Claims
	settings  func() *config.Config
	cards     map[string]Card
	reminders map[string]Reminder
	topics    []Topic
	atHome    map[string]bool
	inFlight  chan struct{}
	intake    crew            // for those in flight
	base      context.Context // of what outlives a single envelope; it never ends
	runFor    time.Duration   // how long one command may take
	stopping  chan struct{}   // closed when Run is to end

	lastRound atomic.Int64 // when home tabs were last looked at, in nanoseconds
	drawings  atomic.Int64
}

// New puts a bot together. Its error lists everything that is wrong with the table of commands.
func New(cfg Config) (*Bot, error) {
	r, err := newRouter(cfg.Commands, cfg.Kinds)
	if err != nil {
		return nil, err
	}
	if cfg.Workers == 0 {
		cfg.Workers = 64
	}
	budget := newBudget(cfg.Clock)
	api := newAPI(cfg, budget)
	b := &Bot{api: api, budget: budget, people: newPeople(api, cfg.Clock),
		channels: newChannels(api, cfg.Clock), router: r, self: newSelf(), db: cfg.DB,
		clock: cfg.Clock, log: cfg.Log, claims: cfg.Claims, settings: cfg.Settings, cards: cfg.Cards, reminders: cfg.Reminders, topics: cfg.Topics, atHome: map[string]bool{},
		inFlight: make(chan struct{}, maxInFlight), intake: newCrew(), base: context.Background(), runFor: runTimeout,
		stopping: make(chan struct{})}
	for _, kind := range cfg.AtHome {
		b.atHome[kind] = true
	}
	b.queue = newQueue(cfg.Workers, b.runEntry, b.sayWaiting)
	b.closer = newCloser(b)
	b.sockets = newSockets(cfg.Sockets, api.openSocket, b.take, b.afterGap, cfg.Log)
	return b, nil
}

// Domains are the bot's own records that the runner takes forward: messages, cards and home tabs.
func (b *Bot) Domains() []work.Domain {
	return []work.Domain{
		{Name: sayDomain, Step: b.stepSay, Workers: 16, Retry: patient},
		{Name: cardDomain, Step: b.stepCard, Workers: 16, Retry: patient},
		{Name: remindDomain, Step: b.stepRemind, Workers: 8, Retry: patient},
		{Name: homeDomain, Step: b.stepHome, Workers: 16, Retry: patient},
	}
}

// Run serves until ctx ends: it opens the sockets, finishes what an earlier process left, and runs what comes. When ctx
// ends it takes nothing more, finishes what runs, and returns. The runner is run by the caller, and longer than Run.
func (b *Bot) Run(ctx context.Context) error {
	if err := b.recover(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go b.closer.run()
	var wg sync.WaitGroup
	var unknown error
	wg.Go(func() {
		if unknown = b.identify(ctx); unknown != nil {
			cancel()
		}
	})
	wg.Go(func() { b.keepHouse(ctx) })
	wg.Go(func() { b.watchHearing(ctx) })
	refused := b.sockets.run(ctx)
	cancel()
	close(b.stopping)
	b.queue.stop()
	b.closer.stop()
	wg.Wait()
	if refused != nil || unknown != nil {
		return errors.Join(refused, unknown)
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return b.markAlive(last)
}

// botRefusals are Slack's words for a bot token that will not work until somebody changes it, and what to do about each.
var botRefusals = map[string]string{
	"invalid_auth":           "Slack does not know the bot token; set SLACK_BOT_TOKEN to the one under Install App",
	"not_authed":             "Slack got no bot token; set SLACK_BOT_TOKEN",
	"account_inactive":       "the bot token belongs to an app or workspace that is deactivated",
	"token_revoked":          "the bot token was revoked; install the app again and set SLACK_BOT_TOKEN",
	"not_allowed_token_type": "SLACK_BOT_TOKEN must be the bot's token, which begins with xoxb-",
}

// identify asks Slack which workspace the tokens belong to until it answers. Its error says that it never will.
func (b *Bot) identify(ctx context.Context) error {
	for pause := time.Second; ctx.Err() == nil; pause = min(2*pause, 30*time.Second) {
		r, err := b.api.client.AuthTestContext(ctx)
		if err := b.api.fail("auth.test", "", err); err != nil {
			var api *Error
			if errors.As(err, &api) && botRefusals[api.Code] != "" {
				close(b.self.never)
				return fmt.Errorf("%s (Slack says %s)", botRefusals[api.Code], api.Code)
			}
			b.log.Error("Slack does not say which workspace the bot token belongs to; requests are journaled and wait", "err", err)
			_ = wait(ctx, pause) // ends with ctx, which the loop asks
			continue
		}
		b.self.set(identityOf(r))
		b.log.Info("connected to Slack", "workspace", r.Team, "team", r.TeamID, "user", r.User)
		return nil
	}
	close(b.self.never)
	return nil
}

// afterGap tells the admins from when to when nothing could be heard.
func (b *Bot) afterGap(from, to time.Time) {
	ctx, cancel := context.WithTimeout(b.base, 10*time.Second)
	defer cancel()
	// Sockets live on real time; what people read is on the clock everything else is on.
	end := b.clock.Now()
	begin := end.Add(-to.Sub(from))
	b.admins(ctx, fmt.Sprintf("gap-%d", end.UnixNano()), Message{Text: Textf(
		"For %s, from %s to %s, I could not hear Slack. Whoever got an error then: please try again.",
		clock.Format(max(to.Sub(from).Round(time.Second), time.Second)), Clock(begin), Clock(end))})
}

// patient keeps on for days: what Shipmate has to say waits out any outage of Slack.
var patient = work.Backoff{First: time.Second, Max: 30 * time.Second, Tries: 10_000}
