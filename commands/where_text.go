package commands

import (
	"cmp"

	"shipmate/bot"
	"shipmate/delivery"
)

// whereMessage says where a change is: the decisive fact first when it is one change of one service, then place by place.
func whereMessage(w *delivery.Whereabouts) bot.Message {
	m := bot.Message{}
	switch {
	case w.Issue != nil:
		m.Text = bot.Textf("%s (%s)", titled(w.Issue.URL, w.Issue.Number, w.Issue.Title, ""), w.Issue.State)
		if len(w.Found) == 0 {
			m.Text = bot.Textf("%s: nothing that I can see says that it closes it.", m.Text)
		}
	case len(w.Found) == 1:
		m.Text = bot.Textf("%s: %s", bot.Bold(w.Found[0].Service), isWhere(w.Found[0]))
	default:
		m.Text = bot.Textf("%s is of %s", changeName(w.Found[0]), count(len(w.Found), "service"))
	}
	for _, found := range w.Found {
		var lines []bot.Text
		if w.Issue != nil || len(w.Found) > 1 {
			lines = append(lines, bot.Textf("%s: %s", bot.Bold(found.Service), isWhere(found)))
		}
		for _, p := range found.Places {
			lines = append(lines, placeLines(p)...)
		}
		if t := bot.Join("\n", lines...); t != "" {
			m.Parts = append(m.Parts, bot.Section(t))
		}
	}
	for _, note := range whereNotes(w) {
		m.Parts = append(m.Parts, bot.Small(note))
	}
	return m
}

// titled names a pull request or issue.
func titled(url string, n int, title, author string) bot.Text {
	t := bot.Textf("%s %s", bot.Link(url, "#"+itoa(n)), title)
	if author != "" {
		t = bot.Textf("%s (%s)", t, author)
	}
	return t
}

func changeName(l delivery.Located) bot.Text {
	if l.Pull != nil {
		return titled(l.Pull.URL, l.Pull.Number, l.Pull.Title, l.Pull.Author)
	}
	return commitLine(l.Commit)
}

// isWhere is the sentence about a change of a service.
func isWhere(l delivery.Located) bot.Text {
	name := changeName(l)
	if p := l.Pull; p != nil && p.State != "merged" {
		state := bot.Text("is not merged")
		if p.State == "closed" {
			state = "was closed without being merged"
		}
		return bot.Textf("%s %s; its newest commit %s is %s", name, state, bot.Code(l.Commit.Short()), placesOf(l))
	}
	return bot.Textf("%s is %s", name, placesOf(l))
}

// placesOf lists where something is: "in staging and production, not in qa".
func placesOf(l delivery.Located) bot.Text {
	in, out, unknown := names(l, delivery.Present), names(l, delivery.Absent), append(names(l, delivery.NotKnown), names(l, delivery.NotTelling)...)
	switch {
	case len(l.Places) == 0:
		return "nowhere: the service has no environments"
	case len(in) == 0 && len(unknown) == 0:
		return "in no environment"
	case len(in) == 0:
		return "in no environment that I know of"
	}
	t := bot.Textf("in %s", listed(in, "and"))
	if len(out) > 0 {
		t = bot.Textf("%s, not in %s", t, listed(out, "or"))
	}
	return t
}

func names(l delivery.Located, presence delivery.Presence) []bot.Text {
	var out []bot.Text
	for _, p := range l.Places {
		if p.Presence == presence {
			out = append(out, bot.Bold(p.Environment))
		}
	}
	return out
}

// listed lists what is safe to send: "a, b and c".
func listed(all []bot.Text, last string) bot.Text {
	if len(all) < 2 {
		return bot.Join("", all...)
	}
	return bot.Textf("%s %s %s", bot.Join(", ", all[:len(all)-1]...), last, all[len(all)-1])
}

func placeLines(p delivery.Place) []bot.Text {
	lines := []bot.Text{presenceLine(p)}
	if u := p.Under; u != nil && p.Coming {
		lines = append(lines, bot.Textf("    %s on its way: %s asked for %s at %s, %s", icon(u.State), bot.User(u.By), bot.Code(u.Commit.Short()),
			bot.Clock(u.Created), stateWords(u)))
	}
	switch d := p.Doubt; {
	case d == nil:
	case p.Begun:
		lines = append(lines, bot.Textf("    %s %s, which has it, did not succeed at %s, so it may be there in part", icon(d.State),
			bot.Code(d.Commit.Short()), bot.Time(d.Ended)))
	default:
		lines = append(lines, bot.Textf("    %s %s did not succeed %s, so part of that may run", icon(d.State), bot.Code(d.Commit.Short()), bot.Time(d.Ended)))
	}
	return lines
}

func presenceLine(p delivery.Place) bot.Text {
	environment := bot.Bold(p.Environment)
	switch p.Presence {
	case delivery.Present:
		if p.AtLatest {
			return bot.Textf("✅ %s: since %s at the latest · runs %s", environment, bot.Time(p.Since), bot.Code(runningIn(p)))
		}
		return bot.Textf("✅ %s: since %s · runs %s", environment, bot.Time(p.Since), bot.Code(runningIn(p)))
	case delivery.Absent:
		return bot.Textf("▫️ %s: not there · runs %s", environment, runsThere(p.Standing))
	case delivery.NotTelling:
		return bot.Textf("❔ %s: not known, since GitHub does not tell whether %s has it", environment, bot.Code(runningIn(p)))
	}
	return bot.Textf("❔ %s: what runs there is %s", environment, runsThere(p.Standing))
}

// runningIn is the commit that runs in a place, as commits are shown.
func runningIn(p delivery.Place) string {
	sha := p.Ledger.Commit.SHA
	if p.Outside != nil {
		sha = cmp.Or(p.Outside.Commit.SHA, sha)
	}
	return delivery.Commit{SHA: sha}.Short()
}

func atLeast(yes bool) string {
	if yes {
		return "at least "
	}
	return ""
}

// whereNotes say what the answer leaves out.
func whereNotes(w *delivery.Whereabouts) []bot.Text {
	var out []bot.Text
	for _, i := range w.Elsewhere {
		out = append(out, bot.Textf("%s says that it closes it, too; that is the repository of no service.", bot.Link(i.URL, i.Repo+"#"+itoa(i.Number))))
	}
	switch {
	case w.Issue != nil && w.More > 0:
		out = append(out, bot.Textf("Left out: %s%d more that say they close it.", atLeast(w.AtLeast), w.More))
	case w.Issue != nil && w.AtLeast:
		out = append(out, "There may be more that closes it: its history on GitHub is longer than I read.")
	case w.AtLeast:
		out = append(out, "There are more repositories than I look in; name the service with the line.")
	}
	if len(w.Unread) > 0 {
		out = append(out, bot.Textf("Not looked in, since GitHub did not show it: %s.", words(w.Unread, "and")))
	}
	return out
}
