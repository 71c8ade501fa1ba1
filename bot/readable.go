package bot

import (
	"cmp"
	"context"
	"regexp"
	"strings"
	"time"
)

// escapedPart is what Slack makes of people, channels, groups and links in a text: <@U1|ana>, <#C1|general>, <!here>,
// <https://x|label> (Slack: Formatting text for app surfaces).
var escapedPart = regexp.MustCompile(`<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>`)

// Readable makes text that people wrote in Slack readable elsewhere: what stands in Slack's escapes becomes what people see, and a
// call of everybody calls nobody. name is what a person, by their Slack ID, is called; nil leaves their ID.
func Readable(text string, name func(id string) string) string {
	text = escapedPart.ReplaceAllStringFunc(text, func(part string) string {
		m := escapedPart.FindStringSubmatch(part)
		sign, value, label := m[1], m[2], m[3]
		switch sign {
		case "@":
			if label == "" && name != nil {
				label = name(value)
			}
			return "@" + cmp.Or(label, value)
		case "#":
			return "#" + cmp.Or(label, value)
		case "!":
			value, _, _ = strings.Cut(value, "^")
			return "@" + strings.TrimPrefix(cmp.Or(label, value), "@")
		}
		value = strings.TrimPrefix(value, "mailto:")
		if label != "" && label != value {
			return label + " (" + value + ")"
		}
		return value
	})
	return unescaped.Replace(text)
}

// Readable is Readable with the names that people want to be called; one that Slack does not tell stays an ID.
func (b *Bot) Readable(ctx context.Context, text string) string {
	return Readable(text, func(id string) string {
		name, err := b.NameOf(ctx, id)
		if err != nil {
			return ""
		}
		return name
	})
}

// SaidAt is when the message of a timestamp was said, by Slack's clock; the zero time when it is none.
func SaidAt(ts string) time.Time { return timeOf(ts) }
