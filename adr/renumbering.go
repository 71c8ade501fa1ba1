package adr

import (
	"context"
	"path"
	"slices"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
)

// Renumber writes down that a proposal is to get the next free number instead of its own, which somebody else has. The thumbs it has
// stay: they are for what it says.
func (s *Service) Renumber(ctx context.Context, request, id string, at time.Time) (*Proposal, error) {
	return s.change(ctx, id, func(tx store.Tx, p *Proposal) error {
		done, err := store.Create(tx, askedKey(request), id)
		switch {
		case err != nil || !done:
			return err
		case p.State != Open || !p.Adds():
			return &Refused{Code: Ended, Proposal: p}
		case !p.Taken():
			return &Refused{Code: NotTaken, Proposal: p}
		}
		p.Renumber = true
		p.moved(at)
		return s.wake(tx, p.ID)
	})
}

// Taken tells whether its number belongs to another record.
func (p *Proposal) Taken() bool {
	return slices.ContainsFunc(p.Found, func(f Problem) bool { return f.Taken })
}

// AdoptWant is somebody having Shipmate look after a pull request that was opened by hand.
type AdoptWant struct {
	Request  string
	At       time.Time
	By       string // Slack ID
	Channel  string
	Log      string // its name
	Pull     int
	Renumber bool // because its number is taken
}

// Adopt makes a proposal of a pull request that somebody opened by hand and that adds one record: people decide it like any other. It
// returns the one that is there when it is one already.
func (s *Service) Adopt(ctx context.Context, w AdoptWant) (*Proposal, error) {
	log, err := s.Log(w.Log)
	if err != nil {
		return nil, err
	}
	all, err := s.seen(ctx, log)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all.pulls, func(p github.PullRequestFiles) bool { return p.Number == w.Pull })
	if at < 0 {
		return nil, &Refused{Code: NoPull, Number: w.Pull}
	}
	pull := all.pulls[at]
	var added []string
	for _, name := range recordNames(all.log, pull.Files) {
		if _, there := all.book.named(name); !there {
			added = append(added, name)
		}
	}
	switch {
	case len(added) != 1:
		return nil, &Refused{Code: NotOne, Number: w.Pull}
	case pull.Fork:
		return nil, &Refused{Code: FromFork, Number: w.Pull}
	}
	found, err := s.judge(ctx, all, pull)
	if err != nil {
		return nil, err
	}
	planned, err := s.adopted(ctx, all.log, pull, added[0], w)
	if err != nil {
		return nil, err
	}
	planned.Found, planned.Renumber = found, w.Renumber && slices.ContainsFunc(found, func(f Problem) bool { return f.Taken })
	return s.keep(ctx, planned)
}

// adopted is the proposal that a pull request becomes. It is its author's, where somebody is known to be that, else of whoever adopts it.
func (s *Service) adopted(ctx context.Context, log config.DecisionLog, pull github.PullRequestFiles, name string, w AdoptWant) (*Proposal, error) {
	content, _, err := s.github.ReadFile(ctx, string(log.Repo), pull.Head, path.Join(log.Dir, name))
	if err != nil {
		return nil, err
	}
	n, _ := NumberOf(name)
	p := &Proposal{ID: ProposalID(w.Request), Request: w.Request, Stage: 1, State: Open, By: w.By, Channel: w.Channel, Created: w.At.UTC(), Opened: w.At.UTC(), Adopted: true,
		Log: log.Name, Scope: log.Scope(), Repo: string(log.Repo), Dir: log.Dir, Base: log.Branch, Number: n, Branch: pull.Branch, File: path.Join(log.Dir, name),
		Title: Parse(name, content).Title, Draft: pull.Draft, Pull: &Pull{Number: pull.Number, URL: pull.URL, Head: pull.Head}, Text: Normal(name, content)}
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		person, err := s.people.OnGitHub(snap, pull.Author)
		if person != "" {
			p.By = person
		}
		return err
	})
	if zone, err := s.people.Zone(ctx, p.By); err == nil {
		p.Zone = zone.String()
	}
	return p, err
}

// keep writes an adopted proposal, unless its pull request is one already.
func (s *Service) keep(ctx context.Context, planned *Proposal) (*Proposal, error) {
	p := planned
	err := s.db.Update(ctx, func(tx store.Tx) error {
		id, err := tx.Get(pullKey(planned.Repo, planned.Pull.Number))
		if err != nil {
			return err
		}
		if id != nil {
			p, err = loadProposal(tx, string(id))
			return err
		}
		p = planned
		if err := tx.Put(pullKey(p.Repo, p.Pull.Number), []byte(p.ID)); err != nil {
			return err
		}
		if !p.Taken() {
			if err := tx.Put(numberKey(p.Scope, p.Number), []byte(p.ID)); err != nil {
				return err
			}
		}
		if err := s.saveProposal(tx, p); err != nil {
			return err
		}
		return s.wake(tx, p.ID)
	})
	return p, err
}

