package delivery

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

// Approval is what approvers were asked and what they have said.
type Approval struct {
	// Bound is what it is for.
	Bound Bound `json:"bound"`
	// Need is how many must approve, Ask the Slack IDs of the groups and people who were asked.
	Need int      `json:"need"`
	Ask  []string `json:"ask,omitempty"`
	// Authors are the logins on GitHub of who wrote the change, a single empty one when they are not known; nil when nobody is
	// kept from approving by it.
	Authors []string `json:"authors,omitempty"`
	// Votes are the approvals, each of another person. Reused is the deployment they were given for, when not for this one.
	Votes  []Vote `json:"votes,omitempty"`
	Reused string `json:"reused,omitempty"`
	// Rejected is the one no, which ends it.
	Rejected *Vote `json:"rejected,omitempty"`
}

// Vote is what one approver said.
type Vote struct {
	By     string    `json:"by"` // Slack ID
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
}

// Start is the question to who asked for a deployment whether it starts now.
type Start struct {
	Asked time.Time `json:"asked"`
	At    time.Time `json:"at,omitzero"` // when they said so
}

// VoteWant is a word about a deployment that waits.
type VoteWant struct {
	// Request is the ID of the request; asking again with the same gives the same answer.
	Request string
	By      string // Slack ID
	// ID names the deployment; without it, it is the one that waits for Service in Environment.
	ID          string
	Service     string
	Environment string
	Reason      string
}

// Approve adds a person's approval; the deployment starts by itself when it was the last thing missing. It returns the
// deployment as it stands then, or a *Refused. Whether the person is an approver is asked above.
func (s *Service) Approve(ctx context.Context, w VoteWant) (*Deployment, error) {
	return s.vote(ctx, w, func(tx store.Tx, d *Deployment, now time.Time) error {
		if err := s.mayApprove(tx, d, w.By); err != nil {
			return err
		}
		d.Approval.Votes = append(d.Approval.Votes, Vote{By: w.By, At: now, Reason: cleanReason(w.Reason)})
		d.showVotes()
		return store.Save(tx, approvedKey(d.Approval.Bound), given{Deployment: d.ID, Votes: d.Approval.Votes})
	})
}

// showVotes has people see the approvals at once, before everything is looked at again: enough of them are waited for no more.
func (d *Deployment) showVotes() {
	d.Open = slices.Clone(d.Open)
	for i, g := range d.Open {
		if g.Name == "approvals" {
			d.Open[i].Votes = d.Approval.Votes
		}
	}
	d.Open = slices.DeleteFunc(d.Open, func(g Gate) bool { return g.Name == "approvals" && len(g.Votes) >= g.Total })
}

// Reject ends a deployment that waits for approvals. It returns the deployment, or a *Refused.
func (s *Service) Reject(ctx context.Context, w VoteWant) (*Deployment, error) {
	return s.vote(ctx, w, func(tx store.Tx, d *Deployment, now time.Time) error {
		if d.Approval == nil {
			return d.refuse(NotWaiting)
		}
		no := Vote{By: w.By, At: now, Reason: cleanReason(w.Reason)}
		d.Approval.Rejected = &no
		at := s.current().At("environments." + d.Environment + ".approvals")
		d.deny(now, []Gate{{Name: "approvals", Verdict: Closed, Code: Rejected, At: at, By: no.By, Since: no.At, Why: no.Reason}})
		if err := tx.Delete(approvedKey(d.Approval.Bound)); err != nil {
			return err
		}
		return leave(tx, d)
	})
}

// StartNow is the word of who asked for a deployment that it starts, when its checks have passed. It returns the deployment,
// or a *Refused.
func (s *Service) StartNow(ctx context.Context, w VoteWant) (*Deployment, error) {
	return s.vote(ctx, w, func(_ store.Tx, d *Deployment, now time.Time) error {
		switch {
		case d.Start == nil:
			return d.refuse(NotWaiting)
		case d.By != w.By:
			return d.refuse(NotYours)
		case !d.Start.At.IsZero():
			return d.refuse(AlreadyVoted)
		}
		d.Start.At = now
		return nil
	})
}

// vote writes a word about a waiting deployment, once per request.
func (s *Service) vote(ctx context.Context, w VoteWant, fn func(store.Tx, *Deployment, time.Time) error) (*Deployment, error) {
	now := s.clock.Now()
	find := func(tx store.Tx) (string, error) {
		if w.ID != "" {
			return w.ID, nil
		}
		return s.waitingFor(tx, w.Service, w.Environment)
	}
	return s.touch(ctx, w.Request, find, func(tx store.Tx, d *Deployment) error {
		if d.State != Waiting || !now.Before(d.Expires) {
			return d.refuse(NotWaiting)
		}
		return fn(tx, d, now)
	})
}

// touch changes a deployment at somebody's request, once: the same request is answered with the same deployment. It is looked
// at again by the runner at once.
func (s *Service) touch(ctx context.Context, request string, find func(store.Tx) (string, error), fn func(store.Tx, *Deployment) error) (*Deployment, error) {
	var d *Deployment
	err := work.Update(ctx, s.db, func(tx store.Tx) error {
		before, found, err := store.Load[answered](tx, requestKey(request))
		if err != nil {
			return err
		}
		if found {
			d, err = load(tx, before.Deployment)
			return err
		}
		id, err := find(tx)
		if err != nil {
			return err
		}
		if d, err = s.changeIn(tx, id, fn); err != nil {
			return err
		}
		if err := store.Save(tx, requestKey(request), answered{Deployment: id, At: s.clock.Now()}); err != nil {
			return err
		}
		return work.Wake(tx, Domain, id, time.Time{})
	})
	var refused *Refused
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, &Refused{Code: NoDeployment}
	case errors.As(err, &refused):
		return nil, refused
	case err != nil:
		return nil, fmt.Errorf("changing a deployment at a request: %w", err)
	}
	return d, nil
}

