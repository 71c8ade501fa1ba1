package adr

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

const (
	// turnLook is how often one that waits for its number looks whether it is its turn, should nobody wake it.
	turnLook = 10 * time.Second
	// maxBranches bounds the branches adr/… that are looked at: one for each number.
	maxBranches = MaxNumber + 1
)

func wantsOpening(p *Proposal, now time.Time) time.Time {
	if p.State != Numbering {
		return time.Time{}
	}
	return now
}

// open gives a proposal the next number and opens its pull request. One proposal of a log has the turn at a time, from before its number
// is looked for until its pull request is there, so that a number of one that comes to nothing is free for the next: there are no gaps.
// It is the branch, of which GitHub makes one only, that decides between this and whatever else numbers records there.
func (s *Service) open(ctx context.Context, p *Proposal, now time.Time) error {
	if p.Ending != nil {
		return s.withdraw(ctx, p, now)
	}
	log, err := s.logOf(p)
	if err != nil {
		return err
	}
	if log, err = s.place(ctx, log); err != nil {
		return err
	}
	if p.Adds() {
		mine, err := s.takeTurn(ctx, p)
		if err != nil {
			return inStore(err)
		}
		if !mine {
			return &notYet{turnLook}
		}
		if p.Number == 0 {
			if p, err = s.number(ctx, p, log); err != nil {
				return err
			}
		}
	}
	number := p.Number
	made, err := s.propose(ctx, p)
	var taken *github.BranchTaken
	if errors.As(err, &taken) && p.Adds() {
		if _, err := s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error { return p.loseNumber(tx, number) }); err != nil {
			return inStore(err)
		}
		return &notYet{} // at once, for the next number
	}
	if err != nil {
		return s.letOthers(ctx, p, err)
	}
	content, _, err := s.github.ReadFile(ctx, p.Repo, made.Head, p.File)
	if err != nil && !github.IsNotFound(err) {
		return err
	}
	_, err = s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		p.Text = p.normal(path.Base(p.File), content)
		p.Pull, p.Problems = &Pull{Number: made.Number, URL: made.URL, Head: made.Head}, made.Problems
		if p.State == Numbering {
			p.State, p.Opened = Open, now.UTC()
		}
		if err := tx.Put(pullKey(p.Repo, made.Number), []byte(p.ID)); err != nil {
			return err
		}
		return s.leaveLine(tx, p)
	})
	if err == nil {
		s.wakeNext(ctx, p.Scope)
	}
	return inStore(err)
}

// withdraw ends a proposal whose pull request could not be opened. Where it is there all the same it is closed like any other.
func (s *Service) withdraw(ctx context.Context, p *Proposal, now time.Time) error {
	var there *github.PullRequestFiles
	if p.Branch != "" {
		pulls, err := s.github.OpenPullRequestFiles(ctx, p.Repo, p.Dir)
		if err != nil {
			return err
		}
		if at := slices.IndexFunc(pulls, func(pull github.PullRequestFiles) bool { return pull.Branch == p.Branch && !pull.Fork }); at >= 0 {
			there = &pulls[at]
		}
	}
	_, err := s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		if p.State != Numbering {
			return nil
		}
		if p.State, p.Ended = Closed, now.UTC(); there != nil {
			p.State, p.Opened, p.Ended = Open, now.UTC(), time.Time{}
			p.Pull = &Pull{Number: there.Number, URL: there.URL, Head: there.Head}
			if err := tx.Put(pullKey(p.Repo, there.Number), []byte(p.ID)); err != nil {
				return err
			}
		} else if err := s.announce(tx, p, nil); err != nil {
			return err
		}
		if p.Change != nil && there == nil {
			if err := tx.Delete(changeKey(p.Scope, p.Number)); err != nil {
				return err
			}
		}
		return s.leaveLine(tx, p)
	})
	if err == nil {
		s.wakeNext(ctx, p.Scope)
	}
	return inStore(err)
}

