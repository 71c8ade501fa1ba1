// Package commands is what people can ask Shipmate for: one file per command, each a value that translates between words
// and a domain. A command decides nothing and sends nothing; it reads what was typed, asks a domain, and says the answer.
package commands

import (
	"cmp"
	"context"
	"time"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/schedule"
)

// Deps is what commands need. All fields are required.
type Deps struct {
	Delivery  *delivery.Service
	Incidents *incident.Service
	Decisions *adr.Service
	Schedules *schedule.Service
	// Config is the configuration in force.
	Config func() *config.Config
	// Message reads a message, with a link to it; Permalink is only that; Readable is what people wrote, for those who read it
	// elsewhere.
	Message   func(ctx context.Context, channel, ts string) (bot.MessageRef, string, error)
	Permalink func(ctx context.Context, channel, ts string) (string, error)
	// CardAt is where the live message of a record is, see bot.CardAt.
	CardAt   func(ctx context.Context, kind, id string) (channel, ts string, stands bool, err error)
	Readable func(ctx context.Context, text string) string
	// ChannelID finds the ID of a channel that the configuration names, such as "#payments".
	ChannelID func(ctx context.Context, channel string) (string, error)
	// IsPublic tells whether everybody may read a channel, given by ID. An error means that nobody knows, which is a no.
	IsPublic func(ctx context.Context, channel string) (bool, error)
	// TeamsOf lists the teams that a person, a Slack ID, is in.
	TeamsOf func(ctx context.Context, person string) ([]string, error)
	// IsOne tells whether a person, a Slack ID, is one of the principals. An error means that nobody knows, which is a no.
	IsOne func(ctx context.Context, person string, of []config.Principal) (bool, error)
	// ZoneOf is the time zone of a person, a Slack ID. An error means that Slack does not tell.
	ZoneOf func(ctx context.Context, person string) (*time.Location, error)
	Links  *bot.Links
	Checks []Check // what the doctor looks at
	// Now is the time on the clock that everything is on.
	Now func() time.Time
	// WantsOf is what a person chose to hear of, SetWants keeps it.
	WantsOf  func(ctx context.Context, person string) (bot.Wants, error)
	SetWants func(ctx context.Context, person string, w bot.Wants) error
	Version  string // as `shipmate version` says it
}

// All is the table of contents: what people can ask, in the order of help.
func All(d Deps) []bot.Command {
	var all []bot.Command
	all = []bot.Command{
		deploy(d),
		deployPromote(d),
		deployCancel(d),
		deployRetry(d),
		deployRollback(d),
		deployUnveto(d),
		deployBreakGlass(d),
		deployReview(d),
		deployReviews(d),
		deployApprove(d),
		deployReject(d),
		deployStart(d),
		deployWhy(d),
		deployDiff(d),
		deployLock(d),
		deployUnlock(d),
		deployLocks(d),
		deployKeep(d),
		deployNotify(d),
		deployLeave(d),
		deployTake(d),
		deployFreeze(d),
		deployThaw(d),
		deployFreezes(d),
		deployWhere(d),
		deployStatus(d),
		deployHistory(d),
		deployStats(d),
		pipeline(d),
		pipelineWatch(d),
		pipelineRerun(d),
		incidentShow(d),
		incidentNew(d),
		incidentList(d),
		incidentTimeline(d),
		incidentStats(d),
	}
	all = append(all, incidentChanges(d)...)
	all = append(all, incidentEvents(d)...)
	all = append(all, postmortemShow(d), postmortemDue(d), postmortemList(d), postmortemItems(d))
	all = append(all, postmortemChanges(d)...)
	all = append(all,
		onCall(d),
		amIOnCall(d),
		onCallNext(d),
		page(d),
		pageAct(d, "ack", incident.Acknowledge, "Acknowledge a page: you see to it"),
		pageAct(d, "escalate", incident.Escalate, "Have a page call the next level"),
		pageAct(d, "resolve", incident.Resolve, "Resolve a page"),
		pageAdd(d),
		pageNote(d),
		pageAgain(d),
		onCallTake(d),
		onCallGive(d),
		handoverReply(d, "accept", incident.Accept, "Accept to be on call in somebody's place"),
		handoverReply(d, "decline", incident.Decline, "Decline to be on call in somebody's place"),
		handoverReply(d, "undo", incident.Undo, "Take a hand-over back"),
		adrNew(d),
		adrList(d),
		adrShow(d),
		adrTOC(d),
		adrSupersede(d),
		adrAccept(d),
		adrReject(d),
		adrDeprecate(d),
		adrRenumber(d),
		adrAdopt(d),
	)
	all = append(all, adrVotes(d)...)
	all = append(all, scheduleList(d), scheduleShow(d), scheduleAdd(d))
	all = append(all, scheduleChanges(d)...)
	all = append(all, digestStatus(d), digestPreview(d), digestNow(d), digestMute(d), digestUnmute(d), digestSettings(d), digestShown(d))
	all = append(all, debtList(d), debtAdd(d))
	all = append(all, debtDecisions(d)...)
	all = append(all,
		home(d),
		notify(d),
		link(d),
		unlink(d),
		links(d),
		doctor(d),
		help(func() []bot.Command { return all }),
		version(d),
	)
	discreet(d, all)
	return all
}

