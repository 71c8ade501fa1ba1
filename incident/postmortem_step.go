package incident

import (
	"context"
	"errors"
	"fmt"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
)

// The things that are done for a post-mortem, each by itself so that none holds up another.
const (
	deedPropose = "propose" // open the pull request
	deedPost    = "post"    // post the document in its channel
	deedLook    = "look"    // see how the pull request stands
	deedRefresh = "refresh" // bring the document up to date
	deedRead    = "read"    // read the action items
	deedTell    = "tell"    // list their issues below the pull request
)

const (
	// refreshEvery is how soon after an update the document is updated again: a commit for each line of a busy hour helps nobody.
	refreshEvery = time.Minute
	// pullSoon and pullLate are how often a pull request is looked at, at first and later.
	pullSoon, pullLate = 2 * time.Minute, 10 * time.Minute
	// namesFor is how long a document waits for Slack to tell what people are called.
	namesFor = 10 * time.Minute
)

// deed is one thing that is done for a post-mortem. wanted says since when it could be; the zero time when nothing is to be done.
type deed struct {
	name   string
	wanted func(*facts, time.Time) time.Time
	do     func(context.Context, *facts, time.Time) error
}

// StepPostmortem does what is to be done for a post-mortem, and says when to look again.
func (s *Service) StepPostmortem(ctx context.Context, id string) (time.Time, error) {
	deeds := []deed{{deedPropose, wantsProposal, s.propose}, {deedPost, wantsPost, s.post}, {deedLook, s.wantsLook, s.lookAtPull},
		{deedRefresh, wantsRefresh, s.refresh}, {deedRead, wantsReading, s.readItems}, {deedTell, s.wantsTelling, s.tellIssues}}
	var next time.Time
	for _, d := range deeds {
		f, err := s.factsOf(ctx, id)
		if errors.Is(err, ErrNotFound) {
			return time.Time{}, nil
		}
		if err != nil {
			return time.Time{}, err
		}
		at, err := s.see(ctx, f, d)
		if err != nil {
			return time.Time{}, err
		}
		next = soonest(next, at)
	}
	at, err := s.remindOwner(ctx, id)
	return soonest(next, at), err
}

// soonest is the earlier of two times; a zero one is none.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// see does one thing when its time has come, notes what is in its way, and says when to look again.
func (s *Service) see(ctx context.Context, f *facts, d deed) (time.Time, error) {
	now, p := s.clock.Now(), f.Postmortem
	at := d.wanted(f, now)
	if at.IsZero() {
		return time.Time{}, nil
	}
	if at = later(at, p.Hitches[d.name].Next); at.After(now) {
		return at, nil
	}
	err := d.do(ctx, f, now)
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err()
	}
	var refused *stored
	if errors.As(err, &refused) {
		return time.Time{}, refused.error
	}
	next := time.Time{}
	p, saveErr := s.changePostmortem(ctx, p.ID, func(_ store.Tx, p *Postmortem) error {
		next = p.Hitches.Note(d.name, err, now)
		return nil
	})
	if saveErr != nil || err != nil {
		return next, saveErr
	}
	after, err := s.factsOf(ctx, p.ID) // what is done may be to be done again, later
	if err != nil {
		return time.Time{}, err
	}
	return d.wanted(after, now), nil
}

// stored is a failure of the store within a thing that is done: it is the runner's, and no hitch.
type stored struct{ error }

func (e *stored) Unwrap() error { return e.error }

func inStore(err error) error {
	if err == nil {
		return nil
	}
	return &stored{err}
}

// namesUnknown says that Slack did not tell what people are called.
type namesUnknown struct{}

func (namesUnknown) Error() string { return "Slack does not tell what people are called" }

// UserMessage is the sentence for people.
func (namesUnknown) UserMessage() string {
	return "Slack does not tell what people are called; the document waits for that a little."
}

// written is the document as it is at first.
func (s *Service) written(ctx context.Context, f *facts, now time.Time) (document, error) {
	d, known := s.document(ctx, f)
	if !known && now.Sub(f.Postmortem.Created) < namesFor {
		return d, namesUnknown{}
	}
	return d, nil
}

