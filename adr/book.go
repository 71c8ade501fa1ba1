package adr

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"shipmate/config"
	"shipmate/integrations/github"
)

const (
	// bookFresh is how old what is known of a log may be before GitHub is asked whether it changed.
	bookFresh = 10 * time.Second
	// bookPatience is how long one read of a log may take: a call with its repetitions, or an archive, many times over, and less than a step.
	bookPatience = 90 * time.Second
	// readSingly is how many changed records are read one by one; more are read as one archive.
	readSingly = 20
	// mendSingly is how many records are read one by one that an archive leaves out or changes.
	mendSingly = 500
)

// Book is what a log holds.
type Book struct {
	Log     config.DecisionLog // with the directory that its records are in
	Commit  string             // of its branch
	AsOf    time.Time          // when GitHub last said that it stands so
	Records []Entry            // by number, those of one number by file
	// Page is where people see the commit.
	Page string
	// Stale is why GitHub could not be asked now: the book is as of AsOf. Nil when it could.
	Stale error

	blobs map[string]string // SHA of each record's content, by its path
	over  bool              // something was merged since
}

// Entry is a record of a book. Its Sections are left out, since they stand in Content: Parse reads them.
type Entry struct {
	Record
	Content []byte

	text  string // what is searched: the title and the content, folded
	title int    // how much of that is the title
}

