package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

// rerunSettles is how long GitHub is given to show a new attempt before it is asked for once more, when the first answer
// was lost.
const rerunSettles = 10 * time.Second

// Rerun is the wish to run workflow runs of a pipeline again.
type Rerun struct {
	Request string    `json:"request"`
	By      string    `json:"by"` // Slack ID
	At      time.Time `json:"at"`
	Jobs    Jobs      `json:"jobs"`
	Runs    []Again   `json:"runs"`
}

// Again is one run of the wish.
type Again struct {
	Saw      Attempt   `json:"saw"` // the attempt that the asker saw
	Workflow string    `json:"workflow,omitempty"`
	Fate     Fate      `json:"fate,omitempty"`
	Why      string    `json:"why,omitempty"` // one sentence, when it was refused
	Now      int       `json:"now,omitempty"` // the attempt that runs instead
	Sent     time.Time `json:"sent,omitzero"` // when GitHub was about to be asked
}

// Fate is what became of a run that is to be run again.
type Fate string

// The fates.
const (
	AgainWanted  Fate = ""        // nothing yet
	AgainStarted Fate = "started" // it runs again
	AgainBefore  Fate = "before"  // somebody else had run it again before
	AgainRefused Fate = "refused"
)

// pending is the first run that nothing has become of yet, -1 when there is none.
func (r *Rerun) pending() int {
	if r == nil {
		return -1
	}
	return slices.IndexFunc(r.Runs, func(a Again) bool { return a.Fate == AgainWanted })
}

// unseen tells whether GitHub's lists do not show a new attempt yet.
func (r *Rerun) unseen(p *Pipeline) bool {
	if r == nil {
		return false
	}
	return slices.ContainsFunc(r.Runs, func(a Again) bool {
		return a.Now > 0 && slices.ContainsFunc(p.Runs, func(run PipelineRun) bool { return run.ID == a.Saw.Run && run.Attempt < a.Now })
	})
}

// RerunWant is what somebody wants run again.
type RerunWant struct {
	// Request is the ID of the request; the same request wishes once.
	Request string
	At      time.Time
	By      string // Slack ID
	Channel string
	Jobs    Jobs
	// Watch is the ID of the watch whose card was used. Without it, Look says what is meant, and Runs which attempts the
	// asker saw; without those it is what stands there now.
	Watch string
	Look  Look
	Runs  []Attempt
}

// RunAgain writes down that runs are wanted once more, on the watch it was asked from or on a new one; steps do it, and the
// watch goes on to their end. It returns a *Refused when there is nothing to run again, or somebody was faster.
func (s *Service) RunAgain(ctx context.Context, want RerunWant) (*Watch, error) {
	var seen *Pipeline
	if want.Watch == "" {
		made, err := s.RanAgain(ctx, want.Request)
		if !errors.Is(err, ErrNotFound) {
			return made, err
		}
		if seen, err = s.Pipeline(ctx, want.Look); err != nil {
			return nil, err
		}
		runs, err := chosen(seen, want)
		if err != nil {
			return nil, s.faster(ctx, want, err)
		}
		want.Runs = runs
	}
	var w *Watch
	err := work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		w, err = s.wish(tx, want, seen)
		return err
	})
	var refused *Refused
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, &Refused{Code: NoWatch}
	case errors.As(err, &refused):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("wishing to run again: %w", err)
	}
	return w, nil
}

// RanAgain returns the watch in which the request's wish to run something again stands, as it is now, or ErrNotFound.
func (s *Service) RanAgain(ctx context.Context, request string) (w *Watch, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		before, found, err := store.Load[wished](snap, rerunnerKey(request))
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		w, err = loadWatch(snap, before.Watch)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading a wish to run again: %w", err)
	}
	return w, nil
}

