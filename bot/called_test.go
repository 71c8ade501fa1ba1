package bot

import (
	"context"
	"strconv"
	"testing"
	"time"

	"shipmate/bot/slacktest"
)

// Many are named by one list of everybody; who came since by a question of their own.
func TestCalled(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var ids []string
	for i := range 50 {
		ids = append(ids, h.slack.AddUser(slacktest.User{Name: "p" + strconv.Itoa(i)}).ID)
	}
	h.start()
	for i, id := range ids {
		if got := h.bot.Called(context.Background(), id); got != "p"+strconv.Itoa(i) {
			t.Errorf("%s is called %q", id, got)
		}
	}
	if lists, infos := h.calls("users.list"), h.calls("users.info"); lists != 1 || infos > 0 {
		t.Errorf("%d lists, %d questions", lists, infos)
	}
	zoe := h.slack.AddUser(slacktest.User{Name: "zoe"}).ID
	if got := h.bot.Called(context.Background(), zoe); got != "zoe" || h.calls("users.list") != 1 {
		t.Errorf("%q after %d lists", got, h.calls("users.list"))
	}
	h.inject(slacktest.Fault{Method: "users.list", Kind: slacktest.ServerError, Times: -1})
	h.inject(slacktest.Fault{Method: "users.info", Kind: slacktest.ServerError, Times: -1})
	h.clock.Advance(2 * time.Hour)
	if got := h.bot.Called(context.Background(), ids[0]); got != "p0" {
		t.Errorf("%q while Slack does not answer", got)
	}
	if got := h.bot.Called(context.Background(), "U0NOBODY"); got != "" {
		t.Errorf("nobody is called %q", got)
	}
}