// letOthers gives the turn away, with the number kept, when somebody has to do something before the pull request can be opened: that of
// others may be fine.
func (s *Service) letOthers(ctx context.Context, p *Proposal, err error) error {
	if !p.Adds() || !github.Lasts(err) {
		return err
	}
	if err := work.Update(ctx, s.db, func(tx store.Tx) error { return s.leaveTurn(tx, p) }); err != nil {
		return inStore(err)
	}
	s.wakeNext(ctx, p.Scope)
	return err
}

// logOf is the log of a proposal as it is configured now. Where the configuration has moved it, or knows it no more, the proposal stays
// where it was asked for, in the directory that it was opened in, and its thumbs are counted by the main log's rules.
func (s *Service) logOf(p *Proposal) (config.DecisionLog, error) {
	log, ok := s.current().DecisionLog(p.Log)
	if !ok {
		if log, ok = s.current().DecisionLog(config.MainLog); !ok {
			return log, &noLog{p.Log}
		}
	}
	if log.Scope() != p.Scope {
		log.Repo, log.Look, log.Branch, log.Branches, log.Shared = config.Repo(p.Repo), strings.HasSuffix(p.Scope, ":"), p.Base, nil, p.Log != config.MainLog
	}
	log.Dir = p.Dir
	return log, nil
}

// noLog says that the configuration has no place for records any more.
type noLog struct{ name string }

func (e *noLog) Error() string { return "no log " + e.name }

// UserMessage is the sentence for people.
func (e *noLog) UserMessage() string {
	return "The configuration has no decision log any more; it waits until one is configured."
}

// takeTurn tells whether the proposal has the turn of its log now, and takes it when nobody has.
func (s *Service) takeTurn(ctx context.Context, p *Proposal) (mine bool, err error) {
	err = work.Update(ctx, s.db, func(tx store.Tx) error {
		holder, err := tx.Get(turnKey(p.Scope))
		if err != nil {
			return err
		}
		mine = holder == nil || string(holder) == p.ID
		if holder == nil {
			return tx.Put(turnKey(p.Scope), []byte(p.ID))
		}
		return nil
	})
	return mine, err
}

// leaveLine gives the turn back, and takes the proposal out of the line for it.
func (s *Service) leaveLine(tx store.Tx, p *Proposal) error {
	if err := s.leaveTurn(tx, p); err != nil {
		return err
	}
	return tx.Delete(lineKey(p))
}

func (s *Service) leaveTurn(tx store.Tx, p *Proposal) error {
	holder, err := tx.Get(turnKey(p.Scope))
	if err != nil || string(holder) != p.ID {
		return err
	}
	return tx.Delete(turnKey(p.Scope))
}

// wakeNext has the one that has waited longest look for its turn at once, of those that nothing is in the way of. It is a hint: each of them
// looks by itself, too.
func (s *Service) wakeNext(ctx context.Context, scope string) {
	next := ""
	_ = s.db.View(ctx, func(snap store.Snapshot) error {
		next = ""
		for key := range snap.Scan(lineOf(scope), "") {
			parts, err := store.Parts(key)
			if err != nil {
				return err
			}
			p, err := loadProposal(snap, parts[len(parts)-1])
			if err != nil {
				return err
			}
			if p.Hitches[deedOpen].Next.IsZero() {
				next = p.ID
				return nil
			}
		}
		return nil
	})
	if next != "" {
		_ = s.db.Update(ctx, func(tx store.Tx) error { return work.Wake(tx, Proposals, next, time.Time{}) })
	}
}

// number looks for the next number, which is above everything that has one, and writes it down.
func (s *Service) number(ctx context.Context, p *Proposal, log config.DecisionLog) (*Proposal, error) {
	next, err := s.free(ctx, p, log)
	if err != nil {
		return nil, err
	}
	p, err = s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		if p.State != Numbering || p.Number != 0 {
			return nil
		}
		n, err := s.reserve(tx, p, next)
		if err != nil || n > MaxNumber {
			return err
		}
		p.Number, p.Branch, p.Dir = n, branchOf(log, n), log.Dir
		p.File = path.Join(p.Dir, FileName(n, p.Title))
		return nil
	})
	switch {
	case err != nil:
		return nil, inStore(err)
	case p.Number == 0:
		return nil, &full{}
	}
	return p, nil
}

