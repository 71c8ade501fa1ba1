package adr

import (
	"context"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
)

const (
	// bookFresh is how old what is known of a log may be before GitHub is asked whether it changed.
	bookFresh = 10 * time.Second
	// readSingly is how many changed records are read one by one; more are read as one archive.
	readSingly = 20
)

// Book is what a log holds.
type Book struct {
	Log     config.DecisionLog
	Commit  string    // of its branch
	AsOf    time.Time // when GitHub last said that it stands so
	Records []Entry   // by number, those of one number by file
	// Stale is why GitHub could not be asked now: the book is as of AsOf. Nil when it could.
	Stale error

	url   string            // of the commit, for people
	blobs map[string]string // SHA of each record's content, by its path
}

// Entry is a record of a book.
type Entry struct {
	Record
	Content []byte
	lower   string // what is searched
}

// shelf keeps the newest book of a log. One reads at a time; the others wait for what that one reads.
type shelf struct {
	mu   sync.Mutex
	book *Book
}

// Book is what a log holds now, or held when GitHub could last be asked. It is shared: nobody changes it. After a start one listing and
// one archive are read, later only what has changed. An error says that nothing is known yet.
func (s *Service) Book(ctx context.Context, log config.DecisionLog) (*Book, error) {
	kept, _ := s.books.LoadOrStore(log.Scope(), &shelf{})
	one := kept.(*shelf)
	one.mu.Lock()
	defer one.mu.Unlock()
	now := s.clock.Now()
	if one.book != nil && one.book.Stale == nil && now.Sub(one.book.AsOf) < bookFresh {
		return one.book, nil
	}
	fresh, err := s.read(ctx, log, one.book, now)
	switch {
	case err == nil:
		one.book = fresh
		return fresh, nil
	case one.book == nil || ctx.Err() != nil:
		return nil, err
	}
	stale := *one.book
	stale.Stale = err
	return &stale, nil
}

// read reads what has changed since a book was read; all of it without one.
func (s *Service) read(ctx context.Context, log config.DecisionLog, old *Book, now time.Time) (*Book, error) {
	repo := string(log.Repo)
	commit, err := s.github.Resolve(ctx, repo, log.Branch)
	if err != nil {
		return nil, err
	}
	book := &Book{Log: log, Commit: commit.SHA, AsOf: now, url: commit.URL, blobs: map[string]string{}}
	if old != nil && old.Commit == commit.SHA {
		book.Records, book.blobs = old.Records, old.blobs
		return book, nil
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
	var changed []string
	for _, f := range files {
		name := firstBelow(log.Dir, f.Path)
		if path.Join(log.Dir, name) != f.Path || !IsRecordName(name) {
			continue
		}
		book.blobs[f.Path] = f.SHA
		if e, ok := known[name]; ok && old.blobs[f.Path] == f.SHA {
			book.Records = append(book.Records, e)
		} else {
			changed = append(changed, f.Path)
		}
	}
	contents, err := s.contents(ctx, log, commit.SHA, changed)
	if err != nil {
		return nil, err
	}
	for _, file := range changed {
		book.Records = append(book.Records, entryOf(path.Base(file), contents[file]))
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
	return Entry{Record: r, Content: content, lower: strings.ToLower(r.Title + "\n" + string(content))}
}

// contents reads files at a commit: a few one by one, many as one archive.
func (s *Service) contents(ctx context.Context, log config.DecisionLog, sha string, files []string) (map[string][]byte, error) {
	out := map[string][]byte{}
	if len(files) <= readSingly {
		for _, file := range files {
			content, _, err := s.github.ReadFile(ctx, string(log.Repo), sha, file)
			if err != nil {
				return nil, err
			}
			out[file] = content
		}
		return out, nil
	}
	all, err := s.github.Archive(ctx, string(log.Repo), sha, log.Dir, func(name string) bool { return strings.HasSuffix(name, ".md") })
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		out[f.Path] = f.Content
	}
	return out, nil
}

// URL is where people read a record, as it stands in the book's commit.
func (b *Book) URL(e Entry) string {
	return strings.Replace(b.url, "/commit/", "/blob/", 1) + "/" + b.Log.Dir + "/" + e.File
}

// DirURL is where people see all records.
func (b *Book) DirURL() string {
	return strings.Replace(b.url, "/commit/", "/tree/", 1) + "/" + b.Log.Dir
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
	for n := len(b.Records) - 1; n >= 0; n-- {
		e := b.Records[n]
		title, inTitle, found := strings.ToLower(e.Title), true, true
		for _, w := range words {
			w = strings.ToLower(w)
			found = found && strings.Contains(e.lower, w)
			inTitle = inTitle && strings.Contains(title, w)
		}
		switch {
		case inTitle:
			titled = append(titled, e)
		case found:
			others = append(others, e)
		}
	}
	return append(titled, others...)
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
