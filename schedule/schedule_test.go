package schedule_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/schedule"
)

func TestEachTimeRunsOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	one := s.adds(want("0 9 * * 1-5"))
	s.steps(one, monday.AddDate(0, 0, 4).Add(time.Hour))
	s.is("what became of it", s.became(one), []string{"Tue 10 Mar 09:00 done", "Wed 11 Mar 09:00 done", "Thu 12 Mar 09:00 done", "Fri 13 Mar 09:00 done"})
	first := s.ran[0]
	if first.ID != one.ID+".20260310T0800Z" || first.Person != ana || first.Channel != "C0PAY" || first.Text != "deploy status checkout" || first.Again {
		t.Errorf("%+v", first)
	}
}

func TestDaysOff(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	one := s.adds(want("0 9 * * *", func(w *schedule.Want) { w.Working = true }))
	s.steps(one, monday.AddDate(0, 0, 7).Add(time.Hour))
	s.is("what became of it", s.became(one), []string{"Tue 10 Mar 09:00 done", "Wed 11 Mar 09:00 left out: day off", "Thu 12 Mar 09:00 done",
		"Fri 13 Mar 09:00 done", "Sat 14 Mar 09:00 left out: day off", "Sun 15 Mar 09:00 left out: day off", "Mon 16 Mar 09:00 done"})
}

// After a time when nothing ran, the latest of what was missed runs once, or nothing does; whatever did not run stands there with why.
func TestMissedTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		missed  schedule.Missed
		working bool
		down    time.Duration
		want    []string
	}{
		{schedule.CatchUp, false, 4 * time.Minute, []string{"Mon 9 Mar 18:00 done"}},
		{schedule.CatchUp, false, 2 * time.Hour, []string{"Mon 9 Mar 18:00 done late by 2h0m0s"}},
		{schedule.CatchUp, false, 13 * time.Hour, []string{"Mon 9 Mar 18:00 left out: down"}},
		{schedule.CatchUp, false, 49 * time.Hour, []string{"Mon 9 Mar 18:00 to Tue 10 Mar 18:00 (2) left out: down", "Wed 11 Mar 18:00 done late by 1h0m0s"}},
		{schedule.SkipIt, false, 4 * time.Minute, []string{"Mon 9 Mar 18:00 done"}},
		{schedule.SkipIt, false, 49 * time.Hour, []string{"Mon 9 Mar 18:00 to Wed 11 Mar 18:00 (3) left out: down"}},
		{schedule.CatchUp, true, 49 * time.Hour, []string{"Mon 9 Mar 18:00 to Tue 10 Mar 18:00 (2) left out: down", "Wed 11 Mar 18:00 left out: day off"}},
		{schedule.CatchUp, true, 25 * time.Hour, []string{"Mon 9 Mar 18:00 left out: down", "Tue 10 Mar 18:00 done late by 1h0m0s"}},
	} {
		s := newStage(t)
		one := s.adds(want("0 18 * * *", func(w *schedule.Want) { w.Missed, w.Working = c.missed, c.working }))
		s.clock.Set(one.Next.Add(c.down))
		s.steps(one, s.clock.Now())
		s.is(string(c.missed)+" after "+c.down.String(), s.became(one), c.want)
	}
}

// A year in which a time alternates between being missed and being a day off is written in pieces, none lost.
func TestALongTimeInPieces(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	one := s.adds(want("0 9 * * *", func(w *schedule.Want) { w.Working = true }))
	until := monday.AddDate(1, 0, 0).Add(2 * time.Hour)
	s.clock.Set(until)
	s.steps(one, until)
	all := s.everything(one)
	if len(all) < 40 || all[0].Fate != schedule.Done {
		t.Errorf("%d pieces, the newest %+v", len(all), all[0])
	}
	n := 0
	for _, h := range all {
		n += h.Count()
	}
	s.is("times", n, 365) // from the tenth of March to the ninth, a year later
}

