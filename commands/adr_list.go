package commands

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/config"
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
	status, byStatus := adr.Status(""), false
	if len(search) == 1 {
		status, byStatus = adr.StatusNamed(search[0])
	}
	var found []adr.Entry
	var what bot.Text
	switch {
	case byStatus:
		found = book.With(status)
		if status != adr.StatusProposed {
			open = nil
		}
		what = bot.Textf("%s in %s", decisionCount(len(found)+len(open), strings.ToLower(string(status))+" decision"), logText(book))
	case len(search) > 0:
		found = book.Search(search)
		open = slices.DeleteFunc(slices.Clone(open), func(p *adr.Proposal) bool { return !p.Has(search) })
		what = bot.Textf("%s of %s with %s", decisionCount(len(found), "decision"), logText(book), bot.Bold(cutTo(strings.Join(search, " "), 100)))
	default:
		found = book.Search(nil)
		what = bot.Textf("%s of %s", decisionCount(len(found), "decision"), logText(book))
	}
	if len(found)+len(open) == 0 && len(search) > 0 && !byStatus {
		m := text("📐 No decision of *%s* has %s in it.", book.Log.Repo, bot.Bold(strings.Join(search, " ")))
		m.Parts = append([]bot.Part{bot.Small(bot.Textf("%s says what else there is.", bot.Code("/adr help")))}, staleParts(book)...)
		return m
	}
	m := text("📐 %s", what)
	m.Parts = staleParts(book)
	var lines []bot.Text
	for _, p := range open[:min(len(open), maxOpen)] {
		lines = append(lines, proposalLine(p))
	}
	if more := len(open) - maxOpen; more > 0 {
		lines = append(lines, bot.Textf("and %d more: %s", more, bot.Code("/adr list <words>")))
	}
	m.Parts = append(m.Parts, lined("*Proposed*", lines)...)
	lines = nil
	for _, e := range found[:min(len(found), maxDecisions)] {
		lines = append(lines, entryLine(book, e))
	}
	lines = whatFits(lines, maxWords)
	more := len(found) - len(lines)
	title := bot.Text("")
	if len(open) > 0 {
		title = "*Decided*"
	}
	m.Parts = append(m.Parts, lined(title, lines)...)
	switch {
	case more > 0:
		m.Parts = append(m.Parts, bot.Small(bot.Textf("and %d more; words narrow it: %s", more, bot.Code("/adr list redis"))))
	case len(found)+len(open) == 0 && len(search) == 0:
		m.Parts = append(m.Parts, bot.Section(bot.Textf("%s proposes the first.", bot.Code("/adr new"))))
	}
	return m
}

const (
	maxOpen  = 10   // proposals that a list shows
	maxWords = 7000 // characters of records in a list, whatever their addresses are like: a message holds some more (bot, maxMessage)
)

// whatFits are the first lines that together have so many characters.
func whatFits(lines []bot.Text, most int) []bot.Text {
	for n, l := range lines {
		if most -= utf8.RuneCountInString(string(l)) + 1; most < 0 {
			return lines[:n]
		}
	}
	return lines
}

// decisionCount is how many there are, at the beginning of a sentence.
func decisionCount(n int, one string) string {
	if n == 0 {
		return "No " + one + "s"
	}
	return count(n, one)
}

// logText names a log: its repository, and its own name where that is not the main one.
func logText(book *adr.Book) bot.Text {
	name := bot.Bold(string(book.Log.Repo))
	if book.Log.Name != config.MainLog {
		name = bot.Textf("%s (%s)", name, book.Log.Name)
	}
	return name
}

// staleParts say that the book is not of now.
func staleParts(book *adr.Book) []bot.Part {
	if book.Stale == nil {
		return nil
	}
	why := bot.Text("Something broke while GitHub was asked.")
	var user bot.UserError
	if errors.As(book.Stale, &user) {
		why = bot.Plain(user.UserMessage())
	}
	return []bot.Part{bot.Small(bot.Textf("⚠️ As of %s: %s", bot.Time(book.AsOf), why))}
}

// proposalLine is a proposal in a list.
func proposalLine(p *adr.Proposal) bot.Text {
	if p.Pull == nil {
		return decisionHeadline(p)
	}
	return bot.Textf("%s · %s", decisionHeadline(p), bot.Link(p.Pull.URL, "#"+itoa(p.Pull.Number)))
}

// entryLine is a record in a list.
func entryLine(book *adr.Book, e adr.Entry) bot.Text {
	return bot.Textf("%s %s · %s", bot.Bold("ADR-"+itoa(e.Number)), bot.Link(book.URL(e), bot.Literal(cutTo(e.Title, maxTitle))), statusWord(e.Status))
}

// statusWord is a record's status in a list.
func statusWord(s adr.Status) string {
	if s == "" {
		return "no status"
	}
	return strings.ToLower(string(s))
}
