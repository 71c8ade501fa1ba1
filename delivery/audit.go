package delivery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/store"
)

// AuditWant says which deployments an audit is of; what is empty leaves nothing out.
type AuditWant struct {
	Service     string // canonical
	Environment string // canonical
	// Person is the Slack ID of somebody who asked, approved, rejected, cancelled, retried, rolled back or signed a review.
	Person string
	// Since and Until bound when it was asked for; Until is not in it.
	Since time.Time
	Until time.Time
}

// auditStep is how many records are read in one snapshot, so that none is held long while a reader is slow.
const auditStep = 200

// Audit calls fn with every deployment that is wanted, newest first, until fn returns an error, which it returns. It needs nothing but
// the store, which may be open for reading only, and reads it in steps: what changes meanwhile is seen as it is when its turn comes.
func Audit(ctx context.Context, db store.DB, w AuditWant, fn func(*Deployment) error) error {
	under := historyUnder(w.Service, w.Environment)
	from := ""
	if !w.Until.IsZero() {
		from = under + backwards(w.Until.Add(-1))
	}
	for more := true; more; {
		found, next, err := auditRead(ctx, db, under, from)
		if err != nil {
			return fmt.Errorf("reading deployments: %w", err)
		}
		for _, d := range found {
			if !w.Since.IsZero() && d.Created.Before(w.Since) {
				return nil
			}
			if w.Person != "" && !d.involves(w.Person) {
				continue
			}
			if err := fn(d); err != nil {
				return err
			}
		}
		from, more = next, next != ""
	}
	return nil
}

// auditRead reads the next records, and returns the key to go on from, "" when there are no more.
func auditRead(ctx context.Context, db store.DB, under, from string) (found []*Deployment, next string, err error) {
	err = db.View(ctx, func(snap store.Snapshot) error {
		found, next = nil, ""
		for key, id := range snap.Scan(under, from) {
			if len(found) == auditStep {
				next = key
				break
			}
			d, err := load(snap, string(id))
			if errors.Is(err, ErrNotFound) {
				continue // swept between the two
			}
			if err != nil {
				return err
			}
			found = append(found, d)
		}
		return nil
	})
	return found, next, err
}

// involves tells whether a person had a part in it.
func (d *Deployment) involves(person string) bool {
	if d.By == person || d.Cancel != nil && d.Cancel.By == person || d.RolledBack != nil && d.RolledBack.By == person ||
		d.Retried != nil && d.Retried.By == person || d.Glass != nil && d.Glass.Review != nil && d.Glass.Review.By == person {
		return true
	}
	if d.Approval == nil {
		return false
	}
	for _, v := range d.Approval.Votes {
		if v.By == person {
			return true
		}
	}
	return d.Approval.Rejected != nil && d.Approval.Rejected.By == person
}
