package commands

import (
	"context"

	"shipmate/bot"
	"shipmate/delivery"
)

func deployPromote(d Deps) bot.Command {
	c := deployer{d}
	return bot.Command{
		Name: "deploy promote",
		Args: "<service> [to|on] <environment> [<input>=<value>...] [because <reason>...] | " +
			"<service> [from] <source environment> [to|on] <environment> [<input>=<value>...] (<commit>) [because <reason>...]",
		Short: "Deploy the commit that runs in another environment",
		Long: "It is the commit of Shipmate's last deployment that succeeded there, whatever has been pushed since. When you name one " +
			"environment only, the commit comes from the one it comes after in the configuration. Everything else is as with /deploy.",
		Examples: []string{"deploy promote checkout production", "deploy promote checkout from staging to production",
			"deploy promote checkout staging production because the tests passed"},
		Who:  deployers(),
		Run:  c.promote,
		Made: c.made,
	}
}

func (c deployer) promote(ctx context.Context, req bot.Request) (bot.Reply, error) {
	if before, ok, err := c.made(ctx, req); ok || err != nil {
		return before, err // whatever runs there by now
	}
	source, err := c.Delivery.Promotable(ctx, delivery.Promotion{Service: req.Arg("service"), From: req.Arg("source environment"),
		To: req.Arg("environment"), Only: req.Arg("commit")})
	if err != nil {
		return bot.Reply{}, refusalTo(req.User, err)
	}
	want := wantOf(req)
	want.Ref, want.Asked = source.Ledger.Commit.SHA, delivery.AskedFrom(source.Environment)
	if confirms(req.Config, want.Environment) || source.Ledger.Doubt != "" {
		planned, err := c.Delivery.Preview(ctx, want)
		if err != nil {
			return c.notDeployed(req, want, err)
		}
		reply := askFirst(planned, deployLine(planned, confirmed, want.Reason))
		reply.Parts = append(reply.Parts, bot.Small(sourceLine(source)))
		return reply, nil
	}
	made, err := c.Delivery.Deploy(ctx, want)
	if err != nil {
		return c.notDeployed(req, want, err)
	}
	return shown(req, made), nil
}

// sourceLine says since when and by whom a commit stands where it comes from, and what is doubtful about that.
func sourceLine(source *delivery.Standing) bot.Text {
	l := source.Ledger
	line := bot.Textf("It is what succeeded last on %s, %s by %s.", bot.Bold(source.Environment), bot.Time(l.Since), bot.User(l.By))
	if l.Doubt == "" {
		return line
	}
	later := bot.Textf("A later deployment there, %s, did not succeed", bot.Code(l.Doubt))
	if source.Doubt != nil {
		later = bot.Textf("Deploying %s there later, as %s, did not succeed", bot.Code(source.Doubt.Commit.Short()), bot.Code(l.Doubt))
	}
	return bot.Textf("⚠️ %s %s, so part of that may run there.", line, later)
}

// promoteLine is the line that promotes; commit is all of the one that is meant, or empty for whatever runs there.
func promoteLine(service, from, to, commit string) string {
	line := "deploy promote " + service + " " + from + " " + to
	if commit != "" {
		line += " " + commit
	}
	return line
}

// promoteButton promotes just this commit: pressed after another one has come there, it says so instead.
func promoteButton(service, from, to, commit string) bot.Button {
	return bot.Button{Label: "Promote to " + to, Line: promoteLine(service, from, to, commit)}
}

// notPromoted says why there is nothing to promote, and what to ask for instead.
func notPromoted(r *delivery.Refused) bot.Message {
	service, from, to := bot.Bold(r.Service), bot.Bold(r.From), bot.Bold(r.Environment)
	deployTo := func(label, ref, environment string) bot.Button {
		return bot.Button{Label: label, Line: "deploy " + r.Service + ref + " " + environment}
	}
	var m bot.Message
	switch r.Code {
	case delivery.NoSource:
		if len(r.Environments) == 0 {
			return text("There is nothing to promote to %s: %s is deployed nowhere else. %s deploys a branch, tag or commit.", to, service,
				bot.Code("/deploy "+r.Service+"@<ref> "+r.Environment))
		}
		m = text("%s comes after no other environment, so say from which: %s.", to,
			bot.Code("/"+promoteLine(r.Service, r.Environments[0], r.Environment, "")))
	case delivery.SamePlace:
		m = text("%s cannot be promoted to itself; name the environment to go to: %s.", to,
			bot.Code("/"+promoteLine(r.Service, r.From, "<environment>", "")))
	case delivery.NothingToPromote:
		m = text("I know of nothing to promote: no deployment of mine of %s to %s has succeeded yet. Deploy it there first, or name the commit: %s.",
			service, from, bot.Code("/deploy "+r.Service+"@<ref> "+r.Environment))
		m.Buttons = []bot.Button{deployTo("Deploy to "+r.From, "", r.From)}
	case delivery.SourceMoved:
		meant := delivery.Commit{SHA: r.Ref}
		m = text("%s has %s by now, not %s any more.", from, commitLine(r.Commit), bot.Code(meant.Short()))
		now := promoteButton(r.Service, r.From, r.Environment, r.Commit.SHA)
		now.Label = "Promote " + r.Commit.Short()
		m.Buttons = []bot.Button{now, deployTo("Deploy "+meant.Short()+" to "+r.Environment, "@"+meant.SHA, r.Environment)}
	}
	return m
}
