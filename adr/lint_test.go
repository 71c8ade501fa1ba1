package adr_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"shipmate/adr"
)

// sound are three records that nothing is to be said about.
func sound() map[string][]byte {
	record := func(n int, title, status string) []byte {
		return []byte(fmt.Sprintf("# %d. %s\n\nDate: 2024-01-15\n\n## Status\n\n%s\n\n## Context\n\nc\n\n## Decision\n\nd\n\n## Consequences\n\ne\n", n, title, status))
	}
	return map[string][]byte{
		"0001-a.md": record(1, "a", "Superseded by [3. c](0003-c.md)"),
		"0002-b.md": record(2, "b", "Accepted\n\nAmended by [3. c](0003-c.md)"),
		"0003-c.md": record(3, "c", "Accepted\n\nSupersedes [1. a](0001-a.md)\n\nAmends [2. b](0002-b.md)"),
		"notes.txt": nil,
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(map[string][]byte)
		want   []string // "file:line rule severity text", of which the text is a part
	}{
		"nothing": {func(map[string][]byte) {}, nil},
		"duplicate": {func(f map[string][]byte) { f["0002-z.md"] = edit(f["0002-b.md"], "Amended by [3. c](0003-c.md)", "") },
			[]string{"0002-z.md:1 duplicate error It has the number of 0002-b.md; give one of them the next free number, 0004."}},
		"gap": {func(f map[string][]byte) {
			f["0005-e.md"] = edit(edit(f["0002-b.md"], "# 2", "# 5"), "Amended by [3. c](0003-c.md)", "")
		},
			[]string{"0005-e.md:1 gap warning No record has the number 4 before it"}},
		"gaps": {func(f map[string][]byte) {
			f["0007-e.md"] = edit(edit(f["0002-b.md"], "# 2", "# 7"), "Amended by [3. c](0003-c.md)", "")
		},
			[]string{"0007-e.md:1 gap warning No record has the numbers 4 to 6 before it"}},
		"names": {func(f map[string][]byte) {
			f["4-d.md"] = edit(edit(f["0002-b.md"], "# 2", "# 4"), "Amended by [3. c](0003-c.md)", "")
			f["0500-x.png"], f["0002-b.md.bak"] = nil, nil
		}, []string{"0002-b.md.bak:1 name warning counts it as number 2", "0500-x.png:1 name warning counts it as number 500", "4-d.md:1 name error call it 0004-d.md"}},
		"full": {func(f map[string][]byte) {
			f["10000-d.md"] = edit(edit(f["0002-b.md"], "# 2", "# 10000"), "Amended by [3. c](0003-c.md)", "")
		},
			[]string{"10000-d.md:1 full error up to 9999"}},
		"no title":       {func(f map[string][]byte) { f["0001-a.md"] = edit(f["0001-a.md"], "# 1. a", "") }, []string{"0001-a.md:1 title error begin it with “# 1. a”"}},
		"another number": {func(f map[string][]byte) { f["0001-a.md"] = edit(f["0001-a.md"], "# 1. a", "# 4. a") }, []string{"0001-a.md:1 title error write “# 1. a”"}},
		"no number":      {func(f map[string][]byte) { f["0001-a.md"] = edit(f["0001-a.md"], "# 1. a", "# a") }, []string{"0001-a.md:1 title warning write “# 1. a”"}},
		"no status":      {func(f map[string][]byte) { f["0002-b.md"] = edit(f["0002-b.md"], "Accepted", "") }, []string{"0002-b.md:5 status error It says no status"}},
		"unknown status": {func(f map[string][]byte) { f["0002-b.md"] = edit(f["0002-b.md"], "Accepted", "Akzeptiert") }, []string{"0002-b.md:5 status error “Akzeptiert” is no status"}},
		"no section Status": {func(f map[string][]byte) {
			f["0002-b.md"] = []byte("# 2. b\n\nDate: 2024-01-15\n\n## Context\n\n## Decision\n\n## Consequences\n")
			delete(f, "0003-c.md")
			delete(f, "0001-a.md")
		},
			[]string{"0002-b.md:1 gap warning", "0002-b.md:1 status error It has no section “## Status”"}},
		"two truths": {func(f map[string][]byte) {
			f["0002-b.md"] = edit(f["0002-b.md"], "Date: 2024-01-15", "- Status: rejected\n- Date: 2024-01-15")
		},
			[]string{"0002-b.md:6 status warning Its section Status says Accepted and what stands above it Rejected"}},
		"by nothing": {func(f map[string][]byte) { f["0002-b.md"] = edit(f["0002-b.md"], "Accepted", "Superseded") }, []string{"0002-b.md:5 status warning does not say what supersedes it"}},
		"CRLF": {func(f map[string][]byte) {
			f["0002-b.md"] = []byte(strings.ReplaceAll(string(f["0002-b.md"]), "\n", "\r\n"))
		}, []string{"0002-b.md:5 status warning adr-tools does not find its status"}},
		"last":       {func(f map[string][]byte) { f["0002-b.md"] = append(f["0002-b.md"][:0:0], lastStatus...) }, []string{"0002-b.md:11 status warning adr-tools loses links"}},
		"in code":    {func(f map[string][]byte) { f["0002-b.md"] = edit(f["0002-b.md"], "c\n", "c\n```\n## Status\n```\n") }, []string{"0002-b.md:15 status warning second “## Status”"}},
		"no date":    {func(f map[string][]byte) { f["0002-b.md"] = edit(f["0002-b.md"], "Date: 2024-01-15", "") }, []string{"0002-b.md:1 date warning It says no date"}},
		"wrong date": {func(f map[string][]byte) { f["0002-b.md"] = edit(f["0002-b.md"], "2024-01-15", "2024-02-30") }, []string{"0002-b.md:3 date warning This is no date"}},
		"sections":   {func(f map[string][]byte) { f["0002-b.md"] = edit(f["0002-b.md"], "## Decision", "## Choice") }, []string{"0002-b.md:1 section warning no section “## Decision”"}},
		"unwritten": {func(f map[string][]byte) {
			f["0004-d.md"] = adr.Draft{Number: 4, Title: "d", Date: "2024-01-15", Context: "c", Decision: "d"}.Render("")
		},
			[]string{"0004-d.md:17 unwritten warning “Consequences” is still to be written"}},
		"broken link": {func(f map[string][]byte) {
			f["0002-b.md"] = edit(f["0002-b.md"], "c\n", "See [x](./0009-x.md#y) and [y](../z.md).\n")
		}, []string{"0002-b.md:13 link error There is no 0009-x.md"}},
		"unknown number": {func(f map[string][]byte) { f["0002-b.md"] = edit(f["0002-b.md"], "Accepted", "Superseded by ADR-0009") }, []string{"0002-b.md:7 link error no record with the number 9"}},
		"no counterpart": {func(f map[string][]byte) { f["0003-c.md"] = edit(f["0003-c.md"], "Supersedes [1. a](0001-a.md)", "") }, []string{"0003-c.md:5 counterpart error 0001-a.md says “Superseded by” of it; write “Supersedes [1. a](0001-a.md)”"}},
		"not superseded": {func(f map[string][]byte) {
			f["0001-a.md"] = edit(f["0001-a.md"], "Superseded by [3. c](0003-c.md)", "Accepted")
		}, []string{"0001-a.md:5 counterpart error write “Superseded by [3. c](0003-c.md)”"}},
		"other counterparts": {func(f map[string][]byte) { f["0002-b.md"] = edit(f["0002-b.md"], "Amended by [3. c](0003-c.md)", "") }, []string{"0002-b.md:5 counterpart warning write “Amended by [3. c](0003-c.md)”"}},
		"MADR": {func(f map[string][]byte) {
			f["0004-d.md"] = []byte("---\nstatus: superseded by ADR-0005\ndate: 2024-01-15\n---\n# d\n\n## Context and Problem Statement\n\n## Decision Outcome\n")
			f["0005-e.md"] = []byte("---\nx: y\n---\n# e\n")
		},
			[]string{"0005-e.md:1 status error front matter", "0005-e.md:1 date warning front matter", "0005-e.md:4 section warning Problem Statement", "0005-e.md:4 section warning Decision Outcome"}},
	} {
		files := sound()
		c.change(files)
		found := adr.Lint(files)
		ok := len(found) == len(c.want)
		for n := 0; ok && n < len(found); n++ {
			f := found[n]
			head, text := fmt.Sprintf("%s:%d %s %s", f.File, f.Line, f.Rule, f.Severity), ""
			if words := strings.SplitN(c.want[n], " ", 4); len(words) == 4 {
				text = words[3]
				ok = strings.Join(words[:3], " ") == head
			} else {
				ok = c.want[n] == head
			}
			ok = ok && strings.Contains(f.Text, text) && strings.HasSuffix(f.Text, ".") && !strings.Contains(f.Text, "\n")
		}
		if !ok {
			t.Errorf("%s: found %+v, want %q", name, found, c.want)
		}
	}
}

