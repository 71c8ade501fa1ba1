package adr

import (
	"context"
	"path"
	"strings"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
)

// EndWant is somebody ending a proposal that is not decided for.
type EndWant struct {
	Request  string
	At       time.Time
	By       string // Slack ID
	Proposal string
	Why      string
	Record   bool // as rejected, which stays in the log; else its pull request is closed
}

// End writes down that a proposal is recorded as rejected, or closed. Its author may, and whoever's thumb counts, unless it has its
// thumbs; for either a reason is wanted. Until that is done on GitHub it may be changed into the other.
func (s *Service) End(ctx context.Context, w EndWant) (*Proposal, error) {
	p, err := s.Proposal(ctx, w.Proposal)
	if err != nil {
		return nil, err
	}
	log, err := s.logOf(p)
	if err != nil {
		return nil, err
	}
	may, err := s.counts(ctx, w.By, log)
	if err != nil {
		return nil, err
	}
	tally, err := s.Tally(ctx, p)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, w.Proposal, func(tx store.Tx, p *Proposal) error {
		done, err := store.Create(tx, askedKey(w.Request), w.Proposal)
		if err != nil || !done {
			return err
		}
		why := strings.TrimSpace(w.Why)
		switch {
		case p.Stuck() && !w.Record:
		case p.State != Open:
			return &Refused{Code: Ended, Proposal: p}
		case p.Merging != "":
			return &Refused{Code: TooLate, Proposal: p}
		case !may && w.By != p.By:
			return &Refused{Code: NoVote, Proposal: p, Log: log.Name}
		case tally.Reached() && w.By != p.By:
			return &Refused{Code: Decided, Proposal: p}
		case why == "":
			return &Refused{Code: NoReason, Proposal: p, Word: "end"}
		case w.Record && p.Draft:
			return &Refused{Code: IsDraft, Proposal: p}
		case w.Record && !p.Adds():
			return &Refused{Code: OnlyStatus, Proposal: p}
		}
		delete(p.Hitches, deedOpen)
		p.Ending = &Ending{By: w.By, Why: why, At: w.At.UTC(), Record: w.Record}
		p.moved(w.At)
		return s.wake(tx, p.ID)
	})
}

// recordRejection has the record on the branch say that it was rejected, and the records that it was to supersede say what they say on
// the base branch.
func (s *Service) recordRejection(ctx context.Context, p *Proposal, stands github.PullState) error {
	content, _, err := s.github.ReadFile(ctx, p.Repo, stands.Head, p.File)
	if err != nil {
		return err
	}
	name := path.Base(p.File)
	if Parse(name, content).Status == StatusRejected {
		return nil
	}
	rejected, err := SetStatus(name, content, StatusRejected, "")
	if err != nil {
		return err
	}
	changes := []github.FileChange{{Path: p.File, Content: rejected}}
	base, err := s.github.Resolve(ctx, p.Repo, p.Base)
	if err != nil {
		return err
	}
	for _, o := range p.Supersedes {
		file := path.Join(p.Dir, o.File)
		was, _, err := s.github.ReadFile(ctx, p.Repo, base.SHA, file)
		switch {
		case github.IsNotFound(err):
			changes = append(changes, github.FileChange{Path: file, Remove: true})
		case err != nil:
			return err
		default:
			changes = append(changes, github.FileChange{Path: file, Content: was})
		}
	}
	return s.commit(ctx, p, stands, changes, "Reject "+p.Name()+": "+p.Title+"\n\n"+oneLine(p.Ending.Why), "rejected-"+stands.Head[:12])
}

// commit puts changes on the branch of a proposal, and says that how its pull request stands is to be seen anew.
func (s *Service) commit(ctx context.Context, p *Proposal, stands github.PullState, changes []github.FileChange, message, what string) error {
	_, err := s.github.EnsureCommit(ctx, github.NewCommit{Repo: p.Repo, Branch: p.Branch, Head: stands.Head, Changes: changes, Message: message,
		Request: p.ID + "-" + what})
	if err != nil && !isChanged(err) { // somebody pushed meanwhile: it is made from there
		return err
	}
	return &notYet{time.Second}
}
