package delivery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// Watches is this package's name for the runner's second domain: the pipelines that are watched. They have workers of
// their own, so that many of them never hold up a deployment.
const Watches = "pipeline"

const (
	watchWorkers = 4
	// WatchFor is how long a pipeline is watched at most, from when it was asked for or last run again.
	WatchFor = 6 * time.Hour
	// beginsWithin is how long a commit without any check is given to get one.
	beginsWithin = 2 * time.Minute
)

// Domains are what the runner needs to take deployments, watched pipelines, old locks and the people who wait in line forward.
func (s *Service) Domains() []work.Domain {
	return []work.Domain{
		s.Domain(),
		{Name: HealthDomain, Step: s.StepHealth, Workers: healthWorkers, Timeout: stepTimeout},
		{Name: RecordDomain, Step: s.StepRecord, Workers: recordWorkers, Timeout: stepTimeout},
		{Name: Watches, Step: s.StepWatch, Workers: watchWorkers, Timeout: stepTimeout},
		{Name: After, Step: s.StepAfter, Workers: 4},
		{Name: Locks, Step: s.StepLock, Workers: 1},
		{Name: Lines, Step: s.StepLine, Workers: 1},
	}
}

// WatchState is where a watch stands.
type WatchState string

// The states of a watch. Running something again brings an ended one back.
const (
	Watching WatchState = "watching"
	Over     WatchState = "over"     // everything has ended, or there is nothing to wait for
	GivenUp  WatchState = "given_up" // it took too long
)

// Watch is the wish to see how a pipeline goes until it ends, and what was seen last. It is the record behind its live
// card; fields are only ever added.
type Watch struct {
	ID      string     `json:"id"`
	Request string     `json:"request"` // the request that asked for it
	State   WatchState `json:"state"`
	// Stage rises whenever what one can do with the pipeline changes.
	Stage int `json:"stage"`

	By      string `json:"by"` // Slack ID
	Channel string `json:"channel,omitempty"`
	Home    string `json:"home,omitempty"` // the channel of the service's team

	Created time.Time `json:"created"`
	// Round counts how often it began to watch: what ended is told once a round. It is 0 while there was nothing to wait for.
	Round int `json:"round"`
	// Begun is when this round began, Until when it is given up.
	Begun time.Time `json:"begun"`
	Until time.Time `json:"until"`
	Ended time.Time `json:"ended,omitzero"`

	// Seen is what was seen last.
	Seen Pipeline `json:"seen"`
	// Unread is set while GitHub cannot be read.
	Unread *Trouble `json:"unread,omitempty"`
	// Rerun is the last wish to run something again; nil when there was none.
	Rerun *Rerun `json:"rerun,omitempty"`
}

// WatchWant is what somebody wants watched.
type WatchWant struct {
	// Request is the ID of the request; the same request makes the same watch.
	Request string
	At      time.Time
	By      string // Slack ID
	Channel string
	Look    Look
}

// WatchID is the watch that a request makes, the same however often it is asked: "w-" and ten characters.
func WatchID(request string) string {
	sum := sha256.Sum256([]byte("watch\x00" + request))
	return "w-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:10]
}

// Watched returns the record with that ID, or ErrNotFound.
func (s *Service) Watched(ctx context.Context, id string) (*Watch, error) {
	var w *Watch
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		w, err = loadWatch(snap, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading watch %s: %w", id, err)
	}
	return w, nil
}

// Watch writes down that a pipeline is to be watched; steps do it. What has ended already is written down as it ended. The
// errors are those of Pipeline.
func (s *Service) Watch(ctx context.Context, want WatchWant) (*Watch, error) {
	w, err := s.Watched(ctx, WatchID(want.Request))
	if !errors.Is(err, ErrNotFound) {
		return w, err
	}
	seen, err := s.Pipeline(ctx, want.Look)
	if err != nil {
		return nil, err
	}
	planned := s.planWatch(want, seen)
	err = work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		w, err = loadWatch(tx, planned.ID)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		copied := *planned
		w = &copied
		return createWatch(tx, w)
	})
	if err != nil {
		return nil, fmt.Errorf("writing a watch: %w", err)
	}
	return w, nil
}

func (s *Service) planWatch(want WatchWant, seen *Pipeline) *Watch {
	now := want.At.UTC()
	w := &Watch{ID: WatchID(want.Request), Request: want.Request, State: Watching, Stage: 1, By: want.By, Channel: want.Channel,
		Created: now, Round: 1, Begun: now, Until: now.Add(WatchFor), Seen: *seen}
	if service, ok := s.current().Service(seen.Service); ok {
		w.Home = home(s.current(), service)
	}
	if seen.Ended() {
		w.State, w.Ended, w.Round = Over, now, 0
	}
	return w
}

func createWatch(tx store.Tx, w *Watch) error {
	if err := store.Save(tx, watchKey(w.ID), w); err != nil {
		return err
	}
	return wakeWatch(tx, w)
}

// wakeWatch makes the runner look at the watch, unless it is over, and at its card.
func wakeWatch(tx store.Tx, w *Watch) error {
	if w.State == Watching {
		if err := work.Wake(tx, Watches, w.ID, time.Time{}); err != nil {
			return err
		}
	}
	return work.Wake(tx, card, "watch/"+w.ID, time.Time{})
}

