package commands

import (
	"errors"
	"strconv"
	"strings"

	"shipmate/bot"
	"shipmate/delivery"
)

// refusal turns a domain's "no" into words; any other error is left as it is, except that what goes away by itself says so.
func refusal(err error) error { return refusalTo("", err) }

// refusalTo is refusal in words for that asker, a Slack ID: what they did themselves is told them so.
func refusalTo(asker string, err error) error {
	var r *delivery.Refused
	if !errors.As(err, &r) {
		return passing(err)
	}
	m := refusalMessage(r)
	if r.Code == delivery.SlotTaken && r.By == asker {
		m = slotTakenByYou(r)
	}
	return &bot.Refusal{Code: string(r.Code), Message: m}
}

// unchanged ends the sentence of an error after which the same may be asked again, since nothing came of it.
const unchanged = "nothing was changed."

// later is an error that goes away by itself.
type later struct {
	error
	words string
}

// UserMessage adds when to try again.
func (l *later) UserMessage() string { return l.words + " Please try again in a minute." }

// Unwrap gives the error itself.
func (l *later) Unwrap() error { return l.error }

func passing(err error) error {
	var user bot.UserError
	if errors.As(err, &user) && strings.HasSuffix(user.UserMessage(), unchanged) {
		return &later{error: err, words: user.UserMessage()}
	}
	return err
}

// refusalMessage says why not, who or what made it so, and what to do.
func refusalMessage(r *delivery.Refused) bot.Message {
	if len(r.Gates) > 0 && r.Code != delivery.SlotTaken && r.Code != delivery.AlreadyRunning && r.Code != delivery.AlreadyWaiting {
		return shut(r)
	}
	switch r.Code {
	case delivery.NoService:
		return text("There is no service %s.", bot.Code(r.Service))
	case delivery.NotDeployedThere:
		return notDeployedThere(r)
	case delivery.InvalidInputs:
		return invalidInputs(r)
	case delivery.NoRef:
		return bot.Message{Text: noRef(r)}
	case delivery.WorkflowMissing:
		return text("%s cannot be deployed: %s has no workflow %s on its default branch that I can see. Add it, or name the right "+
			"one under services.%s.deploy.workflow in the configuration.", bot.Bold(r.Service), r.Repo, bot.Code(r.Workflow), r.Service)
	case delivery.WorkflowMistakes:
		return workflowMistakes(r)
	case delivery.SlotTaken:
		return slotTaken(r)
	case delivery.AlreadyRunning:
		return bot.Message{Text: alreadyRunning(r)}
	case delivery.AlreadyWaiting:
		return alreadyWaiting(r)
	case delivery.TooManyWaiting:
		return text("Too many deployments of %s wait for %s already. It clears when some of them start or are withdrawn.", bot.Bold(r.Service), bot.Bold(r.Environment))
	case delivery.NothingWaiting:
		return text("No deployment of %s waits for %s.", bot.Bold(r.Service), bot.Bold(r.Environment))
	case delivery.NotWaiting, delivery.OwnVote, delivery.AuthorVote, delivery.AuthorUnknown, delivery.AlreadyVoted, delivery.NotYours, delivery.ApprovalVoid:
		return notVoted(r)
	case delivery.AlreadyGoingBack, delivery.NothingToUndo, delivery.NothingGood, delivery.NeverGood, delivery.GoesNowhere, delivery.NotThereAnyMore,
		delivery.NotVetoed:
		return notRolledBack(r)
	case delivery.NoGlass, delivery.GlassNotNeeded, delivery.ReviewOpen, delivery.NoReview, delivery.OwnReview, delivery.AlreadySigned:
		return notBroken(r)
	case delivery.NoSource, delivery.SamePlace, delivery.NothingToPromote, delivery.SourceMoved:
		return notPromoted(r)
	case delivery.NoServiceOf:
		return text("%s is the repository of no service that is configured.", bot.Code(r.Repo))
	case delivery.NoCommit:
		return noCommit(r)
	case delivery.NothingRunning:
		return text("Nothing is being deployed in %s for %s.", bot.Bold(r.Environment), bot.Bold(r.Service))
	case delivery.AlreadyLocked:
		m := text("%s is locked already, by %s since %s%s", lockedWhat(r.Lock), bot.User(r.By), bot.Time(r.Since), lockReason(r.Lock))
		m.Buttons = []bot.Button{{Label: "Unlock", Line: unlockLine(r.Lock)}}
		return m
	case delivery.LockOfAnother:
		return text("%s was locked by %s %s, so only they can say that it is needed%s", lockedWhat(r.Lock), bot.User(r.By), bot.Time(r.Since), lockReason(r.Lock))
	case delivery.NothingInTheWay, delivery.NotInLine, delivery.NotYourTurn:
		return outOfLine(r)
	case delivery.AlreadyFrozen:
		m := text("%s is frozen already, by %s since %s: %s", frozenWhat(r.Environment), bot.User(r.By), bot.Time(r.Since), r.Freeze.Reason)
		m.Buttons = []bot.Button{{Label: "Thaw", Line: thawLine(r.Environment)}}
		return m
	case delivery.NotFrozen:
		return text("Nobody has frozen %s. %s lists what is frozen, also by the configuration.", frozenIn(r.Environment), bot.Code("/deploy freezes"))
	case delivery.NoEnvironment:
		return text("There is no environment %s. There is %s.", bot.Code(r.Environment), words(r.Environments, "and"))
	case delivery.NotLocked:
		return text("%s is not locked. %s lists what is.", lockedWhat(&delivery.Lock{Service: r.Service, Environment: r.Environment}), bot.Code("/deploy locks"))
	case delivery.NoProduction:
		return noProduction(r)
	case delivery.NoWatch:
		return text("That pipeline is not watched any more. %s shows how it stands.", bot.Code("/pipeline <service>"))
	case delivery.NothingToRerun, delivery.AlreadyRerun:
		return notRerun(r)
	case delivery.NoDeployment:
		return bot.Message{Text: "There is no such deployment. /deploy history shows those there are.",
			Buttons: []bot.Button{{Label: "History", Line: "deploy history"}}}
	}
	return tooLateOrEarly(r)
}

