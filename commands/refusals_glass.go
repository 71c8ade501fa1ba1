package commands

import (
	"shipmate/bot"
	"shipmate/delivery"
)

// notBroken are the refusals about deployments past what is in the way, and their reviews.
func notBroken(r *delivery.Refused) bot.Message {
	d := r.Deployment
	switch r.Code {
	case delivery.NoGlass:
		return text("Nothing may be skipped on %s: the configuration has no environments.%s.break_glass.", bot.Bold(r.Environment), r.Environment)
	case delivery.GlassNotNeeded:
		m := text("Nothing is in the way of %s in %s that could be skipped. Deploy it as always.",
			bot.Textf("%s %s", bot.Bold(r.Service), bot.Code(r.Commit.Short())), bot.Bold(r.Environment))
		m.Buttons = []bot.Button{{Label: "Deploy to " + r.Environment, Line: "deploy " + r.Service + "@" + r.Commit.SHA + " " + r.Environment + inputWords(r.Given)}}
		return m
	case delivery.ReviewOpen:
		m := text("Nobody has signed the review of your last one yet, so you cannot do it again: %s, %s. An approver or an admin signs it with %s.",
			whatWhere(d), bot.Time(d.Created), bot.Code("/deploy review "+d.ID))
		return m
	case delivery.NoReview:
		return text("%s broke no glass, so there is nothing to sign. %s lists what waits.", bot.Code(d.ID), bot.Code("/deploy reviews"))
	case delivery.OwnReview:
		return text("Somebody other than you has to sign it: that is what the review is for.")
	}
	return text("%s has signed it %s.", bot.User(r.By), bot.Time(r.Since))
}