const lastStatus = "# 2. b\n\nDate: 2024-01-15\n\n## Context\n\n## Decision\n\n## Consequences\n\n## Status\n\nAccepted\n\nAmended by [3. c](0003-c.md)\n"

func edit(content []byte, from, to string) []byte {
	if !strings.Contains(string(content), from) {
		panic(from)
	}
	return []byte(strings.Replace(string(content), from, to, 1))
}

// Our own records are a sample of what we ask of others.
func TestOwnRecordsAreInOrder(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{}
	found, err := filepath.Glob("../docs/adr/*")
	if err != nil || len(found) < 10 {
		t.Fatalf("only %d records (%v)", len(found), err)
	}
	for _, file := range found {
		if files[filepath.Base(file)], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range adr.Lint(files) {
		t.Errorf("%s:%d: %s", f.File, f.Line, f.Text)
	}
}

func FuzzLint(f *testing.F) {
	files := testFiles(f, "read")
	for name, content := range files {
		f.Add(name, content)
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		all := maps.Clone(files)
		all[name] = content
		for _, found := range adr.Lint(all) {
			if found.Line < 1 || found.File == "" || found.Rule == "" || found.Severity == "" || strings.ContainsAny(found.Text, "\n\r\x1b") {
				t.Fatalf("%+v", found)
			}
		}
	})
}

