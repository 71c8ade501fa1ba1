package commands

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"shipmate/adr"
	"shipmate/bot"
)

// DecisionKind is the kind of the live message about a decision that is proposed.
const DecisionKind = "decision"

func decisionCard(d Deps) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		p, err := d.Decisions.Proposal(ctx, id)
		if errors.Is(err, adr.ErrNotFound) {
			return bot.View{}, bot.ErrNoCard
		}
		if err != nil {
			return bot.View{}, err
		}
		tally, err := d.Decisions.Tally(ctx, p)
		if err != nil {
			return bot.View{}, err
		}
		return decisionView(p, tally), nil
	}
}

func decisionIcon(p *adr.Proposal) string {
	switch p.State {
	case adr.Accepted:
		return "✅"
	case adr.Rejected:
		return "❌"
	case adr.Closed, adr.Overtaken:
		return "⚪"
	}
	return "📐"
}

// decisionHeadline is how a proposal stands, in one line.
func decisionHeadline(p *adr.Proposal) bot.Text {
	return bot.Textf("%s %s · %s", decisionIcon(p), decisionName(p), decisionState(p))
}

// maxTitle is how much of a title is shown, which is all of one that Shipmate has made.
const maxTitle = 200

// decisionName is what a proposal is about.
func decisionName(p *adr.Proposal) bot.Text {
	title := bot.Literal(cutTo(p.Title, maxTitle))
	switch {
	case p.Change != nil && p.State != adr.Accepted && p.State != adr.Rejected: // else its state says what it is
		return bot.Textf("%s: %s, to be *%s*", bot.Bold(p.Name()), title, strings.ToLower(string(p.Change.To)))
	case p.Number == 0:
		return bot.Textf("A decision: %s", title)
	}
	return bot.Textf("%s: %s", bot.Bold(p.Name()), title)
}

func decisionState(p *adr.Proposal) bot.Text {
	switch p.State {
	case adr.Numbering:
		return "its pull request is being opened"
	case adr.Open:
		switch {
		case p.SupersededBy != 0:
			return bot.Textf("superseded by %s, being closed", bot.Bold("ADR-"+itoa(p.SupersededBy)))
		case p.Ending != nil && p.Ending.Record:
			return bot.Textf("being recorded as *rejected* by %s", bot.User(p.Ending.By))
		case p.Ending != nil:
			return bot.Textf("being closed by %s", bot.User(p.Ending.By))
		case p.Renumber:
			return "is being given another number"
		case p.Draft:
			return "*draft*"
		}
		return "*proposed*"
	case adr.Accepted:
		if p.Change != nil {
			return bot.Textf("*%s*", strings.ToLower(string(p.Change.To)))
		}
		return "*accepted*"
	case adr.Rejected:
		return "*rejected*"
	case adr.Overtaken:
		return bot.Textf("superseded by %s before it was decided", bot.Bold("ADR-"+itoa(p.SupersededBy)))
	}
	return "closed without a decision"
}

// heldText is who holds a proposal that nothing else happens to; empty when nobody does.
func heldText(p *adr.Proposal, t adr.Tally) bot.Text {
	switch {
	case len(t.Down) == 0 || p.State != adr.Open || p.Ending != nil || p.SupersededBy != 0 || p.Renumber || p.Draft:
		return ""
	case len(t.Down) > maxHolding:
		return bot.Textf("*held* by %d people", len(t.Down))
	}
	return bot.Textf("*held* by %s", votersText(t.Down))
}

// decisionView is the card of a proposal.
func decisionView(p *adr.Proposal, tally adr.Tally) bot.View {
	headline := decisionHeadline(p)
	if held := heldText(p, tally); held != "" {
		headline = bot.Textf("%s %s · %s", decisionIcon(p), decisionName(p), held)
	}
	v := bot.View{Message: bot.Message{Text: headline}, Stage: p.Stage, Status: headline, Urgent: p.State.Ended()}
	section := func(t bot.Text) {
		if t != "" {
			v.Parts = append(v.Parts, bot.Section(t))
		}
	}
	if p.Decision != "" {
		section(quoted(cutTo(firstLine(p.Decision), 300)))
	}
	section(supersedesText("Supersedes", p))
	if why := endingText(p); why != "" {
		section(why)
	} else if p.State == adr.Open && p.SupersededBy == 0 || p.State == adr.Accepted {
		section(tallyText(p, tally))
	}
	var problems []bot.Text
	if p.State == adr.Open {
		for _, f := range p.Found[:min(len(p.Found), maxFound)] {
			problems = append(problems, bot.Textf("⚠️ %s: %s", bot.Code(cutTo(f.File, 100)), cutTo(f.Text, 300)))
		}
		if more := len(p.Found) - maxFound; more > 0 {
			problems = append(problems, bot.Textf("⚠️ and %s more in its records", count(more, "problem")))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Hitches)) {
		if h := p.Hitches[name]; h.Said {
			problems = append(problems, bot.Textf("⚠️ %s I keep trying.", h.Why))
		}
	}
	for _, why := range p.Problems {
		problems = append(problems, bot.Textf("⚠️ %s", why))
	}
	section(bot.Join("\n", problems...))
	v.Parts = append(v.Parts, bot.Small(decisionFacts(p)))
	v.Buttons = decisionButtons(p)
	v.Replies = decisionReplies(p)
	return v
}

