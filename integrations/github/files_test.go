package github

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"shipmate/integrations/github/githubtest"
)

func TestReadFile(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	ctx := t.Context()
	large := strings.Repeat("\x00large\xff", 200_000)
	s.repo.Branch("adr/0042", "main").Commit("adr/0042", "ana", "Add", githubtest.Files{"doc/adr/0042-ü.md": "# 42\n", "large.bin": large, "empty.md": ""})
	for path, want := range map[string]string{"doc/adr/0042-ü.md": "# 42\n", "large.bin": large, "empty.md": ""} {
		for _, ref := range []string{"adr/0042", "refs/heads/adr/0042", s.repo.Head("adr/0042")} {
			content, sha, err := s.c.ReadFile(ctx, "acme/decisions", ref, path)
			if err != nil || string(content) != want || sha != BlobSHA([]byte(want)) {
				t.Errorf("%s at %s: %d bytes, %s, %v", path, ref, len(content), sha, err)
			}
		}
	}
	if content, _, err := s.c.ReadFile(ctx, "acme/decisions", "", "README.md"); err != nil || string(content) != "# Decisions\n" {
		t.Errorf("%q, %v", content, err)
	}
	var e *Error
	for _, missing := range [][3]string{{"acme/decisions", "", "none.md"}, {"acme/decisions", "none", "README.md"}, {"acme/none", "", "README.md"}} {
		if _, _, err := s.c.ReadFile(ctx, missing[0], missing[1], missing[2]); !IsNotFound(err) || !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "has no file "+missing[2]) {
			t.Errorf("%v: %v", missing, err)
		}
	}
	if _, _, err := s.c.ReadFile(ctx, "acme/decisions", "adr/0042", "doc/adr"); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "is not a file") {
		t.Errorf("a directory: %v", err)
	}
	for _, wrong := range [][2]string{{"", "../x"}, {"", ""}, {"a..b", "x"}} {
		if _, _, err := s.c.ReadFile(ctx, "acme/decisions", wrong[0], wrong[1]); !errors.As(err, &e) || e.kind != kindInput {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

func TestListFiles(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{TreeLimit: 6})
	ctx := t.Context()
	s.repo.Branch("adr/0042", "main").Commit("adr/0042", "ana", "Add", githubtest.Files{"doc/adr/0001-a.md": "a", "doc/adr/old/0002-b.md": "bb", "doc/adr-index.md": "", "a.md": ""})
	got, err := s.c.ListFiles(ctx, "acme/decisions", "adr/0042", "doc/adr/")
	if want := []ListedFile{{"doc/adr/0001-a.md", BlobSHA([]byte("a")), 1}, {"doc/adr/old/0002-b.md", BlobSHA([]byte("bb")), 2}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := s.c.ListFiles(ctx, "acme/decisions", "", ""); err != nil || len(got) != 2 || got[0].Path != ".github/workflows/words.yml" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, missing := range [][2]string{{"adr/0042", "doc/none"}, {"adr/0042", "a.md"}, {"none", "doc"}} {
		if _, err := s.c.ListFiles(ctx, "acme/decisions", missing[0], missing[1]); !IsNotFound(err) {
			t.Errorf("%v: %v", missing, err)
		}
	}
	var e *Error
	if _, err := s.c.ListFiles(ctx, "acme/decisions", "adr/0042", ""); !errors.As(err, &e) || IsNotFound(err) || !strings.Contains(e.UserMessage(), "more files there than GitHub lists") {
		t.Errorf("half a list: %v", err)
	}
	if _, err := s.c.ListFiles(ctx, "acme/decisions", "", "a/../b"); !errors.As(err, &e) || e.kind != kindInput {
		t.Error(err)
	}
}

func TestFirstDir(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	s.repo.Commit("main", "ana", "Add", githubtest.Files{"docs/adr/0001-a.md": "a", "docs/decisions/b.md": "b", "doc/adr": "a file", "x/y/z/b.md": ""})
	for want, dirs := range map[string][]string{
		"docs/adr": {"doc/adr", "none/adr", "docs/adr", "docs/decisions"}, "docs/decisions": {"docs/decisions", "docs/adr"}, "docs": {"doc/adr/x", "docs"}, "x/y/z": {"x/y/a", "x/y/z"}, "": {"doc/adr", "docs/x", "a/b/c"},
	} {
		before := len(s.Calls())
		got, err := s.c.FirstDir(t.Context(), "acme/decisions", s.repo.Head("main"), dirs)
		if err != nil || got != want {
			t.Errorf("of %v: %q, %v", dirs, got, err)
		}
		if calls := len(s.Calls()) - before; calls > 4 {
			t.Errorf("%v took %d calls", dirs, calls)
		}
	}
	var e *Error
	if _, err := s.c.FirstDir(t.Context(), "acme/decisions", "", []string{"../adr"}); !errors.As(err, &e) || e.kind != kindInput {
		t.Error(err)
	}
	if _, err := s.c.FirstDir(t.Context(), "acme/decisions", "none", []string{"doc/adr"}); !IsNotFound(err) {
		t.Error(err)
	}
}

func update(seen, content string) FileUpdate {
	return FileUpdate{Repo: "acme/decisions", Branch: "main", Path: "doc/a b.md", Content: []byte(content), Message: "Change a", Request: "adr-42/accept", SeenSHA: seen}
}

func TestFileIsUpdatedOnce(t *testing.T) {
	t.Parallel()
	for _, f := range faults() {
		s := library(t, githubtest.Options{})
		before := s.repo.Head("main")
		f.Match, f.Times = githubtest.OpPutFile, 1
		s.Fault(f)
		for _, u := range []FileUpdate{update("", "1"), update(BlobSHA([]byte("1")), "2")} {
			u.Request += string(u.Content)
			s.untilDone(t, func(c *Client) error { return c.UpdateFile(t.Context(), u) })
		}
		log := s.repo.Log(before, "main")
		if content, _ := s.repo.File("main", "doc/a b.md"); content != "2" || len(log) != 2 || log[1].Message != "Change a\n\nShipmate-Request: adr-42/accept2" {
			t.Errorf("%s %s: %q, %+v", f.Kind, f.When, content, log)
		}
	}
}

func TestFileThatHasChanged(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	ctx := t.Context()
	var changed *Changed
	s.repo.Commit("main", "ana", "Mine", githubtest.Files{"doc/a b.md": "1"})
	if err := s.c.UpdateFile(ctx, update("", "2")); !errors.As(err, &changed) || changed.Now != BlobSHA([]byte("1")) || changed.Seen != "" || !strings.Contains(changed.UserMessage(), "changed doc/a b.md on main of acme/decisions") {
		t.Errorf("it was not there: %v", err)
	}
	if err := s.c.UpdateFile(ctx, update(BlobSHA([]byte("0")), "2")); !errors.As(err, &changed) {
		t.Errorf("it was something else: %v", err)
	}
	if err := s.c.UpdateFile(ctx, update(BlobSHA([]byte("0")), "1")); err != nil {
		t.Errorf("it has the content already: %v", err)
	}
	if err := s.c.UpdateFile(ctx, update(BlobSHA([]byte("1")), "2")); err != nil {
		t.Error(err)
	}
	s.repo.Commit("main", "ana", "Put back", githubtest.Files{"doc/a b.md": "1"})
	s.repo.Commit("main", "ana", "Another word", githubtest.Files{"doc/a b.md": "3"})
	head := s.repo.Head("main")
	for _, seen := range []string{"1", "3"} {
		if err := s.c.UpdateFile(ctx, update(BlobSHA([]byte(seen)), "2")); err != nil || s.repo.Head("main") != head {
			t.Errorf("what was done is done again over what others wrote since: %v", err)
		}
	}
	s.repo.Commit("main", "ana", "Away", githubtest.Files{"doc/a b.md": githubtest.Deleted})
	gone := update(BlobSHA([]byte("3")), "4")
	gone.Request = "adr-42/other"
	if err := s.c.UpdateFile(ctx, gone); !errors.As(err, &changed) || changed.Now != "" {
		t.Errorf("it is gone: %v", err)
	}
}

// While an update is sent somebody is faster: with the same file it is Changed, with another one it is sent again.
func TestFileChangesUnderTheUpdate(t *testing.T) {
	t.Parallel()
	other, status := githubtest.Files{"doc/a b.md": "theirs"}, 0
	var s *stage
	s = library(t, githubtest.Options{OnCall: func(call githubtest.Call) {
		if call.Op == githubtest.OpPutFile && call.Phase == githubtest.Before && other != nil {
			files := other
			other = nil
			s.repo.Commit("main", "ben", "Faster", files)
		}
		if call.Op == githubtest.OpPutFile && call.Phase == githubtest.After {
			status = call.Status
		}
	}})
	var changed *Changed
	if err := s.c.UpdateFile(t.Context(), update("", "mine")); !errors.As(err, &changed) || status != 422 {
		t.Errorf("%d, %v", status, err)
	}
	other = githubtest.Files{"doc/a b.md": "theirs again"}
	if err := s.c.UpdateFile(t.Context(), update(BlobSHA([]byte("theirs")), "mine")); !errors.As(err, &changed) || status != 409 {
		t.Errorf("%d, %v", status, err)
	}
	puts := 0
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPut:
			if puts++; puts < 3 {
				refusing(409, "is at 1 but expected 2")(w, r)
				return
			}
			reply(w, 200, map[string]any{})
		case strings.HasSuffix(r.URL.Path, "/commits"):
			reply(w, 200, []any{})
		default:
			refusing(404, "Not Found")(w, r)
		}
	})
	if err := f.client(t).UpdateFile(t.Context(), update("", "mine")); err != nil || puts != 3 {
		t.Errorf("%d, %v", puts, err)
	}
	puts = -10
	var e *Error
	if err := f.client(t).UpdateFile(t.Context(), update("", "mine")); !errors.As(err, &e) || e.RetryAfter == 0 || puts != -7 || !strings.Contains(e.UserMessage(), "Too much is written") {
		t.Errorf("%d, %v", puts, err)
	}
}

func TestUpdatesThatAreNone(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	var e *Error
	for _, change := range []func(*FileUpdate){
		func(u *FileUpdate) { u.Path = "/a" }, func(u *FileUpdate) { u.Branch = "" }, func(u *FileUpdate) { u.SeenSHA = "main" }, func(u *FileUpdate) { u.Message = "" },
		func(u *FileUpdate) { u.Request = "" }, func(u *FileUpdate) { u.Content = bytes.Repeat([]byte("x"), maxFileBytes+1) }, func(u *FileUpdate) { u.Repo = "x" },
	} {
		u := update("", "1")
		change(&u)
		if err := s.c.UpdateFile(t.Context(), u); !errors.As(err, &e) || e.kind != kindInput {
			t.Errorf("%+v: %v", u, err)
		}
	}
	u := update("", "1")
	u.Branch = "none"
	if err := s.c.UpdateFile(t.Context(), u); !errors.As(err, &e) || !strings.Contains(e.UserMessage(), "the branch has to be there") {
		t.Error(err)
	}
}
