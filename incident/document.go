package incident

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// document is what a post-mortem says by itself, ready to be rendered: names instead of IDs, and what people wrote made harmless in
// Markdown, but for the title, the owner and the services, which are plain. It is pure, so that the same facts make the same text.
type document struct {
	ID       string // INC-12
	Title    string
	Severity string
	Owner    string
	Services []string

	Declared, Acked, Mitigated, Resolved, Due time.Time

	Reopened   int
	DeclaredBy string
	ResolvedBy string
	Link       string
	Impact     string
	Holders    []string // "commander: Ana"
	Paged      []string // one line each
	Deploys    []docDeploy
	Earlier    []string // open action items of earlier incidents, one line each
	Zone       *time.Location
	Lines      []docLine
	Cut        int // lines that are left out, before the others
}

type docLine struct {
	At   time.Time
	What string
}

type docDeploy struct {
	At                                   time.Time
	Service, Environment, SHA, URL, Text string
	State, Why                           string
}

// docSection is a part of the document that Shipmate writes, between two marks of that name.
type docSection struct{ Name, Text string }

// sections are the parts that are kept up to date, in the order in which the template has them.
func (d document) sections() []docSection {
	return []docSection{{"facts", d.facts()}, {"head", "# " + d.ID + ": " + markdown(d.Title)}, {"summary", d.summary()}, {"impact", d.impact()},
		{"timeline", d.timeline()}, {"detection", d.detection()}, {"response", d.response()}, {"deploys", d.deploys()}, {"earlier", d.earlier()}}
}

// facts are the front matter. JSON's strings are YAML's as well (YAML 1.2: relation to JSON).
func (d document) facts() string {
	var b strings.Builder
	text := func(key, value string) { fmt.Fprintf(&b, "%s: %s\n", key, quoted(value)) }
	moment := func(key string, t time.Time) {
		if t.IsZero() {
			fmt.Fprintf(&b, "%s:\n", key)
			return
		}
		fmt.Fprintf(&b, "%s: %s\n", key, t.UTC().Format(time.RFC3339))
	}
	text("id", d.ID)
	text("title", d.Title)
	text("severity", d.Severity)
	text("owner", d.Owner)
	var services []string
	for _, s := range d.Services {
		services = append(services, quoted(s))
	}
	fmt.Fprintf(&b, "services: [%s]\n", strings.Join(services, ", "))
	moment("declared", d.Declared)
	moment("acknowledged", d.Acked)
	moment("mitigated", d.Mitigated)
	moment("resolved", d.Resolved)
	moment("due", d.Due)
	return b.String()
}

func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // of a string into memory: cannot fail
	return strings.TrimSpace(b.String())
}

func (d document) summary() string {
	of := ""
	if len(d.Services) > 0 {
		of = " of " + markdown(strings.Join(d.Services, ", "))
	}
	t := fmt.Sprintf("A %s incident%s, declared %s.", d.Severity, of, utc(d.Declared))
	if !d.Mitigated.IsZero() {
		t += fmt.Sprintf(" Mitigated after %s.", long(d.Mitigated.Sub(d.Declared)))
	}
	if !d.Resolved.IsZero() {
		t += fmt.Sprintf(" Resolved after %s.", long(d.Resolved.Sub(d.Declared)))
	}
	switch {
	case d.Reopened == 1:
		t += " It was opened again once."
	case d.Reopened > 1:
		t += fmt.Sprintf(" It was opened again %d times.", d.Reopened)
	}
	return t
}

func (d document) impact() string {
	if d.Impact == "" {
		return "Nobody wrote down what customers saw."
	}
	return d.Impact
}

func (d document) detection() string {
	t := fmt.Sprintf("%s declared it at %s.", upper(d.DeclaredBy), utc(d.Declared))
	if d.Link != "" {
		t += fmt.Sprintf(" It was noticed [here](<%s>).", d.Link)
	}
	if !d.Acked.IsZero() {
		t += fmt.Sprintf(" A page was first acknowledged %s after that.", long(d.Acked.Sub(d.Declared)))
	}
	return t
}

