package sandbox

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// TestNothingParsesMarkup keeps the scripts from every way to turn text into elements or code.
func TestNothingParsesMarkup(t *testing.T) {
	t.Parallel()
	never := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|\beval\(|new Function|setHTML|srcdoc`)
	err := fs.WalkDir(webFiles, "web", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".js") {
			return err
		}
		text, err := webFiles.ReadFile(path)
		if found := never.Find(text); found != nil {
			t.Errorf("%s uses %s", path, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestThePageNeedsNoNetwork keeps fonts, scripts and pictures of other hosts out.
func TestThePageNeedsNoNetwork(t *testing.T) {
	t.Parallel()
	foreign := regexp.MustCompile(`(src|href|url\(|@import|from )\s*=?\s*["'(]?\s*(https?:)?//`)
	err := fs.WalkDir(webFiles, "web", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := webFiles.ReadFile(path)
		if found := foreign.Find(text); found != nil {
			t.Errorf("%s loads something from elsewhere: %s", path, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"plain-1.0/x": "plain-1.0/x", "": "''", "two words": "'two words'", "it's": `'it'\''s'`, "$HOME": "'$HOME'"} {
		if got := quote(in); got != want {
			t.Errorf("quote(%q) = %s, want %s", in, got, want)
		}
	}
}
