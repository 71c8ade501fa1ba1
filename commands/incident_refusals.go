package commands

import (
	"errors"
	"slices"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/incident"
)

// incidentRefusal puts a *incident.Refused into words; other errors keep their own.
func incidentRefusal(err error) error {
	return whichRefusal(err, "")
}

// whichRefusal is incidentRefusal; a question which incident is meant offers the command for those that are open.
func whichRefusal(err error, command string) error {
	var r *incident.Refused
	var none *noIncident
	switch {
	case errors.As(err, &r):
		return &bot.Refusal{Code: string(r.Code), Message: incidentRefused(r)}
	case errors.As(err, &none):
		return none.refusal(command)
	}
	return passing(err)
}

// incidentRefusalTo is incidentRefusal in words for whoever asked: what is about themselves is told them so.
func incidentRefusalTo(req bot.Request, err error) error {
	var r *incident.Refused
	if !errors.As(err, &r) || r.Code != incident.NotLinked || r.Person != req.User {
		return incidentRefusal(err)
	}
	return &bot.Refusal{Code: string(r.Code), Message: youNotLinked(r, req.Config.Slack.Admins)}
}

func incidentRefused(r *incident.Refused) bot.Message {
	if m, ok := postmortemRefused(r); ok {
		return m
	}
	switch r.Code {
	case incident.NoPagerDuty:
		return text("Shipmate has no key for PagerDuty, so it neither knows who is on call nor can page. Whoever runs Shipmate sets %s.", bot.Code("PAGERDUTY_TOKEN"))
	case incident.NoSubject:
		return text("There is no team or service of that name.")
	case incident.NoRota:
		return noRota(r)
	case incident.NotLinked:
		return notLinked(r)
	case incident.NobodyToPage:
		return text("Nobody is on call for %s, and it has no escalation policy, so a page would call nobody. Page one person: %s", subjectName(r.Subject),
			bot.Code("/page @… <message>"))
	case incident.NoPageService:
		return text("%s cannot be paged: PagerDuty opens pages on a service, and the configuration names none. Set %s or a service's %s.", subjectName(r.Subject),
			bot.Code("pagerduty.service"), bot.Code("pagerduty_service"))
	case incident.EmptyMessage:
		return text("What is wrong? Whoever is woken reads the message first.")
	case incident.NotAnyMore:
		return text("Nothing is to be done any more. %s", pageStatus(r.Page))
	case incident.AlreadyDone:
		return text("Somebody was faster. %s", pageStatus(r.Page))
	case incident.WasSent:
		return text("That page was sent, so it is not sent again. %s", pageStatus(r.Page))
	case incident.PagedAgain:
		return text("Somebody has paged again already: %s.", bot.Code(r.Page.Again))
	case incident.NotYet:
		return text("Not yet: PagerDuty does not show the page. %s", pageStatus(r.Page))
	case incident.TooMuch:
		return text("Not taken, try again: PagerDuty has not done yet what was asked for before. %s", pageStatus(r.Page))
	case incident.BadSpan:
		return text("A shift lasts from a minute to %s.", spell(incident.MaxHandover))
	case incident.NotOnCall:
		return text("You are not on call there, so there is nothing to give. %s shows who is.", bot.Code("/oncall"))
	case incident.OnCallAlready:
		return text("You are on call already until %s, so there is nothing to take.", bot.Time(r.Until))
	case incident.WhichSchedule:
		var names []bot.Text
		for _, s := range r.Schedules {
			names = append(names, bot.Link(s.URL, s.Name))
		}
		return text("You are on call for %s. Say which: %s", listed(names, "and"), bot.Code("/oncall give @… <team or service> for 2h"))
	case incident.NoSchedule:
		return text("%s has no schedule on PagerDuty whose shifts could change hands.", subjectName(r.Subject))
	case incident.NoTitle:
		return text("What is wrong? An incident needs a sentence that says so.")
	case incident.NoSeverity:
		return text("There is no severity %s.", bot.Code(r.Word))
	case incident.NoStatus, incident.NoRole:
		return text("%s is not known here.", bot.Code(r.Word))
	case incident.TooManyServices:
		return text("An incident names up to %d services: those that matter most for finding the cause.", incident.MaxServices)
	case incident.RoleTaken:
		return text("%s is %s already. To take over: %s", bot.User(r.Person), r.Word, bot.Code("/incident role #"+itoa(r.Incident.Number)+" "+r.Word+" me"))
	case incident.NoReason:
		return text("Why? Please add a reason.")
	case incident.IsOver:
		return text("%s is resolved. %s opens it again.", bot.Bold(r.Incident.Name()), bot.Code("/incident reopen #"+itoa(r.Incident.Number)+" <reason>"))
	case incident.AlreadySo:
		if r.Subject.Name != "" {
			return concernedSo(r)
		}
		return text("It stands so already: %s", incidentHeadline(r.Incident))
	case incident.NotYours:
		return text("That is for %s to say. %s", personName(r.Handover.To), handoverHeadline(r.Handover))
	case incident.OfferGone:
		return text("That is settled. %s", handoverHeadline(r.Handover))
	}
	return text("It was refused: %s.", string(r.Code))
}