func TestFindDir(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"A1 nothing":              {fstest.MapFS{}, ""},
		"A2 doc/adr":              {fstest.MapFS{"doc/adr/x": file("")}, "doc/adr"},
		"A4 named, not there yet": {fstest.MapFS{".adr-dir": file("alternative-dir\n")}, "alternative-dir"},
		"A5 without end of line":  {fstest.MapFS{".adr-dir": file("docs/decisions")}, "docs/decisions"},
		"A6 slash at the end":     {fstest.MapFS{".adr-dir": file("docs/adr/\n")}, "docs/adr"},
		"A7 dot":                  {fstest.MapFS{".adr-dir": file("./docs/adr\r\n")}, "docs/adr"},
		"A8 the file wins":        {fstest.MapFS{".adr-dir": file("other"), "doc/adr/x": file("")}, "other"},
		"A13 blanks":              {fstest.MapFS{".adr-dir": file("docs/my adr\n")}, "docs/my adr"},
		"of two lines":            {fstest.MapFS{".adr-dir": file("a\nb"), "docs/adr/x": file("")}, "docs/adr"},
		"outside":                 {fstest.MapFS{".adr-dir": file("../adr"), "docs/adr/x": file("")}, "docs/adr"},
		"absolute":                {fstest.MapFS{".adr-dir": file("/adr")}, ""},
		"empty":                   {fstest.MapFS{".adr-dir": file(" \n"), "docs/adr/x": file("")}, "docs/adr"},
		"MADR":                    {fstest.MapFS{"docs/decisions/x": file("")}, "docs/decisions"},
		"first of several":        {fstest.MapFS{"docs/decisions/x": file(""), "docs/adr/x": file("")}, "docs/adr"},
		"architecture":            {fstest.MapFS{"docs/architecture/decisions/x": file("")}, "docs/architecture/decisions"},
		"a file is no directory":  {fstest.MapFS{"doc/adr": file("")}, ""},
		"a directory called so":   {fstest.MapFS{".adr-dir/x": file(""), "doc/adr/x": file("")}, "doc/adr"},
	} {
		got, ok := adr.FindDir(c.files)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q, %v; want %q", name, got, ok, c.want)
		}
	}
}

// Whatever a file says, it leads into the repository or nowhere.
func FuzzFindDir(f *testing.F) {
	for _, said := range []string{"doc/adr\n", "../x", "/x", "a//b/", "\uFEFFx", ".", "a\x00b", "a\nb", `a\b`} {
		f.Add(said)
	}
	f.Fuzz(func(t *testing.T, said string) {
		dir, ok := adr.FindDir(fstest.MapFS{adr.DirFile: &fstest.MapFile{Data: []byte(said)}})
		if ok != (dir != "") || ok && (!fs.ValidPath(dir) || strings.ContainsAny(dir, "\x00\r\n")) {
			t.Errorf("%q leads to %q, %v", said, dir, ok)
		}
	})
}

func TestTOC(t *testing.T) {
	t.Parallel()
	got := adr.TOC([]adr.Record{{Number: 10000, File: "10000-z.md", Title: "z"}, {Number: 2, File: "0002-b.md", Title: "Use [x]"}, {Number: 1, File: "0001-a b.md", Title: "a"}, {Number: 1, File: "0001-a.md", Title: "a"}})
	want := "# Architecture Decision Records\n\n* [1. a](0001-a%20b.md)\n* [1. a](0001-a.md)\n* [2. Use \\[x\\]](0002-b.md)\n* [10000. z](10000-z.md)\n"
	if string(got) != want {
		t.Errorf("%q", got)
	}
}
