//go:build adrtools

package adr_test

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"shipmate/adr"
)

// bench is a repository in which adr-tools runs.
type bench struct {
	t   *testing.T
	dir string
}

func newBench(t *testing.T) bench {
	t.Helper()
	b := bench{t, t.TempDir()}
	if err := os.MkdirAll(filepath.Join(b.dir, "doc/adr/templates"), 0o700); err != nil {
		t.Fatal(err)
	}
	return b
}

// adr runs adr-tools and returns what it prints.
func (b bench) adr(args ...string) string {
	b.t.Helper()
	cmd := exec.CommandContext(b.t.Context(), "adr", args...)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), "ADR_DATE=2024-01-15", "LC_ALL=C.UTF-8", "EDITOR=true", "VISUAL=true")
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil || errors.Len() > 0 {
		b.t.Fatalf("adr %q: %v\n%s%s", args, err, out, errors.String())
	}
	return string(out)
}

func (b bench) write(name string, content []byte) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, "doc/adr", name), content, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// files are the records, by name.
func (b bench) files() map[string][]byte {
	b.t.Helper()
	found, err := filepath.Glob(filepath.Join(b.dir, "doc/adr/*.md"))
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, file := range found {
		if out[filepath.Base(file)], err = os.ReadFile(file); err != nil {
			b.t.Fatal(err)
		}
	}
	return out
}

func (b bench) records() (all []adr.Record) {
	files := b.files()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all = append(all, adr.Parse(name, files[name]))
	}
	return all
}

func ref(r adr.Record) adr.Ref { return adr.Ref{Number: r.Number, Title: r.Title, File: r.File} }

// What Shipmate writes, adr-tools lists, numbers on, supersedes, links and puts into its table and graph.
func TestAdrToolsWorksOnOurRecords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	drafts := []adr.Draft{
		{Title: "Use PostgreSQL", Context: whole.Context, Decision: whole.Decision, Consequences: whole.Consequences, Alternatives: whole.Alternatives, Services: whole.Services},
		{Title: "R&D | STATUS of $HOME `x`"},
		{Title: "日本語で決める", Context: "## Status\n\nAccepted"},
		{Title: "Größe (v2) [JSON]", Decision: "```\n## Status\n\nAccepted"},
	}
	var names []string
	for n, d := range drafts {
		d.Number, d.Date, d.Status = n+1, "2024-01-15", adr.StatusAccepted
		d.Title, _ = adr.CleanTitle(d.Title)
		if n > 0 {
			d.Supersedes = []adr.Ref{{Number: 1, Title: drafts[0].Title, File: adr.FileName(1, drafts[0].Title)}}
		}
		names = append(names, adr.FileName(d.Number, d.Title))
		b.write(names[n], d.Render(""))
	}
	if got := strings.Fields(b.adr("list")); !slices.EqualFunc(got, names, func(path, name string) bool { return path == "doc/adr/"+name }) {
		t.Errorf("listed are %q, want %q", got, names)
	}
	if got, want := b.adr("generate", "toc"), string(adr.TOC(b.records())); got != want {
		t.Errorf("the table is %q, ours %q", got, want)
	}

	before := b.files()
	made := strings.TrimSpace(b.adr("new", "-s", "0002-", "-s", "0003-", "-l", "0004-:Amends:Amended by", "Next, one!"))
	next, err := adr.NextNumber(slices.Collect(maps.Keys(before)))
	if err != nil || filepath.Base(made) != adr.FileName(next, "Next, one!") {
		t.Errorf("adr-tools made %s, we would have made %d, %v", made, next, err)
	}
	b.adr("link", "0001-", "Clarifies", "0004-", "Clarified by")
	after := b.records()
	newest := after[len(after)-1]
	for n, want := range []struct {
		status adr.Status
		links  []string
	}{
		{adr.StatusAccepted, []string{"Clarifies 4"}},
		{adr.StatusSuperseded, []string{"Supersedes 1", "Superseded by 5"}},
		{adr.StatusSuperseded, []string{"Supersedes 1", "Superseded by 5"}},
		{adr.StatusAccepted, []string{"Supersedes 1", "Amended by 5", "Clarified by 1"}},
		{adr.StatusAccepted, []string{"Supersedes 2", "Supersedes 3", "Amends 4"}},
	} {
		r := after[n]
		var links []string
		for _, l := range r.Links {
			links = append(links, l.Type+" "+string(rune('0'+l.Number)))
			if l.File != after[l.Number-1].File {
				t.Errorf("%s links to %s, want %s", r.File, l.File, after[l.Number-1].File)
			}
		}
		if r.Status != want.status || !slices.Equal(links, want.links) {
			t.Errorf("%s is read as %s %q, want %s %q", r.File, r.Status, links, want.status, want.links)
		}
		if n < len(before) {
			if err := adr.AppendOnly(r.File, before[r.File], b.files()[r.File]); err != nil {
				t.Errorf("adr-tools changed more than the status: %v", err)
			}
		}
	}
	for _, old := range after[1:3] {
		if ours, err := adr.Supersede(old.File, before[old.File], ref(newest)); err != nil || !bytes.Equal(ours, b.files()[old.File]) {
			t.Errorf("adr-tools writes %q\nwe write %q, %v", b.files()[old.File], ours, err)
		}
	}
	graph := b.adr("generate", "graph")
	for _, edge := range []string{`_5 -> _2 [label="Supersedes"`, `_5 -> _4 [label="Amends"`, `_1 -> _4 [label="Clarifies"`, `_2 -> _1 [label="Supersedes"`} {
		if !strings.Contains(graph, edge) {
			t.Errorf("the graph has no %s:\n%s", edge, graph)
		}
	}
}

