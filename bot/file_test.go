package bot

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"shipmate/bot/slacktest"
)

// picture makes echo answer with a file.
func (h *harness) picture(draw func() ([]byte, error)) {
	h.alter("echo", func(c *Command) {
		run := c.Run
		c.Run = func(ctx context.Context, r Request) (Reply, error) {
			reply, err := run(ctx, r)
			reply.File = &File{Name: "x.png", Title: "Numbers", Alt: strings.Repeat("é", 2000), Draw: draw}
			return reply, err
		}
	})
}

// files are those in a person's direct message.
func (h *harness) files(user string) (out []slacktest.File) {
	for _, m := range h.slack.Messages(h.slack.DMChannel(user)) {
		out = append(out, m.Files...)
	}
	return out
}

// A file comes to who asked alone, after an answer that stands by itself.
func TestFileComesToTheAskerAlone(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var said bool // the answer was there before the picture was drawn
	h.picture(func() ([]byte, error) {
		said = len(h.slack.Ephemerals(h.ana, h.payments)) == 1
		return []byte("pixels"), nil
	})
	h.start()
	h.types(h.ana, h.payments, "/echo numbers")
	h.until("the file is there", func() bool { return len(h.files(h.ana)) == 1 })
	f := h.files(h.ana)[0]
	if string(f.Data) != "pixels" || f.Name != "x.png" || f.Title != "Numbers" || len([]rune(f.Alt)) != maxFileAlt || !said {
		t.Errorf("%q %q %q, %d characters of words, answered before: %t", f.Data, f.Name, f.Title, len([]rune(f.Alt)), said)
	}
	m := h.told(h.ana, h.payments, "done echo numbers")
	if !strings.Contains(whole(m), "on its way to your direct messages") {
		t.Errorf("it does not say where the picture is: %s", whole(m))
	}
	if n := len(h.slack.Messages(h.payments)) + len(h.files(h.ben)); n != 0 {
		t.Errorf("others see %d messages", n)
	}
	h.unproblematic()
}

// Whatever becomes of the file, the answer is there, and one sentence says what is not.
func TestFileThatIsNotSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		draw  func() ([]byte, error)
		spoil func(*harness)
		told  string
	}{
		"no scope": {told: "has to give the app `files:write`", spoil: func(h *harness) {
			app := h.slack.App()
			app.Scopes = slices.DeleteFunc(Scopes(nil), func(s string) bool { return s == "files:write" })
			h.slack.SetApp(app)
		}},
		"Slack away": {told: "could not take it right now", spoil: func(h *harness) {
			if _, err := h.slack.Inject(slacktest.Fault{Kind: slacktest.ServerError, Method: "upload"}); err != nil {
				t.Fatal(err)
			}
		}},
		"no drawing": {told: "could not be sent", draw: func() ([]byte, error) { return nil, errors.New("no ink") }},
		"a panic":    {told: "could not be sent", draw: func() ([]byte, error) { panic("xoxb-very-secret") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			if c.draw == nil {
				c.draw = func() ([]byte, error) { return []byte("pixels"), nil }
			}
			h.picture(c.draw)
			if c.spoil != nil {
				c.spoil(h)
			}
			h.start()
			h.types(h.ana, h.payments, "/echo numbers")
			h.told(h.ana, h.payments, "done echo numbers")
			m := h.told(h.ana, h.payments, c.told)
			if !strings.Contains(whole(m), "the numbers are all in the answer") || len(h.files(h.ana)) != 0 {
				t.Errorf("told %s, %d files", whole(m), len(h.files(h.ana)))
			}
		})
	}
}

// In a direct message the file stands where the answer does.
func TestFileInADirectMessage(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	said := make(chan bool, 1) // the answer was there before the picture was drawn
	h.picture(func() ([]byte, error) {
		h.until("the answer", func() bool { return len(h.slack.Messages(h.slack.DMChannel(h.ana))) > 1 })
		said <- true
		return []byte("pixels"), nil
	})
	h.start()
	if _, err := h.slack.Say(h.ana, h.slack.DMChannel(h.ana), "", "echo numbers"); err != nil {
		t.Fatal(err)
	}
	h.until("the file is there", func() bool { return len(h.files(h.ana)) == 1 })
	for _, m := range h.slack.Messages(h.slack.DMChannel(h.ana)) {
		if strings.Contains(whole(m), "on its way") {
			t.Errorf("it sends people elsewhere: %s", whole(m))
		}
	}
}
