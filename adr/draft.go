package adr

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Draft is a decision to be written down.
type Draft struct {
	Number int
	Title  string // as CleanTitle makes it
	Date   string // YYYY-MM-DD
	Status Status // StatusAccepted for "", as adr-tools has it

	Context, Decision, Consequences, Alternatives string
	Services                                      []string
	Supersedes                                    []Ref
}

// nygard is the layout of a record where a directory has no template of its own. adr-tools, adrs and Structurizr read it
// (adr-review-debt, section 3.2).
const nygard = `# NUMBER. TITLE

Date: DATE

## Status

STATUS

## Context

## Decision

## Consequences
`

// part is a section of a draft, what templates call it in small letters, and what stands there as long as nobody has written it.
type part struct {
	heading string
	names   []string
	text    func(Draft) string
	prompt  string
}

var parts = []part{
	{"Context", []string{"context", "context and problem statement", "context and problem", "problem"}, func(d Draft) string { return d.Context },
		"_To be written: what makes a decision necessary, and what bears on it._"},
	{"Decision", []string{"decision", "decision outcome"}, func(d Draft) string { return d.Decision },
		"_To be written: what we do, in one or two sentences, and why._"},
	{"Alternatives", []string{"alternatives", "alternatives considered", "considered alternatives", "considered options", "options considered", "options"},
		func(d Draft) string { return d.Alternatives }, ""},
	{"Consequences", []string{"consequences"}, func(d Draft) string { return d.Consequences },
		"_To be written: what becomes easier and what harder, and what has to be done now._"},
}

// Render is the record of a draft, by the template of its directory; by Nygard's layout for "". In a template NUMBER, TITLE, DATE and STATUS
// are filled in as adr-tools does it, but literally (adr-vectors, E); then the sections that a draft knows, under the names that
// Nygard and MADR give them, while those that it has nothing for stay as they are. What the template has no place for gets one. It has
// LF, and whatever people wrote is read back as just that.
func (d Draft) Render(template string) []byte {
	if clean, err := CleanTitle(d.Title); err == nil {
		d.Title = clean
	} else {
		d.Title = "Untitled"
	}
	if d.Status == "" {
		d.Status = StatusAccepted
	}
	d.Date = dateIn(d.Date)
	if strings.TrimSpace(template) == "" {
		template = nygard
	}
	file := FileName(d.Number, d.Title)
	content := []byte(d.fill(strings.TrimRight(tidy(template), "\n") + "\n"))
	content = d.titled(file, content)
	for n := range parts {
		content = d.section(content, n)
	}
	content = d.dated(file, content)
	content = d.standing(file, content)
	content = d.served(file, content)
	for _, old := range d.Supersedes {
		content = relateIn(file, content, old)
	}
	return content
}

