//go:build browser

package sandbox_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestWhatATeamOwes is reminded of technical debt by the real bot, takes what it asks about, writes more down, and chooses what one hears
// unasked.
func TestWhatATeamOwes(t *testing.T) {
	url := program(t)
	ctx := browser(t)
	run(t, ctx, desktop(), chromedp.Navigate(url+"/#/ben/payments"), connected(), enter("/debt"),
		says(".message.ephemeral", "Delete the old voucher tables"))
	picture(t, ctx, "debt-list")
	run(t, ctx, enter("/schedule run debt-payments"), says(".message", "What about this one?"))
	picture(t, ctx, "debt-asks")
	run(t, ctx, press(".message .btn", "Take it"), says(".message", "@ben takes it"))
	picture(t, ctx, "debt-taken")
	run(t, ctx, enter("/debt add ledger Vouchers are counted twice"), says(".message", "written down by @ben"), says(".message", "Vouchers are counted twice"))
	picture(t, ctx, "debt-new")
	run(t, ctx, enter("/shipmate notify schedules daily"), says(".message.ephemeral", "once a day, with your reminders"), enter("/shipmate notify"),
		says(".message.ephemeral", "who paused or removed one · once a day"), dark())
	picture(t, ctx, "notify-dark")
}
