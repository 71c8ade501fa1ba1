package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/bot/slacktest"
	"shipmate/incident"
	"shipmate/integrations/github/githubtest"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// declares fills the form of an incident in and sends it.
func (s *seat) declares(title, severity, service string, boxes ...string) *seat {
	s.h.Helper()
	s.types("/incident new " + title)
	values := slacktest.Values{"title/v": {title}, "severity/v": {severity}, "service/v": {service}}
	for _, box := range boxes {
		values[box+"/v"] = []string{"yes"}
	}
	return s.submits(values)
}

// room is the channel of the incident, once there is one.
func (h *harness) room(name string) string {
	h.Helper()
	h.later("there is a channel "+name, func() bool {
		for _, c := range h.slack.Channels() {
			if c.Name == name {
				return true
			}
		}
		return false
	})
	return "#" + name
}

// A whole incident: declared by the form, paged, acknowledged, worked on in its channel, and over, with its page.
func TestAnIncidentFromItsDeclarationToItsEnd(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.mayHear("") // what is said beside is of no interest here
	ana := h.as("ana").in("#payments").declares("Payments fail", "sev1", "checkout", "page")
	ana.sees("🔴 *INC-1* sev1 · investigating: Payments fail", "It is worked on in")
	room := h.room("inc-1-payments-fail")
	h.as("ana").in(room).sees("Page to *checkout*", "waiting for an answer")
	ben := h.as("ben")
	if err := h.slack.Join(ben.id, h.channel(room)); err != nil {
		t.Fatal(err)
	}
	inside := h.as("ana").in(room).sees("🔴 *INC-1*", "Commander", "nobody", "is paged, and nobody has answered yet")
	inside.presses("Take command").sees("🔴 *INC-1*", "*Commander*", "<@"+ana.id+">")
	h.pager.Ack(h.pager.Incidents()[0].ID, anaPage)
	inside.sees("Page to *checkout*: acknowledged by <@" + ana.id + ">")

	inside.types("/incident impact nobody can pay by card").sees("Impact of *INC-1*: nobody can pay by card")
	inside.types("/incident status identified").sees("*INC-1* is *identified*")
	inside.types("/incident update a bad deploy").submits(slacktest.Values{"text/v": {"a bad deploy"}, "do/v": {"rolling back"}}).sees("*Update 1*", "a bad deploy", "*We do:* rolling back")
	said, err := h.slack.Say(ben.id, h.channel(room), "", "it began at nine")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.slack.React(ben.id, said.Channel, said.TS, "pushpin"); err != nil {
		t.Fatal(err)
	}
	h.later("it is in the timeline", func() bool {
		inside.types("/incident timeline")
		for _, m := range h.slack.Ephemerals(ana.id, h.channel(room)) {
			h.expect(m)
			if strings.Contains(whole(m), "it began at nine") {
				return true
			}
		}
		return false
	})
	inside.types("/incident status resolved").sees("✅ *INC-1* is *resolved*")
	ana.seesCard(1, "✅ *INC-1* sev1 · resolved")
	inside.sees("✅ Page to *checkout*: resolved by <@" + ana.id + ">")
	if on := h.pager.Incidents(); len(on) != 1 || on[0].Status != "resolved" {
		t.Errorf("PagerDuty has %+v", on)
	}
	ana.types("/incident list").isTold("✅ No incident is open.", "*INC-1* sev1 · resolved: Payments fail")
	ana.types("/incident reopen #1 it is back").isTold("*INC-1* is open again")
	ana.types("/incident severity #1 sev9").isTold("sev1")
	ana.types("/incident status #7 resolved").isTold("There is no incident #7")
}

// An incident is declared from what it shows in: a page, a deployment that failed, a message.
func TestAnIncidentFromWhereItShows(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.mayHear("")
	ana := h.as("ana").in("#payments")
	ana.types("/page checkout payments fail").isTold("Page *checkout*?").presses("Page").sees("Page to *checkout*", "waiting for an answer")
	ana.presses("Declare an incident").submits(slacktest.Values{"title/v": {"Payments fail"}, "severity/v": {"sev3"}, "service/v": {"checkout"}})
	ana.sees("*INC-1* sev3", "Payments fail", "where it was noticed")

	h.checkout().ScriptNext("deploy.yml", githubtest.FailAt("deploy", "Deploy"))
	ana.types("/deploy checkout staging").sees("❌", "failed").presses("Declare an incident")
	if form := string(ana.form().Blocks); !strings.Contains(form, "Deploying checkout to staging failed") || !strings.Contains(form, "Declared in the last hour") {
		t.Errorf("the form says %s", form)
	}
	ana.submits(slacktest.Values{"title/v": {"Deploying checkout to staging failed"}, "severity/v": {"sev3"}, "service/v": {"checkout"}})
	ana.sees("*INC-2* sev3", "Deploying checkout to staging failed", "where it was noticed")

	said, err := h.slack.Say(ana.id, ana.channel, "", "cards are refused\nsince nine")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.slack.Shortcut(ana.id, "incident new", said.Channel, said.TS); err != nil {
		t.Fatal(err)
	}
	if form := string(ana.form().Blocks); !strings.Contains(form, "cards are refused") {
		t.Errorf("the form says %s", form)
	}
	ana.submits(slacktest.Values{"title/v": {"cards are refused"}, "severity/v": {"sev3"}})
	ana.sees("*INC-3* sev3", "cards are refused", "where it was noticed")
}

