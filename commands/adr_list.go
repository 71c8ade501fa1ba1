package commands

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"shipmate/adr"
	"shipmate/bot"
)

func adrList(d Deps) bot.Command {
	return bot.Command{
		Name:     "adr list",
		Also:     []string{"adr", "adr search"},
		Args:     "[in <log>] [<words>...]",
		Short:    "List or search decisions, and what is being proposed",
		Long:     "Words that all stand in a decision find it; one word that is a status, such as accepted, lists those.",
		Examples: []string{"adr list", "adr list superseded", "adr search redis sessions"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			log, err := whichLog(ctx, d, req)
			if err != nil {
				return bot.Reply{}, err
			}
			book, err := d.Decisions.Book(ctx, log)
			if err != nil {
				return bot.Reply{}, passing(err)
			}
			open, err := d.Decisions.OpenProposals(ctx, log.Scope())
			if err != nil {
				return bot.Reply{}, err
			}
			return bot.Reply{Message: decisionsMessage(book, open, strings.Fields(req.Arg("words")))}, nil
		},
	}
}

// maxDecisions is how many a list shows; a longer one is not read in a chat.
const maxDecisions = 20

func decisionsMessage(book *adr.Book, open []*adr.Proposal, search []string) bot.Message {
	found := book.Search(search)
	what := bot.Textf("%s of *%s*", count(len(found), "decision"), book.Log.Repo)
	status, byStatus := adr.Status(""), false
	if len(search) == 1 {
		status, byStatus = adr.StatusNamed(search[0])
	}
	switch {
	case byStatus:
		found = book.With(status)
		what = bot.Textf("%s in *%s*", count(len(found), strings.ToLower(string(status))+" decision"), book.Log.Repo)
		if status != adr.StatusProposed {
			open = nil
		}
	case len(search) > 0:
		what = bot.Textf("%s with %s", what, bot.Bold(strings.Join(search, " ")))
		open = slices.DeleteFunc(slices.Clone(open), func(p *adr.Proposal) bool { return !p.Has(search) })
	}
	m := text("📐 %s", what)
	var lines []bot.Text
	for _, p := range open {
		lines = append(lines, decisionHeadline(p))
	}
	m.Parts = append(m.Parts, lined("*Proposed*", lines)...)
	lines = nil
	for _, e := range found[:min(len(found), maxDecisions)] {
		lines = append(lines, entryLine(book, e))
	}
	title := bot.Text("")
	if len(open) > 0 {
		title = "*Decided*"
	}
	m.Parts = append(m.Parts, lined(title, lines)...)
	if more := len(found) - maxDecisions; more > 0 {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("and %d more; words narrow it: %s", more, bot.Code("/adr list redis"))))
	}
	m.Parts = append(m.Parts, staleParts(book)...)
	return m
}

// staleParts say that the book is not of now.
func staleParts(book *adr.Book) []bot.Part {
	if book.Stale == nil {
		return nil
	}
	return []bot.Part{bot.Small(bot.Textf("⚠️ As of %s: %s", bot.Time(book.AsOf), errorWords(book.Stale)))}
}

// entryLine is a record in a list.
func entryLine(book *adr.Book, e adr.Entry) bot.Text {
	return bot.Textf("%s %s · %s", bot.Bold("ADR-"+strconv.Itoa(e.Number)), bot.Link(book.URL(e), e.Title), string(e.Status))
}
