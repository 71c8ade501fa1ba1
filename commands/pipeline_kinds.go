package commands

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

var (
	shaWord = regexp.MustCompile(`^[0-9a-f]{7,40}$`)
	watchID = regexp.MustCompile(`^w-[a-z2-7]{10}$`)
	runWord = regexp.MustCompile(`^(\d{1,18})\.(\d{1,6})$`)
)

func parsePull(word string) (string, error) {
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > 1<<30 {
		return "", fmt.Errorf("%q is not the number of a pull request; one is written like #12", "#"+word)
	}
	return strconv.Itoa(n), nil
}

func parseSHA(word string) (string, error) {
	word = strings.ToLower(word)
	if !shaWord.MatchString(word) {
		return "", fmt.Errorf("%q is neither a service nor a commit; a commit is 7 to 40 digits from 0 to f", word)
	}
	return word, nil
}

func parseWatch(word string) (string, error) {
	word = strings.ToLower(word)
	if !watchID.MatchString(word) {
		return "", fmt.Errorf("%q is neither a service nor a watched pipeline; one is written like w-4kq7x2m5wz", word)
	}
	return word, nil
}

func rerunnableJobs(*config.Config, bot.Args) []bot.Value {
	return []bot.Value{{Name: string(delivery.FailedJobs)}, {Name: string(delivery.AllJobs)}}
}

// parseRuns reads "123.1,124.2": runs with the attempt that was seen.
func parseRuns(word string) (string, error) {
	if _, err := runsOf(word); err != nil {
		return "", err
	}
	return word, nil
}

func runsOf(word string) ([]delivery.Attempt, error) {
	if word == "" {
		return nil, nil
	}
	var out []delivery.Attempt
	for one := range strings.SplitSeq(word, ",") {
		m := runWord.FindStringSubmatch(one)
		if m == nil {
			return nil, fmt.Errorf("%q is not understood here", one)
		}
		run, err := strconv.ParseInt(m[1], 10, 64)
		attempt, err2 := strconv.Atoi(m[2])
		if err != nil || err2 != nil {
			return nil, fmt.Errorf("%q is not understood here", one)
		}
		out = append(out, delivery.Attempt{Run: run, Attempt: attempt})
	}
	return out, nil
}

// attempts writes what runsOf reads.
func attempts(all []delivery.Attempt) string {
	var out []string
	for _, a := range all {
		out = append(out, fmt.Sprintf("%d.%d", a.Run, a.Attempt))
	}
	return strings.Join(out, ",")
}