func (d document) response() string {
	var lines []string
	for _, h := range append(append([]string{}, d.Holders...), d.Paged...) {
		lines = append(lines, "- "+h)
	}
	if d.ResolvedBy != "" && !d.Resolved.IsZero() {
		lines = append(lines, fmt.Sprintf("- resolved by %s at %s", d.ResolvedBy, utc(d.Resolved)))
	}
	if len(lines) == 0 {
		return "Nobody had a role, and nobody was paged."
	}
	return strings.Join(lines, "\n")
}

func (d document) deploys() string {
	if len(d.Deploys) == 0 {
		return "Nothing was deployed around then, as far as Shipmate knows."
	}
	lines := []string{"Near is not guilty: these began around the time, the nearest first.", "",
		"| Began (UTC) | Service | Environment | Commit | How it went | When |", "|---|---|---|---|---|---|"}
	for _, one := range d.Deploys {
		commit := "`" + one.SHA + "`"
		if one.URL != "" {
			commit = fmt.Sprintf("[%s](<%s>)", commit, one.URL)
		}
		if one.Text != "" {
			commit += " " + one.Text
		}
		lines = append(lines, fmt.Sprintf("| %s | %s | %s | %s | %s | %s |", one.At.UTC().Format("2006-01-02 15:04"), one.Service, one.Environment,
			commit, one.State, one.Why))
	}
	return strings.Join(lines, "\n")
}

func (d document) earlier() string {
	if len(d.Earlier) == 0 {
		return "No action item of an earlier incident of these services was open."
	}
	return "Open when this happened:\n\n- " + strings.Join(d.Earlier, "\n- ")
}

// timeline is a table of what happened, in UTC and in the team's local time where that is another.
func (d document) timeline() string {
	local := d.Zone != nil && d.Zone != time.UTC && d.Zone.String() != "UTC"
	head, rule := "| UTC | What happened |", "|---|---|"
	if local {
		head, rule = "| UTC | "+d.Zone.String()+" | What happened |", "|---|---|---|"
	}
	var lines []string
	if d.Cut > 0 {
		lines = append(lines, fmt.Sprintf("%d lines before these are left out; `/incident timeline` shows more.", d.Cut), "")
	}
	lines = append(lines, head, rule)
	for _, l := range d.Lines {
		if local {
			lines = append(lines, fmt.Sprintf("| %s | %s | %s |", l.At.UTC().Format("2006-01-02 15:04:05"), l.At.In(d.Zone).Format("Jan 2 15:04:05"), l.What))
			continue
		}
		lines = append(lines, fmt.Sprintf("| %s | %s |", l.At.UTC().Format("2006-01-02 15:04:05"), l.What))
	}
	return strings.Join(lines, "\n")
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") + " UTC" }

// long is a length of time as people say it.
func long(d time.Duration) string {
	d = max(0, d).Round(time.Minute)
	days, h, m := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, h)
	case h > 0:
		return fmt.Sprintf("%d h %d min", h, m)
	}
	return fmt.Sprintf("%d min", m)
}

func upper(s string) string {
	if s == "" {
		return s
	}
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// render is the whole document as it is proposed at first.
func (d document) render() []byte {
	at := map[string]string{}
	for _, s := range d.sections() {
		at[s.Name] = s.Text
	}
	var b strings.Builder
	for line := range strings.SplitSeq(documentTemplate, "\n") {
		name, is := strings.CutPrefix(line, "@@")
		if !is {
			b.WriteString(line + "\n")
			continue
		}
		prefix := ""
		if name == "facts" { // within YAML a mark stands in a comment of YAML's
			prefix = "# "
		}
		text := tidy(at[name], "\n")
		b.WriteString(prefix + beginMark(name, text) + "\n" + text + prefix + endMark(name) + "\n")
	}
	return []byte(strings.TrimRight(b.String(), "\n") + "\n")
}

// A part of the document that Shipmate writes stands between two lines like these. The sum in the first is of what was written there
// last: where it is another's now, somebody has changed it, and it is theirs.
func beginMark(name, text string) string {
	return "<!-- shipmate:begin " + name + " " + sumOf(text) + " -->"
}
func endMark(name string) string { return "<!-- shipmate:end " + name + " -->" }

var markLine = regexp.MustCompile(`^\s*(#\s*)?<!--\s*shipmate:(begin|end)\s+([a-z]+)(?:\s+([0-9a-f]{8}))?\s*-->\s*$`)

// sumOf names a text whatever its line ends are, and whatever an editor has done to the ends of its lines.
func sumOf(text string) string {
	sum := sha256.Sum256([]byte(tidy(text, "\n")))
	return hex.EncodeToString(sum[:4])
}

// tidy is a text with one kind of line ends, without spaces at the ends of lines and without empty lines at its ends; lines that look
// like marks are taken out, since they would be.
func tidy(text, eol string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if !markLine.MatchString(line) {
			lines = append(lines, strings.TrimRight(line, " \t\r"))
		}
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, eol) + eol
}

