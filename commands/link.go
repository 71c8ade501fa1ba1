package commands

import (
	"context"
	"errors"
	"regexp"
	"slices"

	"shipmate/bot"
	"shipmate/config"
)

// serviceNames are the services people are linked to, as they are written.
var serviceNames = map[string]string{bot.OnGitHub: "GitHub", bot.OnPagerDuty: "PagerDuty"}

func providers(*config.Config, bot.Args) []bot.Value {
	return []bot.Value{{Name: bot.OnGitHub, Aliases: []string{"gh"}}, {Name: bot.OnPagerDuty, Aliases: []string{"pd"}}}
}

// slackID is what becomes of a login that was typed with @ where somebody in Slack is called the same.
var slackID = regexp.MustCompile(`^[UW][A-Z0-9]{7,}$`)

func parseLogin(word string) (string, error) {
	if slackID.MatchString(word) {
		return "", errors.New("a login goes without @ where Slack knows somebody of that name, since it makes a mention of it")
	}
	return word, nil
}

// adminsOrSelf admits admins, and the person whom the line is about.
func adminsOrSelf() bot.Audience {
	return bot.Principals("admins; everybody for themselves", func(r bot.Request) []config.Principal {
		if r.Arg("person") == r.User {
			return append(slices.Clone(r.Config.Slack.Admins), config.Principal(r.User))
		}
		return r.Config.Slack.Admins
	})
}

func link(d Deps) bot.Command {
	return bot.Command{
		Name:  "shipmate link",
		Args:  "<person> <provider> <login>",
		Short: "Say who somebody is on GitHub or PagerDuty",
		Long: "What an admin says of somebody else counts for approving. What people say of themselves is kept as a claim, which never does. " +
			"A login belongs to one person.",
		Examples: []string{"shipmate link me github ana-lopez", "shipmate link me pagerduty ana@acme.example"},
		Who:      adminsOrSelf(),
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			person, provider := req.Arg("person"), req.Arg("provider")
			a, err := d.Links.Set(ctx, bot.Naming{Person: person, Service: provider, Login: req.Arg("login"), By: req.User, At: req.At,
				Proven: person != req.User})
			if err != nil {
				return bot.Reply{}, err
			}
			r := bot.Reply{Message: linkedMessage(person, provider, a)}
			if provider == bot.OnPagerDuty && a.Proven {
				finishWish(ctx, d, req, person, &r)
			}
			return r, nil
		},
	}
}

func linkedMessage(person, provider string, a bot.Account) bot.Message {
	if a.Proven {
		return text("%s is %s on %s, as %s said.", bot.User(person), bot.Code(a.Login), serviceNames[provider], bot.User(a.By))
	}
	m := text("%s is %s on %s, by their own word.", bot.User(person), bot.Code(a.Login), serviceNames[provider])
	m.Parts = []bot.Part{bot.Small(bot.Textf("A claim about oneself does not count for approving. Another person who is an admin makes it count: %s",
		bot.Code("/shipmate link @… "+provider+" "+a.Login)))}
	return m
}

// finishWish does what the person tried before it was known who they are on PagerDuty, and tells both that it did.
func finishWish(ctx context.Context, d Deps, req bot.Request, person string, r *bot.Reply) {
	p, wish, err := d.Incidents.Linked(ctx, person)
	var m bot.Message
	switch {
	case wish == nil && err == nil:
		return
	case wish == nil:
		m = text("Whether they tried something before could not be looked up.")
	case err != nil:
		m = text("What %s tried at %s could not be done now: %s", bot.User(person), bot.Clock(wish.Want.At), errorWords(err))
	default:
		m = text("What %s tried at %s is being done now: the page to %s.", bot.User(person), bot.Clock(wish.Want.At), subjectName(p.Subject))
	}
	r.Parts = append(r.Parts, bot.Section(m.Text))
	if wish != nil && person != req.User {
		r.Tell = append(r.Tell, bot.Telling{Person: person, Topic: "page", ID: "wish-" + wish.Want.Request, Message: m})
	}
}
