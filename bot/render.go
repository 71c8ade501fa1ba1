package bot

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

// Slack's limits (Slack: Block Kit reference; Slack: chat.postMessage). Lengths are in characters.
const (
	maxBlocks     = 50
	maxSection    = 3000
	maxFieldText  = 2000
	maxFields     = 10
	maxContext    = 3000
	maxButtons    = 25
	maxButtonText = 75
	maxValue      = 255 // Slack takes 2,000; ours hold names and IDs only
	maxURL        = 3000
	maxAlt        = 2000
	maxConfirm    = 300
	maxFallback   = 3500  // chat.update refuses text over 4,000
	maxMessage    = 12500 // all text of one message; over about 13,200 Slack answers msg_blocks_too_long
	maxHomeBlocks = 100
	maxHome       = 25000 // all text of a home tab; views of more than 250 kB are refused
)

// blocks renders a message within Slack's limits, whatever it holds: what does not fit is cut with a word that says so.
// Slack gives the blocks IDs, new ones each time, so that no client keeps the state of an element that meant something else.
func blocks(m Message, stage int) []slack.Block {
	return rendered(m, renderer{left: maxMessage, most: maxBlocks, stage: stage, cutWord: "_… more than fits in one message_"})
}

// homeBlocks renders a message as a home tab, which takes twice the blocks (Slack: Surfaces, App Home).
func homeBlocks(m Message) []slack.Block {
	return rendered(m, renderer{left: maxHome, most: maxHomeBlocks, cutWord: "_… more than fits here_"})
}

func rendered(m Message, r renderer) []slack.Block {
	buttons := r.buttonsThatFit("b", m.Buttons)
	r.left -= wordsOf(buttons)
	r.section(m.Text)
	for _, p := range m.Parts {
		r.part(p)
	}
	if len(buttons) > 0 {
		r.out = append(r.out, actions(buttons))
	}
	return r.out
}

func actions(buttons []*slack.ButtonBlockElement) slack.Block {
	elements := make([]slack.BlockElement, len(buttons))
	for i, e := range buttons {
		elements[i] = e
	}
	return slack.NewActionBlock("", elements...)
}

type renderer struct {
	out     []slack.Block
	left    int // characters the message may still hold
	most    int // blocks
	stage   int
	rows    int // of buttons between the parts
	full    bool
	cutWord Text // says that something is left out
}

// add appends a block unless the message is full; two places are kept, for the word that says so and for the buttons.
func (r *renderer) add(b slack.Block) {
	if r.full {
		return
	}
	if len(r.out) >= r.most-2 {
		r.cut()
		return
	}
	r.out = append(r.out, b)
}

func (r *renderer) cut() {
	r.full = true
	r.out = append(r.out, slack.NewContextBlock("", mrkdwn(r.cutWord)))
}

// fit shortens t to what one block and the rest of the message may hold.
func (r *renderer) fit(t Text, most int) Text {
	if r.full {
		return ""
	}
	if r.left < 100 {
		r.cut()
		return ""
	}
	t = shorten(t, min(most, r.left))
	r.left -= utf8.RuneCountInString(string(t))
	return t
}

func (r *renderer) section(t Text) {
	for t != "" && !r.full {
		var head Text
		head, t = split(t, maxSection)
		if head = r.fit(head, maxSection); head != "" {
			r.add(slack.NewSectionBlock(mrkdwn(head), nil, nil))
		}
	}
}

func (r *renderer) part(p Part) {
	switch {
	case p.Section != "":
		r.section(p.Section)
	case len(p.Fields) > 0:
		r.fields(p.Fields)
	case p.Small != "":
		if t := r.fit(p.Small, maxContext); t != "" {
			r.add(slack.NewContextBlock("", mrkdwn(t)))
		}
	case p.Image != nil && len(p.Image.URL) <= maxURL && p.Image.URL != "":
		alt := shortenPlain(p.Image.Alt, maxAlt)
		if alt == "" {
			alt = "image"
		}
		r.add(slack.NewImageBlock(p.Image.URL, alt, "", nil))
	case p.Divider:
		r.add(slack.NewDividerBlock())
	case len(p.Buttons) > 0:
		r.row(p.Buttons)
	}
}

// row is buttons between the parts, with IDs that none of the others have.
func (r *renderer) row(all []Button) {
	r.rows++
	buttons := r.buttonsThatFit(fmt.Sprintf("p%d-", r.rows), all)
	if n := wordsOf(buttons); len(buttons) > 0 && !r.full && n <= r.left {
		r.left -= n
		r.add(actions(buttons))
	}
}

func (r *renderer) fields(all []Field) {
	for start := 0; start < len(all) && !r.full; start += maxFields {
		var texts []*slack.TextBlockObject
		for _, f := range all[start:min(start+maxFields, len(all))] {
			if t := r.fit(Textf("%s\n%s", Bold(f.Label), f.Value), maxFieldText); t != "" {
				texts = append(texts, mrkdwn(t))
			}
		}
		if len(texts) > 0 {
			r.add(slack.NewSectionBlock(nil, texts, nil))
		}
	}
}

