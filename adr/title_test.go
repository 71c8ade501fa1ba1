package adr_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"shipmate/adr"
)

// The first are adr-vectors D1 to D17, of which those without other letters give what adr-tools gives.
func TestFileName(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Use MySQL Database": "use-mysql-database", "Something About Node.JS": "something-about-node-js", "Slash/Slash/Slash/": "slash-slash-slash",
		"-Bar-": "bar", "CI/CD pipeline (v2.0)": "ci-cd-pipeline-v2-0", "100% uptime": "100-uptime", `it's "quoted"`: "it-s-quoted",
		"a__b  c---d": "a-b-c-d", "UPPER_lower-Mixed": "upper-lower-mixed", "emoji 🚀 rocket": "emoji-rocket", "Tab\ttab": "tab-tab",
		"  leading and trailing!!  ": "leading-and-trailing", "star * glob": "star-glob",

		"Ünïcode Größe": "unicode-grosse", "éa": "ea", "Использовать PostgreSQL": "использовать-postgresql", "日本語": "日本語", "Łódź œuvre Ærø": "lodz-oeuvre-aero",
		"हिन्दी में": "हिन्दी-में", "がくせい": "がくせい", "e\u0301a": "ea", "İstanbul ı": "istanbul-i", "ＡＢＣ１": "abc1", "Χρήση": "χρήση", "x ❤️ y": "x-y",
		"": "decision", "...": "decision", "../../etc/passwd": "etc-passwd", "a\x00b": "a-b", "\xff\xfe": "decision", "CON": "con", "ƛ x": "ƛ-x",
	} {
		if got := adr.FileName(7, title); got != "0007-"+want+".md" {
			t.Errorf("FileName(7, %q) = %q, want %q", title, got, want)
		}
	}
}

func TestSlugIsCutBetweenWords(t *testing.T) {
	t.Parallel()
	if got := adr.Slug(strings.Repeat("decision ", 20)); got != strings.TrimSuffix(strings.Repeat("decision-", 9), "-") {
		t.Errorf("%q", got)
	}
	if got := adr.Slug(strings.Repeat("決", 100)); len(got) > 80 || !utf8.ValidString(got) || len(got) < 70 {
		t.Errorf("%q", got)
	}
}

func TestCleanTitle(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{
		"Use PostgreSQL": "Use PostgreSQL", "  a \t\r\n b\u2028c  ": "a b c", "a\x00\x1bb": "ab", "e\u0301": "é", `say "yes"`: "say 'yes'", "Use [JSON] (v2)": "Use (JSON) (v2)",
		"C#": "C#", "in C ##": "in C", "back\\slash\\": "back\\slash", "a\u202Eb\u200B": "ab", "R&D | $HOME NUMBER": "R&D | $HOME NUMBER", "日本語": "日本語", "\xffx": "\uFFFDx", "42": "42",
	} {
		got, err := adr.CleanTitle(title)
		if err != nil || got != want {
			t.Errorf("CleanTitle(%q) = %q, %v; want %q", title, got, err, want)
		}
	}
	for title, want := range map[string]string{
		"": "it is empty", " \n": "it is empty", "##": "there is no letter in it", "-- !?": "there is no letter in it", "🚀": "there is no letter in it",
		strings.Repeat("ä", 201): "it is longer than 200 characters",
	} {
		_, err := adr.CleanTitle(title)
		var wrong *adr.TitleError
		if !errors.As(err, &wrong) || wrong.Why != want || err.Error() != "This cannot be a title: "+want+"." {
			t.Errorf("CleanTitle(%q): %v, want %q", title, err, want)
		}
	}
	if _, err := adr.CleanTitle(strings.Repeat("ä", 200)); err != nil {
		t.Error(err)
	}
}

func FuzzTitle(f *testing.F) {
	for _, s := range []string{"Use MySQL", "日本語", "a [b] # \\", "İı", "e\u0301", "a \\ # \\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, title string) {
		name := adr.FileName(3, title)
		if n, ok := adr.NumberOf(name); !ok || n != 3 || len(name) > 90 || strings.ContainsAny(name, "/\\\x00 \n\"'`[]()<>:|?*") || !utf8.ValidString(name) || !norm.NFC.IsNormalString(name) {
			t.Fatalf("%q makes %q", title, name)
		}
		clean, err := adr.CleanTitle(title)
		if err != nil {
			return
		}
		if again, err := adr.CleanTitle(clean); err != nil || again != clean {
			t.Fatalf("%q is clean, and then %q, %v", clean, again, err)
		}
		r := adr.Parse(name, fmt.Appendf(nil, "# 3. %s\n", clean))
		if r.Title != clean || r.Number != 3 {
			t.Fatalf("%q is read as %q", clean, r.Title)
		}
	})
}
