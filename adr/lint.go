package adr

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // tools or people are misled
	SeverityWarning Severity = "warning" // it is legal, and mostly an oversight
)

// Finding is something about a record that is to be mended.
type Finding struct {
	File     string
	Line     int    // from 1
	Rule     string // one of the constants
	Text     string // one sentence that also says what clears it
	Severity Severity
}

// The rules of Lint.
const (
	RuleName        = "name"        // not a name that every tool takes for a record's
	RuleDuplicate   = "duplicate"   // two records with one number
	RuleGap         = "gap"         // a number that nobody has
	RuleFull        = "full"        // a number of more than four digits
	RuleTitle       = "title"       // no title, or another number in it
	RuleStatus      = "status"      // no status, an unknown one, several, or one that tools do not find
	RuleDate        = "date"        // no date
	RuleSection     = "section"     // a section is missing
	RuleUnwritten   = "unwritten"   // a section is still to be written
	RuleLink        = "link"        // a link that leads nowhere
	RuleCounterpart = "counterpart" // a relation that the other record does not know
)

// Lint looks at the entries of a directory of records, by their names; of what is no Markdown file the content does not matter. The findings
// come by file and line.
func Lint(files map[string][]byte) []Finding {
	l := &linter{files: files, records: map[int][]*reading{}}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if l.name(name); IsRecordName(name) {
			r := read(name, files[name])
			l.all = append(l.all, r)
			l.records[r.Number] = append(l.records[r.Number], r)
		}
	}
	l.numbers()
	for _, r := range l.all {
		l.title(r)
		l.status(r)
		l.date(r)
		l.sections(r)
		l.links(r)
	}
	slices.SortStableFunc(l.found, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	return l.found
}

type linter struct {
	files   map[string][]byte
	all     []*reading // by name
	records map[int][]*reading
	found   []Finding
}

// wrong and odd add a finding at a line, from 0.
func (l *linter) wrong(file string, line int, rule, text string, args ...any) {
	l.found = append(l.found, Finding{file, max(line, 0) + 1, rule, strings.ReplaceAll(tidy(fmt.Sprintf(text, args...)), "\n", " "), SeverityError})
}

func (l *linter) odd(file string, line int, rule, text string, args ...any) {
	l.wrong(file, line, rule, text, args...)
	l.found[len(l.found)-1].Severity = SeverityWarning
}

// name looks at an entry whose name begins with a number: adr-tools counts, and lists, more of them than are records (adr-vectors, B and C).
func (l *linter) name(name string) {
	n, rest, ok := leadingNumber(name)
	if !ok || n > MaxNumber && !IsRecordName(name) {
		return
	}
	switch digits := len(name) - len(rest); {
	case n > MaxNumber:
		l.wrong(name, 0, RuleFull, "Tools read numbers of four digits, up to %d; give it a free one, or begin another directory.", MaxNumber)
	case !IsRecordName(name):
		l.odd(name, 0, RuleName, "It is no record, but adr-tools counts it as number %d; give it a name that does not begin with a number.", n)
	case digits != 4 || strings.ContainsAny(name, " \t"):
		l.wrong(name, 0, RuleName, "Tools read names of four digits, a dash and no blanks; call it %s.", FileName(n, strings.TrimSuffix(rest, ".md")))
	}
}

// numbers looks for numbers that two records have, or none.
func (l *linter) numbers() {
	next, err := NextNumber(slices.Collect(maps.Keys(l.files)))
	free := fmt.Sprintf("give one of them the next free number, %04d", next)
	if err != nil {
		free = "begin another directory with one of them"
	}
	before := 0
	for _, n := range slices.Sorted(maps.Keys(l.records)) {
		if n > MaxNumber {
			break
		}
		for _, r := range l.records[n][1:] {
			l.wrong(r.File, 0, RuleDuplicate, "It has the number of %s; %s.", l.records[n][0].File, free)
		}
		switch first := before + 1; {
		case n == before+2:
			l.odd(l.records[n][0].File, 0, RuleGap, "No record has the number %d before it; if that decision was given up, record it as rejected.", first)
		case n > before+2:
			l.odd(l.records[n][0].File, 0, RuleGap, "No record has the numbers %d to %d before it; if those decisions were given up, record them as rejected.", first, n-1)
		}
		before = n
	}
}

func (l *linter) title(r *reading) {
	switch {
	case r.heading < 0:
		l.wrong(r.File, r.front, RuleTitle, "It has no title; begin it with “# %d. %s”.", r.Number, r.Title)
	case r.number >= 0 && r.number != r.Number:
		l.wrong(r.File, r.heading, RuleTitle, "Its title has the number %d and its file %d; write “# %d. %s”.", r.number, r.Number, r.Number, r.Title)
	case r.number < 0 && r.Format == Nygard:
		l.odd(r.File, r.heading, RuleTitle, "Its title has no number, and some tools cut it for that; write “# %d. %s”.", r.Number, r.Title)
	}
}

func (l *linter) date(r *reading) {
	switch {
	case r.Date != "":
	case r.dated >= 0:
		l.odd(r.File, r.dated, RuleDate, "This is no date that tools read; write it as YYYY-MM-DD.")
	case r.Format == MADR:
		l.odd(r.File, 0, RuleDate, "It says no date; write “date: YYYY-MM-DD” into its front matter.")
	default:
		l.odd(r.File, r.heading, RuleDate, "It says no date; write “Date: YYYY-MM-DD” under its title.")
	}
}

func (l *linter) sections(r *reading) {
	for _, p := range parts {
		at := r.find(p.names)
		switch {
		case p.prompt == "": // the alternatives: Nygard has none
		case at < 0 && r.Format == Nygard:
			l.odd(r.File, r.heading, RuleSection, "It has no section “## %s”; write one.", p.heading)
		case at >= 0 && strings.Contains(r.text(r.body(at), r.next(r.body(at), 6)), p.prompt):
			l.odd(r.File, at, RuleUnwritten, "Its section “%s” is still to be written.", r.lines[at].title)
		}
	}
	if r.Format != Nygard && r.find(parts[0].names) < 0 {
		l.odd(r.File, r.heading, RuleSection, "It has no section “## Context and Problem Statement”; write one.")
	}
	if r.Format != Nygard && r.find(parts[1].names) < 0 {
		l.odd(r.File, r.heading, RuleSection, "It has no section “## Decision Outcome”; write one.")
	}
}