// buttonsThatFit renders the buttons, as many as Slack takes and as leave most of the message to its words.
func (r *renderer) buttonsThatFit(prefix string, all []Button) []*slack.ButtonBlockElement {
	var out []*slack.ButtonBlockElement
	for i, b := range all {
		e := button(b, prefix+strconv.Itoa(i), r.stage)
		if e == nil {
			continue
		}
		if len(out) == maxButtons || wordsOf(append(out, e)) > maxMessage/2 {
			break
		}
		out = append(out, e)
	}
	return out
}

// wordsOf counts the characters in buttons.
func wordsOf(buttons []*slack.ButtonBlockElement) (n int) {
	for _, e := range buttons {
		n += utf8.RuneCountInString(e.Text.Text)
		if c := e.Confirm; c != nil {
			n += utf8.RuneCountInString(c.Title.Text + c.Text.Text + c.Confirm.Text + c.Deny.Text)
		}
	}
	return n
}

// button renders one button, or nothing for one whose line or URL Slack would refuse: a button that does something else
// than it says is worse than none.
func button(b Button, id string, stage int) *slack.ButtonBlockElement {
	label := shortenPlain(b.Label, maxButtonText)
	if label == "" || len(b.URL) > maxURL {
		return nil
	}
	value := ""
	if b.URL == "" {
		if value = withStage(b.Line, stage); b.Line == "" || len(value) > maxValue {
			return nil
		}
	}
	e := slack.NewButtonBlockElement(id, value, slack.NewTextBlockObject(slack.PlainTextType, label, true, false))
	e.URL = b.URL
	e.Style = slack.Style(b.Style)
	if b.Confirm != "" {
		e.Confirm = slack.NewConfirmationBlockObject(
			slack.NewTextBlockObject(slack.PlainTextType, "Are you sure?", false, false),
			slack.NewTextBlockObject(slack.PlainTextType, shortenPlain(b.Confirm, maxConfirm), false, false),
			slack.NewTextBlockObject(slack.PlainTextType, shortenPlain(b.Label, 30), false, false),
			slack.NewTextBlockObject(slack.PlainTextType, "Back", false, false))
		if b.Style == Danger {
			e.Confirm.Style = slack.StyleDanger
		}
	}
	return e
}

// mrkdwn is escaped text in which nothing is linked by itself: a word like "#ops" in a commit stays a word.
func mrkdwn(t Text) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, string(t), false, true)
}

// fallback is the text of notifications and screen readers.
func fallback(m Message) string {
	t := m.Text
	if t == "" && len(m.Parts) > 0 {
		t = m.Parts[0].Section + m.Parts[0].Small
	}
	if t == "" {
		t = "Shipmate"
	}
	return string(shorten(t, maxFallback))
}

// shorten cuts t to at most n characters. It never cuts inside an entity, a mention or a link, nor leaves a block of code
// open.
func shorten(t Text, n int) Text {
	if utf8.RuneCountInString(string(t)) <= n {
		return t
	}
	const more = " …"
	head := safeCut(string(t), n-len("```")-utf8.RuneCountInString(more))
	if strings.Count(head, "```")%2 == 1 {
		return Text(head + "```" + more)
	}
	return Text(head + more)
}

// split cuts t at a line end near n characters; the rest follows in the next block. Code that is cut goes on as code.
func split(t Text, n int) (head, rest Text) {
	if utf8.RuneCountInString(string(t)) <= n {
		return t, ""
	}
	n -= 2 * len("```")
	h := safeCut(string(t), n)
	if strings.Trim(h, "`\n") == "" {
		h = string([]rune(string(t))[:n]) // one mention or link that is longer than a block: something must go, or nothing would
	}
	if i := strings.LastIndexByte(h, '\n'); i > len(h)/2 {
		h = h[:i]
	}
	r := strings.TrimPrefix(string(t)[len(h):], "\n")
	if strings.Count(h, "```")%2 == 1 {
		h, r = h+"```", "```"+r
	}
	return Text(h), Text(r)
}

// safeCut returns at most n characters of s, without half an entity (&amp;) or half of <…> at the end.
func safeCut(s string, n int) string {
	n = max(n, 0)
	i := 0
	for range n {
		if i >= len(s) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	s = s[:i]
	if j := strings.LastIndexByte(s, '<'); j >= 0 && !strings.Contains(s[j:], ">") {
		s = s[:j]
	}
	if j := strings.LastIndexByte(s, '&'); j >= 0 && len(s)-j < len("&amp;") && !strings.Contains(s[j:], ";") {
		s = s[:j]
	}
	return s
}

func shortenPlain(s string, n int) string {
	s = strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
