package config

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/agext/levenshtein"
)

// longestWord is how much of a value is repeated, and the longest word that is compared with the known ones.
const longestWord = 60

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,60}$`)

// segment is a key as a part of a path: as written when it is a plain word.
func segment(key string) string {
	if plainKey.MatchString(key) {
		return key
	}
	return quote(key)
}

// quote is a value as it is repeated to people: on one line and not too long.
func quote(value string) string {
	if utf8.RuneCountInString(value) > longestWord {
		value = string([]rune(value)[:longestWord]) + "…"
	}
	return strconv.Quote(value)
}

// join is the path of a key in a section; the whole file's path is empty.
func join(path, key string) string {
	if path == "" {
		return segment(key)
	}
	return path + "." + segment(key)
}

// insteadOf is the rest of a sentence about an unknown word: what was probably meant, else what there is.
func insteadOf(word string, known []string) string {
	if best := nearest(word, known); best != "" {
		return "did you mean " + best + "?"
	}
	if len(known) == 0 {
		return "there is none"
	}
	return "there is " + list(known)
}

// nearest is the known word with at most a third of its letters changed, or nothing.
func nearest(word string, known []string) string {
	if len(word) > longestWord || len(known) > 500 {
		return ""
	}
	best, bestDistance := "", 0
	for _, k := range known {
		limit := max(2, len(k)/3) // two, as letters that changed places count twice
		// Without the library's MaxCost, which says 2 of words that have nothing in common.
		distance := levenshtein.Distance(strings.ToLower(word), strings.ToLower(k), nil)
		if distance > min(limit, len(k)/2) || (best != "" && distance >= bestDistance) {
			continue
		}
		best, bestDistance = k, distance
	}
	return best
}

// list is words as people say them, the first twenty of them.
func list(words []string) string {
	if len(words) > 20 {
		return strings.Join(words[:20], ", ") + ", …"
	}
	return strings.Join(words, ", ")
}