func wantsProposal(f *facts, now time.Time) time.Time {
	if p := f.Postmortem; p.State != Drafting || p.InChannel {
		return time.Time{}
	}
	return now
}

// propose opens the pull request. That it is tried is written down before, so that it is looked for first the next time.
func (s *Service) propose(ctx context.Context, f *facts, now time.Time) error {
	p := f.Postmortem
	d, err := s.written(ctx, f, now)
	if err != nil {
		return err
	}
	retry := p.Attempts > 0
	if _, err := s.changePostmortem(ctx, p.ID, func(_ store.Tx, p *Postmortem) error {
		p.Wrote = ""
		if p.Attempts == 0 {
			p.Attempted, p.Wrote = now, f.sum()
		}
		p.Attempts++
		return nil
	}); err != nil {
		return inStore(err)
	}
	made, err := s.github.EnsurePullRequest(ctx, github.Proposal{Repo: p.Repo, Branch: p.Branch, Title: fmt.Sprintf("Post-mortem of %s: %s", d.ID, d.Title),
		Body: d.description(p), Message: fmt.Sprintf("Begin the post-mortem of %s", d.ID), Files: []github.File{{Path: p.Path, Content: d.render()}},
		Request: p.request(), Retry: retry})
	if err != nil {
		return err
	}
	_, err = s.changePostmortem(ctx, p.ID, func(_ store.Tx, p *Postmortem) error {
		p.Pull, p.Problems = &Pull{Number: made.Number, URL: made.URL, Opened: now, Closed: made.Closed}, made.Problems
		if p.State == Drafting {
			p.State = Writing
		}
		return nil
	})
	return inStore(err)
}

// description is what stands in the pull request: only what does not change. The document has the rest and is kept up to date.
func (d document) description(p *Postmortem) string {
	return fmt.Sprintf("The post-mortem of %s. Who writes it and when it is due stand at the head of the document.\n\nWrite it in `%s` on the branch `%s`. "+
		"Merging it publishes it: each row of its table of action items then becomes an issue.\n", d.ID, p.Path, p.Branch)
}

func wantsPost(f *facts, now time.Time) time.Time {
	p, i := f.Postmortem, f.Incident
	if !p.InChannel || p.State.Ended() || i.Open() || p.Posted == i.Reopened+1 {
		return time.Time{}
	}
	return now
}

// noRoom says that a private incident has no channel in which its document could be.
type noRoom struct{}

func (noRoom) Error() string { return "the incident has no channel of its own" }

// UserMessage is the sentence for people.
func (noRoom) UserMessage() string {
	return "The incident has no channel of its own, and the configuration names no postmortem.private_repo, so the document is nowhere."
}

// post says the document in the channel of a private incident.
func (s *Service) post(ctx context.Context, f *facts, now time.Time) error {
	if f.Incident.Room.ID == "" {
		return noRoom{}
	}
	d, err := s.written(ctx, f, now)
	if err != nil {
		return err
	}
	parts := d.said()
	_, err = s.changePostmortem(ctx, f.Postmortem.ID, func(tx store.Tx, p *Postmortem) error {
		for n, part := range parts {
			if err := s.rooms.Say(tx, f.Incident.Room.ID, fmt.Sprintf("%s-document-%d-%02d", p.ID, f.Incident.Reopened, n),
				Announcement{Incident: f.Incident, Kind: "document", Postmortem: p, Passages: part, N: n + 1, Of: len(parts)}); err != nil {
				return err
			}
		}
		p.Posted = f.Incident.Reopened + 1
		if p.State == Drafting {
			p.State = Writing
		}
		return nil
	})
	return inStore(err)
}

// every is how often a pull request of that age is looked at.
func every(age time.Duration) time.Duration { return max(pullSoon, min(age/100, pullLate)) }

// everyClosed is how often one is looked at that was closed so long ago: who changes their mind mostly does so soon.
func everyClosed(age time.Duration) time.Duration { return max(pullLate, min(age, closedEvery)) }

