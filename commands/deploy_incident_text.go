package commands

import (
	"strings"

	"shipmate/bot"
	"shipmate/delivery"
	"shipmate/incident"
)

// holdName is how an incident is called that keeps deployments out.
func holdName(h delivery.Hold) bot.Text {
	return bot.Bold((&incident.Incident{Number: h.Number}).Name())
}

// restrictedOf counts the incidents among all of which nothing more may be said.
func restrictedOf(all []delivery.Hold) (open []delivery.Hold, restricted int) {
	for _, h := range all {
		if h.Private {
			restricted++
			continue
		}
		open = append(open, h)
	}
	return open, restricted
}

func restrictedWords(n int) string {
	if n == 1 {
		return "a restricted incident"
	}
	return count(n, "restricted incident")
}

// incidentWords says of a closed gate which incidents close it.
func incidentWords(g delivery.Gate) bot.Text {
	open, restricted := restrictedOf(g.Holds)
	var out []bot.Text
	for _, h := range open[:min(len(open), maxNamed)] {
		out = append(out, bot.Textf("%s is open (%s, %s): %s.", holdName(h), h.Severity, h.Status, bot.Literal(strings.TrimRight(h.Title, ".!"))))
	}
	if more := len(open) - maxNamed; more > 0 {
		out = append(out, bot.Textf("So are %d more.", more))
	}
	if restricted == 1 {
		out = append(out, "A restricted incident is open.")
	} else if restricted > 1 {
		out = append(out, bot.Textf("%s are open.", restrictedWords(restricted)))
	}
	return bot.Join(" ", out...)
}

// incidentClears says when it opens, and where that is worked on.
func incidentClears(g delivery.Gate) bot.Text {
	open, restricted := restrictedOf(g.Holds)
	var names []bot.Text
	for _, h := range open[:min(len(open), maxNamed)] {
		name := holdName(h)
		if h.Channel != "" {
			name = bot.Textf("%s (%s)", name, bot.Channel(h.Channel))
		}
		names = append(names, name)
	}
	if more := len(open) - maxNamed; more > 0 {
		names = append(names, bot.Textf("%d more", more))
	}
	if restricted > 0 {
		names = append(names, bot.Plain(restrictedWords(restricted)))
	}
	last := len(names) - 1
	switch {
	case len(g.Holds) > 1 && last > 0:
		return bot.Textf("It clears when %s and %s are mitigated; rollbacks pass.", bot.Join(", ", names[:last]...), names[last])
	case len(g.Holds) > 1:
		return "It clears when they are mitigated; rollbacks pass."
	case len(open) == 0:
		return "It clears when it is mitigated; rollbacks pass."
	}
	return bot.Textf("It clears when %s is mitigated; rollbacks pass.", names[0])
}

// incidentLines say in short of a service which incidents keep it as it is; nothing when none does.
func incidentLines(g *delivery.Gate) []bot.Text {
	if g == nil {
		return nil
	}
	open, restricted := restrictedOf(g.Holds)
	var lines []bot.Text
	for _, h := range open {
		lines = append(lines, bot.Textf("🔴 kept as it is by %s (%s): %s", holdName(h), h.Severity, bot.Literal(h.Title)))
	}
	if restricted > 0 {
		lines = append(lines, bot.Textf("🔴 kept as it is by %s", restrictedWords(restricted)))
	}
	return lines
}
