package commands

import (
	"context"
	"slices"

	"shipmate/bot"
)

// maxLinked is the most people a list shows; who wants one of more names them.
const maxLinked = 50

func links(d Deps) bot.Command {
	return bot.Command{
		Name:     "shipmate links",
		Args:     "[<person>]",
		Short:    "Say who people are on GitHub and PagerDuty",
		Examples: []string{"shipmate links", "shipmate links me"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			if person := req.Arg("person"); person != "" {
				one, err := d.Links.Of(ctx, person)
				if err != nil {
					return bot.Reply{}, err
				}
				return bot.Reply{Message: linksOf(one)}, nil
			}
			all, err := d.Links.All(ctx)
			if err != nil {
				return bot.Reply{}, err
			}
			return bot.Reply{Message: everybodysLinks(all)}, nil
		},
	}
}

func linksOf(one bot.Linked) bot.Message {
	if len(one.Accounts) == 0 {
		m := text("%s is not linked to anybody on GitHub or PagerDuty.", bot.User(one.Person))
		m.Parts = []bot.Part{bot.Small(bot.Textf("An admin does it: %s", bot.Code("/shipmate link @… github …")))}
		return m
	}
	return bot.Message{Text: linksLine(one)}
}

func everybodysLinks(all []bot.Linked) bot.Message {
	if len(all) == 0 {
		return text("Nobody is linked to anybody on GitHub or PagerDuty yet.")
	}
	m := text("%s", count(len(all), "linked account"))
	if len(all) != 1 {
		m = text("%d people are linked", len(all))
	}
	for part := range slices.Chunk(all[:min(len(all), maxLinked)], perPart) {
		var lines []bot.Text
		for _, one := range part {
			lines = append(lines, linksLine(one))
		}
		m.Parts = append(m.Parts, bot.Section(bot.Join("\n", lines...)))
	}
	if more := len(all) - maxLinked; more > 0 {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("And %d more; name one: %s", more, bot.Code("/shipmate links @…"))))
	}
	return m
}

// linksLine is one person's accounts.
func linksLine(one bot.Linked) bot.Text {
	var accounts []bot.Text
	for _, v := range providers(nil, nil) {
		a, ok := one.Accounts[v.Name]
		if !ok {
			continue
		}
		who := bot.Text("by their own word, which does not count for approving")
		if a.Proven {
			who = bot.Textf("as %s said", bot.User(a.By))
		}
		accounts = append(accounts, bot.Textf("%s on %s, %s", bot.Code(a.Login), serviceNames[v.Name], who))
	}
	return bot.Textf("%s is %s", bot.User(one.Person), bot.Join("; ", accounts...))
}
