package commands_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/clock"
	"shipmate/commands"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
	"shipmate/integrations/pagerduty/pagerdutytest"
	"shipmate/store"
	"shipmate/store/storetest"
	"shipmate/work"
)

const houseYAML = `
slack: {admin_channel: "#platform", admins: [ana@acme.example]}
pagerduty: {from: shipmate@acme.example}
teams:
  payments: {channel: "#payments", slack_group: payments-eng, escalation_policy: PPAYMENTS}
services:
  checkout:
    repo: acme/checkout
    team: payments
    aliases: [shop]
    pagerduty_service: PCHECKOUT
    links: {dashboard: "https://grafana.example/checkout"}
    environments: [staging, production, guarded, gated, slow, spare, sealed, told]
environments:
  staging: {aliases: [stg]}
  production: {aliases: [prod], confirm: true}
  guarded: {approvals: {count: 1}}
  gated: {after: staging, checks: [ci/build]}
  spare: {}
  sealed: {approvals: {count: 2}, break_glass: {skip: [approvals, lock]}}
  told: {approvals: {count: 1}}
  slow: {checks: [ci/build], confirm: true}
announce:
  - {to: "#releases", on: [waiting, succeeded], environments: [told]}
  - {to: "#payments", on: [started], environments: [told]}
  - {to: "#nowhere", on: [started], environments: [told]}
`

// house is the whole bot with every command, on a fake Slack, a fake GitHub and a fake PagerDuty over their real protocols.
type house struct {
	*testing.T
	clock  *clock.Manual
	slack  *slacktest.Server
	github *githubtest.Server
	pager  *pagerdutytest.Server
	repo   *githubtest.Repo
	client *github.Client
	db     store.DB
	config *config.Config
	deps   commands.Deps
	bot    *bot.Bot

	building sync.Once
	claims   *work.Claims

	ana, ben, cy string // cy is not of the team
	payments     string
	releases     string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{T: t, clock: clock.NewManual(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)), db: storetest.New(t)}
	h.configure()
	h.openGitHub()
	h.openPagerDuty()
	h.openDecisions()
	h.openSchedules()
	h.openSlack()
	return h
}

// configure puts the configuration in force with some of its words replaced.
func (h *house) configure(oldnew ...string) {
	h.Helper()
	yaml := houseYAML
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(yaml, oldnew[i]) {
			h.Fatalf("the configuration has no %q", oldnew[i])
		}
		yaml = strings.Replace(yaml, oldnew[i], oldnew[i+1], 1)
	}
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(yaml), config.Options{})
	if len(mistakes) > 0 {
		h.Fatal(mistakes)
	}
	h.config = cfg
}

