package adr

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Format is how a record is laid out: where its status stands.
type Format string

// The formats.
const (
	Nygard Format = "nygard" // a section Status, as adr-tools writes it
	MADR   Format = "madr"   // front matter, as MADR has it since 3.0
	Listed Format = "listed" // a list under the title, as MADR 2 and log4brains have it
)

// Record is what the file of a decision says.
type Record struct {
	Number   int    // of the file's name; that of the heading where the name has none
	File     string // its name, without a directory
	Title    string // without the number; what the file is called when it has no heading
	Status   Status // empty when it says none, or an unknown one
	Date     string // YYYY-MM-DD; empty when it says none
	Links    []Link
	Sections []Section // all of the second level, in their order
	Format   Format
}

// Link is a relation to another record, as it stands beside the status.
type Link struct {
	Type   string // "Superseded by", "Supersedes", "Amends" and so on, with a capital
	Number int    // of the other record; 0 when neither its file nor the text says one
	File   string // where the link leads, without "./"; empty when only a number is given
}

// Section is a heading of the second level and what stands under it, with LF.
type Section struct{ Heading, Text string }

// Section is the text of a section, by its heading in any case.
func (r Record) Section(heading string) string {
	for _, s := range r.Sections {
		if strings.EqualFold(s.Heading, heading) {
			return s.Text
		}
	}
	return ""
}

// Parse reads a record. It never fails: what it does not find is empty. It reads what adr-tools writes, MADR of all versions, and
// log4brains, with any end of lines, a byte order mark, and headings that are underlined.
func Parse(file string, content []byte) Record { return read(file, content).Record }

// reading is a record and where in its file things stand, by lines.
type reading struct {
	Record
	page
	heading int // the title's; -1 without one
	prefix  string
	number  int // in the title; -1 without one

	status   int            // heading of the section Status; -1 without one
	until    int            // where that ends
	items    map[string]int // the items of the list under the title, and the lines of that shape, by their key in small letters
	keys     map[string]int // the keys of the front matter whose values are one line
	nested   bool           // its status is more than that
	dated    int            // where the date stands; -1 without one
	asks     []string       // what it says for a status, by place
	statuses []Status       // the same as statuses; empty where unknown
	linked   []int          // the lines of Links
}

var (
	// numbered is a number before a title: "3. ", and what people write for it.
	numbered = regexp.MustCompile(`^(?i:(ADR)[-#\s]*)?(\d{1,9})(?:\.|\s*[:)–—]|\s+-)\s+`)
	// item is "Status: x", also in a list and in bold.
	item  = regexp.MustCompile(`^ {0,3}(?:[-*+][ \t]+)?(?:\*\*|__)?([A-Za-z][A-Za-z -]*?)(?:\*\*|__)?:(?:\*\*|__)?[ \t]*(.*?)[ \t]*$`)
	field = regexp.MustCompile(`^([A-Za-z][A-Za-z_-]*):(?:[ \t]+(.*?))?[ \t]*$`)
	byADR = regexp.MustCompile(`(?i)\b(?:ADR[-# ]*)?0*(\d{1,9})\b`)
)

func read(file string, content []byte) *reading {
	r := &reading{page: pageOf(content), heading: -1, number: -1, status: -1, dated: -1, items: map[string]int{}, keys: map[string]int{}}
	r.File = path.Base(file)
	r.readKeys()
	r.readTitle()
	r.readSections()
	r.readItems()
	r.readStatus()
	r.readLinks()
	r.readDate()
	switch {
	case r.status >= 0:
		r.Format = Nygard
	case r.front > 0:
		r.Format = MADR
	case has(r.items, "status"):
		r.Format = Listed
	default:
		r.Format = Nygard
	}
	return r
}

func has(in map[string]int, key string) bool { _, ok := in[key]; return ok }

func (r *reading) readKeys() {
	for n := 1; n < r.front-1; n++ {
		m := field.FindStringSubmatch(r.lines[n].text)
		if m == nil || has(r.keys, strings.ToLower(m[1])) {
			continue
		}
		if below := r.lines[n+1].text; n+1 < r.front-1 && strings.HasPrefix(strings.TrimLeft(below, "-"), " ") {
			r.nested = r.nested || strings.EqualFold(m[1], "status")
			continue
		}
		r.keys[strings.ToLower(m[1])] = n
	}
}

// key is the value of a key in the front matter, of one line.
func (r *reading) key(name string) string {
	n, ok := r.keys[name]
	if !ok {
		return ""
	}
	raw := field.FindStringSubmatch(r.lines[n].text)[2]
	var value yaml.Node
	if yaml.Unmarshal([]byte(raw), &value) != nil || len(value.Content) != 1 || value.Content[0].Kind != yaml.ScalarNode {
		return raw // as templates have it: {proposed | rejected}
	}
	return value.Content[0].Value
}