// Cards says how each kind of record is shown while it lives.
func Cards(d Deps) map[string]bot.Card {
	return map[string]bot.Card{deploymentKind: deploymentCard(d), announcementKind: announcementCard(d), watchKind: watchCard(d),
		PageKind: pageCard(d), handoverKind: handoverCard(d), offerKind: offerCard(d),
		DecisionKind: decisionCard(d), digestKind: digestCard(d),
		newDebtKind: newDebtCard(d), debtDecisionKind: debtDecisionCard(d), reminderKind: reminderCard(d),
		IncidentKind: incidentCard(d), PostmortemKind: postmortemCard(d), newsKind: newsCard(d)}
}

// AtHome are the kinds of cards whose records home tabs tell of.
func AtHome() []string {
	return []string{deploymentKind, IncidentKind, PostmortemKind, DecisionKind}
}

// Kinds says which words the arguments accept, by the arguments' names.
func Kinds() map[string]bot.Kind {
	return map[string]bot.Kind{
		"service":            {Values: services},
		"environment":        {Values: environments, Ask: true},
		"service or all":     {Values: targets, Noun: "service", Missing: "Which service? " + bot.Code(delivery.AllServices) + " is all of them."},
		"reason":             {Missing: "Why? Please add a reason."},
		"duration":           {Parse: parseDuration},
		"environment or all": {Values: places, Noun: "environment", Missing: "Which environment? " + bot.Code(delivery.AllEnvironments) + " is all of them."},
		"when":               {Parse: parseWhen},
		"hour":               {Parse: parseHour},
		"deployment":         {Parse: parseDeployment},
		"answer":             {Parse: parseAnswer},
		"asked":              {Parse: parseAsked},
		"bad":                {Parse: parseBad},
		"n":                  {Parse: parseCount},
		"days":               {Parse: parseDays},
		"person":             {Person: true},
		"provider":           {Values: providers},
		"login":              {Parse: parseLogin},
		"pr":                 {Parse: parsePull},
		"number":             {Parse: parseNumber},
		"link":               {Parse: parseGitHubLink},
		"sha":                {Parse: parseSHA},
		"watch":              {Parse: parseWatch},
		"jobs":               {Values: rerunnableJobs},
		"runs":               {Parse: parseRuns},
		"source environment": {Values: environments},
		"commit":             {Parse: parseCommit},
		"team or service":    {Values: onCallNames, Noun: "team or service"},
		"sure":               {Parse: parseSure},
		"text":               {Missing: "What shall it say?"},
		"message":            {Missing: "What is wrong? Whoever is woken reads it first."},
		"page":               {Parse: parsePage},
		"incident":           {Parse: parseIncident},
		"vacant":             {Parse: parseVacant},
		"source":             {Parse: parseSource},
		"severity":           {Values: severities},
		"status":             {Values: statuses},
		"role":               {Values: roles},
		"handover":           {Parse: parseHandover},
		"span":               {Parse: parseSpan},
		"decision":           {Parse: parseDecision, Noun: "decision", Missing: "Which decision? Such as #12; " + bot.Code("/adr list") + " shows them."},
		"outcome":            {Values: rejections, Noun: "outcome"},
		"log":                {Values: decisionLogs, Noun: "decision log"},
		"why":                {Missing: "What holds it? Please say it in a sentence."},
		"schedule":           {Parse: parseSchedule, Missing: "Which schedule? " + bot.Code("/schedule") + " shows them."},
		"team":               {Values: teams},
		"topic":              {Values: topicWords, Missing: "Of what? " + bot.Code("/shipmate notify") + " lists it."},
		"choice":             {Values: howTold, Missing: "On, off or daily?"},
		"digest":             {Parse: parseDigest},
		"item":               {Parse: parseDebtItem, Noun: "issue", Missing: "Which? Such as " + bot.Code("checkout#12") + "; " + bot.Code("/debt list") + " shows what there is."},
		"reminder":           {Parse: parseReminder},
		"until":              {Parse: parseUntil},
		"times":              {Parse: parseTimes, Missing: "When? Such as " + bot.Code(`"0 9 * * 1-5"`) + ", with quotes, and then the line."},
		"channel":            {Parse: parseChannel},
		"zone":               {Parse: parseZone},
		"missed":             {Values: missedWays},
		"workdays":           {Values: workdayWords},
		"whose":              {Values: whoseSchedules, Noun: "such choice"},
		"line":               {Missing: "Which line shall run? Such as " + bot.Code("deploy status checkout") + "."},
		"long":               {Parse: parseLong, Noun: "length of time", Missing: "For how long? Such as 2h or 1d."},
	}
}

func services(cfg *config.Config, _ bot.Args) []bot.Value {
	var out []bot.Value
	for _, name := range cfg.ServiceNames() {
		out = append(out, bot.Value{Name: name, Aliases: cfg.Services[name].Aliases})
	}
	return out
}

// environments are those of the service that was named before, in the order the configuration gives them; without a
// service all there are.
func environments(cfg *config.Config, args bot.Args) []bot.Value {
	names := cfg.EnvironmentNames()
	if service, ok := cfg.Service(cmp.Or(args["service"], args["service or all"])); ok {
		names = service.Environments
	}
	var out []bot.Value
	for _, name := range names {
		v := bot.Value{Name: name}
		if environment, ok := cfg.Environment(name); ok {
			v.Aliases = environment.Aliases
		}
		out = append(out, v)
	}
	return out
}
