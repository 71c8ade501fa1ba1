package bot

import (
	"fmt"
	"strings"
	"time"
)

// Text is Slack mrkdwn that is safe to send: every word in it that came from a person or a service was escaped on the way
// in. Build it with Textf, Plain and the functions below; converting a string by hand skips the escaping.
type Text string

// escaper replaces exactly the three characters Slack's mrkdwn gives a meaning to (Slack: Formatting text for app
// surfaces, "Escaping text"), so that no title or name can forge a mention or a link.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Plain escapes s. What is not UTF-8 in it is replaced, since Slack refuses it.
func Plain(s string) Text { return Text(escaper.Replace(strings.ToValidUTF8(s, "\uFFFD"))) }

// Textf formats like fmt.Sprintf; every argument that is not a Text is formatted by itself and escaped.
func Textf(format string, args ...any) Text {
	safe := make([]any, len(args))
	for i, a := range args {
		safe[i] = escaped{a}
	}
	return Text(fmt.Sprintf(format, safe...))
}

// escaped formats its value with whatever verb it is asked for, and escapes the outcome unless it is Text already.
type escaped struct{ v any }

func (e escaped) Format(f fmt.State, verb rune) {
	if t, ok := e.v.(Text); ok {
		fmt.Fprintf(f, fmt.FormatString(f, verb), string(t))
		return
	}
	fmt.Fprint(f, string(Plain(fmt.Sprintf(fmt.FormatString(f, verb), e.v))))
}

// Join puts the texts together with sep, which is taken as it is, leaving out empty ones.
func Join(sep string, texts ...Text) Text {
	var b strings.Builder
	for _, t := range texts {
		if t == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(sep)
		}
		b.WriteString(string(t))
	}
	return Text(b.String())
}

// Bold shows v in bold. Slack has no way to escape an asterisk, so one inside v is replaced by a look-alike.
func Bold(v any) Text { return wrap("*", "∗", v) }

// Italic shows v in italics.
func Italic(v any) Text { return wrap("_", "_", v) }

// Code shows v in fixed width. A backtick inside v is replaced by a look-alike.
func Code(v any) Text { return wrap("`", "ˋ", v) }

// literal are the look-alikes of Bold and Code for what makes text bold and code.
var literal = strings.NewReplacer("*", "∗", "`", "ˋ")

// Literal shows s as somebody wrote it where they did not mean to set it in bold or code: Slack has no way to escape the marks for that, so
// look-alikes stand for them.
func Literal(s string) Text { return Plain(literal.Replace(s)) }

func wrap(mark, instead string, v any) Text {
	s := fmt.Sprint(v)
	if _, ok := v.(Text); !ok {
		s = string(Plain(s))
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, mark, instead), "\n", " ")
	if strings.TrimSpace(s) == "" {
		return Text(s)
	}
	return Text(mark + s + mark)
}

// Block shows lines in a fixed-width block.
func Block(lines ...string) Text {
	s := strings.ReplaceAll(strings.Join(lines, "\n"), "```", "ˋˋˋ")
	return "```" + Plain(s) + "```"
}

// User mentions the person with that Slack ID. An ID that is not of Slack's form is shown as plain text.
func User(id string) Text {
	if !isID(id) {
		return Plain(id)
	}
	return Text("<@" + id + ">")
}

// Channel links the channel with that Slack ID; a name is shown as it is.
func Channel(id string) Text {
	if !isID(id) {
		return Plain(id)
	}
	return Text("<#" + id + ">")
}

// maxLink is how long an address may be to be linked, in bytes once escaped: the rest of a block is for words.
const maxLink = 2000

// Link shows label linked to url. A url that is not http(s), or too long, is left out, and only the label is shown.
func Link(url string, label any) Text {
	l := Textf("%v", label)
	if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
		return l
	}
	url = strings.NewReplacer("&", "&amp;", "<", "%3C", ">", "%3E", "|", "%7C", " ", "%20", "\n", "").Replace(url)
	if len(url) > maxLink {
		return l
	}
	return Text("<" + url + "|" + strings.ReplaceAll(string(l), "|", "¦") + ">")
}

// Time shows t in the reader's zone: the time of day, with the day when it is not today. A zero t shows as "never".
func Time(t time.Time) Text {
	if t.IsZero() {
		return "never"
	}
	return Text(fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", t.Unix(), t.UTC().Format("2 Jan 15:04 UTC")))
}

// DayTime is like Time, with the day of the week: for times that people check against it.
func DayTime(t time.Time) Text {
	if t.IsZero() {
		return "never"
	}
	return Text(fmt.Sprintf("<!date^%d^{date_long} {time}|%s>", t.Unix(), t.UTC().Format("Mon 2 Jan 15:04 UTC")))
}

// Clock shows only the time of day of t in the reader's zone.
func Clock(t time.Time) Text {
	if t.IsZero() {
		return "never"
	}
	return Text(fmt.Sprintf("<!date^%d^{time}|%s>", t.Unix(), t.UTC().Format("15:04 UTC")))
}

// isID tells whether s has the form of a Slack ID: capital letters and digits, as in U024BE7LH.
func isID(s string) bool {
	if len(s) < 2 {
		return false
	}
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}
