package commands_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/commands"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/integrations/github/githubtest"
	"shipmate/schedule"
)

// digests has payments told every working day at nine, and brings the schedules up to date with that.
func (h *house) digests(more ...string) {
	h.Helper()
	h.configure(append([]string{"slack_group: payments-eng", "slack_group: payments-eng, digest: \"0 9 * * 1-5\""}, more...)...)
	if err := h.deps.Schedules.Begin(h.Context()); err != nil {
		h.Fatal(err)
	}
}

// morning lets nine o'clock of a day in November come.
func (h *house) morning(day int) {
	h.Helper()
	h.passes(time.Date(2026, 11, day, 9, 0, 0, 0, time.UTC).Sub(h.clock.Now()))
}

// digest waits for a digest in #payments whose words it has.
func (h *house) digest(words string) slacktest.Message {
	h.Helper()
	return h.find("a digest", "📰 *payments*, "+words, func() []slacktest.Message { return h.slack.Messages(h.payments) })
}

// A day with everything in it is told at its hour, once, by what GitHub, PagerDuty and the store say; its details stand in the thread.
func TestADigestAsPeopleMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withLog("slack_group: payments-eng", "slack_group: payments-eng, digest: \"0 9 * * 1-5\"")
	if err := h.deps.Schedules.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(time.Minute)
	h.github.AddUser(githubtest.User{Login: "cy", Name: "Cy"})
	h.repo.Branch("change", "main").Commit("change", "cy", "Change", githubtest.Files{"a.txt": "a"})
	pull := h.repo.OpenPR(githubtest.PR{Author: "cy", Title: "A *change*", Head: "change"})
	h.repo.AskReview(pull, "ana")
	h.repo.Commit("main", "cy", "Add CI", githubtest.Files{".github/workflows/ci.yml": ciWorkflow})
	h.repo.AddRun(githubtest.PastRun{File: "ci.yml", Branch: "main", Event: "push", Actor: "cy", Attempts: []string{"failure"}})
	h.repo.OpenIssue("cy", "Two clocks", "", "tech-debt")
	h.deployed("staging", delivery.Succeeded)
	h.repo.ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	h.deployed("production", delivery.Failed)
	h.locks("gated")
	h.declared()
	h.decides()
	h.open()
	h.morning(23)
	m := h.digest("Monday 23 November · 🔥 an incident is open · ❌ a pipeline fails · 💥 a deployment failed")
	for _, words := range []string{"*INC-1* sev", "CI> of checkout fails on `main`", "*checkout*", "staging 1 ✅ (ana)", "A ∗change∗", "*ana* to review", "locked by ana", "Two clocks", "· new", "*proposed*", "On call"} {
		if !strings.Contains(whole(m), words) {
			t.Errorf("the digest does not say %q: %s", words, whole(m))
		}
	}
	h.until("its details are in the thread", func() bool {
		return h.replied(m, "✅ *checkout*") == 1
	})
	h.types(h.cy, "/digest")
	h.told(h.cy, "it came>")
	if n := h.count(h.payments, "📰 *payments*, Monday"); n != 1 {
		t.Errorf("the digest came %d times", n)
	}
}

// replied counts the replies to a message that have words.
func (h *house) replied(m slacktest.Message, words string) (n int) {
	for _, r := range h.slack.Thread(h.payments, m.TS) {
		if r.TS != m.TS && strings.Contains(whole(r), words) {
			n++
		}
	}
	return n
}

func (h *house) count(channel, words string) (n int) {
	for _, m := range h.slack.Messages(channel) {
		if strings.Contains(whole(m), words) {
			n++
		}
	}
	return n
}

// The first digest of a week has the figures, with pictures in its thread; those after it have not.
func TestFiguresOfAWeek(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.digests("\nteams:", "\ndigest: {sections: [deploys, figures]}\nteams:")
	h.deployed("staging", delivery.Succeeded)
	h.repo.SetStatus("main", "ci/build", "success", "", "")
	h.deployed("gated", delivery.Succeeded)
	if _, err := h.deps.Incidents.Declare(t.Context(), incident.DeclareWant{Request: "declares", At: h.clock.Now(), By: h.ana, Channel: h.payments, Title: "it is slow",
		Severity: "sev3", Services: []string{"checkout"}, Shown: true}); err != nil {
		t.Fatal(err)
	}
	h.open()
	h.morning(23)
	h.wait("Monday's digest is there", time.Second, func() bool { return h.answered(h.payments, "📰 *payments*, Monday 23 November") })
	m := h.digest("Monday 23 November")
	if words := whole(m); !strings.Contains(words, "Figures of the last 30 days") || !strings.Contains(words, "Incidents *1*") {
		t.Errorf("%s", words)
	}
	h.wait("the pictures are in the thread", time.Second, func() bool { return len(h.pictures(m)) == 2 })
	h.morning(24)
	h.wait("Tuesday's digest is there", time.Second, func() bool { return h.answered(h.payments, "📰 *payments*, Tuesday 24 November") })
	if words := whole(h.digest("Tuesday 24 November")); strings.Contains(words, "Figures") {
		t.Errorf("%s", words)
	}
	if names := h.pictures(m); !slices.Equal(names, []string{"stats.png", "incidents.png"}) {
		t.Errorf("%q", names)
	}
}

