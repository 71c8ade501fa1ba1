package commands

import (
	"context"
	"strings"

	"shipmate/bot"
	"shipmate/delivery"
)

func deployRollback(d Deps) bot.Command {
	c := deployer{d}
	return bot.Command{
		Name:  "deploy rollback",
		Args:  "<service> [on|in] <environment> [to <ref>] [<input>=<value>...] (<answer>) (<bad>) [because <reason>...]",
		Short: "Go back to what stayed good",
		Long: "Without a ref or a deployment's ID it goes back to the last deployment that stayed good: it succeeded, ran for the " +
			"environment's bake time and was not rolled back itself. You are shown what is lost and asked first. A deployment under way " +
			"is cancelled; the commit that was undone is not deployed there again until somebody lifts its veto, and the place is locked " +
			"until somebody unlocks it.",
		Examples: []string{
			"deploy rollback checkout production",
			"deploy rollback checkout production to v1.4.2 because orders are lost",
			"deploy rollback checkout staging to d-4kq7x2m5wz",
		},
		Who:  deployers(),
		On:   bot.Typed | bot.Press,
		Run:  c.rollback,
		Made: c.made,
	}
}

func (c deployer) rollback(ctx context.Context, req bot.Request) (bot.Reply, error) {
	want := wantOf(req)
	want.Exactly = req.Arg("answer") != "" // they were shown
	want.From = strings.TrimPrefix(req.Arg("bad"), fromPrefix)
	if req.Arg("answer") == "" || want.From == "" || !fullSHA.MatchString(want.Ref) {
		planned, err := c.Delivery.PreviewRollback(ctx, want)
		if err != nil {
			return bot.Reply{}, refusalTo(req.User, err)
		}
		if planned.Version == 0 { // not made by this request before a crash
			return askToGoBack(planned, want.Reason), nil
		}
	}
	made, err := c.Delivery.Rollback(ctx, want)
	if err != nil {
		return bot.Reply{}, refusalTo(req.User, err)
	}
	return shown(req, made), nil
}

// fromPrefix marks the commit that is gone back from, in a line that names the other.
const fromPrefix = "from:"

// rollbackLine is the line that goes back from just the commit that the asker saw.
func rollbackLine(d *delivery.Deployment, bad delivery.Commit) string {
	return "deploy rollback " + d.Service + " " + d.Environment + " " + fromPrefix + bad.SHA
}

// askToGoBack says what is lost by going back, and asks.
func askToGoBack(d *delivery.Deployment, reason string) bot.Reply {
	bad := d.Rollback.Bad
	r := bot.Reply{Message: text("Roll %s in %s back from %s to %s?", bot.Bold(d.Service), bot.Bold(d.Environment), bot.Code(bad.Short()), bot.Code(d.Commit.Short()))}
	r.Parts = []bot.Part{bot.Section(bot.Join("\n", subjectLine(d.Commit), changes(d)))}
	then := []bot.Text{bot.Textf("%s is then not deployed there again, and the place is locked until somebody unlocks it.", bot.Code(bad.Short()))}
	if d.Rollback.Cancels {
		then = append(then, "The deployment under way is cancelled first.")
	}
	if waits := waitsFor(d); len(d.Open) > 0 && !d.Rollback.Cancels {
		then = append(then, bot.Textf("It then waits for %s.", waits))
	}
	if given := inputsLine(d); given != "" {
		r.Parts = append(r.Parts, bot.Section(given))
	}
	r.Parts = append(r.Parts, bot.Section(bot.Join(" ", then...)))
	line := "deploy rollback " + d.Service + " " + d.Environment + " to " + d.Commit.SHA + inputWords(d.Inputs) + " " + confirmed + " " + fromPrefix + bad.SHA
	if reason = strings.Join(strings.Fields(reason), " "); reason != "" {
		line += " because " + reason
	}
	r.Question = &bot.Question{Options: []bot.Button{
		{Label: "Roll back", Line: line, Style: bot.Danger},
		{Label: "Leave it"},
	}}
	return r
}

// goesBack says of a rollback what else it did.
func goesBack(d *delivery.Deployment) bot.Text {
	if d.Rollback == nil {
		return ""
	}
	return bot.Textf("It undoes %s (%s). With it the place was locked and that commit vetoed; %s and %s end that.",
		bot.Code(d.Rollback.Bad.Short()), bot.Code(d.Rollback.Of),
		bot.Code("/"+unlockLine(&delivery.Lock{Service: d.Service, Environment: d.Environment})), bot.Code("/"+unvetoLine(d.Service, d.Environment, d.Rollback.Bad)))
}

// rolledBackNote says of a deployment what undid it.
func rolledBackNote(d *delivery.Deployment) bot.Text {
	if d.RolledBack == nil {
		return ""
	}
	by, since, id := bot.User(d.RolledBack.By), bot.Time(d.RolledBack.At), bot.Code(d.RolledBack.ID)
	switch {
	case d.Undone():
		return bot.Textf("%s rolled it back %s, with %s.", by, since, id)
	case d.BeingUndone():
		return bot.Textf("%s has been rolling it back since %s, with %s.", by, since, id)
	}
	return bot.Textf("%s wanted to roll it back %s, but %s did not come through.", by, since, id)
}

// rollbackOffer is the button that undoes this deployment, while nothing has.
func rollbackOffer(d *delivery.Deployment) []bot.Button {
	touched := d.State == delivery.Succeeded || d.State == delivery.Failed && !d.Started.IsZero()
	if !touched || d.Undone() || d.BeingUndone() || d.Rollback != nil {
		return nil
	}
	b := bot.Button{Label: "Roll back", Line: rollbackLine(d, d.Commit)}
	if isUnhealthy(d) {
		b.Style = bot.Danger
	}
	return []bot.Button{b}
}
