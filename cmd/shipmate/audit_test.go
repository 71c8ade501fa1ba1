package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shipmate/delivery"
	"shipmate/store"
)

// recorded are deployments with everything an audit tells.
func recorded() []*delivery.Deployment {
	at := func(minute int) time.Time {
		return time.Date(2026, 11, 20, 10, minute, 0, 0, time.FixedZone("CET", 3600))
	}
	commit := func(sha, subject string) delivery.Commit {
		return delivery.Commit{SHA: strings.Repeat(sha, 40), Subject: subject, Author: "ana", At: at(-60)}
	}
	good := &delivery.Deployment{ID: "d-aaaaaaaaaa", Service: "checkout", Environment: "production", Repo: "acme/checkout", Ref: "main",
		Commit: commit("a", "=HYPERLINK(\"https://evil.example\")"), Before: delivery.Before{SHA: strings.Repeat("b", 40)}, By: "U0ANA",
		Reason: "@here, \"now\"\nplease", Created: at(0), Cleared: at(30), Dispatched: at(31), Started: at(32), Ended: at(36), State: delivery.Succeeded,
		Run: &delivery.Run{ID: 7, URL: "https://github.com/acme/checkout/actions/runs/7"}, Changes: &delivery.Changes{
			PullRequests: []delivery.PullRequest{{Number: 12}, {Number: 11}}},
		Waits:    []delivery.Wait{{Gate: "checks", Since: at(0), Until: at(5)}, {Gate: "approvals", Since: at(0), Until: at(30)}},
		Approval: &delivery.Approval{Votes: []delivery.Vote{{By: "U0BEN", At: at(20)}, {By: "U0CY", At: at(30), Reason: "seen it"}}}}
	good.RolledBack = &delivery.RolledBack{ID: "d-bbbbbbbbbb", By: "U0BEN", At: at(40)}
	back := &delivery.Deployment{ID: "d-bbbbbbbbbb", Service: "checkout", Environment: "production", Repo: "acme/checkout", Ref: "d-cccccccccc",
		Commit: commit("b", "Fix <it>"), By: "U0BEN", Created: at(40), Started: at(41), Ended: at(44), State: delivery.Failed,
		Failure: &delivery.Failure{Job: "deploy", Step: "Deploy"}, Rollback: &delivery.Rollback{Of: good.ID}}
	back.Inputs, back.Glass = map[string]string{"tag": "=1", "region": "eu"}, &delivery.Glass{Skipped: []delivery.Gate{{Name: "lock", Code: delivery.Locked},
		{Name: "approvals", Code: delivery.ApprovalsMissing}}, Review: &delivery.Vote{By: "U0DEV", At: at(50), Reason: "it was right"}}
	good.Health, good.Approval.Reused = &delivery.Health{State: delivery.Unhealthy}, "d-eeeeeeeeee"
	denied := &delivery.Deployment{ID: "d-cccccccccc", Service: "ledger", Environment: "staging", Repo: "acme/ledger", Ref: "-rf", Commit: commit("c", "+1"),
		By: "U0EVE", Created: at(50), Ended: at(55), State: delivery.Denied, Denied: []delivery.Gate{{Code: delivery.Rejected}, {Code: delivery.Frozen}},
		Approval: &delivery.Approval{Rejected: &delivery.Vote{By: "U0BEN", At: at(55), Reason: "not today"}}, Cancel: &delivery.Cancel{By: "U0EVE", At: at(54)},
		RetryOf: "d-dddddddddd"}
	return []*delivery.Deployment{good, back, denied}
}

