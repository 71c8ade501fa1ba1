package delivery

import (
	"errors"
	"time"

	"shipmate/store"
)

// Success is that a commit was deployed to an environment and the deployment succeeded: the last time, if there were
// several.
type Success struct {
	Deployment string    `json:"deployment"`
	At         time.Time `json:"at"`

	fell   bool // it did not stay healthy there
	undone bool // it was rolled back there
}

// orderGate asks for the very same commit to have succeeded in the environment that comes before, and to have stood there
// for as long as the configuration wants.
func orderGate(f *Facts) *Gate {
	if f.Environment.After == "" || f.Rollback != nil {
		return nil
	}
	g := &Gate{Verdict: Passed, At: f.rule("after"), Environment: f.Environment.After}
	if f.Earlier == nil {
		g.Verdict, g.Code = Closed, NotInOrder
		return g
	}
	switch {
	case f.Earlier.undone:
		g.Verdict, g.Code, g.Why = Closed, NotInOrder, WasUndone
		return g
	case f.Earlier.fell:
		g.Verdict, g.Code, g.Why = Closed, NotInOrder, FellIll
		return g
	}
	g.Since = f.Earlier.At
	if ready := f.Earlier.At.Add(f.Environment.Soak.Duration); f.Now.Before(ready) {
		g.Verdict, g.Code, g.Until, g.At = Closed, Soaking, ready, f.rule("soak")
	}
	return g
}

// earlier finds the success of the commit in an environment. What the ledger says runs there counts too: it may be older than
// the notes of single successes.
func earlier(g store.Getter, service, environment, sha string) (*Success, error) {
	if environment == "" {
		return nil, nil
	}
	if veto, err := vetoOf(g, service, environment, sha); veto != nil || err != nil {
		return &Success{undone: true}, err
	}
	s, found, err := store.Load[Success](g, succeededKey(service, environment, sha))
	if err != nil {
		return nil, err
	}
	if found {
		return s.stayed(g)
	}
	l, err := readLedger(g, service, environment)
	if err != nil || l.Deployment == "" || l.Commit.SHA != sha {
		return nil, err
	}
	return Success{Deployment: l.Deployment, At: l.Since}.stayed(g)
}

// Why a commit that succeeded in the environment before does not count as one that did.
const (
	FellIll   = "fell ill"   // it did not stay healthy there
	WasUndone = "was undone" // it was rolled back there
)

// stayed notes whether what succeeded stayed healthy. Of what has been forgotten nothing bad is known.
func (s Success) stayed(g store.Getter) (*Success, error) {
	d, err := load(g, s.Deployment)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	s.fell = err == nil && d.Health.failed()
	return &s, nil
}
