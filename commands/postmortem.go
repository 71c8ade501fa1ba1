package commands

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/incident"
)

// PostmortemKind is the kind of the live message about an incident's post-mortem.
const PostmortemKind = "postmortem"

func postmortemShow(d Deps) bot.Command {
	return bot.Command{
		Name:     "postmortem",
		Also:     []string{"postmortem show", "post-mortem"},
		Args:     "[#<incident>]",
		Short:    "Show the post-mortem of an incident, or those that are due",
		Examples: []string{"postmortem", "postmortem #12"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			i, err := whichLearnt(ctx, d, req)
			var none *noIncident
			if errors.As(err, &none) && req.Arg("incident") == "" {
				return duePostmortems(ctx, d, req)
			}
			if err != nil {
				return bot.Reply{}, incidentRefusal(err)
			}
			p, err := d.Incidents.Postmortem(ctx, i.ID)
			if errors.Is(err, incident.ErrNotFound) {
				return bot.Reply{}, incidentRefusal(&incident.Refused{Code: incident.NoPostmortem, Incident: i})
			}
			if err != nil {
				return bot.Reply{}, err
			}
			items, err := d.Incidents.ItemsOf(ctx, p)
			if err != nil {
				return bot.Reply{}, err
			}
			return bot.Reply{Message: postmortemView(p, i, items).Message}, nil
		},
	}
}

// whichLearnt is the incident whose post-mortem is meant. Whoever is asked to write that of a private one may do so, also where they had
// nothing to do with the incident.
func whichLearnt(ctx context.Context, d Deps, req bot.Request) (*incident.Incident, error) {
	i, err := whichIncident(ctx, d, req)
	var refused *bot.Refusal
	if n, isNumber := strconv.Atoi(req.Arg("incident")); errors.As(err, &refused) && isNumber == nil {
		of, lookErr := d.Incidents.Numbered(ctx, n)
		if lookErr != nil {
			return nil, err
		}
		if p, lookErr := d.Incidents.Postmortem(ctx, of.ID); lookErr == nil && p.Owner == req.User {
			return of, nil
		}
	}
	return i, err
}

func postmortemDue(d Deps) bot.Command {
	return bot.Command{
		Name:     "postmortem due",
		Short:    "List the post-mortems that are late or soon due",
		Examples: []string{"postmortem due"},
		Who:      bot.Everyone,
		Run:      func(ctx context.Context, req bot.Request) (bot.Reply, error) { return duePostmortems(ctx, d, req) },
	}
}

// soonDue is how long ahead of its time a post-mortem is listed as due.
const soonDue = 2 * 24 * time.Hour

func duePostmortems(ctx context.Context, d Deps, req bot.Request) (bot.Reply, error) {
	open, _, err := d.Incidents.ListPostmortems(ctx, 0)
	if err != nil {
		return bot.Reply{}, err
	}
	var late, soon []bot.Text
	rest := 0
	for _, p := range open {
		line, err := postmortemLine(ctx, d, req, p)
		switch {
		case err != nil:
			return bot.Reply{}, err
		case p.Overdue(req.At):
			late = append(late, line)
		case p.Due.Before(req.At.Add(soonDue)):
			soon = append(soon, line)
		default:
			rest++
		}
	}
	m := text("📝 %s late, %d due within two days.", count(len(late), "post-mortem"), len(soon))
	if len(late)+len(soon) == 0 {
		m = text("✅ No post-mortem is late or due within two days.")
	}
	m.Parts = append(lined("*Late*", late), lined("*Soon*", soon)...)
	if rest > 0 {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("%s due later", count(rest, "other"))))
	}
	return bot.Reply{Message: m}, nil
}

func postmortemList(d Deps) bot.Command {
	return bot.Command{
		Name:     "postmortem list",
		Short:    "List the post-mortems that are being written and the latest that are over",
		Examples: []string{"postmortem list"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			open, over, err := d.Incidents.ListPostmortems(ctx, maxOver)
			if err != nil {
				return bot.Reply{}, err
			}
			m := text("📝 %s being written.", count(len(open), "post-mortem"))
			for _, list := range []struct {
				title bot.Text
				all   []*incident.Postmortem
			}{{"", open}, {"*Over*", over}} {
				var lines []bot.Text
				for _, p := range list.all {
					line, err := postmortemLine(ctx, d, req, p)
					if err != nil {
						return bot.Reply{}, err
					}
					lines = append(lines, line)
				}
				m.Parts = append(m.Parts, lined(list.title, lines)...)
			}
			return bot.Reply{Message: m}, nil
		},
	}
}

// maxListed is how many lines a list shows; a longer one is not read in a chat.
const maxListed = 50

