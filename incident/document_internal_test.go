package incident

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares got with the file, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", "documents", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s has changed; go test -update writes it.\n--- got\n%s\n--- want\n%s", file, got, want)
	}
}

var threeAM = time.Date(2026, 3, 9, 2, 0, 0, 0, time.UTC)

func after(minutes int) time.Time { return threeAM.Add(time.Duration(minutes) * time.Minute) }

// happened is an incident with a line of every kind.
func happened(t *testing.T) document {
	t.Helper()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	n := naming{roles: map[string]string{"U0ANA": "the commander"}, names: map[string]string{"U0ANA": "Ana", "U0BEN": "Ben | <b>", "U0CYCYCYC": "Cy"}}
	d := document{ID: "INC-12", Title: n.words("Card payments fail for *everybody* & <all>"), Severity: "sev1", Owner: "Ana", Services: []string{"checkout", "catalog"},
		Declared: threeAM, Acked: after(3), Mitigated: after(41), Resolved: after(62), Due: after(62 + 72*60), Reopened: 1, DeclaredBy: n.who("U0BEN"),
		ResolvedBy: n.who("U0ANA"), Link: address("https://acme.slack.com/archives/C0PAY/p1"), Impact: n.plain("Nobody can pay\nby card"),
		Holders: []string{"commander: Ana"}, Paged: []string{n.paged(Paging{Subject: Subject{Of, "checkout"}, Page: "p-0"})}, Zone: berlin,
		Earlier: []string{"INC-7: [Add an alert](<https://github.com/acme/checkout/issues/3>), due 2026-02-01"},
		Deploys: []docDeploy{{At: after(-12), Service: "checkout", Environment: "production", SHA: "1a2b3c4", URL: "https://github.com/acme/checkout/commit/1a2b3c4",
			Text: n.plain("Use the `new` gateway | faster"), State: "succeeded", Why: "12 min before"}}}
	for _, p := range []Paging{{Subject: Subject{Of, "catalog"}, Page: "p-1", Acked: after(4), AckedBy: &Person{Name: "Eve", Slack: "U0EVE"}},
		{Subject: Subject{Of, "search"}, Page: "p-2", Acked: after(5)}, {Subject: Subject{Of, "ledger"}, With: Subject{Of, "checkout"}},
		{Subject: Subject{Team, "payments"}, Why: "nobody_to_page"}, {Subject: Subject{Of, "plain"}, Page: "p-3", State: NotSent}} {
		d.Paged = append(d.Paged, n.paged(p))
	}
	for i, l := range []Line{
		{Kind: LineDeclared, By: "U0BEN", Text: "sev2"}, {Kind: LineSeverity, By: "U0ANA", Text: "sev1", From: "sev2"},
		{Kind: LineStatus, By: "U0ANA", Text: "mitigated", From: "investigating"}, {Kind: LineReopened, By: "U0CYCYCYC", Text: "it is back"},
		{Kind: LineRole, By: "U0BEN", Text: "commander", Whom: "U0ANA", From: "U0BEN"}, {Kind: LineRole, By: "U0BEN", Text: "scribe", Whom: "U0BEN"},
		{Kind: LineImpact, By: "U0ANA", Text: "Nobody can pay"}, {Kind: LineTitle, By: "U0ANA", Text: "Card payments fail"},
		{Kind: LineService, By: "U0ANA", Text: "catalog"}, {Kind: LineNoService, By: "U0ANA", Text: "catalog"},
		{Kind: LineUpdate, By: "U0ANA", Text: "We know the cause\nWe roll back"},
		{Kind: LineNote, By: "U0BEN", Text: "asked <@U0CYCYCYC> and <@UNOBODYHERE>, @U0ANA @team/x <!here> in <#C1|general>: <https://x.example/a_b|graph>"},
		{Kind: LineMessage, By: "U0ANA", Text: "<!-- shipmate:end timeline --> ![x](y) | `z` mail ana@acme.example", Link: "https://acme.slack.com/archives/C1/p2"},
		{Kind: LineMessage, By: "U0ANA", Deleted: true}, {Kind: LineMessage, By: "U0ANA", Text: "cannot pay\r\n\nsecond line", Edited: after(5)},
		{Kind: LinePaged, Text: "service/checkout"}, {Kind: LinePaged, Text: "service/ledger", From: "service/checkout"}, {Kind: LineNotPaged, Text: "team/payments", From: "nobody_to_page"},
		{Kind: LineAcknowledged, Text: "service/checkout", Whom: "U0CYCYCYC"}, {Kind: LineAcknowledged, Text: "person/U0ANA", From: "Eve"},
		{Kind: LineEscalated, Text: "service/checkout", Whom: "U0CYCYCYC"}, {Kind: LineEscalated, Text: "service/checkout", From: "Eve, Cy", By: "U0ANA"},
		{Kind: LinePageOver, Text: "service/checkout"}, {Kind: LineDeployed, By: "U0BEN", Text: "checkout 1a2b3c4 production succeeded"},
		{Kind: LineRolledBack, By: "U0BEN", Text: "checkout 0000000 production succeeded"}, {Kind: "new", By: "", Text: "something"}} {
		d.Lines = append(d.Lines, docLine{At: after(i), What: n.line(l)})
	}
	return d
}

