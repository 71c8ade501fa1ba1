package main

import (
	"context"
	"strconv"
	"strings"

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

// hasDigests builds the program anew where payments is told every day at nine.
func (i *idle) hasDigests() {
	i.Helper()
	i.configure(strings.Replace(companyYAML, "slack_group: payments-eng", "slack_group: payments-eng, digest: \"0 9 * * *\"", 1) + "digest: {details: button}\n")
	i.crash()
	if err := i.app.schedules.Begin(context.Background()); err != nil {
		i.Fatal(err)
	}
}

// mutes has the digest of payments muted by ana.
func (i *idle) mutes() {
	i.Helper()
	i.hasDigests()
	i.answer("digest mute", bot.Request{ID: "mutes", At: i.clock.Now(), Via: bot.Slash, User: i.people["ana"], Channel: i.channel("payments"), Args: bot.Args{"team": "payments"},
		Config: i.app.live.Current()})
}

// tells is a digest of payments that was told.
func (i *idle) tells() string {
	i.Helper()
	i.hasDigests()
	bg, id := context.Background(), schedule.DigestOf("payments")
	if _, err := i.app.schedules.RunNow(bg, schedule.ChangeWant{Request: "at-once", At: i.clock.Now(), By: i.people["ana"], ID: id}); err != nil {
		i.Fatal(err)
	}
	if _, err := i.app.schedules.StepSchedule(bg, id); err != nil {
		i.Fatal(err)
	}
	if _, err := i.app.schedules.StepDigest(bg, id+".at-once"); err != nil {
		i.Fatal(err)
	}
	return id + ".at-once"
}

// owes is an issue of the register, which ana may take.
func (i *idle) owes() string {
	i.Helper()
	if _, err := bot.NewLinks(i.app.db).Set(context.Background(), bot.Naming{Proven: true, At: i.clock.Now(), Person: i.people["ana"], Service: bot.OnGitHub, Login: "ana", By: i.people["dev"]}); err != nil {
		i.Fatal(err)
	}
	return "acme/checkout#" + strconv.Itoa(i.checkout().OpenIssue("ana", "Two clocks", "Cost: high", "tech-debt"))
}