// While the store does not say what is on a picture, the details wait for it.
func TestADigestIsNotShownWithoutItsPictures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.digests("\nteams:", "\ndigest: {sections: [deploys, figures]}\nteams:")
	h.deployed("staging", delivery.Succeeded)
	h.repo.SetStatus("main", "ci/build", "success", "", "")
	h.deployed("gated", delivery.Succeeded)
	id := h.toldDigest()
	v, err := commands.Cards(h.deps)["digest"](t.Context(), id)
	if err != nil || !slices.ContainsFunc(v.Replies, func(r bot.ThreadReply) bool { return r.Key == "deliveries" }) {
		t.Fatalf("%+v, %v", v.Replies, err)
	}
	other := newHouse(t)
	other.db.Close()
	h.deps.Delivery = other.deps.Delivery
	if v, err := commands.Cards(h.deps)["digest"](t.Context(), id); err == nil {
		t.Errorf("it is shown without them: %+v", v.Replies)
	}
}

// pictures are the names of the files in a message's thread.
func (h *house) pictures(m slacktest.Message) (names []string) {
	for _, r := range h.slack.Thread(h.payments, m.TS) {
		for _, f := range r.Files {
			names = append(names, f.Name)
		}
	}
	return names
}

// The week on call is handed over: what is open, what bakes, who comes next; also when nothing was.
func TestAWeekOnCallIsHandedOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.configure("slack_group: payments-eng", "slack_group: payments-eng, handover: \"0 9 * * 1\"", "staging: {aliases: [stg]}", "staging: {aliases: [stg], bake: 7d}")
	if err := h.deps.Schedules.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.open()
	h.morning(23)
	h.wait("it is handed over", time.Second, func() bool {
		return h.answered(h.payments, "🔁 *payments* hands over, Monday 23 November · nothing notable")
	})
	h.passes(time.Date(2026, 11, 30, 8, 50, 0, 0, time.UTC).Sub(h.clock.Now())) // a step that is on its way would give the page up after 15 minutes
	h.deployed("staging", delivery.Succeeded)
	h.paged(incident.Triggered)
	h.morning(30)
	h.wait("it is handed over again", time.Second, func() bool {
		return h.answered(h.payments, "🔁 *payments* hands over, Monday 30 November · 📟 a page is open")
	})
	m := h.find("the hand-over", "Monday 30 November", func() []slacktest.Message { return h.slack.Messages(h.payments) })
	for _, words := range []string{"Pages that are open", "On call", "*Ana*"} {
		if !strings.Contains(whole(m), words) {
			t.Errorf("%q is not in %s", words, whole(m))
		}
	}
	h.types(h.cy, "/schedule")
	h.told(h.cy, "the hand-over of *payments* in #payments · Mondays at 9:00 (UTC)")
}

// What GitHub does not say is named, and added where the digest stands when it does.
func TestADigestIsCompleted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.digests()
	h.repo.Branch("change", "main").Commit("change", "ana", "Change", githubtest.Files{"a.txt": "a"})
	h.repo.OpenPR(githubtest.PR{Author: "ana", Title: "Round twice", Head: "change"})
	h.open()
	mend := h.github.Fault(githubtest.Fault{Match: githubtest.OpListPulls, Kind: githubtest.Status500})
	h.morning(23)
	h.wait("the digest says what it lacks", time.Second, func() bool { return h.answered(h.payments, "Not read yet: pull requests") })
	m := h.digest("Monday 23 November")
	h.types(h.ana, "/digest status payments")
	h.told(h.ana, "Not read yet: pull requests")
	mend()
	h.wait("it has them", time.Second, func() bool { return h.answered(h.payments, "Round twice") })
	after := h.digest("Monday 23 November")
	if after.TS != m.TS || strings.Contains(whole(after), "Not read yet") {
		t.Errorf("%s\nof\n%s", whole(after), h.everything())
	}
}

