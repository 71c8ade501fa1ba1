package adr_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"shipmate/adr"
)

var whole = adr.Draft{
	Number: 12, Title: "Use R&D|STATUS NUMBER", Date: "2024-01-15", Status: adr.StatusProposed,
	Context:      "Orders are slow.\n\n# 3. X\n\n## Status\n\nRejected\n\n```sh\n## Status\n# comment\n",
	Decision:     "We do it\n---\nnow\n===\n<!-- hidden\n\n### Numbers\nTen",
	Consequences: "Date: 2020-01-01\r\n* Status: rejected\r\n\r\nSuperseded by [1. a](0001-a.md)\x00",
	Alternatives: "\n\n* that\n",
	Services:     []string{"payments", "ledger"},
	Supersedes:   []adr.Ref{{Number: 3, Title: "Files", File: "docs/adr/0003-files.md"}, {Number: 4, Title: "Old", File: "0004-old.md"}},
}

func TestRender(t *testing.T) {
	t.Parallel()
	madr := "---\nstatus: \"{proposed | accepted}\" # one\ndate: {YYYY-MM-DD}\nwho: me\n---\n# {short title}\n\n## Context and Problem Statement\n\n{Describe it.}\n\n" +
		"## Considered Options\n\n* {one}\n\n## Decision Outcome\n\n{Chosen.}\n\n### Consequences\n\n* Good, because\n\n### Confirmation\n\n{How?}\n"
	own := "\uFEFF# ADR-NUMBER: TITLE TITLE\r\n\r\n* Owner: DATE DATE\r\n* Date: DATE\r\n* UPDATED\r\n\r\n## Status\r\n\r\nSTATUS STATUS\r\n\r\n## Context\r\n\r\nWhy now?\r\n\r\n## Security\r\n\r\nOurs.\r\n"
	for name, c := range map[string]struct {
		draft    adr.Draft
		template string
	}{
		"whole":      {whole, ""},
		"title-only": {adr.Draft{Number: 1, Title: "Begin", Date: "2024-01-15"}, ""},
		"madr":       {whole, madr},
		"madr-empty": {adr.Draft{Number: 1, Title: "Begin", Date: "2024-01-15", Status: adr.StatusAccepted}, madr},
		"own":        {whole, own},
		"no-title":   {whole, "## Decision\n\nWhat?\n"},
		"underlined": {whole, "A title\n=======\n\nServices: none\nDate: DATE\n\n## Status\n\n## Context\n"},
		"undated":    {adr.Draft{Number: 2, Title: "?", Date: "soon", Services: []string{" ", "a\nb"}}, "NUMBER. TITLE\n=============\n\nA NUMBERED one, STATUS"},
		"listed":     {whole, "# TITLE\n\n- Status: draft\n- Date: DATE\n\n## Context\n"},
	} {
		got := c.draft.Render(c.template)
		golden(t, "draft/"+name+".md", string(got))
		r := adr.Parse(adr.FileName(c.draft.Number, c.draft.Title), got)
		if name == "undated" { // nor does it have a title
			c.draft.Title = "Untitled"
		}
		if want, _ := adr.StatusNamed(string(c.draft.Status)); r.Title != c.draft.Title || r.Number != c.draft.Number || want != "" && r.Status != want {
			t.Errorf("%s is read as %+v", name, r)
		}
		if again := c.draft.Render(c.template); string(again) != string(got) {
			t.Errorf("%s is something else the second time", name)
		}
	}
}

