package incident

import (
	"regexp"
	"slices"
	"strings"
)

// Passage is a piece of a document as it is said where people talk: no Markdown, and no more than a message takes.
type Passage struct {
	Heading string // empty of one that goes on
	Text    string
	Ask     string // what people are asked to add
}

const (
	// maxSaidLines is how much of a timeline is said: its first line and its newest.
	maxSaidLines = 100
	// longPassage is how long a passage is at most, and longSaid those of one message, in bytes.
	longPassage, longSaid = 1800, 2600
	// maxSaid is how many messages a document is said in.
	maxSaid = 10
)

// said is the document for the channel of a private incident that no repository is named for: what is known, and what is asked, in
// messages. It follows the template, without what is true of a file alone.
func (d document) said() [][]Passage {
	if cut := len(d.Lines) - maxSaidLines; cut > 0 {
		d.Cut, d.Lines = d.Cut+cut, slices.Concat(d.Lines[:1], d.Lines[1+cut:])
	}
	known := map[string]string{}
	for _, s := range d.sections() {
		known[s.Name] = s.Text
	}
	first, rest, _ := strings.Cut(documentTemplate, "\n## ")
	all := []Passage{{Heading: d.ID + ": " + d.Title, Text: quotedIn(first) + "\nWhat is known is filled in. Answer the rest here; /postmortem done ends it."}}
	for part := range strings.SplitSeq(rest, "\n## ") {
		heading, body, _ := strings.Cut(part, "\n")
		p := passageOf(heading, body, known)
		if heading == "Action items" {
			p = Passage{Heading: heading, Text: "None becomes an issue, since the configuration names no postmortem.private_repo.",
				Ask: "What can be done, by whom and until when? Write each as a message here."}
		}
		all = append(all, p.split()...)
	}
	return messages(all)
}

// quotedIn is what stands quoted in a piece of the template, in one line.
func quotedIn(text string) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if words, is := strings.CutPrefix(line, "> "); is {
			out = append(out, words)
		}
	}
	return strings.Join(out, " ")
}

var comment = regexp.MustCompile(`(?s)<!--\s*(.*?)\s*-->`)

// passageOf reads a piece of the template: its comments ask, and of the rest stays what Shipmate knows.
func passageOf(heading, body string, known map[string]string) Passage {
	p := Passage{Heading: heading}
	var asks, lines []string
	for _, m := range comment.FindAllStringSubmatch(body, -1) {
		asks = append(asks, strings.Join(strings.Fields(m[1]), " "))
	}
	for line := range strings.SplitSeq(comment.ReplaceAllString(body, ""), "\n") {
		if name, is := strings.CutPrefix(line, "@@"); is {
			lines = append(lines, unmarkedDown(known[name]))
		}
	}
	p.Text, p.Ask = strings.Join(lines, "\n"), strings.Join(asks, " ")
	return p
}

var (
	markdownLink   = regexp.MustCompile(`\[((?:\\.|[^\[\]\\])*)\]\(<([^>]*)>\)`)
	markdownEscape = regexp.MustCompile("\\\\([\\\\`*_\\[\\]|~])")
)

// unmarkedDown is a section of the document without its Markdown: the rows of a table are lines.
func unmarkedDown(text string) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case strings.TrimSpace(line) == "", strings.HasPrefix(line, "|") && isRule(line):
			continue
		case strings.HasPrefix(line, "|"):
			line = strings.Join(cellsOf(line), " · ")
		case strings.HasPrefix(line, "- "):
			line = "• " + line[2:]
		}
		line = markdownEscape.ReplaceAllString(markdownLink.ReplaceAllString(line, "$1 ($2)"), "$1")
		out = append(out, slackEscapes.Replace(line))
	}
	return strings.Join(out, "\n")
}

// split takes a passage apart between its lines where it is too long.
func (p Passage) split() []Passage {
	var out []Passage
	now := Passage{Heading: p.Heading}
	for line := range strings.SplitSeq(p.Text, "\n") {
		if len(now.Text)+len(line) > longPassage && now.Text != "" {
			out = append(out, now)
			now = Passage{}
		}
		now.Text = strings.TrimPrefix(now.Text+"\n"+line, "\n")
	}
	now.Ask = p.Ask
	return append(out, now)
}

// messages puts passages together, as many as a message takes.
func messages(all []Passage) [][]Passage {
	var out [][]Passage
	size := longSaid
	for _, p := range all {
		long := len(p.Heading) + len(p.Text) + len(p.Ask)
		if size+long > longSaid {
			if len(out) == maxSaid {
				last := &out[maxSaid-1]
				*last = append(*last, Passage{Ask: "It is too long to be said here; the rest is left out."})
				return out
			}
			out, size = append(out, nil), 0
		}
		out[len(out)-1] = append(out[len(out)-1], p)
		size += long
	}
	return out
}