// fill replaces the first of each of the four words in every line, all at once so that a title may have them in it.
func (d Draft) fill(template string) string {
	values := map[string]string{"NUMBER": fmt.Sprint(d.Number), "TITLE": d.Title, "DATE": cmp.Or(d.Date, "YYYY-MM-DD"), "STATUS": string(d.Status)}
	var b strings.Builder
	for l := range strings.SplitAfterSeq(template, "\n") {
		done := map[string]bool{}
		for l != "" {
			end := strings.IndexFunc(l, func(r rune) bool { return !wordly(r) })
			if end < 0 {
				end = len(l)
			}
			word := l[:end]
			if value, ok := values[word]; ok && !done[word] {
				done[word] = true
				b.WriteString(value)
			} else {
				b.WriteString(word)
			}
			_, size := utf8.DecodeRuneInString(l[end:])
			b.WriteString(l[end : end+size])
			l = l[end+size:]
		}
	}
	return b.String()
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// titled gives a record its title where the template had no place for it.
func (d Draft) titled(file string, content []byte) []byte {
	r := read(file, content)
	heading := fmt.Sprintf("# %d. %s", d.Number, d.Title)
	if r.front > 0 && !numbered.MatchString(d.Title) {
		heading = "# " + d.Title // MADR
	}
	switch {
	case r.heading < 0:
		r.lines = append(r.lines[:r.front:r.front], append([]line{{raw: []byte(heading + "\n\n")}}, r.lines[r.front:]...)...)
	case r.Title == d.Title:
	case r.body(r.heading) > r.heading+1: // underlined
		r.put(r.heading, heading)
		r.lines[r.heading+1].raw = nil
	default:
		r.put(r.heading, heading)
	}
	return r.bytes()
}

// section writes one of the sections.
func (d Draft) section(content []byte, n int) []byte {
	p := pageOf(content)
	at := p.find(parts[n].names)
	text := parts[n].text(d)
	if at < 0 {
		if text = written(text, 2); text == "" {
			return content
		}
		return p.replace(d.before(p, n), d.before(p, n), "## "+parts[n].heading+"\n\n"+text)
	}
	from, to := p.body(at), p.next(p.body(at), 6)
	if text = written(text, p.lines[at].level); text == "" && p.text(from, to) == "" {
		text = parts[n].prompt
	}
	if text == "" {
		return content
	}
	return p.replace(from, to, "\n"+text)
}

// before is where a section belongs that the template does not have: before the next one that it has, or at the end.
func (d Draft) before(p page, n int) int {
	for _, later := range parts[n+1:] {
		if at := p.find(later.names); at >= 0 && p.lines[at].level == 2 {
			return at
		}
	}
	return len(p.lines)
}

// find is the line of the first heading below the title with one of the names; -1 when there is none.
func (p page) find(names []string) int {
	for n, l := range p.lines {
		for _, name := range names {
			if l.level >= 2 && strings.EqualFold(strings.TrimRight(l.title, ": "), name) {
				return n
			}
		}
	}
	return -1
}

// replace puts text in the place of lines, with a blank line before and after it.
func (p page) replace(from, to int, text string) []byte {
	var b strings.Builder
	for _, l := range p.lines[:from] {
		b.Write(l.raw)
	}
	if from == len(p.lines) && from > 0 && !p.lines[from-1].blank() && !strings.HasPrefix(text, "\n") {
		b.WriteByte('\n')
	}
	b.WriteString(text + "\n")
	for n, l := range p.lines[to:] {
		if n == 0 {
			b.WriteByte('\n')
		}
		b.Write(l.raw)
	}
	return []byte(b.String())
}

// dated writes the date where the template had no place for it.
func (d Draft) dated(file string, content []byte) []byte {
	r := read(file, content)
	switch {
	case d.Date == "" || r.dated >= 0:
	case r.front > 0:
		r.addKey("date", d.Date)
	default:
		r.addItem("Date: " + d.Date)
	}
	return r.bytes()
}

// standing writes the status, and the date of a template that has one without the word for it. A record that has no place for a status gets
// the section before all others.
func (d Draft) standing(file string, content []byte) []byte {
	if r := read(file, content); r.placeless() && r.front == 0 {
		at := r.next(r.body(r.heading), 6)
		content = r.replace(at, at, "## Status\n\n"+string(d.Status))
	}
	if out, err := SetStatus(file, content, d.Status, d.Date); err == nil {
		return out
	}
	return content
}

// served names the services that the decision is about, in a line under the date.
func (d Draft) served(file string, content []byte) []byte {
	var names []string
	for _, name := range d.Services {
		if name = oneLine(name); name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return content
	}
	r := read(file, content)
	if said := strings.Join(names, ", "); has(r.items, "services") {
		r.setItem("services", said)
	} else {
		r.addItem("Services: " + said)
	}
	return r.bytes()
}

// addItem puts a line under the date, in its list if it stands in one; under the title when there is no date.
func (r *reading) addItem(text string) {
	at := r.body(r.heading) - 1
	between := "\n"
	if n, ok := r.items["date"]; ok {
		at = n
		if l := strings.TrimSpace(r.lines[n].text); strings.ContainsAny(l[:1], "-*+") && l[1] == ' ' {
			between, text = "", l[:2]+text
		}
	}
	r.lines[at].raw = fmt.Appendf(nil, "%s%s%s\n", r.lines[at].raw, between, text)
}

// relateIn says that a record supersedes an older one: in its section Status, or where it has none in a section Links, as log4brains does.
func relateIn(file string, content []byte, old Ref) []byte {
	r := read(file, content)
	if r.status >= 0 {
		r.relate(supersedes, old)
		return r.bytes()
	}
	entry := "- " + old.link(supersedes)
	if at := r.find([]string{"links"}); at >= 0 {
		from, to := r.body(at), r.next(r.body(at), 6)
		return r.replace(from, to, "\n"+strings.TrimLeft(r.text(from, to)+"\n"+entry, "\n"))
	}
	return r.replace(len(r.lines), len(r.lines), "## Links\n\n"+entry)
}
