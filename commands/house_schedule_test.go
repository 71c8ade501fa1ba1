package commands_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/commands"
	"shipmate/config"
	"shipmate/schedule"
	"shipmate/store"
)

// openSchedules makes what happens at a time.
func (h *house) openSchedules() {
	h.Helper()
	people := h.peopleOnCall()
	h.deps.CardAt = func(ctx context.Context, kind, id string) (channel, ts string, stands bool, err error) {
		err = h.db.View(ctx, func(s store.Snapshot) error {
			channel, ts, stands, err = bot.CardAt(s, kind, id)
			return err
		})
		return channel, ts, stands, err
	}
	var err error
	h.deps.Schedules, err = schedule.New(schedule.Config{DB: h.db, Clock: h.clock, Current: func() *config.Config { return h.config }, GitHub: h.client,
		Log: slog.New(slog.DiscardHandler),
		Sources: commands.DigestSources(commands.DigestParts{Delivery: h.deps.Delivery, Incidents: h.deps.Incidents, Decisions: h.deps.Decisions,
			Config: func() *config.Config { return h.config }, Called: func(ctx context.Context, person string) string { return h.built().Called(ctx, person) },
			OnGitHub: func(ctx context.Context, login string) (person string) {
				_ = h.db.View(ctx, func(s store.Snapshot) (err error) {
					person, err = people.OnGitHub(s, login)
					return err
				})
				return person
			}}),
		Place:   func(tx store.Tx, kind, id, channel string) error { return h.built().Place(tx, kind, id, channel) },
		Changed: bot.Changed,
		People:  schedule.People{GitHub: people.GitHub, Name: func(ctx context.Context, person string) string { return h.built().Called(ctx, person) }},
		Run: func(ctx context.Context, l schedule.Line) (schedule.Ran, error) {
			return commands.Ran(h.built().RunTimed(ctx, bot.TimedLine{ID: l.ID, Planned: l.At, Person: l.Person, Channel: l.Channel, Line: l.Text, Again: l.Again}))
		},
		Try: func(ctx context.Context, person, line string) error { return h.built().TryLine(ctx, person, line) },
		Tell: func(tx store.Tx, n schedule.Note) error {
			return h.built().Tell(tx, n.Person, schedule.Domain, n.ID, commands.ScheduleNote(n))
		},
		Say: func(tx store.Tx, channel string, n schedule.Note) error {
			return h.built().Announce(tx, channel, n.ID, commands.ScheduleNote(n))
		}})
	if err != nil {
		h.Fatal(err)
	}
}

// scheduled puts a line of ana's on a schedule, at nine every day.
func (h *house) scheduled(line string) *schedule.Schedule {
	h.Helper()
	one, err := h.deps.Schedules.Add(h.Context(), schedule.Want{Request: "schedules " + line + h.clock.Now().String(), At: h.clock.Now(), By: h.ana, Channel: h.payments,
		Team: "payments", Cron: "0 9 * * *", Zone: "UTC", Missed: schedule.CatchUp, Line: line})
	if err != nil {
		h.Fatal(err)
	}
	return one
}

// paused is such a schedule that ana paused.
func (h *house) paused(line string) *schedule.Schedule {
	h.Helper()
	one, err := h.deps.Schedules.Pause(h.Context(), schedule.ChangeWant{Request: "pauses " + line, At: h.clock.Now(), By: h.ana, ID: h.scheduled(line).ID}, time.Time{})
	if err != nil {
		h.Fatal(err)
	}
	return one
}

// What runs in a channel that is not public, or in a direct message, is shown to those only who may change it or read there.
func TestSchedulesThatAreNotForEverybody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	quiet := h.slack.AddChannel(slacktest.Channel{Name: "quiet", Private: true, Members: []string{h.ben, h.cy}}).ID
	h.open()
	h.scheduled("deploy status")
	one, err := h.deps.Schedules.Add(t.Context(), schedule.Want{Request: "quietly", At: h.clock.Now(), By: h.ben, Channel: quiet, Cron: "0 9 * * *", Zone: "UTC",
		Missed: schedule.CatchUp, Line: "page checkout who took the money"})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{h.ben, h.ana} { // its owner, and an admin
		h.types(who, "/schedule all")
		h.told(who, "2 schedules")
		h.types(who, "/schedule show "+one.ID)
		h.told(who, "who took the money")
	}
	h.types(h.cy, "/schedule all")
	if words := whole(h.told(h.cy, "1 schedule")); !strings.Contains(words, "and 1 schedule in channels that are not public") || strings.Contains(words, "money") {
		t.Errorf("%s", words)
	}
	h.types(h.cy, "/schedule show "+one.ID)
	h.told(h.cy, "is not for everybody")
	envelope, err := h.slack.Slash(h.cy, quiet, "/schedule show "+one.ID)
	if err != nil {
		t.Fatal(err)
	}
	h.acked(envelope)
	h.find("it is shown where it runs", "who took the money", func() []slacktest.Message { return h.slack.Ephemerals(h.cy, quiet) })
}

