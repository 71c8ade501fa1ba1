package github

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"shipmate/integrations/github/githubtest"
)

func isMarkdown(path string) bool { return strings.HasSuffix(path, ".md") }

func told(files []File) string {
	var out []string
	for _, f := range files {
		out = append(out, f.Path+"="+string(f.Content))
	}
	return strings.Join(out, ",")
}

// However many records there are, listing them takes the same few calls, and reading them two.
func TestArchiveOfAllRecords(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	files := githubtest.Files{}
	for n := 1; n <= 9999; n++ {
		files[fmt.Sprintf("doc/adr/%04d-a.md", n)] = fmt.Sprintf("# %d. A decision\n", n)
	}
	sha := s.repo.Commit("main", "ana", "Decide", files)
	listed, err := s.c.ListFiles(t.Context(), "acme/decisions", sha, "doc/adr")
	if err != nil || len(listed) != 9999 {
		t.Fatalf("%d, %v", len(listed), err)
	}
	before := len(s.Calls())
	if before > 5 {
		t.Errorf("listing took %d calls", before)
	}
	got, err := s.c.Archive(t.Context(), "acme/decisions", sha, "doc/adr", isMarkdown)
	if err != nil || len(got) != len(listed) {
		t.Fatalf("%d, %v", len(got), err)
	}
	for i, f := range got {
		if f.Path != listed[i].Path || BlobSHA(f.Content) != listed[i].SHA {
			t.Fatalf("%s is not what is listed: %q", f.Path, f.Content)
		}
	}
	if calls := s.Calls()[before:]; len(calls) != 2 || calls[0].Op != githubtest.OpTarball || calls[1].Op != githubtest.OpCodeload {
		t.Errorf("it took %+v", calls)
	}
}

// What .gitattributes says is packed as git does it.
func TestArchiveByAttributes(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	sha := s.repo.Commit("main", "ana", "Decide", githubtest.Files{
		".gitattributes":    "# of archives\n*.txt export-ignore\n/doc/private export-ignore\ndoc/adr/0002-*.md export-subst\n*.crlf.md text eol=crlf\nkept/** export-ignore\nkept/b.md -export-ignore\n",
		"doc/adr/0001-a.md": "$Format:%H$\n", "doc/adr/0002-a.md": "at $Format:%H$\n", "doc/adr/0003.crlf.md": "a\nb\r\n", "doc/adr/a.txt": "a", "doc/private/a/b.md": "", "private/doc/private.md": "p",
		"kept/a.md": "a", "kept/b.md": "b", "top.md": "t"})
	got, err := s.c.Archive(t.Context(), "acme/decisions", sha, "", func(path string) bool { return !strings.HasPrefix(path, ".git") })
	if want := "README.md=# Decisions\n,doc/adr/0001-a.md=$Format:%H$\n,doc/adr/0002-a.md=at " + sha + "\n,doc/adr/0003.crlf.md=a\r\nb\r\n,kept/b.md=b,private/doc/private.md=p,top.md=t"; err != nil || told(got) != want {
		t.Errorf("%q, %v, want %q", told(got), err, want)
	}
}

