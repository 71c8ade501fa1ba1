package bot

import (
	"cmp"
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Terminal shows texts where Slack does not: marks are left out, links, dates and mentions are written out. What a terminal could
// take for a command of its own never gets through.
type Terminal struct {
	// Zone is where times are told; UTC when nil.
	Zone *time.Location
	// Names are what people are called, by Slack ID. Who is not in it is shown by their ID.
	Names map[string]string
}

// Message is a message as lines, without its buttons: nobody could press them.
func (t Terminal) Message(m Message) string {
	lines := []string{t.Text(m.Text)}
	for _, p := range m.Parts {
		switch {
		case len(p.Fields) > 0:
			for _, f := range p.Fields {
				lines = append(lines, t.Text(Plain(f.Label))+": "+t.Text(f.Value))
			}
		case p.Image != nil:
			lines = append(lines, t.Text(Link(p.Image.URL, p.Image.Alt)))
		case p.Divider:
			lines = append(lines, "---")
		case len(p.Buttons) > 0:
		default:
			lines = append(lines, t.Text(p.Section+p.Small))
		}
	}
	return strings.Join(lines, "\n")
}

// Text is a text in plain characters.
func (t Terminal) Text(text Text) string { return strings.Map(visible, t.plain(string(text))) }

// visible drops control characters but line ends, and what turns the direction of writing.
func visible(r rune) rune {
	if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
		return -1
	}
	return r
}

// plain takes mrkdwn apart from its left to its right.
func (t Terminal) plain(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); {
		inner, used := marked(s, i)
		switch {
		case used == 0:
			next := i + 1 + strings.IndexAny(s[i+1:]+"`", "`<*_")
			out.WriteString(unescaped.Replace(s[i:next]))
			i = next
			continue
		case s[i] == '`':
			out.WriteString(unescaped.Replace(inner))
		case s[i] == '<':
			out.WriteString(t.special(inner))
		default:
			out.WriteString(t.plain(inner))
		}
		i += used
	}
	return out.String()
}

// marked finds what stands between the mark at s[i] and the one that ends it, and how long that is with both; 0 when there is no
// such mark. As in Slack, a mark inside a word is none.
func marked(s string, i int) (inner string, used int) {
	mark, end := s[i:i+1], s[i:i+1]
	switch {
	case strings.HasPrefix(s[i:], "```"):
		mark, end = "```", "```"
	case mark == "<":
		end = ">"
	case mark == "`":
	case mark != "*" && mark != "_" || letter(utf8.DecodeLastRuneInString(s[:i])):
		return "", 0
	}
	from := i + len(mark)
	for to := from; ; to++ {
		at := strings.Index(s[min(to, len(s)):], end)
		if at < 0 || mark != "```" && strings.Contains(s[to:to+at], "\n") {
			return "", 0
		}
		to += at
		inner = s[from:to]
		words := mark == "*" || mark == "_"
		if words && (inner == "" || strings.TrimSpace(inner) != inner || letter(utf8.DecodeRuneInString(s[to+1:]))) {
			continue
		}
		return inner, to + len(end) - i
	}
}

// letter tells whether a rune is part of a word.
func letter(r rune, _ int) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// special writes out what stands between < and >: a mention, a date or a link.
func (t Terminal) special(inner string) string {
	what, label, _ := strings.Cut(inner, "|")
	label = t.plain(label)
	switch {
	case strings.HasPrefix(what, "@"):
		return "@" + cmp.Or(t.Names[what[1:]], label, what[1:])
	case strings.HasPrefix(what, "#"):
		return "#" + cmp.Or(label, what[1:])
	case strings.HasPrefix(what, "!date^"):
		return t.date(what, label)
	case strings.HasPrefix(what, "!subteam^"):
		id := strings.TrimPrefix(what, "!subteam^")
		return "@" + cmp.Or(t.Names[id], strings.TrimPrefix(label, "@"), id)
	case strings.HasPrefix(what, "!"):
		return "@" + what[1:]
	}
	address := unescaped.Replace(what)
	if label == "" || label == address {
		return address
	}
	return label + " (" + address + ")"
}

// date is a date as Time and Clock write it, with its zone, as nobody can see whose it is.
func (t Terminal) date(what, otherwise string) string {
	parts := strings.SplitN(what, "^", 3)
	seconds, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || len(parts) < 3 {
		return otherwise
	}
	at := time.Unix(seconds, 0).In(cmp.Or(t.Zone, time.UTC))
	if !strings.Contains(parts[2], "{date") {
		return at.Format("15:04 MST")
	}
	return at.Format("2 Jan 2006 15:04 MST")
}

var mentioned = regexp.MustCompile(`<@([A-Z0-9]+)[|>]`)

// Names is what the people are called whom a message mentions, by Slack ID, for a Terminal. Whom Slack does not tell of is not in
// it.
func (b *Bot) Names(ctx context.Context, message Message) map[string]string {
	texts := []Text{message.Text}
	for _, p := range message.Parts {
		texts = append(texts, p.Section, p.Small)
		for _, f := range p.Fields {
			texts = append(texts, f.Value)
		}
	}
	names := map[string]string{}
	for _, m := range mentioned.FindAllStringSubmatch(string(Join("\n", texts...)), -1) {
		if _, known := names[m[1]]; known {
			continue
		}
		if who, err := b.people.person(ctx, m[1]); err == nil {
			names[m[1]] = cmp.Or(who.Display, who.Name)
		}
	}
	return names
}