// From asking for it to its answer the next morning, and to its end, as people meet it.
func TestAScheduleAsPeopleMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.configure("slack_group: payments-eng", "slack_group: payments-eng, timezone: Europe/Berlin")
	h.open() // it is Friday, ten o'clock in Berlin
	h.types(h.ana, "/schedule")
	h.told(h.ana, "Nothing runs at a time yet.")
	h.types(h.ana, "/schedule add “30 2 * * *” deploy status checkout")
	asked := h.told(h.ana, "⏰ `/deploy status checkout` in <#"+h.payments+">, every day at 2:30 (Europe/Berlin)?")
	if words := whole(asked); !strings.Contains(words, "leave 02:30 out: it runs once, at 03:00") || !strings.Contains(words, "show 02:30 twice: it runs the first time only") {
		t.Errorf("changes of clocks are not explained: %s", words)
	}
	h.presses(h.ana, asked, "No")
	h.types(h.ana, `/schedule add "0 9 * * 1-5" on workdays deploy status checkout`)
	asked = h.told(h.ana, "Mondays to Fridays at 9:00, not on days off (Europe/Berlin)?")
	h.presses(h.ana, asked, "Save it")
	said := h.shown("`/deploy status checkout` runs in")
	h.types(h.cy, "/schedule")
	h.told(h.cy, "⏰ 1 schedule here or yours")
	h.presses(h.cy, said, "Show it")
	shown := h.told(h.cy, "with the rights of <@"+h.ana+">")
	h.presses(h.cy, shown, "Pause")
	h.told(h.cy, "You may not do this.")
	h.presses(h.ben, said, "Show it")
	shown = h.told(h.ben, "The next times")
	h.presses(h.ben, shown, "Skip the next time")
	h.shown("leaves its next time out, says <@" + h.ben + ">")
	h.morning(23)
	h.until("Monday is left out", func() bool { return h.onlySchedule().Next.Day() == 24 })
	if h.answered(h.payments, "scheduled by <@"+h.ana+">") {
		t.Error("it ran on Monday, which was to be left out")
	}
	h.morning(24)
	h.wait("the line has run", time.Second, func() bool { return h.answered(h.payments, "scheduled by <@"+h.ana+">") })
	h.presses(h.ben, said, "Show it")
	h.told(h.ben, "left out, <@"+h.ben+"> wanted that")
	one := h.onlySchedule()
	h.types(h.ben, "/schedule pause "+one.ID)
	h.shown("is paused by <@" + h.ben + ">")
	h.find("a direct message to ana", "has paused your schedule", func() []slacktest.Message { return h.slack.DM(h.ana) })
	h.types(h.ben, "/schedule pause "+one.ID)
	h.told(h.ben, "is paused by <@"+h.ben+"> since")
	h.types(h.ana, "/schedule pause "+one.ID+" for yesterday")
	h.told(h.ana, "is not a duration: write it as 90m, 2h")
	h.types(h.ana, "/schedule resume "+one.ID)
	h.shown("runs again, says <@" + h.ana + ">")
	h.types(h.ana, "/schedule remove "+one.ID)
	h.shown("is removed by <@" + h.ana + ">")
	h.types(h.ana, "/schedule resume "+one.ID)
	h.told(h.ana, "was removed by")
}

// answered tells whether a message with the words stands in a channel.
func (h *house) answered(channel, words string) bool {
	for _, m := range h.slack.Messages(channel) {
		if strings.Contains(whole(m), words) {
			return true
		}
	}
	return false
}

func (h *house) onlySchedule() *schedule.Schedule {
	h.Helper()
	all, err := h.deps.Schedules.All(h.Context())
	if err != nil || len(all) != 1 {
		h.Fatalf("%+v, %v", all, err)
	}
	return all[0]
}

// Whoever scheduled it left, or may not any more: it stops, says so, and runs when somebody puts that right.
func TestAScheduleWhoseOwnerHasLeft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one := h.scheduled("deploy lock checkout staging for 1h the nightly load test")
	h.open()
	if err := h.slack.Deactivate(h.ana); err != nil {
		t.Fatal(err)
	}
	h.morning(21)
	h.wait("it has stopped", time.Second, func() bool { return h.answered(h.payments, "does not run any more") })
	h.shown("This account is deactivated.")
	h.types(h.ben, "/schedule resume "+one.ID)
	h.told(h.ben, "would not run with the rights of <@"+h.ana+">: This account is deactivated.")
	h.types(h.ben, "/schedule show "+one.ID)
	h.told(h.ben, "⛔ `/deploy lock checkout staging for 1h the nightly load test` · stopped since")
}

