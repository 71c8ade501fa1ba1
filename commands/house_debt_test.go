package commands_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/integrations/github/githubtest"
	"shipmate/schedule"
)

// debts has payments reminded of its technical debt on Mondays at ten, and brings the schedules up to date with that. Ana is linked, and
// can have issues.
func (h *house) debts(more ...string) *house {
	h.Helper()
	h.configure(append([]string{"\nteams:", "\ndebt: {remind: \"0 10 * * 1\"}\nteams:"}, more...)...)
	if err := h.deps.Schedules.Begin(h.Context()); err != nil {
		h.Fatal(err)
	}
	if _, err := h.deps.Links.Set(h.Context(), bot.Naming{Proven: true, At: h.clock.Now(), Person: h.ana, Service: bot.OnGitHub, Login: "ana", By: h.cy}); err != nil {
		h.Fatal(err)
	}
	h.repo.Grant("ana", "push")
	return h
}

// reminds lets ten o'clock of a day come, counted from November on.
func (h *house) reminds(day int) {
	h.Helper()
	h.morning(day)
	h.passes(time.Hour)
}

// owes opens an issue of the register.
func (h *house) owes(title, body string) string {
	return strconv.Itoa(h.repo.OpenIssue("ana", title, body, "tech-debt"))
}

func (h *house) issue(n string) githubtest.Issue {
	h.Helper()
	all := h.github.Issues("acme/checkout")
	at := slices.IndexFunc(all, func(i githubtest.Issue) bool { return strconv.Itoa(i.Number) == n })
	if at < 0 {
		h.Fatalf("no issue %s", n)
	}
	return all[at]
}

// view waits for the form of somebody.
func (h *house) view(user string) slacktest.View {
	h.Helper()
	h.until("the form is open", func() bool { return len(h.slack.Views(user)) == 1 })
	return h.slack.Views(user)[0]
}

func (h *house) submits(user string, values slacktest.Values) {
	h.Helper()
	if _, err := h.slack.Submit(user, h.view(user).ID, values); err != nil {
		h.Fatal(err)
	}
}

// From a message by the shortcut to an issue that says what it costs, which calls nobody and is found again.
func TestTechDebtFromAMessageToAnIssue(t *testing.T) {
	t.Parallel()
	h := newHouse(t).debts().open()
	said, err := h.slack.Say(h.ben, h.payments, "", "The two clocks <!channel> disagree\nAgain & again")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.slack.Shortcut(h.ana, "debt add", h.payments, said.TS); err != nil {
		t.Fatal(err)
	}
	h.submits(h.ana, slacktest.Values{"title/v": {"Two clocks <b>disagree</b>"}, "costs/v": {"Ask @acme/everyone <script>x</script>\nCost: low"}, "cost/v": {"high"}, "size/v": {"M"},
		"code/v": {"https://github.com/acme/checkout/blob/main/clock.go"}})
	h.shown("checkout#1 Two clocks &lt;b&gt;disagree&lt;/b&gt;")
	i := h.issue("1")
	if !slices.Equal(i.Labels, []string{"tech-debt"}) || i.Title != "Two clocks <b>disagree</b>" {
		t.Errorf("%+v", i)
	}
	for _, words := range []string{"Ask acme/everyone &lt;script>x&lt;/script>\n", "- Cost: high\n- Size: M\n- Service: checkout\n- Code: https://github.com/acme/checkout/blob/main/clock.go", "Written down by ana in Slack, from [a message](https://"} {
		if !strings.Contains(i.Body, words) {
			t.Errorf("it does not say %q: %s", words, i.Body)
		}
	}
	h.types(h.cy, "/debt list")
	h.told(h.cy, "Technical debt: 1 open issue")
	h.told(h.cy, "*high* cost · size *M*")
}

// While GitHub takes no issue its card says so, and there is one issue in the end.
func TestTechDebtThatGitHubDoesNotTakeAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t).debts().open()
	mend := h.github.Fault(githubtest.Fault{Match: githubtest.OpCreateIssue, Kind: githubtest.Status500, When: githubtest.After, Times: 1})
	no := h.github.Fault(githubtest.Fault{Match: githubtest.OpListIssues, Kind: githubtest.Status503})
	h.types(h.ben, "/debt add shop Slow *tests*")
	h.shown("its issue is being opened for <@" + h.ben + ">")
	h.wait("it says what is in the way", 10*time.Second, func() bool { return h.answered(h.payments, "I keep trying.") })
	mend()
	no()
	h.wait("it is there", 10*time.Second, func() bool { return h.answered(h.payments, "checkout#1 Slow ∗tests∗") })
	if n := len(h.github.Issues("acme/checkout")); n != 1 {
		t.Errorf("%d issues", n)
	}
}

