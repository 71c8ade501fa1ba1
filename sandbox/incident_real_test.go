//go:build browser

package sandbox_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// choose picks one of a form's choices.
func choose(field, label string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(chromedp.Click(css("#f-"+field+"-v")), press(".menu-row", label), says("#f-"+field+"-v", label))
}

// TestANightFromTheBadDeployToItsIssues plays a whole incident with the real bot: a deployment that is bad, a page and its
// acknowledgement, the incident, the deployment that is suspected, the way back, the end, the post-mortem as a pull request, and
// what becomes of its action items.
func TestANightFromTheBadDeployToItsIssues(t *testing.T) {
	url := program(t)
	ctx := browser(t)
	on := func(what string) chromedp.Action[chromedp.Void] {
		return until(`[...document.querySelectorAll(".message")].some((e) => e.textContent.includes("` + what + `"))`)
	}
	run(t, ctx, desktop(), chromedp.Navigate(url+"/#/ana/payments"), connected(), says(".whoami strong", "Ana"))
	// One that is good, and one that is not.
	run(t, ctx, enter("/deploy checkout staging"), on("Deploying checkout"), lever("clock-1m"), lever("clock-1m"), on("is on staging"))
	run(t, ctx, lever("push"), lever("clock-1m"), enter("/deploy checkout staging"), until(`document.querySelectorAll(".message .b-actions").length >= 2`),
		lever("clock-1m"), lever("clock-1m"), until(`[...document.querySelectorAll(".message")].filter((e) => e.textContent.includes("is on staging")).length === 2`))

	run(t, ctx, enter("/incident new payments fail for everybody"), says("dialog h3", "Declare an incident"), choose("severity", "sev1"), choose("service", "checkout"))
	picture(t, ctx, "incident-form")
	run(t, ctx, press("dialog .btn", "Declare"), on("It is worked on in"))
	run(t, ctx, press("#side a, #side button", "inc-1-payments"), on("Deployed around then"), on("waiting for an answer"))
	picture(t, ctx, "incident-declared")
	run(t, ctx, press(".message .btn", "Acknowledge"), on("acknowledged by"), press(".message .btn", "Take command"),
		until(`![...document.querySelectorAll(".message .btn")].some((e) => e.textContent.includes("Take command"))`))

	run(t, ctx, press(".message .btn", "Roll back checkout in staging"), says(".message.ephemeral", "back"), press(".message.ephemeral .btn", "Roll back"))
	run(t, ctx, on("Rolling checkout"), says(".message .btn", "View run"), lever("clock-1m"), lever("clock-1m"), on("is back at"))
	picture(t, ctx, "incident-rolled-back")
	run(t, ctx, enter("/incident status mitigated"), on("is mitigated"), enter("/incident status resolved"), on("is resolved"), on("Post-mortem of INC-1"),
		lever("clock-1m"), on("acme/handbook#1"), on("resolved by"))
	picture(t, ctx, "incident-resolved")

	// The document is written on, merged, and its rows become issues.
	run(t, ctx, here(`a[href*="/github/acme/handbook/pull/1"]`), says("h1", "INC-1"), says("textarea", "payments fail for everybody"))
	picture(t, ctx, "incident-post-mortem")
	row := `| Try the card terminal in staging | ana | 2027-01-31 | prevent |  |`
	run(t, ctx, until(`(() => { const t = document.querySelector("textarea"); t.value = t.value.replace("|  |  |  |  |  |", "`+row+`"); return t.value.includes("card terminal"); })()`),
		press("[data-write]", "Commit changes"), says("textarea", "card terminal"), press("[data-merge]", "Merge"), says(".state", "merged"))
	run(t, ctx, chromedp.Navigate(url+"/#/ana/payments"), connected(), press("#side a, #side button", "inc-1-payments"), lever("clock-10m"), lever("clock-10m"), on("Try the card terminal"))
	picture(t, ctx, "incident-action-items")
	run(t, ctx, enter("/postmortem items"), says(".message.ephemeral", "Try the card terminal in staging"))
	picture(t, ctx, "incident-items-listed")
}
