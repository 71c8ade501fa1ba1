package bot

import (
	"context"
	"testing"
)

func TestReadable(t *testing.T) {
	t.Parallel()
	name := func(id string) string { return map[string]string{"U0ANA": "ana"}[id] }
	for in, want := range map[string]string{
		"plain":                            "plain",
		"<@U0ANA> and <@U0X> &lt;b&gt;":    "@ana and @U0X <b>",
		"<@U0BEN|ben>, see <#C1|general>":  "@ben, see #general",
		"<!channel> <!subteam^S1|@devs>":   "@channel @devs",
		"<!here>":                          "@here",
		"<https://x.example|the page>":     "the page (https://x.example)",
		"<https://x.example>":              "https://x.example",
		"<mailto:a@b.example|a@b.example>": "a@b.example",
	} {
		if got := Readable(in, name); got != want {
			t.Errorf("%q reads %q, want %q", in, got, want)
		}
	}
}

// Somebody whom Slack does not know has no name, which is no failure: who waits for names need not wait for that one.
func TestNobodyHasNoName(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	if name, err := h.bot.NameOf(context.Background(), "U0NOBODY"); name != "" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
	if name, err := h.bot.NameOf(context.Background(), h.ben); name == "" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
}
