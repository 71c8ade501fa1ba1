//go:build browser

package sandbox_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// tall is a phone's width with all of a long message on it.
func tall() chromedp.Action[chromedp.Void] {
	return chromedp.EmulateViewport(390, 2000, chromedp.EmulateMobile, chromedp.EmulateTouch)
}

// TestTheMorningDigest plays the guide's fifth chapter with the real bot: a digest comes with its details in its thread, is looked at ahead,
// chosen, muted, and completed when GitHub is back; and it tells of a quiet day, a usual one and a terrible one, also on a phone.
func TestTheMorningDigest(t *testing.T) {
	url := program(t)
	ctx := browser(t)
	// digests waits until a channel shows so many; their icon is a picture on the page.
	digests := func(n string) chromedp.Action[chromedp.Void] {
		return until(`[...document.querySelectorAll("#messages .message:not(.ephemeral)")].filter((e) => /(payments|storefront|platform), [A-Z][a-z]+day /.test(e.textContent)).length === ` + n)
	}
	onPhone := func(channel, name, n string) {
		t.Helper()
		run(t, ctx, tall(), chromedp.Navigate(url+"/#/ana/"+channel), digests(n))
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > innerWidth`))
		if wide || err != nil {
			t.Errorf("%s is wider than a phone, or: %v", name, err)
		}
		picture(t, ctx, name+"-phone")
		run(t, ctx, desktop())
	}
	run(t, ctx, desktop(), chromedp.Navigate(url+"/#/ana/payments"), connected(), enter("/deploy checkout staging"), says(".message", "Deploying checkout"),
		lever("clock-1m"), says(".message", "is on staging"), press(".chapters button", "The morning digest"), step("digest", "morning"), digests("1"),
		says(".message", "Apply a voucher only once"), says(".message", " to review"), says(".steps li.done", "Let the morning come"), says(".thread-link", "1 reply"))
	picture(t, ctx, "digest-normal")
	run(t, ctx, press(".thread-link", "1 reply"), says("#panel .message", "Limit a basket to 200 lines"))
	picture(t, ctx, "digest-details")
	onPhone("payments", "digest-normal", "1")

	run(t, ctx, chromedp.Navigate(url+"/#/ana/storefront"), says(".message", "fails on main"))
	picture(t, ctx, "digest-failing")
	onPhone("storefront", "digest-failing", "1")
	run(t, ctx, chromedp.Navigate(url+"/#/ana/platform"), says(".message", "all quiet"))
	picture(t, ctx, "digest-quiet")
	onPhone("platform", "digest-quiet", "1")

	run(t, ctx, chromedp.Navigate(url+"/#/ana/payments"), says("h1", "payments"), step("choose", "preview"), says(".message.ephemeral", "payments, "),
		press(".message .btn", "Settings"), says("dialog h3", "Digest settings"))
	picture(t, ctx, "digest-settings")
	run(t, ctx, press("dialog .btn", "Save"), says(".thread-link", "2 replies"), chromedp.WaitNotPresent(css("dialog[open]")), step("choose", "settings"), says("dialog[open] h3", "Digest settings"), press("dialog[open] .btn", "Save"),
		says(".steps li.done", "Look ahead, and choose"), step("mute", "mute"), says(".message", "is muted by"), step("mute", "unmute"),
		says(".steps li.done", "Mute it for a while"))

	run(t, ctx, step("outage", "down"), digests("2"), says(".message", "Not read yet: pipelines, pull requests, technical debt"))
	picture(t, ctx, "digest-lacking")
	run(t, ctx, step("outage", "back"), until(`![...document.querySelectorAll(".message")].some((e) => e.textContent.includes("Not read yet"))`), digests("2"),
		says(".steps li.done", "Take GitHub down"))
	picture(t, ctx, "digest-completed")

	run(t, ctx, lever("terrible"), says(".message", "Deploying ledger"), says(".message", "is locked by"), says(".message", "INC-1"), says(".message", "failed in test"), step("digest", "morning"), digests("3"), says(".message", "an incident is open"), says(".message", "INC-1 sev1 Nobody can pay by card · open for"))
	picture(t, ctx, "digest-terrible")
	onPhone("payments", "digest-terrible", "3")
}
