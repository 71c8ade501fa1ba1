package commands

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/schedule"
	"shipmate/store"
	"shipmate/store/storetest"
)

// keptSchedules are schedules on a Friday morning, whose lines are never run.
func keptSchedules(t *testing.T) *schedule.Service {
	t.Helper()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte("teams: {payments: {channel: \"#payments\", slack_group: payments-eng}}\n"), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	s, err := schedule.New(schedule.Config{DB: storetest.New(t), Clock: clock.NewManual(time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)), Current: func() *config.Config { return cfg },
		GitHub: idleGitHub(t), Log: slog.New(slog.DiscardHandler), Place: func(store.Tx, string, string, string) error { return nil },
		Changed: func(store.Tx, string, string) error { return nil },
		People:  schedule.People{GitHub: func(store.Getter, string) (string, error) { return "", nil }, Name: func(context.Context, string) string { return "" }},
		Run:     func(context.Context, schedule.Line) (schedule.Ran, error) { return schedule.Ran{}, nil },
		Try:     func(context.Context, string, string) error { return nil },
		Tell:    func(store.Tx, schedule.Note) error { return nil }, Say: func(store.Tx, string, schedule.Note) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// idleGitHub is a client that nothing is asked of.
func idleGitHub(t *testing.T) *github.Client {
	t.Helper()
	c, err := github.New(github.Config{APIURL: "http://127.0.0.1:1/", Token: "none", Clock: clock.System()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestScheduleMessages(t *testing.T) {
	t.Parallel()
	s := keptSchedules(t)
	at := time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC)
	next := at.AddDate(0, 0, 3).Add(-90 * time.Minute)
	active := &schedule.Schedule{ID: "s-aaaaaaaaaa", Kind: schedule.Lines, Cron: "0 9 * * 1-5", Zone: "Europe/Berlin", Working: true, Team: "payments", Missed: schedule.CatchUp,
		Owner: "U0ANA", Channel: "C0PAYMENTS", Line: "deploy status <checkout>", State: schedule.Active, Next: next, Skip: next, SkipBy: "U0BEN"}
	paused := *active
	paused.ID, paused.State, paused.Hold, paused.Skip = "s-bbbbbbbbbb", schedule.Paused, &schedule.Hold{By: "U0BEN", At: at}, time.Time{}
	stopped := paused
	stopped.ID, stopped.State, stopped.Hold = "s-cccccccccc", schedule.Stopped, &schedule.Hold{At: at, Said: "You may not do this. *payments* can."}
	failed := *active
	failed.Last = &schedule.Happening{At: at, Fate: schedule.Failed, Said: "It could not be run for 30 min: see the log."}
	odd := *active
	odd.ID, odd.Cron, odd.Working, odd.Missed, odd.Skip = "s-dddddddddd", "30 2 1,15 * *", false, schedule.SkipIt, time.Time{}
	was := []*schedule.Happening{
		{At: at.AddDate(0, 0, -1), Fate: schedule.Done, Began: at.AddDate(0, 0, -1), Said: "*checkout*: staging runs `1a2b3c4`\nand more"},
		{At: at.AddDate(0, 0, -2), Fate: schedule.Done, Began: at.AddDate(0, 0, -2).Add(2 * time.Hour), Said: "late"},
		{At: at.AddDate(0, 0, -3), Fate: schedule.Declined, Began: at.AddDate(0, 0, -3), Said: "Not deployed: It is locked"},
		{At: at.AddDate(0, 0, -4), Fate: schedule.Asked, Began: at.AddDate(0, 0, -4), Said: "Deploy *checkout* to *production*?"},
		{At: at.AddDate(0, 0, -4), Fate: schedule.Failed, By: "U0BEN", Began: at.AddDate(0, 0, -4), Said: "Something broke"},
		{At: at.AddDate(0, 0, -9), Until: at.AddDate(0, 0, -5), N: 5, Fate: schedule.LeftOut, Why: schedule.WasDown},
		{At: at.AddDate(0, 0, -10), Fate: schedule.LeftOut, Why: schedule.DayOff},
		{At: at.AddDate(0, 0, -11), Fate: schedule.LeftOut, Why: schedule.WasPaused, By: "U0BEN"},
	}
	times, err := odd.Times()
	if err != nil {
		t.Fatal(err)
	}
	many := []*schedule.Schedule{active, &paused, &stopped, &odd}
	for len(many) < 25 {
		many = append(many, active)
	}
	for name, m := range map[string]bot.Message{
		"none":               schedulesMessage(s, nil, false, 0),
		"list":               schedulesMessage(s, many, false, 3),
		"all":                schedulesMessage(s, many[:1], true, 0),
		"active":             scheduleMessage(s, active, was),
		"paused":             scheduleMessage(s, &paused, nil),
		"stopped":            ScheduleNote(schedule.Note{Kind: schedule.NoteStopped, Schedule: &stopped}),
		"failed":             ScheduleNote(schedule.Note{Kind: schedule.NoteFailed, Schedule: &failed}),
		"refused configured": scheduleRefused(&schedule.Refused{Code: schedule.Configured, Schedule: &schedule.Schedule{ID: "handover-payments", Kind: schedule.Handovers, Team: "payments"}}),
		"refused not named": scheduleRefused(&schedule.Refused{Code: schedule.WasRemoved,
			Schedule: &schedule.Schedule{ID: "debt-payments", Kind: schedule.Reminders, Team: "payments", State: schedule.Removed, Hold: &schedule.Hold{At: at}}}),
		"removed": ScheduleNote(schedule.Note{Kind: schedule.NoteRemoved, By: "U0BEN", Schedule: active}),
		"asked":   askToSchedule(&schedule.Preview{Schedule: &odd, Next: []time.Time{next, next.AddDate(0, 0, 14)}, Changes: times.Changes(at, at.AddDate(1, 0, 0))}).Message,
	} {
		golden(t, filepath.Join("testdata", "schedule", name+".json"), readable(t, m))
	}
}

// A line on workdays that comes on Saturdays is not said to run.
func TestWhatIsSaidOfALineThatNeverComes(t *testing.T) {
	t.Parallel()
	one := &schedule.Schedule{ID: "s-aaaaaaaaaa", Kind: schedule.Lines, Cron: "0 9 * * 6", Zone: "UTC", Working: true, Owner: "U0ANA", Channel: "C0PAYMENTS", Line: "deploy status",
		State: schedule.Active, Next: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}
	r := changedSchedule(keptSchedules(t), bot.Request{User: "U0ANA"}, one, "▶️ %s runs again, says %s.")
	if want := bot.Text("▶️ `/deploy status` runs again, says <@U0ANA>. But no time in the year to come is on a working day."); r.Text != want {
		t.Errorf("%s", r.Text)
	}
}

// What asks before it saves saves just what it showed: its line says all of it.
func TestTheLineThatSavesASchedule(t *testing.T) {
	t.Parallel()
	one := &schedule.Schedule{Cron: "0 9 * * 1-5", Zone: "America/New_York", Working: true, Missed: schedule.SkipIt, Channel: "C0PAYMENTS", Line: "deploy checkout staging"}
	want := `schedule add confirm:yes "0 9 * * 1-5" in C0PAYMENTS zone America/New_York missed skip on workdays deploy checkout staging`
	if got := addLine(one); got != want {
		t.Errorf("%s", got)
	}
}

func TestCronWords(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		"0 9 * * 1-5": "Mondays to Fridays at 9:00", "30 14 * * *": "every day at 14:30", "5 * * * *": "every hour at :05", "0 16 * * 5": "Fridays at 16:00",
		"0 9 1 * *": "", "*/5 * * * *": "", "0 9-17 * * *": "", "0 9 * * 1,3": "", "0 9 * * MON": "", "0 9 * * 5-9": "", "@daily": "",
	} {
		if got := cronWords(expr); got != want {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
	if got := string(whenText(&schedule.Schedule{Cron: "*/15 * * * *", Zone: "UTC"})); !strings.Contains(got, "`*/15 * * * *` (UTC)") {
		t.Errorf("%s", got)
	}
}
