package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"shipmate/delivery"
	"shipmate/store"
)

// A filled store is a company of 20 services that each go to three environments, with as many deployments as asked for, evenly over
// the last year. It is written key by key in the order of keys, which is a hundred times as fast as deploying and leaves the same records
// (TestAFilledStoreIsAsTheProgramWritesIt).
type filling struct {
	n   int
	now time.Time
}

const (
	fillServices = 20
	fillPlaces   = fillServices * 3
	fillFor      = 365 * 24 * time.Hour
)

var fillEnvironments = []string{"staging", "europe", "production"}

// fillConfig writes the company's configuration; nothing listens at its addresses unless slack says so.
func fillConfig(dir, slack string) (path string, err error) {
	var b strings.Builder
	fmt.Fprintf(&b, "slack: {api_url: %q}\ngithub: {api_url: \"http://127.0.0.1:1/\"}\nlisten: \"\"\nstore: {path: shipmate.db}\n", slack)
	b.WriteString("teams: {all: {slack_group: all-eng}}\nservices:\n")
	for i := range fillServices {
		fmt.Fprintf(&b, "  %s: {repo: acme/%s, team: all, environments: [staging, europe, production]}\n", fillService(i), fillService(i))
	}
	b.WriteString("environments: {staging: {}, europe: {after: staging}, production: {after: europe}}\n")
	path = filepath.Join(dir, "shipmate.yaml")
	return path, os.WriteFile(path, []byte(b.String()), 0o600)
}

func fillService(i int) string { return fmt.Sprintf("service-%02d", i%fillServices) }

func fillEnvironment(i int) string { return fillEnvironments[i/fillServices%3] }

// id is an ID that sorts by its number.
func (f filling) id(i int) string {
	const digits = "234567abcdefghijklmnopqrstuvwxyz"
	var out [10]byte
	for at := range out {
		out[len(out)-1-at] = digits[i>>(5*at)&31]
	}
	return "d-" + string(out[:])
}

func (f filling) created(i int) time.Time {
	return f.now.Add(-fillFor + time.Duration(float64(i)/float64(f.n)*float64(fillFor))).UTC().Truncate(time.Second)
}

// undone tells whether a deployment is rolled back by the next to the same place.
func (f filling) undone(i int) bool { return i >= 0 && i/fillPlaces%7 == 6 && i+fillPlaces < f.n }

