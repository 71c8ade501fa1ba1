package commands

import (
	"context"

	"shipmate/adr"
	"shipmate/bot"
)

func adrShow(d Deps) bot.Command {
	return bot.Command{
		Name:     "adr show",
		Args:     "<decision> [in <log>]",
		Short:    "Show a decision",
		Examples: []string{"adr show #12"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			p, err := whichProposal(ctx, d, req)
			if isDecided(err) {
				return showRecord(ctx, d, req, nil)
			}
			if err != nil {
				return bot.Reply{}, adrRefusal(err)
			}
			if p.State.Ended() {
				return showRecord(ctx, d, req, p)
			}
			tally, err := d.Decisions.Tally(ctx, p)
			if err != nil {
				return bot.Reply{}, err
			}
			return bot.Reply{Message: decisionView(p, tally).Message}, nil
		},
	}
}

// showRecord shows a record, or how the proposal of it that has ended stands where there is none.
func showRecord(ctx context.Context, d Deps, req bot.Request, p *adr.Proposal) (bot.Reply, error) {
	n, which := atoi(req.Arg("decision")), req
	if p != nil {
		n, which.Args = p.Number, bot.Args{"log": p.Log}
	}
	log, err := whichLog(ctx, d, which)
	if err != nil {
		return bot.Reply{}, err
	}
	book, err := d.Decisions.Book(ctx, log)
	if err != nil {
		return bot.Reply{}, passing(err)
	}
	e, ok := book.Get(n)
	switch {
	case ok:
		return bot.Reply{Message: recordMessage(book, e)}, nil
	case p != nil: // closed without being merged, or not read yet
		return bot.Reply{Message: bot.Message{Text: decisionHeadline(p), Parts: []bot.Part{bot.Small(decisionFacts(p))}}}, nil
	}
	return bot.Reply{}, adrRefusal(&adr.Refused{Code: adr.NoNumber, Number: n})
}

// recordMessage is a record as it stands on its branch.
func recordMessage(book *adr.Book, e adr.Entry) bot.Message {
	m := text("📐 %s: %s · *%s*", bot.Bold("ADR-"+itoa(e.Number)), bot.Link(book.URL(e), bot.Literal(cutTo(e.Title, maxTitle))), statusWord(e.Status))
	m.Parts = staleParts(book)
	var links []bot.Text
	for _, l := range e.Links[:min(len(e.Links), maxOlder)] {
		other := bot.Bold("ADR-" + itoa(l.Number))
		if l.Number == 0 {
			other = bot.Code(cutTo(l.File, 100))
		}
		links = append(links, bot.Textf("%s %s", cutTo(l.Type, 100), other))
	}
	if len(links) > 0 {
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", links...)))
	}
	shown, cut := 0, false
	for _, s := range adr.Parse(e.File, e.Content).Sections {
		if s.Heading == "Status" || s.Text == "" {
			continue
		}
		if cut = shown >= maxSections; cut {
			break
		}
		shown++
		m.Parts = append(m.Parts, bot.Section(bot.Textf("%s\n%s", bot.Bold(cutTo(s.Heading, 100)), cutTo(s.Text, 1500))))
	}
	if cut {
		m.Parts = append(m.Parts, bot.Small("There is more of it on GitHub."))
	}
	if e.Date != "" {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("%s · %s", e.Date, logText(book))))
	}
	m.Buttons = []bot.Button{{Label: "Read on GitHub", URL: book.URL(e)}}
	if e.Status == adr.StatusAccepted {
		m.Buttons = append(m.Buttons, bot.Button{Label: "Supersede…", Line: "adr supersede " + itoa(e.Number) + " in " + book.Log.Name})
	}
	return m
}

// maxSections is how many sections of a record are shown.
const maxSections = 6
