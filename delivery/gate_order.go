package delivery

import (
	"time"

	"shipmate/store"
)

// Success is that a commit was deployed to an environment and the deployment succeeded: the last time, if there were
// several.
type Success struct {
	Deployment string    `json:"deployment"`
	At         time.Time `json:"at"`
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
		return nil, err // it had succeeded, and was rolled back
	}
	s, found, err := store.Load[Success](g, succeededKey(service, environment, sha))
	if err != nil {
		return nil, err
	}
	if found {
		return &s, nil
	}
	l, err := readLedger(g, service, environment)
	if err != nil || l.Deployment == "" || l.Commit.SHA != sha {
		return nil, err
	}
	return &Success{Deployment: l.Deployment, At: l.Since}, nil
}
