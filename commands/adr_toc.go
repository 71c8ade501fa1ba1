package commands

import (
	"context"
	"slices"

	"shipmate/adr"
	"shipmate/bot"
)

// A table of contents shows the newest: so many lines, of so many characters together, as a message holds (bot, maxMessage). All of it is a
// file for people's own page.
const (
	maxContents      = maxListed
	maxContentsWords = 11_000
)

func adrTOC(d Deps) bot.Command {
	return bot.Command{
		Name:     "adr toc",
		Args:     "[in <log>]",
		Short:    "Show the table of contents of the decisions",
		Long:     "By number, each with its status. For a page in the repository, " + "`shipmate adr toc DIR`" + " writes it as Markdown.",
		Examples: []string{"adr toc"},
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
			return bot.Reply{Message: contentsMessage(book)}, nil
		},
	}
}

func contentsMessage(book *adr.Book) bot.Message {
	m := text("📐 %s of %s", decisionCount(len(book.Records), "decision"), logText(book))
	m.Parts = staleParts(book)
	var lines []bot.Text
	for _, e := range slices.Backward(book.Records[max(0, len(book.Records)-maxContents):]) {
		lines = append(lines, entryLine(book, e))
	}
	lines = whatFits(lines, maxContentsWords)
	slices.Reverse(lines)
	if before := len(book.Records) - len(lines); before > 0 {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("%d more stand before; %s", before, bot.Link(book.DirURL(), "see all on GitHub"))))
	}
	m.Parts = append(m.Parts, lined("", lines)...)
	return m
}
