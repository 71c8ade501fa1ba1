package commands

import (
	"context"

	"shipmate/bot"
	"shipmate/delivery"
)

func deployUnveto(d Deps) bot.Command {
	return bot.Command{
		Name:     "deploy unveto",
		Args:     "<service> [on|in] <environment> <sha>",
		Short:    "Let a commit be deployed again where it was rolled back",
		Examples: []string{"deploy unveto checkout production 1a2b3c4"},
		Who:      deployers(),
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			v, err := d.Delivery.Unveto(ctx, delivery.VetoWant{Request: req.ID, By: req.User, Service: req.Arg("service"),
				Environment: req.Arg("environment"), SHA: req.Arg("sha")})
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return unvetoed(req, v), nil
		},
		Made: madeBefore(d.Delivery.Unvetoed, unvetoed),
	}
}

func unvetoLine(service, environment string, c delivery.Commit) string {
	return "deploy unveto " + service + " " + environment + " " + c.Short()
}

func unvetoed(req bot.Request, v *delivery.Veto) bot.Reply {
	r := bot.Reply{Message: text("%s may be deployed to %s again, says %s.", bot.Textf("%s %s", bot.Bold(v.Service), bot.Code(v.Commit.Short())),
		bot.Bold(v.Environment), bot.User(req.User)), Public: true}
	if v.By != req.User {
		r.Tell = []bot.Telling{{Person: v.By, Topic: "veto", ID: req.ID, Message: text("%s lets %s of %s be deployed to %s again, which you had rolled back.",
			bot.User(req.User), bot.Code(v.Commit.Short()), bot.Bold(v.Service), bot.Bold(v.Environment))}}
	}
	return r
}

// vetoLines lists what is not deployed again.
func vetoLines(all []delivery.Veto) []bot.Text {
	var lines []bot.Text
	for _, v := range all {
		lines = append(lines, bot.Textf("🚫 %s on %s: rolled back by %s %s%s · %s", bot.Textf("%s %s", bot.Bold(v.Service), bot.Code(v.Commit.Short())),
			bot.Bold(v.Environment), bot.User(v.By), bot.Time(v.At), whyWords(v.Reason), bot.Code("/"+unvetoLine(v.Service, v.Environment, v.Commit))))
	}
	return lines
}
