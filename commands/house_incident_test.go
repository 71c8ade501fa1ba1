package commands_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/bot"
	"shipmate/commands"
	"shipmate/incident"
)

// declared are an open incident, number 1, and a resolved one, number 2.
func (h *house) declared() {
	h.Helper()
	bg := context.Background()
	for n := range 2 {
		i, err := h.deps.Incidents.Declare(bg, incident.DeclareWant{Request: fmt.Sprintf("incident %d", n), At: h.clock.Now(), By: h.ana, Channel: h.payments,
			Title: "it is slow", Severity: "sev3", Shown: true})
		if err != nil {
			h.Fatal(err)
		}
		if n == 0 {
			continue
		}
		if _, err := h.deps.Incidents.SetStatus(bg, incident.ChangeWant{Request: "over", At: h.clock.Now(), By: h.ana, Incident: i.ID}, incident.IsResolved); err != nil {
			h.Fatal(err)
		}
	}
}

// Nobody whom a restricted incident does not concern does something with its pages, or learns what they say.
func TestPagesOfARestrictedIncident(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	bg := context.Background()
	i, err := h.deps.Incidents.Declare(bg, incident.DeclareWant{Request: "hush", At: h.clock.Now(), By: h.ana, Channel: h.payments, Title: "hush",
		Severity: "sev1", Services: []string{"checkout"}, Private: true, Page: true})
	if err != nil {
		t.Fatal(err)
	}
	h.open()
	h.wait("it pages", time.Second, func() bool {
		i, err = h.deps.Incidents.Record(bg, i.ID)
		return err == nil && len(i.Paged) == 1 && i.Paged[0].Page != ""
	})
	page := i.Paged[0].Page
	for _, line := range []string{"/page ack ", "/page again ", "/page note "} {
		line += page
		if strings.HasPrefix(line, "/page note") {
			line += " tell me"
		}
		before := len(h.slack.Ephemerals(h.ben, h.payments))
		h.types(h.ben, line)
		h.wait("ben is told no to "+line, 0, func() bool {
			told := h.slack.Ephemerals(h.ben, h.payments)
			return len(told) > before && strings.Contains(whole(told[len(told)-1]), "restricted incident")
		})
	}
	h.wait("PagerDuty shows it", time.Second, func() bool {
		p, err := h.deps.Incidents.PageRecord(bg, page)
		return err == nil && p.State == incident.Triggered
	})
	h.types(h.ana, "/page note "+page+" on it")
	h.told(h.ana, "PagerDuty is being told")
}

// Where no incident runs no form opens that cannot be sent: it is asked which one, with those that are open.
func TestWhichIncidentIsAskedBeforeAFormOpens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.declared()
	h.open()
	h.wait("it has its channel", time.Second, func() bool {
		i, err := h.deps.Incidents.Numbered(context.Background(), 1)
		return err == nil && i.Room.ID != ""
	})
	h.types(h.ben, "/incident edit")
	asked := h.told(h.ben, "Which incident?")
	if text := whole(asked); strings.Contains(text, "#12") || !strings.Contains(text, "#1 🔴 *INC-1*") || strings.Contains(text, "INC-2") {
		t.Errorf("it is asked: %s", text)
	}
	h.types(h.ben, "/incident update #7")
	h.told(h.ben, "There is no incident #7.")
	if open := h.slack.Views(h.ben); len(open) > 0 {
		t.Fatalf("a form is open: %s", open[0].Blocks)
	}
	h.presses(h.ben, asked, "INC-1")
	h.until("the form is open", func() bool { return len(h.slack.Views(h.ben)) == 1 })
	if form := h.slack.Views(h.ben)[0]; !strings.Contains(string(form.Blocks), "it is slow") {
		t.Errorf("it is not filled in: %s", form.Blocks)
	}
}

// A form that a page's own button opens says what the page is about, and asks for it only when nobody knows.
func TestFormsOfAPageSayWhatItIsAbout(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	page := h.paged(incident.Triggered)
	for _, c := range commands.All(h.deps) {
		if c.Name != "page note" && c.Name != "page add" {
			continue
		}
		pressed, typed := c.Form(bot.FormRequest{Args: bot.Args{"page": page}}), c.Form(bot.FormRequest{Args: bot.Args{}})
		if slices.ContainsFunc(pressed.Fields, func(in bot.Input) bool { return in.Name == "page" }) || !strings.Contains(string(pressed.Intro), "it is down") {
			t.Errorf("%s, pressed: %+v", c.Name, pressed)
		}
		if typed.Fields[0].Name != "page" || typed.Check == nil {
			t.Errorf("%s, typed: %+v", c.Name, typed)
		}
	}
}
