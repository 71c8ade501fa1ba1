package adr_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"shipmate/adr"
)

var riak = adr.Ref{Number: 4, Title: "Use Riak", File: "docs/adr/0004-use-riak.md"}

const riakLine = "Superseded by [4. Use Riak](0004-use-riak.md)"

// The vectors are adr-vectors G; where adr-tools loses something, it is kept.
func TestSupersede(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ was, want string }{
		"G1":                       {"# 2. a\n\n## Status\n\nAccepted\n\n## Context\n", "# 2. a\n\n## Status\n\n" + riakLine + "\n\n## Context\n"},
		"G2 links stay":            {"## Status\n\nAccepted\n\nSupersedes [2. b](0002-b.md)\n\n## Context\n", "## Status\n\nSupersedes [2. b](0002-b.md)\n\n" + riakLine + "\n\n## Context\n"},
		"G4 twice":                 {"## Status\n\nSuperceded by [3. b](0003-b.md)\n\n## Context\n", "## Status\n\nSuperceded by [3. b](0003-b.md)\n\n" + riakLine + "\n\n## Context\n"},
		"G5 proposed":              {"## Status\n\nProposed\n\n## Context\n", "## Status\n\n" + riakLine + "\n\n## Context\n"},
		"G6 small letters":         {"## Status\n\naccepted\n\n## Context\n", "## Status\n\n" + riakLine + "\n\n## Context\n"},
		"G6 people's words stay":   {"## Status\n\nAccepted by us on Monday\n\n## Context\n", "## Status\n\nAccepted by us on Monday\n\n" + riakLine + "\n\n## Context\n"},
		"G7 empty":                 {"## Status\n\n## Context\n", "## Status\n\n" + riakLine + "\n\n## Context\n"},
		"G8 no blank lines":        {"## Status\nAccepted\n## Context\n", "## Status\n" + riakLine + "\n\n## Context\n"},
		"G9 last section":          {"## Status\n\nAccepted\n", "## Status\n\n" + riakLine + "\n"},
		"G9 last, without the end": {"## Status\n\nAccepted by us", "## Status\n\nAccepted by us\n\n" + riakLine + "\n"},
		"G9 nothing at all":        {"## Status", "## Status\n" + riakLine + "\n"},
		"G10 CRLF":                 {"## Status \r\n\r\nAccepted\r\n\r\n## Context\r\n", "## Status \r\n\r\n" + riakLine + "\r\n\r\n## Context\r\n"},
		"G11 notes":                {"## Status\n\nAccepted\n\n### Notes\n\nx\n", "## Status\n\n" + riakLine + "\n\n### Notes\n\nx\n"},
		"G12 in code":              {"## Status\n\nAccepted\n\n## Context\n\n```\n## Status\n\nAccepted\n\n## x\n```\n", "## Status\n\n" + riakLine + "\n\n## Context\n\n```\n## Status\n\nAccepted\n\n## x\n```\n"},
		"G14 no end of line":       {"## Status\n\nAccepted\n\n## Context\n\nx", "## Status\n\n" + riakLine + "\n\n## Context\n\nx"},
		"underlined":               {"a\n===\n\nStatus\n------\n\nAccepted\n\nContext\n-------\n", "a\n===\n\nStatus\n------\n\n" + riakLine + "\n\nContext\n-------\n"},
		"byte order mark":          {"\uFEFF## Status\n\nAccepted\n\n## C\n", "\uFEFF## Status\n\n" + riakLine + "\n\n## C\n"},
		"MADR 4":                   {"---\nstatus: \"accepted\" # yes\ndate: 2024-01-15\n---\n# a\n", "---\nstatus: \"superseded by ADR-0004\" # yes\ndate: 2024-01-15\n---\n# a\n"},
		"MADR plain":               {"---\nstatus: accepted # yes\n---\n# a\n", "---\nstatus: superseded by ADR-0004 # yes\n---\n# a\n"},
		"MADR empty":               {"---\nstatus:\n---\n# a\n", "---\nstatus: superseded by ADR-0004\n---\n# a\n"},
		"MADR without":             {"---\ndate: 2024-01-15\n---\n# a\n", "---\ndate: 2024-01-15\nstatus: superseded by ADR-0004\n---\n# a\n"},
		"MADR again":               {"---\nstatus: superseded by ADR-0003\n---\n# a\n", "---\nstatus: superseded by ADR-0003 and ADR-0004\n---\n# a\n"},
		"MADR 3 again":             {"---\nstatus: superseded by [ADR-0003](0003-b.md)\n---\n# a\n", "---\nstatus: superseded by [ADR-0003](0003-b.md) and [ADR-0004](0004-use-riak.md)\n---\n# a\n"},
		"log4brains":               {"# a\n\n- Status: accepted\n- Date: x\n", "# a\n\n- Status: superseded by [0004-use-riak](0004-use-riak.md)\n- Date: x\n"},
		"in bold":                  {"# a\n\n**Status:** accepted\n", "# a\n\n**Status:** superseded by [0004-use-riak](0004-use-riak.md)\n"},
		"L4 both":                  {"# a\n\n- Status: accepted\n\n## Status\n\nAccepted\n\n## C\n", "# a\n\n- Status: superseded by [0004-use-riak](0004-use-riak.md)\n\n## Status\n\n" + riakLine + "\n\n## C\n"},
	} {
		got, err := adr.Supersede("docs/adr/0002-a.md", []byte(c.was), riak)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v\nwant %q", name, got, err, c.want)
		}
		if again, err := adr.Supersede("docs/adr/0002-a.md", got, riak); err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s again: %q, %v", name, again, err)
		}
	}
	for _, was := range []string{"", "# a\n\n## Context\n", "---\nstatus:\n  - accepted\n---\n# a\n"} {
		_, err := adr.Supersede("docs/adr/0002-a.md", []byte(was), riak)
		var edit *adr.EditError
		if !errors.As(err, &edit) || edit.File != "0002-a.md" {
			t.Errorf("%q: %v", was, err)
		}
	}
}

