package delivery

import "strconv"

// freezeGate keeps an environment closed during the windows of the configuration and while people have frozen it. Of several
// that overlap the one that ends last is told, and one without an end ends last of all.
// Going back is never kept waiting by one.
func freezeGate(f *Facts) *Gate {
	if f.Rollback != nil {
		return nil
	}
	g := &Gate{Verdict: Passed}
	if len(f.Environment.Freeze) > 0 {
		g.At = f.rule("freeze")
	}
	for i, window := range f.Environment.Freeze {
		at := f.rule("freeze[" + strconv.Itoa(i) + "]")
		since, until, err := windowAt(window, f.Now)
		switch {
		case err != nil: // a window that cannot be read is closed
			g.outlast(Gate{Since: f.Now, Why: window.Reason, At: at})
		case !since.After(f.Now) && until.After(f.Now):
			g.outlast(Gate{Since: since, Until: until, Why: window.Reason, At: at})
		}
	}
	for _, made := range f.Freezes {
		if made.live(f.Now) {
			g.outlast(Gate{By: made.By, Since: made.At, Until: made.Until, Why: made.Reason, All: made.Environment == "",
				Who: f.Config.Keepers(made.Environment)})
		}
	}
	return g
}

// outlast makes g the freeze that is given, unless g is closed for longer.
func (g *Gate) outlast(by Gate) {
	if g.Verdict == Closed && (g.Until.IsZero() || !by.Until.IsZero() && !by.Until.After(g.Until)) {
		return
	}
	by.Verdict, by.Code = Closed, Frozen
	*g = by
}
