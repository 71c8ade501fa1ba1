package githubtest

import (
	"cmp"
	"fmt"
	"time"
)

// LaptopPR is a pull request that somebody opens with git and the web page, without any bot.
type LaptopPR struct {
	Author string
	Title  string // also of its commit
	Body   string
	Files  Files  // what it changes
	Branch string // patch-1 and so on when empty, as GitHub's editor calls it
	Base   string // the default branch when empty
	Fork   bool   // from the author's own copy of the repository, which has its own branches
	Draft  bool
}

// OpenFromLaptop opens a pull request with one commit on a branch of its own, and returns its number.
func (r *Repo) OpenFromLaptop(p LaptopPR) int {
	var n int
	r.change(func(d *repo) {
		at, by := r.when(), r.s.mustAccount(p.Author)
		base, branch := cmp.Or(p.Base, d.DefaultBranch), cmp.Or(p.Branch, d.patchName(p))
		sha := r.s.commitFiles(d, d.must(base), by, p.Title, p.Files, at)
		pull := &pull{ID: r.s.w.id(), HeadRef: branch, HeadSHA: sha, BaseRef: base, BaseSHA: d.must(base), Draft: p.Draft}
		if p.Fork {
			pull.Fork = by.Login
		} else {
			if d.Git.Refs["refs/heads/"+branch] != "" {
				panic(fmt.Sprintf("githubtest: %s has a branch %q already", r.name, branch))
			}
			r.s.pushed(d, "refs/heads/"+branch, sha, by.Login, at)
		}
		n = r.s.openPull(d, p.Title, p.Body, by.Login, nil, pull, at).Number
	})
	return n
}

// patchName is a free name for a branch, as GitHub's editor makes them.
func (d *repo) patchName(p LaptopPR) string {
	if p.Fork {
		return fmt.Sprintf("patch-%d", len(d.Issues)+1)
	}
	for n := 1; ; n++ {
		if name := fmt.Sprintf("%s-patch-%d", p.Author, n); d.Git.Refs["refs/heads/"+name] == "" {
			return name
		}
	}
}

// PushTo adds a commit to the branch of an open pull request, as somebody who works on it does, and returns its SHA.
func (r *Repo) PushTo(number int, by, message string, files Files) string {
	var branch, sha string
	r.change(func(d *repo) {
		i := d.mustPull(number)
		if branch = i.PR.HeadRef; i.PR.Fork != "" {
			sha = r.s.pushToFork(d, i, r.s.mustAccount(by), message, files, r.when())
		}
	})
	if sha != "" {
		return sha
	}
	return r.Commit(branch, by, message, files)
}

func (s *Server) pushToFork(d *repo, i *issue, by *account, message string, files Files, at time.Time) string {
	sha := s.commitFiles(d, i.PR.HeadSHA, by, message, files, at)
	s.advance(d, i, sha, by.Login, at)
	return sha
}

// Ready marks a draft as ready for review, as its author does on its page.
func (r *Repo) Ready(number int) {
	r.change(func(d *repo) {
		i := d.mustPull(number)
		i.PR.Draft, i.Updated = false, r.when()
	})
}