// LeftAlone is a part of a document that is not kept up to date any more, and why.
type LeftAlone struct {
	Section string `json:"section"`
	Why     string `json:"why"`
}

// Why a part is left alone.
const (
	MarksGone   = "gone"   // its marks are not there any more
	MarksBroken = "broken" // one of its marks is missing, is there twice, or another's stands between them
	PartEdited  = "edited" // somebody has changed what stands between them
)

// mark is a line that begins or ends a part.
type mark struct {
	line        int
	prefix, eol string
	begins      bool
	name, sum   string
}

// refreshDocument writes the parts anew that nobody has changed and whose marks are whole. Everything else comes back byte for byte;
// left says which parts were left alone.
func refreshDocument(doc []byte, fresh []docSection) (out []byte, left []LeftAlone) {
	lines := bytes.SplitAfter(doc, []byte("\n"))
	marks := marksOf(lines)
	type change struct {
		from, to int // lines: the begin mark, and the first that stays
		text     string
	}
	var changes []change
	for _, s := range fresh {
		begin, why := partOf(marks, s.Name)
		if why != "" {
			left = append(left, LeftAlone{s.Name, why})
			continue
		}
		first, last := marks[begin], marks[begin+1]
		now := tidy(string(bytes.Join(lines[first.line+1:last.line], nil)), "\n")
		want := tidy(s.Text, "\n")
		switch {
		case now == want:
		case first.sum != sumOf(now):
			left = append(left, LeftAlone{s.Name, PartEdited})
		default:
			text := first.prefix + beginMark(s.Name, want) + first.eol + tidy(s.Text, first.eol)
			changes = append(changes, change{first.line, last.line, text})
		}
	}
	var b bytes.Buffer
	for i := 0; i < len(lines); {
		hit := -1
		for n, c := range changes {
			if c.from == i {
				hit = n
			}
		}
		if hit < 0 {
			b.Write(lines[i])
			i++
			continue
		}
		b.WriteString(changes[hit].text)
		i = changes[hit].to
	}
	return b.Bytes(), left
}

func marksOf(lines [][]byte) []mark {
	var out []mark
	for i, line := range lines {
		body := strings.TrimRight(string(line), "\r\n")
		m := markLine.FindStringSubmatch(body)
		if m == nil {
			continue
		}
		out = append(out, mark{line: i, prefix: m[1], eol: string(line[len(body):]), begins: m[2] == "begin", name: m[3], sum: m[4]})
	}
	return out
}

// partOf finds the one begin of a part that its one end follows at once; why says that there is none.
func partOf(marks []mark, name string) (begin int, why string) {
	begin, ends, begins := -1, 0, 0
	for i, m := range marks {
		switch {
		case m.name != name:
		case m.begins:
			begin, begins = i, begins+1
		default:
			ends++
		}
	}
	switch {
	case begins == 0 && ends == 0:
		return 0, MarksGone
	case begins != 1 || ends != 1 || begin+1 >= len(marks) || marks[begin+1].name != name || marks[begin+1].begins:
		return 0, MarksBroken
	}
	return begin, ""
}
