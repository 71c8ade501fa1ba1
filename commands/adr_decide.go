package commands

import (
	"cmp"
	"context"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/config"
)

// adrAccept is a thumb up for what is being proposed; where Shipmate does not merge by itself, it merges what has its thumbs. Of a
// record that says it is proposed, without being so here, it proposes that it is accepted.
func adrAccept(d Deps) bot.Command {
	return bot.Command{
		Name:  "adr accept",
		Args:  "<decision> [in <log>]",
		Short: "Accept a decision: your thumb up, or the merge when it has its thumbs",
		Long: "For an open proposal this is your thumb up; when it has its thumbs and its author is to merge it, it is merged. For a record on the " +
			"branch that says it is proposed, a pull request is opened that makes it accepted.",
		Examples: []string{"adr accept #12"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			p, n, err := openOrRecord(ctx, d, req)
			if err != nil {
				return bot.Reply{}, adrRefusal(err)
			}
			if p == nil {
				return changeRecord(ctx, d, req, n, adr.StatusAccepted)
			}
			p, err = d.Decisions.Accept(ctx, req.ID, p.ID, req.User, req.At)
			if err != nil {
				return bot.Reply{}, adrRefusal(err)
			}
			return votedReply(req, p), nil
		},
		Made: madeChange(d, votedReply),
	}
}

// adrReject ends a proposal that is not decided for; of a record that says it is proposed it proposes that it is rejected.
func adrReject(d Deps) bot.Command {
	return bot.Command{
		Name:  "adr reject",
		Args:  "<decision> [in <log>] [<outcome>] [<why>...]",
		Short: "End a proposal: recorded as rejected, or closed",
		Long: "Recorded, the log says what was not done and why, and no number is missing. Closed, its pull request is closed and its number is not given " +
			"again. Its author may, and everybody whose thumb counts, unless it has its thumbs.",
		Examples: []string{"adr reject #12 record we keep the old way", "adr reject #12 close asked twice"},
		Who:      bot.Everyone,
		On:       bot.Typed | bot.Press | bot.Submit,
		Form:     rejectionForm,
		Fill:     func(a bot.Args) bool { return a["why"] == "" },
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			p, n, err := openOrRecord(ctx, d, req)
			if err != nil {
				return bot.Reply{}, adrRefusal(err)
			}
			if p == nil {
				return changeRecord(ctx, d, req, n, adr.StatusRejected)
			}
			p, err = d.Decisions.End(ctx, adr.EndWant{Request: req.ID, At: req.At, By: req.User, Proposal: p.ID, Why: req.Arg("why"),
				Record: req.Arg("outcome") != outcomeClose})
			if err != nil {
				return bot.Reply{}, adrRefusal(err)
			}
			return changedReply(req, p), nil
		},
		Made: madeChange(d, changedReply),
	}
}

// The ways in which a proposal ends that is not decided for.
const (
	outcomeRecord = "record"
	outcomeClose  = "close"
)

func rejections(*config.Config, bot.Args) []bot.Value {
	return []bot.Value{{Name: outcomeRecord}, {Name: outcomeClose}}
}

func rejectionForm(r bot.FormRequest) bot.Form {
	return bot.Form{Title: "Reject a proposal", Submit: "Reject", Fields: []bot.Input{
		{Name: "outcome", Label: "What stays of it", Initial: cmp.Or(r.Args["outcome"], outcomeRecord), Options: []bot.Option{
			{Value: outcomeRecord, Label: "A record that says it was rejected"}, {Value: outcomeClose, Label: "Nothing: its pull request is closed"}}},
		{Name: "why", Label: "Why", Long: true, MaxLength: 1000, Initial: r.Args["why"]}}}
}

func adrDeprecate(d Deps) bot.Command {
	return bot.Command{
		Name:     "adr deprecate",
		Args:     "<decision> [in <log>]",
		Short:    "Propose that a decision does not hold any more, without another in its place",
		Examples: []string{"adr deprecate #7"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			_, n, err := openOrRecord(ctx, d, req)
			if err != nil {
				return bot.Reply{}, adrRefusal(err)
			}
			return changeRecord(ctx, d, req, n, adr.StatusDeprecated)
		},
		Made: madeChange(d, changedReply),
	}
}

