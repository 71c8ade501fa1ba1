package adr_test

import (
	"errors"
	"testing"

	"shipmate/adr"
)

// The vectors are adr-vectors C.
func TestNextNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why   string
		names []string
		want  int
	}{
		{"C1 nothing there", nil, 1},
		{"C2 MADR begins with 0", []string{"0000-use-madr.md"}, 1},
		{"C3 gaps stay", []string{"0004-d.md", "0001-a.md"}, 5},
		{"C4 any name that begins with a number counts", []string{"500-image.png", "0001-a.md"}, 501},
		{"C5 but no date", []string{"20240101-foo.md", "0002-a.md"}, 3},
		{"C7 zeros are not octal", []string{"0007-a.md", "0008-b.md", "0009-c.md"}, 10},
		{"names without a number", []string{"README.md", "template.md", "x-0005-e.md", ".adr"}, 1},
		{"folders before it", []string{"docs/adr/0003-a.md"}, 4},
		{"no int holds it", []string{"99999999999999999999-a.md", "0001-a.md"}, 2},
		{"the last one", []string{"9998-a.md"}, 9999},
	} {
		if got, err := adr.NextNumber(c.names); err != nil || got != c.want {
			t.Errorf("%s: %d, %v; want %d", c.why, got, err, c.want)
		}
	}
	if _, err := adr.NextNumber([]string{"9999-x.md", "10000-y.md"}); !errors.Is(err, adr.ErrFull) {
		t.Errorf("C6 after the last one: %v", err)
	}
}

// The vectors are adr-vectors B, but for B3, which are no records.
func TestNumberOf(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{
		"0001-a.md": 1, "9-nine.md": 9, "00012-y.md": 12, "0000-zero.md": 0, "0008-x.md": 8, "0005-.md": 5, "10000-y.md": 10000, "20240101-foo.md": 20240101,
		"20200101-dated.md.bak": -1, "0002-b.mdx": -1, "0006-f.md~": -1, "0003-c.MD": -1, "0010-z.markdown": -1, "0011_under.md": -1, "0004d.md": -1,
		"x-0005-e.md": -1, "README.md": -1, "sub/0099-n.md": -1, "0001-a.md/x.md": -1, "": -1, "-1-a.md": -1, "99999999999-a.md": -1, "0001-a\n.md": -1,
	} {
		n, ok := adr.NumberOf(name)
		if !ok {
			n = -1
		}
		if n != want || adr.IsRecordName(name) != (want >= 0) {
			t.Errorf("NumberOf(%q) = %d, %v; want %d", name, n, ok, want)
		}
	}
}
