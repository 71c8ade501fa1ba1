package adr_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/adr"
	"shipmate/clock"
	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
)

// log is the main log as it is configured.
func (s *stage) log() config.DecisionLog { return s.config.DecisionLogs()[0] }

func (s *stage) book() *adr.Book {
	s.Helper()
	b, err := s.Book(s.Context(), s.log())
	if err != nil {
		s.Fatal(err)
	}
	return b
}

// calls are the operations that something asks GitHub for.
func (s *stage) calls(do func()) []string {
	before := len(s.github.Calls())
	do()
	var out []string
	for _, c := range s.github.Calls()[before:] {
		out = append(out, c.Op)
	}
	return out
}

// many are so many records of a directory, each with a text.
func many(n int, text func(int) string) githubtest.Files {
	files := githubtest.Files{}
	for i := 1; i <= n; i++ {
		files[fmt.Sprintf("doc/adr/%04d-use-it.md", i)] = text(i)
	}
	return files
}

func short(n int) string { return fmt.Sprintf("# %d. Use it\n\n## Status\n\nAccepted\n", n) }

// However many records there are, GitHub is asked the same few times: all of them come in one listing and one archive, later only what has
// changed, and within ten seconds nothing.
func TestABookTakesFewCalls(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.patience = time.Minute // the race detector makes so many slow
	s.connect()
	s.repo.Commit("main", "ana", "Decide", many(adr.MaxNumber, short))
	cold := s.calls(func() { s.book() })
	if len(s.book().Records) != adr.MaxNumber {
		t.Fatalf("%d records", len(s.book().Records))
	}
	count := func(calls []string, op string) (n int) {
		for _, c := range calls {
			if c == op {
				n++
			}
		}
		return n
	}
	if len(cold) > 14 || count(cold, githubtest.OpTarball) != 1 || count(cold, "repos/get-content") != 1 {
		t.Errorf("at first: %v", cold)
	}
	s.clock.Advance(9 * time.Second)
	if again := s.calls(func() { s.book() }); len(again) != 0 {
		t.Errorf("within ten seconds: %v", again)
	}
	s.clock.Advance(time.Second)
	if same := s.calls(func() { s.book() }); len(same) > 2 {
		t.Errorf("nothing has changed: %v", same)
	}
	s.repo.Commit("main", "ana", "Reject", githubtest.Files{"doc/adr/0007-use-it.md": strings.Replace(short(7), "Accepted", "Rejected", 1)})
	s.clock.Advance(10 * time.Second)
	warm := s.calls(func() { s.book() })
	if len(warm) > 13 || count(warm, githubtest.OpTarball) != 0 || count(warm, "repos/get-content") != 2 {
		t.Errorf("one has changed: %v", warm)
	}
	if e, _ := s.book().Get(7); e.Status != adr.StatusRejected || len(s.book().Records) != adr.MaxNumber {
		t.Errorf("%+v", e.Record)
	}
}

// What .gitattributes leaves out of archives, or changes in them, is as it is in the repository all the same.
func TestABookIsWhatIsInTheRepository(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	files := many(40, func(n int) string { return short(n) + "$Format:%H$\n" })
	for name, content := range files {
		files[name] = content
	}
	files["doc/adr/.gitattributes"] = "* -text\n"
	files[".gitattributes"] = "*.md eol=crlf\ndoc/adr/0003-*.md export-ignore\ndoc/adr/0004-*.md export-subst\n"
	files["doc/adr/0005-use-it.md"] = "# 5. Use it\r\nboth\n"
	s.repo.Commit("main", "ana", "Decide", files)
	singly := 0
	for _, op := range s.calls(func() { s.book() }) {
		if op == "repos/get-content" {
			singly++
		}
	}
	if singly != 1+3 { // .adr-dir, and the three
		t.Errorf("%d files were read by themselves", singly)
	}
	for _, e := range s.book().Records {
		if want := files["doc/adr/"+e.File]; string(e.Content) != want {
			t.Errorf("%s: %q, want %q", e.File, e.Content, want)
		}
	}
	s.repo.Commit("main", "ana", "Decide more", many(600, short))
	s.repo.Commit("main", "ana", "Hide them", githubtest.Files{".gitattributes": "doc/** export-ignore\n"})
	s.connect()
	_, err := s.Book(t.Context(), s.log())
	if words := sentence(t, err); !strings.Contains(words, "leaves 600 decisions out of archives") {
		t.Error(words)
	}
}

// sentence is an error in the words for people.
func sentence(t *testing.T, err error) string {
	t.Helper()
	var user interface{ UserMessage() string }
	if !errors.As(err, &user) {
		t.Fatalf("no words for people: %v", err)
	}
	return user.UserMessage()
}

func TestManyWhoAskAtOnceReadOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Postgres", "Use Kafka")
	s.book()
	alone := func() int { s.clock.Advance(10 * time.Second); return len(s.calls(func() { s.book() })) }()
	s.clock.Advance(10 * time.Second)
	release := s.github.Fault(githubtest.Fault{Match: githubtest.OpGetCommit, Times: 1, When: githubtest.Before, Kind: githubtest.HangUp})
	asked := make(chan struct{})
	var once sync.Once
	see := func(githubtest.Call) { once.Do(func() { close(asked) }) }
	s.onGitHub.Store(&see)
	calls := s.calls(func() {
		gone, leave := context.WithCancel(t.Context())
		first := make(chan error)
		go func() { _, err := s.Book(gone, s.log()); first <- err }()
		<-asked
		var all sync.WaitGroup
		for range 64 {
			all.Go(func() {
				if b, err := s.Book(t.Context(), s.log()); err != nil || b.Stale != nil || len(b.Records) != 2 {
					t.Errorf("%+v, %v", b, err)
				}
			})
		}
		leave() // whoever asked first goes away, and the read goes on
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("whoever went away got %v", err)
		}
		release()
		all.Wait()
	})
	if len(calls) != alone {
		t.Errorf("%v, alone it takes %d", calls, alone)
	}
}

// While GitHub is down, what was known last is answered, with its age.
func TestABookWhileGitHubIsDown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.github.Down(true)
	if _, err := s.Book(t.Context(), s.log()); !strings.Contains(sentence(t, err), "GitHub") {
		t.Error(err)
	}
	s.github.Down(false)
	s.decided("Use Postgres")
	known := s.book()
	s.github.Down(true)
	s.clock.Advance(time.Hour)
	b := s.book()
	if b.Stale == nil || !b.AsOf.Equal(known.AsOf) || len(b.Records) != 1 || !strings.Contains(sentence(t, b.Stale), "GitHub") {
		t.Errorf("%+v", b)
	}
	if known.Stale != nil {
		t.Error("what others hold was changed")
	}
	s.github.Down(false)
	if b := s.book(); b.Stale != nil || !b.AsOf.Equal(s.clock.Now()) {
		t.Errorf("it is up again: %+v", b)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.decided("Use Café caches", "Use Kafka", "Keep Zu\u0308rich", "Straße ohne Ende")
	content, _ := s.repo.File("main", "doc/adr/0002-use-kafka.md")
	s.repo.Commit("main", "ana", "Write", githubtest.Files{"doc/adr/0002-use-kafka.md": content + "\nNot in the cafe\u0301. [A](b)\n"})
	for words, want := range map[string][]int{
		"": {4, 3, 2, 1}, "use": {2, 1}, "CAFE\u0301": {1, 2}, "café": {1, 2}, "CAFÉ kafka": {2}, "zürich": {3}, "ZU\u0308RICH keep": {3}, "zurich": nil, "straße": {4},
		"nowhere": nil, "accepted": {4, 3, 2, 1},
	} {
		var got []int
		for _, e := range s.book().Search(strings.Fields(words)) {
			got = append(got, e.Number)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", words, got, want)
		}
	}
	p := &adr.Proposal{Title: "Use Cafe\u0301 caches"}
	if !p.Has([]string{"café"}) || !p.Has([]string{"CAFE\u0301", "use"}) || p.Has([]string{"tea"}) {
		t.Error("a proposal is searched otherwise")
	}
}

func TestAddressesOfRecords(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.repo.Commit("main", "ana", "Decide", githubtest.Files{".adr-dir": "docs/my adr", "docs/my adr/0001-what?-50%#.md": short(1)})
	b := s.book()
	at := "/acme/decisions/"
	if got := b.URL(b.Records[0]); !strings.HasSuffix(got, at+"blob/"+b.Commit+"/docs/my%20adr/0001-what%3F-50%25%23.md") {
		t.Error(got)
	}
	if got := b.DirURL(); !strings.HasSuffix(got, at+"tree/"+b.Commit+"/docs/my%20adr") {
		t.Error(got)
	}
}

// BenchmarkBook9999 reads 9,999 records of 4 KiB, and prints how much memory a book keeps of them, for one byte of theirs. It judges nothing;
// docs/performance.md says what was measured.
func BenchmarkBook9999(b *testing.B) {
	server := githubtest.New(githubtest.Options{Clock: clock.System()})
	defer server.Close()
	server.AddUser(githubtest.User{Login: "ana"})
	text := strings.Repeat("We keep it where it is, since nobody has asked for more. ", 4096/57)
	server.AddRepo("acme/decisions").Commit("main", "ana", "Decide", many(adr.MaxNumber, func(n int) string { return short(n) + "\n## Context\n\n" + text + "\n" }))
	client, err := github.New(github.Config{APIURL: server.URL(), Token: githubtest.DefaultToken, Clock: clock.System(), Timeout: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	cfg, _, _ := config.Parse("shipmate.yaml", []byte(stageYAML), config.Options{})
	for b.Loop() {
		service := adr.Bare(client, cfg)
		before := inUse()
		book, err := service.Book(b.Context(), cfg.DecisionLogs()[0])
		if err != nil {
			b.Fatal(err)
		}
		kept := inUse() - before
		size := 0
		for _, e := range book.Records {
			size += len(e.Content)
		}
		b.ReportMetric(float64(kept)/float64(size), "kept/byte")
		b.ReportMetric(float64(kept)/(1<<20), "MiB")
		runtime.KeepAlive(service)
	}
}

func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