func TestArchiveOfWhatIsWanted(t *testing.T) {
	t.Parallel()
	s := library(t, githubtest.Options{})
	first := s.repo.Commit("main", "ana", "Decide", githubtest.Files{"doc/adr/0001-a.md": "1", "doc/adr/img/a.png": "\x00\xff", "doc/adr.md": "no", "doc/adr-old/0001.md": "no", "b.md": ""})
	s.repo.Commit("main", "ana", "Decide anew", githubtest.Files{"doc/adr/0001-a.md": "2"})
	var tree struct{ SHA string }
	if _, err := s.c.postRepo(t.Context(), "make a tree", "acme/decisions", map[string]any{"base_tree": first, "tree": []treeEntry{
		{"path": "doc/adr/link.md", "mode": "120000", "type": "blob", "content": "../../README.md"},
		{"path": "doc/adr/run.md", "mode": "100755", "type": "blob", "content": "#!"}}}, &tree, "git", "trees"); err != nil {
		t.Fatal(err)
	}
	linked, err := s.c.makeCommitObject(t.Context(), "acme/decisions", "Link", tree.SHA, first, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		sha, dir string
		want     func(string) bool
		told     string
	}{
		{first, "doc/adr", isMarkdown, "doc/adr/0001-a.md=1"},
		{first, "doc/adr/", nil, "doc/adr/0001-a.md=1,doc/adr/img/a.png=\x00\xff"},
		{s.repo.Head("main"), "doc/adr", isMarkdown, "doc/adr/0001-a.md=2"},
		{first, "", isMarkdown, "README.md=# Decisions\n,b.md=,doc/adr-old/0001.md=no,doc/adr.md=no,doc/adr/0001-a.md=1"},
		{linked, "doc/adr", isMarkdown, "doc/adr/0001-a.md=1,doc/adr/run.md=#!"},
		{first, "doc/none", nil, ""},
	} {
		if got, err := s.c.Archive(t.Context(), "acme/decisions", one.sha, one.dir, one.want); err != nil || told(got) != one.told {
			t.Errorf("%.7s %q: %q, %v", one.sha, one.dir, told(got), err)
		}
	}
	s.repo.Describe("", true)
	if got, err := s.c.Archive(t.Context(), "acme/decisions", first, "doc/adr", isMarkdown); err != nil || len(got) != 1 {
		t.Errorf("of a public repository: %v, %v", got, err)
	}
	if _, err := s.c.Archive(t.Context(), "acme/none", first, "", nil); !IsNotFound(err) {
		t.Errorf("no such repository: %v", err)
	}
	if _, err := s.c.Archive(t.Context(), "acme/decisions", shaA, "", nil); !IsNotFound(err) {
		t.Errorf("no such commit: %v", err)
	}
	var e *Error
	for _, wrong := range [][3]string{{"acme", first, ""}, {"acme/decisions", "main", ""}, {"acme/decisions", first, "../a"}, {"acme/decisions", first, "/a"}} {
		if _, err := s.c.Archive(t.Context(), wrong[0], wrong[1], wrong[2], nil); !errors.As(err, &e) || e.kind != kindInput {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

// Reading is tried three times, and what breaks off is never taken for all there is.
func TestArchiveWhateverFails(t *testing.T) {
	t.Parallel()
	for _, op := range []string{githubtest.OpTarball, githubtest.OpCodeload} {
		for _, f := range faults() {
			if f.Kind == githubtest.PrimaryLimit || f.Kind == githubtest.SecondaryLimit429 {
				continue
			}
			for _, times := range []int{2, 3} {
				s := library(t, githubtest.Options{})
				f.Match, f.Times = op, times
				s.Fault(f)
				got, err := s.c.Archive(t.Context(), "acme/decisions", s.repo.Head("main"), "", isMarkdown)
				if good := err == nil && told(got) == "README.md=# Decisions\n"; good != (times == 2) || good == (got == nil) {
					t.Errorf("%s %s %s, %d times: %q, %v", op, f.Kind, f.When, times, told(got), err)
				}
			}
		}
	}
}

// entry is one of a made-up archive.
type entry struct {
	kind          byte
	name, content string
}

func packed(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	zipped := gzip.NewWriter(&buf)
	out := tar.NewWriter(zipped)
	for _, e := range entries {
		h := &tar.Header{Typeflag: e.kind, Name: e.name, Mode: 0o644}
		if e.kind == tar.TypeReg {
			h.Size = int64(len(e.content))
		} else {
			h.Linkname = e.content
		}
		err := out.WriteHeader(h)
		if err == nil && e.kind == tar.TypeReg {
			_, err = io.WriteString(out, e.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(out.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// What git would not pack does not come through, whoever packed it.
func TestArchiveThatIsWicked(t *testing.T) {
	t.Parallel()
	a := &archive{bounds: usualBounds}
	err := a.read(bytes.NewReader(packed(t, entry{tar.TypeReg, "top/a.md", "a"}, entry{tar.TypeReg, "top/../../etc/passwd", "x"}, entry{tar.TypeReg, "/etc/passwd", "x"},
		entry{tar.TypeReg, "top//b.md", "x"}, entry{tar.TypeReg, "top/.git/config", "x"}, entry{tar.TypeReg, "loose.md", "x"}, entry{tar.TypeReg, "top/a\\b.md", "x"},
		entry{tar.TypeSymlink, "top/link.md", "/etc/passwd"}, entry{tar.TypeLink, "top/hard.md", "top/a.md"}, entry{tar.TypeFifo, "top/pipe.md", ""})))
	if err != nil || told(a.sorted()) != "a.md=a" {
		t.Errorf("%q, %v", told(a.sorted()), err)
	}
}

func TestArchiveThatIsTooLarge(t *testing.T) {
	t.Parallel()
	three := packed(t, entry{tar.TypeReg, "top/a.md", "12345"}, entry{tar.TypeReg, "top/b.md", "12345"}, entry{tar.TypeReg, "top/c.txt", strings.Repeat("\x00", 1<<20)})
	for name, one := range map[string]struct {
		bounds
		fails bool
	}{
		"all of it":           {bounds{2 << 20, 10, 2}, false},
		"too many files":      {bounds{2 << 20, 10, 1}, true},
		"too many bytes":      {bounds{2 << 20, 9, 2}, true},
		"too much around it":  {bounds{1 << 20, 10, 2}, true},
		"too much in one":     {bounds{2 << 20, 4, 2}, true},
		"too much before any": {bounds{100, 10, 2}, true},
	} {
		a := &archive{bounds: one.bounds, want: isMarkdown}
		if err := a.read(bytes.NewReader(three)); errors.Is(err, errTooMuch) != one.fails || !one.fails && (err != nil || len(a.found) != 2) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := io.ReadAll(&bounded{Reader: strings.NewReader("12345"), left: 4}); !errors.Is(err, errTooMuch) {
		t.Error(err)
	}
}

// The token never reaches where archives are kept, and neither does what is said there reach an error.
func TestArchiveElsewhere(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"refused":    {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "token=s3cret", http.StatusForbidden) }, "403"},
		"no archive": {func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>s3cret</html>") }, "not what GitHub documents"},
		"moved again": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/?s3cret", http.StatusFound)
		}, "302"},
		"half": {func(w http.ResponseWriter, _ *http.Request) {
			all := packed(t, entry{tar.TypeReg, "top/a.md", strings.Repeat("abcdefg", 100)})
			w.Write(all[:len(all)-9])
		}, "not what GitHub documents"},
	} {
		store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" {
				t.Error("credentials were sent to where archives are kept")
			}
			one.answer(w, r)
		}))
		t.Cleanup(store.Close)
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, store.URL+"/legacy.tar.gz?token=s3cret", http.StatusFound)
		}).client(t)
		if got, err := c.Archive(t.Context(), "acme/shop", shaA, "", nil); err == nil || got != nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), one.says) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func FuzzArchive(f *testing.F) {
	f.Add([]byte{0x1f, 0x8b})
	var buf bytes.Buffer
	zipped := gzip.NewWriter(&buf)
	out := tar.NewWriter(zipped)
	out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "top/a.md", Size: 1})
	out.Write([]byte("a"))
	out.Close()
	zipped.Close()
	f.Add(buf.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		a := &archive{bounds: bounds{1 << 24, 1 << 20, 100}}
		if a.read(bytes.NewReader(data)) != nil {
			return
		}
		for _, file := range a.found {
			if pathMistake(file.Path) != "" {
				t.Errorf("%q came through", file.Path)
			}
		}
	})
}
