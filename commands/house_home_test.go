package commands_test

import (
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/integrations/github/githubtest"
)

// opensHome opens somebody's home tab.
func (h *house) opensHome(user string) {
	h.Helper()
	ids, err := h.slack.OpenHome(user)
	if err != nil {
		h.Fatal(err)
	}
	h.acked(ids[0])
}

// tab is all that somebody's home tab says.
func (h *house) tab(user string) string {
	v, _ := h.slack.Home(user)
	return whole(slacktest.Message{Blocks: v.Blocks})
}

// home waits until somebody's home tab says the words, while time passes.
func (h *house) home(user string, words ...string) string {
	h.Helper()
	for _, one := range words {
		h.wait("the home tab of "+user+" says "+one, time.Second, func() bool { return strings.Contains(h.tab(user), one) })
	}
	return h.tab(user)
}

// homeWithout waits until it does not say them.
func (h *house) homeWithout(user, words string) {
	h.Helper()
	h.wait("the home tab of "+user+" does not say "+words, time.Second, func() bool { return !strings.Contains(h.tab(user), words) })
}

// pressesAtHome presses the first button with that label on somebody's home tab.
func (h *house) pressesAtHome(user, label string) {
	h.Helper()
	v, _ := h.slack.Home(user)
	id := buttonID(slacktest.Message{Blocks: v.Blocks}, label)
	if id == "" {
		h.Fatalf("no button %q on: %s", label, h.tab(user))
	}
	envelope, err := h.slack.Press(user, slacktest.OnView(v), id, "")
	if err != nil {
		h.Fatal(err)
	}
	h.acked(envelope)
}

func (h *house) publishes() (n int) {
	for _, c := range h.slack.Calls() {
		if c.Method == "views.publish" {
			n++
		}
	}
	return n
}

// What waits for somebody is approved from their home tab, which follows; the tabs of those whom it does not concern are left alone.
func TestApprovingFromTheHomeTab(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.opensHome(h.ben)
	h.home(h.ben, "Nothing waits for you", "You are on call", "Payments", "level 2", "What runs where, of your teams")
	h.opensHome(h.cy)
	h.home(h.cy, "Nothing waits for you")
	h.passes(time.Minute)
	h.types(h.ana, "/deploy checkout guarded because of the demo")
	h.shown("waits for 1 approval")
	h.home(h.ben, "One thing waits for you", "waits for your approval", "the demo", "Reject")
	if tab := h.tab(h.cy); strings.Contains(tab, "your approval") {
		t.Errorf("cy may not approve: %s", tab)
	}
	h.opensHome(h.ana)
	h.home(h.ana, "Nothing waits for you", "waits for 1 approval", "You are on call")
	h.pressesAtHome(h.ben, "Approve")
	h.dm(h.ben, "Approved: *checkout*")
	h.homeWithout(h.ben, "your approval")
	h.shown("is on *guarded*")
	h.home(h.ben, "guarded: <https://")
	h.home(h.ana, "guarded: <https://")
	h.home(h.cy, "guarded: <https://")
	for _, person := range []string{h.ana, h.ben, h.cy} {
		h.homeWithout(person, "Being deployed")
	}
	h.runs(1)
	h.passes(time.Minute)
	before := h.publishes()
	h.types(h.ana, "/deploy approve checkout guarded")
	h.told(h.ana, "No deployment of *checkout* waits")
	h.passes(time.Minute)
	if n := h.publishes(); n != before {
		t.Errorf("%d tabs were sent for nothing", n-before)
	}
}

