package bot

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/store"
	"shipmate/store/storetest"
	"shipmate/work"
)

const testYAML = `
slack: {admin_channel: "#platform", admins: [dev@acme.example]}
github: {owner: acme}
teams:
  payments: {channel: "#payments", slack_group: payments-eng}
services:
  checkout: {repo: acme/checkout, team: payments, aliases: [shop], environments: [staging, production]}
environments:
  staging: {aliases: [stg]}
  production: {aliases: [prod]}
`

// harness is a whole bot on a fake Slack, over the real protocols, with a clock the test moves.
type harness struct {
	t     *testing.T
	slack *slacktest.Server
	clock *clock.Manual
	db    store.DB
	cfg   *config.Config
	log   *slog.Logger

	ana, ben, dev, guest string
	payments, ops, group string

	mu       sync.Mutex
	ran      []string // lines of the commands that ran
	cards    map[string]View
	reminded map[string]Message // what there is to remind of, by its ID
	gate     chan struct{}      // what "hold" waits for
	held     int                // how many do
	bot      *Bot
	stop     func()
	commands func(*harness) []Command
	kinds    map[string]Kind
	sockets  Sockets
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	h := &harness{t: t, clock: clock.NewManual(time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)), db: storetest.New(t),
		cards: map[string]View{}, reminded: map[string]Message{}, gate: make(chan struct{}), commands: testCommands, kinds: testKinds,
		sockets: Sockets{Second: 20 * time.Millisecond, MinLife: 50 * time.Millisecond, MaxPause: time.Second}}
	h.log = slog.New(slog.NewTextHandler(testWriter{t}, nil))
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(testYAML), config.Options{})
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	h.cfg = cfg
	var err error
	if h.slack, err = slacktest.New(slacktest.Options{Clock: h.clock, PingEvery: 100 * time.Millisecond, Grace: 200 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.slack.Close() })
	h.ana = h.slack.AddUser(slacktest.User{Name: "ana", Email: "ana@acme.example"}).ID
	h.ben = h.slack.AddUser(slacktest.User{Name: "ben", Email: "ben@acme.example"}).ID
	h.dev = h.slack.AddUser(slacktest.User{Name: "dev", Email: "dev@acme.example"}).ID
	h.guest = h.slack.AddUser(slacktest.User{Name: "gil", Restricted: true}).ID
	all := []string{h.ana, h.ben, h.dev, h.guest}
	h.payments = h.slack.AddChannel(slacktest.Channel{Name: "payments", Members: all}).ID
	h.ops = h.slack.AddChannel(slacktest.Channel{Name: "ops", Private: true, Members: all}).ID
	h.slack.AddChannel(slacktest.Channel{Name: "platform", Members: append(all, h.slack.BotUserID)})
	h.group = h.slack.AddGroup(slacktest.UserGroup{Handle: "payments-eng", Users: []string{h.ana}}).ID
	commands := testCommands(h)
	app := h.slack.App()
	for _, c := range manifestCommands(commands) {
		app.Commands = append(app.Commands, slacktest.Command{Name: c.Command, UsageHint: c.Hint, Escape: true})
	}
	app.Shortcuts = []slacktest.AppShortcut{{Name: "Keep", CallbackID: "keep", Message: true}}
	app.Scopes, app.Events = Scopes(commands), subscriptions(commands)
	h.slack.SetApp(app)
	return h
}