func TestDocument(t *testing.T) {
	t.Parallel()
	full := happened(t).render()
	golden(t, "full.md", full)
	for _, id := range []string{"U0ANA", "U0BEN", "UNOBODY", "U0CY", "<@", "@team"} {
		if bytes.Contains(full, []byte(id)) {
			t.Errorf("the document has %s in it", id)
		}
	}
	golden(t, "bare.md", document{ID: "INC-1", Title: "Short", Severity: "sev3", Owner: "Ana", Declared: threeAM, DeclaredBy: "Ana", Due: after(60), Zone: time.UTC}.render())
	if rows, skipped := readActions(full); len(rows) != 0 || len(skipped) != 0 {
		t.Errorf("the template itself has action items: %v, %v", rows, skipped)
	}
}

// What people wrote stays byte for byte; what Shipmate wrote and nobody changed is written anew.
func TestDocumentIsRefreshed(t *testing.T) {
	t.Parallel()
	d := happened(t)
	later := d
	later.Resolved, later.Impact, later.Title = after(200), "Half of them could not pay", "Cards fail"
	for name, c := range map[string]struct {
		change func(string) string
		left   []LeftAlone
		same   bool // nothing is written
	}{
		"as it was": {change: func(s string) string { return s }},
		"people wrote": {change: func(s string) string {
			return strings.ReplaceAll(s, "\n-\n", "\n- It was *ours*.  \n\n") + "no end of line"
		}},
		"other endings": {change: func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }},
		"spaces": {change: func(s string) string {
			return strings.ReplaceAll(s, "Nobody can pay / by card\n", "\nNobody can pay / by card  \n\n")
		}},
		"marks gone": {change: func(s string) string {
			return regexpOf(`(?m)^(# )?<!-- shipmate:.*\n`).ReplaceAllString(s, "")
		}, same: true, left: everyPart(d, MarksGone)},
		"one mark gone": {change: func(s string) string { return strings.Replace(s, "<!-- shipmate:end impact -->\n", "", 1) },
			left: []LeftAlone{{"impact", MarksBroken}}},
		"twice": {change: func(s string) string { return s + "\n<!-- shipmate:begin impact -->\n<!-- shipmate:end impact -->\n" },
			left: []LeftAlone{{"impact", MarksBroken}}},
		"crossed": {change: func(s string) string {
			return strings.Replace(s, "<!-- shipmate:end impact -->", "<!-- shipmate:begin other -->\n<!-- shipmate:end impact -->", 1)
		}, left: []LeftAlone{{"impact", MarksBroken}}},
		"edited": {change: func(s string) string {
			return strings.Replace(s, "Nobody can pay / by card", "17 customers could not pay", 1)
		},
			left: []LeftAlone{{"impact", PartEdited}}},
		"sum gone": {change: func(s string) string { return regexpOf(`begin impact [0-9a-f]{8}`).ReplaceAllString(s, "begin impact") },
			left: []LeftAlone{{"impact", PartEdited}}},
		"empty": {change: func(string) string { return "" }, same: true, left: everyPart(d, MarksGone)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := []byte(c.change(string(d.render())))
			got, left := refreshDocument(before, later.sections())
			if !reflect.DeepEqual(left, c.left) {
				t.Errorf("left alone %v, want %v", left, c.left)
			}
			if a, b := outside(before, d, left), outside(got, d, left); a != b {
				t.Errorf("what people wrote has changed from\n%q\nto\n%q", a, b)
			}
			if bytes.Equal(before, got) != c.same {
				t.Errorf("written anew: %t", !c.same)
			}
			if !c.same && !bytes.Contains(got, []byte("Resolved after 3 h 20 min")) {
				t.Errorf("not up to date:\n%s", got)
			}
			again, _ := refreshDocument(got, later.sections())
			if !bytes.Equal(again, got) {
				t.Errorf("a second time it changes once more:\n%s", again)
			}
		})
	}
}

