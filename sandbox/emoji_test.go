package sandbox

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Not every machine has a font for them, so the page draws every emoji that a message of Shipmate has.
func TestEveryEmojiIsDrawn(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("web/page.html")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("web/emoji.js")
	if err != nil {
		t.Fatal(err)
	}
	named, drawn, ok := strings.Cut(string(script), "const drawn = {")
	if !ok {
		t.Fatal("what is drawn does not stand where it did")
	}
	drawn, _, _ = strings.Cut(drawn, "};")
	const variant = "\ufe0f" // an emoji is shown in colour, which Slack's text may leave out
	characters := map[string]bool{}
	for _, m := range regexp.MustCompile(`([\w"+-]+): "([^"]+)"`).FindAllStringSubmatch(named, -1) {
		symbol := regexp.MustCompile(`(?m)[ {]` + regexp.QuoteMeta(m[1]) + `: "(\w+)"`).FindStringSubmatch(drawn)
		if symbol != nil && strings.Contains(string(page), `id="e-`+symbol[1]+`"`) {
			characters[strings.TrimSuffix(m[2], variant)] = true
		}
	}
	emoji := regexp.MustCompile(`[\x{1F300}-\x{1FAFF}\x{2600}-\x{27BF}\x{23E9}-\x{23FF}\x{231A}\x{231B}\x{2B00}-\x{2BFF}]`)
	found := 0
	err = filepath.WalkDir("../commands/testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		message, err := os.ReadFile(path)
		for _, one := range emoji.FindAllString(string(message), -1) {
			found++
			if !characters[one] {
				t.Errorf("%s of %s is not drawn", one, path)
			}
		}
		return err
	})
	if err != nil || found < 100 {
		t.Errorf("%d emoji, %v", found, err)
	}
}