// deployment is the one of that number.
func (f filling) deployment(i int) *delivery.Deployment {
	at := f.created(i)
	service := fillService(i)
	url := "https://github.com/acme/" + service
	commit := func(i int) delivery.Commit {
		sha := fmt.Sprintf("%040x", max(i, 0))
		return delivery.Commit{SHA: sha, Subject: fmt.Sprintf("Round the totals of order %d as the tax office wants it", i), Author: "ana",
			URL: url + "/commit/" + sha, At: at.Add(-3 * time.Hour)}
	}
	d := &delivery.Deployment{ID: f.id(i), Request: fmt.Sprintf("179ea9f2-406c-40c5-953c-%012d", i), Version: 9, Stage: 3, State: delivery.Succeeded,
		Service: service, Environment: fillEnvironment(i), Repo: "acme/" + service, Ref: "main", Commit: commit(i),
		Before: delivery.Before{SHA: fmt.Sprintf("%040x", max(0, i-fillPlaces)), Source: delivery.FromLedger},
		By:     "U0ANA00001", Reason: "the release of this week", Channel: "C0PAY00001", Home: "#payments", Created: at, Attempted: at.Add(11 * time.Minute),
		Cleared: at.Add(11 * time.Minute), Dispatched: at.Add(11*time.Minute + 3*time.Second), Started: at.Add(12 * time.Minute),
		Ended: at.Add(16 * time.Minute), Noticed: at.Add(16*time.Minute + 4*time.Second),
		Run: &delivery.Run{ID: int64(10_000_000 + i), URL: fmt.Sprintf("%s/actions/runs/%d", url, 10_000_000+i), Attempt: 1, Status: "completed", Conclusion: "success"},
		Changes: &delivery.Changes{Status: "ahead", Ahead: 4, URL: url + "/compare/a...b", PullRequests: []delivery.PullRequest{
			{Number: i, Title: "Round the totals as the tax office wants it", Author: "ana", URL: fmt.Sprintf("%s/pull/%d", url, i)},
			{Number: i + 1, Title: "Show the basket on small screens", Author: "ben", URL: fmt.Sprintf("%s/pull/%d", url, i+1)}}},
		Waits: []delivery.Wait{{Gate: "checks", Since: at, Until: at.Add(6 * time.Minute)}, {Gate: "approvals", Since: at, Until: at.Add(11 * time.Minute)}},
		Approval: &delivery.Approval{Need: 1, Ask: []string{"S0PAY00001"}, Bound: delivery.Bound{To: fmt.Sprintf("%040x", i)},
			Votes: []delivery.Vote{{By: "U0BEN00001", At: at.Add(11 * time.Minute)}}},
		Decided: delivery.Decided{Workflow: "deploy.yml", Branch: "main"},
	}
	for j, name := range []string{"build", "deploy"} {
		d.Jobs = append(d.Jobs, delivery.Job{Name: name, Status: "completed", Conclusion: "success", Started: d.Started.Add(time.Duration(j) * time.Minute),
			Ended: d.Ended, URL: fmt.Sprintf("%s/job/%d", d.Run.URL, j)})
	}
	if f.undone(i) {
		d.RolledBack = &delivery.RolledBack{ID: f.id(i + fillPlaces), By: "U0BEN00001", At: f.created(i + fillPlaces)}
	}
	if f.undone(i - fillPlaces) {
		d.Rollback = &delivery.Rollback{Of: f.id(i - fillPlaces), Bad: commit(i - fillPlaces)}
	}
	return d
}

// outcome is what the program keeps of how that one ended.
func (f filling) outcome(i int) any {
	o := map[string]any{"state": "succeeded", "spent": []int{0, 660, 0, 0, 0, 0, 60, 240}}
	switch {
	case f.undone(i):
		o["undone"], o["lead"] = true, 11760
	case f.undone(i - fillPlaces):
		o["back"] = true
	default:
		o["lead"] = 11760
	}
	return o
}

func backwards(t time.Time) string { return fmt.Sprintf("%019d", math.MaxInt64-t.UnixNano()) }

type keyed struct {
	key   string
	value any // as JSON, or bytes as they are
}

// records are all of them, each kind in the order of its keys.
func (f filling) records() iter.Seq[keyed] {
	return func(yield func(keyed) bool) {
		for i := range f.n {
			if !yield(keyed{store.Key("delivery", "deployment", f.id(i)), f.deployment(i)}) {
				return
			}
		}
		for _, service := range append([]string{"*"}, namesOf(fillServices, fillService)...) {
			for _, environment := range append([]string{"*"}, fillEnvironments...) {
				if !f.place(service, environment, yield) {
					return
				}
			}
		}
	}
}

func namesOf(n int, of func(int) string) (out []string) {
	for i := range n {
		out = append(out, of(i))
	}
	return out
}

