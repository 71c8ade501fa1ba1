package adr

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Renumber gives a record another number: in its file's name, in its heading where that has one, and in its links to itself. The new
// name stays in the directory of the old one. Links in other records are for Relink.
func Renumber(file string, content []byte, to int) (newFile string, newContent []byte) {
	r := read(file, content)
	_, rest, ok := leadingNumber(r.File)
	if !ok {
		rest = "-" + r.File
	}
	name := fmt.Sprintf("%04d%s", to, rest)
	if r.number >= 0 {
		at := strings.Index(r.lines[r.heading].text, r.prefix)
		text := r.lines[r.heading].text
		r.put(r.heading, text[:at]+renumbered(r.prefix, r.number, to)+text[at+len(r.prefix):])
	}
	newFile = name
	if dir, _ := path.Split(file); dir != "" {
		newFile = dir + name
	}
	return newFile, Relink(r.bytes(), r.File, name, to)
}

var digits = regexp.MustCompile(`\d+`)

// renumbered replaces the first number in a text if it is that one, in as many digits if it begins with a zero.
func renumbered(text string, from, to int) string {
	at := digits.FindStringIndex(text)
	if at == nil {
		return text
	}
	was := text[at[0]:at[1]]
	if n, err := strconv.Atoi(was); err != nil || n != from {
		return text
	}
	is := strconv.Itoa(to)
	if was[0] == '0' && len(was) > 1 {
		is = fmt.Sprintf("%0*d", len(was), to)
	}
	return text[:at[0]] + is + text[at[1]:]
}

// Relink has the links that lead to a record lead to its new file, and say its new number where their text begins with the old one. A
// front matter that is superseded by the old number says the new one too. Nothing else changes.
func Relink(content []byte, oldFile, newFile string, newNumber int) []byte {
	oldFile, newFile = path.Base(oldFile), path.Base(newFile)
	from, _, isNumbered := leadingNumber(oldFile)
	if !utf8.ValidString(oldFile) { // no Markdown leads there
		return content
	}
	target := regexp.MustCompile(`(\]\(<?|^ {0,3}\[[^\]]+\]:[ \t]+<?)(\./)?` + regexp.QuoteMeta(oldFile) + `([)#> \t]|$)`)
	r := read("", content)
	for n, l := range r.lines {
		text, done := l.text, ""
		for {
			m := target.FindStringSubmatchIndex(text)
			if m == nil {
				break
			}
			head := text[:m[3]]
			if m[4] >= 0 {
				head += "./"
			}
			if open := labelOf(head); isNumbered && open >= 0 && linkText.MatchString(head[open:]) {
				head = head[:open] + renumbered(head[open:], from, newNumber)
			}
			done, text = done+head+newFile, text[m[6]:]
		}
		text = done + text
		if key, ok := r.keys["status"]; ok && key == n && isNumbered && len(linksIn(text)) == 0 {
			if by := strings.Index(strings.ToLower(text), " by "); by >= 0 {
				text = text[:by] + byADR.ReplaceAllStringFunc(text[by:], func(name string) string { return renumbered(name, from, newNumber) })
			}
		}
		if text != l.text {
			r.put(n, text)
		}
	}
	return r.bytes()
}

// labelOf is where the label of the link begins whose target begins at the end of the text; -1 when that has none.
func labelOf(text string) int {
	end := strings.LastIndex(text, "](")
	depth := 0
	for n := end; n >= 0; n-- {
		switch text[n] {
		case ']':
			depth++
		case '[':
			if depth--; depth == 0 {
				return n + 1
			}
		}
	}
	return -1
}