func (r *reading) readTitle() {
	named, rest, isNamed := leadingNumber(r.File)
	if isNamed {
		r.Number = named
	}
	for n, l := range r.lines {
		if l.level == 1 && l.title != "" && !strings.EqualFold(l.title, "status") {
			r.heading, r.Title = n, l.title
			break
		}
	}
	if r.heading < 0 {
		if r.Title = r.key("title"); r.Title == "" {
			r.Title = strings.ReplaceAll(strings.Trim(strings.TrimSuffix(rest, ".md"), "-_ "), "-", " ")
		}
		if r.Title == "" {
			r.Title = r.File
		}
		return
	}
	m := numbered.FindStringSubmatch(r.Title)
	if m == nil {
		return
	}
	n, _ := strconv.Atoi(m[2])
	plain := strings.HasPrefix(r.Title, m[2]+". ") // the others may be words of the title
	if title := r.Title[len(m[0]):]; title != "" && (plain || m[1] != "" || isNamed && n == named) {
		r.prefix, r.number, r.Title = m[0], n, title
	}
	if !isNamed && r.number >= 0 {
		r.Number = r.number
	}
}

func (r *reading) readSections() {
	for n := 0; n < len(r.lines); n++ {
		l := r.lines[n]
		if l.level == 0 || n == r.heading {
			continue
		}
		if r.status < 0 && l.level <= 2 && strings.EqualFold(strings.TrimRight(l.title, ": "), "status") {
			r.status, r.until = n, r.next(r.body(n), 6)
		}
		if l.level == 2 {
			r.Sections = append(r.Sections, Section{l.title, r.text(r.body(n), r.next(r.body(n), 2))})
		}
	}
}

// readItems reads the list under the title, and lines such as adr-tools' "Date: 2024-01-15".
func (r *reading) readItems() {
	from := max(r.heading+1, r.front)
	for n, end := from, r.next(from, 6); n < end; n++ {
		if m := item.FindStringSubmatch(r.lines[n].text); m != nil && r.lines[n].plain && !has(r.items, strings.ToLower(m[1])) {
			r.items[strings.ToLower(m[1])] = n
		}
	}
}

// item is the value of an item under the title.
func (r *reading) item(key string) string {
	n, ok := r.items[key]
	if !ok {
		return ""
	}
	return item.FindStringSubmatch(r.lines[n].text)[2]
}

func (r *reading) readStatus() {
	say := func(text string, always bool) {
		s, ok := StatusNamed(struck.ReplaceAllString(text, ""))
		if ok || always {
			r.asks, r.statuses = append(r.asks, text), append(r.statuses, s)
		}
		if ok {
			r.Status = furthest(r.Status, s)
		}
	}
	if has(r.keys, "status") {
		say(r.key("status"), true)
	}
	if has(r.items, "status") {
		say(r.item("status"), true)
	}
	if r.status < 0 {
		return
	}
	first := true
	for n := r.body(r.status); n < r.until; n++ {
		if l := r.lines[n]; l.plain && !l.blank() {
			say(l.text, first && len(linksIn(l.text)) == 0)
			first = false
		}
	}
}

// struck is what is crossed out.
var struck = regexp.MustCompile(`~~[^~]*~~`)

func (r *reading) readLinks() {
	if value := r.key("status"); value != "" {
		r.addLinks(r.keys["status"], value)
	}
	if value := r.item("status"); value != "" {
		r.addLinks(r.items["status"], value)
	}
	if r.status >= 0 {
		for n := r.body(r.status); n < r.until; n++ {
			if r.lines[n].plain {
				r.addLinks(n, r.lines[n].text)
			}
		}
	}
	for n, l := range r.lines {
		if l.level == 2 && strings.EqualFold(l.title, "links") { // as log4brains and MADR 2 have it
			for n, end := r.body(n), r.next(r.body(n), 6); n < end; n++ {
				for _, link := range linksIn(r.lines[n].text) {
					if link.Number > 0 {
						r.Links, r.linked = append(r.Links, link), append(r.linked, n)
					}
				}
			}
			return
		}
	}
}

// addLinks adds the relations of a line that says a status: its links, or the numbers that it is superseded by.
func (r *reading) addLinks(at int, text string) {
	found := linksIn(text)
	if s, _ := StatusNamed(text); s == StatusSuperseded && len(found) == 0 {
		if by := strings.Index(strings.ToLower(text), " by "); by >= 0 {
			for _, m := range byADR.FindAllStringSubmatch(text[by+4:], -1) {
				if n, _ := strconv.Atoi(m[1]); n > 0 {
					found = append(found, Link{Type: supersededBy, Number: n})
				}
			}
		}
	}
	for _, link := range found {
		r.Links, r.linked = append(r.Links, link), append(r.linked, at)
		if link.Type == supersededBy {
			r.Status = furthest(r.Status, StatusSuperseded)
		}
	}
}

func (r *reading) readDate() {
	for _, place := range []map[string]int{r.keys, r.items} {
		n, ok := place["date"]
		if !ok {
			continue
		}
		value := r.item("date")
		if n < r.front {
			value = r.key("date")
		}
		if r.dated < 0 {
			r.dated = n
		}
		if r.Date == "" {
			r.Date = dateIn(value)
		}
	}
}

// dateIn is a day as records write it: that of ISO 8601, also with a time, or day/month/year as adr-tools did before 2.0.
func dateIn(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > len(time.DateOnly) && strings.ContainsAny(text[len(time.DateOnly):len(time.DateOnly)+1], "T ") {
		text = text[:len(time.DateOnly)]
	}
	for _, layout := range []string{time.DateOnly, "02/01/2006", "2006/01/02", "2 January 2006", "January 2, 2006"} {
		if day, err := time.Parse(layout, text); err == nil {
			return day.Format(time.DateOnly)
		}
	}
	return ""
}
