package adr

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Normal is a hash of what a record says, to which thumbs are bound. It does not change with the number, whether in the file's name, the
// heading or links to itself, with the status and the relations beside it, with the date, or with the ends of lines, blanks at them and
// runs of blank lines.
func Normal(file string, content []byte) string {
	r := read(file, content)
	own := r.File
	_, rest, isNumbered := leadingNumber(own)
	h := sha256.New()
	for _, p := range r.passages() {
		text := p.text
		if isNumbered && rest != "" {
			text = strings.ReplaceAll(text, own, rest)
		}
		h.Write([]byte(strconv.Quote(p.name) + strconv.Quote(text) + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// passage is something of a record that does not say how it stands.
type passage struct{ name, text string }

// passages are all of what a record says but how it stands: its title without the number, and what stands under each heading.
func (r *reading) passages() []passage {
	skip := r.standing()
	out := []passage{{"the title", r.Title}}
	from, name := 0, "what stands above the sections"
	add := func(to int) {
		var b strings.Builder
		blank := true
		for n := from; n < to; n++ {
			l := strings.TrimRight(r.lines[n].text, " \t")
			if skip[n] || n == r.heading || r.lines[n].under && n == r.heading+1 || blank && l == "" {
				continue
			}
			blank = l == ""
			b.WriteString(l + "\n")
		}
		if text := strings.TrimRight(b.String(), "\n"); text != "" {
			out = append(out, passage{name, text})
		}
	}
	for n, l := range r.lines {
		if l.level > 0 && l.level <= 2 && n != r.heading {
			add(n)
			from, name = n, "the section “"+l.title+"”"
			if n == r.status {
				name = "what follows the status"
			}
		}
	}
	add(len(r.lines))
	return out
}

// standing are the lines that say how a record stands, and since when.
func (r *reading) standing() map[int]bool {
	lines := map[int]bool{}
	if r.status >= 0 {
		for n := r.status; n < r.until; n++ {
			lines[n] = true
		}
	}
	for _, place := range []map[string]int{r.keys, r.items} {
		for _, key := range []string{"status", "date"} {
			if n, ok := place[key]; ok {
				lines[n] = true
			}
		}
	}
	if at := r.find([]string{"links"}); r.Format != Nygard && at >= 0 { // log4brains' and MADR 2's place for relations
		for n, end := at, r.next(r.body(at), 2); n < end; n++ {
			lines[n] = true
		}
	}
	return lines
}

// ChangedError says what of a decided record was changed that may not be.
type ChangedError struct {
	File string
	What string // "the section “Context”"
}

// Error is a sentence for people.
func (e *ChangedError) Error() string {
	return path.Base(e.File) + " is decided, but " + e.What + " was changed; only its Status may: propose a new record that supersedes it."
}

// AppendOnly compares a record before and after a change. Of one that is proposed everything may change; of a decided one only how it stands,
// with the relations beside it and the date, and what nobody sees, such as the ends of lines. Else the error is a *ChangedError about the
// first thing that changed. A nil after is a record that is gone.
func AppendOnly(file string, before, after []byte) error {
	was := read(file, before)
	if was.Status == StatusProposed {
		return nil
	}
	if after == nil {
		return &ChangedError{was.File, "all of it"}
	}
	is := read(file, after)
	if was.number != is.number {
		return &ChangedError{was.File, "the number in its heading"}
	}
	old, now := was.passages(), is.passages()
	for n := range max(len(old), len(now)) {
		switch {
		case n < len(old) && n < len(now) && old[n] == now[n]:
		case n >= len(old) || n < len(now) && !named(old, now[n].name): // a new one
			return &ChangedError{was.File, now[n].name}
		default:
			return &ChangedError{was.File, old[n].name}
		}
	}
	return nil
}

func named(all []passage, name string) bool {
	return slices.ContainsFunc(all, func(p passage) bool { return p.name == name })
}
