package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// pages has a person page checkout from where they are, confirmed, and waits for the card.
func (s *seat) pages(message string) *seat {
	s.h.Helper()
	return s.types("/page checkout "+message).isTold("📟 Page *checkout*?", "> "+message).presses("Page").sees("Page to *checkout*", "> "+message)
}

// alarms are the incidents on PagerDuty, of which there must be n.
func (h *harness) alarms(n int) []pagerdutytest.Incident {
	h.Helper()
	all := h.pager.Incidents()
	if len(all) != n {
		h.Fatalf("%d incidents on PagerDuty, want %d\n%s", len(all), n, h.everything())
	}
	return all
}

// from are the addresses in whose name an operation was done, in order.
func (h *harness) from(op string) []string {
	var out []string
	for _, c := range h.pager.Calls() {
		if c.Op == op && c.Applied {
			out = append(out, c.From)
		}
	}
	return out
}

func TestPageFromTheQuestionToTheEnd(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.people["ana"]
	ben := h.as("ben").in("#payments").types("/page checkout payments fail for everybody")
	ben.isTold("📟 Page *checkout*?", "> payments fail for everybody", "This wakes <@"+ana+">, where it is 10:00",
		"Without an answer, level 2: <@"+h.people["dev"]+">")
	h.alarms(0)
	ben.presses("Page").sees("📟 Page to *checkout*")
	ben.sees("🔴 Page to *checkout*: waiting for an answer from <@"+ana+">", "called <@"+ana+"> by push notification", "PagerDuty took it ")
	alarm := h.alarms(1)[0]
	if !strings.Contains(alarm.Title, "payments fail for everybody (ben)") || !alarm.ByEvent {
		t.Errorf("PagerDuty reads out %q", alarm.Title)
	}
	h.pager.Ack(alarm.ID, anaPage) // on her phone
	ben.sees("🟡 Page to *checkout*: acknowledged by <@" + ana + ">")
	h.pager.Note(alarm.ID, anaPage, "the new\ncertificate")
	ben.sees("note by <@" + ana + ">: the new certificate")
	h.pager.Resolve(alarm.ID, anaPage)
	ben.sees("✅ Page to *checkout*: resolved by <@" + ana + ">")
	if buttonID(ben.seen, "Resolve") != "" || buttonID(ben.seen, "Open in PagerDuty") == "" {
		t.Errorf("the buttons at the end: %s", whole(ben.seen))
	}
	h.alarms(1)
}

// Each button does what it says, once, in the name of whoever presses it.
func TestButtonsOfAPageAreThePersons(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana, ben, dev := h.as("ana").in("#payments"), h.as("ben").in("#payments"), h.as("dev").in("#payments")
	ben.pages("it is slow").sees("🔴 Page to *checkout*: waiting for an answer")
	ben.presses("Escalate").sees("waiting for an answer from <@"+dev.id+"> (level 2)", "escalated to <@"+dev.id+"> by <@"+ben.id+">")
	ben.presses("Add somebody").submits(slacktest.Values{"person/v": {ana.id}, "text/v": {"you know it"}})
	ben.sees("<@" + ana.id + "> was asked to join by <@" + ben.id + ">")
	ana.sees("🔴 Page to *checkout*").presses("Note").submits(slacktest.Values{"text/v": {"first line\nsecond line"}})
	ana.sees("note by <@" + ana.id + ">: first line second line")
	dev.sees("🔴 Page to *checkout*")
	early := dev.seen
	dev.presses("Acknowledge").sees("🟡 Page to *checkout*: acknowledged by <@" + dev.id + ">")
	ana.pressesAgain("Acknowledge", early).isTold("acknowledged by <@" + dev.id + ">")
	dev.presses("Resolve").sees("✅ Page to *checkout*: resolved by <@" + dev.id + ">")
	alarm := h.alarms(1)[0]
	if len(alarm.Notes) != 1 || !strings.HasPrefix(alarm.Notes[0].Text, "first line\nsecond line") || len(alarm.Responders) != 1 {
		t.Errorf("PagerDuty has the notes %+v and asked %+v", alarm.Notes, alarm.Responders)
	}
	if got, want := h.from("updateIncident"), []string{"ben@acme.example", "dev@acme.example", "dev@acme.example"}; !slices.Equal(got, want) {
		t.Errorf("escalated, acknowledged and resolved in the names of %v, want %v", got, want)
	}
	if got := h.from("createIncidentNote"); !slices.Equal(got, []string{"ana@acme.example"}) {
		t.Errorf("the note is in the names of %v", got)
	}
}

