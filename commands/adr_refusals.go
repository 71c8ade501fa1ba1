package commands

import (
	"errors"
	"strings"

	"shipmate/adr"
	"shipmate/bot"
)

// adrRefusal puts a *adr.Refused into words; other errors keep their own.
func adrRefusal(err error) error {
	var r *adr.Refused
	if errors.As(err, &r) {
		return &bot.Refusal{Code: string(r.Code), Message: adrRefused(r)}
	}
	return passing(err)
}

// adrWords is a refusal as plain text, for a form.
func adrWords(err error) string {
	var r *adr.Refused
	if errors.As(err, &r) {
		return bot.Readable(string(adrRefused(r).Text), nil)
	}
	return err.Error()
}

func adrRefused(r *adr.Refused) bot.Message {
	number := bot.Bold("ADR-" + itoa(r.Number))
	switch r.Code {
	case adr.NoLog:
		if r.Word != "" {
			return text("There is no decision log %s; the configuration names them in %s.", bot.Code(r.Word), bot.Code("adr.logs"))
		}
		return text("Decisions are kept nowhere yet. Whoever runs Shipmate names a repository in %s.", bot.Code("adr.repo"))
	case adr.NoTitle:
		return text("What is decided? Please give it a title.")
	case adr.BadTitle:
		return text("That title cannot stand in a record: %s.", r.Word)
	case adr.NoNumber:
		return text("There is no decision %s here. %s shows those that there are.", number, bot.Code("/adr list"))
	case adr.ByHand:
		return text("%s is proposed in %s, which was opened by hand. With %s it is decided by thumbs, too.", number, bot.Link(r.Word, "pull request #"+itoa(r.Other)), bot.Code("/adr adopt "+itoa(r.Other)))
	case adr.NoThumb:
		return text("You gave no thumb here that could be taken back. One that you gave on GitHub is taken back there.")
	case adr.NoProposal:
		return text("%s is not being proposed: it is decided. A new decision can take its place: %s", number, supersedeLine(r.Number))
	case adr.AlreadySo:
		if r.Word == "proposed" {
			return text("That is being proposed already: %s.", decisionHeadline(r.Proposal))
		}
		if r.Word == "given" {
			return text("It has your 👍 already.")
		}
		return text("It stands so already: %s.", decisionHeadline(r.Proposal))
	case adr.Ended:
		if r.Proposal != nil && r.Proposal.State == adr.Numbering {
			return text("Its pull request is being opened. Please try again in a minute: %s.", bot.Literal(cutTo(r.Proposal.Title, maxTitle)))
		}
		return text("It is not open any more: %s.", decisionHeadline(r.Proposal))
	case adr.NoVote:
		if r.Word == "own" {
			return text("It is your own proposal: the thumbs of others decide it.")
		}
		return text("Your thumb does not count for decisions of this log. Whose do stands in %s.", bot.Code("adr.from"))
	case adr.Superseded:
		return text("%s was superseded by %s. That one can be superseded: %s", number, bot.Bold("ADR-"+itoa(r.Other)), supersedeLine(r.Other))
	case adr.StandsAs:
		return standsAs(r)
	case adr.OnlyStatus:
		return text("It only changes a status, so there is nothing of it to record. Close it instead: %s", bot.Code("/adr reject "+r.Proposal.ID+" close <why>"))
	case adr.NoPlace:
		return text("%s (%s) has no place for a status. Somebody has to give it a section %s first.", number, bot.Code(r.Word), bot.Code("## Status"))
	case adr.NoAuthor:
		return text("Nobody here is known to have the login %s, who opened pull request #%d. An admin can say who it is: %s", bot.Code(r.Word), r.Number,
			bot.Code("/shipmate link @… github "+r.Word))
	case adr.TooLate:
		return text("It is being merged just now. If that fails, its message says so; try again then.")
	case adr.IsDraft:
		return text("It is a draft, which GitHub does not merge. Mark it as ready there first, or close it: %s", bot.Code("/adr reject "+r.Proposal.ID+" close <why>"))
	case adr.StillOpen:
		return text("It is not decided yet: %s. It can be rejected: %s", decisionHeadline(r.Proposal), bot.Code("/adr reject #"+itoa(r.Proposal.Number)))
	case adr.NotTaken:
		return text("Its number is its own: %s.", decisionHeadline(r.Proposal))
	case adr.NoPull:
		return text("No open pull request #%d adds a decision here.", r.Number)
	case adr.NotOne:
		return text("Pull request #%d does not add exactly one decision. Split it, so that each can be decided.", r.Number)
	case adr.FromFork:
		return text("The branch of pull request #%d is in a fork, where I cannot write. Its author has to rename the record there.", r.Number)
	case adr.Decided:
		return text("It has its thumbs, so only its author, %s, may still take it back. A 👎 holds it.", bot.User(r.Proposal.By))
	case adr.NoReason:
		if r.Proposal != nil && r.Proposal.State == adr.Open && r.Word == "end" {
			return text("Why? Please say it in a sentence: it stays with the proposal.")
		}
		return text("What holds it? Please say it in a sentence: its author answers to that.")
	}
	return text("That cannot be done (%s).", string(r.Code))
}

// standsAs is what can become of a record with its status, when something else was wanted.
func standsAs(r *adr.Refused) bot.Message {
	number, status := bot.Bold("ADR-"+itoa(r.Number)), strings.ToLower(r.Word)
	switch adr.Status(r.Word) {
	case "":
		return text("%s does not say how it stands. Somebody has to write its status into the record first.", number)
	case adr.StatusProposed:
		return text("%s is %s: it can be accepted or rejected.", number, status)
	case adr.StatusAccepted:
		return text("%s is %s: it can be deprecated, or a new decision can take its place: %s", number, status, supersedeLine(r.Number))
	}
	return text("%s is %s. A new decision can take its place: %s", number, status, supersedeLine(r.Number))
}

func supersedeLine(n int) bot.Text { return bot.Code("/adr supersede #" + itoa(n)) }
