//go:build browser

package sandbox_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestALineAtNine plays the guide's fourth chapter with the real bot: a line is put on a schedule, runs in the morning, is caught up when
// the bot was down, and leaves days off out.
func TestALineAtNine(t *testing.T) {
	url := program(t)
	ctx := browser(t)
	answers := func(n string) chromedp.Action[chromedp.Void] {
		return until(`[...document.querySelectorAll(".message")].filter((e) => e.textContent.includes(", scheduled by @ana")).length === ` + n)
	}
	run(t, ctx, desktop(), chromedp.Navigate(url), connected(), press(".chapters button", "At a time"), step("schedule", "line"),
		says(".message.ephemeral", "every day at 9:00 (Europe/Lisbon)?"))
	picture(t, ctx, "schedule-asked")
	run(t, ctx, press(".message.ephemeral .btn", "Save it"), says(".message", "Scheduled by @ana"), says(".steps li.done", "Put a line on a schedule"))
	picture(t, ctx, "schedule-saved")

	run(t, ctx, step("morning", "morning"), answers("1"), says(".steps li.done", "Let the morning come"))
	picture(t, ctx, "schedule-ran")

	run(t, ctx, step("late", "kill"), chromedp.WaitVisible(css("#head .light.bad")), step("late", "nine"), step("late", "start"), connected(),
		answers("2"), says(".message", ", late"), says(".steps li.done", "Be down at nine"))
	picture(t, ctx, "schedule-late")
	run(t, ctx, press(".message .btn", "Show it"), says(".message.ephemeral", "2 h late"), says(".message.ephemeral", "What became of it"))
	picture(t, ctx, "schedule-shown")

	run(t, ctx, step("workdays", "line"), says(".message.ephemeral", "not on days off (Europe/Lisbon)?"), says(".steps li.done", "Leave days off out"))
	picture(t, ctx, "schedule-workdays")
	run(t, ctx, press(".message.ephemeral .btn", "Skip the next time"), says(".message", "leaves its next time out"), press(".message.ephemeral .btn", "Pause"),
		says(".message", "is paused by @ana"), enter("/schedule"), says(".message.ephemeral", "4 schedules here or yours"), dark())
	picture(t, ctx, "schedule-paused-dark")
}
