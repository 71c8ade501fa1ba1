package commands

import (
	"slices"
	"strings"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

// gate is what a gate says, in one sentence, and what clears it; the second is empty when it has passed. The same words stand
// in a refusal, on the card and in the answer to why.
func gate(g delivery.Gate, service, environment string) (says, clears bot.Text) {
	switch g.Code {
	case delivery.NotPermitted:
		return bot.Textf("%s may not deploy there.", bot.User(g.By)), bot.Textf("%s can.", principals(g.Who))
	case delivery.InvalidInputs:
		return sentences(g.Mistakes), "Ask for it anew with what may be given."
	case delivery.PermissionUnknown:
		return "Slack does not tell who may deploy there, and who is not known to may not.", "It clears when Slack answers again."
	case delivery.ApprovalsMissing:
		return approvalsWords(g), bot.Textf("%s can approve.", principals(g.Who))
	case delivery.ApprovalVoid:
		return bot.Textf("%s since it was asked for, so what was approved is not what would be deployed now.", movedWords(g.Why)),
			"Ask again for what it is now."
	case delivery.Rejected:
		return bot.Textf("%s rejected it %s: %s.", bot.User(g.By), bot.Time(g.Since), strings.TrimRight(g.Why, ".!")), "It clears when that is settled and it is asked for anew."
	case delivery.StartMissing:
		return bot.Textf("The checks have passed, and %s has not said yet that it starts.", bot.User(g.By)), "It clears when they say so, on its card."
	case delivery.Outdated:
		return "It would go back from what runs there, or leave out some of it.", bot.Textf("Bring it up to date, or use %s.", bot.Code("/deploy rollback "+service+" "+environment))
	case delivery.NotInDefaultBranch:
		return "This commit is not in the default branch.", "It clears when it is merged."
	case delivery.LineageUnread:
		return "GitHub does not tell how this commit lies to what runs there or to the default branch, and what I cannot see has not passed.", "It clears when GitHub can be read; try again in a minute."
	case delivery.NotInOrder:
		switch g.Why {
		case delivery.WasUndone:
			return bot.Textf("%s comes after %s, and this commit was rolled back there.", bot.Bold(environment), bot.Bold(g.Environment)),
				bot.Textf("It clears when %s may have it again and it succeeds there.", g.Environment)
		case delivery.FellIll:
			return bot.Textf("%s comes after %s, and this commit did not stay healthy there.", bot.Bold(environment), bot.Bold(g.Environment)),
				bot.Textf("It clears when it is deployed to %s again and stays healthy.", g.Environment)
		}
		return bot.Textf("%s comes after %s, and this commit has not succeeded there.", bot.Bold(environment), bot.Bold(g.Environment)),
			bot.Textf("Deploy it to %s first.", g.Environment)
	case delivery.Soaking:
		return bot.Textf("It is in %s since %s and must have stood there for some time first.", bot.Bold(g.Environment), bot.Time(g.Since)),
			bot.Textf("It clears %s.", bot.Time(g.Until))
	case delivery.ChecksPending:
		return bot.Textf("%s %s not ended yet; pending is not passed.", codes(g.Checks), have(g.Checks)), "It clears when they have passed."
	case delivery.ChecksFailed:
		return bot.Textf("%s did not pass.", codes(g.Checks)), bot.Textf("%s shows why, and runs it again.", bot.Code("/pipeline "+service))
	case delivery.NoChecks:
		return "Checks must have passed, and this commit has none.", "It clears when there are some, or when the rule says checks: none."
	case delivery.ChecksUnread:
		return "GitHub does not show which checks this commit needs, or not all of them, and what I cannot see has not passed.",
			bot.Textf("%s says which permission is missing.", bot.Code("/shipmate doctor"))
	case delivery.Vetoed:
		return bot.Textf("%s rolled this commit back there %s%s.", bot.User(g.By), bot.Time(g.Since), whyWords(g.Why)),
			bot.Textf("%s lets it be deployed again.", bot.Code("/"+unvetoLine(service, environment, delivery.Commit{SHA: g.Commit})))
	case delivery.StillCancelling:
		return "What is under way there is being cancelled.", "It clears when that has ended."
	case delivery.Frozen:
		return freezeWords(g, environment), freezeClears(g, environment)
	case delivery.IncidentOpen:
		return incidentWords(g), incidentClears(g)
	case delivery.Locked:
		return lockWords(g, environment), lockClears(g, service, environment)
	case delivery.SlotTaken:
		return bot.Textf("%s is deploying there since %s.", bot.User(g.By), bot.Clock(g.Since)), "It clears when that has ended."
	case delivery.AlreadyRunning:
		return "This commit already runs there.", "It can be deployed once more; you are asked."
	case delivery.NotDeployedThere, delivery.NoService:
		return "The configuration has changed and does not let it be deployed there.", "It clears with the configuration."
	}
	return passedGate(g), ""
}

// passedGate says of a gate that has passed what it looked at.
func passedGate(g delivery.Gate) bot.Text {
	switch g.Name {
	case "permission":
		return bot.Textf("%s may deploy there.", bot.User(g.By))
	case "inputs":
		return "The workflow is given what it may be given."
	case "approvals":
		return bot.Textf("Approved by %s.", votes(g.Votes))
	case "start":
		return bot.Textf("%s has said that it starts.", bot.User(g.By))
	case "slot":
		return "Nothing else is being deployed there."
	case "lock":
		return "It is not locked."
	case "outdated":
		return "It is up to date."
	case "veto":
		return "It was not rolled back there."
	case "freeze":
		return "It is not frozen."
	case "incident":
		return "No incident keeps it as it is."
	case "order":
		return bot.Textf("It has succeeded in %s, %s.", bot.Bold(g.Environment), bot.Time(g.Since))
	case "checks":
		return bot.Textf("%s passed.", count(g.Total, "check"))
	}
	return bot.Textf("%s passed.", g.Name)
}

func approvalsWords(g delivery.Gate) bot.Text {
	if len(g.Votes) == 0 {
		return bot.Textf("It needs %s.", count(g.Total, "approval"))
	}
	return bot.Textf("It has %d of %s, by %s.", len(g.Votes), count(g.Total, "approval"), votes(g.Votes))
}

// movedWords says what has changed under an approval.
func movedWords(what string) string {
	switch what {
	case delivery.MovedFrom:
		return "What runs there has changed"
	case delivery.MovedRules:
		return "The rules of the environment have changed"
	}
	return "The workflow or its inputs have changed"
}

// principals names who the configuration names.
func principals(all []config.Principal) bot.Text {
	var names []bot.Text
	for _, p := range all {
		name := bot.Bold(p.Value())
		switch p.Kind() {
		case config.UserPrincipal:
			name = bot.User(p.Value())
		case config.GroupPrincipal:
			name = bot.Textf("@%s", p.Value())
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "Nobody"
	}
	return bot.Join(", ", names...)
}

func lockWords(g delivery.Gate, environment string) bot.Text {
	what := bot.Text("It")
	if g.All {
		what = bot.Textf("Everything on %s", bot.Bold(environment))
	}
	if g.Back {
		return bot.Textf("%s is locked since %s rolled it back %s%s.", what, bot.User(g.By), bot.Time(g.Since), whyWords(g.Why))
	}
	return bot.Textf("%s is locked by %s since %s: %s.", what, bot.User(g.By), bot.Time(g.Since), strings.TrimRight(g.Why, ".!"))
}

func lockClears(g delivery.Gate, service, environment string) bot.Text {
	how := bot.Code("/" + unlockLine(lockOf(g, service, environment)))
	if g.Until.IsZero() {
		return bot.Textf("%s ends it.", how)
	}
	return bot.Textf("It ends %s, or with %s.", bot.Time(g.Until), how)
}

// lockOf is the lock that a gate speaks of, as far as its place goes.
func lockOf(g delivery.Gate, service, environment string) *delivery.Lock {
	if g.All {
		service = ""
	}
	return &delivery.Lock{Service: service, Environment: environment}
}

func whyWords(why string) bot.Text {
	if why == "" {
		return ""
	}
	return bot.Textf(" (%s)", why)
}

// maxNamed is how many checks a sentence names.
const maxNamed = 5

func codes(names []string) bot.Text {
	var out []bot.Text
	for _, name := range names[:min(len(names), maxNamed)] {
		out = append(out, bot.Code(name))
	}
	t := bot.Join(", ", out...)
	if more := len(names) - maxNamed; more > 0 {
		t = bot.Textf("%s and %d more", t, more)
	}
	return t
}

func have(names []string) string {
	if len(names) == 1 {
		return "has"
	}
	return "have"
}

// gateLine is a gate in a list: how it stands, what clears it, and which line of the configuration asks for it.
func gateLine(g delivery.Gate, service, environment string) bot.Text {
	icon := map[delivery.Verdict]string{delivery.Passed: "✅", delivery.NotYet: "⏳", delivery.Closed: "⛔"}[g.Verdict]
	says, clears := gate(g, service, environment)
	line := bot.Join(" ", bot.Textf("%s %s", icon, says), clears)
	if g.At != "" {
		line = bot.Textf("%s (%s)", line, g.At)
	}
	if len(g.Except) > 0 {
		line = bot.Textf("%s %s can make an exception.", line, principals(g.Except))
	}
	return line
}

// shut is the refusal by gates: the first decides, and all that have not passed are told.
func shut(r *delivery.Refused) bot.Message {
	says, clears := gate(r.Gates[0], r.Service, r.Environment)
	m := text("Not deployed: %s %s", says, clears)
	if at := r.Gates[0].At; at != "" {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("%s says so.", at)))
	}
	if except := r.Gates[0].Except; len(except) > 0 {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("%s can make an exception in an emergency: %s", principals(except),
			bot.Code("/deploy break-glass "+r.Service+"@"+r.Commit.Short()+" "+r.Environment+" <reason>"))))
	}
	if rest := r.Gates[1:]; len(rest) > 0 {
		lines := []bot.Text{"Also in the way:"}
		for _, g := range rest {
			lines = append(lines, gateLine(g, r.Service, r.Environment))
		}
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines...)))
	}
	switch first := r.Gates[0]; r.Code {
	case delivery.NotInOrder:
		if first.Why == delivery.WasUndone {
			break
		}
		m.Buttons = []bot.Button{{Label: "Deploy to " + first.Environment, Line: "deploy " + r.Service + "@" + r.Commit.SHA + " " + first.Environment + inputWords(r.Given)}}
	case delivery.Vetoed:
		m.Buttons = []bot.Button{{Label: "Lift the veto", Line: unvetoLine(r.Service, r.Environment, r.Commit),
			Confirm: "Let " + r.Commit.Short() + " be deployed to " + r.Environment + " again?"}}
	case delivery.Frozen:
		if first.By != "" {
			m.Buttons = []bot.Button{{Label: "Thaw", Line: thawLine(placeFrozen(first, r.Environment))}}
		}
	case delivery.IncidentOpen:
		m.Buttons = notifyButton(r)
	case delivery.Locked:
		m.Buttons = []bot.Button{{Label: "Unlock", Line: unlockLine(lockOf(first, r.Service, r.Environment))}}
		m.Buttons = append(m.Buttons, notifyButton(r)...)
	}
	return m
}

// deniedNote says why a deployment was not sent after all.
func deniedNote(d *delivery.Deployment) bot.Text {
	var lines []bot.Text
	for _, g := range d.Denied {
		lines = append(lines, gateLine(g, d.Service, d.Environment))
	}
	return bot.Join("\n", lines...)
}
