package clock

import "time"

// System returns the machine's clock. Its times carry a monotonic reading, so differences between two of them survive a
// change of the machine's wall clock.
func System() Clock { return system{} }

type system struct{}

func (system) Now() time.Time { return time.Now().UTC() }

func (system) NewTimer(d time.Duration) *Timer {
	t := time.NewTimer(d)
	return &Timer{C: t.C, stop: func() { t.Stop() }}
}
