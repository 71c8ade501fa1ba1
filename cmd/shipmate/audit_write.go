package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"shipmate/delivery"
	"shipmate/store"
)

// audited is a deployment as an audit tells it. The names are the interface to whoever reads it; docs/audit.md explains them.
type audited struct {
	ID           string            `json:"id"`
	Service      string            `json:"service"`
	Environment  string            `json:"environment"`
	Repo         string            `json:"repo"`
	Ref          string            `json:"ref"`
	Commit       string            `json:"commit"`
	Subject      string            `json:"subject,omitempty"`
	Author       string            `json:"author,omitempty"`
	Committed    time.Time         `json:"committed,omitzero"`
	Before       string            `json:"before,omitempty"`
	PullRequests []string          `json:"pull_requests,omitempty"`
	Inputs       map[string]string `json:"inputs,omitempty"`
	By           string            `json:"by"`
	Reason       string            `json:"reason,omitempty"`
	Asked        time.Time         `json:"asked"`
	Cleared      time.Time         `json:"cleared,omitzero"`
	Dispatched   time.Time         `json:"dispatched,omitzero"`
	Started      time.Time         `json:"started,omitzero"`
	Ended        time.Time         `json:"ended,omitzero"`
	State        string            `json:"state"`
	Why          string            `json:"why,omitempty"`
	Run          string            `json:"run,omitempty"`
	Health       string            `json:"health,omitempty"`
	Waits        []delivered       `json:"waits,omitempty"`
	Approvals    []said            `json:"approvals,omitempty"`
	ApprovalsOf  string            `json:"approvals_of,omitempty"`
	Rejected     *said             `json:"rejected,omitempty"`
	Skipped      []string          `json:"skipped,omitempty"`
	Review       *said             `json:"review,omitempty"`
	Cancelled    *said             `json:"cancelled,omitempty"`
	RollbackOf   string            `json:"rollback_of,omitempty"`
	RolledBack   *said             `json:"rolled_back,omitempty"`
	RetryOf      string            `json:"retry_of,omitempty"`
}

// delivered is a gate, and from when to when it was waited for.
type delivered struct {
	Gate  string    `json:"gate"`
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"`
}

// said is what somebody did, and when.
type said struct {
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
	ID     string    `json:"id,omitempty"` // of the deployment that it was done by
}

// writeAudit writes the deployments that are wanted, newest first: JSON lines, or CSV with a line of names.
func writeAudit(ctx context.Context, out io.Writer, db store.DB, want delivery.AuditWant, asCSV bool) error {
	if asCSV {
		return writeCSV(ctx, out, db, want)
	}
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	return delivery.Audit(ctx, db, want, func(d *delivery.Deployment) error { return lines.Encode(auditOf(d)) })
}

func auditOf(d *delivery.Deployment) audited {
	a := audited{ID: d.ID, Service: d.Service, Environment: d.Environment, Repo: d.Repo, Ref: d.Ref, Commit: d.Commit.SHA,
		Subject: d.Commit.Subject, Author: d.Commit.Author, Committed: d.Commit.At.UTC(), Before: d.Before.SHA, Inputs: d.Inputs, By: d.By, Reason: d.Reason,
		Asked: d.Created.UTC(), Cleared: d.Cleared.UTC(), Dispatched: d.Dispatched.UTC(), Started: d.Started.UTC(), Ended: d.Ended.UTC(),
		State: string(d.State), Why: whyEnded(d), RetryOf: d.RetryOf}
	if d.Run != nil {
		a.Run = d.Run.URL
	}
	if d.Changes != nil {
		for _, p := range d.Changes.PullRequests {
			a.PullRequests = append(a.PullRequests, fmt.Sprintf("#%d", p.Number))
		}
	}
	for _, w := range d.Waits {
		a.Waits = append(a.Waits, delivered{w.Gate, w.Since.UTC(), w.Until.UTC()})
	}
	if d.Approval != nil {
		for _, v := range d.Approval.Votes {
			a.Approvals = append(a.Approvals, *word(&v))
		}
		a.ApprovalsOf, a.Rejected = d.Approval.Reused, word(d.Approval.Rejected)
	}
	if d.Glass != nil {
		for _, g := range d.Glass.Skipped {
			a.Skipped = append(a.Skipped, g.Name)
		}
		a.Review = word(d.Glass.Review)
	}
	if d.Health != nil {
		a.Health = cmp.Or(string(d.Health.State), "watched")
	}
	if d.Cancel != nil {
		a.Cancelled = &said{By: d.Cancel.By, At: d.Cancel.At.UTC()}
	}
	if d.Rollback != nil {
		a.RollbackOf = d.Rollback.Of
	}
	if d.RolledBack != nil {
		a.RolledBack = &said{By: d.RolledBack.By, At: d.RolledBack.At.UTC(), ID: d.RolledBack.ID}
	}
	return a
}

