package commands

import (
	"context"
	"time"

	"shipmate/delivery"
	"shipmate/incident"
)

// Held are the incidents that keep deployments of a service out, as deployments see them. It takes what incident.Holds returns.
func Held(all []incident.Holding, err error) ([]delivery.Hold, error) {
	var out []delivery.Hold
	for _, h := range all {
		out = append(out, delivery.Hold{ID: h.ID, Number: h.Number, Title: h.Title, Severity: h.Severity, Status: string(h.Status), Private: h.Private, By: h.By,
			Channel: h.Channel})
	}
	return out, err
}

// Ledger is what incidents see of deployments.
type Ledger struct{ Deliveries *delivery.Service }

// Recent implements incident.Deploys.
func (l Ledger) Recent(ctx context.Context, services []string, since time.Time) ([]incident.Deploy, error) {
	all, err := l.Deliveries.Recent(ctx, services, since)
	if err != nil {
		return nil, err
	}
	var out []incident.Deploy
	for _, c := range all {
		d := DeployOf(c.Deployment)
		d.Back = c.There && c.Deployment.Rollback == nil
		out = append(out, d)
	}
	return out, nil
}

// DeployOf is a deployment as incidents see it.
func DeployOf(d *delivery.Deployment) incident.Deploy {
	out := incident.Deploy{ID: d.ID, Service: d.Service, Environment: d.Environment, SHA: d.Commit.SHA, Subject: d.Commit.Subject, URL: d.Commit.URL,
		By: d.By, Began: d.Began(), Ended: d.Ended, State: string(d.State), Rollback: d.Rollback != nil}
	if d.Undone() {
		out.State = "rolled_back"
	}
	return out
}
