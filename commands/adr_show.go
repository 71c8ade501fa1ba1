package commands

import (
	"context"
	"errors"

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
			var refused *adr.Refused
			switch {
			case errors.As(err, &refused) && refused.Code == adr.NoProposal:
			case err != nil:
				return bot.Reply{}, adrRefusal(err)
			case !p.State.Ended():
				tally, err := d.Decisions.Tally(ctx, p)
				if err != nil {
					return bot.Reply{}, err
				}
				return bot.Reply{Message: decisionView(p, tally).Message}, nil
			}
			log, err := whichLog(ctx, d, req)
			if err != nil {
				return bot.Reply{}, err
			}
			n := 0
			if p != nil {
				n = p.Number
			} else {
				n = atoi(req.Arg("decision"))
			}
			book, err := d.Decisions.Book(ctx, log)
			if err != nil {
				return bot.Reply{}, passing(err)
			}
			e, ok := book.Get(n)
			switch {
			case !ok && p != nil: // closed without being merged, or not read yet
				return bot.Reply{Message: bot.Message{Text: decisionHeadline(p), Parts: []bot.Part{bot.Small(decisionFacts(p))}}}, nil
			case !ok:
				return bot.Reply{}, adrRefusal(&adr.Refused{Code: adr.NoNumber, Number: n})
			}
			return bot.Reply{Message: recordMessage(book, e)}, nil
		},
	}
}

// recordMessage is a record as it stands on its branch.
func recordMessage(book *adr.Book, e adr.Entry) bot.Message {
	m := text("📐 %s: %s · *%s*", bot.Bold("ADR-"+itoa(e.Number)), bot.Link(book.URL(e), e.Title), string(e.Status))
	for _, l := range e.Links {
		m.Parts = append(m.Parts, bot.Section(bot.Textf("%s %s", l.Type, bot.Bold("ADR-"+itoa(l.Number)))))
	}
	for _, s := range adr.Parse(e.File, e.Content).Sections {
		if s.Heading == "Status" || s.Text == "" {
			continue
		}
		m.Parts = append(m.Parts, bot.Section(bot.Textf("%s\n%s", bot.Bold(s.Heading), cutTo(s.Text, 1500))))
	}
	if e.Date != "" {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("%s · %s", e.Date, string(book.Log.Repo))))
	}
	m.Parts = append(m.Parts, staleParts(book)...)
	return m
}