func adrRenumber(d Deps) bot.Command {
	return bot.Command{
		Name:  "adr renumber",
		Args:  "<decision> [in <log>]",
		Short: "Give a proposal the next free number, because somebody else has its own",
		Long: "Its file, its heading and what names it are renamed in one commit; its thumbs stay. For a pull request that was opened by hand, name that: " +
			"Shipmate looks after it from then on, and thumbs decide it like any other.",
		Examples: []string{"adr renumber #12"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			p, err := whichProposal(ctx, d, req)
			if err != nil {
				return bot.Reply{}, adrRefusal(err)
			}
			p, err = d.Decisions.Renumber(ctx, req.ID, p.ID, req.At)
			if err != nil {
				return bot.Reply{}, adrRefusal(err)
			}
			return changedReply(req, p), nil
		},
		Made: madeDecision(d.Decisions.Asked, changedReply),
	}
}

func adrAdopt(d Deps) bot.Command {
	return bot.Command{
		Name:     "adr adopt",
		Args:     "<pull> [in <log>]",
		Short:    "Have a pull request that was opened by hand decided by thumbs",
		Long:     "It has to add one record. When the number of that is taken it gets the next free one, in a commit on its branch.",
		Examples: []string{"adr adopt 45"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			log, err := whichLog(ctx, d, req)
			if err != nil {
				return bot.Reply{}, err
			}
			p, err := d.Decisions.Adopt(ctx, adr.AdoptWant{Request: req.ID, At: req.At, By: req.User, Channel: req.Channel, Log: log.Name, Pull: atoi(req.Arg("pull")), Renumber: true})
			if err != nil {
				return bot.Reply{}, adrRefusal(err)
			}
			return proposedReply(req, p), nil
		},
		Made: madeChange(d, changedReply),
	}
}

// openOrRecord is the proposal that the line names, when it is open, else the number of a record.
func openOrRecord(ctx context.Context, d Deps, req bot.Request) (*adr.Proposal, int, error) {
	p, err := whichProposal(ctx, d, req)
	switch {
	case isDecided(err):
		return nil, atoi(req.Arg("decision")), nil
	case err != nil:
		return nil, 0, err
	case p.State.Ended() && p.ID == req.Arg("decision"): // a button of it, or it alone was meant
		return nil, 0, &adr.Refused{Code: adr.Ended, Proposal: p}
	case p.State.Ended() && p.State != adr.Closed:
		return nil, p.Number, nil
	}
	return p, p.Number, nil
}

// changeRecord proposes that the status of a record changes.
func changeRecord(ctx context.Context, d Deps, req bot.Request, n int, to adr.Status) (bot.Reply, error) {
	log, err := whichLog(ctx, d, req)
	if err != nil {
		return bot.Reply{}, err
	}
	p, err := d.Decisions.Propose(ctx, adr.Want{Request: req.ID, At: req.At, By: req.User, Channel: req.Channel, Log: log.Name, Number: n, Change: &adr.Change{To: to}})
	if err != nil {
		return bot.Reply{}, adrRefusal(err)
	}
	return proposedReply(req, p), nil
}

// madeChange answers a request that runs again with the proposal that it made, or else replies to the change of one.
func madeChange(d Deps, reply func(bot.Request, *adr.Proposal) bot.Reply) func(context.Context, bot.Request) (bot.Reply, bool, error) {
	made := madeDecision(func(ctx context.Context, request string) (*adr.Proposal, error) {
		return d.Decisions.Proposal(ctx, adr.ProposalID(request))
	}, proposedReply)
	changed := madeDecision(d.Decisions.Asked, reply)
	return func(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
		if r, ok, err := made(ctx, req); ok || err != nil {
			return r, ok, err
		}
		return changed(ctx, req)
	}
}