// The layout is adr-vectors E1 with the links of G2.
func TestRenderIsAdrToolsLayout(t *testing.T) {
	t.Parallel()
	got := adr.Draft{Number: 4, Title: "Use Riak", Date: "2024-01-15", Context: "c", Decision: "d", Consequences: "e",
		Supersedes: []adr.Ref{{Number: 3, Title: "Use PostgreSQL Database", File: "0003-use-postgresql-database.md"}}}.Render("")
	want := "# 4. Use Riak\n\nDate: 2024-01-15\n\n## Status\n\nAccepted\n\nSupersedes [3. Use PostgreSQL Database](0003-use-postgresql-database.md)\n\n" +
		"## Context\n\nc\n\n## Decision\n\nd\n\n## Consequences\n\ne\n"
	if string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// statusLine is what adr-tools takes for the section Status.
var statusLine = regexp.MustCompile(`(?m)^## Status`)

// Whatever people write, the record says what the draft says.
func FuzzRender(f *testing.F) {
	f.Add("Use it", whole.Context, whole.Decision, whole.Consequences, whole.Alternatives, "payments", uint8(1))
	f.Add("C #", "~~~~\n~~~\n", "a\n-\n=\n```", "<script>\n\n    # x\n#\n##\ty", "\x0b- a\n---", "a\n\n## Status", uint8(0))
	f.Add("Status", "---\nstatus: rejected\n---\n", "# \n\n=", "1. a\n   ```\n# 3. X", "> a\n\\", "[x](y)", uint8(2))
	f.Fuzz(func(t *testing.T, title, context, decision, consequences, alternatives, service string, old uint8) {
		clean, err := adr.CleanTitle(title)
		if err != nil {
			return
		}
		d := adr.Draft{Number: 7, Title: clean, Date: "2024-01-15", Status: adr.StatusProposed, Context: context, Decision: decision,
			Consequences: consequences, Alternatives: alternatives, Services: []string{service}}
		headings := []string{"Status"}
		for n := range int(old) % 3 {
			d.Supersedes = append(d.Supersedes, adr.Ref{Number: n + 1, Title: clean, File: adr.FileName(n+1, clean)})
		}
		got := d.Render("")
		r := adr.Parse(adr.FileName(7, clean), got)
		if r.Number != 7 || r.Title != clean || r.Status != d.Status || r.Date != d.Date || len(r.Links) != len(d.Supersedes) {
			t.Fatalf("%q is read as %+v", got, r)
		}
		for n, l := range r.Links {
			if l.Type != "Supersedes" || l.Number != n+1 || l.File != adr.FileName(n+1, clean) {
				t.Fatalf("%q is read as %+v", got, r)
			}
		}
		for _, part := range [][2]string{{"Context", context}, {"Decision", decision}, {"Alternatives", alternatives}, {"Consequences", consequences}} {
			want := adr.Written(part[1], 2)
			if again := adr.Written(want, 2); again != want {
				t.Fatalf("%q is written %q, and then %q", part[1], want, again)
			}
			if want == "" && part[0] == "Alternatives" {
				continue
			}
			headings = append(headings, part[0])
			if text := r.Section(part[0]); want != "" && text != want || want == "" && !strings.HasPrefix(text, "_To be written: ") {
				t.Fatalf("%s %q is read as %q, want %q", part[0], part[1], text, want)
			}
		}
		var found []string
		for _, s := range r.Sections {
			found = append(found, s.Heading)
		}
		if !slices.Equal(found, headings) || len(statusLine.FindAll(got, -1)) != 1 {
			t.Fatalf("%q has the sections %q", got, found)
		}
	})
}

// Whatever the template is, the title is read back, and what people wrote is in it.
func FuzzRenderTemplate(f *testing.F) {
	for _, content := range testFiles(f, "read") {
		f.Add("3. Use it", "Because.", string(content))
	}
	for _, content := range testFiles(f, "draft") {
		f.Add("Use it", "Because.", string(content))
	}
	f.Fuzz(func(t *testing.T, title, decision, template string) {
		clean, err := adr.CleanTitle(title)
		if err != nil {
			return
		}
		got := adr.Draft{Number: 7, Title: clean, Date: "2024-01-15", Decision: decision, Services: []string{"a"}, Supersedes: []adr.Ref{{Number: 3, Title: "x", File: "0003-x.md"}}}.Render(template)
		r := adr.Parse(adr.FileName(7, clean), got)
		if r.Title != clean {
			t.Fatalf("%q is read as %q", got, r.Title)
		}
		for l := range strings.SplitSeq(adr.Written(decision, 6), "\n") {
			if !strings.Contains(string(got), strings.TrimLeft(l, "# ")) {
				t.Fatalf("%q lacks %q", got, l)
			}
		}
	})
}

func TestWrittenDemotesByLevel(t *testing.T) {
	t.Parallel()
	for level, want := range map[int]string{2: "### a\n### b\n### c", 3: "#### a\n#### b\n#### c"} {
		if got := adr.Written("# a\n## b\n### c", level); got != want {
			t.Errorf("level %d: %q", level, got)
		}
	}
	if got := adr.Written("###### a", 6); got != "###### a" {
		t.Errorf("%q", got)
	}
	if got := fmt.Sprint(adr.Written("", 2) == "", adr.Written(" \n\t\n", 2) == ""); got != "true true" {
		t.Error(got)
	}
}
