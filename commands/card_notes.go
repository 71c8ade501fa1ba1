package commands

import (
	"maps"
	"slices"

	"shipmate/bot"
	"shipmate/delivery"
)

// notes are what people should know beside the plain course: trouble, wishes, what was done instead.
func notes(d *delivery.Deployment) bot.Text {
	return bot.Join("\n", waitingNote(d), deniedNote(d), cancelNote(d), lostNote(d), troubleNote(d), lateNote(d), failureNote(d), retriedNote(d), healthNote(d), recordNote(d), goesBack(d), rolledBackNote(d), glassNote(d))
}

func cancelNote(d *delivery.Deployment) bot.Text {
	switch {
	case d.Cancel == nil:
		return ""
	case d.State == delivery.Succeeded, d.State == delivery.Failed:
		return bot.Textf("%s asked to cancel it at %s, but %s.", bot.User(d.Cancel.By), bot.Clock(d.Cancel.At), unstopped(d))
	case d.State == delivery.Cancelled && d.Run != nil && d.Run.Conclusion == "success":
		return leftOutNote(d)
	case d.State.Ended(), d.Lost == delivery.Unstoppable: // lostNote tells
		return ""
	}
	return bot.Textf("%s asked to cancel it at %s. %s", bot.User(d.Cancel.By), bot.Clock(d.Cancel.At), cancelCourse(d))
}

// unstopped is why a deployment that somebody wanted to stop went on to its end.
func unstopped(d *delivery.Deployment) string {
	if d.Decided.Deployment {
		return "nobody stopped it where it runs"
	}
	return "it had ended before GitHub could stop it"
}

// leftOutNote is about a run that calls itself a success although it was stopped before its end.
func leftOutNote(d *delivery.Deployment) bot.Text {
	var names []bot.Text
	for _, name := range d.LeftOut() {
		names = append(names, bot.Bold(name))
	}
	one := bot.Textf("its job %s was", bot.Join(", ", names...))
	switch {
	case len(names) == 0:
		one = "one of its jobs was"
	case len(names) > 1:
		one = bot.Textf("its jobs %s were", bot.Join(", ", names...))
	}
	return bot.Textf("⚠️ GitHub calls the run a success, but %s not run, so %s may not be on %s.", one, what(d), bot.Bold(d.Environment))
}

// cancelCourse is how far the wish to stop it has come, as far as one knows.
func cancelCourse(d *delivery.Deployment) bot.Text {
	switch {
	case d.Unread != nil && d.Run == nil:
		return "GitHub cannot be asked for its run now, so it may go on and finish; I keep looking, to stop it."
	case d.Unread != nil:
		return "GitHub cannot be asked to stop it now, so the run may go on and finish; I keep asking."
	case d.Run == nil:
		return "I look for its run, to stop that."
	case d.Cancel.Sent.IsZero():
		return "I am asking GitHub to stop it."
	}
	return bot.Textf("GitHub was asked to stop it, last at %s.", bot.Clock(d.Cancel.Sent))
}

func lostNote(d *delivery.Deployment) bot.Text {
	var why bot.Text
	switch d.Lost {
	case delivery.NeverSeen:
		why = bot.Textf("GitHub did not answer clearly when it was started, and no run with the ID %s has appeared.", bot.Code(d.ID))
		if d.Decided.Deployment {
			why = bot.Textf("GitHub did not answer clearly when its deployment was created, and none with the ID %s has appeared.", bot.Code(d.ID))
		}
	case delivery.Unstoppable:
		why = bot.Textf("%s asked to stop it at %s, but GitHub cannot stop what others carry out: stop it where it runs.",
			bot.User(d.Cancel.By), bot.Clock(d.Cancel.At))
	case delivery.RunGone:
		why = "GitHub does not know its run any more: it was deleted, or I may not see it."
		if d.Decided.Deployment {
			why = "GitHub does not know its deployment any more: it was deleted, or I may not see it."
		}
	case delivery.Unreadable:
		why = "GitHub could not be read for too long, so nobody knows how far it is."
	default:
		return missingNote(d)
	}
	if d.State != delivery.Lost {
		return why
	}
	return bot.Textf("%s Look at %s: when nothing runs there, free the place. Until then nothing else is deployed to %s. I keep looking.",
		why, actionsLink(d), bot.Bold(d.Environment))
}