func (h *house) openGitHub() {
	h.Helper()
	h.github = githubtest.New(githubtest.Options{Clock: h.clock})
	h.Cleanup(h.github.Close)
	h.github.AddUser(githubtest.User{Login: "ana", Name: "Ana"})
	h.repo = h.github.AddRepo("acme/checkout")
	h.repo.Commit("main", "ana", "Begin", githubtest.Files{".github/workflows/deploy.yml": github.ExampleWorkflow})
	var err error
	h.client, err = github.New(github.Config{APIURL: h.github.URL(), Token: githubtest.DefaultToken, Clock: h.clock, Timeout: 5 * time.Second})
	if err != nil {
		h.Fatal(err)
	}
	links := bot.NewLinks(h.db)
	service, err := delivery.New(delivery.Config{DB: h.db, GitHub: h.client, Clock: h.clock, Current: func() *config.Config { return h.config },
		Tell: func(tx store.Tx, n delivery.Note) error {
			if kind, id, ok := commands.LockReminder(n); ok {
				return h.built().Remind(tx, n.Person, kind, id)
			}
			return h.built().Tell(tx, n.Person, n.Topic, n.ID, commands.Note(n))
		},
		Announce: func(tx store.Tx, deployment, channel string) error {
			kind, id, beside := commands.Announcement(deployment, channel)
			return h.built().PlaceBeside(tx, kind, id, channel, beside)
		},
		Incidents: func(g store.Getter, service string) ([]delivery.Hold, error) {
			return commands.Held(incident.Holds(g, service))
		},
		Ended: func(tx store.Tx, d *delivery.Deployment) error {
			return h.deps.Incidents.Deployed(tx, commands.DeployOf(d))
		},
		People: delivery.People{
			May: func(ctx context.Context, person string, of []config.Principal) (bool, error) {
				return h.built().IsOne(ctx, person, of)
			},
			Mention: func(ctx context.Context, of []config.Principal) ([]string, error) { return h.built().Mentions(ctx, of) },
			Login: func(g store.Getter, person string) (string, bool, error) {
				return links.Login(g, person, bot.OnGitHub)
			},
		}})
	if err != nil {
		h.Fatal(err)
	}
	h.deps = commands.Deps{Delivery: service, Version: "v0-test", Links: links, Config: func() *config.Config { return h.config },
		Message: func(ctx context.Context, channel, ts string) (bot.MessageRef, string, error) {
			return h.built().Message(ctx, channel, ts)
		},
		Permalink: func(ctx context.Context, channel, ts string) (string, error) {
			return h.built().Permalink(ctx, channel, ts)
		},
		Readable: func(ctx context.Context, text string) string { return h.built().Readable(ctx, text) },
		Checks:   []commands.Check{{Name: "Slack", Find: h.diagnose}},
		Now:      h.clock.Now,
		WantsOf:  func(ctx context.Context, person string) (bot.Wants, error) { return h.built().WantsOf(ctx, person) },
		SetWants: func(ctx context.Context, person string, w bot.Wants) error { return h.built().SetWants(ctx, person, w) },
		TeamsOf: func(ctx context.Context, person string) ([]string, error) {
			if h.bot == nil {
				return nil, errors.New("no bot runs")
			}
			return h.bot.TeamsOf(ctx, person)
		},
		IsOne: func(ctx context.Context, person string, of []config.Principal) (bool, error) {
			return h.built().IsOne(ctx, person, of)
		},
		ZoneOf:    func(ctx context.Context, person string) (*time.Location, error) { return h.bot.ZoneOf(ctx, person) },
		ChannelID: func(ctx context.Context, name string) (string, error) { return h.bot.ChannelID(ctx, name) },
		IsPublic:  func(ctx context.Context, channel string) (bool, error) { return h.bot.IsPublic(ctx, channel) }}
}

// diagnose is the bot's own, while one runs.
func (h *house) diagnose(ctx context.Context) []bot.Finding {
	if h.bot == nil {
		return nil
	}
	return h.bot.Diagnose(ctx)
}

func (h *house) openSlack() {
	h.Helper()
	var err error
	h.slack, err = slacktest.New(slacktest.Options{Clock: h.clock, PingEvery: 100 * time.Millisecond, Grace: 200 * time.Millisecond})
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = h.slack.Close() })
	manifest, err := bot.Manifest(commands.All(h.deps))
	if err != nil {
		h.Fatal(err)
	}
	app, err := slacktest.ParseManifest(manifest)
	if err != nil {
		h.Fatal(err)
	}
	h.slack.SetApp(app)
	h.ana, h.ben, h.cy = h.person("ana"), h.person("ben"), h.person("cy")
	h.payments = h.slack.AddChannel(slacktest.Channel{Name: "payments", Members: []string{h.ana, h.ben, h.cy, h.slack.BotUserID}}).ID
	h.releases = h.slack.AddChannel(slacktest.Channel{Name: "releases", Members: []string{h.slack.BotUserID}}).ID
	h.slack.AddChannel(slacktest.Channel{Name: "platform", Members: []string{h.slack.BotUserID}})
	h.slack.AddGroup(slacktest.UserGroup{Handle: "payments-eng", Users: []string{h.ana, h.ben}})
}

func (h *house) person(name string) string {
	return h.slack.AddUser(slacktest.User{Name: name, Email: name + "@acme.example"}).ID
}

// built is the bot, which may not run yet.
func (h *house) built() *bot.Bot {
	h.Helper()
	h.building.Do(func() { h.bot = h.build() })
	return h.bot
}

