package adr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
)

// statusContext is the name under which a pull request is told whether its records are right.
const statusContext = "shipmate/decisions"

// contextOf is that of a log: a repository may hold several.
func contextOf(log config.DecisionLog) string {
	if log.Name == config.MainLog {
		return statusContext
	}
	return statusContext + "/" + log.Name
}

// maxExamined is how many records of one pull request are read; one with more is told that it is too large.
const maxExamined = 50

// Problem is something wrong with a record in a pull request.
type Problem struct {
	File string `json:"file"` // its name in the directory
	Text string `json:"text"` // one sentence that says what clears it
	// Taken says that its number belongs to another record: it is cleared by renumbering.
	Taken bool `json:"taken,omitempty"`
}

// examined is a log as pull requests are judged by.
type examined struct {
	log   config.DecisionLog
	book  *Book
	pulls []github.PullRequestFiles

	numbered map[int][]int // the pull requests that add a record with a number
}

// seen reads a log, whose directory it fills in, and its open pull requests.
func (s *Service) seen(ctx context.Context, log config.DecisionLog) (examined, error) {
	book, err := s.Book(ctx, log)
	if err != nil {
		return examined{}, err
	}
	if book.Stale != nil {
		return examined{}, book.Stale
	}
	log.Dir = book.Log.Dir
	pulls, err := s.github.OpenPullRequestFiles(ctx, string(log.Repo), log.Dir)
	all := examined{log, book, pulls, map[int][]int{}}
	for _, pull := range pulls {
		for _, name := range recordNames(log, pull.Files) {
			if n, ok := NumberOf(name); ok {
				all.numbered[n] = append(all.numbered[n], pull.Number)
			}
		}
	}
	return all, err
}

// examine says what is wrong with the records of a proposal's pull request at its newest commit, and tells GitHub.
func (s *Service) examine(ctx context.Context, log config.DecisionLog, p *Proposal, head string) ([]Problem, error) {
	s.anew(log) // it is about to be merged
	all, err := s.seen(ctx, log)
	switch {
	case err != nil:
		return nil, err
	case all.log.Dir != p.Dir:
		return nil, &moved{p.Name(), p.Dir, all.log.Dir}
	}
	at := slices.IndexFunc(all.pulls, func(pull github.PullRequestFiles) bool { return pull.Number == p.Pull.Number })
	if at < 0 || all.pulls[at].Head != head {
		return nil, &notYet{lookSoon} // GitHub does not list it as it stands yet
	}
	return s.judge(ctx, all, all.pulls[at])
}

// judge says what is wrong with the records of a pull request, and tells GitHub what it found.
func (s *Service) judge(ctx context.Context, all examined, pull github.PullRequestFiles) ([]Problem, error) {
	found, err := s.problems(ctx, all, pull)
	if err != nil {
		return nil, err
	}
	says := github.CommitStatus{Repo: string(all.log.Repo), SHA: pull.Head, Context: contextOf(all.log), State: "success",
		Description: "Its number is free, its format is right, and older records stand as they were."}
	if len(found) > 0 {
		says.State, says.Description = "failure", found[0].File+": "+found[0].Text
		if len(found) > 1 {
			says.Description = fmt.Sprintf("%d problems. %s", len(found), says.Description)
		}
	}
	return found, s.github.EnsureCommitStatus(ctx, says)
}

// problems are all that is wrong with what a pull request does to a log.
func (s *Service) problems(ctx context.Context, all examined, pull github.PullRequestFiles) ([]Problem, error) {
	own, err := s.made(ctx, all.log, pull)
	if err != nil {
		return nil, err
	}
	if own != nil && own.Scope != all.log.Scope() {
		own = nil // here it is a pull request like any other
	}
	out, err := s.undecided(ctx, all.log, own, pull)
	if err != nil {
		return nil, err
	}
	names := recordNames(all.log, slices.Concat(pull.Files, pull.Changed))
	if len(names) > maxExamined {
		return []Problem{{File: names[0], Text: fmt.Sprintf("One pull request changes at most %d records; make several of it.", maxExamined)}}, nil
	}
	for _, name := range names {
		file := path.Join(all.log.Dir, name)
		after, _, err := s.github.ReadFile(ctx, string(all.log.Repo), pull.Head, file)
		gone := github.IsNotFound(err)
		if err != nil && !gone {
			return nil, err
		}
		before, was := all.book.named(name)
		switch {
		case gone && was:
			out = append(out, Problem{File: name, Text: "A record stays where it is; supersede it instead of removing or renaming it."})
		case gone:
		case was && own.rejects() && own.brings(before.Number) && !bytes.Equal(before.Content, after):
			out = append(out, Problem{File: name, Text: "What would have superseded it is rejected; take this out of the pull request."})
		case was:
			if err := AppendOnly(name, before.Content, after); err != nil {
				out = append(out, Problem{File: name, Text: err.Error()})
			}
		default:
			taken, err := s.taken(ctx, all, pull, name, own)
			if err != nil {
				return nil, err
			}
			if taken != nil {
				out = append(out, *taken)
			}
			out = append(out, all.lint(name, after)...)
		}
	}
	return out, nil
}

// lint says what is wrong with one new record by itself, beside those that it names, which may be in other pull requests. Whether those
// know of it is not asked: they say so in the end.
func (a examined) lint(name string, content []byte) []Problem {
	files := map[string][]byte{name: content}
	for _, l := range Parse(name, content).Links {
		if e, there := a.book.named(l.File); there {
			files[e.File] = e.Content
		}
	}
	for _, pull := range a.pulls {
		for _, other := range recordNames(a.log, pull.Files) {
			if _, there := files[other]; !there {
				files[other] = nil
			}
		}
	}
	var out []Problem
	for _, f := range Lint(files) {
		if f.File == name && f.Severity == SeverityError && f.Rule != RuleCounterpart && f.Rule != RuleDuplicate {
			out = append(out, Problem{File: name, Text: f.Text})
		}
	}
	return out
}