// lined are lines below a title, in paragraphs; nothing when there are none.
func lined(title bot.Text, lines []bot.Text) []bot.Part {
	var out []bot.Part
	more := len(lines) - maxListed
	lines = lines[:min(len(lines), maxListed)]
	for len(lines) > 0 {
		n := min(perPart, len(lines))
		part := bot.Join("\n", lines[:n]...)
		if title != "" {
			part, title = bot.Join("\n", title, part), ""
		}
		out = append(out, bot.Section(part))
		lines = lines[n:]
	}
	if more > 0 {
		out = append(out, bot.Small(bot.Textf("and %d more", more)))
	}
	return out
}

// postmortemLine is a post-mortem in a list. Of one that who asks may not know of it says only that it is.
func postmortemLine(ctx context.Context, d Deps, req bot.Request, p *incident.Postmortem) (bot.Text, error) {
	i, err := d.Incidents.Record(ctx, p.ID)
	if errors.Is(err, incident.ErrNotFound) {
		return bot.Textf("%s: its incident is not kept any more", bot.Bold(p.Name())), nil
	}
	if err != nil {
		return "", err
	}
	if !concerns(i, req) {
		return bot.Textf("%s %s: of a restricted incident", postmortemIcon(p), bot.Bold(p.Name())), nil
	}
	t := bot.Textf("%s %s %s: %s", postmortemIcon(p), bot.Bold(p.Name()), p.Severity, bot.Literal(i.Title))
	switch p.State {
	case incident.NotNeeded:
		return bot.Textf("%s · not needed: %s", t, p.Why), nil
	case incident.Published:
		t = bot.Textf("%s · published %s", t, bot.Time(p.Ended))
	default:
		t = bot.Textf("%s · %s, due %s", t, bot.User(p.Owner), bot.Time(p.Due))
	}
	if p.Pull != nil {
		t = bot.Textf("%s · %s", t, bot.Link(p.Pull.URL, "#"+itoa(p.Pull.Number)))
	}
	return t, nil
}

// postmortemChange is a command that changes one thing of a post-mortem.
type postmortemChange struct {
	name, args, short, long string
	examples                []string
	form                    func(bot.FormRequest) bot.Form
	run                     func(context.Context, bot.Request, incident.ChangeWant) (*incident.Postmortem, error)
	say                     func(bot.Request, *incident.Postmortem) bot.Text
}

func (c postmortemChange) command(d Deps) bot.Command {
	answer := func(req bot.Request, p *incident.Postmortem) bot.Reply {
		if req.Via == bot.Press { // the card shows it
			return bot.Reply{}
		}
		return bot.Reply{Message: bot.Message{Text: c.say(req, p)}, Public: !p.Private}
	}
	on := bot.Trigger(0)
	if c.form != nil {
		on = bot.Typed | bot.Press | bot.Submit
	}
	return bot.Command{Name: c.name, Args: strings.TrimSpace("[#<incident>] " + c.args), Short: c.short, Long: c.long, Examples: c.examples, Who: bot.Everyone,
		On: on, Form: refusing(c.form, func(r bot.FormRequest) error {
			_, err := whichLearnt(context.Background(), d, requestOf(r))
			return incidentRefusal(err)
		}),
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			if before, err := d.Incidents.PostmortemChanged(ctx, req.ID); !errors.Is(err, incident.ErrNotFound) {
				if err != nil {
					return bot.Reply{}, err
				}
				return answer(req, before), nil
			}
			i, err := whichLearnt(ctx, d, req)
			if err != nil {
				return bot.Reply{}, incidentRefusal(err)
			}
			p, err := c.run(ctx, req, changeOf(req, i))
			if err != nil {
				return bot.Reply{}, incidentRefusal(err)
			}
			return answer(req, p), nil
		},
		Made: madeIncident(d.Incidents.PostmortemChanged, answer),
	}
}

