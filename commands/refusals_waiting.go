package commands

import (
	"shipmate/bot"
	"shipmate/delivery"
)

func alreadyWaiting(r *delivery.Refused) bot.Message {
	d := r.Deployment
	m := text("%s has asked for just that at %s: %s waits for %s.", bot.User(r.By), bot.Clock(r.Since), whatWhere(d), waitsFor(d))
	m.Buttons = offers(d)
	return m
}

// notVoted are the refusals of a word about a deployment that waits, or does not.
func notVoted(r *delivery.Refused) bot.Message {
	d := r.Deployment
	switch r.Code {
	case delivery.OwnVote:
		return text("You asked for it, so your approval does not count. Somebody else has to look: %s", askedOf(d))
	case delivery.AuthorVote:
		return text("You wrote all of what %s brings, so somebody else has to look: %s", what(d), askedOf(d))
	case delivery.AuthorUnknown:
		return text("Whoever wrote all of the change may not approve it, and I do not know whether you did: %s tells me your login on GitHub, and an admin confirms it.",
			bot.Code("/shipmate link me github <login>"))
	case delivery.AlreadyVoted:
		return text("You have said so already, at %s. %s", bot.Clock(r.Since), status(d))
	case delivery.NotYours:
		return text("%s asked for it and says when it starts. You can ask for it yourself once it is withdrawn.", bot.User(r.By))
	case delivery.ApprovalVoid:
		return text("%s since it was asked for, so it is not deployed any more. It has to be asked for anew.", movedWords(r.Why))
	}
	return text("It does not wait for that. %s", status(d))
}

// askedOf names who was asked to approve.
func askedOf(d *delivery.Deployment) bot.Text {
	if d.Approval == nil || len(d.Approval.Ask) == 0 {
		return "an approver of the environment."
	}
	return bot.Textf("%s was asked.", calls(d.Approval.Ask))
}
