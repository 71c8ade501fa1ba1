package commands_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/clock"
	"shipmate/commands"
	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
)

// decisionLimit is how long a list or a search may take of a full log that is known, in the slowest of a hundred.
const decisionLimit = 300 * time.Millisecond

// BenchmarkDecisions asks for decisions in a log of 9,999 records of 4 KiB, whose proposals are all in the store, and prints what share of
// the limit the slowest of a hundred take. It judges nothing.
//
//	go test ./commands -run '^$' -bench Decisions -benchtime 500x
func BenchmarkDecisions(b *testing.B) {
	d, cfg := fullLog(b)
	all := commands.All(d)
	for _, c := range []struct{ command, words string }{
		{"adr list", ""}, {"adr list", "superseded"}, {"adr list", "redis"}, {"adr list", "we keep sessions"}, {"adr list", "nowhere to be found"}, {"adr toc", ""}, {"adr show", "5000"},
	} {
		b.Run(strings.TrimSpace(c.command+" "+c.words), func(b *testing.B) {
			at := slices.IndexFunc(all, func(one bot.Command) bool { return one.Name == c.command })
			req := bot.Request{ID: "r", User: "U0ANA00001", Channel: "C0PAY00001", Config: cfg, Args: bot.Args{"words": c.words, "decision": c.words}}
			var took []time.Duration
			for b.Loop() {
				begun := time.Now()
				reply, err := all[at].Run(b.Context(), req)
				took = append(took, time.Since(begun))
				if err != nil || reply.Text == "" {
					b.Fatal(err)
				}
			}
			slices.Sort(took)
			p99 := took[len(took)*99/100]
			b.ReportMetric(float64(p99.Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(p99)/float64(decisionLimit), "of-limit")
		})
	}
}

// fullLog is a log with all records that there can be, which is known.
func fullLog(b *testing.B) (commands.Deps, *config.Config) {
	b.Helper()
	now := clock.NewManual(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte("slack: {admin_channel: \"#platform\"}\nadr: {repo: acme/decisions}\n"), config.Options{})
	if len(mistakes) > 0 {
		b.Fatal(mistakes)
	}
	server := githubtest.New(githubtest.Options{Clock: now})
	b.Cleanup(server.Close)
	server.AddUser(githubtest.User{Login: "ana"})
	db, err := store.Open(context.Background(), store.Options{Path: filepath.Join(b.TempDir(), "bench.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	files := githubtest.Files{}
	text := strings.Repeat("We keep it where it is, since nobody has asked for more. ", 4096/57)
	for n := 1; n <= adr.MaxNumber; n++ {
		of := []string{"sessions in Redis", "orders in Postgres", "events in Kafka", "queues in NATS", "Zürich's files in S3"}[n%5]
		draft := adr.Draft{Number: n, Title: "Keep " + of, Date: "2026-01-02", Status: []adr.Status{adr.StatusAccepted, adr.StatusAccepted, adr.StatusSuperseded}[n%3], Context: text, Decision: "We do."}
		files["doc/adr/"+adr.FileName(n, draft.Title)] = string(draft.Render(""))
	}
	for first := 1; first <= adr.MaxNumber; first += 99 { // of which a transaction has a hundred
		err := db.Update(b.Context(), func(tx store.Tx) error {
			for n := first; n < first+99; n++ {
				id := adr.ProposalID(fmt.Sprint(n))
				value, err := json.Marshal(adr.Proposal{ID: id, Number: n, State: adr.Accepted, Scope: "acme/decisions:", Title: "Keep it", Context: text, Decision: "We do."})
				if err != nil {
					return err
				}
				if err := tx.Put("adr/proposal/"+store.Key(id), value); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	server.AddRepo("acme/decisions").Commit("main", "ana", "Decide", files)
	client, err := github.New(github.Config{APIURL: server.URL(), Token: githubtest.DefaultToken, Clock: now, Timeout: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	decisions, err := adr.New(adr.Config{DB: db, GitHub: client, Clock: now, Current: func() *config.Config { return cfg },
		People: adr.People{
			Name:     func(context.Context, string) (string, error) { return "ana", nil },
			Zone:     func(context.Context, string) (*time.Location, error) { return time.UTC, nil },
			GitHub:   func(store.Getter, string) (string, error) { return "", nil },
			OnGitHub: func(store.Getter, string) (string, error) { return "", nil },
			May:      func(context.Context, string, []config.Principal) (bool, error) { return true, nil },
		},
		Tell: func(store.Tx, adr.Note) error { return nil },
		Say:  func(store.Tx, string, string, adr.Note) error { return nil }})
	if err != nil {
		b.Fatal(err)
	}
	for n := range 20 {
		if _, err := decisions.Propose(b.Context(), adr.Want{Request: fmt.Sprint("open ", n), At: now.Now(), By: "U0ANA00001", Title: "Keep sessions elsewhere", Context: text}); err != nil {
			b.Fatal(err)
		}
	}
	if book, err := decisions.Book(b.Context(), cfg.DecisionLogs()[0]); err != nil || len(book.Records) != adr.MaxNumber {
		b.Fatal(err)
	}
	return commands.Deps{Decisions: decisions, Config: func() *config.Config { return cfg }}, cfg
}