// From the hour of the reminder to a decision: it asks about one issue and says why that one; what is decided is done on GitHub, and who
// is late hears what was decided.
func TestAReminderAsPeopleMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t).debts()
	old := h.owes("Old importer", "")
	h.passes(time.Hour)
	clocks := h.owes("Two clocks", "Cost: high\nSize: M")
	h.open()
	h.reminds(23)
	h.shown("🧱 *payments*: 2 open issues of technical debt · 1 of high cost")
	m := h.shown("I ask about it because it is the dearest that nobody has decided on.")
	h.presses(h.cy, m, "Take it")
	h.told(h.cy, "You may not do this.")
	h.presses(h.ben, m, "Take it")
	h.told(h.ben, "`/shipmate link me github &lt;login&gt;` tells me your login")
	h.types(h.ben, "/shipmate link me github ben")
	h.told(h.ben, "is `ben` on GitHub, by their own word")
	h.presses(h.ben, m, "Not worth it…")
	h.view(h.ben)
	h.presses(h.ana, m, "Take it")
	h.shown("🙋 <@" + h.ana + "> takes it")
	h.wait("it is assigned", time.Second, func() bool { return slices.Equal(h.issue(clocks).Assignees, []string{"ana"}) })
	h.wait("the card says no more that it is being written", time.Second, func() bool { return !h.answered(h.payments, "It is being written to GitHub") })
	h.submits(h.ben, slacktest.Values{"reason/v": {"too late"}})
	h.told(h.ben, "That was decided before: 🙋 <@"+h.ana+"> takes")

	h.reminds(30)
	m = h.shown("the oldest that nobody has decided on")
	h.presses(h.ben, m, "Snooze…")
	h.submits(h.ben, slacktest.Values{"until/v": {"2026-12-11"}, "reason/v": {"the move *first*"}})
	h.shown("💤 snoozed until 11 December 2026 by <@" + h.ben + ">: the move *first*")
	h.wait("it stands below the issue", time.Second, func() bool { return len(h.issue(old).Comments) == 1 })
	if c := h.issue(old).Comments[0]; !strings.HasPrefix(c, "Snoozed until 2026-12-11 by ben:\n\n> the move *first*\n") {
		t.Errorf("%s", c)
	}
	h.types(h.cy, "/debt")
	h.told(h.cy, "💤 snoozed until 11 December 2026 by <@"+h.ben+">: the move")
	h.told(h.cy, "with ana")
	h.reminds(30 + 7)
	h.wait("nothing new is no reason to say something", time.Second, func() bool {
		was, err := h.deps.Schedules.Happened(t.Context(), "debt-payments", 1)
		return err == nil && was[0].Said == schedule.KeptQuiet
	})
	h.types(h.ana, "/schedule show debt-payments")
	h.told(h.ana, schedule.KeptQuiet)
	h.reminds(30 + 14)
	m = h.shown("overdue since 11 December 2026, until when it was snoozed (the move *first*)")
	h.presses(h.ben, m, "Not worth it…")
	h.submits(h.ben, slacktest.Values{"reason/v": {"we replace it"}})
	h.shown("🗑️ not worth it, says <@" + h.ben + ">: we replace it")
	h.wait("it is closed", time.Second, func() bool { return h.issue(old).State == "closed" })
	if i := h.issue(old); i.Reason != "not_planned" || len(i.Comments) != 2 {
		t.Errorf("%+v", i)
	}
	h.reminds(30 + 21)
	h.shown("closed as not worth it")
	if n := h.count(h.payments, "🧱 *payments*: "); n != 4 {
		t.Errorf("%d reminders", n)
	}
}

// Lines do the same as buttons, and are shown where they are typed.
func TestDecidingAboutDebtByLines(t *testing.T) {
	t.Parallel()
	h := newHouse(t).debts()
	clocks, tests := h.owes("Two clocks", "Cost: high"), h.owes("Slow tests", "")
	h.open()
	h.types(h.ana, "/debt take #"+clocks)
	h.shown("🙋 <@" + h.ana + "> takes <")
	h.wait("it is assigned", time.Second, func() bool { return len(h.issue(clocks).Assignees) == 1 })
	h.types(h.ana, "/debt take checkout#"+clocks)
	h.told(h.ana, "That was decided before: 🙋 <@"+h.ana+"> takes")
	h.types(h.ben, "/debt snooze acme/checkout#"+tests+" until monday the sale")
	h.shown("is snoozed until 23 November 2026 by <@" + h.ben + ">: the sale")
	h.types(h.ben, "/debt drop")
	h.submits(h.ben, slacktest.Values{"which/v": {"#" + tests}, "reason/v": {"gone"}})
	h.shown("is not worth it, says <@" + h.ben + ">: gone")
	h.wait("it is closed", time.Second, func() bool { return h.issue(tests).State == "closed" })
	h.types(h.ben, "/debt drop checkout#"+tests+" again")
	h.told(h.ben, "That was decided before")
}

func TestWhatPeopleTypeWrongAboutDebt(t *testing.T) {
	t.Parallel()
	h := newHouse(t).debts()
	n := h.owes("Two clocks", "")
	h.open()
	for line, want := range map[string]string{
		"/debt list chekout":                                "Did you mean `checkout`?",
		"/debt add chekout two clocks":                      "Did you mean `checkout`?",
		"/debt take":                                        "Which? Such as `checkout#12`",
		"/debt take soon":                                   "is no issue; one is written like checkout#12",
		"/debt take checkout#99":                            "*checkout#99* is no open issue with the label `tech-debt`",
		"/debt take elsewhere#1":                            "No service is in `elsewhere`.",
		"/debt drop elsewhere#1":                            "No service is in `elsewhere`.", // and no form
		"/debt drop #" + n + " of chekout gone":             "There is no service `chekout`.",
		"/debt snooze #" + n + " until we move":             "I do not understand until when",
		"/debt snooze #" + n + " for 3 moons":               "I do not understand until when",
		"/debt snooze #" + n + " until 2020-01-01 the past": "must be later than now",
		"/debt snooze #" + n + " for 1h soon":               "until tomorrow at least",
	} {
		h.types(h.ana, line)
		h.told(h.ana, want)
	}
	if c := h.issue(n); len(c.Comments) > 0 || c.State != "open" {
		t.Errorf("%+v", c)
	}
	h.types(h.cy, "/debt drop #"+n+" gone")
	h.told(h.cy, "You may not do this.")
}
