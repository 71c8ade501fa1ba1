package main

import (
	"strings"
	"testing"
)

func TestTell(t *testing.T) {
	t.Parallel()
	const passing = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p"}
`
	for what, c := range map[string]struct{ in, err, says string }{
		"passing": {in: passing, says: "ok  \tp\t0.1s\n1 tests passed, 0 failed, 0 were skipped.\n"},
		"failing": {in: passing + `{"Action":"output","Package":"q","Test":"TestB","Output":"why it failed\n"}
{"Action":"fail","Package":"q","Test":"TestB"}
{"Action":"output","Package":"q","Output":"FAIL\tq\t0.1s\n"}
{"Action":"fail","Package":"q"}
`, err: "tests failed", says: "why it failed"},
		"skipped": {in: passing + `{"Action":"output","Package":"p","Test":"TestC","Output":"no browser\n"}
{"Action":"skip","Package":"p","Test":"TestC"}
`, err: "tests were skipped, and here none may be", says: "no browser"},
		"a package without tests": {in: passing + `{"Action":"output","Package":"r","Output":"?   \tr\t[no test files]\n"}
{"Action":"skip","Package":"r"}
`, says: "[no test files]"},
		"a package that does not build": {in: passing + `{"ImportPath":"q","Action":"build-output","Output":"q.go:1: undefined\n"}
{"ImportPath":"q","Action":"build-fail"}
{"Action":"fail","Package":"q","FailedBuild":"q"}
`, err: "tests failed", says: "q.go:1: undefined"},
		"a crash": {in: `{"Action":"output","Package":"p","Output":"panic: boom\n"}
{"Action":"fail","Package":"p"}
`, err: "tests failed", says: "panic: boom"},
		"nothing":           {err: "no test ran"},
		"words of go's own": {in: "go: no such module\n", err: "no test ran", says: "go: no such module"},
	} {
		var out strings.Builder
		err := tell(strings.NewReader(c.in), &out)
		if (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%s: %v, want %q", what, err, c.err)
		}
		if !strings.Contains(out.String(), c.says) || strings.Contains(out.String(), "chatter") {
			t.Errorf("%s says:\n%s", what, out.String())
		}
	}
}