func wantsRenumbering(p *Proposal, now time.Time) time.Time {
	if p.State != Open || !p.Renumber {
		return time.Time{}
	}
	return now
}

// renumber gives a proposal another number: it is reserved, a commit renames the record, and the pull request says so. Nothing is pushed
// by force, so that what people said of its commits stays.
func (s *Service) renumber(ctx context.Context, p *Proposal, now time.Time) error {
	log, err := s.logOf(p)
	if err != nil {
		return err
	}
	mine, err := s.takeTurn(ctx, p)
	switch {
	case err != nil:
		return inStore(err)
	case !mine:
		return &notYet{turnLook}
	}
	if p.Next == 0 {
		if p, err = s.nextNumber(ctx, p, log); err != nil {
			return err
		}
	}
	stands, err := s.github.PullRequestState(ctx, p.Repo, p.Pull.Number)
	if err != nil {
		return err
	}
	if stands.State != "open" {
		return s.end(ctx, p, stands, now)
	}
	if err := s.rename(ctx, p, stands); err != nil {
		return err
	}
	_, err = s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		if err := s.settleNumber(tx, p, true); err != nil {
			return err
		}
		return s.wake(tx, p.ID)
	})
	if err == nil {
		s.wakeNext(ctx, p.Scope)
	}
	return inStore(err)
}

// settleNumber ends the renumbering of a proposal, whose record is renamed by now or never will be.
func (s *Service) settleNumber(tx store.Tx, p *Proposal, isRenamed bool) error {
	if !p.Renumber {
		return nil
	}
	if p.Next != 0 && isRenamed {
		if err := p.release(tx); err != nil {
			return err
		}
		p.Former = append(p.Former, p.File)
		p.Number, p.File = p.Next, renamed(p)
	} else if p.Next != 0 {
		if err := tx.Delete(numberKey(p.Scope, p.Next)); err != nil {
			return err
		}
	}
	p.Renumber, p.Next, p.Found = false, 0, nil
	return s.leaveLine(tx, p)
}

func (s *Service) nextNumber(ctx context.Context, p *Proposal, log config.DecisionLog) (*Proposal, error) {
	next, err := s.free(ctx, p, log)
	if err != nil {
		return nil, err
	}
	p, err = s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		if p.Next != 0 || !p.Renumber {
			return nil
		}
		n, err := s.reserve(tx, p, max(next, p.Number+1))
		if err == nil && n <= MaxNumber {
			p.Next = n
		}
		return err
	})
	switch {
	case err != nil:
		return nil, inStore(err)
	case p.Next == 0:
		return nil, &full{}
	}
	return p, nil
}

// isRenamed tells whether a proposal's record has its next number in a commit.
func (s *Service) isRenamed(ctx context.Context, p *Proposal, sha string) (bool, error) {
	if p.Next == 0 {
		return false, nil
	}
	_, _, err := s.github.ReadFile(ctx, p.Repo, sha, renamed(p))
	if github.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// renamed is the file of a proposal that gets its next number; the rest of its name stays.
func renamed(p *Proposal) string {
	file, _ := Renumber(p.File, nil, p.Next)
	return file
}

// rename commits the record under its new number, with what names it in the records that it supersedes, and has the pull request say so.
func (s *Service) rename(ctx context.Context, p *Proposal, stands github.PullState) error {
	was, to := path.Base(p.File), path.Base(renamed(p))
	content, _, err := s.github.ReadFile(ctx, p.Repo, stands.Head, p.File)
	if err != nil {
		if github.IsNotFound(err) { // it is renamed already
			return s.retitle(ctx, p)
		}
		return err
	}
	_, renumbered := Renumber(was, content, p.Next)
	changes := []github.FileChange{{Path: renamed(p), From: p.File, Content: renumbered}}
	for _, o := range p.Supersedes {
		file := path.Join(p.Dir, o.File)
		old, _, err := s.github.ReadFile(ctx, p.Repo, stands.Head, file)
		if github.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		changes = append(changes, github.FileChange{Path: file, Content: Relink(old, was, to, p.Next)})
	}
	next := *p
	next.Number = p.Next
	_, err = s.github.EnsureCommit(ctx, github.NewCommit{Repo: p.Repo, Branch: p.Branch, Head: stands.Head, Changes: changes,
		Message: "Renumber " + p.Name() + " to " + next.Name(), Request: p.ID + "-number-" + store.Key(to)})
	switch {
	case isChanged(err):
		return &notYet{time.Second}
	case err != nil:
		return err
	}
	return s.retitle(ctx, p)
}

func (s *Service) retitle(ctx context.Context, p *Proposal) error {
	if p.Adopted {
		return nil // its title is its author's
	}
	next := *p
	next.Number, next.File = p.Next, renamed(p)
	return s.github.EditPullRequest(ctx, github.PullRequestEdit{Repo: p.Repo, Number: p.Pull.Number, Title: next.Subject(), Body: next.description(), Request: p.ID})
}
