package commands

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/schedule"
)

func parseSchedule(word string) (string, error) {
	word = strings.ToLower(word)
	if !schedule.IsID(word) {
		return "", fmt.Errorf("%q is not a schedule; one is written like s-4kq7x2m5wz, as /schedule shows it", word)
	}
	return word, nil
}

// parseTimes reads a cron expression, which is one word since it stands in quotes.
func parseTimes(word string) (string, error) {
	if strings.HasPrefix(word, `"`) || strings.HasPrefix(word, "'") {
		return "", errors.New(`the times stand between two double quotes, such as "0 9 * * 1-5"`)
	}
	if word != "" && !strings.ContainsAny(word, " @") {
		return "", fmt.Errorf("%q is only one word: put the times in quotes, such as \"0 9 * * 1-5\"", word)
	}
	c, err := clock.ParseCron(word, time.UTC)
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(c.String(), " (UTC)"), nil
}

var channelWord = regexp.MustCompile(`^(#[^\s#@,<>|]{1,80}|[CGD][A-Z0-9]{5,20})$`)

func parseChannel(word string) (string, error) {
	name, _, _ := strings.Cut(word, "|") // as Slack writes one it made a link of
	if !channelWord.MatchString(name) {
		return "", fmt.Errorf("%q is not a channel; write it as #payments", word)
	}
	return name, nil
}

func parseZone(word string) (string, error) {
	zone, err := clock.LoadZone(word)
	if err != nil {
		return "", err
	}
	return zone.String(), nil
}

func missedWays(*config.Config, bot.Args) []bot.Value {
	return []bot.Value{{Name: string(schedule.CatchUp)}, {Name: string(schedule.SkipIt)}}
}

func workdayWords(*config.Config, bot.Args) []bot.Value {
	return []bot.Value{{Name: "workdays", Aliases: []string{"working-days", "weekdays"}}}
}

func whoseSchedules(*config.Config, bot.Args) []bot.Value {
	return []bot.Value{{Name: allSchedules}}
}

func teams(cfg *config.Config, _ bot.Args) []bot.Value {
	var out []bot.Value
	for _, name := range cfg.TeamNames() {
		out = append(out, bot.Value{Name: name})
	}
	return out
}

// digestID is the ID of a digest: its schedule's, and its time or the request that wanted it.
var digestID = regexp.MustCompile(`^(digest|handover)-[a-z0-9-]{1,40}\.[\w.:-]{1,100}$`)

func parseDigest(word string) (string, error) {
	if !digestID.MatchString(word) {
		return "", fmt.Errorf("%q is not a digest", word)
	}
	return word, nil
}
