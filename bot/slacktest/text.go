package slacktest

import (
	"regexp"
	"strings"
)

// token is a piece of typed text.
type token struct {
	kind string // text, user, channel, group, broadcast, link
	id   string
	text string // as typed, without the sign; of text: unescaped
}

// typed finds what Slack's client turns into mentions and links: what is already in angle brackets, @names, #channels
// and addresses.
var typed = regexp.MustCompile(`<[@#!][^<>]+>|<https?://[^<>]+>|https?://[^\s<>]+|[@#][\p{L}\p{N}][\p{L}\p{N}._-]*`)

// tokens splits a line as a person types it.
func (w *world) tokens(line string) []token {
	var list []token
	plain := func(text string) {
		if text != "" {
			list = append(list, token{kind: "text", text: text})
		}
	}
	at := 0
	for _, span := range typed.FindAllStringIndex(line, -1) {
		word := line[span[0]:span[1]]
		t, used := w.token(word, span[0] > 0 && isWordByte(line[span[0]-1]))
		if used == 0 {
			continue
		}
		plain(line[at:span[0]])
		list = append(list, t)
		at = span[0] + used
	}
	plain(line[at:])
	return list
}

func isWordByte(b byte) bool {
	return b == '_' || b == '.' || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}

// token reads one candidate; used is how much of it belongs to the token, 0 when it is just text.
func (w *world) token(word string, glued bool) (t token, used int) {
	switch {
	case strings.HasPrefix(word, "<"):
		return bracketed(word[1 : len(word)-1]), len(word)
	case strings.HasPrefix(word, "http"):
		return token{kind: "link", id: word, text: word}, len(word)
	case glued:
		return token{}, 0
	}
	name := strings.TrimRight(word[1:], ".-_")
	for _, n := range []string{word[1:], name} {
		if t, ok := w.named(word[0], n); ok {
			return t, 1 + len(n)
		}
	}
	return token{}, 0
}

func (w *world) named(sign byte, name string) (token, bool) {
	if sign == '#' {
		r := w.names[name]
		if r == nil {
			return token{}, false
		}
		return token{kind: "channel", id: r.ID, text: r.kind(r.Name, "")}, true
	}
	if name == "here" || name == "channel" || name == "everyone" {
		return token{kind: "broadcast", id: name, text: name}, true
	}
	if u := w.handles[name]; u != nil {
		return token{kind: "user", id: u.ID, text: u.Name}, true
	}
	for _, g := range w.groups {
		if g.Handle == name && !g.Disabled {
			return token{kind: "group", id: g.ID, text: name}, true
		}
	}
	return token{}, false
}

func bracketed(inner string) token {
	id, label, _ := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(id, "@"):
		return token{kind: "user", id: id[1:], text: label}
	case strings.HasPrefix(id, "#"):
		return token{kind: "channel", id: id[1:], text: label}
	case strings.HasPrefix(id, "!subteam^"):
		return token{kind: "group", id: strings.TrimPrefix(id, "!subteam^"), text: strings.TrimPrefix(label, "@")}
	case strings.HasPrefix(id, "!"):
		return token{kind: "broadcast", id: id[1:], text: label}
	}
	return token{kind: "link", id: id, text: label}
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escaped is a token in Slack's own notation (Slack: Formatting text; Slash commands, should_escape).
func (t token) escaped() string {
	switch t.kind {
	case "user":
		return "<@" + t.id + ">"
	case "channel":
		return "<#" + t.id + "|" + t.text + ">"
	case "group":
		return "<!subteam^" + t.id + ">"
	case "broadcast":
		return "<!" + t.id + ">"
	case "link":
		if t.text != "" && t.text != t.id {
			return "<" + t.id + "|" + t.text + ">"
		}
		return "<" + t.id + ">"
	}
	return escaper.Replace(t.text)
}

// escape is what a typed line is sent as.
func (w *world) escape(line string) string {
	var b strings.Builder
	for _, t := range w.tokens(line) {
		b.WriteString(t.escaped())
	}
	return b.String()
}

// richText is the block Slack's client makes of a typed line.
func (w *world) richText(line string) []byte {
	elements := []obj{}
	for _, t := range w.tokens(line) {
		elements = append(elements, t.element())
	}
	return mustJSON([]obj{{
		"type": "rich_text", "block_id": randomID("", 5), "elements": []obj{{"type": "rich_text_section", "elements": elements}},
	}})
}

func (t token) element() obj {
	switch t.kind {
	case "user":
		return obj{"type": "user", "user_id": t.id}
	case "channel":
		return obj{"type": "channel", "channel_id": t.id}
	case "group":
		return obj{"type": "usergroup", "usergroup_id": t.id}
	case "broadcast":
		return obj{"type": "broadcast", "range": t.id}
	case "link":
		return obj{"type": "link", "url": t.id}
	}
	return obj{"type": "text", "text": t.text}
}

func mentions(text, user string) bool {
	return strings.Contains(text, "<@"+user+">") || strings.Contains(text, "<@"+user+"|")
}