// askedAt is when GitHub was last asked about something since the start.
func (s *Service) askedAt(what string) time.Time {
	at, _ := s.looked.Load(what)
	t, _ := at.(time.Time)
	return t
}

func (s *Service) wantsLook(f *facts, now time.Time) time.Time {
	p := f.Postmortem
	if p.State != Writing || p.Pull == nil {
		s.looked.Delete(deedLook + p.ID)
		return time.Time{}
	}
	last := s.askedAt(deedLook + p.ID)
	if last.IsZero() {
		return now
	}
	if p.Pull.Closed {
		return last.Add(everyClosed(now.Sub(p.Pull.ClosedAt)))
	}
	return last.Add(every(now.Sub(p.Pull.Opened)))
}

// lookAtPull sees whether the pull request is merged or closed.
func (s *Service) lookAtPull(ctx context.Context, f *facts, now time.Time) error {
	p := f.Postmortem
	stands, err := s.github.PullRequestState(ctx, p.Repo, p.Pull.Number)
	if err != nil {
		return err
	}
	s.looked.Store(deedLook+p.ID, now)
	_, err = s.changePostmortem(ctx, p.ID, func(_ store.Tx, p *Postmortem) error {
		was := p.Pull.Closed
		p.Pull.Closed = stands.State == "closed" && !stands.Merged
		switch {
		case p.Pull.Closed && !was:
			p.Pull.ClosedAt = now.UTC()
		case was && !p.Pull.Closed:
			p.Pull.ClosedAt = time.Time{}
			p.remindAgain()
		}
		if stands.Merged && p.State == Writing {
			p.State, p.Ended, p.EndedBy = Published, now, ""
			p.Pull.MergedAt, p.Pull.MergeSHA = stands.MergedAt, stands.MergeSHA
		}
		return nil
	})
	return inStore(err)
}

// wantsRefresh is when the incident is over and something of it has changed since the document was written.
func wantsRefresh(f *facts, now time.Time) time.Time {
	p := f.Postmortem
	if p.State != Writing || p.Pull == nil || p.Pull.Closed || f.Incident.Open() || f.sum() == p.Wrote {
		return time.Time{}
	}
	if p.Refresh.At.IsZero() || p.Hitches[deedRefresh].Tries > 0 {
		return now
	}
	return p.Refresh.At.Add(refreshEvery)
}

// refresh brings the document up to date where nobody has changed it. It writes what it read with only that changed, and only if the
// file is still what it read.
func (s *Service) refresh(ctx context.Context, f *facts, now time.Time) error {
	p, sum := f.Postmortem, f.sum()
	d, known := s.document(ctx, f)
	if !known { // what stands there names them; with other facts alone it would not be mended later
		return namesUnknown{}
	}
	p, err := s.changePostmortem(ctx, p.ID, func(_ store.Tx, p *Postmortem) error {
		if p.Refresh.Facts != sum {
			p.Refresh.N, p.Refresh.Facts = p.Refresh.N+1, sum
		}
		p.Refresh.At = now
		return nil
	})
	if err != nil {
		return inStore(err)
	}
	content, blob, err := s.github.ReadFile(ctx, p.Repo, "refs/heads/"+p.Branch, p.Path)
	left := []LeftAlone{{"document", MarksGone}}
	switch {
	case github.IsNotFound(err): // somebody has moved it, or taken the branch away
	case err != nil:
		return err
	default:
		var fresh []byte
		fresh, left = refreshDocument(content, d.sections())
		if string(fresh) != string(content) {
			if err := s.github.UpdateFile(ctx, github.FileUpdate{Repo: p.Repo, Branch: p.Branch, Path: p.Path, Content: fresh, SeenSHA: blob,
				Message: "Bring the post-mortem of " + d.ID + " up to date", Request: fmt.Sprintf("%s-%d-%s", p.request(), p.Refresh.N, sum)}); err != nil {
				return err
			}
		}
	}
	_, err = s.changePostmortem(ctx, p.ID, func(_ store.Tx, p *Postmortem) error {
		p.Wrote, p.Left = sum, left
		return nil
	})
	return inStore(err)
}
