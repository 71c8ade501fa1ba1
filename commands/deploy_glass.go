package commands

import (
	"context"
	"strings"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

func deployBreakGlass(d Deps) bot.Command {
	c := deployer{d}
	return bot.Command{
		Name:  "deploy break-glass",
		Args:  "<service>[@ref] [to|on] <environment> [<input>=<value>...] (<answer>) (<asked>) <reason>...",
		Short: "Deploy in an emergency past what is in the way",
		Long: "It skips the gates that the environment's break_glass allows to skip, and only those. You are shown which and asked once " +
			"more; everybody concerned is told; and somebody else has to sign a review of it before you can do it again.",
		Examples: []string{"deploy break-glass checkout production orders are lost and the fix is merged"},
		Who: bot.Principals("break_glass.by of the environment, else its deployers", func(r bot.Request) []config.Principal {
			if e, ok := r.Config.Environment(r.Arg("environment")); ok && e.BreakGlass != nil && len(e.BreakGlass.By) > 0 {
				return e.BreakGlass.By
			}
			return deployersOf(r.Config, r.Arg("service"), r.Arg("environment"))
		}),
		On:   bot.Typed | bot.Press,
		Run:  c.breakGlass,
		Made: madeBefore(c.madeBy, brokenReply),
	}
}

func (c deployer) breakGlass(ctx context.Context, req bot.Request) (bot.Reply, error) {
	want := wantOf(req)
	want.Glass = true
	want.Anyway = true
	if req.Arg("answer") == "" || !fullSHA.MatchString(want.Ref) { // a line that somebody typed says nothing for certain
		planned, err := c.Delivery.Preview(ctx, want)
		if err != nil {
			return bot.Reply{}, refusalTo(req.User, err)
		}
		if planned.Version == 0 { // not made by this request before a crash
			return askToBreak(planned, want.Reason), nil
		}
	}
	made, err := c.Delivery.Deploy(ctx, want)
	if err != nil {
		return bot.Reply{}, refusalTo(req.User, err)
	}
	return brokenReply(req, made), nil
}

// askToBreak shows what is skipped, and asks.
func askToBreak(d *delivery.Deployment, reason string) bot.Reply {
	r := bot.Reply{Message: text("Break the glass and deploy %s?", whatWhere(d))}
	r.Parts = []bot.Part{
		bot.Section(bot.Join("\n", subjectLine(d.Commit), changes(d), inputsLine(d))),
		bot.Section(bot.Join("\n", append([]bot.Text{"*Skipped are*"}, skippedLines(d)...)...)),
		bot.Small("Everybody concerned is told, and somebody else has to sign a review before you can do it again."),
	}
	line := strings.Replace(deployLine(d, confirmed, ""), "deploy ", "deploy break-glass ", 1)
	r.Question = &bot.Question{Options: []bot.Button{
		{Label: "Break the glass", Line: line + " " + strings.Join(strings.Fields(reason), " "), Style: bot.Danger,
			Confirm: "Deploy " + d.Service + " to " + d.Environment + " past what is in the way?"},
		{Label: "Leave it"},
	}}
	return r
}

// skippedLines say of each gate that is skipped how it stands.
func skippedLines(d *delivery.Deployment) []bot.Text {
	var lines []bot.Text
	for _, g := range d.Glass.Skipped {
		says, _ := gate(g, d.Service, d.Environment)
		lines = append(lines, bot.Textf("🔨 %s", says))
	}
	return lines
}

// brokenReply is the card, and a word to everybody whom it concerns: whose lock or incident was skipped, and the administrators. The
// approvers are mentioned in the card's thread.
func brokenReply(req bot.Request, d *delivery.Deployment) bot.Reply {
	r := shown(req, d)
	m := text("🔨 %s has broken the glass for %s: %s", bot.User(d.By), whatWhere(d), d.Reason)
	m.Parts = []bot.Part{bot.Section(bot.Join("\n", skippedLines(d)...)), bot.Small(bot.Textf("%s signs its review.", bot.Code("/deploy review "+d.ID)))}
	told := map[string]bool{d.By: true, "": true}
	for _, person := range madeShut(d.Glass.Skipped) {
		if !told[person] {
			told[person] = true
			r.Tell = append(r.Tell, bot.Telling{Person: person, Topic: "glass", ID: d.ID + "-" + person, Message: m})
		}
	}
	if channel := req.Config.Slack.AdminChannel; channel != "" {
		r.Tell = append(r.Tell, bot.Telling{Channel: channel, Topic: "glass", ID: d.ID, Message: m})
	}
	return r
}

// madeShut are the people who made gates shut that were skipped: whose locks they are, and who declared the incidents.
func madeShut(skipped []delivery.Gate) []string {
	var out []string
	for _, g := range skipped {
		if g.Name == "lock" {
			out = append(out, g.By)
		}
		for _, h := range g.Holds {
			out = append(out, h.By)
		}
	}
	return out
}

// glassNote says on the card what was skipped, and who has signed that.
func glassNote(d *delivery.Deployment) bot.Text {
	if d.Glass == nil {
		return ""
	}
	lines := append([]bot.Text{bot.Textf("🔨 %s has broken the glass. Skipped:", bot.User(d.By))}, skippedLines(d)...)
	if v := d.Glass.Review; v != nil {
		lines = append(lines, bot.Textf("✍️ %s has signed the review %s%s.", bot.User(v.By), bot.Time(v.At), whyWords(v.Reason)))
	} else {
		lines = append(lines, bot.Textf("Somebody else has to look at it and sign: %s", bot.Code("/deploy review "+d.ID)))
	}
	return bot.Join("\n", lines...)
}

// reviewOffer is the button that signs the review, while nobody has.
func reviewOffer(d *delivery.Deployment) []bot.Button {
	if d.Glass == nil || d.Glass.Review != nil {
		return nil
	}
	return []bot.Button{{Label: "Sign the review", Line: "deploy review " + d.ID, Confirm: "Have you looked at what was skipped, and why?"}}
}
