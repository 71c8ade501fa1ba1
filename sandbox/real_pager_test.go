//go:build browser

package sandbox_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func phone() chromedp.Action[chromedp.Void] {
	return chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile, chromedp.EmulateTouch)
}

// TestANightOnCall plays the guide's second chapter with the real bot, and looks at PagerDuty's own side.
func TestANightOnCall(t *testing.T) {
	url := program(t)
	ctx := browser(t)
	run(t, ctx, desktop(), chromedp.Navigate(url), connected(), press(".chapters button", "A night on call"),
		step("oncall", "line"), says(".message.ephemeral", "On call now"), says(".message.ephemeral", "level 1"))
	picture(t, ctx, "pager-oncall")

	run(t, ctx, step("page", "line"), says(".message.ephemeral", "This wakes @emi, where it is 03:"), says(".message.ephemeral", "Without an answer, level 2"))
	picture(t, ctx, "pager-question")
	run(t, ctx, press(".message.ephemeral .btn", "Page"), says(".message", "waiting for an answer from @emi"), says("#side .badge.loud", "1"))
	picture(t, ctx, "pager-waiting")
	run(t, ctx, step("answer", "answer"), says(".message", "acknowledged by @emi"), says(".steps li.done", "Answer on her phone"))
	run(t, ctx, press(".message .btn", "Note"), says("dialog h3", "Note"), retype("#f-text-v", "the index is\nempty"), press("dialog .btn", "Write it"),
		chromedp.WaitNotPresent(css("dialog[open]")), says(".message", "the index is empty"))
	picture(t, ctx, "pager-acknowledged")
	run(t, ctx, press(".message .btn", "Add somebody"), says("dialog h3", "Add somebody"))
	picture(t, ctx, "pager-add")
	run(t, ctx, press("dialog .btn", "Cancel"), chromedp.WaitNotPresent(css("dialog[open]")))

	run(t, ctx, step("give", "line"), says(".message.ephemeral", "until they accept, you stay on call"), press(".message.ephemeral .btn", "Ask them"),
		says(".message", "asks @ben to be on call"), chromedp.Click(css(".whoami")), press(".menu-row", "Ben"), says(".whoami strong", "Ben"),
		press(".message .btn", "Accept"), says(".message", "in place of @ana until"))
	picture(t, ctx, "pager-handed-over")
	run(t, ctx, chromedp.Click(css(".whoami")), press(".menu-row", "Ana"), says(".whoami strong", "Ana"), step("give", "week"),
		says(".message", "payments hands over"), says(".message", "Ben Okafor until today"), says(".steps li.done", "Hand your shift over"))
	picture(t, ctx, "pager-week")
	run(t, ctx, dark())
	picture(t, ctx, "pager-handed-over-dark")

	run(t, ctx, chromedp.Navigate(url+"/pagerduty/"), says(".rotas li", "Ben Okafor, where it is"), says(".incident", "nobody can search for shoes"))
	picture(t, ctx, "pager-side-dark")
	run(t, ctx, press(".incident h2 a", "#1"), says(".incident h3", "Who was told"), says("li", "acknowledge, by Emi Tanaka"), says("pre", "the index is"))
	picture(t, ctx, "pager-incident-dark")
	run(t, ctx, press(".act", "Resolve"), says(".incident .state", "resolved"), chromedp.Navigate(url+"/#/ana/storefront"), says(".message", "Page to catalog"), lever("clock-1m"), says(".message", "resolved by @emi"))
	picture(t, ctx, "pager-resolved")
}

// TestPagesOnAPhone has a page refused and sent late, in the hand of somebody in bed.
func TestPagesOnAPhone(t *testing.T) {
	url := program(t)
	ctx := browser(t)
	fits := func(what string) {
		t.Helper()
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`))
		if wide || err != nil {
			t.Errorf("%s is wider than a phone, or: %v", what, err)
		}
		picture(t, ctx, "pager-phone-"+what)
	}
	run(t, ctx, phone(), chromedp.Navigate(url+"/#/hugo/payments"), connected(), enter("/page chekout orders are lost"), says(".message.ephemeral", "Did you mean"))
	fits("typo")
	run(t, ctx, enter("/page checkout orders are lost"), says(".message.ephemeral", "This wakes @ana"), lever("pagerduty-down"),
		press(".message.ephemeral .btn", "Page"), says(".message", "being handed to PagerDuty"), says(".message", "I keep trying until"))
	fits("down")
	run(t, ctx, lever("clock-1m"), says(".message", "not sent yet"), lever("pagerduty-down"), lever("clock-1m"), says(".message", "waiting for an answer from @ana"))
	fits("sent")
	run(t, ctx, press(".message .btn", "Acknowledge"), says(".message.ephemeral", "You have no account on PagerDuty that is known to be yours"))
	fits("not-linked")
	run(t, ctx, chromedp.Navigate(url+"/pagerduty/"), says(".incident", "orders are lost"))
	fits("side")
}