// tooLateOrEarly are the refusals about a deployment that stands otherwise than the asker thinks.
func tooLateOrEarly(r *delivery.Refused) bot.Message {
	d := r.Deployment
	switch r.Code {
	case delivery.AlreadyEnded:
		return bot.Message{Text: bot.Textf("Too late to cancel. %s", status(d))}
	case delivery.MovedOn:
		return bot.Message{Text: bot.Textf("That button is out of date. %s", status(d))}
	case delivery.AlreadyCancelled:
		if d.Lost == delivery.Unstoppable {
			return bot.Message{Text: lostNote(d), Buttons: offers(d)}
		}
		return text("%s asked to cancel %s at %s. %s", bot.User(r.By), whatWhere(d), bot.Clock(r.Since), cancelCourse(d))
	case delivery.NotEnded:
		return bot.Message{Text: bot.Textf("%s is still under way; it can be retried when it has ended.", what(d)),
			Buttons: offers(d)}
	case delivery.AlreadyRetried:
		return text("%s already retried it at %s, as %s.", bot.User(r.By), bot.Clock(r.Since), bot.Code(d.Retried.ID))
	case delivery.NothingToRetry:
		return text("There is nothing to retry: %s", status(d))
	}
	return text("That cannot be done (%s).", string(r.Code))
}

func text(format string, args ...any) bot.Message {
	return bot.Message{Text: bot.Textf(format, args...)}
}

func notDeployedThere(r *delivery.Refused) bot.Message {
	if len(r.Environments) == 0 {
		return text("%s is not deployed anywhere: the configuration names no environments for it.", bot.Bold(r.Service))
	}
	return text("%s is not deployed to %s. It is deployed to %s.", bot.Bold(r.Service), bot.Code(r.Environment), words(r.Environments, "and"))
}

