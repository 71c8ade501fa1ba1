// Command told reads what `go test -json` writes and prints what somebody who looks at a check wants to read: each
// package's closing line, and everything about tests that failed or were skipped. It ends with status 1 when a test failed
// or was skipped, or when no test ran.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// event is one line of test2json; see `go doc test2json`.
type event struct {
	Action, Package, Test, Output string
}

// name is a test, or with an empty Test its package.
type name struct{ Package, Test string }

func main() {
	if err := tell(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tell prints the summary of the events in r to w. Its error says that the tests are not all right.
func tell(r io.Reader, w io.Writer) error {
	t := teller{w: w, output: map[name][]string{}}
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF && line == "" {
			return t.end()
		}
		var e event
		if json.Unmarshal([]byte(line), &e) != nil {
			fmt.Fprint(w, line) // the go command's own words
			continue
		}
		t.take(e)
	}
}

type teller struct {
	w                       io.Writer
	output                  map[name][]string
	passed, failed, skipped []name
	broken                  bool // a package failed, by a test of it or otherwise
}

func (t *teller) take(e event) {
	n := name{e.Package, e.Test}
	switch e.Action {
	case "output":
		t.output[n] = append(t.output[n], e.Output)
	case "build-output":
		fmt.Fprint(t.w, e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			t.broken = t.broken || e.Action == "fail"
			closing(t.w, t.output[n], e.Action)
			return
		}
		t.ended(n, e.Action)
	}
}

func (t *teller) ended(n name, action string) {
	switch action {
	case "pass":
		t.passed = append(t.passed, n)
		delete(t.output, n)
	case "fail":
		t.failed = append(t.failed, n)
	default:
		t.skipped = append(t.skipped, n)
	}
}

func (t *teller) end() error {
	for _, n := range slices.Concat(t.failed, t.skipped) {
		fmt.Fprintf(t.w, "\n%s %s\n%s", n.Package, n.Test, strings.Join(t.output[n], ""))
	}
	fmt.Fprintf(t.w, "%d tests passed, %d failed, %d were skipped.\n", len(t.passed), len(t.failed), len(t.skipped))
	switch {
	case t.broken || len(t.failed) > 0:
		return errors.New("tests failed")
	case len(t.skipped) > 0:
		return errors.New("tests were skipped, and here none may be")
	case len(t.passed) == 0:
		return errors.New("no test ran")
	}
	return nil
}

// closing prints a package's last line, "ok" with its time, or all that it said outside of its tests when it failed.
func closing(w io.Writer, output []string, action string) {
	if action == "fail" {
		fmt.Fprint(w, strings.Join(output, ""))
		return
	}
	for _, line := range slices.Backward(output) {
		if line != "PASS\n" {
			fmt.Fprint(w, line)
			return
		}
	}
}