// Records that adr-tools made are superseded, and made, with the same bytes (adr-vectors, G1 to G3).
func TestAdrToolsWritesTheSameBytes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.adr("init")
	b.adr("new", "Use MySQL Database")
	b.adr("new", "-l", "0001-:Amends:Amended by", "Use files")
	before := b.files()
	b.adr("new", "-s", "0002-", "-s", "0003-", "Use PostgreSQL Database")
	after, records := b.files(), b.records()
	newest := records[3]
	for _, old := range records[:3] {
		want := before[old.File]
		if old.Number > 1 {
			ours, err := adr.Supersede(old.File, want, ref(newest))
			if err != nil {
				t.Fatal(err)
			}
			want = ours
		}
		if !bytes.Equal(after[old.File], want) {
			t.Errorf("%s: adr-tools writes %q\nwe write %q", old.File, after[old.File], want)
		}
	}
	for _, d := range []adr.Draft{
		{Number: 2, Title: "Use MySQL Database"},
		{Number: 4, Title: "Use PostgreSQL Database", Supersedes: []adr.Ref{ref(records[1]), ref(records[2])}},
	} {
		made := records[d.Number-1]
		content := after[made.File]
		if d.Number == 2 {
			content = before[made.File]
		}
		d.Date, d.Context, d.Decision, d.Consequences = made.Date, made.Section("Context"), made.Section("Decision"), made.Section("Consequences")
		if ours := d.Render(""); !bytes.Equal(ours, content) || adr.FileName(d.Number, d.Title) != made.File {
			t.Errorf("adr-tools writes %s: %q\nwe write %q", made.File, content, ours)
		}
	}
	for _, f := range adr.Lint(after) {
		if f.Severity == adr.SeverityError {
			t.Errorf("%+v", f)
		}
	}
}

// Titles of ASCII letters make the names that adr-tools makes, and a directory's own template the same record.
func TestAdrToolsNamesAndTemplates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.write("templates/template.md", []byte("# NUMBER. TITLE\n\n* Date: DATE DATE\n* By: TITLE\n\n## Status\n\nSTATUS\n\n## Context\n\nWhy?\n\n## Decision\n\nWhat?\n\n## Security\n\nSafe since DATE?\n"))
	template, err := os.ReadFile(filepath.Join(b.dir, "doc/adr/templates/template.md"))
	if err != nil {
		t.Fatal(err)
	}
	for n, title := range []string{"Use MySQL Database", "Something About Node.JS", "Slash/Slash/Slash/", "CI/CD pipeline (v2.0)", "100% uptime", "it's 'quoted'", "a__b c---d", "UPPER_lower-Mixed", "leading and trailing!!",
		strings.TrimSpace(strings.Repeat("long ", 16))} {
		made := filepath.Base(strings.TrimSpace(b.adr("new", title)))
		if ours := adr.FileName(n+1, title); ours != made {
			t.Errorf("adr-tools makes %s, we make %s", made, ours)
		}
		ours := adr.Draft{Number: n + 1, Title: title, Date: "2024-01-15"}.Render(string(template))
		if theirs := b.files()[made]; !bytes.Equal(theirs, ours) {
			t.Errorf("adr-tools writes %q\nwe write %q", theirs, ours)
		}
	}
}
