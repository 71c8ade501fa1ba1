package commands

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"shipmate/bot"
	"shipmate/schedule"
)

func debtList(d Deps) bot.Command {
	return bot.Command{
		Name:     "debt",
		Also:     []string{"debt list"},
		Args:     "[<service>]",
		Short:    "List technical debt: the dearest first, with who has it and what is snoozed",
		Long:     "It is the open issues on GitHub with the label of the configuration; what GitHub said is used for up to ten minutes.",
		Examples: []string{"debt", "debt list checkout"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			reg := d.Schedules.Register(ctx, req.Arg("service"))
			return bot.Reply{Message: debtsMessage(reg, req.Arg("service"), req.Config.Debt.IssueLabel(), req.At)}, nil
		},
	}
}

func debtAdd(d Deps) bot.Command {
	return bot.Command{
		Name:     "debt add",
		Args:     "<service> [<title>...]",
		Short:    "Write technical debt down as an issue on GitHub",
		Shortcut: "Tech debt",
		Long:     "A form asks what it costs, how much, and how large it is. A whole line needs no form: the rest can be said on GitHub.",
		Examples: []string{"debt add", "debt add checkout two clocks disagree"},
		Who:      bot.Everyone,
		On:       bot.Typed | bot.Press | bot.Submit | bot.MessageShortcut,
		Form:     func(r bot.FormRequest) bot.Form { return debtForm(d, r) },
		Fill:     untitled,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			one, err := d.Schedules.AddDebt(ctx, newDebtWant(ctx, d, req))
			if err != nil {
				return bot.Reply{}, scheduleRefusal(err)
			}
			return newDebtReply(req, one), nil
		},
		Made: func(ctx context.Context, req bot.Request) (bot.Reply, bool, error) {
			one, err := d.Schedules.NewDebt(ctx, schedule.NewDebtID(req.ID))
			if errors.Is(err, schedule.ErrNotFound) {
				return bot.Reply{}, false, nil
			}
			if err != nil {
				return bot.Reply{}, false, err
			}
			return newDebtReply(req, one), true, nil
		},
	}
}

func newDebtWant(ctx context.Context, d Deps, req bot.Request) schedule.NewDebtWant {
	w := schedule.NewDebtWant{Request: req.ID, At: req.At, By: req.User, Service: req.Arg("service"), Title: req.Arg("title"), Text: req.Arg("costs"),
		Cost: schedule.Cost(req.Arg("cost")), Size: req.Arg("size"), Link: strings.TrimSpace(req.Arg("code"))}
	if req.Via != bot.Submit { // forms give what was written, lines what Slack made of it
		w.Title = d.Readable(ctx, w.Title)
	}
	if req.Message != nil {
		if link, err := d.Permalink(ctx, req.Message.Channel, req.Message.TS); err == nil {
			w.Source = link
		}
	}
	return w
}

// newDebtReply shows its card where it was asked for, or in the channel of the service's team.
func newDebtReply(req bot.Request, one *schedule.NewDebt) bot.Reply {
	return bot.Reply{Public: true, Card: &bot.CardRef{Kind: newDebtKind, ID: one.ID, Home: homeOf(req, one.Repo)}}
}

// homeOf is the channel of the first team whose service is in a repository; "" when it has none.
func homeOf(req bot.Request, repo string) string {
	for _, name := range teamsOf(req.Config, repo) {
		if team, ok := req.Config.Team(name); ok && team.Channel != "" {
			return team.Channel
		}
	}
	return ""
}

// debtForm asks what is to be written down.
func debtForm(d Deps, r bot.FormRequest) bot.Form {
	title := bot.Input{Name: "title", Label: "Title", Placeholder: "what is in the way, in a few words", Initial: r.Args["title"], MaxLength: 150}
	costs := bot.Input{Name: "costs", Label: "What does it cost", Hint: "What is slow, fails or is feared because of it, and what would be better.", Long: true, Optional: true, MaxLength: 3000}
	if r.Message != nil {
		said := bot.Readable(r.Message.Text, nil)
		title.Initial = cutTo(firstLine(said), 150)
		if strings.TrimSpace(said) != title.Initial {
			costs.Initial = cutTo(said, 3000)
		}
	}
	service := bot.Input{Name: "service", Label: "Service", Initial: r.Args["service"]}
	for _, name := range r.Config.ServiceNames() {
		service.Options = append(service.Options, bot.Option{Value: name})
	}
	if service.Initial == "" {
		service.Initial = serviceOfChannel(d, r)
	}
	cost := bot.Input{Name: "cost", Label: "How much does it cost", Optional: true, Options: []bot.Option{{Value: "low", Label: "Low: a nuisance"}, {Value: "medium", Label: "Medium: it slows us down"},
		{Value: "high", Label: "High: it breaks things, or stops us"}}}
	size := bot.Input{Name: "size", Label: "How large is it", Optional: true, Options: []bot.Option{{Value: "S", Label: "S: a day"}, {Value: "M", Label: "M: some days"}, {Value: "L", Label: "L: some weeks"},
		{Value: "XL", Label: "XL: more than that"}}}
	code := bot.Input{Name: "code", Label: "Link to the code", Placeholder: "https://github.com/…", Optional: true, MaxLength: 1000}
	f := bot.Form{Title: "Tech debt", Submit: "Write it down", Fields: []bot.Input{service, title, costs, cost, size, code}, Check: func(a bot.Args) map[string]string {
		if link := strings.TrimSpace(a["code"]); link != "" && !schedule.IsWebAddress(link) {
			return map[string]string{"code": "Please write an address that begins with https://."}
		}
		return nil
	}}
	if len(service.Options) == 0 {
		f.Refuse = bot.Refuse(string(schedule.NoService), "The configuration names no services, so there is no place for technical debt.")
	}
	return f
}

// serviceOfChannel is the service of the team whose channel it is, when it has just one.
func serviceOfChannel(d Deps, r bot.FormRequest) string {
	team := teamOfChannel(context.Background(), d, r.Config, r.Channel)
	if team == nil {
		return ""
	}
	found := ""
	for _, name := range r.Config.ServiceNames() {
		switch {
		case r.Config.Services[name].Team != team.Name:
		case found != "":
			return ""
		default:
			found = name
		}
	}
	return found
}

// maxDebts is how many lines a list of technical debt has.
const maxDebts = 20

// missingDebts says which repositories could not be read.
func missingDebts(missing map[string]string) bot.Text {
	var out []bot.Text
	for _, repo := range slices.Sorted(maps.Keys(missing)) {
		out = append(out, bot.Textf("⚠️ %s could not be read: %s.", bot.Bold(repoName(repo)), strings.TrimRight(missing[repo], ".")))
	}
	return bot.Join("\n", out...)
}
