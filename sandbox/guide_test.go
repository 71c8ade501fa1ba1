package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/integrations/github/githubtest"
)

func TestTheGuidesBuildIsBrokenOnceItHasFailed(t *testing.T) {
	t.Parallel()
	g, c, d := acme(t)
	s := &Stage{github: g, clock: c, director: d, hub: newHub(), notes: notes{Done: map[string]bool{}}}
	s.levers = s.allLevers()
	done := func() bool { return s.guide().Steps[3].Done }
	before := g.Repo("acme/catalog").Head("main")
	for range 2 { // also when it is pressed twice
		if _, err := s.pull("guide-break"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.didGuide("fail", "line"); err != nil {
		t.Fatal(err)
	}
	if g.Repo("acme/catalog").Head("main") == before {
		t.Error("there is nothing new to deploy")
	}
	if done() {
		t.Error("it is done before anything was deployed")
	}
	dispatch(t, g, "acme/catalog")
	c.Advance(2 * time.Second)
	if done() {
		t.Error("it is done before anything failed")
	}
	c.Advance(5 * time.Minute)
	if !done() {
		t.Errorf("it is not done after %+v", last(g, "acme/catalog"))
	}
}

// Chloé's thumb is for what Shipmate proposed last, and Ben's number is always one that is taken.
func TestTheGuidesDecision(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Dir: t.TempDir(), NoBot: true}, "http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	g := s.github
	repo := g.Repo("acme/decisions")
	pull := func(id string) error {
		_, err := s.pull(id)
		return err
	}
	if err := pull("guide-thumb"); err == nil {
		t.Error("a thumb for nothing")
	}
	last := func() githubtest.Issue {
		all := g.Pulls("acme/decisions")
		return all[len(all)-1]
	}
	for _, want := range []string{"doc/adr/0006-", "doc/adr/0009-"} {
		pull("guide-laptop")
		p := last()
		if name, _, _ := strings.Cut(p.Title, "."); p.Author != "ben" || !strings.HasSuffix(want, fmt.Sprintf("%04s-", name)) {
			t.Errorf("%+v, want %s", p, want)
		}
		if _, found := repo.File(p.Pull.Head, want+"keep-prices-in-cents.md"); !found {
			t.Errorf("no %s", want)
		}
		repo.Branch("adr/0009", "main").Commit("adr/0009", "ana", "Decide", githubtest.Files{"a.md": "a"})
	}
	repo.OpenPR(githubtest.PR{Title: "ADR-9", Author: githubtest.DefaultLogin, Head: "adr/0009"})
	pull("guide-thumb")
	if p := last(); len(p.Reactions) != 1 || p.Reactions[0] != (githubtest.Reaction{Login: "chloe", Content: "+1"}) {
		t.Errorf("%+v", p)
	}
}

// Nine comes where the team is, whatever the hour is, and a step is done once the bot has said what it promises.
func TestTheGuidesMorning(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Dir: t.TempDir(), NoBot: true}, "http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	pull := func(id string) error {
		_, err := s.pull(id)
		return err
	}
	done := func(id string) bool {
		for _, step := range s.guide().Steps {
			if step.ID == id {
				return step.Done
			}
		}
		t.Fatalf("no step %s", id)
		return false
	}
	for _, step := range atATime {
		for _, a := range step.Actions {
			if err := s.didGuide(step.ID, a.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, id := range []string{"schedule", "morning", "late"} {
		if done(id) {
			t.Errorf("%s is done before anything was said", id)
		}
	}
	if err := pull("guide-morning"); err == nil {
		t.Error("a morning for nothing")
	}
	room, _ := s.slack.Channel(nineRoom)
	says := func(text string) {
		t.Helper()
		before := len(s.slack.Messages(room.ID))
		res, err := http.PostForm(s.slack.URL()+"chat.postMessage", url.Values{"token": {s.slack.BotToken}, "channel": {room.ID}, "text": {text}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if len(s.slack.Messages(room.ID)) == before {
			t.Fatalf("not said: %s", text)
		}
	}
	there := func() string {
		zone, err := clock.LoadZone(nineZone)
		if err != nil {
			t.Fatal(err)
		}
		return s.clock.Now().In(zone).Format("15:04")
	}
	says("Scheduled by @ana.")
	says("`/deploy status checkout`, scheduled by @ana for long ago, late")
	if err := pull("guide-morning"); err != nil || there() != "09:00" {
		t.Errorf("%s, %v", there(), err)
	}
	if !done("schedule") || done("morning") {
		t.Error("an answer of before the morning is taken for one of it, or what is saved is not seen")
	}
	says("`/deploy status checkout`, scheduled by @ana")
	if !done("morning") || done("late") {
		t.Error("the answer of the morning is not seen, or is taken for a late one")
	}
	if err := pull("guide-nine"); err != nil || there() != "11:00" {
		t.Errorf("%s, %v", there(), err)
	}
	if done("late") {
		t.Error("it is done before the bot is back")
	}
	says("`/deploy status checkout`, scheduled by @ana for 9:00, late")
	if !done("late") {
		t.Error("it is late and nobody sees it")
	}
}

// The digest comes on the next morning that is no holiday, and a step is done once what it promises has come.
func TestTheGuidesDigest(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), Options{Dir: t.TempDir(), NoBot: true}, "http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, step := range morningDigest {
		for _, a := range step.Actions {
			if err := s.didGuide(step.ID, a.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	says := func(method string, more url.Values) (ts string) {
		t.Helper()
		room, _ := s.slack.Channel(digestRoom)
		form := url.Values{"token": {s.slack.BotToken}, "channel": {room.ID}}
		maps.Copy(form, more)
		res, err := http.PostForm(s.slack.URL()+method, form)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var answer struct {
			OK bool
			TS string
		}
		if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || !answer.OK && method != "chat.postEphemeral" {
			t.Fatalf("%s: %+v, %v", method, answer, err)
		}
		return answer.TS
	}
	done := func(want ...string) {
		t.Helper()
		var got []string
		for _, step := range s.guide().Steps {
			if step.Chapter == "The morning digest" && step.Done {
				got = append(got, step.ID)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("done: %q, want %q", got, want)
		}
	}
	ana, _ := s.slack.User("ana")
	says("chat.postMessage", url.Values{"text": {"📰 *payments*, the day before"}})
	done()
	if _, err := s.pull("guide-digest-back"); err == nil {
		t.Error("GitHub is back and was not away")
	}
	for range 8 { // a week, with the holiday in it
		if _, err := s.pull("guide-digest"); err != nil {
			t.Fatal(err)
		}
		there := dayIn(s.clock.Now(), nineZone)
		if at := s.clock.Now().In(there.Location()); at.Format("15:04") != "08:30" || at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
			t.Errorf("it comes on %s", at)
		}
		if slices.Contains(s.names.config().Teams[digestTeam].Holidays, there.Format(time.DateOnly)) {
			t.Error("it comes on the holiday")
		}
	}
	done()
	says("chat.postMessage", url.Values{"text": {"📰 *payments*, today"}})
	done("digest")
	says("chat.postEphemeral", url.Values{"user": {ana.ID}, "text": {"📰 *payments*, now"}})
	done("digest")
	says("chat.postMessage", url.Values{"text": {"📰 The digest of *payments* tells of incidents, says @ana."}})
	done("digest", "choose")
	says("chat.postMessage", url.Values{"text": {"🔔 the digest of *payments* comes again, says @ana."}})
	done("digest", "choose", "mute")
	for range 2 { // also when GitHub is down already
		if _, err := s.pull("guide-digest-down"); err != nil {
			t.Fatal(err)
		}
	}
	ts := says("chat.postMessage", url.Values{"text": {"📰 *payments*, today. Not read yet: pull requests"}})
	done("digest", "choose", "mute")
	if _, err := s.pull("guide-digest-back"); err != nil {
		t.Fatal(err)
	}
	says("chat.update", url.Values{"ts": {ts}, "text": {"📰 *payments*, today. Not read yet: debt"}})
	done("digest", "choose", "mute")
	says("chat.update", url.Values{"ts": {ts}, "text": {"📰 *payments*, today"}})
	done("digest", "choose", "mute", "outage")
	for _, l := range s.leverStates() {
		if l.ID == "github-down" && l.On {
			t.Error("GitHub is still down")
		}
	}
}

// The holiday is a weekday that is near, and not over when the guide comes to it.
func TestTheHolidayIsNear(t *testing.T) {
	t.Parallel()
	for today, want := range map[string]string{"2026-11-23": "2026-11-27", "2026-11-24": "2026-11-30", "2026-11-26": "2026-11-30", "2026-11-28": "2026-12-02"} {
		at, err := time.Parse(time.DateOnly, today)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextHoliday(at.Add(12 * time.Hour)).Format(time.DateOnly); got != want {
			t.Errorf("after %s comes %s, want %s", today, got, want)
		}
	}
}

func TestTheGuideHasSomethingToKillWhateverRuns(t *testing.T) {
	t.Parallel()
	g, c, d := acme(t)
	s := &Stage{github: g, clock: c, director: d, hub: newHub()}
	s.levers = s.allLevers()
	before := g.Repo("acme/ledger").Head("main")
	for _, id := range firstMinute[2].Actions[0].First {
		if _, err := s.pull(id); err != nil {
			t.Fatal(err)
		}
	}
	if g.Repo("acme/ledger").Head("main") == before {
		t.Error("the ledger may be up to date, and then nothing is deployed")
	}
}
