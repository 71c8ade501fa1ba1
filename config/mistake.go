package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxMistakes is how many mistakes are listed; a file with more has one cause, and nobody reads on.
const maxMistakes = 200

// Mistake is one thing wrong with a file: where, which key, and a sentence that says what would be right.
type Mistake struct {
	File      string
	Line, Col int    // counted from 1; 0 when the file could not be read at all
	Path      string // "services.checkout.team"; empty when it is about the file
	Problem   string // without what looks like a secret
}

// String is one line: shipmate.yaml:12:5: services.checkout.tema: unknown key; did you mean team?
func (m Mistake) String() string {
	var b strings.Builder
	b.WriteString(m.File)
	if m.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", m.Line, m.Col)
	}
	b.WriteString(": ")
	if m.Path != "" {
		b.WriteString(m.Path + ": ")
	}
	b.WriteString(m.Problem)
	return b.String()
}

// Warning is something a valid file says that people should know.
type Warning Mistake

// String is one line, as of a Mistake.
func (w Warning) String() string { return Mistake(w).String() }

// Mistakes is a list of mistakes as an error: one line each.
type Mistakes []Mistake

// Error lists the mistakes, one on a line.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, mistake := range m {
		lines[i] = mistake.String()
	}
	return strings.Join(lines, "\n")
}

func warningsInOrder(list []Warning) []Warning {
	slices.SortStableFunc(list, func(a, b Warning) int { return cmp.Or(a.Line-b.Line, a.Col-b.Col) })
	return list
}

// inOrder sorts by place, drops repetitions and cuts a list that is too long.
func inOrder(list []Mistake, unlisted int) []Mistake {
	slices.SortFunc(list, func(a, b Mistake) int {
		return cmp.Or(a.Line-b.Line, a.Col-b.Col, cmp.Compare(a.Path, b.Path), cmp.Compare(a.Problem, b.Problem))
	})
	list = slices.Compact(list)
	unlisted += max(len(list)-maxMistakes, 0)
	if unlisted == 0 {
		return list
	}
	list = list[:min(len(list), maxMistakes)]
	last := list[len(list)-1]
	last.Path, last.Problem = "", fmt.Sprintf("and %d more mistakes", unlisted)
	return append(list, last)
}