// word is what somebody said, nil when they did not.
func word(v *delivery.Vote) *said {
	if v == nil {
		return nil
	}
	return &said{By: v.By, At: v.At.UTC(), Reason: v.Reason}
}

// whyEnded says why it did not succeed: the gates that were shut, or what failed.
func whyEnded(d *delivery.Deployment) string {
	var codes []string
	for _, g := range d.Denied {
		codes = append(codes, string(g.Code))
	}
	switch {
	case codes != nil:
		return strings.Join(codes, ", ")
	case d.Failure != nil && d.Failure.Job != "":
		return strings.TrimSuffix("job "+d.Failure.Job+", step "+d.Failure.Step, ", step ")
	case d.Failure != nil:
		return d.Failure.Why
	}
	return string(d.Lost)
}

// columns are those of the CSV, in their order.
var columns = []struct {
	name string
	of   func(audited) string
}{
	{"id", func(a audited) string { return a.ID }},
	{"service", func(a audited) string { return a.Service }},
	{"environment", func(a audited) string { return a.Environment }},
	{"repo", func(a audited) string { return a.Repo }},
	{"ref", func(a audited) string { return a.Ref }},
	{"commit", func(a audited) string { return a.Commit }},
	{"subject", func(a audited) string { return a.Subject }},
	{"author", func(a audited) string { return a.Author }},
	{"committed", func(a audited) string { return stamp(a.Committed) }},
	{"before", func(a audited) string { return a.Before }},
	{"pull_requests", func(a audited) string { return strings.Join(a.PullRequests, "; ") }},
	{"inputs", func(a audited) string {
		return joined(slices.Sorted(maps.Keys(a.Inputs)), func(name string) string { return name + "=" + a.Inputs[name] })
	}},
	{"by", func(a audited) string { return a.By }},
	{"reason", func(a audited) string { return a.Reason }},
	{"asked", func(a audited) string { return stamp(a.Asked) }},
	{"cleared", func(a audited) string { return stamp(a.Cleared) }},
	{"dispatched", func(a audited) string { return stamp(a.Dispatched) }},
	{"started", func(a audited) string { return stamp(a.Started) }},
	{"ended", func(a audited) string { return stamp(a.Ended) }},
	{"state", func(a audited) string { return a.State }},
	{"why", func(a audited) string { return a.Why }},
	{"run", func(a audited) string { return a.Run }},
	{"health", func(a audited) string { return a.Health }},
	{"waits", func(a audited) string {
		return joined(a.Waits, func(w delivered) string { return w.Gate + " " + stamp(w.Since) + " " + stamp(w.Until) })
	}},
	{"approvals", func(a audited) string { return joined(a.Approvals, said.String) }},
	{"approvals_of", func(a audited) string { return a.ApprovalsOf }},
	{"rejected", func(a audited) string { return optional(a.Rejected) }},
	{"skipped", func(a audited) string { return strings.Join(a.Skipped, "; ") }},
	{"review", func(a audited) string { return optional(a.Review) }},
	{"cancelled", func(a audited) string { return optional(a.Cancelled) }},
	{"rollback_of", func(a audited) string { return a.RollbackOf }},
	{"rolled_back", func(a audited) string { return optional(a.RolledBack) }},
	{"retry_of", func(a audited) string { return a.RetryOf }},
}

func writeCSV(ctx context.Context, out io.Writer, db store.DB, want delivery.AuditWant) error {
	table := csv.NewWriter(out)
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = c.name
	}
	if err := table.Write(row); err != nil {
		return err
	}
	err := delivery.Audit(ctx, db, want, func(d *delivery.Deployment) error {
		a := auditOf(d)
		for i, c := range columns {
			row[i] = plainCell(c.of(a))
		}
		return table.Write(row)
	})
	table.Flush()
	if err != nil {
		return err
	}
	return table.Error()
}

// plainCell keeps a spreadsheet from taking what people wrote for a formula: OWASP lists what one can begin with ("CSV Injection").
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func joined[T any](all []T, fn func(T) string) string {
	var out []string
	for _, one := range all {
		out = append(out, fn(one))
	}
	return strings.Join(out, "; ")
}

// String says it in one cell.
func (s said) String() string {
	return strings.Join(strings.Fields(s.By+" "+stamp(s.At)+" "+s.ID+" "+s.Reason), " ")
}

func optional(s *said) string {
	if s == nil {
		return ""
	}
	return s.String()
}
