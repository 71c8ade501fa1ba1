//go:build browser

package sandbox_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestADecisionByThumbs plays a decision with the real bot: the form, the card, a thumb down with its reason, a thumb on the card, another
// as a reaction on GitHub, the merge, and what people are told and find again.
func TestADecisionByThumbs(t *testing.T) {
	url := program(t)
	ctx := browser(t)
	on := func(what string) chromedp.Action[chromedp.Void] { return says(".message", what) }
	as := func(who, channel string) chromedp.Action[chromedp.Void] {
		return chromedp.Steps(chromedp.Navigate(fmt.Sprintf("%s/#/%s/%s", url, who, channel)), connected(), says("h1", channel))
	}
	thumb := func(drawn string) chromedp.Action[chromedp.Void] {
		return press(`.message .btn:has(use[href="#e-`+drawn+`"])`, "")
	}
	run(t, ctx, desktop(), as("ana", "payments"), enter("/adr new"), says("dialog h3", "Propose a decision"))
	picture(t, ctx, "adr-form")
	run(t, ctx, retype("#f-title-v", "Keep prices in cents"), retype("#f-context-v", "Totals are off by a cent now and then."),
		retype("#f-decides-v", "We keep every price as a whole number of cents."), retype("#f-consequences-v", "Sums are exact. Whoever shows a price puts the point in."),
		press("dialog .btn", "Propose"), on("ADR-7: Keep prices in cents"), on("0 of 2"))
	picture(t, ctx, "adr-card")

	// Ben takes the same number on his laptop.
	run(t, ctx, lever("guide-laptop"), chromedp.Navigate(url+"/github/acme/decisions/pull/2"), says("h1", "7. Keep prices in cents"))
	run(t, ctx, chromedp.Navigate(url+"/#/ben/@shipmate"), minutes("Its number was given to another"))
	picture(t, ctx, "adr-taken")
	run(t, ctx, chromedp.Navigate(url+"/github/acme/decisions/pull/2"), says("li .failure + code", "shipmate/decisions"))
	picture(t, ctx, "adr-taken-github")
	run(t, ctx, chromedp.Navigate(url+"/#/ben/@shipmate"), press(".message .btn", "Renumber"),
		press("#side a.row", "general"), on("ADR-8: Keep prices in cents"))
	picture(t, ctx, "adr-renumbered")

	run(t, ctx, as("ben", "payments"), thumb("down"), says("dialog h3", "What holds it?"))
	picture(t, ctx, "adr-down")
	run(t, ctx, retype("#f-why-v", "It does not say what happens to discounts."), press("dialog .btn", "Hold it"), on("holds it"), press(".thread-link", "1 reply"),
		says("#panel .message", "what do you say?"))
	picture(t, ctx, "adr-held")
	run(t, ctx, thumb("up"), on("1 of 2"))

	run(t, ctx, here(`a[href*="/github/acme/decisions/pull/1"]`), says("h1", "Keep prices in cents"))
	picture(t, ctx, "adr-pull")
	run(t, ctx, retype("[data-pull] select", "chloe"), press(`[data-deed="+1"]`, ""), says(`[data-deed="+1"]`, "1"))
	run(t, ctx, as("ana", "payments"), minutes("accepted"))
	picture(t, ctx, "adr-accepted")
	run(t, ctx, enter("/adr list"), says(".message.ephemeral", "7 decisions"), enter("/adr show #7"), says(".message.ephemeral", "Whoever shows a price puts the point in."))
	picture(t, ctx, "adr-list")
	run(t, ctx, as("hugo", "general"), on("proposed by"))
	picture(t, ctx, "adr-announced")
}