func TestSetStatus(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ was, want string }{
		"Nygard":            {"# 1. a\n\nDate: 2024-01-15\n\n## Status\n\nProposed\n\n## C\n", "# 1. a\n\nDate: 2024-02-01\n\n## Status\n\nAccepted\n\n## C\n"},
		"already":           {"## Status\n\naccepted\n\n## C\n", "## Status\n\naccepted\n\n## C\n"},
		"two words":         {"## Status\n\nProposed\n\nRejected\n\nAmends [2. b](0002-b.md)\n\n## C\n", "## Status\n\nAccepted\n\nAmends [2. b](0002-b.md)\n\n## C\n"},
		"empty":             {"## Status\n\n## C\n", "## Status\n\nAccepted\n\n## C\n"},
		"an unknown word":   {"## Status\n\nWaiting\n", "## Status\n\nAccepted\n\nWaiting\n"},
		"CRLF":              {"Date: 2024-01-15\r\n## Status\r\nProposed\r\n", "Date: 2024-02-01\r\n## Status\r\nAccepted\r\n"},
		"MADR":              {"---\nstatus: 'proposed'\ndate: 2024-01-15 # then\n---\n", "---\nstatus: 'accepted'\ndate: 2024-02-01 # then\n---\n"},
		"MADR with capital": {"---\nstatus: Proposed\n---\n", "---\nstatus: Accepted\n---\n"},
		"a template":        {"---\nstatus: {proposed | rejected}\ndate: {when}\n---\n", "---\nstatus: accepted\ndate: 2024-02-01\n---\n"},
		"list":              {"# a\n\n* Status: proposed\n* Date: 2024-01-15\n", "# a\n\n* Status: accepted\n* Date: 2024-02-01\n"},
	} {
		got, err := adr.SetStatus("0001-a.md", []byte(c.was), adr.StatusAccepted, "2024-02-01")
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %q, %v\nwant %q", name, got, err, c.want)
		}
	}
	for was, why := range map[string]string{
		"# a\n": "no place", "## Status\n\nSuperseded by [2. b](0002-b.md)\n": "supersedes it", "## Status\n\nDeprecated since May\n": "reads as Deprecated",
	} {
		_, err := adr.SetStatus("0001-a.md", []byte(was), adr.StatusAccepted, "")
		var edit *adr.EditError
		if !errors.As(err, &edit) || !strings.Contains(edit.Why, why) || !strings.HasPrefix(err.Error(), "0001-a.md cannot be changed: ") {
			t.Errorf("%q: %v", was, err)
		}
	}
}

