package commands

import (
	"shipmate/bot"
	"shipmate/delivery"
)

// notRolledBack are the refusals about going back.
func notRolledBack(r *delivery.Refused) bot.Message {
	switch r.Code {
	case delivery.AlreadyGoingBack:
		m := text("%s is rolling it back already, since %s: %s", bot.User(r.By), bot.Clock(r.Since), status(r.Deployment))
		m.Buttons = offers(r.Deployment)
		return m
	case delivery.NothingToUndo:
		return text("No deployment of mine runs in %s for %s, so there is nothing to roll back.", bot.Bold(r.Environment), bot.Bold(r.Service))
	case delivery.NothingGood:
		return text("No deployment of %s to %s before %s stayed good, as far as I know. Name what to go back to: %s", bot.Bold(r.Service), bot.Bold(r.Environment),
			bot.Code(r.Deployment.Commit.Short()), bot.Code("/deploy rollback "+r.Service+" "+r.Environment+" to <ref or ID>"))
	case delivery.NeverGood:
		return text("%s did not succeed in %s for %s, so I do not go back to it. %s shows what did.", bot.Code(r.Deployment.ID), bot.Bold(r.Environment), bot.Bold(r.Service),
			bot.Code("/deploy history "+r.Service+" "+r.Environment))
	case delivery.GoesNowhere:
		return text("%s is what is to be undone, so there is nothing to go back to with it. Name an older one.", bot.Code(r.Commit.Short()))
	case delivery.NotThereAnyMore:
		m := text("%s is not what runs in %s for %s any more; %s came after it.", bot.Code(r.Commit.Short()), bot.Bold(r.Environment), bot.Bold(r.Service), bot.Code(r.Deployment.ID))
		m.Buttons = []bot.Button{{Label: "Roll back " + r.Deployment.Commit.Short(), Line: rollbackLine(r.Deployment, r.Deployment.Commit)}}
		return m
	case delivery.NotVetoed:
		return text("No commit %s was rolled back in %s for %s. %s lists those that were.", bot.Code(r.Ref), bot.Bold(r.Environment), bot.Bold(r.Service), bot.Code("/deploy locks"))
	}
	return text("That cannot be done (%s).", string(r.Code))
}
