package adr

import (
	"context"
	"errors"
	"path"
	"slices"

	"shipmate/config"
	"shipmate/integrations/github"
)

// old is the record with a number, to be superseded: on its branch, or in a pull request that is open.
func (s *Service) old(ctx context.Context, log config.DecisionLog, n int) (Old, error) {
	book, err := s.Book(ctx, log)
	if err != nil {
		return Old{}, err
	}
	if e, there := book.Get(n); there {
		if by := e.supersededBy(); by != 0 {
			return Old{}, &Refused{Code: Superseded, Number: n, Other: by}
		}
		return editable(Old{Number: n, Title: e.Title, File: e.File}, e.Content)
	}
	p, err := s.Numbered(ctx, log.Scope(), n)
	switch {
	case err == nil && !p.State.Ended():
		return Old{Number: n, Title: p.Title, File: path.Base(p.File)}, nil
	case err != nil && !errors.Is(err, ErrNotFound):
		return Old{}, err
	}
	log.Dir = book.Log.Dir
	pull, name, err := s.inPull(ctx, log, n)
	if err != nil {
		return Old{}, err
	}
	if name == "" {
		return Old{}, &Refused{Code: NoNumber, Number: n}
	}
	content, _, err := s.github.ReadFile(ctx, string(log.Repo), pull.Head, path.Join(log.Dir, name))
	if err != nil {
		return Old{}, err
	}
	return editable(Old{Number: n, Title: Parse(name, content).Title, File: name}, content)
}

// editable refuses a record that has no place for what supersedes it.
func editable(o Old, content []byte) (Old, error) {
	if _, err := Supersede(o.File, content, Ref{Number: MaxNumber, Title: "x", File: FileName(MaxNumber, "x")}); err != nil {
		return Old{}, &Refused{Code: NoPlace, Number: o.Number, Word: o.File}
	}
	return o, nil
}

// inPull is the open pull request that adds the record with a number, and the record's name; "" when none does.
func (s *Service) inPull(ctx context.Context, log config.DecisionLog, n int) (github.PullRequestFiles, string, error) {
	pulls, err := s.github.OpenPullRequestFiles(ctx, string(log.Repo), log.Dir)
	if err != nil {
		return github.PullRequestFiles{}, "", err
	}
	for _, pull := range pulls {
		for _, f := range pull.Files {
			name := firstBelow(log.Dir, f)
			if number, ok := NumberOf(name); ok && number == n && IsRecordName(name) {
				return pull, name, nil
			}
		}
	}
	return github.PullRequestFiles{}, "", nil
}

// supersededBy is the number of the newest decision that superseded a record; 0 when none did.
func (r Record) supersededBy() int {
	for _, l := range slices.Backward(r.Links) {
		if l.supersededBy() {
			return l.Number
		}
	}
	return 0
}

// supersededBy tells whether the link says what superseded the record, in either spelling.
func (l Link) supersededBy() bool { return l.Type == "Superseded by" || l.Type == "Superceded by" }

// refs are the superseded records as the new one names them.
func (p *Proposal) refs() []Ref {
	var out []Ref
	for _, o := range p.Supersedes {
		out = append(out, Ref(o))
	}
	return out
}

// ref is the proposal as a record that it supersedes names it.
func (p *Proposal) ref() Ref { return Ref{Number: p.Number, Title: p.Title, File: path.Base(p.File)} }

// superseding are the files of the superseded records that are on the base branch, as this one leaves them. Those that are not there
// are in pull requests of their own: see align.
func (s *Service) superseding(ctx context.Context, p *Proposal, base string) ([]github.File, error) {
	var out []github.File
	for _, o := range p.Supersedes {
		file := path.Join(p.Dir, o.File)
		content, _, err := s.github.ReadFile(ctx, p.Repo, base, file)
		if github.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		edited, err := Supersede(o.File, content, p.ref())
		if err != nil {
			return nil, err
		}
		out = append(out, github.File{Path: file, Content: edited})
	}
	return out, nil
}