func TestAppendOnly(t *testing.T) {
	t.Parallel()
	const was = "# 3. a\n\nDate: 2024-01-15\n\n## Status\n\nAccepted\n\n## Context\n\nc\n\n### Part\n\np\n\n## Decision\n\nd\n"
	edited := func(from, to string) []byte { return []byte(strings.Replace(was, from, to, 1)) }
	for want, after := range map[string][]byte{
		"":                        edited("Accepted", riakLine),
		" ":                       edited("Date: 2024-01-15", "Date: 2024-02-01"),
		"  ":                      []byte(strings.ReplaceAll(was, "\n", " \r\n")),
		"the title":               edited("# 3. a", "# 3. b"),
		"the number":              edited("# 3. a", "# 4. a"),
		"section “Context”":       edited("c\n\n", "C\n\n"),
		"the section “Context” ":  edited("p\n", "q\n"),
		"section “Decision”":      edited("## Decision\n\nd\n", ""),
		"section “More”":          edited("\n\nd\n", "\n\nd\n\n## More\n\nm\n"),
		"above the sections":      edited("\n\n## Status", "\n\nx\n\n## Status"),
		"all of it":               nil,
		"section “Decision” ":     edited("## Decision", "## Context"),
		"what follows the status": edited("Accepted\n\n## Context\n\nc", "Accepted\n\nc"),
	} {
		err := adr.AppendOnly("docs/adr/0003-a.md", []byte(was), after)
		want = strings.TrimSpace(want)
		var changed *adr.ChangedError
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", after, err)
		case want != "" && (!errors.As(err, &changed) || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "0003-a.md ")):
			t.Errorf("%q: %v, want %s", after, err, want)
		}
		if err := adr.AppendOnly("0003-a.md", edited("Accepted", "Proposed"), after); err != nil {
			t.Errorf("a proposed one: %v", err)
		}
	}
}

func TestNormal(t *testing.T) {
	t.Parallel()
	const was = "# 3. a\n\nDate: 2024-01-15\n\n## Status\n\nAccepted\n\n## Context\n\nSee [above](0003-a.md#x).\n"
	want := adr.Normal("0003-a.md", []byte(was))
	file, content := adr.Renumber("docs/adr/0003-a.md", []byte(was), 12)
	if got := adr.Normal(file, content); got != want {
		t.Error("another number is another text")
	}
	for _, same := range []string{strings.ReplaceAll(was, "\n", "  \r\n"), was + "\n\n", "\uFEFF" + was, strings.Replace(was, "Accepted", riakLine, 1), strings.Replace(was, "2024", "2023", 1)} {
		if adr.Normal("docs/adr/0003-a.md", []byte(same)) != want {
			t.Errorf("%q is another text", same)
		}
	}
	for _, other := range []string{strings.Replace(was, "3. a", "3. b", 1), strings.Replace(was, "See", "see", 1), strings.Replace(was, "## Context", "## Decision", 1), was + "\nx\n",
		strings.Replace(was, "\n\n## Status", "\n\nOwner: me\n\n## Status", 1)} {
		if adr.Normal("0003-a.md", []byte(other)) == want {
			t.Errorf("%q is the same text", other)
		}
	}
}