// Book is what a log holds now, or held when GitHub could last be asked. It is shared: nobody changes it. After a start one listing and
// one archive are read, later only what has changed, and nothing within ten seconds. Those who ask at once wait for one read together. An
// error says that nothing is known yet.
func (s *Service) Book(ctx context.Context, log config.DecisionLog) (*Book, error) {
	if known := s.known(log); known != nil && s.fresh(known) {
		return known, nil
	}
	reading := s.reads.DoChan(shelf(log), func() (any, error) {
		old := s.known(log)
		if old != nil && s.fresh(old) { // somebody has read it meanwhile
			return old, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bookPatience) // it is everybody's read, whoever goes away
		defer cancel()
		book, err := s.read(ctx, log, old, s.clock.Now())
		if err != nil {
			return nil, err
		}
		s.books.Store(shelf(log), book)
		return book, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case done := <-reading:
		if done.Err == nil {
			return done.Val.(*Book), nil
		}
		known := s.known(log)
		if known == nil {
			return nil, done.Err
		}
		stale := *known
		stale.Stale = done.Err
		return &stale, nil
	}
}

// shelf names the place of a log's newest book.
func shelf(log config.DecisionLog) string { return log.Scope() + "@" + log.Branch }

// known is the newest book of a log; nil before the first.
func (s *Service) known(log config.DecisionLog) *Book {
	kept, _ := s.books.Load(shelf(log))
	book, _ := kept.(*Book)
	return book
}

func (s *Service) fresh(b *Book) bool { return !b.over && s.clock.Now().Sub(b.AsOf) < bookFresh }

// anew has the book of a log read anew for whoever asks next.
func (s *Service) anew(log config.DecisionLog) {
	if known := s.known(log); known != nil {
		book := *known
		book.over = true
		s.books.Store(shelf(log), &book)
	}
}

// read reads what has changed since a book was read; all of it without one.
func (s *Service) read(ctx context.Context, log config.DecisionLog, old *Book, now time.Time) (*Book, error) {
	repo := string(log.Repo)
	commit, err := s.github.Resolve(ctx, repo, log.Branch)
	if err != nil {
		return nil, err
	}
	book := &Book{Log: log, Commit: commit.SHA, AsOf: now, Page: commit.URL, blobs: map[string]string{}}
	if old != nil && old.Commit == commit.SHA {
		book.Log.Dir, book.Records, book.blobs = old.Log.Dir, old.Records, old.blobs
		return book, nil
	}
	if log.Look {
		if log.Dir, err = s.findDir(ctx, log, commit.SHA); err != nil {
			return nil, err
		}
		book.Log.Dir = log.Dir
	}
	files, err := s.github.ListFiles(ctx, repo, commit.SHA, log.Dir)
	if err != nil && !github.IsNotFound(err) { // a log without its directory has no records yet
		return nil, err
	}
	known := map[string]Entry{}
	if old != nil {
		for _, e := range old.Records {
			known[e.File] = e
		}
	}
	changed := map[string]string{} // SHAs by path
	for _, f := range files {
		name := firstBelow(log.Dir, f.Path)
		if path.Join(log.Dir, name) != f.Path || !IsRecordName(name) {
			continue
		}
		book.blobs[f.Path] = f.SHA
		if e, ok := known[name]; ok && old.blobs[f.Path] == f.SHA {
			book.Records = append(book.Records, e)
		} else {
			changed[f.Path] = f.SHA
		}
	}
	contents, err := s.contents(ctx, log, commit.SHA, changed)
	if err != nil {
		return nil, err
	}
	for file, content := range contents {
		book.Records = append(book.Records, entryOf(path.Base(file), content))
	}
	slices.SortFunc(book.Records, func(a, b Entry) int {
		if a.Number != b.Number {
			return a.Number - b.Number
		}
		return strings.Compare(a.File, b.File)
	})
	return book, nil
}

func entryOf(name string, content []byte) Entry {
	r := Parse(name, content)
	// What is kept of it is copied, so that nothing holds the whole page a second time.
	r.Title, r.Date, r.Links, r.Sections = strings.Clone(r.Title), strings.Clone(r.Date), slices.Clone(r.Links), nil
	for n, l := range r.Links {
		r.Links[n] = Link{Type: strings.Clone(l.Type), Number: l.Number, File: strings.Clone(l.File)}
	}
	title := folded(r.Title)
	return Entry{Record: r, Content: bytes.Clone(content), text: title + "\n" + folded(string(content)), title: len(title)}
}

// folded is a text as it is searched: small letters, and one way of writing each that has a mark (Unicode Standard Annex 15, NFC), since
// some keyboards and file systems send the mark by itself.
func folded(text string) string { return strings.ToLower(norm.NFC.String(text)) }

func foldedAll(words []string) []string {
	out := make([]string, len(words))
	for n, w := range words {
		out[n] = folded(w)
	}
	return out
}

// contents reads files at a commit, of which it is given the SHAs by path: a few one by one, many as one archive. What .gitattributes leaves out of archives, or
// has changed in them, is found by its SHA and read by itself.
func (s *Service) contents(ctx context.Context, log config.DecisionLog, commit string, files map[string]string) (map[string][]byte, error) {
	out := map[string][]byte{}
	if len(files) > readSingly {
		all, err := s.github.Archive(ctx, string(log.Repo), commit, log.Dir, func(name string) bool { return files[name] != "" })
		if err != nil {
			return nil, err
		}
		for _, f := range all {
			if content, same := unchanged(f.Content, files[f.Path]); same {
				out[f.Path] = content
			}
		}
		if left := len(files) - len(out); left > mendSingly {
			return nil, &notPacked{string(log.Repo), left}
		}
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if _, there := out[file]; there {
			continue
		}
		content, _, err := s.github.ReadFile(ctx, string(log.Repo), commit, file)
		if err != nil {
			return nil, err
		}
		out[file] = content
	}
	return out, nil
}

// unchanged is the content with that SHA which an archive has as content: what eol=crlf did to it is undone.
func unchanged(content []byte, sha string) (was []byte, same bool) {
	if github.BlobSHA(content) == sha {
		return content, true
	}
	was = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	return was, github.BlobSHA(was) == sha
}

// notPacked says that too much is not in the archive as it is in the repository.
type notPacked struct {
	repo string
	many int
}

func (e *notPacked) Error() string { return fmt.Sprintf("%d records are not in the archive", e.many) }

// UserMessage is the sentence for people.
func (e *notPacked) UserMessage() string {
	return fmt.Sprintf("The file .gitattributes of %s leaves %d decisions out of archives, or changes them there, which is more than Shipmate reads one by one; remove export-ignore and export-subst for them.",
		e.repo, e.many)
}

// URL is where people read a record, as it stands in the book's commit.
func (b *Book) URL(e Entry) string {
	return b.at("blob", path.Join(b.Log.Dir, e.File))
}

// DirURL is where people see all records.
func (b *Book) DirURL() string { return b.at("tree", b.Log.Dir) }

func (b *Book) at(what, file string) string {
	return strings.Replace(b.Page, "/commit/", "/"+what+"/", 1) + "/" + (&url.URL{Path: file}).EscapedPath()
}

// Get is the record with a number; the first of several.
func (b *Book) Get(number int) (Entry, bool) {
	at, ok := slices.BinarySearchFunc(b.Records, number, func(e Entry, n int) int { return e.Number - n })
	if !ok {
		return Entry{}, false
	}
	return b.Records[at], true
}

// Search finds the records in which all of the words stand, in any case: those that have them in the title first, each group with the
// newest first. Without words it is all of them.
func (b *Book) Search(words []string) []Entry {
	var titled, others []Entry
	words = foldedAll(words)
	for n := len(b.Records) - 1; n >= 0; n-- {
		e := b.Records[n]
		switch {
		case hasAll(e.text[:e.title], words):
			titled = append(titled, e)
		case hasAll(e.text, words):
			others = append(others, e)
		}
	}
	return append(titled, others...)
}

func hasAll(text string, folded []string) bool {
	return !slices.ContainsFunc(folded, func(w string) bool { return !strings.Contains(text, w) })
}

// With are the records of a status, the newest first.
func (b *Book) With(status Status) []Entry {
	var out []Entry
	for n := len(b.Records) - 1; n >= 0; n-- {
		if b.Records[n].Status == status {
			out = append(out, b.Records[n])
		}
	}
	return out
}
