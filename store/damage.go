package store

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// guard runs read, which touches the mapped file, and turns what a damaged file makes of it into an error: bbolt panics on
// pages that are not what they should be, and reading a part of the file that is gone is a fault.
func guard(read func()) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %s", ErrDamaged, oneLine(p))
		}
	}()
	read()
	return nil
}

// guard is guard with what an operator should do added to its error, and logged, since callers may not pass it on.
func (b *Bolt) guard(read func()) error {
	err := guard(read)
	if err == nil {
		return nil
	}
	return b.damaged(err)
}

// damaged makes the sentence for a store that turned out damaged while in use.
func (b *Bolt) damaged(cause error) error {
	err := sentence(cause, "store %q is damaged (%s); stop Shipmate and restore the newest backup", b.options.Path, detail(cause))
	if b.options.Log != nil {
		b.options.Log.Error("store is damaged", "path", b.options.Path, "err", err)
	}
	return err
}

// detail is what is wrong, for a sentence that says already that the store is damaged.
func detail(err error) string {
	return strings.TrimPrefix(oneLine(err), ErrDamaged.Error()+": ")
}

func oneLine(v any) string {
	return strings.Join(strings.Fields(fmt.Sprint(v)), " ")
}
