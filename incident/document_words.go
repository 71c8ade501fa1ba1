package incident

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
)

// naming is how people are called in a document: by their role where they have one, else by name; never by an ID, and never so that
// GitHub calls them.
type naming struct {
	roles map[string]string // "the commander", by Slack ID
	names map[string]string // by Slack ID
}

// somebody stands for who cannot be named.
const somebody = "a responder"

// who is somebody by their role, else by name.
func (n naming) who(id string) string { return cmp.Or(n.roles[id], n.name(id)) }

// name is somebody by name.
func (n naming) name(id string) string {
	if id == "" {
		return "Shipmate"
	}
	return cmp.Or(markdown(n.names[id]), somebody)
}

var (
	// slackPart is what Slack makes of people, channels, groups and links (Slack: Formatting text for app surfaces).
	slackPart = regexp.MustCompile(`<([@#!]?)([UWCGD][A-Z0-9]+|(?:https?|mailto|tel):[^<>|]*|[a-z]+(?:\^[^<>|]*)?)(?:\|([^<>]*))?>`)
	// calls is what GitHub would take for a mention; the @ of an address has a character before it.
	calls = regexp.MustCompile(`(^|[^\p{L}\p{N}_.+-])@([\p{L}\p{N}])`)
	// slackID is a person's, as it stays where Slack did not tell a name.
	slackID      = regexp.MustCompile(`@?\b[UW][A-Z0-9]{3,}\b`)
	slackEscapes = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")
)

// plain is what somebody wrote in Slack, in one line of Markdown that says the same and does nothing: no mention, no markup, no mark of
// ours, no cell of a table.
func (n naming) plain(text string) string { return markdown(n.words(text)) }

// words is what somebody wrote in Slack, in one line, with names for what stands in Slack's escapes.
func (n naming) words(text string) string { return n.joined(text, " / ") }