func (h *house) build() *bot.Bot {
	h.Helper()
	log := slog.New(slog.DiscardHandler)
	claims, err := work.OpenClaims(context.Background(), work.ClaimsConfig{DB: h.db, Clock: h.clock, Replica: "one"})
	if err != nil {
		h.Fatal(err)
	}
	b, err := bot.New(bot.Config{API: h.slack.URL(), BotToken: h.slack.BotToken, AppToken: h.slack.AppToken, DB: h.db, Clock: h.clock,
		Log: log, Claims: claims, Settings: func() *config.Config { return h.config }, Commands: commands.All(h.deps),
		Kinds: commands.Kinds(), Cards: commands.Cards(h.deps), Reminders: commands.Reminders(h.deps), Topics: commands.Topics(), AtHome: commands.AtHome(),
		Sockets: bot.Sockets{Second: 20 * time.Millisecond, MinLife: 50 * time.Millisecond, MaxPause: time.Second}})
	if err != nil {
		h.Fatal(err)
	}
	h.claims = claims
	return b
}

// open starts the bot; it ends with the test.
func (h *house) open() *house {
	h.Helper()
	b, log := h.built(), slog.New(slog.DiscardHandler)
	ctx, stop := context.WithCancel(context.Background())
	stepping, stopStepping := context.WithCancel(context.Background())
	runner := work.New(work.Config{DB: h.db, Clock: h.clock, Log: log, Claims: h.claims, Alert: b.Parked, Grace: 5 * time.Second},
		slices.Concat(b.Domains(), h.deps.Delivery.Domains(), h.deps.Incidents.Domains(), h.deps.Decisions.Domains(), h.deps.Schedules.Domains())...)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := b.Run(ctx); err != nil {
			h.Errorf("the bot ended: %v", err)
		}
		stopStepping()
	})
	wg.Go(func() {
		if err := runner.Run(stepping); err != nil {
			h.Errorf("the runner ended: %v", err)
		}
	})
	h.Cleanup(func() {
		stop()
		wg.Wait()
		for _, p := range h.github.Problems() {
			h.Errorf("GitHub does not know: %s", p)
		}
		for _, p := range h.pager.Problems() {
			h.Errorf("PagerDuty does not know: %s", p)
		}
		for _, p := range h.slack.Problems() {
			h.Errorf("Slack does not like: %+v", p)
		}
	})
	h.until("the bot is connected", func() bool { return h.slack.Connections().Open > 0 })
	return h
}

// until waits until cond holds. Time stands still.
func (h *house) until(what string, cond func() bool) { h.Helper(); h.wait(what, 0, cond) }

// wait waits until cond holds, moving the clock by pace whenever everything has been quiet for a moment. The bound is only
// there to end a test that would hang.
func (h *house) wait(what string, pace time.Duration, cond func() bool) {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	changes := h.slack.Changes(ctx)
	quiet := time.NewTicker(5 * time.Millisecond)
	defer quiet.Stop()
	for !cond() {
		select {
		case <-changes:
		case <-quiet.C:
			if pace > 0 && !h.unacked() { // what is on its way would be acked late
				h.clock.Advance(pace)
			}
		case <-ctx.Done():
			h.Fatalf("never happened: %s\n%s", what, h.everything())
		}
	}
}

// passes lets time pass at once, when nothing is on its way that would be acked late.
func (h *house) passes(d time.Duration) {
	h.Helper()
	h.until("all is acked", func() bool { return !h.unacked() })
	h.clock.Advance(d)
}

// unacked tells whether something reached the bot that it has not acknowledged.
func (h *house) unacked() bool {
	return slices.ContainsFunc(h.slack.Deliveries(), func(d slacktest.Delivery) bool {
		return d.AckAt.IsZero() && d.Conn != 0 && d.Type != "hello" && d.Type != "disconnect"
	})
}

// types types a slash command into #payments.
func (h *house) types(user, line string) {
	h.Helper()
	envelope, err := h.slack.Slash(user, h.payments, line)
	if err != nil {
		h.Fatal(err)
	}
	h.acked(envelope)
}

// acked waits for an envelope's ack while time stands still, which would make it late.
func (h *house) acked(envelope string) {
	h.Helper()
	if h.slack.Connections().Open > 0 {
		h.until("it is acked", func() bool { _, ok := h.slack.Ack(envelope); return ok })
	}
}

