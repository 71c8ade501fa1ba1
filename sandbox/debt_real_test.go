//go:build browser

package sandbox_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestWhatATeamOwes follows the guide: the real bot reminds of technical debt, somebody takes what it asks about and writes more down, and
// chooses what one hears unasked.
func TestWhatATeamOwes(t *testing.T) {
	url := program(t)
	ctx := browser(t)
	done := func(n string) chromedp.Action[chromedp.Void] {
		return until(`document.querySelectorAll(".steps li.done").length === ` + n)
	}
	run(t, ctx, desktop(), chromedp.Navigate(url+"/#/ana/payments"), connected(), press(".chapters button", "What you owe"), step("owe", "list"),
		says(".message.ephemeral", "Delete the old voucher tables"), done("1"))
	picture(t, ctx, "debt-list")
	run(t, ctx, step("decide", "remind"), says(".message", "What about this one?"), done("1"))
	picture(t, ctx, "debt-asks")
	run(t, ctx, press(".message .btn", "Take it"), says(".message", "@ana takes it"), done("2"))
	picture(t, ctx, "debt-taken")
	run(t, ctx, step("add", "add"), says(".message", "written down by @ana"), says(".message", "Vouchers are counted twice"), done("3"))
	picture(t, ctx, "debt-new")
	run(t, ctx, step("hear", "notify"), says(".message.ephemeral", "What I tell you unasked"), done("4"), enter("/shipmate notify schedules daily"),
		says(".message.ephemeral", "once a day, with your reminders"), enter("/shipmate notify"), says(".message.ephemeral", "who paused or removed one · once a day"), dark())
	picture(t, ctx, "notify-dark")
}