// chosen are the runs that are meant, as the asker saw them.
func chosen(seen *Pipeline, want RerunWant) ([]Attempt, error) {
	now := seen.Rerunnable(want.Jobs)
	refused := &Refused{Service: seen.Service, Repo: seen.Repo, Commit: seen.Commit, Pipeline: seen}
	if len(want.Runs) == 0 {
		if len(now) == 0 {
			refused.Code = NothingToRerun
			return nil, refused
		}
		return now, nil
	}
	for _, a := range want.Runs {
		i := slices.IndexFunc(seen.Runs, func(r PipelineRun) bool { return r.ID == a.Run })
		switch {
		case i < 0 || !seen.Runs[i].startedByCommit():
			refused.Code = NothingToRerun
			return nil, refused
		case seen.Runs[i].Attempt > a.Attempt:
			refused.Code, refused.Since = AlreadyRerun, seen.Runs[i].Started
			return nil, refused
		case !seen.Runs[i].rerunnable(want.Jobs) || seen.Runs[i].Attempt < a.Attempt:
			refused.Code = NothingToRerun
			return nil, refused
		}
	}
	return want.Runs[:min(len(want.Runs), maxReruns)], nil
}

// faster adds to a refusal who of us ran those attempts again; without anybody it was done on GitHub.
func (s *Service) faster(ctx context.Context, want RerunWant, err error) error {
	var refused *Refused
	if !errors.As(err, &refused) || refused.Code != AlreadyRerun {
		return err
	}
	read := s.db.View(ctx, func(snap store.Snapshot) error {
		for _, a := range want.Runs {
			other, found, err := store.Load[claimed](snap, rerunKey(refused.Repo, a))
			if err != nil {
				return err
			}
			if found {
				refused.By, refused.Since = other.By, other.At
			}
		}
		return nil
	})
	if read != nil {
		return fmt.Errorf("reading who ran it again: %w", read)
	}
	return refused
}

// wish writes the wish down, in one transaction with the claims to the attempts.
func (s *Service) wish(tx store.Tx, want RerunWant, seen *Pipeline) (*Watch, error) {
	before, found, err := store.Load[wished](tx, rerunnerKey(want.Request))
	if err != nil {
		return nil, err
	}
	if found {
		return loadWatch(tx, before.Watch)
	}
	var w *Watch
	if want.Watch == "" {
		w = s.planWatch(WatchWant{Request: want.Request, At: want.At, By: want.By, Channel: want.Channel}, seen)
		if err := w.runAgain(tx, want); err != nil {
			return nil, err
		}
		err = createWatch(tx, w)
	} else {
		w, err = changeWatchIn(tx, want.Watch, func(tx store.Tx, w *Watch) error {
			want.Runs = w.Offered(want.Jobs)
			return w.runAgain(tx, want)
		})
		if err == nil {
			err = wakeWatch(tx, w)
		}
	}
	if err != nil {
		return nil, err
	}
	return w, store.Save(tx, rerunnerKey(want.Request), wished{Watch: w.ID, At: want.At.UTC()})
}

// runAgain takes the wish over, and claims each attempt, or refuses.
func (w *Watch) runAgain(tx store.Tx, want RerunWant) error {
	refused := &Refused{Service: w.Seen.Service, Repo: w.Seen.Repo, Commit: w.Seen.Commit, Pipeline: &w.Seen}
	if len(want.Runs) == 0 {
		refused.Code = NothingToRerun
		if w.Rerun.pending() >= 0 || w.Rerun.unseen(&w.Seen) {
			refused.Code, refused.By, refused.Since = AlreadyRerun, w.Rerun.By, w.Rerun.At
		}
		return refused
	}
	at := want.At.UTC()
	wish := &Rerun{Request: want.Request, By: want.By, At: at, Jobs: want.Jobs}
	for _, a := range want.Runs {
		key := rerunKey(w.Seen.Repo, a)
		other, found, err := store.Load[claimed](tx, key)
		if err != nil {
			return err
		}
		if found {
			refused.Code, refused.By, refused.Since = AlreadyRerun, other.By, other.At
			return refused
		}
		if err := store.Save(tx, key, claimed{Watch: w.ID, By: want.By, At: at}); err != nil {
			return err
		}
		wish.Runs = append(wish.Runs, Again{Saw: a, Workflow: w.workflow(a.Run)})
	}
	w.Rerun, w.State, w.Ended = wish, Watching, time.Time{}
	w.Round++
	w.Begun, w.Until = at, at.Add(WatchFor)
	return nil
}

func (w *Watch) workflow(run int64) string {
	for _, r := range w.Seen.Runs {
		if r.ID == run {
			return r.Workflow
		}
	}
	return ""
}