// testCommands are small commands that leave a trace.
func testCommands(h *harness) []Command {
	trace := func(_ context.Context, r Request) (Reply, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.ran = append(h.ran, r.Line)
		return Say("done %s for %s", r.Line, User(r.User)), nil
	}
	team := Principals("the service's team", func(r Request) []config.Principal {
		s, ok := r.Config.Service(r.Arg("service"))
		if !ok {
			return nil
		}
		return []config.Principal{config.Principal(s.Team)}
	})
	return []Command{
		{Name: "echo", Args: "[<text>...]", Short: "Say it again", Who: Everyone, Run: trace},
		{Name: "ship", Args: "<service>[@ref] [to|on] <environment>", Short: "Ship it", Who: team, Run: trace},
		{Name: "ship status", Args: "[<service>]", Short: "See it", Who: Everyone, Run: trace},
		{Name: "admin", Short: "For admins", Who: Admins, Run: trace},
		{Name: "hold", Short: "Wait", Who: Everyone, Run: func(ctx context.Context, r Request) (Reply, error) {
			h.mu.Lock()
			h.held++
			h.mu.Unlock()
			<-h.gate
			return trace(ctx, r)
		}},
		{Name: "panic", Short: "Break", Who: Everyone, Run: func(context.Context, Request) (Reply, error) { panic("xoxb-very-secret") }},
		{Name: "fail", Short: "Break", Who: Everyone, Run: func(context.Context, Request) (Reply, error) {
			return Reply{}, fmt.Errorf("dialling internal-host-7: xoxb-very-secret")
		}},
		{Name: "card", Args: "<id>", Short: "Show a card", Who: Everyone, Run: func(_ context.Context, r Request) (Reply, error) {
			return Reply{Card: &CardRef{Kind: "thing", ID: r.Arg("id"), Home: "#payments"}}, nil
		}},
		{Name: "poke", Args: "<id>", Short: "Press on a card", Who: Everyone, On: Press, Run: trace},
		{Name: "sure", Short: "Ask first", Who: Everyone, Run: func(_ context.Context, r Request) (Reply, error) {
			return Reply{Message: Message{Text: "Sure?"}, Question: &Question{Options: []Button{
				{Label: "Yes", Line: "echo yes & <all>"}, {Label: "No"}}}}, nil
		}},
		{Name: "file", Args: "<service> [<note>...]", Short: "File it", Who: Everyone, On: Typed | Press | Submit, Run: trace,
			Form: func(FormRequest) Form {
				return Form{Title: "File", Submit: "File", Fields: []Input{
					{Name: "service", Label: "Service", Options: []Option{{Value: "checkout"}, {Value: "catalog"}}},
					{Name: "note", Label: "Note", Optional: true}},
					Check: func(a Args) map[string]string {
						if a["note"] == "bad" {
							return map[string]string{"note": "Not that."}
						}
						return nil
					}}
			}},
		{Name: "fragile", Args: "[<x>]", Short: "Break in the form", Who: Everyone, On: Typed | Submit, Run: trace,
			Form: func(r FormRequest) Form {
				return Form{Title: "Fragile", Submit: "Send", Fields: []Input{{Name: "x", Label: "X"}},
					Check: func(Args) map[string]string { panic("xoxb-very-secret") }}
			}},
		{Name: "keep", Short: "Keep", Who: Everyone, On: MessageShortcut, Run: func(ctx context.Context, r Request) (Reply, error) {
			r.Line = "keep " + r.Message.Text
			return trace(ctx, r)
		}},
		{Name: "home", Short: "Home", Who: Everyone, On: Home, Run: func(ctx context.Context, r Request) (Reply, error) {
			if _, err := trace(ctx, r); err != nil {
				return Reply{}, err
			}
			m := Message{Text: Textf("Home of %s %s", User(r.User), "& <all>"), Buttons: []Button{{Label: "Say it", Line: "echo from home"}}}
			for range 200 {
				m.Parts = append(m.Parts, Section("A line."))
			}
			return Reply{Message: m}, nil
		}},
	}
}

type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), "very-secret") {
		w.t.Errorf("a secret is in the log: %s", p)
	}
	w.t.Logf("%s", strings.TrimSpace(string(p)))
	return len(p), nil
}

// alter changes one of the commands, before start.
func (h *harness) alter(name string, fn func(*Command)) {
	all := h.commands
	h.commands = func(h *harness) []Command {
		cs := all(h)
		for i := range cs {
			if cs[i].Name == name {
				fn(&cs[i])
			}
		}
		return cs
	}
}

