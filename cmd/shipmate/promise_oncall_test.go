package main

import (
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
)

// hearsDM waits, while time goes on, until the bot has written the words to the person.
func (s *seat) hearsDM(words ...string) *seat {
	s.h.Helper()
	return s.find("is written to", words, func() []slacktest.Message { return s.h.slack.DM(s.id) })
}

func TestWhoIsOnCall(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana, ben, dev := h.people["ana"], h.people["ben"], h.people["dev"]
	at := func(channel string) *seat { return h.as("dev").in(channel) }
	payments := []string{"<@" + ana + "> is on call for *payments*", "*Level 1*: <@" + ana + "> since", "then <@" + ben + ">", "*Level 2*: <@" + dev + ">, always"}
	at("#payments").types("/oncall").isTold(payments...)
	at("#platform").types("/oncall payments").isTold(payments...)
	at("#platform").types("/oncall for team:payments").isTold(payments...)
	at("#platform").types("/oncall").isTold("On call now", "*payments*: <@"+ana+">", "*storefront*: <@"+ben+">")
	at("#storefront").types("/oncall").isTold("<@"+ben+"> is on call for *storefront*", "for <@"+ben+">)") // he is in California
	at("#platform").types("/oncall for payments now").isTold(payments...)
	at("#platform").types("/oncall shop").isTold("<@" + ana + "> is on call for *checkout*")
	at("#platform").types("/oncall @ben").isTold("<@"+ben+"> is on call", "Storefront")
	at("#platform").types("/oncall am I").isTold("You are on call", "Payments", "level 2: always")
	at("#platform").types("/oncall next payments 14").isTold("On call for the next 14 days", "<@"+ana+">", "<@"+ben+">")
	at("#platform").types("/oncall next 3d").isTold("*payments*", "*storefront*")
	at("#platform").types("/oncall paymnets").isTold("no team or service", "payments")
	at("#platform").types("/oncall next payments 90").isTold("is not a number of days; say one from 1 to 31")
	at("#platform").types("/oncall @nobody").isTold("nobody")
}

// A question asked in words is answered where it was asked.
func TestWhoIsOnCallAsked(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ben := h.as("ben").in("#payments")
	ben.says("<@"+h.slack.BotUserID+"> who's on call for payments?", "").isToldInTime("<@" + h.people["ana"] + "> is on call for *payments*")
	ben.says("<@"+h.slack.BotUserID+"> Who is on call?", "").isToldInTime("<@"+h.people["ana"]+"> is on call for *payments*", "Level 2")
	ben.says("<@"+h.slack.BotUserID+"> am i on call", "").isToldInTime("You are on call")
	ben.says("<@"+h.slack.BotUserID+"> who is oncall?", "").isToldInTime("<@" + h.people["ana"] + "> is on call for *payments*")
	ben.says("<@"+h.slack.BotUserID+"> who is on-call for the checkout service?", "").isToldInTime("<@" + h.people["ana"] + "> is on call for *checkout*")
	ben.says("<@"+h.slack.BotUserID+"> who is on call tomorrow?", "").isToldInTime("On call for the next 7 days")
	ben.says("<@"+h.slack.BotUserID+"> who broke it?", "").isToldInTime("I do not know what `who broke it?` asks", "Who is on call?").presses("Who is on call?")
	ben.isToldInTime("<@"+h.people["ana"]+"> is on call for *payments*", "Level 2")
}

// When PagerDuty gives no answer the last one is told with its age, also in the next process; what was never known is said to be so.
func TestOnCallWhilePagerDutyIsDown(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments")
	h.still("who is on call was read", func() bool { return len(h.pager.Calls()) >= 4 && h.under.Load() == 0 })
	ana.types("/oncall payments").isTold("is on call for *payments*")
	h.pager.Down(true)
	h.clock.Advance(25 * time.Minute)
	ana.types("/oncall payments").isToldInTime("<@"+ana.id+"> is on call for *payments*", ", 25 min ago: PagerDuty does not answer now (503).")
	h.restart()
	h.as("dev").in("#platform").types("/oncall").isToldInTime("On call now", "<@"+ana.id+">", "As of <!date", "PagerDuty does not answer now (503).")
	ana.types("/oncall next payments").isToldInTime("PagerDuty")
	if strings.Contains(whole(ana.seen), "On call for the next") {
		t.Errorf("a calendar out of nothing: %s", whole(ana.seen))
	}
	h.pager.Down(false)
	ana.types("/oncall payments").isToldInTime("is on call for *payments*")
	if h.pager.ClearFaults(); strings.Contains(whole(ana.seen), "ago") {
		t.Errorf("it is up again: %s", whole(ana.seen))
	}
}

func TestOnCallWithoutPagerDuty(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(s *stage) { s.pagerToken = "" })
	ana := h.as("ana").in("#payments")
	ana.types("/oncall").isTold("Shipmate has no key for PagerDuty", "PAGERDUTY_TOKEN")
	ana.types("/page checkout it is down").isTold("Shipmate has no key for PagerDuty")
	ana.types("/oncall take payments for 2h").isTold("Shipmate has no key for PagerDuty")
	if n := len(h.pager.Calls()); n > 0 {
		t.Errorf("PagerDuty was asked %d times without a key", n)
	}
}