// A form that is opened from the home tab is answered in a direct message, and what it deploys is shown in the team's channel.
func TestFormsFromTheHomeTab(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.opensHome(h.ben)
	h.home(h.ben, "Nothing waits for you")
	h.types(h.ana, "/deploy checkout guarded")
	h.home(h.ben, "waits for your approval")
	h.pressesAtHome(h.ben, "Reject")
	h.until("a form asks why", func() bool { return len(h.slack.Views(h.ben)) == 1 })
	if _, err := h.slack.Submit(h.ben, h.slack.Views(h.ben)[0].ID, slacktest.Values{"deployment/v": {h.oldest().ID}, "reason/v": {"not today"}}); err != nil {
		t.Fatal(err)
	}
	h.dm(h.ben, "Rejected")
	h.shown("was rejected by <@" + h.ben + ">: not today")
	h.homeWithout(h.ben, "your approval")
	h.pressesAtHome(h.ben, "What runs where")
	h.dm(h.ben, "What runs where")
	h.types(h.ana, "/deploy lock checkout staging for 30m it is being moved")
	h.home(h.ben, "🔒 locked by <@"+h.ana+">")
	h.wait("the tab rests", time.Second, func() bool { return !h.has("home/next/" + h.ben) })
	h.passes(time.Minute)
	h.wait("the tab rests", time.Second, func() bool { return !h.has("home/next/" + h.ben) })
	h.passes(31 * time.Minute) // nobody unlocks it
	h.homeWithout(h.ben, "🔒 locked by")
}

// A post-mortem, a decision, a review and a pull request wait in the home tab of whom they are of.
func TestEverythingThatWaits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.withLog("\nteams:", "\npostmortem: {repo: acme/decisions, severities: [sev1]}\nteams:", "slack_group: payments-eng,", "slack_group: payments-eng, github_team: core,")
	h.github.AddUser(githubtest.User{Login: "cy", Name: "Cy"})
	h.repo.Branch("change", "main").Commit("change", "cy", "Change", githubtest.Files{"a.txt": "a"})
	h.repo.AskReview(h.repo.OpenPR(githubtest.PR{Author: "cy", Title: "Round twice", Head: "change"}), "ana")
	h.github.AddOrg("acme").AddTeam("core", "Core")
	h.repo.GrantTeam("core", "push").Branch("other", "main").Commit("other", "cy", "Other", githubtest.Files{"b.txt": "b"})
	h.repo.AskTeam(h.repo.OpenPR(githubtest.PR{Author: "cy", Title: "For the team", Head: "other"}), "core")
	if _, err := h.deps.Links.Set(t.Context(), bot.Naming{Person: h.ana, Service: bot.OnGitHub, Login: "ana", By: h.ana, At: h.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	h.broken()
	h.over("it is slow", false)
	h.declared()
	h.open()
	h.opensHome(h.cy)
	h.home(h.cy, "Nothing waits for you")
	h.opensHome(h.ana)
	h.home(h.ana, "3 things wait for you", "broke the glass", "Round twice", "by cy, for you to review", "For the team", "by cy, for your team to review", "*Incidents*", "*INC-2*")
	h.pressesAtHome(h.ana, "Sign the review")
	h.dm(h.ana, "Signed: the review of")
	h.homeWithout(h.ana, "broke the glass")
	h.types(h.ana, "/postmortem new #1")
	h.home(h.ana, "The post-mortem of *INC-1* is yours to write", "3 things wait for you")
	h.pressesAtHome(h.ana, "Accept")
	h.wait("it is accepted", time.Second, func() bool {
		v, _ := h.slack.Home(h.ana)
		return buttonID(slacktest.Message{Blocks: v.Blocks}, "Accept") == ""
	})
	h.types(h.ana, "/postmortem owner #1 <@"+h.cy+">")
	h.home(h.cy, "The post-mortem of *INC-1* is yours to write")
	h.homeWithout(h.ana, "is yours to write")
	h.pressesAtHome(h.cy, "Hand over")
	h.until("a form asks to whom", func() bool { return len(h.slack.Views(h.cy)) == 1 })
}

// What GitHub and PagerDuty do not say is named, and there when the tab is opened again; what the store knows is shown all the same.
func TestAHomeTabWithoutTheOutside(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.deps.Links.Set(t.Context(), bot.Naming{Person: h.ana, Service: bot.OnGitHub, Login: "ana", By: h.ana, At: h.clock.Now()}); err != nil {
		t.Fatal(err)
	}
	h.broken()
	h.open()
	mend := h.github.Fault(githubtest.Fault{Match: githubtest.OpListPulls, Kind: githubtest.Status500})
	h.opensHome(h.ana)
	h.home(h.ana, "broke the glass", "Not read: pull requests")
	mend()
	h.pressesAtHome(h.ana, "Sign the review")
	h.homeWithout(h.ana, "broke the glass")
	h.homeWithout(h.ana, "Not read")
}
