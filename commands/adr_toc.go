package commands

import (
	"context"

	"shipmate/adr"
	"shipmate/bot"
)

// maxContents is how many lines of a table of contents are shown: what a message holds. All of it is a file for people's own page.
const maxContents = 100

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
	m := text("📐 %s of *%s*", count(len(book.Records), "decision"), book.Log.Repo)
	var lines []bot.Text
	for _, e := range book.Records[max(0, len(book.Records)-maxContents):] {
		lines = append(lines, entryLine(book, e))
	}
	if before := len(book.Records) - maxContents; before > 0 {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("%d more stand before; %s", before, bot.Link(book.DirURL(), "see all on GitHub"))))
	}
	m.Parts = append(m.Parts, lined("", lines)...)
	m.Parts = append(m.Parts, staleParts(book)...)
	return m
}
