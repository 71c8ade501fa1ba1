package adr

import (
	"context"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/store"
)

// Thumb is what somebody says to a proposal.
type Thumb string

// The thumbs.
const (
	Up   Thumb = "up"
	Down Thumb = "down" // it holds the proposal until it is taken back
)

// The places where a thumb is given.
const (
	OnCard     = "card"     // a button in Slack
	InReview   = "review"   // an approving review on GitHub, or one that asks for changes
	ByReaction = "reaction" // a reaction to the pull request on GitHub
)

// Vote is a thumb that somebody gives in one place. Of one person all votes together are one.
type Vote struct {
	Thumb Thumb     `json:"thumb"`
	Where string    `json:"where"`
	By    string    `json:"by,omitempty"`    // Slack ID; empty while nobody is known to have the login
	Login string    `json:"login,omitempty"` // on GitHub, where it was given there
	At    time.Time `json:"at"`
	Text  string    `json:"text,omitempty"` // hash of the text it is for, without numbers (see Normal)
	Why   string    `json:"why,omitempty"`  // of one that holds it
}

// Tally is how a proposal stands: each person once.
type Tally struct {
	Up, Down []Vote
	Need     int    // thumbs up
	Void     []Vote // for a text that has changed since
	Foreign  []Vote // of people whose thumbs do not count here
	Unknown  []Vote // of logins that nobody is known to have
}

// Reached tells whether it is decided: enough thumbs up, and none down.
func (t Tally) Reached() bool { return len(t.Up) >= t.Need && len(t.Down) == 0 }

// Tally counts the thumbs of a proposal by the rules in force. The author's up does not count, nor do those of people outside; a thumb
// down holds it, whose ever it is.
func (s *Service) Tally(ctx context.Context, p *Proposal) (Tally, error) {
	log, err := s.logOf(p)
	if err != nil {
		return Tally{}, err
	}
	t := Tally{Need: log.Approvals}
	for _, votes := range perPerson(slices.Concat(p.Votes, p.GitHubVotes)) {
		v := lastWord(votes)
		switch {
		case v.Thumb == Down: // whoever says it, somebody should hear why
			t.Down = append(t.Down, v)
			continue
		case v.By == "":
			t.Unknown = append(t.Unknown, v)
			continue
		case v.By == p.By:
			continue
		}
		may, err := s.counts(ctx, v.By, log)
		switch {
		case err != nil:
			return Tally{}, err
		case !may:
			t.Foreign = append(t.Foreign, v)
		case v.Text != p.Text || p.Text == "":
			t.Void = append(t.Void, v)
		default:
			t.Up = append(t.Up, v)
		}
	}
	return t, nil
}

// counts tells whether somebody's thumb counts in a log.
func (s *Service) counts(ctx context.Context, person string, log config.DecisionLog) (bool, error) {
	if len(log.From) == 0 {
		return true, nil
	}
	return s.people.May(ctx, person, log.From)
}

// perPerson puts votes together by who gave them, in the order in which people gave their first.
func perPerson(votes []Vote) [][]Vote {
	var out [][]Vote
	at := map[string]int{}
	slices.SortStableFunc(votes, func(a, b Vote) int { return a.At.Compare(b.At) })
	for _, v := range votes {
		who := v.By
		if who == "" {
			who = "@" + strings.ToLower(v.Login)
		}
		n, known := at[who]
		if !known {
			n = len(out)
			at[who], out = n, append(out, nil)
		}
		out[n] = append(out[n], v)
	}
	return out
}

// lastWord is what somebody's votes say together: one that holds it, wherever it stands, else the newest up.
func lastWord(votes []Vote) Vote {
	last := votes[len(votes)-1]
	for _, v := range votes {
		if v.Thumb == Down && last.Thumb != Down || v.Thumb == Down && v.At.After(last.At) {
			last = v
		}
	}
	return last
}