// A line that changes something runs with its owner's rights, in its channel.
func TestAScheduledLineThatChangesSomething(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one := h.scheduled("deploy lock checkout staging for 1h the nightly load test")
	h.open()
	h.types(h.cy, "/schedule run "+one.ID)
	h.told(h.cy, "You may not do this.")
	h.types(h.ben, "/schedule run now "+one.ID)
	h.shown("▶️ `/deploy lock checkout staging for 1h the nightly load test` runs now")
	h.shown("🔒 *checkout* on *staging* is locked by <@" + h.ana + ">")
	h.types(h.ben, "/schedule show "+one.ID)
	h.told(h.ben, "asked for by <@"+h.ben+">")
}

func TestWhatPeopleTypeWrongAboutSchedules(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	for line, want := range map[string]string{
		"/schedule add": "When? Such as `\"0 9 * * 1-5\"`",
		"/schedule add 0 9 * * 1-5 deploy status":               "put the times in quotes",
		"/schedule add every day at 9 deploy status":            "put the times in quotes",
		`/schedule add "0 9 * * 1-5 deploy status`:              "The times stand between two double quotes",
		"/schedule add '0 9 * * 1-5' deploy status":             "The times stand between two double quotes",
		`/schedule add "0 9 *" deploy status`:                   "has 3 fields",
		`/schedule add "0 0 31 2 *" deploy status`:              "never fires",
		`/schedule add "0 0 29 2 *" zone Europe/Lisbon dploy`:   "I do not know `dploy`",
		`/schedule add "* * * * *" deploy status`:               "too often",
		`/schedule add "0 9 * * *"`:                             "Which line shall run?",
		`/schedule add "0 9 * * *" deploy checkout`:             "That line would not run: Which environment?",
		`/schedule add "0 9 * * *" adr new`:                     "opens a form",
		`/schedule add "0 9 * * *" dploy status`:                "I do not know `dploy`",
		`/schedule add "0 9 * * *" zone Berln deploy status`:    `"Berln" is not a time zone`,
		`/schedule add "0 9 * * *" missed never deploy status`:  "After `missed` goes `once`",
		`/schedule add "0 9 * * *" on holidays deploy status`:   "After `on` goes `workdays`",
		`/schedule add "0 9 * * *" in nowhere deploy status`:    "`nowhere` is no channel",
		`/schedule add "0 9 * * *" in #nowhere deploy status`:   "I know no channel #nowhere",
		`/schedule add "0 9 * * *" in #releases deploy status`:  "elsewhere you can only schedule for your own team",
		`/schedule add "0 9 * * *" schedule pause s-aaaaaaaaaa`: "A schedule cannot change schedules.",
		"/schedule pause s-aaaaaaaaaa":                          "There is no schedule `s-aaaaaaaaaa`",
		"/schedule show nine":                                   `"nine" is not a schedule`,
		"/schedule pause":                                       "Which schedule?",
	} {
		h.types(h.cy, line)
		h.told(h.cy, want)
	}
	h.types(h.cy, `/schedule add "0 4 * * *" deploy checkout staging`)
	h.told(h.cy, "That line would not run: You may not do this.")
	if all, err := h.deps.Schedules.All(t.Context()); err != nil || len(all) > 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// A line that asks first does so in its channel, and only its owner answers: a schedule confirms nothing.
func TestAScheduledLineThatAsks(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one := h.scheduled("deploy checkout production")
	h.open()
	h.types(h.ben, "/schedule run "+one.ID)
	asked := h.shown("to *production*?")
	h.types(h.ben, "/schedule show "+one.ID)
	if m := h.told(h.ben, "asked for by <@"+h.ben+">"); !strings.Contains(whole(m), "❓") || strings.Contains(whole(m), "✅") {
		t.Errorf("nothing was done yet: %s", whole(m))
	}
	h.presses(h.ben, asked, "Deploy to production")
	h.told(h.ben, "That question is for <@"+h.ana+">.")
	h.presses(h.ana, asked, "Deploy to production")
	h.shown("Deploying *checkout*")
}

// A deployment on a schedule that is caught up late is asked for then, so that it is not given up as old.
func TestADeploymentIsCaughtUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one := h.scheduled("deploy checkout staging")
	h.clock.Set(one.Next.Add(50 * time.Minute))
	h.open()
	h.wait("it is deployed", time.Second, func() bool { return h.answered(h.payments, "is on *staging*") })
}
