package commands

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/config"
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
		thumb("adr up", "Give a proposal your thumb up", "<decision>", adr.Up, nil, "adr up #12"),
		thumb("adr down", "Hold a proposal, with the reason", "<decision> <why>...", adr.Down, func(r bot.FormRequest) bot.Form {
			return bot.Form{Title: "What holds it?", Submit: "Hold it", Fields: []bot.Input{{Name: "why", Label: "Why", Long: true, MaxLength: 1000,
				Hint: "Its author answers to that. You can take it back at any time.", Initial: r.Args["why"]}}}
		}, "adr down #12 it does not say what happens to old sessions"),
		thumb("adr unvote", "Take your thumb back that you gave here", "<decision>", "", nil, "adr unvote #12"),
	}
}

// votedReply answers nothing where the card shows it.
func votedReply(req bot.Request, p *adr.Proposal) bot.Reply {
	if req.Via == bot.Press || req.Via == bot.Submit {
		return bot.Reply{}
	}
	m := bot.Message{Text: decisionHeadline(p)}
	for _, v := range p.Votes {
		switch {
		case v.By != req.User:
		case v.Thumb == adr.Up:
			m.Parts = append(m.Parts, bot.Small("It has your 👍."))
		case v.Thumb == adr.Down:
			m.Parts = append(m.Parts, bot.Small("You hold it with your 👎."))
		}
	}
	return bot.Reply{Message: m}
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

// logWith is the log that a proposal is for; without one it is the log that the line means.
func logWith(ctx context.Context, d Deps, req bot.Request, p *adr.Proposal) (config.DecisionLog, error) {
	if p == nil {
		return whichLog(ctx, d, req)
	}
	log, err := d.Decisions.Log(p.Log)
	return log, adrRefusal(err)
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
	n := atoi(word)
	p, err := d.Decisions.About(ctx, log.Scope(), n)
	if errors.Is(err, adr.ErrNotFound) {
		book, bookErr := d.Decisions.Book(ctx, log)
		if bookErr != nil {
			return nil, bookErr
		}
		if _, there := book.Get(n); there {
			return nil, &adr.Refused{Code: adr.NoProposal, Number: n}
		}
		return nil, d.Decisions.Missing(ctx, log, n)
	}
	return p, err
}
