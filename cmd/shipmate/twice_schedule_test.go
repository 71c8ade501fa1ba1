package main

import (
	"context"

	"shipmate/bot"
	"shipmate/schedule"
)

// schedules puts a line on a schedule, and does to it what a command does.
func (i *idle) schedules(then string) string {
	i.Helper()
	one, err := i.app.schedules.Add(context.Background(), schedule.Want{Request: "schedules", At: i.clock.Now(), By: i.people["ana"], Channel: i.channel("payments"),
		Team: "payments", Cron: "0 9 * * *", Zone: "Europe/Berlin", Missed: schedule.CatchUp, Line: "deploy status"})
	if err != nil {
		i.Fatal(err)
	}
	if then != "" {
		i.answer(then, bot.Request{ID: "changes", At: i.clock.Now(), Via: bot.Slash, User: i.people["ana"], Channel: i.channel("payments"),
			Args: bot.Args{"schedule": one.ID}, Config: i.app.live.Current()})
	}
	return one.ID
}