// joined is words with that between the lines.
func (n naming) joined(text, sep string) string {
	text = slackPart.ReplaceAllStringFunc(text, func(part string) string {
		m := slackPart.FindStringSubmatch(part)
		sign, value, label := m[1], m[2], m[3]
		switch sign {
		case "":
			if !strings.Contains(value, ":") {
				return part // somebody's own words
			}
		case "@":
			return cmp.Or(n.names[value], label, somebody)
		case "#":
			return "#" + cmp.Or(label, "a channel")
		case "!":
			value, _, _ = strings.Cut(value, "^")
			return strings.TrimPrefix(cmp.Or(label, value), "@")
		}
		value = strings.TrimPrefix(value, "mailto:")
		if label != "" && label != value {
			return label + " (" + value + ")"
		}
		return value
	})
	text = slackEscapes.Replace(text)
	text = slackID.ReplaceAllStringFunc(text, func(part string) string {
		id := strings.TrimPrefix(part, "@")
		switch {
		case n.names[id] != "":
			return n.names[id]
		case len(id) > 8: // as long as those of Slack are
			return somebody
		}
		return part
	})
	var lines []string
	for line := range strings.SplitSeq(calls.ReplaceAllString(text, "$1$2"), "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, sep)
}

// maxPlain is how much of one text a document shows; the rest is where it was said.
const maxPlain = 1000

// markdown is a text in one line that Markdown shows as it is. Addresses stay as they are, so that they can be followed.
func markdown(text string) string {
	words := strings.Fields(strings.ToValidUTF8(calls.ReplaceAllString(text, "$1$2"), "\uFFFD"))
	for i, word := range words {
		words[i] = harmless(word)
	}
	out := strings.Join(words, " ")
	if r := []rune(out); len(r) > maxPlain {
		out = strings.TrimRight(string(r[:maxPlain-1]), `\ `) + "…"
	}
	return out
}

var (
	escapesMarkdown = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "|", `\|`, "~", `\~`)
	escapesAddress  = strings.NewReplacer("|", "%7C", "<", "%3C", ">", "%3E", "`", "%60", `\`, "%5C")
)

func harmless(word string) string {
	if at := strings.Index(word, "https://"); at >= 0 && at <= 1 {
		return escapesMarkdown.Replace(word[:at]) + escapesAddress.Replace(word[at:])
	}
	return escapesMarkdown.Replace(word)
}

// address is one that can stand between < and > in Markdown; "" when it is none of the web's.
func address(link string) string {
	if !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://") || strings.ContainsAny(link, " \t\r\n") {
		return ""
	}
	return escapesAddress.Replace(link)
}

// line says what a line of the timeline tells.
func (n naming) line(l Line) string {
	by, said := n.who(l.By), n.plain(l.Text)
	switch l.Kind {
	case LineDeclared:
		return by + " declared it as " + said
	case LineSeverity:
		return fmt.Sprintf("severity %s → %s, by %s", n.plain(l.From), said, by)
	case LineStatus:
		return fmt.Sprintf("%s → %s, by %s", n.plain(l.From), said, by)
	case LineReopened:
		return by + " opened it again: " + said
	case LineRole:
		if l.From != "" {
			return fmt.Sprintf("%s took over from %s as %s", n.name(l.Whom), n.name(l.From), said)
		}
		return fmt.Sprintf("%s became %s", n.name(l.Whom), said)
	case LineImpact:
		return fmt.Sprintf("impact, says %s: %s", by, said)
	case LineTitle:
		return fmt.Sprintf("called, says %s: %s", by, said)
	case LineService:
		return fmt.Sprintf("%s is concerned, says %s", said, by)
	case LineNoService:
		return fmt.Sprintf("%s is not concerned, says %s", said, by)
	case LineUpdate:
		return fmt.Sprintf("update by %s: %s", by, markdown(n.joined(l.Text, " · ")))
	case LineMessage:
		return n.message(l, said)
	case LinePaged:
		if l.From != "" {
			return n.samePeople(l.Text, l.From)
		}
		return n.subject(l.Text) + " paged"
	case LineNotPaged:
		return fmt.Sprintf("%s *not* paged: %s", n.subject(l.Text), n.plain(strings.ReplaceAll(l.From, "_", " ")))
	case LineAcknowledged:
		return fmt.Sprintf("page to %s acknowledged by %s", n.subject(l.Text), n.called(l.Whom, l.From))
	case LineEscalated:
		t := fmt.Sprintf("page to %s escalated to %s", n.subject(l.Text), n.called(l.Whom, l.From))
		if l.By != "" {
			t += ", by " + by
		}
		return t
	case LinePageOver:
		return fmt.Sprintf("page to %s resolved", n.subject(l.Text))
	case LineDeployed:
		return fmt.Sprintf("deployed %s, by %s", said, by)
	case LineRolledBack:
		return fmt.Sprintf("rolled back %s, by %s", said, by)
	}
	return by + ": " + said
}

// called is somebody of PagerDuty: as Slack knows them, else by their name there.
func (n naming) called(id, name string) string {
	if id != "" && (n.names[id] != "" || n.roles[id] != "") {
		return n.who(id)
	}
	return cmp.Or(n.plain(name), somebody)
}

// paged says of a page what became of it.
func (n naming) paged(p Paging) string {
	whom := n.subject(p.Subject.Key())
	switch {
	case p.Why != "":
		return fmt.Sprintf("%s could not be paged: %s", whom, n.plain(strings.ReplaceAll(p.Why, "_", " ")))
	case p.With != Subject{}:
		return n.samePeople(p.Subject.Key(), p.With.Key())
	case p.State == NotSent:
		return whom + " was paged, and PagerDuty did not take it"
	case p.State == Withdrawn, p.Page == "":
		return ""
	case p.Acked.IsZero():
		return whom + " was paged, and nobody acknowledged it"
	case p.AckedBy == nil:
		return fmt.Sprintf("%s was paged, acknowledged at %s", whom, utc(p.Acked))
	}
	return fmt.Sprintf("%s was paged, acknowledged by %s at %s", whom, n.called(p.AckedBy.Slack, p.AckedBy.Name), utc(p.Acked))
}

// samePeople says of a subject that whoever was to be called for it is called already.
func (n naming) samePeople(key, as string) string {
	return fmt.Sprintf("%s: the same people as %s", n.subject(key), n.subject(as))
}

func (n naming) message(l Line, said string) string {
	if l.Deleted {
		return n.who(l.By) + " wrote something that is deleted since"
	}
	t := n.who(l.By) + " wrote: " + said
	if link := address(l.Link); link != "" {
		t += fmt.Sprintf(" ([message](<%s>))", link)
	}
	if !l.Edited.IsZero() {
		t += ", edited"
	}
	return t
}

// subject names whom a page called by the key of its subject.
func (n naming) subject(key string) string {
	kind, name, _ := strings.Cut(key, "/")
	switch Kind(kind) {
	case Someone:
		return n.who(name)
	case Team:
		return "team " + markdown(name)
	}
	return markdown(name)
}