// rerunNext runs the next run of the wish again. That GitHub is about to be asked is written down first: after a crash or a
// lost answer the run is looked at, and GitHub is asked once more only when it still shows the old attempt after a while.
func (s *Service) rerunNext(ctx context.Context, w *Watch) (time.Time, error) {
	i, now := w.Rerun.pending(), s.clock.Now()
	again := w.Rerun.Runs[i]
	if earliest := again.Sent.Add(rerunSettles); !again.Sent.IsZero() && now.Before(earliest) {
		return earliest, nil
	}
	run, err := s.github.Run(ctx, w.Seen.Repo, again.Saw.Run)
	switch {
	case err != nil && now.Sub(w.Rerun.At) >= staleAfter:
		return s.rerunEnds(ctx, w, i, again.late(err))
	case err != nil:
		return s.watchTrouble(ctx, w, err, nil)
	case run.HeadSHA != w.Seen.Commit.SHA || byHand(run.Event):
		return s.rerunEnds(ctx, w, i, Again{Fate: AgainRefused, Why: "That run does not judge this commit."})
	case run.Attempt > again.Saw.Attempt && again.Sent.IsZero():
		return s.rerunEnds(ctx, w, i, Again{Fate: AgainBefore, Now: run.Attempt})
	case run.Attempt > again.Saw.Attempt:
		return s.rerunEnds(ctx, w, i, Again{Fate: AgainStarted, Now: run.Attempt})
	case now.Sub(w.Rerun.At) >= staleAfter:
		return s.rerunEnds(ctx, w, i, again.late(nil))
	}
	if _, err := s.changeWatch(ctx, w.ID, func(_ store.Tx, w *Watch) error {
		w.Rerun.Runs[i].Sent = now
		return nil
	}); err != nil {
		return time.Time{}, err
	}
	return s.rerunSend(ctx, w, i)
}

// late is a wish that is too old to be sent: whoever had it has gone on to something else.
func (a Again) late(cause error) Again {
	why := "GitHub could not be asked within 15 min, so it was not run again."
	if !a.Sent.IsZero() {
		why = "GitHub was asked, and did not say within 15 min whether it runs again."
	}
	if cause != nil {
		said, _ := explain(cause)
		why += " " + said
	}
	return Again{Fate: AgainRefused, Why: why}
}

// rerunSend asks GitHub to run the i-th run again.
func (s *Service) rerunSend(ctx context.Context, w *Watch, i int) (time.Time, error) {
	again, send := w.Rerun.Runs[i].Saw, s.github.RerunFailed
	if w.Rerun.Jobs == AllJobs {
		send = s.github.RerunAll
	}
	run, err := send(ctx, w.Seen.Repo, again.Run, again.Attempt)
	var refused *github.Error
	switch {
	case err == nil:
		return s.rerunEnds(ctx, w, i, Again{Fate: AgainStarted, Now: run.Attempt})
	case github.IsUnclear(err):
		return s.clock.Now().Add(rerunSettles), nil
	case !errors.As(err, &refused):
		return time.Time{}, fmt.Errorf("running %d again: %w", again.Run, err)
	case passing(refused):
		return s.watchTrouble(ctx, w, err, func(w *Watch) { w.Rerun.Runs[i].Sent = time.Time{} })
	}
	return s.rerunEnds(ctx, w, i, Again{Fate: AgainRefused, Why: refused.UserMessage()})
}

// rerunEnds writes down what became of the i-th run of the wish. What was refused may be asked for again.
func (s *Service) rerunEnds(ctx context.Context, w *Watch, i int, fate Again) (time.Time, error) {
	request := w.Rerun.Request
	_, err := s.changeWatch(ctx, w.ID, func(tx store.Tx, w *Watch) error {
		if w.Rerun == nil || w.Rerun.Request != request {
			return nil
		}
		one := &w.Rerun.Runs[i]
		one.Fate, one.Now, one.Why = fate.Fate, fate.Now, fate.Why
		w.Unread = nil
		if fate.Fate != AgainRefused {
			return nil
		}
		return tx.Delete(rerunKey(w.Seen.Repo, one.Saw))
	})
	return s.clock.Now(), err
}
