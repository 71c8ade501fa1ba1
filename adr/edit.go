package adr

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
)

// EditError says why a record's status cannot be changed.
type EditError struct{ File, Why string }

// Error is a sentence for people.
func (e *EditError) Error() string {
	return e.File + " cannot be changed: " + e.Why + "."
}

// UserMessage is the sentence for people.
func (e *EditError) UserMessage() string { return e.Error() }

// Ref is another record.
type Ref struct {
	Number      int
	Title, File string
}

// link is a relation to a record as adr-tools writes it.
func (r Ref) link(kind string) string {
	return fmt.Sprintf("%s [%d. %s](%s)", kind, r.Number, oneLine(r.Title), path.Base(r.File))
}

// oneLine is text that can stand in a link.
func oneLine(text string) string {
	return unlinkable.Replace(strings.Join(strings.Fields(tidy(text)), " "))
}

// Supersede says in a record that another one supersedes it, wherever it says how it stands. In a Status section the word for the status
// gives way to the line that `adr new -s` writes, byte for byte; text of people there stays. In front matter it is MADR's "superseded by
// ADR-0005", in a list what log4brains writes. Everything else stays as it is, and a record that says so already is not changed. It is
// "Superseded", also where a directory has adr-tools' old spelling. The error is an *EditError.
func Supersede(file string, content []byte, by Ref) ([]byte, error) {
	r := read(file, content)
	if r.status >= 0 {
		r.strike(r.statusWords())
		r.relate(supersededBy, by)
	}
	if n, ok := r.items["status"]; ok && !r.linkedAt(n, supersededBy, by) {
		r.setItem("status", bySlug(r.item("status"), by))
	}
	if n, ok := r.keys["status"]; ok && !r.linkedAt(n, supersededBy, by) {
		r.setKey("status", byNumber(r.key("status"), by))
	} else if !ok && r.placeless() && r.front > 0 {
		r.addKey("status", byNumber("", by))
	}
	out := r.bytes()
	after := read(file, out)
	if after.Status != StatusSuperseded || !slices.ContainsFunc(after.Links, func(l Link) bool { return l.Type == supersededBy && by.is(l) }) {
		return nil, &EditError{r.File, noPlace}
	}
	return out, nil
}

// noPlace is why a status cannot be written.
const noPlace = "it has no place for a status that can be read; give it a section “## Status”"

// bySlug is how log4brains says what supersedes a record: the text of the link is the file's name (adr-vectors, L4 and L5).
func bySlug(was string, by Ref) string {
	file := path.Base(by.File)
	link := fmt.Sprintf("[%s](%s)", strings.TrimSuffix(file, ".md"), file)
	if s, _ := StatusNamed(was); s == StatusSuperseded && len(linksIn(was)) > 0 {
		return was + ", " + link
	}
	return "superseded by " + link
}

// byNumber is how MADR says it, in the form that is there already.
func byNumber(was string, by Ref) string {
	name := fmt.Sprintf("ADR-%04d", by.Number)
	switch s, _ := StatusNamed(was); {
	case s == StatusSuperseded && len(linksIn(was)) > 0:
		return fmt.Sprintf("%s and [%s](%s)", was, name, path.Base(by.File))
	case s == StatusSuperseded && strings.Contains(strings.ToLower(was), " by "):
		return was + " and " + name
	}
	return "superseded by " + name
}

// SetStatus writes how a decision stands, and unless it is empty the date, wherever the record says such a thing. Everything else stays as
// it is. It does not take back that another record supersedes this one. The error is an *EditError.
func SetStatus(file string, content []byte, s Status, date string) ([]byte, error) {
	r := read(file, content)
	if r.Status != s || r.status >= 0 && len(r.asks) == 0 {
		r.setStatus(s)
	}
	if r.dated >= 0 && date != "" && r.Date != date {
		if r.dated < r.front {
			r.setKey("date", date)
		} else {
			r.setItem("date", date)
		}
	}
	out := r.bytes()
	switch after := read(file, out); {
	case after.Status == s:
		return out, nil
	case after.Status == StatusSuperseded:
		return nil, &EditError{r.File, "it says that another record supersedes it; take that line away first"}
	case after.Status != "":
		return nil, &EditError{r.File, fmt.Sprintf("what its Status says beside the status still reads as %s; take that away first", after.Status)}
	}
	return nil, &EditError{r.File, noPlace}
}

func (r *reading) setStatus(s Status) {
	if has(r.items, "status") {
		r.setItem("status", like(s, r.item("status")))
	}
	if has(r.keys, "status") {
		r.setKey("status", like(s, r.key("status")))
	} else if r.placeless() && r.front > 0 {
		r.addKey("status", like(s, ""))
	}
	if r.status < 0 {
		return
	}
	if words := r.statusWords(); len(words) > 0 {
		r.put(words[0], string(s))
		r.strike(words[1:])
		return
	}
	at := r.body(r.status)
	for at < r.until && r.lines[at].blank() {
		at++
	}
	r.insert(at, string(s))
}