func everyPart(d document, why string) (out []LeftAlone) {
	for _, s := range d.sections() {
		out = append(out, LeftAlone{s.Name, why})
	}
	return out
}

// outside is all of a document but the parts that may be written, found by other means than refreshDocument's.
func outside(doc []byte, d document, left []LeftAlone) string {
	out := string(doc)
	for _, s := range d.sections() {
		if !slices.ContainsFunc(left, func(l LeftAlone) bool { return l.Section == s.Name }) {
			out = regexpOf(`(?s)<!-- *shipmate:begin +`+s.Name+`[ -].*shipmate:end +`+s.Name+` `).ReplaceAllLiteralString(out, "("+s.Name+")")
		}
	}
	return out
}

func TestActionTable(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	head := "| Action | Owner | Due | Type | Issue |\n|---|:--:|---|---|---|\n"
	for name, c := range map[string]struct {
		doc     string
		rows    []actionRow
		skipped []string
	}{
		"none":  {doc: "# Nothing\n\n| A | B |\n|---|---|\n| 1 | 2 |\n"},
		"empty": {doc: head + "|  |  |  |  |  |\n| … | - | TBD | | |\n"},
		"rows": {doc: "text\n\n" + head + "| **Add** an alert \\| page | @ana | 2026-03-20 | detect | |\r\n| Add a limit | Ben | next week | | #3\n| add  a LIMIT | | | | |\n\nafter | it\n",
			rows: []actionRow{{Key: "add an alert | page", Line: 5, Action: "**Add** an alert | page", Owner: "@ana", Due: day("2026-03-20"), Type: "detect"},
				{Key: "add a limit", Line: 6, Action: "Add a limit", Owner: "Ben", DueText: "next week", Issue: "#3"}, {Key: "add a limit #2", Line: 7, Action: "add a LIMIT"}}},
		"half written": {doc: head + "| | ana | | | |\n| a | b | | | | over |\n| ok | | | | | |\n", rows: []actionRow{{Key: "ok", Line: 5, Action: "ok"}},
			skipped: []string{"Line 3: it does not say what is to be done.", "Line 4: it has more cells than the table has columns; a | within a text is written \\|."}},
		"another order":  {doc: "Owner | ACTION\n---|---\nana | Do it\n", rows: []actionRow{{Key: "do it", Line: 3, Action: "Do it", Owner: "ana"}}},
		"in code":        {doc: "```\n" + head + "| x | y | | | |\n```\n"},
		"in a comment":   {doc: "<!--\n" + head + "| x | y | | | |\n-->\n"},
		"without a rule": {doc: "| Action | Owner |\n| x | y |\n"},
		"too many":       {doc: head + strings.Repeat("| x | | | | |\n", maxActions+3), skipped: []string{"From line 43 on: there are more than 40 action items."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, skipped := readActions([]byte(c.doc))
			if name == "too many" {
				if len(rows) != maxActions || rows[39].Key != "x #40" {
					t.Errorf("%d rows", len(rows))
				}
				rows = nil
			}
			if !reflect.DeepEqual(rows, c.rows) || !slices.Equal(skipped, c.skipped) {
				t.Errorf("got %+v, %q", rows, skipped)
			}
		})
	}
}

