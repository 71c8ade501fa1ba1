package adr_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file below testdata.
func golden(t *testing.T, file, got string) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run the test with -update and look at what changed. Got:\n%s\nwant:\n%s", file, got, want)
	}
}

// readFile reads a file below testdata.
func readFile(t testing.TB, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// testFiles are the files of a folder below testdata, by name.
func testFiles(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("testdata", dir, "*.md"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no files in %s (%v)", dir, err)
	}
	out := map[string][]byte{}
	for _, file := range found {
		out[filepath.Base(file)] = readFile(t, filepath.Join(dir, filepath.Base(file)))
	}
	return out
}
