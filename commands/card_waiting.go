package commands

import (
	"shipmate/bot"
	"shipmate/delivery"
)

// waitsFor says in a few words what a deployment waits for.
func waitsFor(d *delivery.Deployment) bot.Text {
	var what []bot.Text
	for _, g := range d.Open {
		switch g.Name {
		case "checks":
			what = append(what, bot.Plain(count(len(g.Checks), "check")))
		case "approvals":
			what = append(what, bot.Plain(count(g.Total-len(g.Votes), "approval")))
		case "slot":
			what = append(what, "what is under way to be cancelled")
		case "start":
			what = append(what, bot.Textf("%s to start it", bot.User(d.By)))
		}
	}
	if len(what) == 0 {
		return "a last look at everything"
	}
	return bot.Join(" and ", what...)
}

// waitingNote says of each gate that a deployment waits for how it stands, and asks the approvers.
func waitingNote(d *delivery.Deployment) bot.Text {
	if d.State != delivery.Waiting {
		return ""
	}
	var lines []bot.Text
	for _, g := range d.Open {
		lines = append(lines, gateLine(g, d.Service, d.Environment))
		if g.Name == "approvals" && d.Approval != nil && len(d.Approval.Ask) > 0 {
			lines = append(lines, bot.Textf("%s: please look at what changes, and approve or reject it.", calls(d.Approval.Ask)))
		}
	}
	if w := d.Closing; w != nil {
		lines = append(lines, bot.Textf("❄️ %s: what has not started by then is not deployed before %s.", closingWords(w), bot.Time(w.Until)))
	}
	lines = append(lines, bot.Textf("It waits until %s and holds no place meanwhile.", bot.Time(d.Expires)))
	return bot.Join("\n", lines...)
}

// closingWords says when a freeze begins.
func closingWords(w *delivery.Window) bot.Text {
	return bot.Textf("%s is frozen from %s%s", bot.Bold(w.Environment), bot.Time(w.Since), whyWords(w.Reason))
}

func calls(ids []string) bot.Text {
	var out []bot.Text
	for _, id := range ids {
		out = append(out, bot.Call(id))
	}
	return bot.Join(" ", out...)
}

// risks are what the pull requests say of their risks, for whoever has to decide.
func risks(d *delivery.Deployment) bot.Text {
	if d.Changes == nil {
		return ""
	}
	var lines []bot.Text
	for _, p := range d.Changes.PullRequests {
		if p.Risks != "" {
			lines = append(lines, bot.Textf("⚠️ %s: %s", bot.Link(p.URL, "#"+itoa(p.Number)), p.Risks))
		}
	}
	if more := len(lines) - maxPullsShown; more > 0 {
		lines = append(lines[:maxPullsShown], bot.Textf("and the risks of %s, on GitHub", count(more, "more pull request")))
	}
	if len(lines) == 0 {
		return ""
	}
	return bot.Join("\n", append([]bot.Text{"*Risks*"}, lines...)...)
}

// approvedBy says who has approved, once somebody has.
func approvedBy(d *delivery.Deployment) bot.Text {
	if d.Approval == nil || len(d.Approval.Votes) == 0 {
		return ""
	}
	t := bot.Textf("Approved by %s", votes(d.Approval.Votes))
	if d.Approval.Reused != "" {
		t = bot.Textf("%s, for just the same as %s", t, bot.Code(d.Approval.Reused))
	}
	return t
}

func votes(all []delivery.Vote) bot.Text {
	var out []bot.Text
	for _, v := range all {
		out = append(out, bot.Textf("%s at %s", bot.User(v.By), bot.Clock(v.At)))
	}
	return bot.Join(", ", out...)
}

// waitingOffers are the buttons of a deployment that waits. An approval is confirmed, so that no thumb on a phone gives it by
// accident.
func waitingOffers(d *delivery.Deployment) []bot.Button {
	stop := bot.Button{Label: "Withdraw", Line: "deploy cancel " + d.ID, Confirm: "Do not deploy " + d.Service + " to " + d.Environment + "?"}
	what := d.Service + " " + d.Commit.Short() + " to " + d.Environment
	switch d.Offer() {
	case delivery.OfferVote:
		return []bot.Button{
			{Label: "Approve", Line: "deploy approve " + d.ID, Style: bot.Primary, Confirm: "Approve deploying " + what + "?"},
			{Label: "Reject", Line: "deploy reject " + d.ID, Style: bot.Danger},
			stop,
		}
	case delivery.OfferStart:
		return []bot.Button{{Label: "Deploy to " + d.Environment, Line: "deploy start " + d.ID, Style: bot.Primary}, stop}
	}
	stop.Style = bot.Danger
	return []bot.Button{stop}
}