func TestDaylightSaving(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	one := s.adds(want("30 2 * * *"))
	s.clock.Set(time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC))
	s.steps(one, time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC))
	s.is("in spring", s.became(one)[2:], []string{"Sat 28 Mar 02:30 done", "Sun 29 Mar 03:00 done", "Mon 30 Mar 02:30 done", "Tue 31 Mar 02:30 done"})
	s.clock.Set(time.Date(2026, 10, 23, 12, 0, 0, 0, time.UTC))
	s.steps(one, time.Date(2026, 10, 26, 12, 0, 0, 0, time.UTC))
	got := s.became(one)
	s.is("in autumn", got[len(got)-3:], []string{"Sat 24 Oct 02:30 done", "Sun 25 Oct 02:30 done", "Mon 26 Oct 02:30 done"})
}

func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ctx := t.Context()
	one := s.adds(want("0 9 * * *"))
	pause := s.by(ben, one)
	if _, err := s.Pause(ctx, pause, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if again, err := s.Pause(ctx, pause, time.Time{}); err != nil || again.State != schedule.Paused { // the same request
		t.Errorf("%+v, %v", again, err)
	}
	_, err := s.Pause(ctx, s.by(ben, one), time.Time{})
	s.refuses(schedule.AlreadySo, err)
	_, err = s.SkipNext(ctx, s.by(ben, one))
	s.refuses(schedule.NotRunning, err)
	s.is("told", s.said, []string{ana + " paused " + one.ID + "-" + pause.Request})
	s.steps(one, monday.AddDate(0, 0, 3))
	if len(s.ran) > 0 {
		t.Errorf("%+v ran", s.ran)
	}
	s.may = func(string, string) error { return errors.New("not any more") }
	_, err = s.Resume(ctx, s.by(ben, one))
	s.refuses(schedule.NotYours, err)
	s.may = nil
	s.clock.Advance(time.Hour)
	one, err = s.Resume(ctx, s.by(ben, one))
	if err != nil || one.State != schedule.Active || one.Hold != nil {
		t.Fatalf("%+v, %v", one, err)
	}
	_, err = s.Resume(ctx, s.by(ben, one))
	s.refuses(schedule.AlreadySo, err)
	s.steps(one, monday.AddDate(0, 0, 4).Add(time.Hour))
	s.is("what became of it", s.became(one), []string{"Tue 10 Mar 09:00 to Thu 12 Mar 09:00 (3) left out: paused by " + ben, "Fri 13 Mar 09:00 done"})
}

