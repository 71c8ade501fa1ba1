package bot

import (
	"strings"
	"testing"
	"time"
)

func TestTerminalWritesOutWhatSlackShows(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	screen := Terminal{Zone: berlin, Names: map[string]string{"U024BE7LH": "ana", "S012AB3CD": "platform-eng"}}
	at := time.Date(2026, 3, 9, 14, 2, 0, 0, time.UTC)
	for _, c := range []struct {
		text Text
		want string
	}{
		{Textf("%s is locked by %s since %s.", Bold("checkout"), User("U024BE7LH"), Time(at)), "checkout is locked by @ana since 9 Mar 2026 15:02 CET."},
		{Textf("%s at %s", User("U0NOBODY1"), Clock(at)), "@U0NOBODY1 at 15:02 CET"},
		{Textf("(%s) %s ends it.", Bold("prod"), Code("/deploy unlock snake_case *x* prod")), "(prod) /deploy unlock snake_case *x* prod ends it."},
		{Link("https://a.example/?a=1&b=2", "Fix <it> & more"), "Fix <it> & more (https://a.example/?a=1&b=2)"},
		{Link("https://a.example", Bold("main")), "main (https://a.example)"},
		{Textf("%s and %s", Call("S012AB3CD"), Channel("C024BE7LH")), "@platform-eng and #C024BE7LH"},
		{Block("a *b* `c`", "<@U024BE7LH>"), "a *b* `c`\n<@U024BE7LH>"},
		{Plain("<@U024BE7LH> & 2*3*4 snake_case_name _ * a ** `"), "<@U024BE7LH> & 2*3*4 snake_case_name _ * a ** `"},
		{Italic("said *twice*"), "said twice"},
		{Plain("&lt;"), "&lt;"},
		{"half <https://a.example", "half <https://a.example"},
		{Time(time.Time{}), "never"},
		{"<!date^soon^{time}|later> <!here>", "later @here"},
		{Plain("\x1b[31mred\x07\u202e\u009b1m\r and\nmore"), "[31mred1m and\nmore"},
	} {
		if got := screen.Text(c.text); got != c.want {
			t.Errorf("%q is shown as %q, want %q", c.text, got, c.want)
		}
	}
	m := Message{Text: "Head", Parts: []Part{Section("*one*"), Fields(Field{Label: "A", Value: Bold("b")}), Divider(), Small("tiny")},
		Buttons: []Button{{Label: "Press", Line: "deploy"}}}
	if got := screen.Message(m); got != "Head\none\nA: b\n---\ntiny" {
		t.Errorf("a message is shown as %q", got)
	}
}

// Whatever the text is, it comes to an end and no control character gets through.
func FuzzTerminal(f *testing.F) {
	for _, s := range []string{"*a* _b_ `c` ```d```", "<@U024BE7LH|x>", "<!date^1^{time}|x>", "<a|<b>>", "*_*_", "``` `", "\x1b]0;x\x07"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := (Terminal{}).Text(Text(s)); strings.ContainsAny(got, "\x1b\x00\x07\r") {
			t.Errorf("%q is shown as %q", s, got)
		}
	})
}
