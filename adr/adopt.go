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
	if known, err := s.OfPull(ctx, string(log.Repo), pull.Number); known != nil || err != nil {
		return s.takeUp(ctx, known, w, err)
	}
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

// takeUp goes on with a proposal whose pull request was closed and is open again. One that is open stays as it is.
func (s *Service) takeUp(ctx context.Context, known *Proposal, w AdoptWant, err error) (*Proposal, error) {
	if err != nil || known.Request == w.Request { // it runs again
		return known, err
	}
	return s.change(ctx, known.ID, func(tx store.Tx, p *Proposal) error {
		done, err := store.Create(tx, askedKey(w.Request), p.ID)
		if err != nil || !done || p.State != Closed {
			return err
		}
		p.State, p.Ended, p.Ending = Open, time.Time{}, nil
		p.moved(w.At)
		return s.wake(tx, p.ID)
	})
}

// adopted is the proposal that a pull request becomes: its author's, whose thumb does not count, so that it has to be known who that is.
func (s *Service) adopted(ctx context.Context, log config.DecisionLog, pull github.PullRequestFiles, name string, w AdoptWant) (*Proposal, error) {
	content, _, err := s.github.ReadFile(ctx, string(log.Repo), pull.Head, path.Join(log.Dir, name))
	if err != nil {
		return nil, err
	}
	n, _ := NumberOf(name)
	p := &Proposal{ID: ProposalID(w.Request), Request: w.Request, Stage: 1, State: Open, By: w.By, Channel: w.Channel, Created: w.At.UTC(), Opened: w.At.UTC(), Adopted: true,
		Log: log.Name, Scope: log.Scope(), Repo: string(log.Repo), Dir: log.Dir, Base: log.Branch, Number: n, Branch: pull.Branch, File: path.Join(log.Dir, name),
		Title: Parse(name, content).Title, Draft: pull.Draft, Pull: &Pull{Number: pull.Number, URL: pull.URL, Head: pull.Head}, Text: Normal(name, content)}
	err = s.db.View(ctx, func(snap store.Snapshot) (err error) {
		p.By, err = s.people.OnGitHub(snap, pull.Author)
		return err
	})
	if err == nil && p.By == "" {
		err = &Refused{Code: NoAuthor, Number: pull.Number, Word: pull.Author}
	}
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
			holder, err := tx.Get(numberKey(p.Scope, p.Number))
			if err == nil && holder == nil { // else it was given since, and will be found to be taken
				err = tx.Put(numberKey(p.Scope, p.Number), []byte(p.ID))
			}
			if err != nil {
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
