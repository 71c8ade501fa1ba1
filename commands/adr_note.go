package commands

import (
	"shipmate/adr"
	"shipmate/bot"
)

// DecisionNote is what a person is told about a proposal.
func DecisionNote(n adr.Note) bot.Message {
	p := n.Proposal
	if n.Kind == adr.NoteTaken {
		m := text("⚠️ Your pull request #%d adds %s, whose number is taken. %s", n.Pull, bot.Code(n.Problem.File), n.Problem.Text)
		m.Parts = append(m.Parts, bot.Small("Renumber does that in a commit on your branch; thumbs decide it from then on."))
		m.Buttons = []bot.Button{{Label: "Renumber", Line: "adr adopt " + itoa(n.Pull) + " in " + n.Log, Style: bot.Primary}, {Label: "Open on GitHub", URL: n.URL}}
		return m
	}
	m := text("%s", decisionHeadline(p))
	if n.Kind == adr.NoteWaits {
		m = text("📐 %s asked you to look at a decision: %s", bot.User(p.By), decisionName(p))
		m.Buttons = append(m.Buttons, bot.Button{Label: "👍", Line: "adr up " + p.ID}, bot.Button{Label: "👎", Line: "adr down " + p.ID})
	}
	if n.Kind == adr.NoteReady {
		m = text("👍 %s has its thumbs, and its checks pass: you can merge it.", bot.Bold(p.Name()))
		m.Parts = append(m.Parts, bot.Section(bot.Literal(p.Title)))
	}
	if p.Pull != nil {
		m.Buttons = append(m.Buttons, bot.Button{Label: "Open on GitHub", URL: p.Pull.URL})
	}
	return m
}

// DecisionNews is what a channel is told of a decision that was made.
func DecisionNews(n adr.Note) bot.Message {
	p := n.Proposal
	m := text("%s, proposed by %s", decisionHeadline(p), bot.User(p.By))
	for _, o := range p.Supersedes {
		m.Parts = append(m.Parts, bot.Section(bot.Textf("It supersedes %s: %s", bot.Bold("ADR-"+itoa(o.Number)), bot.Literal(o.Title))))
	}
	if p.Decision != "" {
		m.Parts = append(m.Parts, bot.Section(quoted(cutTo(firstLine(p.Decision), 300))))
	}
	if p.Pull != nil {
		m.Buttons = []bot.Button{{Label: "Read on GitHub", URL: p.Pull.URL}}
	}
	return m
}