// Slack does not let bots make channels: the incident runs where it was declared, and says so.
func TestAnIncidentWithoutAChannel(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.mayHear("")
	h.slack.SetRules(slacktest.Rules{BotsMakeNoChannels: true})
	ana := h.as("ana").in("#payments").declares("Payments fail", "sev2", "checkout")
	ana.sees("🔴 *INC-1*", "I could not make a channel, so it runs where it was declared", "*Commander*")
	ana.presses("Take command").sees("🔴 *INC-1*", "<@"+ana.id+">")
	ana.types("/incident status mitigated").sees("🟡 *INC-1* is *mitigated*")
}

// A restricted incident is told nobody, and nobody outside can do something with it.
func TestARestrictedIncident(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.mayHear("")
	ana := h.as("ana").in("#payments").declares("The keys leaked", "sev1", "checkout", "private", "page")
	ana.isTold("*INC-1* is declared", "you are invited")
	h.room("inc-1-restricted")
	h.later("somebody is called", func() bool { return len(h.pager.Incidents()) == 1 })
	if title := h.pager.Incidents()[0].Title; strings.Contains(title, "keys") {
		t.Errorf("PagerDuty reads %q", title)
	}
	ben := h.as("ben").in("#payments")
	ben.types("/incident list").isTold("*INC-1*: a restricted incident")
	ben.types("/incident timeline #1").isTold("is a restricted incident: only its people")
	ben.types("/incident status #1 resolved").isTold("is a restricted incident: only its people")
	for _, c := range h.slack.Channels() {
		for _, m := range h.slack.Messages(c.ID) {
			if c.Name != "inc-1-restricted" && strings.Contains(whole(m), "keys leaked") {
				t.Errorf("#%s reads %s", c.Name, whole(m))
			}
		}
	}
}

// PagerDuty is down while an incident is declared, and the bot is killed: nothing is lost, and nobody is told that somebody was
// called who was not.
func TestAnIncidentInTheWorstMoment(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.mayHear("")
	ana := h.as("ana").in("#payments")
	ana.types("/oncall checkout").isTold("<@" + ana.id + "> is on call")
	h.pager.Fault(pagerdutytest.Fault{Match: "createV2Event", When: pagerdutytest.Before, Kind: pagerdutytest.Status503})
	ana.declares("Payments fail", "sev1", "checkout", "page").sees("🔴 *INC-1*")
	h.restart()
	ana.in(h.room("inc-1-payments-fail")).sees("*not sent yet*", "Call <@"+ana.id+">")
	ana.sees("*NOT sent*")
	ana.types("/incident timeline").isTold("*checkout* paged", "*checkout* *not* paged")
}

// A form that was open while somebody else changed the incident changes only what was changed in it.
func TestAnEditLeavesWhatOthersChanged(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.mayHear("")
	ana := h.as("ana").in("#payments").declares("Payments fail", "sev2", "checkout")
	h.room("inc-1-payments-fail")
	ana.types("/incident edit #1").form()
	ben := h.as("ben").in("#payments")
	ben.types("/incident severity #1 sev1").sees("*INC-1* is *sev1* now")
	ben.types("/incident title #1 Nobody can pay").sees("*INC-1* is about: Nobody can pay")
	ana.submits(slacktest.Values{"impact/v": {"cards are refused"}})
	var i *incident.Incident
	h.later("the impact is said", func() bool {
		i, _ = h.app.incidents.Numbered(t.Context(), 1)
		return i != nil && i.Impact != ""
	})
	if i.Severity != "sev1" || i.Title != "Nobody can pay" || i.Impact != "cards are refused" {
		t.Errorf("%+v", i)
	}
	ana.types("/incident edit #1").submits(slacktest.Values{"severity/v": {"sev3"}}).sees("sev3 · investigating: Nobody can pay")
}

// What people write about a restricted incident is not in the audit log, which others read; that they wrote is. Of others the log
// keeps every word.
func TestTheAuditKeepsNoWordOfARestrictedIncident(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.mayHear("")
	ana := h.as("ana").in("#payments")
	ana.types("/incident new").submits(slacktest.Values{"title/v": {"The keys leaked"}, "severity/v": {"sev2"}, "service/v": {"checkout"}, "private/v": {"yes"}})
	room := h.room("inc-1-restricted")
	h.later("ana is in its channel", func() bool {
		return slices.ContainsFunc(h.slack.Channels(), func(c slacktest.Channel) bool { return "#"+c.Name == room && slices.Contains(c.Members, ana.id) })
	})
	inside := h.as("ana").in(room)
	for _, line := range []string{"note zanzibar", "title zanzibar", "impact zanzibar", "titel zanzibar", "severity zanzibar", "severity sev1", "status resolved",
		"reopen zanzibar"} {
		inside.types("/incident " + line)
	}
	inside.types("/postmortem not-needed zanzibar")
	ana.types("/incident note #1 zanzibar")
	ana.declares("Payments fail", "sev2", "checkout")
	h.room("inc-2-payments-fail")
	ana.types("/incident note #2 the gateway answers again")
	audit := func() (lines []string) {
		if err := bot.AuditLog(t.Context(), h.app.db, time.Time{}, func(a bot.Audit) bool {
			lines = append(lines, a.Line)
			if said := fmt.Sprintf("%+v", a); strings.Contains(said, "zanzibar") {
				t.Errorf("the audit has %s", said)
			}
			return true
		}); err != nil {
			t.Fatal(err)
		}
		return lines
	}
	for _, line := range []string{"incident note …", "incident title …", "incident impact …", "incident …", "incident severity …", "incident severity sev1",
		"incident status resolved", "incident reopen …", "postmortem not-needed …", "incident note #1 …", "incident new Payments fail",
		"incident note #2 the gateway answers again"} {
		h.later("the audit has "+line, func() bool { return slices.Contains(audit(), line) })
	}
}