// statusWords are the lines of the section Status that are nothing but the word for one.
func (r *reading) statusWords() (lines []int) {
	for n := r.body(r.status); n < r.until; n++ {
		if r.lines[n].plain && isStatusWord(r.lines[n].text) {
			lines = append(lines, n)
		}
	}
	return lines
}

// placeless tells whether it says nowhere how it stands.
func (r *reading) placeless() bool {
	return r.status < 0 && !has(r.items, "status") && !has(r.keys, "status") && !r.nested
}

// like is a status in the case that is there already; front matter and lists have small letters.
func like(s Status, was string) string {
	if first := strings.IndexFunc(was, unicode.IsLetter); first >= 0 && unicode.IsUpper([]rune(was[first:])[0]) {
		return string(s)
	}
	return strings.ToLower(string(s))
}

// is tells whether a link leads to a record.
func (r Ref) is(l Link) bool {
	return l.Number == r.Number && (l.File == "" || path.Base(l.File) == path.Base(r.File))
}

func (r *reading) linkedAt(at int, kind string, to Ref) bool {
	for n, l := range r.Links {
		if r.linked[n] == at && l.Type == kind && to.is(l) {
			return true
		}
	}
	return false
}

// relate writes a relation at the end of the section Status, unless it is there.
func (r *reading) relate(kind string, to Ref) {
	for n, l := range r.Links {
		if at := r.linked[n]; at >= r.body(r.status) && at < r.until && l.Type == kind && to.is(l) {
			return
		}
	}
	r.insert(r.until, to.link(kind))
}

// put gives a line another text.
func (p *page) put(n int, text string) {
	was := p.lines[n].raw
	end := was[len(bytes.TrimRight(was, "\r\n")):]
	mark := ""
	if n == 0 && bytes.HasPrefix(was, []byte(byteOrderMark)) {
		mark = byteOrderMark
	}
	p.lines[n].raw = slices.Concat([]byte(mark+text), end)
	p.lines[n].text = text
}

// strike takes lines away, each with a blank one after it where there is one before it.
func (p *page) strike(lines []int) {
	above := -1 // the last line that stays
	for _, n := range lines {
		if n > 0 && p.lines[n-1].raw != nil {
			above = n - 1
		}
		p.lines[n].raw = nil
		if above >= 0 && p.lines[above].blank() && n+1 < len(p.lines) && p.lines[n+1].blank() {
			p.lines[n+1].raw = nil
		}
	}
}

// insert puts text with a blank line after it before a line, or at the end of the file.
func (p *page) insert(at int, text string) {
	end := p.end()
	above := at - 1
	for above > 0 && p.lines[above].raw == nil {
		above--
	}
	if above >= 0 && !bytes.HasSuffix(p.lines[above].raw, []byte("\n")) && !bytes.HasSuffix(p.lines[above].raw, []byte("\r")) {
		p.lines[above].raw = slices.Concat(p.lines[above].raw, []byte(end))
	}
	if above >= 0 && !p.lines[above].blank() && p.lines[above].level == 0 && !p.lines[above].under {
		text = end + text
	}
	if at == len(p.lines) {
		p.lines = append(p.lines, line{})
		p.lines[at].raw = []byte(text + end)
		return
	}
	p.lines[at].raw = slices.Concat([]byte(text+end+end), p.lines[at].raw)
}

// setItem gives an item under the title another value.
func (r *reading) setItem(key, value string) {
	n := r.items[key]
	text := r.lines[n].text
	at := item.FindStringSubmatchIndex(text)[4]
	before := text[:at]
	if strings.HasSuffix(before, ":") || strings.HasSuffix(before, "*") || strings.HasSuffix(before, "_") {
		before += " "
	}
	r.put(n, before+value)
}

// setKey gives a key of the front matter another value, in the quotes that it has, and leaves a comment after it.
func (r *reading) setKey(key, value string) {
	n := r.keys[key]
	text := r.lines[n].text
	m := field.FindStringSubmatchIndex(text)
	before, was := text[:m[3]+1]+" ", ""
	if m[4] >= 0 {
		before, was = text[:m[4]], text[m[4]:m[5]]
	}
	rest := ""
	if was != "" && (was[0] == '"' || was[0] == '\'') {
		if stop := strings.LastIndexByte(was, was[0]); stop > 0 {
			value, rest = was[:1]+value+was[:1], was[stop+1:]
		}
	} else if at := strings.Index(was, " #"); at >= 0 {
		rest = was[at:]
	}
	r.put(n, before+value+rest)
}

// addKey adds a key at the end of the front matter.
func (r *reading) addKey(key, value string) {
	last := &r.lines[r.front-1]
	last.raw = slices.Concat([]byte(key+": "+value+r.end()), last.raw)
}