// keepRecords writes deployments as the program does.
func keepRecords(t *testing.T, db store.DB, all []*delivery.Deployment) {
	t.Helper()
	for _, d := range all {
		err := db.Update(context.Background(), func(tx store.Tx) error {
			if err := store.Save(tx, store.Key("delivery", "deployment", d.ID), d); err != nil {
				return err
			}
			for _, place := range [][2]string{{"*", "*"}, {d.Service, "*"}, {"*", d.Environment}, {d.Service, d.Environment}} {
				key := store.Key("delivery", "history", place[0], place[1], fmt.Sprintf("%019d", math.MaxInt64-d.Created.UnixNano()), d.ID)
				if err := tx.Put(key, []byte(d.ID)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// audited runs shipmate audit on a company's files.
func runAudit(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := command()
	cmd.SetOut(&out)
	cmd.SetArgs(append([]string{"audit", "-c", filepath.Join(dir, "shipmate.yaml")}, args...))
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

// auditDir is a configuration and its store with what was recorded.
func auditDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	yaml := "teams: {payments: {slack_group: payments-eng}}\nservices: {checkout: {repo: acme/checkout, team: payments, aliases: [shop], environments: [production]}}\n" +
		"environments: {production: {aliases: [prod]}}\nstore: {path: shipmate.db}\n"
	if err := os.WriteFile(filepath.Join(dir, "shipmate.yaml"), []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "shipmate.db"), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	keepRecords(t, db, recorded())
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAuditGolden(t *testing.T) {
	t.Parallel()
	dir := auditDir(t)
	for file, args := range map[string][]string{"audit.jsonl": nil, "audit.csv": {"--csv"}} {
		got, err := runAudit(t, dir, args...)
		if err != nil {
			t.Fatal(err)
		}
		file = filepath.Join("testdata", file)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || string(want) != got {
			t.Errorf("%s has changed (%v); go test -update writes it. Got:\n%s", file, err, got)
		}
	}
}

// No cell of the CSV begins as a formula does, and it is read back as it was written.
func TestAuditCSVIsNoFormula(t *testing.T) {
	t.Parallel()
	got, err := runAudit(t, auditDir(t), "--csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(got)).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	quoted := 0
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.Contains("=+-@\t\r", cell[:1]) {
				t.Errorf("a formula: %s", cell)
			}
			if strings.HasPrefix(cell, "'") {
				quoted++
			}
		}
	}
	if quoted != 4 {
		t.Errorf("%d cells are quoted", quoted)
	}
}

func TestAuditFilters(t *testing.T) {
	t.Parallel()
	dir := auditDir(t)
	for _, c := range []struct {
		args string
		want string // first letters of the IDs, in order
	}{
		{"", "cba"},
		{"--service shop", "ba"},
		{"--service checkout --environment prod", "ba"},
		{"--service ledger", "c"}, // the configuration does not know it any more
		{"--person U0CY", "a"},
		{"--person U0DEV", "b"},
		{"--person U0BEN", "cba"},
		{"--since 2026-11-21", ""},
		{"--until 2026-11-20", "cba"},
		{"--until 2026-11-19", ""},
		{"--since 2026-11-20T10:40:00+01:00 --until 2026-11-20T09:50:00Z", "b"},
	} {
		got, err := runAudit(t, dir, strings.Fields(c.args)...)
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
		}
		letters := ""
		for _, line := range strings.Split(strings.TrimSpace(got), "\n") {
			if _, rest, ok := strings.Cut(line, `"id":"d-`); ok {
				letters += rest[:1]
			}
		}
		if letters != c.want {
			t.Errorf("%s: %q, want %q", c.args, letters, c.want)
		}
	}
}

func TestAuditIsDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range columns {
		if !strings.Contains(string(page), "`"+c.name+"`") {
			t.Errorf("docs/audit.md does not explain %s", c.name)
		}
	}
}

func TestAuditSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dir := auditDir(t)
	for args, words := range map[string]string{
		"--person ana":        "not a Slack ID",
		"--since yesterday":   "neither a date such as 2026-11-01",
		"--csv --json":        "csv json",
		"--service a surplus": "unknown command",
	} {
		if _, err := runAudit(t, dir, strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", args, err)
		}
	}
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "shipmate.db")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runAudit(t, dir); err == nil || !strings.Contains(err.Error(), "is in use, and no bot answers at ") {
		t.Errorf("beside a bot: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "shipmate.db")); err != nil {
		t.Fatal(err)
	}
	if _, err := runAudit(t, dir); err == nil || !strings.Contains(err.Error(), "there is no store") {
		t.Errorf("without a store: %v", err)
	}
}

// opener opens the store for writing when it is first written to.
type opener struct {
	t    *testing.T
	path string
	text bytes.Buffer
}

func (o *opener) Write(p []byte) (int, error) {
	if o.text.Len() == 0 {
		db, err := store.Open(o.t.Context(), store.Options{Path: o.path})
		if err == nil {
			err = db.Close()
		}
		if err != nil {
			o.t.Errorf("while the list is printed: %v", err)
		}
	}
	return o.text.Write(p)
}

// Whoever reads the list slowly keeps no bot from starting.
func TestAuditLetsGoOfTheStore(t *testing.T) {
	t.Parallel()
	dir := auditDir(t)
	out := &opener{t: t, path: filepath.Join(dir, "shipmate.db")}
	cmd := command()
	cmd.SetOut(out)
	cmd.SetArgs([]string{"audit", "-c", filepath.Join(dir, "shipmate.yaml")})
	if err := cmd.ExecuteContext(t.Context()); err != nil || strings.Count(out.text.String(), "\n") != 3 {
		t.Errorf("%q, %v", out.text.String(), err)
	}
}

// A bot that does not understand is not one that does not answer.
func TestAuditTellsWhatTheBotAnswers(t *testing.T) {
	t.Parallel()
	dir := auditDir(t)
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "shipmate.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	old := newDesk(filepath.Join(dir, "shipmate.db"), http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	old.open(t.Context())
	defer old.close()
	if _, err := runAudit(t, dir); err == nil || !strings.HasSuffix(err.Error(), "does not list deployments (status 404); it is probably of another version") {
		t.Error(err)
	}
}

// While a bot runs it lists what the store holds itself.
func TestAuditAsksTheBotThatRuns(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as("ana").in("#payments").types("/deploy checkout staging because of the demo").sees("✅ *checkout*")
	asBot, err := runAudit(t, h.dir, "--service", "shop")
	if err != nil || strings.Count(asBot, "\n") != 1 || !strings.Contains(asBot, "of the demo") {
		t.Fatalf("%q, %v", asBot, err)
	}
	if csv, err := runAudit(t, h.dir, "--csv", "--since", "2000-01-01"); err != nil || strings.Count(csv, "\n") != 2 {
		t.Errorf("%q, %v", csv, err)
	}
	h.stop()
	if alone, err := runAudit(t, h.dir, "--service", "shop"); err != nil || alone != asBot {
		t.Errorf("without the bot: %q, %v", alone, err)
	}
}
