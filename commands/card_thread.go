package commands

import (
	"shipmate/bot"
	"shipmate/delivery"
)

// status is one sentence about where a deployment stands and who brought it there.
func status(d *delivery.Deployment) bot.Text {
	switch {
	case d.Retried != nil:
		return bot.Textf("%s already retried it at %s, as %s.", bot.User(d.Retried.By), bot.Clock(d.Retried.At), bot.Code(d.Retried.ID))
	case d.RolledBack != nil && d.State.Ended():
		return bot.Textf("%s of %s. %s", doing(d), bot.Clock(d.Created), rolledBackNote(d))
	case isUnhealthy(d):
		return bot.Textf("%s is on %s since %s and unhealthy: %s.", what(d), bot.Bold(d.Environment), bot.Clock(d.Ended), d.Health.Why)
	case d.State == delivery.Succeeded:
		return bot.Textf("%s is on %s since %s.", what(d), bot.Bold(d.Environment), bot.Clock(d.Ended))
	case d.State == delivery.Failed:
		return bot.Textf("Deploying %s failed at %s%s.", whatWhere(d), bot.Clock(d.Ended), at(d.Failure))
	case d.State == delivery.Cancelled:
		return bot.Textf("Deploying %s was cancelled%s; it ended at %s.", whatWhere(d), cancelledBy(d), bot.Clock(d.Ended))
	case d.State == delivery.Waiting:
		return bot.Textf("%s waits for %s.", whatWhere(d), waitsFor(d))
	case d.State == delivery.Expired:
		return bot.Textf("%s was not sent: what it waited for had not come by %s.", whatWhere(d), bot.Clock(d.Ended))
	case d.State == delivery.Denied && rejection(d) != nil:
		return bot.Textf("%s was rejected by %s at %s.", whatWhere(d), bot.User(d.Approval.Rejected.By), bot.Clock(d.Approval.Rejected.At))
	case d.State == delivery.Denied:
		return bot.Textf("%s was not sent at %s: a gate had closed.", whatWhere(d), bot.Clock(d.Ended))
	case d.State == delivery.Abandoned:
		return bot.Textf("Deploying %s was given up%s at %s.", whatWhere(d), cancelledBy(d), bot.Clock(d.Ended))
	case d.State == delivery.Lost && d.Lost == delivery.Unstoppable:
		return bot.Textf("%s asked to stop it at %s; it has to be stopped where it runs.", bot.User(d.Cancel.By), bot.Clock(d.Cancel.At))
	case d.State == delivery.Lost:
		return bot.Textf("Nobody knows what became of deploying %s.", whatWhere(d))
	case d.Cancel != nil:
		return bot.Textf("%s asked to cancel it at %s; it has not ended yet.", bot.User(d.Cancel.By), bot.Clock(d.Cancel.At))
	}
	return bot.Textf("%s is being deployed to %s (%s).", what(d), bot.Bold(d.Environment), stateWords(d))
}

// replies are what the card's thread is told, each once: what somebody must notice, since edits notify nobody.
func replies(d *delivery.Deployment) []bot.ThreadReply {
	var out []bot.ThreadReply
	say := func(key string, broadcast bool, m bot.Message) {
		out = append(out, bot.ThreadReply{Key: key, Message: m, Broadcast: broadcast})
	}
	asker := bot.User(d.By)
	if !d.Late.IsZero() && !d.State.Ended() && d.State != delivery.Lost {
		if note := lateNote(d); note != "" {
			say("late", false, text("%s %s", asker, note))
		}
	}
	if d.Glass != nil {
		say("glass", true, text("%s 🔨 %s has broken the glass for %s: %s", calls(d.Glass.Ask), asker, whatWhere(d), d.Reason))
	}
	if d.Approval != nil && !d.Cleared.IsZero() && d.State != delivery.Denied {
		say("approved", false, text("%s, it is approved: %s is on its way.", asker, whatWhere(d)))
	}
	switch d.State {
	case delivery.Waiting:
		if w := d.Closing; w != nil && !d.Warned.IsZero() {
			who := calls([]string{d.By})
			if d.Approval != nil {
				who = bot.Join(" ", calls(d.Approval.Ask), who)
			}
			say("closing", true, text("%s ❄️ %s, and %s waits for %s still.", who, closingWords(w), whatWhere(d), waitsFor(d)))
		}
		if d.Start != nil {
			say("start", false, text("%s, the checks of %s have passed. Start it on the card; it waits until %s.", asker, whatWhere(d), bot.Time(d.Expires)))
		}
	case delivery.Expired:
		say("expired", false, text("%s ⛔ %s was not sent: what it waited for did not come in time.\n%s", asker, whatWhere(d), deniedNote(d)))
	case delivery.Failed:
		say("failed", true, failed(d))
	case delivery.Denied:
		say("denied", false, text("%s ⛔ %s was not sent.\n%s", asker, whatWhere(d), deniedNote(d)))
	case delivery.Lost:
		say("lost", true, bot.Message{Text: bot.Textf("%s ⚠️ Deploying %s: %s", asker, whatWhere(d), lostNote(d)), Buttons: offers(d)})
	case delivery.Abandoned:
		say("abandoned", false, text("%s, deploying %s was given up%s: what became of it is not known.", asker, whatWhere(d), cancelledBy(d)))
	case delivery.Cancelled:
		if d.Cancel == nil || d.Cancel.By != d.By || d.Waited() > mentionAfter {
			say("cancelled", false, text("%s, deploying %s was cancelled%s.", asker, whatWhere(d), cancelledBy(d)))
		}
	case delivery.Succeeded:
		if d.Waited() > mentionAfter {
			say("succeeded", false, text("%s, %s is on %s after %s.", asker, what(d), bot.Bold(d.Environment), took(d.Took(d.Ended))))
		}
	}
	if isUnhealthy(d) {
		say("unhealthy", true, unhealthy(d))
	}
	if d.Cancel != nil && (d.State == delivery.Succeeded || d.State == delivery.Failed) {
		say("uncancelled", false, text("%s, it could not be cancelled any more: %s. %s",
			mentions(d.Cancel.By, d.By), unstopped(d), status(d)))
	}
	return out
}

func mentions(ids ...string) bot.Text {
	var out []bot.Text
	seen := map[string]bool{}
	for _, id := range ids {
		if !seen[id] {
			out = append(out, bot.User(id))
		}
		seen[id] = true
	}
	return bot.Join(", ", out...)
}

// failed tells a failure with everything one needs to begin: where, the last lines of the log, and the link.
func failed(d *delivery.Deployment) bot.Message {
	m := text("%s ❌ Deploying %s failed%s.", bot.User(d.By), whatWhere(d), at(d.Failure))
	f := d.Failure
	if f == nil {
		return m
	}
	if f.Why != "" {
		m.Parts = append(m.Parts, bot.Section(bot.Plain(f.Why)))
	}
	if len(f.Log) > 0 {
		m.Parts = append(m.Parts, bot.Section(bot.Block(f.Log...)))
	}
	if f.URL != "" {
		m.Parts = append(m.Parts, bot.Small(bot.Link(f.URL, "The whole log")))
	}
	return m
}