func postmortemChanges(d Deps) []bot.Command {
	var out []bot.Command
	for _, c := range []postmortemChange{
		{name: "postmortem new", short: "Have a post-mortem written of a resolved incident",
			long: "Incidents of the severities that the configuration names get one by themselves. Its document is opened as a pull request, filled in " +
				"with what is known; whoever commanded is asked to write it.",
			examples: []string{"postmortem new", "postmortem new #12"},
			run: func(ctx context.Context, _ bot.Request, w incident.ChangeWant) (*incident.Postmortem, error) {
				return d.Incidents.NewPostmortem(ctx, w)
			},
			say: func(_ bot.Request, p *incident.Postmortem) bot.Text {
				return bot.Textf("📝 The post-mortem of %s is wanted: %s is asked to write it by %s.", bot.Bold(p.Name()), bot.User(p.Owner), bot.Time(p.Due))
			}},
		{name: "postmortem accept", short: "Say that you write a post-mortem", long: "Whoever was asked to before need not any more, and is told so.",
			examples: []string{"postmortem accept", "postmortem accept #12"},
			run: func(ctx context.Context, _ bot.Request, w incident.ChangeWant) (*incident.Postmortem, error) {
				return d.Incidents.AcceptPostmortem(ctx, w)
			},
			say: func(_ bot.Request, p *incident.Postmortem) bot.Text { return writes(p) }},
		{name: "postmortem owner", args: "<person>", short: "Hand a post-mortem over to somebody", examples: []string{"postmortem owner #12 @ben"}, form: ownerForm,
			long: "They are asked; who names themselves writes it. Whoever had it before is told.",
			run: func(ctx context.Context, req bot.Request, w incident.ChangeWant) (*incident.Postmortem, error) {
				return d.Incidents.SetPostmortemOwner(ctx, w, req.Arg("person"))
			},
			say: func(_ bot.Request, p *incident.Postmortem) bot.Text {
				if !p.Accepted.IsZero() {
					return writes(p)
				}
				return bot.Textf("📝 %s is asked to write the post-mortem of %s.", bot.User(p.Owner), bot.Bold(p.Name()))
			}},
		{name: "postmortem snooze", args: "[for] <duration>", short: "Be reminded of a post-mortem later", examples: []string{"postmortem snooze #12 3d"}, form: snoozeForm,
			run: func(ctx context.Context, req bot.Request, w incident.ChangeWant) (*incident.Postmortem, error) {
				span, err := clock.ParseDuration(req.Arg("duration"))
				if err != nil {
					return nil, err
				}
				return d.Incidents.SnoozePostmortem(ctx, w, span)
			},
			say: func(_ bot.Request, p *incident.Postmortem) bot.Text {
				return bot.Textf("🔕 Nobody is reminded of the post-mortem of %s before %s. It is due %s all the same.", bot.Bold(p.Name()), bot.Time(p.Snoozed), bot.Time(p.Due))
			}},
		{name: "postmortem not-needed", args: "<reason>...", short: "Say that a post-mortem is not needed, and why", form: reasonForm,
			long: "Nobody is reminded of it any more. A pull request of it stays as it is.", examples: []string{"postmortem not-needed #12 it was a drill"},
			run: func(ctx context.Context, req bot.Request, w incident.ChangeWant) (*incident.Postmortem, error) {
				return d.Incidents.PostmortemNotNeeded(ctx, w, req.Arg("reason"))
			},
			say: func(req bot.Request, p *incident.Postmortem) bot.Text {
				return bot.Textf("⚪ The post-mortem of %s is not needed, says %s: %s", bot.Bold(p.Name()), bot.User(req.User), p.Why)
			}},
		{name: "postmortem done", short: "Say that a post-mortem without a pull request is done", examples: []string{"postmortem done #12"},
			long: "That is for restricted incidents whose document stays in their channel. Everywhere else merging the pull request says so.",
			run: func(ctx context.Context, _ bot.Request, w incident.ChangeWant) (*incident.Postmortem, error) {
				return d.Incidents.FinishPostmortem(ctx, w)
			},
			say: func(req bot.Request, p *incident.Postmortem) bot.Text {
				return bot.Textf("✅ The post-mortem of %s is done, says %s.", bot.Bold(p.Name()), bot.User(req.User))
			}},
	} {
		out = append(out, c.command(d))
	}
	return out
}

func writes(p *incident.Postmortem) bot.Text {
	return bot.Textf("📝 %s writes the post-mortem of %s, due %s.", bot.User(p.Owner), bot.Bold(p.Name()), bot.Time(p.Due))
}

func ownerForm(r bot.FormRequest) bot.Form {
	return bot.Form{Title: "Hand over", Submit: "Ask them", Fields: []bot.Input{{Name: "person", Label: "Who writes the post-mortem", People: 1, Initial: r.Args["person"]}}}
}

func snoozeForm(bot.FormRequest) bot.Form {
	in := bot.Input{Name: "duration", Label: "Remind again in", Initial: "1d",
		Options: []bot.Option{{Value: "1d", Label: "1 day"}, {Value: "3d", Label: "3 days"}, {Value: "7d", Label: "a week"}}}
	return bot.Form{Title: "Snooze", Submit: "Snooze", Fields: []bot.Input{in}}
}

func reasonForm(r bot.FormRequest) bot.Form {
	return bot.Form{Title: "Not needed", Submit: "It is not needed", Fields: []bot.Input{{Name: "reason", Label: "Why is it not needed", Long: true, MaxLength: 500, Initial: r.Args["reason"]}}}
}
