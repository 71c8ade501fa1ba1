package bot

import (
	"context"
	"fmt"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

// boards makes the home tab of everybody what the card with their Slack ID says, and what the one called "all" does.
func (h *harness) boards() *harness {
	h.alter("home", func(c *Command) {
		c.Run = func(_ context.Context, r Request) (Reply, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.ran = append(h.ran, fmt.Sprintf("%s %s", r.User, r.Kept))
			m := Message{Text: Textf("For %s: %s, %s", User(r.User), h.cards[r.User].Text, h.cards["all"].Text),
				Buttons: []Button{{Label: "Say it", Line: "echo from home"}}}
			return Reply{Message: m, Keep: []byte(`"kept"`)}, nil
		}
	})
	return h
}

func (h *harness) visits() (all map[string]visitor) {
	h.t.Helper()
	all, err := h.bot.visitors(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// settled waits until no home tab is due now.
func (h *harness) settled() {
	h.t.Helper()
	h.until("no home tab is due", func() bool {
		due := false
		_ = h.db.View(context.Background(), func(s store.Snapshot) error {
			for key := range s.Scan(homeDomain+"/due/", "") {
				due = due || key < homeDomain+"/due/"+store.Stamp(h.clock.Now())+"~"
			}
			for range s.Scan(cardDomain+"/due/", "") {
				due = true
			}
			return nil
		})
		return !due
	})
}

func TestAChangeIsPublishedToWhomItConcerns(t *testing.T) {
	t.Parallel()
	h := newHarness(t).boards().start()
	h.opensHome(h.ana)
	h.homeShows(h.ana, "For")
	h.opensHome(h.ben)
	h.homeShows(h.ben, "For")
	h.forward(time.Minute)
	h.put(h.ana, looking(1, "approve it"))
	h.homeShows(h.ana, "approve it")
	h.settled()
	if n := h.calls("views.publish"); n != 3 {
		t.Errorf("%d publishes for two openings and a change of one", n)
	}
	for n := range 20 { // faster than anybody reads
		h.put(h.ana, looking(1, fmt.Sprintf("now %d", n)))
	}
	h.advanceUntil("the last is there", func() bool {
		v, ok := h.slack.Home(h.ana)
		return ok && v.Blocks != nil && h.homeHas(h.ana, "now 19")
	})
	if n := h.calls("views.publish"); n > 5 {
		t.Errorf("%d publishes", n)
	}
	before := h.calls("views.publish")
	h.put(h.ana, looking(1, "now 19"))
	h.forward(time.Minute)
	h.settled()
	h.opensHome(h.ana)
	h.settled()
	if n := h.calls("views.publish"); n != before {
		t.Errorf("what had not changed was published %d times", n-before)
	}
	h.unproblematic()
}

func (h *harness) homeHas(user, words string) bool {
	v, ok := h.slack.Home(user)
	return ok && contains(v, words)
}

func TestAChangeIsPublishedAfterARestart(t *testing.T) {
	t.Parallel()
	h := newHarness(t).boards().start()
	h.opensHome(h.ana)
	h.homeShows(h.ana, "For")
	h.stop()
	h.put(h.ana, looking(1, "while nobody served"))
	h.forward(homeEvery)
	h.restart()
	h.homeShows(h.ana, "while nobody served")
	if last := h.lines()[len(h.lines())-1]; last != h.ana+` "kept"` {
		t.Errorf("drawn without what it kept: %q", last)
	}
}

func TestAPressAtHomeDrawsItAnew(t *testing.T) {
	t.Parallel()
	h := newHarness(t).boards().start()
	h.opensHome(h.ana)
	v := h.homeShows(h.ana, "For")
	h.mu.Lock()
	h.cards[h.ana] = looking(1, "changed without a word")
	h.mu.Unlock()
	if _, err := h.slack.Press(h.ana, slacktest.OnView(v), "b0", ""); err != nil {
		t.Fatal(err)
	}
	h.homeShows(h.ana, "changed without a word")
	h.shown(h.slack.DMChannel(h.ana), "done echo from home for")
}

// What a schedule changes is seen as what a person changes.
func TestATimedLineThatChangesSomethingIsSeenAtHome(t *testing.T) {
	t.Parallel()
	h := newHarness(t).boards()
	h.alter("echo", func(c *Command) {
		c.Made = func(context.Context, Request) (Reply, bool, error) { return Reply{}, false, nil }
	})
	h.start()
	h.opensHome(h.ana)
	h.homeShows(h.ana, "For")
	h.forward(time.Minute)
	h.settled()
	h.mu.Lock()
	h.cards[h.ana] = looking(1, "changed by a schedule")
	h.mu.Unlock()
	h.runs("s-1.0900", h.ben, h.payments, "echo hi", false)
	h.forward(roundEvery)
	h.homeShows(h.ana, "changed by a schedule")
}

// What ends by itself, such as a lock, is seen a few minutes later: nothing is woken by it.
func TestWhatTimeChangesIsSeenAtHome(t *testing.T) {
	t.Parallel()
	h := newHarness(t).boards().start()
	h.opensHome(h.ana)
	h.homeShows(h.ana, "For")
	h.settled()
	for n := 1; n <= 3; n++ {
		ended := fmt.Sprintf("lock %d ended", n)
		h.mu.Lock()
		h.cards[h.ana] = looking(n, ended)
		h.mu.Unlock()
		h.forward(roundAnyway)
		h.homeShows(h.ana, ended)
	}
}

func TestWhoseHomeTabIsKeptTrue(t *testing.T) {
	t.Parallel()
	h := newHarness(t).boards().start()
	h.opensHome(h.guest)
	h.homeShows(h.guest, "Guests may not use")
	h.opensHome(h.ana)
	h.homeShows(h.ana, "For")
	h.until("the guest is no visitor", func() bool { return len(h.visits()) == 1 })
	h.forward(homeLately + time.Minute)
	h.put(h.ana, looking(1, "too late"))
	h.advanceUntil("who came long ago is none", func() bool { return len(h.visits()) == 0 })
	if h.homeHas(h.ana, "too late") {
		t.Error("it was published")
	}
	h.put(h.ana, looking(1, "back"))
	h.opensHome(h.ana)
	h.homeShows(h.ana, "back")
}

func TestAnUnclearPublishIsSentOnceMore(t *testing.T) {
	t.Parallel()
	h := newHarness(t).boards().start()
	h.inject(slacktest.Fault{Method: "views.publish", Kind: slacktest.Reset, Applied: true})
	h.opensHome(h.ana)
	h.advanceUntil("it is sent again, and once more", func() bool { return h.calls("views.publish") == 3 })
	h.forward(time.Hour)
	h.settled()
	if n := h.calls("views.publish"); n != 3 {
		t.Errorf("%d publishes", n)
	}
}

// crowd makes n people whose home tabs show what there is.
func (h *harness) crowd(n int) (people []string) {
	h.t.Helper()
	ctx := context.Background()
	for i := range n {
		p := Person{ID: h.slack.AddUser(slacktest.User{Name: fmt.Sprintf("p%03d", i), Email: fmt.Sprintf("p%03d@acme.example", i)}).ID, Email: fmt.Sprintf("p%03d@acme.example", i)}
		drawn, err := h.bot.drawHome(asSaid(ctx, p), p.ID, visitor{}, "begin", true)
		if err != nil {
			h.t.Fatal(err)
		}
		err = h.db.Update(ctx, func(tx store.Tx) error {
			if err := store.Save(tx, homesKey, h.clock.Now()); err != nil {
				return err
			}
			return store.Save(tx, visitorKey(p.ID), visitor{Opened: h.clock.Now(), Email: p.Email, Kept: drawn.keep, Shown: drawn.hash})
		})
		if err != nil {
			h.t.Fatal(err)
		}
		people = append(people, p.ID)
	}
	return people
}

func TestFiveHundredHomeTabs(t *testing.T) {
	t.Parallel()
	h := newHarness(t).boards().start()
	people := h.crowd(500)
	h.put("9", looking(1, "of no concern"))
	h.until("it was looked at", func() bool { return len(h.lines()) >= 1000 })
	h.settled()
	if n := h.calls("views.publish") + h.calls("users.info") + h.calls("usergroups.list"); n != 0 {
		t.Fatalf("a change that concerns nobody made %d calls", n)
	}
	h.forward(roundEvery)
	h.put(people[7], looking(1, "yours"))
	h.homeShows(people[7], "yours")
	h.settled()
	if n, asked := h.calls("views.publish"), h.calls("users.info"); n != 1 || asked > 1 {
		t.Fatalf("a change that concerns one was published %d times, and Slack asked for %d people", n, asked)
	}
	begin := h.clock.Now()
	h.forward(roundEvery)
	h.put("all", looking(1, "everybody's"))
	h.advanceUntil("all have it", func() bool { return h.calls("views.publish") == 501 })
	if took := h.clock.Now().Sub(begin); took < 4*time.Minute { // at most a hundred a minute
		t.Errorf("500 tabs took only %s", took)
	}
	h.unproblematic()
}
