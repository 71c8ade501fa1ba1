package adr

import (
	"slices"
	"strings"
	"unicode"
)

// Status is how a decision stands. It is written in English whatever language the record is in: it is what tools read.
type Status string

// The statuses: those of Nygard's article and, for what was decided against, MADR's.
const (
	StatusProposed   Status = "Proposed"
	StatusAccepted   Status = "Accepted"
	StatusRejected   Status = "Rejected"
	StatusDeprecated Status = "Deprecated"
	StatusSuperseded Status = "Superseded"
)

// life is the order in which a record comes to be what it is. Where a record says several things, the last of them holds: adr-tools
// leaves "Proposed" above the line that supersedes it (adr-vectors, G5), and log4brains leaves the whole Status section (L8).
var life = []Status{StatusProposed, StatusAccepted, StatusRejected, StatusDeprecated, StatusSuperseded}

// statusWords are the words that records have for a status, in small letters. "superceded" is how adr-tools spelled it for years, "draft"
// log4brains' word and "done" that of phodal/adr.
var statusWords = map[string]Status{
	"proposed": StatusProposed, "draft": StatusProposed,
	"accepted": StatusAccepted, "done": StatusAccepted,
	"rejected":   StatusRejected,
	"deprecated": StatusDeprecated,
	"superseded": StatusSuperseded, "superceded": StatusSuperseded,
}

// StatusNamed is the status that a text begins with, in any case: "accepted", "Superseded by ADR-0005", "**Rejected** in May". ok is
// false when that is no word for a status.
func StatusNamed(text string) (s Status, ok bool) {
	text = strings.TrimLeftFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune("{<[(~", r) })
	end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	if end < 0 {
		end = len(text)
	}
	s, ok = statusWords[strings.ToLower(text[:end])]
	if ok && strings.HasPrefix(strings.TrimSpace(text[end:]), "|") { // a template's choice of statuses is none yet
		return "", false
	}
	return s, ok
}

// isStatusWord tells whether a line is nothing but the word for a status.
func isStatusWord(line string) bool {
	_, ok := statusWords[strings.ToLower(strings.Trim(line, " \t*_`."))]
	return ok
}

// furthest is the one of two statuses that a decision reaches later.
func furthest(a, b Status) Status {
	if slices.Index(life, b) > slices.Index(life, a) {
		return b
	}
	return a
}