func missingNote(d *delivery.Deployment) bot.Text {
	if d.Missing.IsZero() || d.State.Ended() {
		return ""
	}
	return bot.Textf("GitHub does not show its run since %s. I keep looking.", bot.Clock(d.Missing))
}

func troubleNote(d *delivery.Deployment) bot.Text {
	if d.Unread == nil || d.State.Ended() {
		return ""
	}
	if d.Unread.People {
		return bot.Textf("Slack does not tell since %s who is in which group, so I cannot see who may. I keep trying.", bot.Clock(d.Unread.Since))
	}
	if d.State == delivery.Waiting {
		return bot.Textf("GitHub cannot be read since %s, so its checks are not known: %s I keep trying.", bot.Clock(d.Unread.Since), d.Unread.Why)
	}
	return bot.Textf("GitHub cannot be read since %s, so this may be out of date: %s I keep trying.", bot.Clock(d.Unread.Since), d.Unread.Why)
}

// lateNote says what to check when nothing happens.
func lateNote(d *delivery.Deployment) bot.Text {
	waiting := d.State == delivery.Wanted || d.State == delivery.Dispatching || d.State == delivery.Queued
	if d.Late.IsZero() || !waiting {
		return ""
	}
	if d.Decided.Deployment {
		return bot.Textf("It has not started since %s: nobody has said on GitHub that it does. Does anybody listen to the deployments of %s, "+
			"and is that up?", bot.Clock(d.Created), d.Repo)
	}
	if d.Run == nil {
		return bot.Textf("It has not started since %s: I have seen no run of it yet. Look whether there is one at %s.",
			bot.Clock(d.Created), actionsLink(d))
	}
	return bot.Textf("It has not started since %s. To check in %s: is a runner with the job's labels online and free? Does another run "+
		"hold the same concurrency group? Does the environment wait for an approval?", bot.Clock(d.Created), actionsLink(d))
}

func failureNote(d *delivery.Deployment) bot.Text {
	if d.Failure == nil || d.Failure.Why == "" {
		return ""
	}
	return bot.Plain(d.Failure.Why)
}

func retriedNote(d *delivery.Deployment) bot.Text {
	if d.Retried == nil {
		return ""
	}
	return bot.Textf("%s retried it at %s, as %s.", bot.User(d.Retried.By), bot.Clock(d.Retried.At), bot.Code(d.Retried.ID))
}

// actionsLink is where its run stands on GitHub.
func actionsLink(d *delivery.Deployment) bot.Text {
	if d.Decided.Deployment {
		if d.Run != nil && d.Run.URL != "" {
			return bot.Link(d.Run.URL, "its log")
		}
		return bot.Textf("whatever carries out the deployments of %s", d.Repo)
	}
	if d.Run != nil {
		return bot.Link(d.Run.URL, "the run")
	}
	return bot.Textf("%s in %s on GitHub", bot.Code(d.Decided.Workflow), d.Repo)
}

// linkLine are the places to look at: the run and what the configuration names.
func linkLine(d *delivery.Deployment) bot.Text {
	var links []bot.Text
	if d.Run != nil && d.Run.URL != "" {
		links = append(links, bot.Link(d.Run.URL, logOrRun(d)))
	}
	if d.Site != "" {
		links = append(links, bot.Link(d.Site, d.Environment))
	}
	for _, name := range slices.Sorted(maps.Keys(d.Decided.Links)) {
		links = append(links, bot.Link(d.Decided.Links[name], name))
	}
	return bot.Join(" · ", links...)
}

// logOrRun is what there is to look at while it is deployed.
func logOrRun(d *delivery.Deployment) string {
	if d.Decided.Deployment {
		return "log"
	}
	return "run"
}

// recordNote says that GitHub could not be told of it beside its run.
func recordNote(d *delivery.Deployment) bot.Text {
	if d.Record == nil || d.Record.Why == "" {
		return ""
	}
	return bot.Textf("GitHub's own deployments do not show it: %s", d.Record.Why)
}