// addsCy adds somebody who has another address on PagerDuty.
func addsCy(s *stage) {
	s.people["cy"] = s.slack.AddUser(slacktest.User{Name: "cy", Email: "cy@acme.example"}).ID
	if err := s.slack.Join(s.people["cy"], s.channel("payments")); err != nil {
		s.Fatal(err)
	}
}

// Whoever is not known on PagerDuty is told how that is mended, and what they pressed is done once it is.
func TestLinkingFinishesThePress(t *testing.T) {
	t.Parallel()
	h := newHarness(t, addsCy)
	cy, dev := h.as("cy").in("#payments"), h.as("dev").in("#payments")
	cy.pages("it is slow").sees("🔴 Page to *checkout*: waiting for an answer")
	cy.presses("Acknowledge").isToldInTime("You have no account on PagerDuty that is known to be yours", "`/shipmate link` <@"+cy.id+"> `pagerduty &lt;e-mail&gt;`", "What you tried is done then")
	cy.types("/shipmate link me pagerduty cyrus@elsewhere.example").isTold("by their own word")
	cy.sees("🔴 Page to *checkout*").presses("Acknowledge").isToldInTime("You say you are `cyrus@elsewhere.example`")
	dev.types("/shipmate link @cy pagerduty cyrus@elsewhere.example").isTold("as <@"+dev.id+"> said", "is being done now")
	cy.sees("🟡 Page to *checkout*: acknowledged by <@" + cy.id + ">")
	cy.hearsDM("is being done now")
	if got := h.from("updateIncident"); !slices.Equal(got, []string{"cyrus@elsewhere.example"}) {
		t.Errorf("acknowledged in the names of %v", got)
	}
}

// A page that PagerDuty does not take is told after a minute, where it was asked for and to who asked; when PagerDuty is back it is
// sent, once.
func TestPageWhilePagerDutyIsDown(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments").types("/page checkout payments fail").isToldInTime("📟 Page *checkout*?")
	h.refuses(pagerdutytest.OpEvent)
	ana.presses("Page").sees("📟 Page to *checkout*: being handed to PagerDuty", "I keep trying until")
	begun := h.clock.Now()
	ana.sees("⚠️ Page to *checkout* is *not sent yet*")
	card := ana.seen
	if after := h.clock.Now().Sub(begun); after > 75*time.Second {
		t.Errorf("told after %s", after)
	}
	ana.readsInThread("the page to *checkout* is *not sent yet*", "Call <@"+ana.id+"> or")
	ana.hearsDM("Your page to *checkout* is *not sent yet*")
	h.pager.ClearFaults()
	ana.seen = card
	ana.sees("🔴 Page to *checkout*: waiting for an answer").readsInThread("the page to *checkout* got through after")
	ana.hearsDM("Your page to *checkout* got through after", "PagerDuty now calls")
	h.alarms(1)
}

// A page that PagerDuty took is not called unsent, though PagerDuty does not tell what it makes of it.
func TestPageThatCannotBeRead(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments").types("/page checkout payments fail").isToldInTime("📟 Page *checkout*?")
	h.pager.Fault(pagerdutytest.Fault{Match: pagerdutytest.OpIncidents, Kind: pagerdutytest.Status503})
	ana.presses("Page").sees("PagerDuty took it, and shows nobody called yet", "PagerDuty cannot be read since")
	card := ana.seen
	ana.readsInThread("PagerDuty took the page to *checkout*", "*nobody is known to be called*")
	ana.hearsDM("PagerDuty took your page to *checkout*")
	h.pager.ClearFaults()
	ana.seen = card
	ana.sees("🔴 Page to *checkout*").readsInThread("the page to *checkout* got through after")
	ana.hearsDM("Your page to *checkout* got through after")
	h.mayHear("nobody has answered the page") // how fast time passes while a read is repeated decides
	h.alarms(1)
}

