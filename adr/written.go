package adr

import (
	"regexp"
	"strings"
	"unicode"
)

// htmlBlock is what begins HTML that goes on over blank lines, up to its own end: it could swallow the sections after it.
var htmlBlock = regexp.MustCompile(`(?i)^( {0,3})(<(?:[!?]|/?(?:script|pre|style|textarea)))`)

// written is people's text as it stands in a section whose heading has a level: nothing in it begins or ends a section. Headings move below
// that level, what would underline a heading does not, a code fence that is open is closed, and HTML that hides what follows is shown
// instead. What is written stays as it is when it is written again. The text has LF and no blank lines around it.
func written(text string, level int) string {
	var out []string
	open := ""
	for l := range strings.SplitSeq(tidy(text), "\n") {
		m := fence.FindStringSubmatch(l)
		above := len(out) > 0 && strings.TrimSpace(out[len(out)-1]) != ""
		switch {
		case open != "" && m != nil && strings.HasPrefix(m[1], open) && strings.TrimSpace(m[2]) == "":
			open = ""
		case open != "":
			if strings.HasPrefix(l, "## Status") { // adr-tools also writes into what looks like it in code (adr-vectors, G12)
				l = " " + l
			}
		case m != nil && (m[1][0] == '~' || !strings.Contains(m[2], "`")):
			open = m[1]
		case htmlBlock.MatchString(l):
			l = htmlBlock.ReplaceAllString(l, `$1\$2`)
		case underline.MatchString(l) && above:
			if strings.Contains(l, "=") {
				l = `\` + strings.TrimSpace(l)
			} else {
				out = append(out, "")
			}
		default:
			if m := atx.FindStringSubmatchIndex(l); m != nil && m[3]-m[2] <= level {
				l = strings.Repeat("#", min(level+1, 6)) + l[m[3]:]
			}
		}
		out = append(out, l)
	}
	if open != "" {
		out = append(out, open)
	}
	for len(out) > 0 && strings.TrimSpace(out[0]) == "" {
		out = out[1:]
	}
	for len(out) > 0 && strings.TrimSpace(out[len(out)-1]) == "" {
		out = out[:len(out)-1]
	}
	return strings.Join(out, "\n")
}

// tidy is text in UTF-8 with LF and without control characters.
func tidy(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || r == '\uFEFF') {
			return -1
		}
		return r
	}, text)
}
