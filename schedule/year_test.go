package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"shipmate/schedule"
	"shipmate/store"
	"shipmate/store/storetest"
)

// The zones and times of the year that is walked through: clocks that change by an hour, by half an hour, at midnight, and not at all.
var (
	zones = []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata"}
	crons = []string{"30 2 * * *", "0 0 * * *", "15,45 1,2 * * 0,6"}
)

// A year of schedules over changes of clocks in five zones, with restarts, times when nothing runs, crashes and a store that fails: each
// planned time is run once, or stands there as left out, with why; and what was run was answered once.
func TestAYear(t *testing.T) {
	t.Parallel()
	y := &year{stage: newStage(t), rand: rand.New(rand.NewPCG(7, 11)), due: map[string]time.Time{}}
	y.whole = y.db
	y.start()
	for _, zone := range zones {
		for _, cron := range crons {
			missed := []schedule.Missed{schedule.CatchUp, schedule.SkipIt}[len(y.all)%2]
			one := y.adds(want(cron, func(w *schedule.Want) { w.Zone, w.Missed, w.By = zone, missed, "U"+strconv.Itoa(len(y.all)) }))
			y.all = append(y.all, one)
			y.due[one.ID] = one.Next
		}
	}
	end := monday.AddDate(1, 0, 0)
	y.live(end)
	for _, one := range y.all {
		y.check(one, end)
	}
	t.Logf("%d lines ran, %d of them again after a crash; %d crashes, %s down", len(y.ran), y.agains, y.crashes, y.down)
	if y.agains == 0 || y.crashes == 0 || y.down == 0 {
		t.Error("nothing went wrong in this year, so it proves nothing")
	}
}

type year struct {
	*stage
	rand  *rand.Rand
	whole store.DB // that nothing fails of
	all   []*schedule.Schedule
	due   map[string]time.Time
	calm  bool

	agains, crashes int
	down            time.Duration
}

// start starts the process anew, on a store that fails now and then.
func (y *year) start() {
	y.Service = y.service(storetest.Failing(y.whole, func() storetest.Failure {
		if !y.calm && y.rand.IntN(150) == 0 {
			return storetest.Failure(1 + y.rand.IntN(2))
		}
		return storetest.None
	}))
	y.run = func(l schedule.Line) (schedule.Ran, error) {
		if l.Again {
			y.agains++
		}
		switch y.rand.IntN(300) {
		case 0:
			return schedule.Ran{}, errors.New("Slack does not answer")
		case 1:
			return schedule.Ran{Outcome: schedule.Outcome{Fate: schedule.Declined, Said: "locked"}, Write: answers(l)}, nil
		}
		return done(l), nil
	}
}

// live steps what is due until the end. Once in a while the process dies in the middle of a step, or is down for hours or days.
func (y *year) live(end time.Time) {
	for {
		id := y.first()
		at := y.due[id]
		if at.After(end) {
			break
		}
		if at.After(y.clock.Now()) {
			y.clock.Set(at)
		}
		y.calm = end.Sub(y.clock.Now()) < 24*time.Hour // so that nothing is under way in the end
		ctx, cancel := context.WithCancel(y.Context())
		if !y.calm && y.rand.IntN(100) == 0 {
			cancel()
		}
		next, err := y.StepSchedule(ctx, id)
		cancel()
		var wait interface{ RetryAfter() time.Duration }
		switch {
		case errors.As(err, &wait):
			y.due[id] = y.clock.Now().Add(wait.RetryAfter())
		case err != nil: // the store failed, or the process ended: the record is due as it was
			y.crashes++
			y.start()
			y.due[id] = y.clock.Now().Add(time.Second)
		default:
			y.due[id] = next
		}
		if !y.calm && y.rand.IntN(150) == 0 {
			down := time.Duration(y.rand.Int64N(int64(4 * 24 * time.Hour)))
			y.down += down
			y.clock.Advance(down)
		}
	}
	y.clock.Set(end)
}

// first is what is due first.
func (y *year) first() string {
	return slices.MinFunc(slices.Sorted(maps.Keys(y.due)), func(a, b string) int { return y.due[a].Compare(y.due[b]) })
}

// check holds what became of a schedule against the times that a calendar has for it.
func (y *year) check(one *schedule.Schedule, end time.Time) {
	y.Helper()
	planned := calendar(one, monday, end)
	told := map[time.Time]int{}
	answers := 0
	for _, h := range y.everything(one) {
		n := 0
		for _, at := range planned {
			if !at.Before(h.At) && !at.After(latest(h.At, h.Until)) {
				told[at]++
				n++
			}
		}
		if n != h.Count() {
			y.Errorf("%s in %s: %+v stands for %d times, there are %d", one.Cron, one.Zone, h, h.Count(), n)
		}
		switch {
		case (h.Fate == schedule.LeftOut) != (h.Why != ""):
			y.Errorf("%+v has no reason", h)
		case h.Fate != schedule.LeftOut:
			answers++
		}
	}
	for _, at := range planned {
		if told[at] != 1 {
			y.Errorf("%s in %s: %s is told of %d times", one.Cron, one.Zone, at.In(one.Location()), told[at])
		}
	}
	if n := y.count("answer/" + one.ID); n != answers {
		y.Errorf("%s in %s: %d runs stand there, %d answers were written", one.Cron, one.Zone, answers, n)
	}
}

func (y *year) count(prefix string) (n int) {
	y.Helper()
	err := y.whole.View(y.Context(), func(snap store.Snapshot) error {
		n = 0
		for range snap.Scan(prefix, "") {
			n++
		}
		return nil
	})
	if err != nil {
		y.Fatal(err)
	}
	return n
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// calendar finds a schedule's times by looking at every minute of a wall clock, as somebody would who stands before it: what it shows for
// the first time counts, and what it leaves out counts once, when it has moved.
func calendar(one *schedule.Schedule, from, until time.Time) (out []time.Time) {
	f := strings.Fields(one.Cron)
	shown := map[time.Time]bool{}
	zone := one.Location()
	matches := func(wall time.Time) bool {
		return among(f[0], wall.Minute()) && among(f[1], wall.Hour()) && among(f[4], int(wall.Weekday()))
	}
	wallOf := func(at time.Time) time.Time {
		local := at.In(zone)
		return time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), 0, 0, time.UTC)
	}
	before := wallOf(from)
	for at := from.Add(time.Minute); !at.After(until); at = at.Add(time.Minute) {
		wall := wallOf(at)
		hit := false
		for w := before.Add(time.Minute); !w.After(wall); w = w.Add(time.Minute) { // more than one where the clock leaves some out
			if matches(w) && !shown[w] {
				shown[w], hit = true, true
			}
		}
		if hit {
			out = append(out, at)
		}
		before = wall
	}
	return out
}

// among tells whether a field of a cron expression names a number.
func among(field string, n int) bool {
	for part := range strings.SplitSeq(field, ",") {
		low, high, isRange := strings.Cut(part, "-")
		if part == "*" || !isRange && part == strconv.Itoa(n) || isRange && atoi(low) <= n && n <= atoi(high) {
			return true
		}
	}
	return false
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(fmt.Sprintf("%q is no number", s))
	}
	return n
}
