package commands

import (
	"shipmate/adr"
	"shipmate/bot"
)

// DecisionNote is what a person is told about a proposal.
func DecisionNote(n adr.Note) bot.Message {
	p := n.Proposal
	if n.Kind == adr.NoteTaken {
		m := text("⚠️ Your pull request #%d adds %s. %s", n.Pull, bot.Code(cutTo(n.Problem.File, 100)), cutTo(n.Problem.Text, 300))
		m.Parts = append(m.Parts, bot.Small("Renumber does that in a commit on your branch. From then on thumbs decide it."))
		m.Buttons = []bot.Button{{Label: "Renumber", Line: "adr adopt " + itoa(n.Pull) + " in " + n.Log, Style: bot.Primary}, {Label: "Read on GitHub", URL: n.URL}}
		return m
	}
	m := text("%s", decisionHeadline(p))
	switch n.Kind {
	case adr.NoteWaits:
		m = text("📐 %s waits for your thumb: %s", bot.User(p.By), decisionName(p))
		m.Buttons = thumbButtons(p)
	case adr.NoteReady:
		m = text("👍 %s · you can merge it: it has its thumbs, and its checks pass", decisionName(p))
		m.Buttons = []bot.Button{mergeButton(p)}
	default:
		if why := endingText(p); why != "" {
			m.Parts = append(m.Parts, bot.Section(why))
		}
	}
	if p.Pull != nil {
		m.Buttons = append(m.Buttons, bot.Button{Label: "Read on GitHub", URL: p.Pull.URL})
	}
	return m
}

// DecisionNews is what a channel is told of a decision that was made.
func DecisionNews(n adr.Note) bot.Message {
	p := n.Proposal
	m := text("%s, proposed by %s", decisionHeadline(p), bot.User(p.By))
	if older := supersedesText("It supersedes", p); older != "" && p.State == adr.Accepted {
		m.Parts = append(m.Parts, bot.Section(older))
	}
	if why := endingText(p); why != "" {
		m.Parts = append(m.Parts, bot.Section(why))
	} else if p.Decision != "" {
		m.Parts = append(m.Parts, bot.Section(quoted(cutTo(firstLine(p.Decision), 300))))
	}
	if p.Pull != nil {
		m.Buttons = []bot.Button{{Label: "Read on GitHub", URL: p.Pull.URL}}
	}
	return m
}
