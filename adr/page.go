package adr

import (
	"bytes"
	"regexp"
	"strings"
)

// page is a record's file as lines. All lines together are the file, byte for byte, so what is not edited stays.
type page struct {
	lines []line
	front int // lines of the YAML front matter with both its marks; 0 without one
}

// line is one line of a page.
type line struct {
	text  string // without the end of the line, and without the byte order mark
	raw   []byte
	level int    // of the heading that it is, 1 to 6; 0 for none
	title string // of the heading
	under bool   // it is what underlines the heading above it
	plain bool   // neither in a code fence nor in a comment nor in the front matter
}

func (l line) blank() bool { return strings.TrimSpace(l.text) == "" }

var (
	atx       = regexp.MustCompile(`^ {0,3}(#{1,6})(?:[ \t]+(.*))?$`)
	atxEnd    = regexp.MustCompile(`(^|[ \t]+)#+[ \t]*$`)
	underline = regexp.MustCompile(`^ {0,3}(=+|-+)[ \t]*$`)
	fence     = regexp.MustCompile("^ {0,3}(`{3,}|~{3,})(.*)$")
	notText   = regexp.MustCompile(`^( {4}|\t| {0,3}[-*+>|])`) // what cannot be underlined to be a heading
)

const (
	byteOrderMark = "\uFEFF"
	commentOpens  = "<!--"
	commentCloses = "-->"
)

// pageOf reads a file as Markdown does, as far as headings go: not those in code fences, comments and front matter.
func pageOf(content []byte) page {
	p := page{lines: splitLines(content)}
	p.front = frontMatter(p.lines)
	open, comment := "", false // the fence that is open; whether a comment is
	for n := p.front; n < len(p.lines); n++ {
		l := &p.lines[n]
		indent := len(l.text) - len(strings.TrimLeft(l.text, " "))
		first := byte(0) // most lines begin with nothing that matters
		if indent < len(l.text) {
			first = l.text[indent]
		}
		var m []string
		if first == '`' || first == '~' {
			m = fence.FindStringSubmatch(l.text)
		}
		switch {
		case open != "":
			if m != nil && strings.HasPrefix(m[1], open) && strings.TrimSpace(m[2]) == "" {
				open = ""
			}
			continue
		case comment:
			comment = !strings.Contains(l.text, commentCloses)
			continue
		case m != nil && (m[1][0] == '~' || !strings.Contains(m[2], "`")):
			open = m[1]
			continue
		case indent < 4 && strings.HasPrefix(l.text[indent:], commentOpens):
			comment = !strings.Contains(l.text[indent:], commentCloses)
			continue
		}
		l.plain = true
		if first == '#' {
			if m := atx.FindStringSubmatch(l.text); m != nil {
				l.level, l.title = len(m[1]), strings.TrimSpace(atxEnd.ReplaceAllString(m[2], ""))
			}
			continue
		}
		// Only a paragraph of one line is taken for a heading.
		if first != '=' && first != '-' {
			continue
		}
		if m := underline.FindStringSubmatch(l.text); m != nil && n > p.front {
			above := &p.lines[n-1]
			alone := n-1 == p.front || p.lines[n-2].blank() || p.lines[n-2].level > 0 || p.lines[n-2].under
			if alone && above.plain && !above.blank() && above.level == 0 && !above.under && !notText.MatchString(above.text) {
				above.level, above.title = map[byte]int{'=': 1, '-': 2}[m[1][0]], strings.TrimSpace(above.text)
				l.under = true
			}
		}
	}
	return p
}

// splitLines cuts a file after each end of a line: LF, CRLF, or CR alone.
func splitLines(content []byte) []line {
	lines := make([]line, 0, bytes.Count(content, []byte("\n"))+1)
	for len(content) > 0 {
		end := bytes.IndexAny(content, "\r\n")
		next := end + 1
		switch {
		case end < 0:
			end, next = len(content), len(content)
		case content[end] == '\r' && next < len(content) && content[next] == '\n':
			next++
		}
		text := string(content[:end])
		if len(lines) == 0 {
			text = strings.TrimPrefix(text, byteOrderMark)
		}
		lines = append(lines, line{text: text, raw: content[:next]})
		content = content[next:]
	}
	return lines
}

// frontMatter is how many lines the YAML before the text has, with both its marks.
func frontMatter(lines []line) int {
	if len(lines) == 0 || strings.TrimRight(lines[0].text, " \t") != "---" {
		return 0
	}
	for n := 1; n < len(lines); n++ {
		if t := strings.TrimRight(lines[n].text, " \t"); t == "---" || t == "..." {
			return n + 1
		}
	}
	return 0
}

// bytes is the file again.
func (p page) bytes() []byte {
	var b bytes.Buffer
	for _, l := range p.lines {
		b.Write(l.raw)
	}
	return b.Bytes()
}

// end is how lines end here, as the first one does.
func (p page) end() string {
	if len(p.lines) > 0 {
		first := string(p.lines[0].raw)
		if end := first[len(strings.TrimRight(first, "\r\n")):]; end != "" {
			return end
		}
	}
	return "\n"
}

// body is where the text under the heading at a line begins.
func (p page) body(heading int) int {
	if heading+1 < len(p.lines) && p.lines[heading+1].under {
		return heading + 2
	}
	return heading + 1
}

// next is the first heading from a line on whose level is at most that; the end when there is none.
func (p page) next(from, level int) int {
	for n := from; n < len(p.lines); n++ {
		if l := p.lines[n].level; l > 0 && l <= level {
			return n
		}
	}
	return len(p.lines)
}

// text is what stands in lines, with LF, without blank lines around it.
func (p page) text(from, to int) string {
	for from < to && p.lines[from].blank() {
		from++
	}
	for from < to && p.lines[to-1].blank() {
		to--
	}
	var b strings.Builder
	for n := from; n < to; n++ {
		if n > from {
			b.WriteByte('\n')
		}
		b.WriteString(p.lines[n].text)
	}
	return b.String()
}