const (
	maxFound   = 5  // problems that are shown one by one
	maxHolding = 5  // people who hold a proposal whose reasons are shown
	maxVoters  = 20 // people who are named
	maxOlder   = 10 // superseded decisions that are named
)

// supersedesText names the decisions that one supersedes.
func supersedesText(verb string, p *adr.Proposal) bot.Text {
	var lines []bot.Text
	for _, o := range p.Supersedes[:min(len(p.Supersedes), maxOlder)] {
		lines = append(lines, bot.Textf("%s %s: %s", verb, bot.Bold("ADR-"+itoa(o.Number)), bot.Literal(cutTo(o.Title, maxTitle))))
	}
	if more := len(p.Supersedes) - maxOlder; more > 0 {
		lines = append(lines, bot.Textf("and %s more", count(more, "decision")))
	}
	return bot.Join("\n", lines...)
}

// endingText is who ended a proposal that is not decided for, and why.
func endingText(p *adr.Proposal) bot.Text {
	if p.Ending == nil || p.Ending.Why == "" {
		return ""
	}
	return bot.Textf("%s says why:\n%s", bot.User(p.Ending.By), quoted(cutTo(p.Ending.Why, 300)))
}

// tallyText says who is for it and who holds it, and what is missing.
func tallyText(p *adr.Proposal, t adr.Tally) bot.Text {
	var lines []bot.Text
	line := bot.Textf("👍 %d of %d", len(t.Up), t.Need)
	if len(t.Up) > 0 {
		line = bot.Textf("%s: %s", line, votersText(t.Up))
	}
	lines = append(lines, line)
	holding := min(len(t.Down), maxHolding)
	for _, v := range t.Down[:holding] {
		hold := bot.Textf("👎 %s holds it", voterText(v))
		if v.Why != "" {
			hold = bot.Textf("%s: %s", hold, cutTo(strings.Join(strings.Fields(v.Why), " "), 300))
		} else if v.Where == adr.InReview {
			hold = bot.Textf("%s: changes are asked for on GitHub", hold)
		}
		lines = append(lines, hold)
	}
	if others := t.Down[holding:]; len(others) > 0 {
		lines = append(lines, bot.Textf("👎 %s hold it, too", votersText(others)))
	}
	if len(t.Void) > 0 {
		lines = append(lines, bot.Textf("The text has changed since %s looked at it; please look again.", votersText(t.Void)))
	}
	if len(t.Unknown) > 0 && p.State == adr.Open {
		lines = append(lines, bot.Textf("Not counted, since I do not know who has that login: %s. An admin can say so: %s", votersText(t.Unknown),
			bot.Code("/shipmate link @… github "+t.Unknown[0].Login)))
	}
	if len(t.Foreign) > 0 && p.State == adr.Open {
		lines = append(lines, bot.Textf("Not counted, since others decide here: %s", votersText(t.Foreign)))
	}
	if t.Reached() && p.State == adr.Open && p.Pull != nil {
		lines = append(lines, reachedText(p))
	}
	return bot.Join("\n", lines...)
}

// reachedText is what a proposal that has its thumbs waits for.
func reachedText(p *adr.Proposal) bot.Text {
	switch {
	case p.Draft:
		return bot.Textf("It has its thumbs, and is still a draft: %s marks it as ready on GitHub.", bot.User(p.By))
	case len(p.Found) > 0:
		return "It has its thumbs, and is not merged before this is mended:"
	case p.Pull.Checks == "failure":
		return "It has its thumbs, and is not merged while its checks on GitHub fail."
	case !p.Ready.IsZero() && p.MergeBy == "":
		return bot.Textf("It has its thumbs: %s can merge it.", bot.User(p.By))
	}
	return "It has its thumbs, and is merged as soon as its checks pass."
}

func votersText(votes []adr.Vote) bot.Text {
	var out []bot.Text
	for _, v := range votes[:min(len(votes), maxVoters)] {
		out = append(out, voterText(v))
	}
	if more := len(votes) - maxVoters; more > 0 {
		out = append(out, bot.Textf("%d more", more))
	}
	return bot.Join(", ", out...)
}

func voterText(v adr.Vote) bot.Text {
	if v.By == "" {
		return bot.Code(v.Login)
	}
	return bot.User(v.By)
}