func TestRenumber(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, was, wantFile, want string }{
		"Nygard":     {"docs/adr/0003-a.md", "# 3. a 3\n\n[3. a](0003-a.md) [3. b](0003-b.md)\n", "docs/adr/0012-a.md", "# 12. a 3\n\n[12. a](0012-a.md) [3. b](0003-b.md)\n"},
		"with ADR":   {"0003-a.md", "# ADR-0003: a\r\n", "0012-a.md", "# ADR-0012: a\r\n"},
		"no number":  {"0003-a.md", "# a\n", "0012-a.md", "# a\n"},
		"underlined": {"0003-a.md", "\uFEFF3. a\n====\n", "0012-a.md", "\uFEFF12. a\n====\n"},
		"wrong name": {"a.md", "# 3. a\n", "0012-a.md", "# 12. a\n"},
	} {
		file, got := adr.Renumber(c.file, []byte(c.was), 12)
		if file != c.wantFile || string(got) != c.want {
			t.Errorf("%s: %s %q, want %s %q", name, file, got, c.wantFile, c.want)
		}
	}
}

func TestRelink(t *testing.T) {
	t.Parallel()
	for was, want := range map[string]string{
		"Superseded by [3. a](0003-a.md)\n":                                    "Superseded by [12. a](0012-a.md)\n",
		"Amends [3. Use [JSON] (v2)](./0003-a.md#x), see [3](x.md)\r\n":        "Amends [12. Use [JSON] (v2)](./0012-a.md#x), see [3](x.md)\r\n",
		"- [0003-a](0003-a.md) [the third](0003-a.md)":                         "- [0012-a](0012-a.md) [the third](0012-a.md)",
		"[ADR-0003](<0003-a.md>) [x]: 0003-a.md":                               "[ADR-0012](<0012-a.md>) [x]: 0003-a.md",
		"[x]: 0003-a.md\n":                                                     "[x]: 0012-a.md\n",
		"0003-a.md and [3. b](0003-a.md.bak) [30. a](../0003-a.md)\n":          "0003-a.md and [3. b](0003-a.md.bak) [30. a](../0003-a.md)\n",
		"---\nstatus: superseded by ADR-0003 and ADR-0004\nx: ADR-0003\n---\n": "---\nstatus: superseded by ADR-0012 and ADR-0004\nx: ADR-0003\n---\n",
	} {
		if got := adr.Relink([]byte(was), "docs/adr/0003-a.md", "0012-a.md", 12); string(got) != want {
			t.Errorf("%q: %q, want %q", was, got, want)
		}
	}
}

// Whatever a file holds, superseding it is either refused or done once and for all, and changes nothing but how it stands.
func FuzzEdit(f *testing.F) {
	for name, content := range testFiles(f, "read") {
		f.Add(name, content)
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		hash := adr.Normal(name, content)
		if got, err := adr.Supersede(name, content, riak); err == nil {
			again, err := adr.Supersede(name, got, riak)
			if err != nil || !bytes.Equal(again, got) {
				t.Fatalf("%q, then %q, %v", got, again, err)
			}
			if err := adr.AppendOnly(name, content, got); err != nil {
				t.Fatalf("%q becomes %q: %v", content, got, err)
			}
			if adr.Normal(name, got) != hash {
				t.Fatalf("%q becomes %q, which is another text", content, got)
			}
		}
		if got, err := adr.SetStatus(name, content, adr.StatusRejected, "2024-02-01"); err == nil {
			if err := adr.AppendOnly(name, content, got); err != nil {
				t.Fatalf("%q becomes %q: %v", content, got, err)
			}
		}
		if err := adr.AppendOnly(name, content, content); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzRenumber(f *testing.F) {
	for name, content := range testFiles(f, "read") {
		f.Add(name, content)
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if !adr.IsRecordName(name) {
			return
		}
		file, got := adr.Renumber(name, content, 7777)
		if n, ok := adr.NumberOf(file); !ok || n != 7777 {
			t.Fatal(file)
		}
		if is, was := adr.Parse(file, got), adr.Parse(name, content); is.Title != was.Title && was.Title != name || is.Status != was.Status {
			t.Fatalf("%q becomes %q", content, got)
		}
	})
}