// refuse is a refusal about this deployment.
func (d *Deployment) refuse(code Code) *Refused {
	return &Refused{Code: code, Service: d.Service, Environment: d.Environment, Deployment: d, By: d.By, Since: d.Created}
}

// mayApprove refuses whoever's approval would not count, or would count twice.
func (s *Service) mayApprove(g store.Getter, d *Deployment, person string) error {
	cfg := s.current()
	service, e, err := place(cfg, d.Service, d.Environment)
	if err != nil || d.Approval == nil {
		return d.refuse(NotWaiting)
	}
	rule, _ := approvalRule(e, d.Rollback != nil)
	if rule == nil {
		return d.refuse(NotWaiting)
	}
	ledger, err := readLedger(g, d.Service, d.Environment)
	if err != nil {
		return err
	}
	if why := d.Approval.Bound.moved(bind(d, d.from(ledger), service, e)); why != "" {
		r := d.refuse(ApprovalVoid)
		r.Why = why
		return r
	}
	for _, v := range d.Approval.Votes {
		if v.By == person {
			r := d.refuse(AlreadyVoted)
			r.By, r.Since = v.By, v.At
			return r
		}
	}
	if d.By == person && !rule.Self {
		return d.refuse(OwnVote)
	}
	return s.notSoleAuthor(g, d, person)
}

// Counts tells whether somebody's approval of a deployment would count now, if they are one of its approvers.
func (s *Service) Counts(ctx context.Context, d *Deployment, person string) (bool, error) {
	err := s.db.View(ctx, func(snap store.Snapshot) error { return s.mayApprove(snap, d, person) })
	var refused *Refused
	if errors.As(err, &refused) {
		return false, nil
	}
	return err == nil, err
}

// notSoleAuthor refuses whoever wrote all of the change, where that is asked for, and whoever might have.
func (s *Service) notSoleAuthor(g store.Getter, d *Deployment, person string) error {
	if len(d.Approval.Authors) != 1 {
		return nil
	}
	login, proven, err := s.people.Login(g, person)
	switch {
	case err != nil:
		return err
	case login == "" || !proven || d.Approval.Authors[0] == "":
		return d.refuse(AuthorUnknown)
	case strings.EqualFold(d.Approval.Authors[0], login):
		return d.refuse(AuthorVote)
	}
	return nil
}

// from is what runs there by what is known now: the ledger, else what was known when it was asked for. A rollback goes back from
// the commit it undoes, however far that has come.
func (d *Deployment) from(l Ledger) string {
	if d.Rollback != nil {
		return d.Rollback.Bad.SHA
	}
	if l.Deployment != "" {
		return l.Commit.SHA
	}
	return d.Before.SHA
}

// given are approvals by what they are for, to be used once more for the same.
type given struct {
	Deployment string `json:"deployment"`
	Votes      []Vote `json:"votes"`
}

// ask makes the request for approvals of a new deployment, with those that were given for just the same before.
func (s *Service) ask(ctx context.Context, p *planned) error {
	f := &p.facts
	rule, _ := approvalRule(f.Environment, f.Rollback != nil)
	if rule == nil || f.Glass && slices.Contains(f.Environment.BreakGlass.Skip, "approvals") {
		return nil
	}
	a := &Approval{Need: rule.Count, Bound: bind(p.Deployment, p.from(f.Ledger), f.Service, f.Environment)}
	if rule.NotAuthor {
		a.Authors = p.authors
	}
	who := approvers(f.Config, f.Service, f.Environment, rule)
	if ids, err := s.people.Mention(ctx, who); err == nil {
		a.Ask = ids // without them nobody is mentioned, and the card names them all the same
	}
	if rule.Reuse.Duration > 0 {
		if err := s.reuse(ctx, a, p.By, rule); err != nil {
			return err
		}
	}
	p.Approval, f.Approval = a, a
	var err error
	f.Approvers, err = s.stillApprovers(ctx, a, who)
	return err
}

// reuse takes over the approvals that were given for the same within the configured time.
func (s *Service) reuse(ctx context.Context, a *Approval, asker string, rule *config.Approvals) error {
	oldest := s.clock.Now().Add(-rule.Reuse.Duration)
	return s.db.View(ctx, func(snap store.Snapshot) error {
		before, found, err := store.Load[given](snap, approvedKey(a.Bound))
		if err != nil || !found {
			return err
		}
		a.Votes, a.Reused = nil, ""
		for _, v := range before.Votes {
			if v.At.After(oldest) && (v.By != asker || rule.Self) {
				a.Votes, a.Reused = append(a.Votes, v), before.Deployment
			}
		}
		return nil
	})
}

// stillApprovers says of each who approved whether they still may.
func (s *Service) stillApprovers(ctx context.Context, a *Approval, who []config.Principal) (map[string]bool, error) {
	out := map[string]bool{}
	for _, v := range a.Votes {
		may, err := s.people.May(ctx, v.By, who)
		if err != nil {
			return nil, &peopleUnread{err}
		}
		out[v.By] = may
	}
	return out, nil
}

// authors are the logins of who wrote the commits, each once, or of who wrote the deployed commit when none are listed. When
// GitHub knows the account of nobody it is one empty login: anybody may have written it.
func authors(commits []github.Commit, login string) []string {
	out := map[string]bool{}
	for _, c := range commits {
		out[c.AuthorLogin] = true
	}
	if len(commits) == 0 {
		out[login] = true
	}
	if len(out) > 1 {
		delete(out, "")
	}
	return slices.Sorted(maps.Keys(out))
}
