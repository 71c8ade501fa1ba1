package bot

import (
	"context"
	"errors"
	"testing"

	"shipmate/bot/slacktest"
	"shipmate/store"
)

// pictured is a card with a reply that a picture follows.
func pictured(draw func() ([]byte, error)) View {
	return View{Message: Message{Text: "figures"}, Stage: 1, Replies: []ThreadReply{
		{Key: "first", Message: Message{Text: "in words"}, File: &File{Name: "x.png", Title: "Numbers", Alt: "numbers", Draw: draw}},
		{Key: "second", Message: Message{Text: "more words"}}}}
}

func pixels() ([]byte, error) { return []byte("pixels"), nil }

// threadFiles are the files in the thread of the only card in #payments.
func (h *harness) threadFiles() (files []slacktest.File, replies int) {
	h.t.Helper()
	for _, m := range h.slack.Messages(h.payments) {
		for _, r := range h.slack.Thread(h.payments, m.TS) {
			files = append(files, r.Files...)
			if r.TS != m.TS && len(r.Files) == 0 {
				replies++
			}
		}
	}
	return files, replies
}

// cardIsDue tells whether any card is to be stepped.
func (h *harness) cardIsDue() (due bool) {
	h.t.Helper()
	err := h.db.View(context.Background(), func(s store.Snapshot) error {
		due = false
		for range s.Scan(store.Key(cardDomain, "due")+"/", "") {
			due = true
		}
		return nil
	})
	return due || err != nil
}

// The file of a reply follows it in the thread, once, whatever becomes of the calls and of the process.
func TestFileInACardsThread(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault slacktest.Fault
	}{
		{"nothing goes wrong", slacktest.Fault{}},
		{"it is not begun", slacktest.Fault{Method: "files.getUploadURLExternal", Kind: slacktest.RateLimited}},
		{"the bytes do not arrive", slacktest.Fault{Method: "upload", Kind: slacktest.ServerError}},
		{"the end is not heard", slacktest.Fault{Method: "files.completeUploadExternal", Kind: slacktest.Reset, Applied: true}},
		{"it does not end", slacktest.Fault{Method: "files.completeUploadExternal", Kind: slacktest.Reset}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			h.put("1", pictured(pixels))
			h.start()
			if c.fault.Method != "" {
				h.inject(c.fault)
			}
			h.types(h.ana, h.payments, "/card 1")
			h.advanceUntil("all is there", func() bool {
				files, replies := h.threadFiles()
				return len(files) > 0 && replies == 2
			})
			h.restart()
			h.advanceUntil("it is quiet", func() bool { return !h.cardIsDue() })
			if files, replies := h.threadFiles(); len(files) != 1 || replies != 2 || string(files[0].Data) != "pixels" {
				t.Errorf("%d files, %d replies", len(files), replies)
			}
		})
	}
}

// What cannot be drawn, or Slack does not take, keeps nothing from being said.
func TestFileThatCannotBeInAThread(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*harness) func() ([]byte, error){
		"not drawn": func(*harness) func() ([]byte, error) {
			return func() ([]byte, error) { return nil, errors.New("no font") }
		},
		"a panic": func(*harness) func() ([]byte, error) { return func() ([]byte, error) { panic("no font") } },
		"refused": func(h *harness) func() ([]byte, error) {
			h.inject(slacktest.Fault{Method: "files.getUploadURLExternal", Kind: slacktest.Refuse, Error: "missing_scope", Times: -1})
			return pixels
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t)
			draw := set(h)
			h.put("1", pictured(draw))
			h.start()
			h.types(h.ana, h.payments, "/card 1")
			h.advanceUntil("what follows is said", func() bool { _, replies := h.threadFiles(); return replies == 2 })
			if files, _ := h.threadFiles(); len(files) > 0 {
				t.Errorf("%d files", len(files))
			}
		})
	}
}
