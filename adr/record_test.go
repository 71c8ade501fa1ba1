package adr_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"shipmate/adr"
)

// What other tools write is read as they mean it.
func TestParse(t *testing.T) {
	t.Parallel()
	files := testFiles(t, "read")
	var all bytes.Buffer
	enc := json.NewEncoder(&all)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := enc.Encode(adr.Parse("docs/adr/"+name, files[name])); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "read.json", all.String())
}

// How lines end changes nothing of what is read, nor does a byte order mark.
func TestParseAnyEndOfLine(t *testing.T) {
	t.Parallel()
	for name, content := range testFiles(t, "read") {
		plain := bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
		want := fmt.Sprintf("%+v", adr.Parse(name, plain))
		for _, other := range [][]byte{bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n")), bytes.ReplaceAll(plain, []byte("\n"), []byte("\r")),
			append([]byte("\uFEFF"), bytes.TrimPrefix(plain, []byte("\uFEFF"))...)} {
			if got := fmt.Sprintf("%+v", adr.Parse(name, other)); got != want {
				t.Errorf("%s: %q is read as %s, want %s", name, other, got, want)
			}
		}
	}
}

func TestSection(t *testing.T) {
	t.Parallel()
	r := adr.Parse("0001-nygard.md", readFile(t, "read/0001-nygard.md"))
	if got := r.Section("decision"); got != "They are in PostgreSQL." {
		t.Errorf("the decision is %q", got)
	}
	if got := r.Section("Weather"); got != "" {
		t.Errorf("a section that is not there is %q", got)
	}
}

func TestStatusNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]adr.Status{
		"Accepted": adr.StatusAccepted, "accepted": adr.StatusAccepted, " **Accepted** ": adr.StatusAccepted, "✅ accepted": adr.StatusAccepted,
		"Accepted by the team": adr.StatusAccepted, "superseded by ADR-0005": adr.StatusSuperseded, "Superceded by 5": adr.StatusSuperseded,
		"PROPOSED": adr.StatusProposed, "draft": adr.StatusProposed, "Deprecated.": adr.StatusDeprecated, "rejected": adr.StatusRejected,
		"": "", "unknown": "", "acceptedly": "", "{proposed | accepted}": "", "proposed | accepted": "", "Akzeptiert": "", "[Accepted](x.md)": "", "not accepted": "",
	} {
		got, ok := adr.StatusNamed(text)
		if got != want || ok != (want != "") {
			t.Errorf("StatusNamed(%q) = %q, %v; want %q", text, got, ok, want)
		}
	}
}

// Nothing takes the square of a file's length: ten times the lines take ten times as long.
func BenchmarkLargeFiles(b *testing.B) {
	for _, many := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			for b.Loop() {
				doEverything(many)
			}
		})
	}
}

// doEverything does all there is with files of many lines.
func doEverything(many int) {
	for name, content := range map[string]string{
		"lines": strings.Repeat("a: b\n\n", many), "statuses": "## Status\n\n" + strings.Repeat("Accepted\n", many), "links": "## Status\n\n" + strings.Repeat("Amends [1. a](0001-a.md)\n", many),
		"entries": "---\n---\n## Links\n" + strings.Repeat("* Amends [1. a](0001-a.md)\n", many), "brackets": "## Status\n" + strings.Repeat("[](", many), "headings": strings.Repeat("## a\n", many),
		"fences": strings.Repeat("```\n", many), "keys": "---\n" + strings.Repeat("a: b\n", many) + "---\n",
	} {
		file := "0002-" + name + ".md"
		adr.Normal(file, []byte(content))
		_, _ = adr.Supersede(file, []byte(content), riak)
		_, _ = adr.SetStatus(file, []byte(content), adr.StatusRejected, "2024-01-15")
		adr.Relink([]byte(content), "0001-a.md", "0012-a.md", 12)
		adr.Draft{Number: 1, Title: name, Context: content}.Render(content)
		adr.Lint(map[string][]byte{file: []byte(content)})
	}
}

func FuzzParse(f *testing.F) {
	for name, content := range testFiles(f, "read") {
		f.Add(name, content)
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		r := adr.Parse(name, content)
		if r.Title == "" && r.File != "" {
			t.Error("a record without a title")
		}
		if _, ok := adr.StatusNamed(string(r.Status)); !ok && r.Status != "" {
			t.Errorf("status %q", r.Status)
		}
		if r.Format == "" || r.Number < 0 {
			t.Errorf("%+v", r)
		}
	})
}

func BenchmarkParse9999(b *testing.B) {
	content := readFile(b, "read/0001-nygard.md")
	for b.Loop() {
		for n := range 9999 {
			adr.Parse(fmt.Sprintf("%04d-x.md", n+1), content)
		}
	}
}