// What is paused for a while runs again by itself. What comes at the very moment is run.
func TestPausedForAWhile(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	one := s.adds(want("0 9 * * *"))
	if _, err := s.Pause(t.Context(), s.by(ana, one), monday.AddDate(0, 0, 3).Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	s.steps(one, monday.AddDate(0, 0, 4).Add(time.Hour))
	s.is("what became of it", s.became(one), []string{"Tue 10 Mar 09:00 to Wed 11 Mar 09:00 (2) left out: paused by " + ana, "Thu 12 Mar 09:00 done", "Fri 13 Mar 09:00 done"})
	if s.now(one).Hold != nil || len(s.said) > 0 {
		t.Errorf("%+v, %q", s.now(one).Hold, s.said)
	}
}

func TestSkipNext(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	one := s.adds(want("0 9 * * *"))
	one, err := s.SkipNext(t.Context(), s.by(ben, one))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.SkipNext(t.Context(), s.by(ben, one))
	s.refuses(schedule.AlreadySo, err)
	if next := s.Upcoming(one, 2); !slices.Equal(next, []time.Time{monday.AddDate(0, 0, 2), monday.AddDate(0, 0, 3)}) {
		t.Errorf("then comes %s", next)
	}
	s.steps(one, monday.AddDate(0, 0, 2).Add(time.Hour))
	s.is("what became of it", s.became(one), []string{"Tue 10 Mar 09:00 left out: asked by " + ben, "Wed 11 Mar 09:00 done"})
}

func TestRunNow(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ctx := t.Context()
	one := s.adds(want("0 9 * * *"))
	s.may = func(person, _ string) error {
		if person == ben {
			return errors.New("not ben")
		}
		return nil
	}
	_, err := s.RunNow(ctx, s.by(ben, one))
	s.refuses(schedule.NotYours, err)
	now := s.by(ana, one)
	if _, err := s.RunNow(ctx, now); err != nil {
		t.Fatal(err)
	}
	_, err = s.RunNow(ctx, s.by(ana, one))
	s.refuses(schedule.IsRunning, err)
	s.steps(one, monday.Add(time.Hour))
	if _, err := s.RunNow(ctx, now); err != nil { // the same request, delivered late
		t.Fatal(err)
	}
	s.steps(one, monday.Add(2*time.Hour))
	if len(s.ran) != 1 || s.ran[0].ID != one.ID+"."+now.Request {
		t.Errorf("%+v ran", s.ran)
	}
	s.is("what became of it", s.became(one), []string{"Mon 9 Mar 09:00 done by " + ana})
	s.steps(one, monday.AddDate(0, 0, 1))
	if len(s.ran) != 2 {
		t.Errorf("after it was run at once its time came to nothing: %+v", s.ran)
	}
}

func TestRemoved(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ctx := t.Context()
	one := s.adds(want("0 9 * * *"))
	if _, err := s.Remove(ctx, s.by(ben, one)); err != nil {
		t.Fatal(err)
	}
	_, err := s.Resume(ctx, s.by(ana, one))
	s.refuses(schedule.WasRemoved, err)
	_, err = s.Pause(ctx, schedule.ChangeWant{Request: "none", At: monday, By: ana, ID: "s-aaaaaaaaaa"}, time.Time{})
	s.refuses(schedule.NoSchedule, err)
	s.steps(one, monday.AddDate(0, 0, 3))
	all, err := s.All(ctx)
	if err != nil || len(all) > 0 || len(s.ran) > 0 {
		t.Errorf("%+v, %v; %+v ran", all, err, s.ran)
	}
	n, err := s.Sweep(ctx, monday.AddDate(0, 0, 1))
	if _, gone := s.Schedule(ctx, one.ID); err != nil || n != 2 || !errors.Is(gone, schedule.ErrNotFound) {
		t.Errorf("%d keys were swept, %v, %v", n, err, gone)
	}
}

// Whose owner may not run it any more stops, tells so once, and runs again when somebody resumes it.
func TestLostRight(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	one := s.adds(want("0 9 * * *"))
	s.run = func(l schedule.Line) (schedule.Ran, error) {
		return schedule.Ran{Outcome: schedule.Outcome{Fate: schedule.Declined, Said: "You may not do this.", Lost: true}, Write: answers(l)}, nil
	}
	s.steps(one, monday.AddDate(0, 0, 3).Add(time.Hour))
	s.is("runs", len(s.ran), 1)
	one, err := s.Schedule(t.Context(), one.ID)
	if err != nil || one.State != schedule.Stopped || one.Hold.Said != "You may not do this." || one.Hold.By != "" {
		t.Errorf("%+v, %+v, %v", one, one.Hold, err)
	}
	id := one.ID + ".20260310T0800Z-stopped"
	s.is("told", s.said, []string{"C0PAY stopped " + id, ana + " stopped " + id})
	s.run = nil
	if _, err := s.Resume(t.Context(), s.by(ana, one)); err != nil {
		t.Fatal(err)
	}
	s.steps(one, monday.AddDate(0, 0, 4).Add(time.Hour))
	s.is("what became of it", s.became(one), []string{"Tue 10 Mar 09:00 declined", "Wed 11 Mar 09:00 to Thu 12 Mar 09:00 (2) left out: stopped", "Fri 13 Mar 09:00 done"})
}

// What cannot be run now is tried again for half an hour.
func TestNotNow(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	one := s.adds(want("0 9 * * *"))
	s.run = func(l schedule.Line) (schedule.Ran, error) {
		if len(s.ran) < 10 {
			return schedule.Ran{}, errors.New("Slack does not answer")
		}
		return done(l), nil
	}
	s.steps(one, monday.AddDate(0, 0, 1).Add(time.Hour))
	s.is("what became of it", s.became(one), []string{"Tue 10 Mar 09:00 done"})
	if s.ran[9].Again {
		t.Error("it is said to have been run before")
	}
	s.run = func(schedule.Line) (schedule.Ran, error) { return schedule.Ran{}, errors.New("Slack does not answer") }
	s.steps(one, monday.AddDate(0, 0, 2).Add(time.Hour))
	s.is("what became of it", s.became(one)[1:], []string{"Wed 11 Mar 09:00 failed"})
	s.is("told", s.said, []string{"C0PAY failed " + one.ID + ".20260311T0800Z-failed"})
	s.is("Next", s.Upcoming(s.now(one), 1)[0], monday.AddDate(0, 0, 3))
}

// What may have been run before a crash is said to be, also when it cannot be run at once after it.
func TestNotNowAfterACrash(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	one := s.adds(want("0 9 * * *"))
	dying, die := context.WithCancel(t.Context())
	s.run = func(schedule.Line) (schedule.Ran, error) {
		die()
		return schedule.Ran{}, dying.Err()
	}
	s.clock.Set(monday.AddDate(0, 0, 1))
	if _, err := s.StepSchedule(dying, one.ID); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	s.run = func(l schedule.Line) (schedule.Ran, error) {
		if len(s.ran) < 10 {
			return schedule.Ran{}, errors.New("Slack does not answer")
		}
		return done(l), nil
	}
	s.steps(one, monday.AddDate(0, 0, 1).Add(time.Hour))
	s.is("what became of it", s.became(one), []string{"Tue 10 Mar 09:00 done"})
	for i, l := range s.ran {
		if l.Again != (i > 0) {
			t.Errorf("try %d is said to be again: %v", i+1, l.Again)
		}
	}
}

func TestWhatCannotBeScheduled(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, c := range []struct {
		code schedule.Code
		fn   func(*schedule.Want)
	}{
		{schedule.BadTimes, func(w *schedule.Want) { w.Cron = "0 0 31 2 *" }},
		{schedule.BadTimes, func(w *schedule.Want) { w.Cron = "TZ=UTC" }},
		{schedule.TooOften, func(w *schedule.Want) { w.Cron = "*/4 * * * *" }},
		{schedule.TooOften, func(w *schedule.Want) { w.Cron = "0,3 9 1 1 *" }},
		{schedule.NoRecursion, func(w *schedule.Want) { w.Line = "Schedule add x" }},
		{schedule.NotYours, func(w *schedule.Want) { w.By = ben }},
	} {
		s.may = func(person, _ string) error {
			if person == ben {
				return errors.New("not ben")
			}
			return nil
		}
		_, err := s.Add(t.Context(), want("0 9 * * *", c.fn))
		s.refuses(c.code, err)
	}
	for range schedule.MaxOwned {
		s.adds(want("*/5 * * * *"))
	}
	_, err := s.Add(t.Context(), want("0 9 * * *"))
	s.refuses(schedule.TooMany, err)
}

func TestPreview(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p, err := s.Preview(t.Context(), want("30 2 * * *", func(w *schedule.Want) { w.Working = true }))
	if err != nil {
		t.Fatal(err)
	}
	var days []string
	for _, at := range p.Next {
		days = append(days, at.In(p.Schedule.Location()).Format("Mon 2 15:04"))
	}
	s.is("next", days, []string{"Tue 10 02:30", "Thu 12 02:30", "Fri 13 02:30", "Mon 16 02:30", "Tue 17 02:30"})
	if len(p.Changes) != 2 || !p.Changes[0].Left || p.Changes[1].Left {
		t.Errorf("%+v", p.Changes)
	}
	if all, err := s.All(t.Context()); err != nil || len(all) > 0 {
		t.Errorf("a preview is kept: %+v, %v", all, err)
	}
}

// What was said is kept short, and nothing that Slack makes of it is cut in two.
func TestWhatWasSaid(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	one := s.adds(want("0 9 * * *"))
	s.run = func(l schedule.Line) (schedule.Ran, error) {
		return schedule.Ran{Outcome: schedule.Outcome{Fate: schedule.Done, Said: strings.Repeat("é", 140) + "<https://example.com/a|a> <https://example.com/b|b>"}, Write: answers(l)}, nil
	}
	s.steps(one, monday.AddDate(0, 0, 1).Add(time.Hour))
	s.is("said", s.now(one).Last.Said, strings.Repeat("é", 140)+"…")
}
