package adr

import (
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The relations that a newer record makes with an older one.
const (
	supersedes   = "Supersedes"
	supersededBy = "Superseded by"
)

// counterparts are the relations that belong together (adr-review-debt, section 3.2). The backward ones end in "by", or else the graph of
// adr-tools draws them twice.
var counterparts = map[string]string{
	supersedes: supersededBy, "Amends": "Amended by", "Clarifies": "Clarified by", "Extends": "Extended by",
	supersededBy: supersedes, "Amended by": "Amends", "Clarified by": "Clarifies", "Extended by": "Extends",
}

// linkText is what stands in the square brackets when another record is meant: "3. Title", "ADR-0003", "0003-title".
var linkText = regexp.MustCompile(`^(?:ADR[-# ]*)?0*(\d{1,9})\b`)

// linksIn are the relations in a line: the text before each link to a record, and where it leads. A link that follows another one with
// nothing but a comma or "and" between has the same type. Titles may have brackets in them.
func linksIn(text string) []Link {
	var out []Link
	kind := ""
	for {
		open := strings.IndexByte(text, '[')
		if open < 0 {
			return out
		}
		link, label, end, ok := linkAt(text, open)
		if !ok {
			return out
		}
		before := text[:open]
		if kind, _, ok := strings.Cut(label, "] ["); ok && relation(before) == "" { // MADR 2: [Refines] [ADR-0005](0005-x.md)
			before = kind
		}
		if k := relation(before); k != "" {
			kind = k
		}
		text = text[end:]
		if kind != "" {
			link.Type = kind
			out = append(out, link)
		}
	}
}

// linkAt reads the link whose label begins at a bracket, up to the first target that is a record.
func linkAt(text string, open int) (link Link, label string, end int, ok bool) {
	for from := open; ; {
		at := strings.Index(text[from:], "](")
		if at < 0 {
			return link, "", 0, false
		}
		at += from
		stop := strings.IndexByte(text[at:], ')')
		if stop < 0 {
			return link, "", 0, false
		}
		stop += at
		if link, ok := toRecord(text[at+2 : stop]); ok {
			if m := linkText.FindStringSubmatch(text[open+1 : at]); m != nil && link.Number == 0 {
				link.Number, _ = strconv.Atoi(m[1])
			}
			return link, text[open+1 : at], stop + 1, true
		}
		from = at + 2
	}
}

// toRecord is where a link leads, if it is a Markdown file beside or near this one.
func toRecord(target string) (Link, bool) {
	target, _, _ = strings.Cut(target, ` "`) // what is shown over the link
	target, _, _ = strings.Cut(strings.Trim(target, "<> \t"), "#")
	if plain, err := url.PathUnescape(target); err == nil {
		target = plain
	}
	if !strings.HasSuffix(target, ".md") || strings.Contains(target, "://") {
		return Link{}, false
	}
	target = path.Clean(target)
	n, _, _ := leadingNumber(path.Base(target))
	return Link{Number: n, File: target}, true
}

// relation is the text before a link as a type: without marks of lists, in one spelling, with a capital.
func relation(text string) string {
	text = strings.Join(strings.Fields(strings.Trim(text, " \t*-+_,;:.&|")), " ")
	if _, after, ok := strings.Cut(text, ": "); ok { // "Status: superseded by"
		text = after
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, "and "), ", ")
	if text == "and" || text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	for was, is := range map[string]string{"Superceded by": supersededBy, "Supercedes": supersedes} {
		if strings.EqualFold(text, was) || strings.EqualFold(text, is) {
			return is
		}
	}
	return text
}
