package bot

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

// fits checks rendered blocks against Slack's limits (Slack: Block Kit reference).
func fits(t *testing.T, m Message) {
	t.Helper()
	bs := blocks(m, 3)
	source, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	closed := strings.Count(string(source), "```")%2 == 0 // of the messages below: every piece is one text, repeated
	if len(bs) > 50 {
		t.Fatalf("%d blocks", len(bs))
	}
	total := 0
	text := func(o *slack.TextBlockObject, most int) {
		if o == nil {
			return
		}
		n := utf8.RuneCountInString(o.Text)
		total += n
		if n < 1 || n > most {
			t.Fatalf("a text of %d characters where 1 to %d may be", n, most)
		}
		if !utf8.ValidString(o.Text) {
			t.Fatalf("text is cut inside a character: %q", o.Text)
		}
		if closed && strings.Count(o.Text, "```")%2 == 1 {
			t.Fatalf("code is left open: %q", o.Text)
		}
	}
	for _, b := range bs {
		switch b := b.(type) {
		case *slack.SectionBlock:
			text(b.Text, 3000)
			if len(b.Fields) > 10 || (b.Text == nil && len(b.Fields) == 0) {
				t.Fatalf("%d fields", len(b.Fields))
			}
			for _, f := range b.Fields {
				text(f, 2000)
			}
		case *slack.ContextBlock:
			if n := len(b.ContextElements.Elements); n < 1 || n > 10 {
				t.Fatalf("%d elements of context", n)
			}
		case *slack.ActionBlock:
			if n := len(b.Elements.ElementSet); n < 1 || n > 25 {
				t.Fatalf("%d buttons", n)
			}
			ids := map[string]bool{}
			for _, e := range b.Elements.ElementSet {
				btn := e.(*slack.ButtonBlockElement)
				text(btn.Text, 75)
				if len(btn.Value) > 255 || len(btn.URL) > 3000 || ids[btn.ActionID] || (btn.Value == "") == (btn.URL == "") {
					t.Fatalf("button %+v", btn)
				}
				ids[btn.ActionID] = true
				if btn.Confirm != nil {
					text(btn.Confirm.Title, 100)
					text(btn.Confirm.Text, 300)
					text(btn.Confirm.Confirm, 30)
				}
			}
		case *slack.ImageBlock:
			if len(b.ImageURL) > 3000 || len(b.AltText) > 2000 || b.AltText == "" {
				t.Fatal("image")
			}
		}
	}
	if total > 13200 {
		t.Fatalf("%d characters in all", total)
	}
	if n := utf8.RuneCountInString(fallback(m)); n < 1 || n > 4000 {
		t.Fatalf("%d characters of notification", n)
	}
	if _, err := json.Marshal(bs); err != nil {
		t.Fatal(err)
	}
}

func TestRenderedMessageFitsWhateverItHolds(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("äöü <b> & ", 2000)
	m := Message{Text: Textf("%s", long)}
	for i := range 80 {
		m.Parts = append(m.Parts, Section(Textf("%d %s", i, long)), Small(Plain(long)), Divider(),
			Fields(Field{long, Plain(long)}, Field{"a", "b"}))
	}
	for i := range 40 {
		m.Buttons = append(m.Buttons, Button{Label: fmt.Sprintf("%d %s", i, long), Line: "x", Confirm: long})
	}
	fits(t, m)
	bs := blocks(m, 0)
	if _, ok := bs[len(bs)-1].(*slack.ActionBlock); !ok {
		t.Fatal("the buttons were cut from a long message")
	}
}

func TestLongLogIsSplitAsCode(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 400 {
		lines = append(lines, fmt.Sprintf("line %d of the log", i))
	}
	fits(t, Message{Text: "Failed", Parts: []Part{Section(Block(lines...))}})
}

func TestLinkTooLongForABlockDoesNotStopTheRenderer(t *testing.T) {
	t.Parallel()
	long := Text("<https://ci.example/" + strings.Repeat("x", 4000) + "|log>")
	for _, text := range []Text{long, "before " + long + " after", "```\n" + long + "\n```"} {
		fits(t, Message{Text: text, Parts: []Part{Section(text), Fields(Field{"Log", text}), Small(text)}})
	}
	if got := Link("https://ci.example/"+strings.Repeat("x", 4000), "log"); got != "log" {
		t.Errorf("a link that Slack cannot take is %d characters", len(got))
	}
}

func TestButtonWithTooLongALineIsLeftOut(t *testing.T) {
	t.Parallel()
	bs := blocks(Message{Text: "x", Buttons: []Button{{Label: "a", Line: strings.Repeat("x", 300)}, {Label: "b", Line: "ok"}}}, 1)
	got := bs[len(bs)-1].(*slack.ActionBlock).Elements.ElementSet
	if len(got) != 1 || got[0].(*slack.ButtonBlockElement).Value != "ok #1" {
		t.Fatalf("%+v", got)
	}
}

func TestStageRidesInTheButton(t *testing.T) {
	t.Parallel()
	line, stage := cutStage(withStage("deploy cancel d-1", 12))
	if line != "deploy cancel d-1" || stage != 12 {
		t.Fatal(line, stage)
	}
	for _, line := range []string{"pipeline watch #12", "pipeline watch #12 checkout"} {
		for _, shown := range []int{0, 3} {
			if got, stage := cutStage(withStage(line, shown)); got != line || stage != shown {
				t.Errorf("%q of stage %d comes back as %q of stage %d", line, shown, got, stage)
			}
		}
	}
	if line, stage := cutStage("pipeline #x"); line != "pipeline #x" || stage != 0 {
		t.Fatal(line, stage)
	}
}

func FuzzRender(f *testing.F) {
	f.Add("headline", "part", "label", 3)
	f.Add("<@U1>", "```"+strings.Repeat("x\n", 5000), strings.Repeat("&amp;", 900), 60)
	f.Fuzz(func(t *testing.T, head, part, label string, n int) {
		head, part, label = strings.ReplaceAll(head, "`", ""), strings.ReplaceAll(part, "`", ""), strings.ReplaceAll(label, "`", "")
		m := Message{Text: Plain(head)}
		for range min(max(n, 0), 100) {
			m.Parts = append(m.Parts, Section(Plain(part)), Section(Block(part)), Fields(Field{label, Plain(part)}), Small(Plain(label)),
				Part{Image: &Image{URL: "https://x.example/" + label, Alt: label}})
			m.Buttons = append(m.Buttons, Button{Label: label, Line: part, Confirm: head})
		}
		fits(t, m)
	})
}
