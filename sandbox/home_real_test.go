//go:build browser

package sandbox_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheHomeTab approves a deployment from the home tab with the real bot: the tab tells what waits, and follows.
func TestTheHomeTab(t *testing.T) {
	url := program(t)
	ctx := browser(t)
	run(t, ctx, desktop(), chromedp.Navigate(url+"/#/greta/@shipmate"), connected(), press(".tabs button", "Home"), says("#home", "One thing waits for you"))
	run(t, ctx, says("#home", "Routes are written in two formats"))
	picture(t, ctx, "home-quiet")
	run(t, ctx, chromedp.Navigate(url+"/#/ana/payments"), enter("/deploy checkout staging"), says(".message", "Deploying checkout"), lever("clock-1m"), lever("clock-1m"), says(".message", "is on staging"),
		enter("/deploy checkout production"), says(".message.ephemeral", "to production?"), press(".message.ephemeral .btn", "Deploy to production"),
		says(".message", "waits for 1 approval"))
	run(t, ctx, chromedp.Navigate(url+"/#/greta/@shipmate"), press(".tabs button", "Home"), says("#home", "waits for your approval"))
	picture(t, ctx, "home-waits")
	run(t, ctx, press("#home .btn", "Approve"), press(".ask .btn", "Approve"), says("#home", "One thing waits for you"), says("#home", "Being deployed"))
	picture(t, ctx, "home-approved")
	run(t, ctx, press(".tabs button", "Messages"), says(".message", "Approved: checkout"), dark())
	picture(t, ctx, "home-answer-dark")
}