// concernedSo says how a service stands to an incident already.
func concernedSo(r *incident.Refused) bot.Message {
	var names []bot.Text
	for _, name := range r.Incident.Services {
		names = append(names, bot.Bold(name))
	}
	switch {
	case slices.Contains(r.Incident.Services, r.Subject.Name):
		return text("%s is among the services of %s already.", subjectName(r.Subject), bot.Bold(r.Incident.Name()))
	case len(names) == 0:
		return text("%s is not among the services of %s: it names none.", subjectName(r.Subject), bot.Bold(r.Incident.Name()))
	}
	return text("%s is not among the services of %s: it names %s.", subjectName(r.Subject), bot.Bold(r.Incident.Name()), listed(names, "and"))
}

func noRota(r *incident.Refused) bot.Message {
	if r.Subject.Name == "" {
		return text("Nobody is on call for anything that I know of: the configuration names no %s, %s or %s.", bot.Code("schedule"),
			bot.Code("escalation_policy"), bot.Code("pagerduty_service"))
	}
	return text("Who is on call for %s is not known: the configuration does not say where it is on PagerDuty. A team takes %s or %s, a service %s.",
		subjectName(r.Subject), bot.Code("escalation_policy"), bot.Code("schedule"), bot.Code("pagerduty_service"))
}

func notLinked(r *incident.Refused) bot.Message {
	t := bot.Textf("I do not know who %s is on PagerDuty: nobody there has their e-mail address.", bot.User(r.Person))
	if r.Claim != "" {
		t = bot.Textf("%s They say they are %s, which somebody else has to confirm.", t, bot.Code(r.Claim))
	}
	return bot.Message{Text: bot.Textf("%s An admin can say so: %s", t, saysWhose(r))}
}

// youNotLinked is notLinked for the person themselves. What they tried may be kept, which is nobody else's to know.
func youNotLinked(r *incident.Refused, admins []config.Principal) bot.Message {
	t := bot.Text("You have no account on PagerDuty that is known to be yours: nobody there has your e-mail address.")
	if r.Claim != "" {
		t = bot.Textf("%s You say you are %s, which somebody else has to confirm.", t, bot.Code(r.Claim))
	}
	who := bot.Text("An admin")
	if len(admins) > 0 {
		who = bot.Textf("An admin (%s)", principals(admins))
	}
	t = bot.Textf("%s %s can say which is yours: %s", t, who, saysWhose(r))
	if r.Kept {
		t = bot.Textf("%s What you tried is done then, if that is within %s.", t, took(incident.WishFor))
	}
	return bot.Message{Text: t}
}

// saysWhose is how somebody is linked; Slack shows no mention inside code.
func saysWhose(r *incident.Refused) bot.Text {
	return bot.Textf("%s %s %s.", bot.Code("/shipmate link"), bot.User(r.Person), bot.Code("pagerduty <e-mail>"))
}