// start starts the bot; it ends with the test, or by h.stop.
func (h *harness) start() *harness {
	h.t.Helper()
	claims, err := work.OpenClaims(context.Background(), work.ClaimsConfig{DB: h.db, Clock: h.clock, Replica: "bolt"})
	if err != nil {
		h.t.Fatal(err)
	}
	b, err := New(Config{API: h.slack.URL(), BotToken: h.slack.BotToken, AppToken: h.slack.AppToken, DB: h.db, Clock: h.clock, Log: h.log,
		Claims: claims, Settings: func() *config.Config { return h.cfg }, Commands: h.commands(h), Kinds: h.kinds, Sockets: h.sockets,
		AtHome: []string{"thing"},
		Topics: []Topic{{Name: "thing", Words: "things that are due"}, {Name: "news", Words: "news", AtOnce: true}, {Name: "wish", Words: "wishes", Wished: true, AtOnce: true}},
		Reminders: map[string]Reminder{"thing": func(_ context.Context, id string) (Message, bool, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			m, ok := h.reminded[id]
			return m, ok, nil
		}},
		Cards: map[string]Card{"thing": func(_ context.Context, id string) (View, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			v, ok := h.cards[id]
			if !ok {
				return View{}, ErrNoCard
			}
			return v, nil
		}}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.bot = b
	ctx, cancel := context.WithCancel(context.Background())
	stepping, stopStepping := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	runner := work.New(work.Config{DB: h.db, Clock: h.clock, Log: h.log, Claims: claims, Alert: b.Parked, Grace: 5 * time.Second}, b.Domains()...)
	wg.Go(func() {
		if err := b.Run(ctx); err != nil {
			h.t.Errorf("the bot ended: %v", err)
		}
		stopStepping()
	})
	wg.Go(func() {
		if err := runner.Run(stepping); err != nil {
			h.t.Errorf("the runner ended: %v", err)
		}
	})
	var once sync.Once
	h.stop = func() {
		once.Do(func() {
			cancel()
			wg.Wait()
		})
	}
	h.t.Cleanup(h.stop)
	h.until("the bot hears Slack", func() bool { return b.Hearing().DeafSince.IsZero() })
	return h
}

// restart stops the bot as a deployment of it does, and starts the next.
func (h *harness) restart() {
	h.t.Helper()
	h.stop()
	h.until("Slack sees it gone", func() bool { return h.slack.Connections().Open == 0 })
	h.start()
}

// until waits until cond holds, asking whenever the fake Slack changes and every few milliseconds for what it does not
// see. The bound is only there to end a test that would hang.
func (h *harness) until(what string, cond func() bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	changes := h.slack.Changes(ctx)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !cond() {
		select {
		case <-changes:
		case <-look.C:
		case <-ctx.Done():
			h.t.Fatalf("never happened: %s", what)
		}
	}
}

// forward moves the clock in steps, so that what one step starts can be waited for by the next.
func (h *harness) forward(d time.Duration) { h.clock.Advance(d) }

// types types a slash command and waits for its ack.
func (h *harness) types(user, channel, line string) string {
	h.t.Helper()
	id, err := h.slack.Slash(user, channel, line)
	if err != nil {
		h.t.Fatal(err)
	}
	h.until("the ack of "+line, func() bool { d, ok := h.slack.Ack(id); return ok && d.Acked })
	return id
}

// told waits until the person reads something only for them that holds the words.
func (h *harness) told(user, channel, words string) slacktest.Message {
	h.t.Helper()
	var got slacktest.Message
	h.until("only "+user+" reads "+words, func() bool {
		for _, m := range h.slack.Ephemerals(user, channel) {
			if strings.Contains(whole(m), words) {
				got = m
				return true
			}
		}
		return false
	})
	return got
}

// shown waits until a message with the words stands in the channel.
func (h *harness) shown(channel, words string) slacktest.Message {
	h.t.Helper()
	var got slacktest.Message
	h.until("the channel shows "+words, func() bool {
		for _, m := range h.slack.Messages(channel) {
			if strings.Contains(whole(m), words) {
				got = m
				return true
			}
		}
		return false
	})
	return got
}

// whole is all of a message as text.
func whole(m slacktest.Message) string {
	return m.Text + " " + strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(m.Blocks))
}

func (h *harness) lines() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.ran...)
}

// audited waits for an audit record whose line is given.
func (h *harness) audited(line string) Audit {
	h.t.Helper()
	var got Audit
	defer func() {
		if h.t.Failed() {
			h.t.Logf("last audit: %+v", got)
		}
	}()
	h.until("the audit of "+line, func() bool {
		found := false
		err := AuditLog(context.Background(), h.db, time.Time{}, func(a Audit) bool {
			got, found = a, a.Line == line
			return !found
		})
		return err == nil && found
	})
	return got
}

// audits are all audit records.
func (h *harness) audits() (all []Audit) {
	h.t.Helper()
	err := AuditLog(context.Background(), h.db, time.Time{}, func(a Audit) bool {
		all = append(all, a)
		return true
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}