func workflowMistakes(r *delivery.Refused) bot.Message {
	m := text("%s cannot be deployed yet: %s in %s does not declare what Shipmate needs to find its run and deploy one commit.",
		bot.Bold(r.Service), bot.Code(r.Workflow), r.Repo)
	var lines []bot.Text
	for _, mistake := range r.Mistakes {
		lines = append(lines, bot.Textf("• %s", mistake))
	}
	m.Parts = []bot.Part{bot.Section(bot.Join("\n", lines...)),
		bot.Small("deploy/example/deploy.yml in Shipmate's repository is a workflow that works.")}
	return m
}

func noRef(r *delivery.Refused) bot.Text {
	if r.Why != "" {
		return bot.Textf("%s cannot be a branch, tag or commit: %s.", bot.Code(r.Ref), r.Why)
	}
	t := bot.Textf("%s has no branch, tag or commit %s.", r.Repo, bot.Code(r.Ref))
	var near []bot.Text
	for _, name := range r.Near {
		near = append(near, bot.Code(name))
	}
	if len(near) == 0 {
		return t
	}
	return bot.Textf("%s Did you mean %s?", t, bot.Join(" or ", near...))
}

// slotTakenByYou is slotTaken to whoever took it.
func slotTakenByYou(r *delivery.Refused) bot.Message {
	d := r.Deployment
	m := text("You are already deploying %s, since %s (%s). One at a time; try again when it has ended.",
		whatWhere(d), bot.Clock(r.Since), stateWords(d))
	if d.State == delivery.Lost {
		m = text("You are deploying %s since %s, and nobody knows what became of it. Look on GitHub; when nothing runs there, free the place.",
			whatWhere(d), bot.Clock(r.Since))
	}
	m.Buttons = append(offers(d), notifyButton(r)...)
	return m
}

func slotTaken(r *delivery.Refused) bot.Message {
	d := r.Deployment
	m := text("%s is already deploying %s, since %s (%s). One at a time; try again when it has ended.",
		bot.User(r.By), whatWhere(d), bot.Clock(r.Since), stateWords(d))
	if d.State == delivery.Lost {
		m = text("%s is deploying %s since %s, and nobody knows what became of it. Look on GitHub; when nothing runs there, free the place.",
			bot.User(r.By), whatWhere(d), bot.Clock(r.Since))
	}
	m.Buttons = append(offers(d), notifyButton(r)...)
	return m
}

// notRerun says why nothing is run again, and how it stands instead.
func notRerun(r *delivery.Refused) bot.Message {
	now := bot.Text("")
	if r.Pipeline != nil {
		now = bot.Textf("It stands so now: %s.", pipelineHeadline(r.Pipeline))
	}
	switch {
	case r.Code == delivery.NothingToRerun:
		return text("There is nothing to run again that has ended. %s", now)
	case r.By == "":
		return text("It was run again on GitHub at %s. %s", bot.Clock(r.Since), now)
	}
	return text("%s already ran it again at %s. %s", bot.User(r.By), bot.Clock(r.Since), now)
}

func alreadyRunning(r *delivery.Refused) bot.Text {
	by := bot.Text("")
	if r.By != "" {
		by = bot.Textf(", deployed by %s", bot.User(r.By))
	}
	since := bot.Text("")
	if !r.Since.IsZero() {
		since = bot.Textf(" since %s", bot.Time(r.Since))
	}
	return bot.Textf("%s already runs %s in %s%s%s.", bot.Bold(r.Service), bot.Code(r.Commit.Short()), bot.Bold(r.Environment), since, by)
}

// words lists names: "a, b and c".
func words(names []string, last string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
}

func itoa(n int) string { return strconv.Itoa(n) }

// atoi is a number that was checked before; 0 for anything else.
func atoi(s string) int { n, _ := strconv.Atoi(s); return n }
