package commands_test

import (
	"strings"
	"testing"

	"shipmate/bot/slacktest"
)

// The numbers come to who asks, where they ask; the picture to their direct messages, with the numbers as its words.
func TestStatsComeWithAPicture(t *testing.T) {
	t.Parallel()
	h := newHouse(t).open()
	h.types(h.ben, "/deploy stats checkout staging")
	if m := h.told(h.ben, "Deployment frequency: *no data*"); strings.Contains(whole(m), "picture") {
		t.Errorf("it speaks of a picture of nothing: %s", whole(m))
	}
	h.types(h.ana, "/deploy checkout staging")
	h.shown("is on *staging*")
	h.types(h.ana, "/deploy stats shop stg 30d")
	for _, words := range []string{"*checkout in staging*, 30 days to 20 Nov 2026", "rolled back or unhealthy: 0 of 1 change", "on its way to your direct messages"} {
		h.told(h.ana, words)
	}
	var files []slacktest.File
	h.until("the picture is there", func() bool {
		for _, m := range h.slack.Messages(h.slack.DMChannel(h.ana)) {
			files = append(files, m.Files...)
		}
		return len(files) > 0
	})
	f := files[0]
	if !strings.HasPrefix(string(f.Data), "\x89PNG") || !strings.Contains(f.Alt, "Change fail rate: 0 %") || f.Title != "checkout in staging, 30 days to 20 Nov 2026" {
		t.Errorf("%q %q", f.Title, f.Alt)
	}
	h.types(h.cy, "/deploy stats checkout") // gated is the only environment that comes after another
	h.told(h.cy, "*checkout in gated*")
	h.cards(1)
}