// One that is not taken for a quarter of an hour is not sent at all, which is told as loudly, and can be paged again, once.
func TestPageThatCannotBeSentIsNotSent(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ana := h.as("ana").in("#payments").types("/page checkout payments fail").isToldInTime("📟 Page *checkout*?")
	h.refuses(pagerdutytest.OpEvent)
	ana.presses("Page").sees("is *not sent yet*")
	h.mayHear("is *not sent yet*", "was *NOT sent*")
	ana.sees("❌ Page to *checkout* was *NOT sent*", "Page again")
	card := ana.seen
	ana.hearsDM("❌ Page to *checkout* was *NOT sent*", "open an incident on PagerDuty by hand", "Page again")
	mail := ana.seen
	h.pager.ClearFaults()
	h.still("Slack's word of the message is acked", func() bool { return len(h.unacked()) == 0 })
	h.clock.Advance(10 * time.Minute)
	ana.seen = card
	ana.readsInThread("was *NOT sent*")
	h.alarms(0)
	ana.seen = card
	ana.presses("Page again").seesCard(2, "🔴 Page to *checkout*: waiting for an answer")
	ana.seen = mail
	ana.presses("Page again").find("is told", []string{"Somebody has paged again already"}, func() []slacktest.Message { return h.slack.Ephemerals(ana.id, mail.Channel) })
	h.alarms(1)
}

// While PagerDuty does not answer at all, a page is written down with what was known, and sent when it does.
func TestPageOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.mayHear("*not sent yet*", "got through after") // how fast time passes while a read is repeated decides
	ana := h.as("ana").in("#payments").types("/oncall").isToldInTime("is on call for *payments*")
	h.pager.Down(true)
	ana.types("/page team:payments the lights are out").isToldInTime("📟 Page *payments*?", "This wakes <@"+ana.id+">", "⚠️ That is who was on call")
	ana.presses("Page").sees("Page to *payments*", "PagerDuty has a problem of its own")
	h.restart()
	h.pager.Down(false)
	ana.sees("🔴 Page to *payments*: waiting for an answer")
	h.alarms(1)
}

// refuses has PagerDuty fail every call of an operation, before it did anything. Nothing repeats such a call by itself.
func (h *harness) refuses(op string) {
	h.pager.Fault(pagerdutytest.Fault{Match: op, Kind: pagerdutytest.Status503})
}

// An event whose answer is lost in whatever way makes one incident.
func TestLostAnswerToAPageMakesNoSecond(t *testing.T) {
	t.Parallel()
	for _, kind := range []pagerdutytest.Kind{pagerdutytest.Status502, pagerdutytest.Reset, pagerdutytest.Truncate} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.pager.Fault(pagerdutytest.Fault{Match: pagerdutytest.OpEvent, Times: 1, When: pagerdutytest.After, Kind: kind})
			h.as("ben").in("#payments").pages("it is slow").sees("🔴 Page to *checkout*: waiting for an answer")
			h.alarms(1)
		})
	}
}

// A team is paged by its policy, or whoever is on call by its schedule; a person by name.
func TestPageTeamsAndPeople(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	dev := h.as("dev").in("#platform")
	for line, whom := range map[string][2]string{"team:payments": {"*payments*", anaPage}, "storefront": {"*storefront*", benPage}, "@ben": {"<@" + h.people["ben"] + ">", benPage}} {
		dev.types("/page "+line+" the lights are out").isTold("📟 Page "+whom[0]+"?", "This wakes").presses("Page")
		dev.h.later("the card of "+line, func() bool {
			return len(h.cardsSaying("🔴 Page to "+whom[0])) == 1
		})
		all := h.pager.Incidents()
		if last := all[len(all)-1]; !slices.Equal(last.Assigned, []string{whom[1]}) || last.Urgency != "high" {
			t.Errorf("%s: %+v", line, last)
		}
	}
	h.alarms(3)
	h.mayHear("Page to")
	if got := h.from("createIncident"); !slices.Equal(got, []string{"dev@acme.example", "dev@acme.example", "dev@acme.example"}) {
		t.Errorf("made in the names of %v", got)
	}
}

