package commands

import (
	"slices"

	"shipmate/bot"
	"shipmate/delivery"
	"shipmate/incident"
)

// What a home tab shows at most of each; the rest is a command away.
const (
	maxHomeServices  = 15
	maxHomeRunning   = 10
	maxHomeIncidents = 5
)

// mine is how the services of the person's teams stand; everybody's, where they are in no team that has any.
func (t *homeTab) mine() []delivery.Standing {
	if mine := t.ofTeams(); len(mine) > 0 {
		return mine
	}
	return t.All
}

func (t *homeTab) ofTeams() []delivery.Standing {
	names := t.services()
	return slices.DeleteFunc(slices.Clone(t.All), func(s delivery.Standing) bool { return !slices.Contains(names, s.Service) })
}

// serviceParts are the incidents that are open, what is being deployed and what runs where.
func (t *homeTab) serviceParts() []bot.Part {
	out := append(t.incidentParts(), running(t.All)...)
	title := bot.Text("*What runs where, of your teams*")
	if len(t.ofTeams()) == 0 {
		title = "*What runs where*"
	}
	return append(append(out, bot.Section(title)), someStandings(t.mine())...)
}

// incidentParts are the incidents that are open on the person's services. One that names no service concerns everybody.
func (t *homeTab) incidentParts() []bot.Part {
	names := t.services()
	mine := slices.DeleteFunc(slices.Clone(t.Incidents), func(i *incident.Incident) bool {
		return len(names) > 0 && !ofTheirs(i.Services, names) || !concerns(i, bot.Request{User: t.User})
	})
	if len(mine) == 0 {
		return nil
	}
	lines := []bot.Text{"*Incidents*"}
	for _, i := range mine[:min(len(mine), maxHomeIncidents)] {
		lines = append(lines, incidentLine(i, true))
	}
	if more := len(mine) - maxHomeIncidents; more > 0 {
		lines = append(lines, bot.Textf("and %d more: %s", more, bot.Code("/incident list")))
	}
	return []bot.Part{bot.Section(bot.Join("\n", lines...)), bot.Divider()}
}

// running lists what is being deployed now or waits for that, everybody's.
func running(all []delivery.Standing) []bot.Part {
	var lines []bot.Text
	for _, s := range all {
		if s.Under != nil {
			lines = append(lines, bot.Textf("%s %s by %s since %s: %s", icon(s.Under.State), whatWhere(s.Under), bot.User(s.Under.By),
				bot.Clock(s.Under.Created), stateWords(s.Under)))
		}
		for _, d := range s.Waiting {
			lines = append(lines, bot.Textf("%s %s by %s since %s: waits for %s", icon(d.State), whatWhere(d), bot.User(d.By), bot.Clock(d.Created), waitsFor(d)))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	if more := len(lines) - maxHomeRunning; more > 0 {
		lines = append(lines[:maxHomeRunning], bot.Textf("and %d more", more))
	}
	return []bot.Part{bot.Section(bot.Join("\n", append([]bot.Text{"*Being deployed, or waiting*"}, lines...)...)), bot.Divider()}
}

// someStandings is one paragraph per service, as far as a home tab goes.
func someStandings(mine []delivery.Standing) []bot.Part {
	m := statusMessage(mine)
	if len(mine) == 0 {
		return []bot.Part{bot.Section(m.Text)}
	}
	more := len(m.Parts) - maxHomeServices
	if more <= 0 {
		return m.Parts
	}
	return append(m.Parts[:maxHomeServices], bot.Small(bot.Textf("And %s: %s", count(more, "more service"), bot.Code("/deploy status"))))
}
