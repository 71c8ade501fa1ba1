package store

import (
	"reflect"
	"runtime"
)

// nestedDepth is how far up the stack within looks. A function that is called from a View or Update is a few calls away.
const nestedDepth = 32

// runView and runUpdate exist to be found on the stack by within.
//
//go:noinline
func runView(fn func(Snapshot) error, s Snapshot) error { return fn(s) }

//go:noinline
func runUpdate(fn func(Tx) error, tx Tx) error { return fn(tx) }

// within reports whether the calling goroutine runs inside the function of a View or Update, of any store. It costs about
// a microsecond, and turns a wait for oneself into an error.
func within() bool {
	view := reflect.ValueOf(runView).Pointer()
	update := reflect.ValueOf(runUpdate).Pointer()
	var pcs [nestedDepth]uintptr
	for _, pc := range pcs[:runtime.Callers(3, pcs[:])] {
		entry := runtime.FuncForPC(pc - 1).Entry()
		if entry == view || entry == update {
			return true
		}
	}
	return false
}
