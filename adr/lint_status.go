package adr

import (
	"path"
	"regexp"
	"strings"
)

func (l *linter) status(r *reading) {
	at := r.status
	if n, ok := r.items["status"]; ok && at < 0 {
		at = n
	}
	if n, ok := r.keys["status"]; ok && at < 0 {
		at = n
	}
	first := ""
	if len(r.asks) > 0 {
		first = strings.TrimSpace(r.asks[0])
	}
	const words = "Proposed, Accepted, Rejected, Deprecated or Superseded"
	switch {
	case r.Status != "":
	case at < 0 && r.Format == MADR:
		l.wrong(r.File, 0, RuleStatus, "It says no status; write “status: accepted”, or how it stands, into its front matter.")
	case at < 0:
		l.wrong(r.File, r.heading, RuleStatus, "It has no section “## Status”; write one that says %s.", words)
	case first == "":
		l.wrong(r.File, at, RuleStatus, "It says no status; write %s.", words)
	default:
		l.wrong(r.File, at, RuleStatus, "“%s” is no status; write %s.", first, words)
	}
	if len(r.statuses) > 1 && (has(r.items, "status") || has(r.keys, "status")) && r.status >= 0 {
		last := r.statuses[len(r.statuses)-1]
		if r.sectionStatus() != "" {
			last = r.sectionStatus()
		}
		if r.statuses[0] != "" && last != "" && r.statuses[0] != last {
			l.odd(r.File, at, RuleStatus, "Its section Status says %s and what stands above it %s; let both say the same.", last, r.statuses[0])
		}
	}
	if r.Status == StatusSuperseded && !r.says(supersededBy) {
		l.odd(r.File, at, RuleStatus, "It does not say what supersedes it; write “Superseded by [N. Title](NNNN-title.md)”.")
	}
	if r.status < 0 {
		return
	}
	switch raw := strings.TrimPrefix(string(r.lines[r.status].raw), byteOrderMark); {
	case raw != "## Status\n" && raw != "## Status":
		l.odd(r.File, r.status, RuleStatus, "adr-tools does not find its status; let the line be just “## Status”, and lines end with LF.")
	case r.until == len(r.lines):
		l.odd(r.File, r.status, RuleStatus, "adr-tools loses links that it writes into a last section; move Status above the others.")
	}
	for n, line := range r.lines {
		if n != r.status && strings.HasPrefix(line.text, "## Status") && (line.text == "## Status" || line.plain && strings.EqualFold(line.title, "status")) {
			l.odd(r.File, n, RuleStatus, "adr-tools also writes into this second “## Status”; indent it or call it something else.")
		}
	}
}

// sectionStatus is what the section Status alone says.
func (r *reading) sectionStatus() Status {
	var s Status
	for n := r.body(r.status); n < r.until; n++ {
		if said, ok := StatusNamed(r.lines[n].text); ok && r.lines[n].plain {
			s = furthest(s, said)
		}
	}
	return s
}

func (r *reading) says(kind string) bool {
	for _, link := range r.Links {
		if link.Type == kind {
			return true
		}
	}
	return false
}

// toMarkdown is a link to a Markdown file.
var toMarkdown = regexp.MustCompile(`\]\(<?(?:\./)?([^)\s>#]+\.md)(?:#[^)\s>]*)?>?\)`)

// links looks at whatever leads to records beside this one, and at relations that their other side does not know.
func (l *linter) links(r *reading) {
	for n, line := range r.lines {
		if !line.plain && n >= r.front {
			continue
		}
		for _, m := range toMarkdown.FindAllStringSubmatch(line.text, -1) {
			link, ok := toRecord(m[1])
			if _, there := l.files[link.File]; ok && !there && !strings.Contains(link.File, "/") {
				l.wrong(r.File, n, RuleLink, "There is no %s; let the link lead to a record that is there.", link.File)
			}
		}
	}
	for n, link := range r.Links {
		if strings.Contains(link.File, "/") {
			continue
		}
		other := l.target(link)
		if other == nil {
			if link.File == "" {
				l.wrong(r.File, r.linked[n], RuleLink, "There is no record with the number %d; name one that is there.", link.Number)
			}
			continue
		}
		back, ok := counterparts[link.Type]
		if !ok || other.knows(back, r) {
			continue
		}
		if other.status < 0 && link.Type != supersedes {
			continue // MADR has relations on the older record alone
		}
		add := Ref{Number: r.Number, Title: r.Title, File: r.File}.link(back)
		if link.Type == supersedes || link.Type == supersededBy {
			l.wrong(other.File, other.status, RuleCounterpart, "%s says “%s” of it; write “%s” into its Status, or take that away there.", r.File, link.Type, add)
		} else {
			l.odd(other.File, other.status, RuleCounterpart, "%s says “%s” of it; write “%s” into its Status, or take that away there.", r.File, link.Type, add)
		}
	}
}

// target is the record that a link leads to; nil when it is not there.
func (l *linter) target(link Link) *reading {
	for _, r := range l.records[link.Number] {
		if link.File == "" || r.File == link.File {
			return r
		}
	}
	return nil
}

// knows tells whether a record has a relation to another one.
func (r *reading) knows(kind string, other *reading) bool {
	for _, link := range r.Links {
		if link.Type == kind && link.Number == other.Number && (link.File == "" || path.Base(link.File) == other.File) {
			return true
		}
	}
	return false
}
