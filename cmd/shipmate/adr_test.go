package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLintOfDecisionRecords(t *testing.T) {
	t.Parallel()
	if out, err := says(t, "adr", "lint", "../../docs/adr"); err != nil || out != "../../docs/adr is in order.\n" {
		t.Errorf("our own: %v\n%s", err, out)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "0009-folder.md"), 0o700); err != nil {
		t.Fatal(err)
	}
	const rest = "\n\n## Context\n\nc\n\n## Decision\n\nd\n\n## Consequences\n\ne\n"
	write("0001-a.md", "# 1. a\n\n## Status\n\nAccepted"+rest)
	out, err := says(t, "adr", "lint", dir)
	if want := dir + "/0001-a.md:1: warning: It says no date; write “Date: YYYY-MM-DD” under its title.\n"; err != nil || out != want {
		t.Errorf("a warning: %v\n%s", err, out)
	}
	write("0002-b.md", "# 3. b\n\nDate: 2024-01-15\n\n## Status\n\nWaiting"+rest)
	out, err = says(t, "adr", "lint", dir)
	if err == nil || status(err) != 1 || !strings.Contains(out, dir+"/0002-b.md:1: Its title has the number 3") || !strings.Contains(out, dir+"/0002-b.md:5: “Waiting”") ||
		!strings.HasSuffix(out, "\n2 errors\n") {
		t.Errorf("two errors: %v\n%s", err, out)
	}
	out, err = says(t, "adr", "toc", dir)
	if err != nil || out != "# Architecture Decision Records\n\n* [1. a](0001-a.md)\n* [2. b](0002-b.md)\n" {
		t.Errorf("toc: %v\n%s", err, out)
	}
}

func TestDecisionRecordsThatAreNotThere(t *testing.T) {
	t.Parallel()
	if _, err := says(t, "adr", "lint", filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "reading decision records") {
		t.Error(err)
	}
	if _, err := says(t, "adr", "toc"); err == nil || !strings.Contains(err.Error(), "Say which") {
		t.Error(err) // there is none beside this test
	}
	if out, err := says(t, "adr"); err != nil || !strings.Contains(out, "lint") {
		t.Errorf("%v\n%s", err, out)
	}
}