// A quiet day is one line, or nothing where a team wants that; who mutes it says so, and it can be seen before it comes.
func TestAQuietDigest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.digests()
	h.open()
	h.types(h.ana, "/digest preview")
	h.told(h.ana, "📰 *payments*, Friday 20 November · ☀️ all quiet")
	h.types(h.cy, "/digest mute payments for 1d")
	h.told(h.cy, "You may not do this.")
	h.types(h.ben, "/digest now")
	h.shown("the digest of *payments* comes now, asked for by <@" + h.ben + ">")
	h.digest("Friday 20 November · ☀️ all quiet")
	h.types(h.ben, "/digest settings")
	h.until("the form is open", func() bool { return len(h.slack.Views(h.ben)) == 1 })
	if form := string(h.slack.Views(h.ben)[0].Blocks); !strings.Contains(form, "The digest of *payments*") {
		t.Errorf("it does not say whose: %s", form)
	}
	if _, err := h.slack.Submit(h.ben, h.slack.Views(h.ben)[0].ID, slacktest.Values{"quiet/v": {"nothing"}, "details/v": {"button"}, "sections/v": {"deploys", "incidents"}}); err != nil {
		t.Fatal(err)
	}
	h.shown("The digest of *payments* tells of incidents, deployments, says <@" + h.ben + ">")
	h.morning(23)
	h.until("Monday's digest was written", func() bool {
		d, err := h.deps.Schedules.LastDigest(t.Context(), "payments")
		return err == nil && d != nil && d.State == schedule.Kept
	})
	h.types(h.ana, "/digest status payments")
	h.told(h.ana, "nothing happened, so it did not come")
	if n := h.count(h.payments, "📰 *payments*, "); n != 1 {
		t.Errorf("%d digests", n)
	}
	h.types(h.ben, "/digest mute for 2d")
	h.shown("🔕 the digest of *payments* is muted by <@" + h.ben + ">. It goes on at")
	h.types(h.ben, "/digest mute")
	h.told(h.ben, "`/digest unmute payments` has it come again")
	h.types(h.ben, "/digest unmute")
	h.shown("🔔 the digest of *payments* comes again")
	h.types(h.ben, "/schedule remove digest-payments")
	h.told(h.ben, "The digest of *payments* is in the configuration: `teams.payments.digest` says when it comes. `/digest mute payments` keeps it away")
	h.types(h.ben, "/digest status payments")
	h.told(h.ben, "next")
}

// A post-mortem is named when it is due within two days, and when it is late.
func TestADigestOfAPostmortemThatIsDue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withLog("\nteams:", "\npostmortem: {repo: acme/decisions, severities: [sev1]}\nteams:")
	h.over("it is slow", false)
	h.open()
	h.types(h.ana, "/postmortem new #1")
	h.shown("INC-1")
	for _, want := range []string{" of INC-1 · ana · due", "⏳ a follow-up is late"} {
		h.passes(47 * time.Hour)
		h.types(h.ana, "/digest preview")
		h.told(h.ana, want)
	}
}

// Details are in the thread when somebody asks for them, for everybody, once.
func TestDetailsOnAButton(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.digests("\nteams:", "\ndigest: {details: button, sections: [deploys]}\nteams:")
	h.deployed("staging", delivery.Succeeded)
	h.open()
	h.morning(23)
	m := h.digest("Monday 23 November · 🚀 one deployment")
	h.presses(h.cy, m, "Details")
	h.told(h.cy, "The details are in the thread.")
	h.wait("they are", time.Second, func() bool { return h.replied(m, "✅ *checkout*") > 0 })
	h.passes(time.Minute)
	if n := h.replied(m, "✅ *checkout*"); n != 1 {
		t.Errorf("%d times", n)
	}
}

func TestWhatPeopleTypeWrongAboutDigests(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	for line, want := range map[string]string{
		"/digest":                  "No team has a digest",
		"/digest status payments":  "*payments* has no digest: `teams.payments.digest`",
		"/digest status paymnts":   "Did you mean `payments`?",
		"/digest mute":             "*payments* has no digest",
		"/digest preview nowhere":  "There is no team `nowhere`",
		"/digest mute payments 2h": "I do not understand `2h`",
	} {
		h.types(h.ana, line)
		h.told(h.ana, want)
	}
}

// toldDigest has a digest of payments made at once, and returns its ID.
func (h *house) toldDigest() string {
	h.Helper()
	ctx := h.Context()
	if err := h.deps.Schedules.Begin(ctx); err != nil {
		h.Fatal(err)
	}
	id := schedule.DigestOf("payments")
	if _, err := h.deps.Schedules.RunNow(ctx, schedule.ChangeWant{Request: "at-once", At: h.clock.Now(), By: h.ana, ID: id}); err != nil {
		h.Fatal(err)
	}
	if _, err := h.deps.Schedules.StepSchedule(ctx, id); err != nil {
		h.Fatal(err)
	}
	if _, err := h.deps.Schedules.StepDigest(ctx, id+".at-once"); err != nil {
		h.Fatal(err)
	}
	return id + ".at-once"
}

// While Slack does not tell whose channel it is, whoever asks is told so; somebody outside the team does nothing, though Slack tells a moment
// later.
func TestADigestIsItsTeamsAlsoWhenSlackHesitates(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.digests()
	h.open()
	hesitates, err := h.slack.Inject(slacktest.Fault{Method: "conversations.list", Kind: slacktest.ServerError})
	if err != nil {
		t.Fatal(err)
	}
	h.types(h.cy, "/digest mute for 1d")
	h.told(h.cy, "You may not do this")
	if hesitates.Hits() != 1 {
		t.Errorf("Slack hesitated %d times", hesitates.Hits())
	}
}
