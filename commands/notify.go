package commands

import (
	"context"
	"slices"

	"shipmate/bot"
	"shipmate/config"
)

func notify(d Deps) bot.Command {
	return bot.Command{
		Name:  "shipmate notify",
		Args:  "[<topic>] [<choice>]",
		Short: "Choose what I tell you unasked",
		Long: "Reminders come together, once a day, in your working hours; what somebody did comes at once, or with your reminders where you choose daily. " +
			"Pages, shifts and approvals cannot be turned off. " +
			"Shipped tells you when a pull request of yours runs in production, once an admin has linked you to your login on GitHub.",
		Examples: []string{"shipmate notify", "shipmate notify shipped on", "shipmate notify schedules daily", "shipmate notify postmortem off"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			w, err := d.WantsOf(ctx, req.User)
			if err != nil {
				return bot.Reply{}, err
			}
			name := req.Arg("topic")
			if name == "" || req.Arg("choice") == "" {
				return bot.Reply{Message: wantsMessage(w)}, nil
			}
			if w.Request != req.ID {
				w = chosen(w, topicNamed(name), req.Arg("choice"))
				w.At, w.Request = req.At, req.ID
				if err := d.SetWants(ctx, req.User, w); err != nil {
					return bot.Reply{}, err
				}
			}
			return wantedReply(ctx, d, req, w, name)
		},
	}
}

// chosen is what somebody wants to hear who chose so of a topic.
func chosen(w bot.Wants, topic bot.Topic, choice string) bot.Wants {
	without := func(all []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return one == topic.Name })
	}
	w.On, w.Off, w.Daily = without(w.On), without(w.Off), without(w.Daily)
	switch {
	case choice != tellNever && topic.Wished:
		w.On = append(w.On, topic.Name)
	case choice == tellNever && !topic.Wished:
		w.Off = append(w.Off, topic.Name)
	}
	if choice == tellDaily {
		w.Daily = append(w.Daily, topic.Name)
	}
	return w
}

func topicNamed(name string) bot.Topic {
	all := Topics()
	return all[slices.IndexFunc(all, func(t bot.Topic) bool { return t.Name == name })]
}

func topicWords(*config.Config, bot.Args) []bot.Value {
	aliases := map[string][]string{remindPostmortem: {"post-mortem", "post-mortems", "postmortems"}, remindItem: {"items", "action-items"}, remindDecision: {"decisions", "decision"},
		remindLock: {"locks"}, "schedule": {"schedules"}}
	var out []bot.Value
	for _, t := range Topics() {
		out = append(out, bot.Value{Name: t.Name, Aliases: aliases[t.Name]})
	}
	return out
}

// What people choose of a topic.
const (
	tellAtOnce = "on"
	tellNever  = "off"
	tellDaily  = "daily"
)

func howTold(*config.Config, bot.Args) []bot.Value {
	return []bot.Value{{Name: tellAtOnce, Aliases: []string{"yes"}}, {Name: tellNever, Aliases: []string{"no"}}, {Name: tellDaily}}
}

// wantsMessage lists the topics with what holds, each with the button that changes it.
func wantsMessage(w bot.Wants) bot.Message {
	m := text("What I tell you unasked")
	for _, t := range Topics() {
		icon, how := bot.Text("🔔"), bot.Text("once a day")
		switch {
		case !w.Hears(t):
			icon, how = "🔕", "not at all"
		case !w.OnceADay(t):
			how = "at once"
		}
		m.Parts = append(m.Parts, bot.Section(bot.Textf("%s %s · %s", icon, t.Words, how)), bot.Offer(otherChoices(w, t)...))
	}
	m.Parts = append(m.Parts, bot.Small("Reminders, and what comes once a day, come together, in your working hours. Pages, shifts and approvals always come at once."))
	return m
}

// otherChoices are the buttons that change what holds of a topic.
func otherChoices(w bot.Wants, t bot.Topic) []bot.Button {
	choose := func(label, choice string) bot.Button {
		return bot.Button{Label: label, Line: "shipmate notify " + t.Name + " " + choice}
	}
	off := choose("Turn off", tellNever)
	switch {
	case !w.Hears(t):
		return []bot.Button{choose("Turn on", tellAtOnce)}
	case !w.OnceADay(t):
		return []bot.Button{off, choose("Once a day", tellDaily)}
	case t.AtOnce:
		return []bot.Button{off, choose("At once", tellAtOnce)}
	}
	return []bot.Button{off}
}

// wantedReply says what holds now of a topic, and what is missing for it. A press on the list has the list say so.
func wantedReply(ctx context.Context, d Deps, req bot.Request, w bot.Wants, name string) (bot.Reply, error) {
	t := topicNamed(name)
	r := bot.Say("🔕 You hear no more of %s.", t.Words)
	if w.Hears(t) {
		how := bot.Text("at once")
		if w.OnceADay(t) {
			how = "once a day, with your reminders"
		}
		r = bot.Say("🔔 You hear of %s. It comes %s.", t.Words, how)
	}
	if name == ShippedTopic && w.Hears(t) {
		linked, err := d.Links.Of(ctx, req.User)
		if err != nil {
			return bot.Reply{}, err
		}
		if account := linked.Accounts[bot.OnGitHub]; !account.Proven {
			r.Parts = []bot.Part{bot.Small(bot.Textf("I do not know yet who you are on GitHub: an admin types %s.", bot.Code("/shipmate link @you github <login>")))}
		}
	}
	if req.Via == bot.Press {
		r.Parts = append(r.Parts, wantsMessage(w).Parts...)
		r.Instead = true
		return r, nil
	}
	r.Buttons = otherChoices(w, t)
	return r, nil
}