// free is the lowest number that nothing on GitHub has or is beyond.
func (s *Service) free(ctx context.Context, p *Proposal, log config.DecisionLog) (int, error) {
	names, err := s.numbered(ctx, log)
	if err != nil {
		return 0, err
	}
	next, err := NextNumber(names)
	if errors.Is(err, ErrFull) {
		return 0, &full{}
	}
	return max(next, p.Floor+1), err
}

// reserve gives a proposal the first number from one on that nobody was given: what was numbered and closed is in the store alone.
func (s *Service) reserve(tx store.Tx, p *Proposal, n int) (int, error) {
	for ; n <= MaxNumber; n++ {
		holder, err := tx.Get(numberKey(p.Scope, n))
		if err != nil {
			return 0, err
		}
		if holder == nil || string(holder) == p.ID {
			return n, tx.Put(numberKey(p.Scope, n), []byte(p.ID))
		}
	}
	return n, nil
}

// full says that a log has no number left.
type full struct{}

func (*full) Error() string { return "no number left" }

// UserMessage is the sentence for people.
func (*full) UserMessage() string {
	return fmt.Sprintf("There is no number left: other tools read four digits, and %d is taken. Begin a new directory in adr.logs.", MaxNumber)
}

// loseNumber gives a number up that somebody else's branch has, unless it has another one by now.
func (p *Proposal) loseNumber(tx store.Tx, number int) error {
	if p.Pull != nil || p.Number != number {
		return nil
	}
	if err := p.release(tx); err != nil {
		return err
	}
	p.Floor, p.Number, p.Branch, p.File, p.Attempts = number, 0, "", "", 0
	return nil
}

// release has its number belong to it no more.
func (p *Proposal) release(tx store.Tx) error {
	holder, err := tx.Get(numberKey(p.Scope, p.Number))
	if err != nil || string(holder) != p.ID {
		return err
	}
	return tx.Delete(numberKey(p.Scope, p.Number))
}

// branchOf is the branch of a number: by the number only, so that two titles fight for the same name.
func branchOf(log config.DecisionLog, n int) string { return branchesOf(log) + fmt.Sprintf("%04d", n) }

func branchesOf(log config.DecisionLog) string {
	if log.Shared {
		return "adr/" + log.Name + "/"
	}
	return "adr/"
}

// numbered are the names of everything that has a number in a log: entries of its directory on all branches that live long, branches of
// proposals, and files of open pull requests. One of them that cannot be read is an error: no number is given then.
func (s *Service) numbered(ctx context.Context, log config.DecisionLog) ([]string, error) {
	repo := string(log.Repo)
	var names []string
	for _, branch := range append([]string{log.Branch}, log.Branches...) {
		commit, err := s.github.Resolve(ctx, repo, branch)
		if err != nil {
			return nil, err
		}
		files, err := s.github.ListFiles(ctx, repo, commit.SHA, log.Dir)
		if err != nil && !github.IsNotFound(err) { // a log without its directory has no records yet
			return nil, err
		}
		for _, f := range files {
			names = append(names, firstBelow(log.Dir, f.Path))
		}
	}
	branches, err := s.github.Branches(ctx, repo, branchesOf(log), maxBranches)
	if err != nil {
		return nil, err
	}
	for _, b := range branches {
		name, _, _ := strings.Cut(strings.TrimPrefix(b, branchesOf(log)), "/") // those of another log are below its name
		names = append(names, name)
	}
	pulls, err := s.github.OpenPullRequestFiles(ctx, repo, log.Dir)
	if err != nil {
		return nil, err
	}
	for _, pull := range pulls {
		for _, f := range pull.Files {
			names = append(names, firstBelow(log.Dir, f))
		}
	}
	return names, nil
}

// firstBelow is the entry of a directory that a path goes through.
func firstBelow(dir, file string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(file, dir+"/"), "/")
	return name
}
