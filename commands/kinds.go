package commands

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"shipmate/clock"
	"shipmate/delivery"
)

// The answers to a question that a line may carry.
const (
	confirmed = "confirmed" // the person was asked whether to deploy just this commit
	anyway    = "anyway"    // also what already runs there
)

// maxCount is the most records a list shows; a longer one is not read in a chat.
const maxCount = 50

var deploymentID = regexp.MustCompile(`^d-[a-z2-7]{10}$`)

func parseDeployment(word string) (string, error) {
	word = strings.ToLower(word)
	if !deploymentID.MatchString(word) {
		return "", fmt.Errorf("%q is not a deployment; one is written like d-4kq7x2m5wz, as /deploy history shows it", word)
	}
	return word, nil
}

func parseAnswer(word string) (string, error) {
	word = strings.ToLower(word)
	if word != anyway && word != confirmed {
		return "", notUnderstood(word)
	}
	return word, nil
}

func notUnderstood(word string) error {
	return fmt.Errorf("%q is not understood here; after the environment goes because, and the reason", word)
}

// parseCommit reads all of a commit, as only buttons write it.
func parseCommit(word string) (string, error) {
	if !fullSHA.MatchString(word) {
		return "", notUnderstood(word)
	}
	return word, nil
}

// askedPrefix marks the ref as it was asked for, in a line that names the commit.
const askedPrefix = "ref:"

func parseAsked(word string) (string, error) {
	ref, ok := strings.CutPrefix(word, askedPrefix)
	if !ok || ref == "" {
		return parseAnswer(word) // it is neither of the two, and is told so in the same words
	}
	return ref, nil
}

func parseBad(word string) (string, error) {
	if sha, ok := strings.CutPrefix(word, fromPrefix); !ok || !fullSHA.MatchString(sha) {
		return parseAnswer(word) // it is neither, and is told so in the same words
	}
	return word, nil
}

// parseWhen takes the first word of a moment, parseHour the time of day that may follow a day.
func parseWhen(word string) (string, error) {
	if !clock.IsDay(word) && !clock.IsHour(word) {
		return "", fmt.Errorf("%q is no time; after until goes 17:00, monday 9:00 or 2026-12-24 18:00", word)
	}
	return word, nil
}

func parseHour(word string) (string, error) {
	if !clock.IsHour(word) {
		return "", fmt.Errorf("%q is no time of day, such as 17:00", word)
	}
	return word, nil
}

func parseDays(word string) (string, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.ToLower(word), "d"))
	if err != nil || n < 1 || n > delivery.MaxStatsDays {
		return "", fmt.Errorf("%q is not a number of days from 1 to %d", word, delivery.MaxStatsDays)
	}
	return strconv.Itoa(n), nil
}

func parseCount(word string) (string, error) {
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 || n > maxCount {
		return "", fmt.Errorf("%q is not a number from 1 to %d", word, maxCount)
	}
	return strconv.Itoa(n), nil
}
