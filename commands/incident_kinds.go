package commands

import (
	"fmt"
	"strconv"
	"strings"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/incident"
)

func severities(cfg *config.Config, _ bot.Args) []bot.Value {
	var out []bot.Value
	for n, s := range cfg.Incidents.Levels() {
		out = append(out, bot.Value{Name: s.Name, Aliases: []string{"p" + strconv.Itoa(n+1), strconv.Itoa(n + 1)}})
	}
	return out
}

func statuses(*config.Config, bot.Args) []bot.Value {
	return []bot.Value{{Name: string(incident.Investigating)}, {Name: string(incident.Identified), Aliases: []string{"found"}},
		{Name: string(incident.Mitigated), Aliases: []string{"mit"}}, {Name: string(incident.IsResolved), Aliases: []string{"resolve", "closed", "done"}}}
}

func roles(*config.Config, bot.Args) []bot.Value {
	return []bot.Value{{Name: string(incident.Commander), Aliases: []string{"ic", "lead", "captain"}}, {Name: string(incident.Comms), Aliases: []string{"communications"}},
		{Name: string(incident.Scribe)}}
}

func parseIncident(word string) (string, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(strings.ToLower(word), "inc-"))
	if err != nil || n < 1 {
		return "", fmt.Errorf("%q is not the number of an incident; one is written like #12", word)
	}
	return strconv.Itoa(n), nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// cutTo cuts a text to that many characters.
func cutTo(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}