// presses presses the button with that label.
func (h *house) presses(user string, m slacktest.Message, label string) {
	h.Helper()
	id := buttonID(m, label)
	if id == "" {
		h.Fatalf("no button %q on: %s", label, whole(m))
	}
	envelope, err := h.slack.Press(user, slacktest.OnMessage(m), id, "")
	if err != nil {
		h.Fatal(err)
	}
	h.acked(envelope)
}

// told waits until the person alone reads the words.
func (h *house) told(user, words string) slacktest.Message {
	h.Helper()
	return h.find("only "+user+" reads "+words, words, func() []slacktest.Message { return h.slack.Ephemerals(user, h.payments) })
}

// shown waits, while time passes, until a message with the words stands in #payments.
func (h *house) shown(words string) slacktest.Message {
	h.Helper()
	return h.find("#payments shows "+words, words, func() []slacktest.Message { return h.slack.Messages(h.payments) })
}

// threaded waits, while time passes, until the words stand in a message's thread.
func (h *house) threaded(under slacktest.Message, words string) slacktest.Message {
	h.Helper()
	return h.find("the thread shows "+words, words, func() []slacktest.Message { return h.slack.Thread(h.payments, under.TS) })
}

func (h *house) find(what, words string, all func() []slacktest.Message) (got slacktest.Message) {
	h.Helper()
	h.wait(what, 200*time.Millisecond, func() bool {
		for _, m := range all() {
			if strings.Contains(whole(m), words) {
				got = m
				return true
			}
		}
		return false
	})
	return got
}

// cards are the messages of the bot in #payments that stand for themselves.
func (h *house) cards(n int) []slacktest.Message {
	h.Helper()
	var out []slacktest.Message
	for _, m := range h.slack.Messages(h.payments) {
		if (m.ThreadTS == "" || m.ThreadTS == m.TS) && m.BotID != "" {
			out = append(out, m)
		}
	}
	if len(out) != n {
		h.Fatalf("%d messages of the bot, want %d\n%s", len(out), n, h.everything())
	}
	return out
}

func (h *house) runs(n int) []githubtest.Run {
	h.Helper()
	runs := h.github.Runs("acme/checkout")
	if len(runs) != n {
		h.Fatalf("%d runs, want %d", len(runs), n)
	}
	return runs
}

func (h *house) everything() string {
	var b strings.Builder
	for _, m := range h.slack.Messages(h.payments) {
		b.WriteString("#payments: " + whole(m) + "\n")
		for _, r := range h.slack.Thread(h.payments, m.TS) {
			b.WriteString("  thread: " + whole(r) + "\n")
		}
	}
	for _, user := range []string{h.ana, h.ben, h.cy} {
		for _, m := range h.slack.Ephemerals(user, h.payments) {
			b.WriteString("only " + user + ": " + whole(m) + "\n")
		}
	}
	_ = bot.AuditLog(context.Background(), h.db, time.Time{}, func(a bot.Audit) bool {
		b.WriteString("audit: " + a.Line + ": " + a.Decision + ", " + a.Outcome + ", " + a.Err + "\n")
		return true
	})
	return b.String()
}

// whole is all of a message as text.
func whole(m slacktest.Message) string {
	return m.Text + " " + strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(m.Blocks))
}

// buttonID finds the action of a button by its label.
func buttonID(m slacktest.Message, label string) string {
	type button struct {
		ActionID string `json:"action_id"`
		Text     struct{ Text string }
	}
	var blocks []struct {
		Type     string
		Elements json.RawMessage
	}
	if json.Unmarshal(m.Blocks, &blocks) != nil {
		return ""
	}
	for _, b := range blocks {
		var buttons []button
		if b.Type != "actions" || json.Unmarshal(b.Elements, &buttons) != nil {
			continue
		}
		for _, one := range buttons {
			if one.Text.Text == label {
				return one.ActionID
			}
		}
	}
	return ""
}

// each calls fn with everything stored under a prefix.
func (h *house) each(prefix string, fn func(key string, value []byte)) {
	h.Helper()
	err := h.db.View(context.Background(), func(s store.Snapshot) error {
		for key, value := range s.Scan(prefix, "") {
			fn(key, value)
		}
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
}