// StepWatch looks once more at a watched pipeline, or runs one of its runs again when that is wanted, and says when to go
// on; the zero time means that there is nothing more to do.
func (s *Service) StepWatch(ctx context.Context, id string) (next time.Time, err error) {
	w, err := s.Watched(ctx, id)
	switch {
	case errors.Is(err, ErrNotFound):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, err
	case w.State != Watching:
		return time.Time{}, nil
	case w.Rerun.pending() >= 0:
		return s.rerunNext(ctx, w)
	}
	seen := w.Seen
	if err := s.look(ctx, &seen, &w.Seen); err != nil {
		return s.watchTrouble(ctx, w, err, nil)
	}
	now := s.clock.Now()
	return s.moveWatch(ctx, id, watchPause(now.Sub(w.Begun)), func(w *Watch) {
		w.Unread, w.Seen = nil, seen
		if w.over(now) {
			w.State, w.Ended = Over, now
		}
	})
}

// over tells whether there is nothing to wait for any more. After a wish to run something again the new attempt has to
// show first.
func (w *Watch) over(now time.Time) bool {
	if w.Rerun.pending() >= 0 || w.Rerun.unseen(&w.Seen) && now.Sub(w.Begun) < beginsWithin {
		return false
	}
	if w.Seen.Tally.Total == 0 && len(w.Seen.Under()) == 0 {
		return now.Sub(w.Begun) >= beginsWithin
	}
	return w.Seen.Ended()
}

// moveWatch writes what a step found out and says when to look again.
func (s *Service) moveWatch(ctx context.Context, id string, pause time.Duration, fn func(*Watch)) (time.Time, error) {
	now := s.clock.Now()
	w, err := s.changeWatch(ctx, id, func(_ store.Tx, w *Watch) error {
		if w.State != Watching {
			return nil
		}
		fn(w)
		if w.State == Watching && !now.Before(w.Until) {
			w.State, w.Ended = GivenUp, now
		}
		return nil
	})
	if err != nil || w.State != Watching {
		return time.Time{}, err
	}
	next := now.Add(max(pause, min(s.github.Pace(), maxWait)))
	if next.After(w.Until) {
		next = w.Until
	}
	return next, nil
}

// watchTrouble notes that GitHub could not be asked; it is tried again until the watch is given up.
func (s *Service) watchTrouble(ctx context.Context, w *Watch, cause error, fn func(*Watch)) (time.Time, error) {
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err() // it is we who stop
	}
	why, wait := explain(cause)
	tries := 0
	if w.Unread != nil {
		tries = w.Unread.Tries
	}
	now := s.clock.Now()
	return s.moveWatch(ctx, w.ID, backOff(tries, wait), func(w *Watch) {
		if fn != nil {
			fn(w)
		}
		if w.Unread == nil {
			w.Unread = &Trouble{Since: now}
		}
		w.Unread.Why, w.Unread.Tries = why, min(w.Unread.Tries+1, 8)
	})
}

// watchPause is how long to wait before looking again, after watching for some time.
func watchPause(age time.Duration) time.Duration {
	switch {
	case age < 2*time.Minute:
		return 5 * time.Second
	case age < 10*time.Minute:
		return 10 * time.Second
	case age < 30*time.Minute:
		return 20 * time.Second
	case age < 2*time.Hour:
		return 45 * time.Second
	}
	return 2 * time.Minute
}

func loadWatch(g store.Getter, id string) (*Watch, error) {
	w, found, err := store.Load[Watch](g, watchKey(id))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrNotFound
	}
	return &w, nil
}

// changeWatch writes one change of a watch: it counts the stage and has the card redrawn. A change that changes nothing
// writes nothing.
func (s *Service) changeWatch(ctx context.Context, id string, fn func(store.Tx, *Watch) error) (*Watch, error) {
	var w *Watch
	err := work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		w, err = changeWatchIn(tx, id, fn)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("writing watch %s: %w", id, err)
	}
	return w, nil
}

func changeWatchIn(tx store.Tx, id string, fn func(store.Tx, *Watch) error) (*Watch, error) {
	w, err := loadWatch(tx, id)
	if err != nil {
		return nil, err
	}
	offers := w.offers()
	before, err := json.Marshal(w)
	if err != nil {
		return nil, err
	}
	if err := fn(tx, w); err != nil {
		return nil, err
	}
	after, err := json.Marshal(w)
	if err != nil || bytes.Equal(before, after) {
		return w, err
	}
	if w.offers() != offers {
		w.Stage++
	}
	if err := store.Save(tx, watchKey(id), w); err != nil {
		return nil, err
	}
	return w, work.Wake(tx, card, "watch/"+w.ID, time.Time{})
}

// offers is what the buttons mean, as one comparable value.
func (w *Watch) offers() string {
	return fmt.Sprint(w.Offered(FailedJobs), w.Offered(AllJobs), w.State == GivenUp)
}

// Offered are the runs that can be run again now; none while that is under way already.
func (w *Watch) Offered(jobs Jobs) []Attempt {
	if w.Rerun.pending() >= 0 || w.Rerun.unseen(&w.Seen) {
		return nil
	}
	return w.Seen.Rerunnable(jobs)
}