// cardsSaying are the bot's messages anywhere that hold the words.
func (h *harness) cardsSaying(words string) []slacktest.Message {
	var out []slacktest.Message
	for _, c := range h.slack.Channels() {
		for _, m := range h.slack.Messages(c.ID) {
			if m.BotID != "" && strings.Contains(whole(m), words) {
				out = append(out, m)
			}
		}
	}
	return out
}

// A message of several lines stays one, from the form to PagerDuty, and is quoted on each line.
func TestPageByForm(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ben := h.as("ben").in("#payments").types("/page")
	ben.submits(slacktest.Values{"team or service/v": {"checkout"}, "message/v": {"payments fail\n\nsince nine"}})
	ben.isTold("📟 Page *checkout*?", `> payments fail\n> \n> since nine`).presses("Page")
	ben.sees("🔴 Page to *checkout*", `> payments fail\n> \n> since nine`)
	if alarm := h.alarms(1)[0]; !strings.Contains(alarm.Title, "payments fail") || !strings.Contains(alarm.Title, "since nine") {
		t.Errorf("PagerDuty reads out %q", alarm.Title)
	}
}

func TestWrongPages(t *testing.T) {
	t.Parallel()
	h := newHarness(t, addsCy)
	ana := h.as("ana").in("#payments")
	for line, words := range map[string]string{
		"/page checkuot it is down":           "no team or service `checkuot`",
		"/page checkout":                      "What is wrong? Whoever is woken reads it first.",
		"/page catalog it is down":            "This wakes <@" + h.people["ben"] + ">",
		"/page @cy help":                      "I do not know who <@" + h.people["cy"] + "> is on PagerDuty",
		"/page ack p-1":                       "is not a page; one is written like",
		"/page ack p-aaaaaaaaaa":              "There is no page `p-aaaaaaaaaa`",
		"/page note p-aaaaaaaaaa":             "What shall it say?",
		"/page again p-aaaaaaaaaa":            "There is no page",
		"/oncall take payments":               "For how long?",
		"/oncall take payments for 10s":       "A shift lasts from a minute to 14 days",
		"/oncall take payments for 60d":       "A shift lasts from a minute to 14 days",
		"/oncall take paymets for 2h":         "no team or service `paymets`",
		"/oncall give @cy payments for 2h":    "I do not know who <@" + h.people["cy"] + "> is on PagerDuty",
		"/oncall give @ben storefront for 2h": "You are not on call there",
		"/oncall give me storefront for 2h":   "You cannot give a shift to yourself. To stand in for somebody else: `/oncall take &lt;team or service&gt; for 2h`",
		"/oncall accept h-aaaaaaaaaa":         "There is no hand-over `h-aaaaaaaaaa`",
		"/oncall accept me":                   "is not a hand-over; one is written like",
	} {
		ana.types(line)
		ana.isToldInTime(words)
	}
	if text := whole(ana.types("/oncall @cy").isToldInTime("I do not know who").seen); strings.Contains(text, "is done then") {
		t.Errorf("a question is called kept: %s", text)
	}
	h.alarms(0)
}

// Once it is confirmed, a page does not wait for who is on call to be read again.
func TestSlowAnswersDelayNoPage(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	ben := h.as("ben").in("#payments").types("/page checkout it is slow").isToldInTime("📟 Page *checkout*?")
	defer h.pager.Fault(pagerdutytest.Fault{Match: pagerdutytest.OpOnCalls, Kind: pagerdutytest.HangUp})()
	ben.presses("Page")
	h.still("PagerDuty has the event", func() bool { return slices.Contains(h.ops(), pagerdutytest.OpEvent) })
	ben.sees("🔴 Page to *checkout*: waiting for an answer from <@" + h.people["ana"] + ">")
}

// ops are the operations that PagerDuty was asked for and did.
func (h *harness) ops() []string {
	var out []string
	for _, c := range h.pager.Calls() {
		if c.Applied {
			out = append(out, c.Op)
		}
	}
	return out
}
