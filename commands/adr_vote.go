package commands

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"shipmate/adr"
	"shipmate/bot"
)

func adrVotes(d Deps) []bot.Command {
	thumb := func(name, short, args string, t adr.Thumb, form func(bot.FormRequest) bot.Form, example string) bot.Command {
		on := bot.Trigger(0)
		if form != nil {
			on = bot.Typed | bot.Press | bot.Submit
		}
		return bot.Command{Name: name, Args: args, Short: short, Examples: []string{example}, Who: bot.Everyone, On: on, Form: form,
			Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
				p, err := whichProposal(ctx, d, req)
				if err != nil {
					return bot.Reply{}, adrRefusal(err)
				}
				p, err = d.Decisions.Vote(ctx, adr.VoteWant{Request: req.ID, At: req.At, By: req.User, Proposal: p.ID, Thumb: t, Why: req.Arg("why")})
				if err != nil {
					return bot.Reply{}, adrRefusal(err)
				}
				return votedReply(req, p), nil
			},
			Made: madeDecision(d.Decisions.Asked, votedReply)}
	}
	return []bot.Command{
		thumb("adr up", "Give a proposal your thumb up", "<decision> [in <log>]", adr.Up, nil, "adr up #12"),
		thumb("adr down", "Hold a proposal, with the reason", "<decision> [in <log>] <why>...", adr.Down, func(r bot.FormRequest) bot.Form {
			return bot.Form{Title: "What holds it?", Submit: "Hold it", Fields: []bot.Input{{Name: "why", Label: "Why", Long: true, MaxLength: 1000,
				Hint: "Its author answers to that. You can take it back at any time.", Initial: r.Args["why"]}}}
		}, "adr down #12 it does not say what happens to old sessions"),
		thumb("adr unvote", "Take your thumb back that you gave here", "<decision> [in <log>]", "", nil, "adr unvote #12"),
	}
}

// changedReply answers nothing where the card shows it.
func changedReply(req bot.Request, p *adr.Proposal) bot.Reply {
	if req.Via == bot.Press || req.Via == bot.Submit {
		return bot.Reply{}
	}
	return bot.Reply{Message: bot.Message{Text: decisionHeadline(p)}}
}

// votedReply also says what one's thumb is now.
func votedReply(req bot.Request, p *adr.Proposal) bot.Reply {
	r := changedReply(req, p)
	for _, v := range p.Votes {
		switch {
		case v.By != req.User || r.Text == "":
		case v.Thumb == adr.Up:
			r.Parts = append(r.Parts, bot.Small("It has your 👍."))
		case v.Thumb == adr.Down:
			r.Parts = append(r.Parts, bot.Small("You hold it with your 👎."))
		}
	}
	return r
}

// parseDecision is the number of a decision, or the ID of a proposal.
func parseDecision(word string) (string, error) {
	word = strings.ToLower(word)
	if adr.IsProposalID(word) {
		return word, nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(strings.TrimPrefix(word, "#"), "adr-"))
	if err != nil || n < 0 || n > adr.MaxNumber {
		return "", fmt.Errorf("%q is not the number of a decision; one is written like #12 or ADR-12", word)
	}
	return strconv.Itoa(n), nil
}

// whichProposal is the proposal that the line names, by its ID or by its number in the log that is meant.
func whichProposal(ctx context.Context, d Deps, req bot.Request) (*adr.Proposal, error) {
	word := req.Arg("decision")
	if adr.IsProposalID(word) {
		p, err := d.Decisions.Proposal(ctx, word)
		if errors.Is(err, adr.ErrNotFound) {
			return nil, bot.Refuse("no_proposal", "There is no proposal %s.", bot.Code(word))
		}
		return p, err
	}
	log, err := whichLog(ctx, d, req)
	if err != nil {
		return nil, err
	}
	return d.Decisions.Find(ctx, log, atoi(word))
}

// isDecided tells whether there is no proposal with a number because its record stands.
func isDecided(err error) bool {
	var refused *adr.Refused
	return errors.As(err, &refused) && refused.Code == adr.NoProposal
}