// made is the proposal with a pull request, also while that does not know it yet; nil when somebody else made it.
func (s *Service) made(ctx context.Context, log config.DecisionLog, pull github.PullRequestFiles) (*Proposal, error) {
	p, err := s.OfPull(ctx, string(log.Repo), pull.Number)
	if p != nil || err != nil || pull.Fork {
		return p, err
	}
	n, err := strconv.Atoi(strings.TrimPrefix(pull.Branch, branchesOf(log)))
	if err != nil {
		return nil, nil
	}
	p, err = s.Numbered(ctx, log.Scope(), n)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case p.Pull != nil || p.Branch != pull.Branch:
		return nil, nil
	}
	return p, nil
}

// undecided is what a proposal's pull request holds that nobody decides by thumbs: they are for one record. Nil for one of somebody else.
func (s *Service) undecided(ctx context.Context, log config.DecisionLog, p *Proposal, pull github.PullRequestFiles) ([]Problem, error) {
	if p == nil {
		return nil, nil
	}
	base, err := s.baseOf(ctx, log)
	if err != nil {
		return nil, err
	}
	var out []Problem
	if pull.Base != base {
		out = append(out, Problem{File: path.Base(p.File), Text: fmt.Sprintf("The pull request goes to %s, and decisions are on %s.", pull.Base, base)})
	}
	decided := []string{p.File}
	if p.Next != 0 {
		decided = append(decided, renamed(p))
	}
	for _, o := range p.Supersedes {
		decided = append(decided, path.Join(p.Dir, o.File))
	}
	for _, file := range slices.Concat(pull.Files, pull.Changed, pull.Others) {
		if !slices.Contains(decided, file) {
			out = append(out, Problem{File: file, Text: "Thumbs are for the record alone; take this out of the pull request."})
		}
	}
	return out, nil
}

// baseOf is the branch that the records of a log are on.
func (s *Service) baseOf(ctx context.Context, log config.DecisionLog) (string, error) {
	if log.Branch != "" {
		return log.Branch, nil
	}
	return s.github.DefaultBranch(ctx, string(log.Repo))
}

// taken says whether the number of a record that a pull request adds belongs to somebody else: to a record on the base branch, to a
// proposal that was given it, or to a pull request that was opened before.
func (s *Service) taken(ctx context.Context, all examined, pull github.PullRequestFiles, name string, own *Proposal) (*Problem, error) {
	n, ok := NumberOf(name)
	if !ok || own.brings(n) && !own.rejects() {
		return nil, nil
	}
	if e, there := all.book.Get(n); there {
		return &Problem{File: name, Taken: true, Text: fmt.Sprintf("Its number is taken by %s; give it %s.", e.File, s.nextIn(ctx, all))}, nil
	}
	p, err := s.Numbered(ctx, all.log.Scope(), n)
	switch {
	case err == nil && (own == nil || own.ID != p.ID) && p.Adds():
		return &Problem{File: name, Taken: true, Text: fmt.Sprintf("Its number was given to another proposal, %q; give it %s.", p.Title, s.nextIn(ctx, all))}, nil
	case err == nil:
		return nil, nil
	case !errors.Is(err, ErrNotFound):
		return nil, err
	}
	if first := slices.Min(append(slices.Clone(all.numbered[n]), pull.Number)); first < pull.Number {
		return &Problem{File: name, Taken: true, Text: fmt.Sprintf("Its number is taken by pull request #%d; give it %s.", first, s.nextIn(ctx, all))}, nil
	}
	return nil, nil
}

// brings tells whether a proposal brings the record with a number along, as superseded.
func (p *Proposal) brings(n int) bool {
	return p != nil && slices.ContainsFunc(p.Supersedes, func(o Old) bool { return o.Number == n })
}

// rejects tells whether a proposal is to be recorded as rejected.
func (p *Proposal) rejects() bool { return p != nil && p.Ending != nil && p.Ending.Record }

// nextIn is the next number of a log that is free as far as is known here, in words.
func (s *Service) nextIn(ctx context.Context, all examined) string {
	next := 1
	for n := range all.numbered {
		next = max(next, n+1)
	}
	for _, e := range all.book.Records {
		next = max(next, e.Number+1)
	}
	_ = s.db.View(ctx, func(snap store.Snapshot) error { // it is advice
		for ; ; next++ {
			if given, err := snap.Get(numberKey(all.log.Scope(), next)); given == nil || err != nil {
				return err
			}
		}
	})
	if next > MaxNumber {
		return "another directory"
	}
	return fmt.Sprintf("%04d", next)
}

// recordNames are the records of a log among the files that a pull request changes, by their names.
func recordNames(log config.DecisionLog, files []string) []string {
	var out []string
	for _, f := range files {
		name := strings.TrimPrefix(f, log.Dir+"/")
		if name != f && !strings.Contains(name, "/") && IsRecordName(name) {
			out = append(out, name)
		}
	}
	return out
}

// named is the record with a file name.
func (b *Book) named(file string) (Entry, bool) {
	at := slices.IndexFunc(b.Records, func(e Entry) bool { return e.File == file })
	if at < 0 {
		return Entry{}, false
	}
	return b.Records[at], true
}
