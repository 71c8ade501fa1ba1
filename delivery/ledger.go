package delivery

import (
	"time"

	"shipmate/store"
)

// Ledger is what Shipmate knows to run in an environment: the last deployment of its own that succeeded there.
type Ledger struct {
	// Deployment is its ID; empty while none has succeeded.
	Deployment string    `json:"deployment,omitempty"`
	Commit     Commit    `json:"commit,omitzero"`
	By         string    `json:"by,omitempty"` // Slack ID
	Since      time.Time `json:"since,omitzero"`
	// Doubt is the ID of a later deployment that began and did not succeed: part of it may run.
	Doubt string `json:"doubt,omitempty"`
}

// readLedger returns what runs there, the zero Ledger when nothing is known.
func readLedger(g store.Getter, service, environment string) (Ledger, error) {
	l, _, err := store.Load[Ledger](g, runningKey(service, environment))
	return l, err
}

// account notes in the ledger how a deployment ended.
func account(tx store.Tx, d *Deployment) error {
	key := runningKey(d.Service, d.Environment)
	if d.State == Succeeded {
		if err := store.Save(tx, succeededKey(d.Service, d.Environment, d.Commit.SHA), Success{Deployment: d.ID, At: d.Ended}); err != nil {
			return err
		}
		return store.Save(tx, key, Ledger{Deployment: d.ID, Commit: d.Commit, By: d.By, Since: d.Ended})
	}
	if d.Started.IsZero() && d.State != Abandoned {
		return nil // it did not touch what runs
	}
	l, err := readLedger(tx, d.Service, d.Environment)
	if err != nil {
		return err
	}
	l.Doubt = d.ID
	return store.Save(tx, key, l)
}
