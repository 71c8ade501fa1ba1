package bot

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/work"
)

func TestGivenUpRecordIsToldInOneSentenceWithAReference(t *testing.T) {
	t.Parallel()
	h := newHarness(t).start()
	h.bot.Parked(context.Background(), work.Parked{Domain: "delivery", ID: "d-4kq7x2m9wz", Since: time.Unix(1, 0), Tries: 7,
		Error: "reading deployment: unexpected end of JSON input"})
	platform, _ := h.slack.Channel("platform")
	m := h.shown(platform.ID, "I gave up on a record of *delivery* after 7 tries")
	if !strings.Contains(whole(m), "`d-4kq7x2m9wz`") || strings.Contains(whole(m), "JSON") {
		t.Errorf("it reads %s", whole(m))
	}
}