func FuzzDocument(f *testing.F) {
	whole := document{ID: "INC-1", Title: "Short", Severity: "sev3", Owner: "Ana", Declared: threeAM, DeclaredBy: "Ana", Due: after(60)}
	f.Add(string(whole.render()))
	f.Add(strings.ReplaceAll(string(whole.render()), "\n", "\r\n"))
	f.Add("<!-- shipmate:begin impact -->\n<!-- shipmate:begin impact -->\n<!-- shipmate:end impact -->")
	f.Add("# <!-- shipmate:begin facts 00000000 -->\r\nx\n<!--shipmate:end facts-->")
	f.Add("| Action | Owner |\n|---|---|\n| a \\| b | @ana |\n| c |")
	f.Add("```\n| Action | Owner |\n~~~\n<!-- \n -->")
	fresh := whole
	fresh.Impact, fresh.Resolved = "Some text", after(30)
	f.Fuzz(func(t *testing.T, doc string) {
		got, left := refreshDocument([]byte(doc), fresh.sections())
		again, _ := refreshDocument(got, fresh.sections())
		if !bytes.Equal(again, got) {
			t.Errorf("a second time it changes once more: %q, then %q", got, again)
		}
		if a, b := around(doc, fresh, left), around(string(got), fresh, left); a != b {
			t.Errorf("what is outside has changed from %q to %q", a, b)
		}
		rows, _ := readActions([]byte(doc))
		keys := map[string]bool{}
		for _, r := range rows {
			if r.Action == "" || keys[r.Key] {
				t.Errorf("a row without an action or a key of its own: %+v", r)
			}
			keys[r.Key] = true
		}
	})
}

// around is all of a document but what stands between the marks of the parts that are written, and the marks' sums.
func around(doc string, d document, left []LeftAlone) string {
	var b strings.Builder
	in := ""
	for line := range strings.SplitAfterSeq(doc, "\n") {
		m := markLine.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		written := m != nil && slices.ContainsFunc(d.sections(), func(s docSection) bool { return s.Name == m[3] }) &&
			!slices.ContainsFunc(left, func(l LeftAlone) bool { return l.Section == m[3] })
		switch {
		case written && m[2] == "begin":
			in = m[3]
			b.WriteString("begin " + in + "\n")
		case written && m[2] == "end":
			in = ""
			b.WriteString(line)
		case in == "":
			b.WriteString(line)
		}
	}
	return b.String()
}

func regexpOf(pattern string) *regexp.Regexp { return regexp.MustCompile(pattern) }

// What is said of a document where people talk has no Markdown, no mark and nothing that is true of a file alone.
func TestDocumentAsItIsSaid(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for n, message := range happened(t).said() {
		for _, p := range message {
			b.WriteString(strings.Join([]string{itoa(n+1) + " *" + p.Heading + "*", p.Text, "_" + p.Ask + "_", "", ""}, "\n"))
		}
	}
	golden(t, "said.txt", []byte(b.String()))
	ours := regexpOf(`(?m)^.* wrote: .*$`).ReplaceAllString(b.String(), "") // what people wrote stays as they wrote it
	for _, word := range []string{"<!--", "-->", "## ", "|--", "shipmate:", "merged", "pull request", "](", "&lt;"} {
		if strings.Contains(ours, word) {
			t.Errorf("it says %q", word)
		}
	}
}

// Long documents are taken apart between lines, in messages that Slack takes; what is too long for ten is left out, and that is said.
func TestLongDocumentsAreSaidInWholeLines(t *testing.T) {
	t.Parallel()
	d := happened(t)
	for n := range 120 {
		d.Lines = append(d.Lines, docLine{At: after(n), What: strings.Repeat("a word ", 20) + "end" + itoa(n) + "."})
	}
	all := d.said()
	if len(all) < 3 || len(all) > maxSaid {
		t.Fatalf("%d messages", len(all))
	}
	for n, message := range all {
		size := 0
		for _, p := range message {
			size += len(p.Heading) + len(p.Text) + len(p.Ask)
			for line := range strings.SplitSeq(p.Text, "\n") {
				if strings.Contains(line, "a word") && !strings.HasSuffix(line, ".") {
					t.Errorf("message %d ends within a line: %s", n, line)
				}
			}
		}
		if size > longSaid {
			t.Errorf("message %d has %d bytes", n, size)
		}
	}
	for n := range d.Lines {
		d.Lines[n].What = strings.Repeat("a word ", 140)
	}
	all = d.said()
	if last := all[len(all)-1]; len(all) != maxSaid || !strings.Contains(last[len(last)-1].Ask, "left out") {
		t.Errorf("%d messages, the last ends %+v", len(all), last[len(last)-1])
	}
}
