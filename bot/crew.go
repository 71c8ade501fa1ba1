package bot

// crew runs functions on goroutines that it keeps: a new one would grow its stack anew for every request. It has as many
// as ever ran at the same time, which whoever uses it bounds.
type crew struct{ work chan func() }

func newCrew() crew { return crew{work: make(chan func())} }

// do runs fn and does not wait for it.
func (c crew) do(fn func()) {
	select {
	case c.work <- fn:
	default:
		go c.serve(fn)
	}
}

func (c crew) serve(fn func()) {
	for {
		fn()
		fn = <-c.work
	}
}
