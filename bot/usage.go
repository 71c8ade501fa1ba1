package bot

import (
	"fmt"
	"regexp"
	"strings"
)

// The grammar of Command.Args, one string from which help, binding and arity come:
//
//	<service>            an argument that must be there
//	<service>[@ref]      with an optional second argument attached by the character: @, : or #
//	[<environment>]      one that may be missing
//	[to|on]              words that may stand here and mean nothing
//	[for <duration>]     an optional argument led in by a word
//	#<pr>                an argument written with that character in front
//	<reason>...          the rest of the line
//	[<input>=<value>...] any number of words of that form, each an argument of its own: "input.region" for region=eu
//	(<answer>)           an optional argument that only buttons' lines use; help does not show it
//	<a> | <b> <c>        alternatives, tried in order

// usage is one alternative.
type usage struct {
	slots []slot
	text  string
}

// slot is one place in a usage.
type slot struct {
	name     string   // the argument; "" for words that mean nothing
	prefix   string   // a character written in front, "#"
	attach   string   // the character that attaches a second argument, "@"
	second   string   // the attached argument
	words    []string // the words of a filler, or the word that leads the argument in
	optional bool
	rest     bool
	pairs    bool // takes all words of the form key=value
}

var (
	slotPattern = regexp.MustCompile(`^(\[?)(?:([a-z|…]+) )?([#!]?)<([a-z][a-z -]*)>(\]?)(?:\[([@:#])([a-z]+)\])?(\.\.\.)?(\]?)$`)
	pairPattern = regexp.MustCompile(`^\[<([a-z]+)>=<[a-z]+>\.\.\.\]$`)
	fillPattern = regexp.MustCompile(`^\[([a-z]+(?:\|[a-z]+)*)\]$`)
)

// parseUsage reads a usage string. An error names the piece it cannot read.
func parseUsage(s string) ([]usage, error) {
	var all []usage
	for _, form := range strings.Split(s, " | ") {
		u := usage{text: strings.TrimSpace(form)}
		for _, piece := range usagePieces(u.text) {
			sl, err := parseSlot(piece)
			if err != nil {
				return nil, err
			}
			if n := len(u.slots); n > 0 && u.slots[n-1].rest {
				return nil, fmt.Errorf("usage %q: nothing can follow the rest of the line", form)
			}
			u.slots = append(u.slots, sl)
		}
		all = append(all, u)
	}
	return all, nil
}

// usagePieces splits at spaces that are not inside brackets.
func usagePieces(s string) []string {
	var pieces []string
	depth, start := 0, 0
	for i, r := range s {
		switch r {
		case '[', '<':
			depth++
		case ']', '>':
			depth--
		case ' ':
			if depth == 0 {
				pieces = append(pieces, s[start:i])
				start = i + 1
			}
		}
	}
	pieces = append(pieces, s[start:])
	out := pieces[:0]
	for _, p := range pieces {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// hiddenPattern matches what only buttons' lines use.
var hiddenPattern = regexp.MustCompile(` ?\((<[a-z]+>)\)`)

// ShownArgs is a command's Args as people read it: without what only buttons' lines use.
func ShownArgs(c Command) string {
	return strings.TrimSpace(hiddenPattern.ReplaceAllString(c.Args, ""))
}

func parseSlot(piece string) (slot, error) {
	if m := hiddenPattern.FindStringSubmatch(piece); m != nil && m[0] == piece {
		piece = "[" + m[1] + "]"
	}
	if m := fillPattern.FindStringSubmatch(piece); m != nil {
		return slot{words: strings.Split(m[1], "|"), optional: true}, nil
	}
	if m := pairPattern.FindStringSubmatch(piece); m != nil {
		return slot{name: m[1], pairs: true}, nil
	}
	m := slotPattern.FindStringSubmatch(piece)
	if m == nil {
		return slot{}, fmt.Errorf("usage: cannot read %q", piece)
	}
	sl := slot{name: m[4], prefix: m[3], attach: m[6], second: m[7], rest: m[8] != "", optional: m[1] != ""}
	if m[2] != "" {
		sl.words = strings.Split(m[2], "|")
	}
	if (m[1] != "") != (m[5] != "" || m[9] != "") {
		return slot{}, fmt.Errorf("usage: unbalanced brackets in %q", piece)
	}
	return sl, nil
}