// VoteWant is somebody giving a thumb in Slack, or taking theirs back.
type VoteWant struct {
	Request  string
	At       time.Time
	By       string // Slack ID
	Proposal string
	Thumb    Thumb // empty takes back what they gave in Slack
	Why      string
}

// Vote writes down somebody's thumb. The last one that a person gives in Slack counts; what they say on GitHub counts beside it.
func (s *Service) Vote(ctx context.Context, w VoteWant) (*Proposal, error) {
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
	return s.change(ctx, w.Proposal, func(tx store.Tx, p *Proposal) error {
		done, err := store.Create(tx, askedKey(w.Request), w.Proposal)
		if err != nil || !done {
			return err
		}
		own := w.By == p.By && w.Thumb == Up
		switch {
		case p.State != Open:
			return &Refused{Code: Ended, Proposal: p}
		case p.Merging != "":
			return &Refused{Code: TooLate, Proposal: p}
		case (!may || own) && w.Thumb == Up:
			return &Refused{Code: NoVote, Proposal: p, Log: log.Name, Word: map[bool]string{true: "own"}[own]}
		case w.Thumb == Down && strings.TrimSpace(w.Why) == "":
			return &Refused{Code: NoReason, Proposal: p}
		}
		was := slices.IndexFunc(p.Votes, func(v Vote) bool { return v.By == w.By })
		if was < 0 && w.Thumb == "" {
			return &Refused{Code: NoThumb, Proposal: p}
		}
		if was >= 0 && w.Thumb == Up && p.Votes[was].Thumb == Up && p.Votes[was].Text == p.Text {
			return &Refused{Code: AlreadySo, Word: "given", Proposal: p}
		}
		p.Votes = slices.DeleteFunc(p.Votes, func(v Vote) bool { return v.By == w.By })
		if w.Thumb != "" {
			p.Votes = append(p.Votes, Vote{Thumb: w.Thumb, Where: OnCard, By: w.By, At: w.At.UTC(), Text: p.Text, Why: strings.TrimSpace(w.Why)})
		}
		p.moved(w.At)
		return s.wake(tx, p.ID)
	})
}

// Asked is the proposal that a request changed, or ErrNotFound.
func (s *Service) Asked(ctx context.Context, request string) (*Proposal, error) {
	var p *Proposal
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		id, found, err := store.Load[string](snap, askedKey(request))
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		p, err = loadProposal(snap, id)
		return err
	})
	return p, err
}

// Accept is somebody's thumb up, or their wish that a proposal is merged that has its thumbs.
func (s *Service) Accept(ctx context.Context, request, id, by string, at time.Time) (*Proposal, error) {
	p, err := s.Proposal(ctx, id)
	if err != nil {
		return nil, err
	}
	tally, err := s.Tally(ctx, p)
	if err != nil {
		return nil, err
	}
	if tally.Reached() {
		return s.merges(ctx, request, id, by, at)
	}
	return s.Vote(ctx, VoteWant{Request: request, At: at, By: by, Proposal: id, Thumb: Up})
}

// merges writes down that somebody wants a proposal merged that has its thumbs: its author, or somebody whose thumb counts.
func (s *Service) merges(ctx context.Context, request, id, by string, at time.Time) (*Proposal, error) {
	p, err := s.Proposal(ctx, id)
	if err != nil {
		return nil, err
	}
	log, err := s.logOf(p)
	if err != nil {
		return nil, err
	}
	may, err := s.counts(ctx, by, log)
	if err != nil {
		return nil, err
	}
	return s.change(ctx, id, func(tx store.Tx, p *Proposal) error {
		done, err := store.Create(tx, askedKey(request), id)
		switch {
		case err != nil || !done:
			return err
		case p.State != Open:
			return &Refused{Code: Ended, Proposal: p}
		case p.Merging != "":
			return &Refused{Code: TooLate, Proposal: p}
		case !may && by != p.By:
			return &Refused{Code: NoVote, Proposal: p, Log: log.Name}
		}
		p.MergeBy = by
		p.moved(at)
		return s.wake(tx, p.ID)
	})
}
