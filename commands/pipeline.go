package commands

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

// lookArgs is how a pipeline is named.
const lookArgs = "<service>[@ref] | #<pr> [<service>] | <sha> [<service>]"

func pipeline(d Deps) bot.Command {
	return bot.Command{
		Name:  "pipeline",
		Args:  lookArgs,
		Short: "Show the checks and workflow runs of a commit",
		Long: "Commit statuses and check runs of every CI that reports to GitHub, workflow runs with the step they are at, what " +
			"is required, and the log of what failed first. Without a ref it is the newest commit of the default branch. For a " +
			"pull request or a bare commit the service is the one of this channel's team, or you are asked.",
		Examples: []string{"pipeline checkout", "pipeline checkout@v1.4.2", "pipeline #12", "pipeline 1a2b3c4 checkout"},
		Who:      bot.Everyone,
		Run:      pipelines{d}.show,
	}
}

type pipelines struct{ Deps }

func (c pipelines) show(ctx context.Context, req bot.Request) (bot.Reply, error) {
	look, ask := c.look(ctx, req, "pipeline")
	if ask != nil {
		return *ask, nil
	}
	seen, err := c.Delivery.Pipeline(ctx, look)
	if err != nil {
		return bot.Reply{}, refusal(err)
	}
	return bot.Reply{Message: pipelineMessage(seen)}, nil
}

// look is which pipeline the line names. When it does not say the service and more than one fits, ask is the question which.
func (c pipelines) look(ctx context.Context, req bot.Request, command string) (look delivery.Look, ask *bot.Reply) {
	look = delivery.Look{Service: req.Arg("service"), Ref: req.Arg("ref")}
	named := ""
	switch {
	case req.Arg("pr") != "":
		look.Pull, _ = strconv.Atoi(req.Arg("pr")) // its kind has seen to it that it is a number
		named = "#" + req.Arg("pr")
	case req.Arg("sha") != "":
		look.Ref, named = req.Arg("sha"), req.Arg("sha")
	}
	if look.Service != "" {
		return look, nil
	}
	fit := c.servicesHere(ctx, req)
	if len(fit) == 1 {
		look.Service = fit[0]
		return look, nil
	}
	return look, whichService(command, named, fit)
}

// maxOffered is how many services are offered as buttons; more read badly on a phone.
const maxOffered = 8

func whichService(command, named string, fit []string) *bot.Reply {
	reply := bot.Reply{Message: text("Which service's %s?", bot.Code(named))}
	if len(fit) == 0 || len(fit) > maxOffered {
		reply.Message = text("Which service's %s? Say it with the line: %s.", bot.Code(named), bot.Code("/"+command+" "+named+" <service>"))
		return &reply
	}
	var options []bot.Button
	for _, name := range fit {
		options = append(options, bot.Button{Label: name, Line: command + " " + named + " " + name})
	}
	reply.Question = &bot.Question{Options: options}
	return &reply
}

// servicesHere are the services of the team whose channel this is; those of all teams where it is nobody's, or where that
// cannot be found out.
func (c pipelines) servicesHere(ctx context.Context, req bot.Request) []string {
	teams := map[string]bool{}
	for _, name := range req.Config.TeamNames() {
		team := req.Config.Teams[name]
		if team.Channel == "" || req.Channel == "" {
			continue
		}
		id, err := c.ChannelID(ctx, team.Channel)
		teams[name] = err == nil && id == req.Channel
	}
	var here []string
	all := req.Config.ServiceNames()
	for _, name := range all {
		if team, ok := req.Config.Team(req.Config.Services[name].Team); ok && teams[team.Name] {
			here = append(here, name)
		}
	}
	if len(here) == 0 {
		return all
	}
	return here
}

// deployersAnywhere admits who may deploy the service anywhere: its team, and the deployers of its environments. When the
// store does not say which service a watch is of nobody is admitted.
func deployersAnywhere(d Deps) bot.Audience {
	return bot.Principals("the service's team, and deployers of its environments", func(r bot.Request) []config.Principal {
		name := r.Arg("service")
		if id := r.Arg("watch"); id != "" {
			w, err := d.Delivery.Watched(context.Background(), id)
			switch {
			case errors.Is(err, delivery.ErrNotFound):
				return everyOwner(r.Config)
			case err != nil:
				return nil
			}
			name = w.Seen.Service
		}
		return ownersOf(r.Config, name)
	})
}

func ownersOf(cfg *config.Config, name string) []config.Principal {
	service, ok := cfg.Service(name)
	if !ok {
		return nil
	}
	var all []config.Principal
	if service.Team != "" {
		all = append(all, config.Principal(service.Team))
	}
	for _, environment := range service.Environments {
		all = append(all, deployersOf(cfg, service.Name, environment)...)
	}
	return unique(all)
}

// everyOwner are those who may learn that a watch does not exist; nothing can be done to it.
func everyOwner(cfg *config.Config) []config.Principal {
	var all []config.Principal
	for _, name := range cfg.ServiceNames() {
		all = append(all, ownersOf(cfg, name)...)
	}
	return unique(all)
}

func unique(all []config.Principal) []config.Principal {
	seen := map[config.Principal]bool{}
	var out []config.Principal
	for _, p := range all {
		if !seen[p] {
			out = append(out, p)
		}
		seen[p] = true
	}
	return out
}

// pipelineMessage is the answer to a look: what there is, and what one can do.
func pipelineMessage(p *delivery.Pipeline) bot.Message {
	m := bot.Message{Text: pipelineHeadline(p), Parts: pipelineParts(p)}
	if line := rerunLine(p, delivery.FailedJobs); line != "" {
		m.Buttons = append(m.Buttons, bot.Button{Label: "Rerun failed", Line: line, Style: bot.Primary})
	}
	if line := rerunLine(p, delivery.AllJobs); line != "" {
		m.Buttons = append(m.Buttons, bot.Button{Label: "Rerun all", Line: line, Confirm: "Run every workflow of this commit again?"})
	}
	if !p.Ended() {
		m.Buttons = append(m.Buttons, bot.Button{Label: "Watch", Line: watchLine(p)})
	}
	return withGitHub(m, p)
}

// withGitHub adds where to look on GitHub.
func withGitHub(m bot.Message, p *delivery.Pipeline) bot.Message {
	url := p.Commit.URL
	if p.Pull != nil {
		url = p.Pull.URL
	}
	if url != "" {
		m.Buttons = append(m.Buttons, bot.Button{Label: "View on GitHub", URL: url})
	}
	return m
}

func watchLine(p *delivery.Pipeline) string {
	if p.Pull != nil {
		return fmt.Sprintf("pipeline watch #%d %s", p.Pull.Number, p.Service)
	}
	return "pipeline watch " + p.Service + "@" + p.Commit.SHA
}

// maxLine is how long a button's line may be.
const maxLine = 200

// rerunLine names the very attempts that were shown, so that a late click runs nothing twice; "" when there is nothing to
// run again.
func rerunLine(p *delivery.Pipeline, jobs delivery.Jobs) string {
	line := "pipeline rerun " + string(jobs) + " " + p.Service + "@" + p.Commit.SHA
	runs := attempts(p.Rerunnable(jobs))
	if runs == "" || len(line)+1+len(runs) > maxLine {
		return ""
	}
	return line + " " + runs
}
