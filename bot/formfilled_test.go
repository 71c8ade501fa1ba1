package bot

import (
	"context"
	"strings"
	"testing"

	"shipmate/bot/slacktest"
)

// A form whose fields depend on a choice: it comes back with what the choice asks for, keeps what was typed, and forgets what
// another choice had asked for.
func TestFormThatAsksMoreForWhatWasChosen(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var got Args
	h.alter("file", func(c *Command) {
		make := c.Form
		c.Form = func(r FormRequest) Form {
			f := make(r)
			f.Slow = true
			if r.Args["service"] == "checkout" {
				f.Fields = append(f.Fields, Input{Name: "input.region", Label: "Region", Options: []Option{{Value: "eu"}, {Value: "us"}}},
					Input{Name: "input.canary", Label: "Canary", Initial: "10", Optional: true})
			}
			return f
		}
		c.Run = func(_ context.Context, r Request) (Reply, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			if got = r.Args; r.Arg("note") == "no" {
				return Reply{}, Refuse("file.no", "That is taken.")
			}
			return Say("It is filed."), nil
		}
	})
	h.start()
	h.types(h.ana, h.payments, "/file")
	h.until("a form is open", func() bool { return len(h.slack.Views(h.ana)) == 1 })
	v := h.slack.Views(h.ana)[0]
	submit := func(values slacktest.Values, shows, lacks string) {
		t.Helper()
		if _, err := h.slack.Submit(h.ana, v.ID, values); err != nil {
			t.Fatal(err)
		}
		h.until("the form shows "+shows, func() bool {
			now, ok := h.slack.View(v.ID)
			return ok && strings.Contains(string(now.Blocks)+now.Errors["note"], shows) && !strings.Contains(string(now.Blocks), lacks)
		})
	}
	submit(slacktest.Values{"service/v": {"checkout"}, "note/v": {"bad"}}, "Not that.", "Region") // what is there is put right first
	submit(slacktest.Values{"service/v": {"checkout"}, "note/v": {"no"}}, "asks for more", "taken")
	if now, _ := h.slack.View(v.ID); !strings.Contains(string(now.Blocks), `"initial_value":"no"`) || !strings.Contains(string(now.Blocks), `"initial_value":"10"`) {
		t.Errorf("something was lost: %s", now.Blocks)
	}
	if _, err := h.slack.Submit(h.ana, v.ID, slacktest.Values{"service/v": {"checkout"}}); err == nil {
		t.Error("a field that must be filled in is not")
	}
	submit(slacktest.Values{"service/v": {"checkout"}, "input.region/v": {"eu"}, "input.canary/v": {""}}, "That is taken.", "asks for more")
	if got["input.region"] != "eu" || got["input.canary"] != "" || got["note"] != "no" {
		t.Errorf("it got %v", got)
	}
	submit(slacktest.Values{"service/v": {"catalog"}, "note/v": {"yes"}}, "It is filed.", "Region")
	if len(got) != 2 || got["service"] != "catalog" {
		t.Errorf("another service got %v", got)
	}
	h.until("it was opened and sent twice, and growing is no request", func() bool { return len(h.audits()) == 3 })
	h.unproblematic()
}

// A form that is refused is not opened: who asked for it is answered at once, however they asked.
func TestFormThatIsRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.alter("file", func(c *Command) {
		make := c.Form
		c.Form = func(r FormRequest) Form {
			f := make(r)
			f.Refuse = Refuse("file.no", "There is nothing to file.")
			return f
		}
	})
	h.start()
	h.types(h.ana, h.payments, "/file")
	h.told(h.ana, h.payments, "There is nothing to file.")
	if n := len(h.slack.Views(h.ana)); n != 0 {
		t.Errorf("%d forms are open", n)
	}
}

// What fills in a form is asked for permission before anybody fills in the rest.
func TestFormOfSomebodyWhoMayNot(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.alter("file", func(c *Command) {
		c.Who, c.Fill = Admins, func(Args) bool { return true }
	})
	h.start()
	h.types(h.ben, h.payments, "/file checkout")
	h.told(h.ben, h.payments, "You may not do this.")
	if n := len(h.slack.Views(h.ben)); n != 0 {
		t.Errorf("%d forms are open", n)
	}
	h.types(h.dev, h.payments, "/file checkout")
	h.until("an admin's form is open", func() bool { return len(h.slack.Views(h.dev)) == 1 })
}