func decisionFacts(p *adr.Proposal) bot.Text {
	t := bot.Textf("%s proposed it %s", bot.User(p.By), bot.Time(p.Created))
	if !p.Ended.IsZero() {
		t = bot.Textf("%s · ended %s", t, bot.Time(p.Ended))
	}
	if p.Pull != nil {
		t = bot.Textf("%s · %s", t, bot.Link(p.Pull.URL, p.Repo+"#"+itoa(p.Pull.Number)))
		if said := checksText(p); said != "" && p.State == adr.Open {
			t = bot.Textf("%s · %s", t, said)
		}
	}
	if len(p.Services) > 0 {
		t = bot.Textf("%s · %s", t, bot.Text(words(slices.Clone(p.Services), "and")))
	}
	return t
}

// checksText is how the checks of a pull request stand.
func checksText(p *adr.Proposal) bot.Text {
	switch p.Pull.Checks {
	case "success":
		return "checks pass"
	case "failure":
		return "*checks fail*"
	case "running":
		return "checks run"
	}
	return ""
}

// decisionButtons are what can be done about a proposal, what comes next first.
func decisionButtons(p *adr.Proposal) []bot.Button {
	if p.Stuck() && p.Ending == nil {
		return []bot.Button{{Label: "Take it back…", Line: "adr reject " + p.ID + " " + outcomeClose}}
	}
	if p.Pull == nil {
		return nil
	}
	read := bot.Button{Label: "Read on GitHub", URL: p.Pull.URL}
	if p.State != adr.Open || p.Ending != nil || p.SupersededBy != 0 {
		return []bot.Button{read}
	}
	var out []bot.Button
	switch {
	case p.Draft:
		out, read.Label = append(out, bot.Button{Label: "Write it on GitHub", URL: p.Pull.URL}), ""
	case p.Taken() && !p.Renumber:
		out = append(out, bot.Button{Label: "Renumber", Line: "adr renumber " + p.ID})
	case !p.Ready.IsZero() && p.MergeBy == "":
		out = append(out, mergeButton(p))
	}
	out = append(out, thumbButtons(p)...)
	out[0].Style = bot.Primary
	out = append(out, bot.Button{Label: "Take my thumb back", Line: "adr unvote " + p.ID}, bot.Button{Label: "Reject…", Line: "adr reject " + p.ID})
	if read.Label != "" {
		out = append(out, read)
	}
	return out
}

func thumbButtons(p *adr.Proposal) []bot.Button {
	return []bot.Button{{Label: "👍", Line: "adr up " + p.ID}, {Label: "👎", Line: "adr down " + p.ID}}
}

func mergeButton(p *adr.Proposal) bot.Button {
	return bot.Button{Label: "Merge", Line: "adr accept " + p.ID, Style: bot.Primary}
}

// decisionReplies are what its thread is told, each once: who holds it and why, and how it ended.
func decisionReplies(p *adr.Proposal) []bot.ThreadReply {
	var out []bot.ThreadReply
	for _, v := range p.Votes {
		if v.Thumb == adr.Down {
			out = append(out, bot.ThreadReply{Key: "down-" + v.By + "-" + itoa(int(v.At.Unix())), Message: text("👎 %s holds it: %s\n%s, what do you say?", bot.User(v.By), v.Why, bot.User(p.By))})
		}
	}
	for _, v := range p.GitHubVotes {
		if v.Thumb == adr.Down {
			out = append(out, bot.ThreadReply{Key: "down-" + v.Login + "-" + itoa(int(v.At.Unix())), Message: text("👎 %s holds it on GitHub. Why? Please say it here or there.", voterText(v))})
		}
	}
	if p.Nudges > 0 && p.State == adr.Open {
		out = append(out, bot.ThreadReply{Key: "nudge-" + itoa(p.Nudges) + "-" + itoa(int(p.Nudged.Unix())), Message: nudgeText(p)})
	}
	if p.State.Ended() {
		out = append(out, bot.ThreadReply{Key: "ended", Message: text("%s, %s", bot.User(p.By), decisionHeadline(p))})
	}
	return out
}

// nudgeText reminds people of a proposal that nothing happens to. The second time it offers to reject it.
func nudgeText(p *adr.Proposal) bot.Message {
	switch {
	case p.Nudges >= adr.MaxNudges:
		m := text("🕰️ %s, still nothing has happened to %s. Shall it be rejected?", bot.User(p.By), bot.Bold(p.Name()))
		m.Buttons = []bot.Button{{Label: "Reject…", Line: "adr reject " + p.ID}}
		return m
	case p.Draft:
		m := text("🕰️ %s, this is still a draft. Mark it as ready on GitHub when it may be decided.", bot.User(p.By))
		if p.Pull != nil {
			m.Buttons = []bot.Button{{Label: "Write it on GitHub", URL: p.Pull.URL}}
		}
		return m
	case !p.Ready.IsZero():
		m := text("🕰️ %s, this has its thumbs and waits for you to merge it.", bot.User(p.By))
		m.Buttons = []bot.Button{mergeButton(p)}
		return m
	}
	m := text("🕰️ %s has waited for thumbs since %s.", bot.Bold(p.Name()), bot.Time(p.Opened))
	m.Buttons = thumbButtons(p)
	return m
}