// place are the records of a place, or of all services or environments, the newest first.
func (f filling) place(service, environment string, yield func(keyed) bool) bool {
	one := service != "*" && environment != "*"
	newest := true
	for i := f.n - 1; i >= 0; i-- {
		if service != "*" && fillService(i) != service || environment != "*" && fillEnvironment(i) != environment {
			continue
		}
		id := f.id(i)
		if !yield(keyed{store.Key("delivery", "history", service, environment, backwards(f.created(i)), id), []byte(id)}) {
			return false
		}
		if !one {
			continue
		}
		ended, sha := f.created(i).Add(16*time.Minute), fmt.Sprintf("%040x", i)
		all := []keyed{{store.Key("delivery", "ended", service, environment, backwards(ended), id), f.outcome(i)},
			{store.Key("delivery", "succeeded", service, environment, sha), delivery.Success{Deployment: id, At: ended}}}
		if newest {
			all = append(all, keyed{store.Key("delivery", "newest", service, environment), []byte(id)},
				keyed{store.Key("delivery", "running", service, environment), delivery.Ledger{Deployment: id, Commit: f.deployment(i).Commit, By: "U0ANA00001", Since: ended}})
		}
		newest = false
		for _, r := range all {
			if !yield(r) {
				return false
			}
		}
	}
	return true
}

// write fills the store at path.
func (f filling) write(ctx context.Context, path string) error {
	db, err := store.Open(ctx, store.Options{Path: path, NoSync: true})
	if err != nil {
		return err
	}
	batches := make(chan []keyed)
	work, ctx := errgroup.WithContext(ctx)
	for range 8 { // side by side, so that they are committed together
		work.Go(func() error {
			for batch := range batches {
				if err := put(ctx, db, batch); err != nil {
					return err
				}
			}
			return nil
		})
	}
	work.Go(func() error {
		defer close(batches)
		var batch []keyed
		for r := range f.records() {
			if batch = append(batch, r); len(batch) == store.MaxOps {
				select {
				case batches <- batch:
				case <-ctx.Done():
					return ctx.Err()
				}
				batch = nil
			}
		}
		return put(ctx, db, batch)
	})
	if err := work.Wait(); err != nil {
		return err
	}
	return db.Close()
}

func put(ctx context.Context, db store.DB, batch []keyed) error {
	values := make([][]byte, len(batch))
	for i, r := range batch {
		if values[i], _ = r.value.([]byte); values[i] != nil {
			continue
		}
		var err error
		if values[i], err = json.Marshal(r.value); err != nil {
			return err
		}
	}
	return db.Update(ctx, func(tx store.Tx) error {
		for i, r := range batch {
			if err := tx.Put(r.key, values[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// The records of a filled store are those the program writes: the same kinds of keys, and outcomes of the same form.
func TestAFilledStoreIsAsTheProgramWritesIt(t *testing.T) {
	t.Parallel()
	i := newIdle(t)
	i.ships("First")
	i.rollsBack()
	real, realOutcomes := kindsOf(t, i.app.db)
	for kind := range real { // what is there while a deployment is under way, and what a rollback brings beside it
		if kind == "slot" || kind == "lock" || kind == "veto" || kind == "due" || kind == "next" {
			delete(real, kind)
		}
	}
	path := filepath.Join(t.TempDir(), "shipmate.db")
	if err := (filling{n: 1000, now: i.clock.Now()}).write(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	db, err := store.OpenReadOnly(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	filled, filledOutcomes := kindsOf(t, db)
	if fmt.Sprint(real) != fmt.Sprint(filled) {
		t.Errorf("the program writes %v, the filling %v", real, filled)
	}
	for field := range realOutcomes {
		if !filledOutcomes[field] {
			t.Errorf("outcomes have a field %q, and those of the filling do not", field)
		}
	}
}

// kindsOf are the second words of the keys of deliveries with how many words those keys have, and the fields of outcomes.
func kindsOf(t *testing.T, db store.DB) (kinds map[string]int, fields map[string]bool) {
	t.Helper()
	kinds, fields = map[string]int{}, map[string]bool{}
	err := db.View(t.Context(), func(snap store.Snapshot) error {
		for key, value := range snap.Scan("delivery/", "") {
			words := strings.Split(key, "/")
			kinds[words[1]] = len(words)
			if words[1] != "ended" {
				continue
			}
			var o map[string]any
			if err := json.Unmarshal(value, &o); err != nil {
				return err
			}
			for field := range o {
				fields[field] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return kinds, fields
}
