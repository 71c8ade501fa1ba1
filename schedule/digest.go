package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"shipmate/clock"
	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

// Digests are what a team's channel is told at its hour: a schedule of this kind makes a Digest each time.
const Digests Kind = "digest"

// Handovers are what a team's channel is told when its week on call is over, in the form of a digest.
const Handovers Kind = "handover"

// DigestDomain is the runner's name for digests, the kind of their cards, and the first word of their keys.
const DigestDomain = "digest"

// The keys of digests, beside the runner's:
//
//	digest/one/<id>     a digest (Digest)
//	digest/last/<team>  the last that came at its hour (lastTold)
//	digest/handover/<team>  the same of hand-overs
//	digest/team/<team>  what a team chose for its digests (Choice)
var (
	digestPrefix = store.Key(DigestDomain, "one") + "/"
	lastPrefix   = store.Key(DigestDomain, "last") + "/"

	lastHandoverPrefix = store.Key(DigestDomain, "handover") + "/"
)

func digestKey(id string) string   { return digestPrefix + store.Key(id) }
func choiceKey(team string) string { return store.Key(DigestDomain, "team", team) }

func lastKey(kind Kind, team string) string {
	if kind == Handovers {
		return lastHandoverPrefix + store.Key(team)
	}
	return lastPrefix + store.Key(team)
}

// HandoverOf is the ID of the schedule of a team's hand-overs.
func HandoverOf(team string) string { return "handover-" + team }

// DigestOf is the ID of the schedule of a team's digests.
func DigestOf(team string) string { return "digest-" + team }

// DigestState is how far a digest has come.
type DigestState string

// The states.
const (
	Gathering DigestState = "gathering" // what it says is being read
	Told      DigestState = "told"      // its message is in the channel, or on its way there
	Kept      DigestState = "kept"      // there was nothing to tell, and the team wants to hear nothing then
)

// Digest is what a team is told of a time: what was read for it, and what could not be.
type Digest struct {
	ID      string      `json:"id"` // that of the occasion it is for
	Kind    Kind        `json:"kind"`
	Team    string      `json:"team"`
	Channel string      `json:"channel"`
	Zone    string      `json:"zone"`
	By      string      `json:"by,omitempty"` // who wanted it at once; a Slack ID
	State   DigestState `json:"state"`
	// It tells of the time from Since to Until.
	Since time.Time `json:"since"`
	Until time.Time `json:"until"`
	// Sections are what it tells of, in order; Read are those that were read, each with when.
	Sections []config.DigestSection             `json:"sections"`
	Read     map[config.DigestSection]time.Time `json:"read,omitempty"`
	Missing  map[config.DigestSection]Miss      `json:"missing,omitempty"`
	Facts    Facts                              `json:"facts"`
	Quiet    string                             `json:"quiet,omitempty"` // what is said of a quiet day: one of config's words
	// Detailed says that its details stand in its thread, or are on their way there.
	Detailed bool      `json:"detailed,omitempty"`
	Ended    time.Time `json:"ended,omitzero"` // when there was nothing more to read for it
}

// Miss is that a source could not be read.
type Miss struct {
	Since time.Time `json:"since"`
	Next  time.Time `json:"next,omitzero"` // when it is tried again; zero when it was given up
	Tries int       `json:"tries"`
	Why   string    `json:"why"` // in words for people, without a full stop
}

// lastTold is where the next digest, hand-over or reminder of a team begins.
type lastTold struct {
	ID    string    `json:"id"`
	Until time.Time `json:"until"`
}

// Times of digests.
const (
	// maxSpan is how far back a digest looks at most.
	maxSpan = 7 * 24 * time.Hour
	// sourceTimeout is how long one section may take to be read, on the machine's clock.
	sourceTimeout = 20 * time.Second
	// sourceFirst and sourceMost are how long after a failure a source is tried again, the first time and at most; sourcePatience is how
	// long it is tried at all.
	sourceFirst    = time.Minute
	sourceMost     = 30 * time.Minute
	sourcePatience = 8 * time.Hour
)

// news tells whether there is anything that happened, or waits for somebody.
func (d *Digest) news() bool { return d.Facts.news() }

// previewID is the ID of a digest that is only looked at.
const previewID = "preview"

// IsPreview tells whether it is only looked at, and never completed.
func (d *Digest) IsPreview() bool { return d.ID == previewID }

// IsQuiet tells whether all was read and nothing of it is news.
func (d *Digest) IsQuiet() bool { return len(d.Missing) == 0 && !d.news() }

// Has tells whether a section was read.
func (d *Digest) Has(section config.DigestSection) bool {
	_, read := d.Read[section]
	return read
}

// newDigest is the digest of a team for an occasion, with nothing read yet.
func (s *Service) newDigest(g store.Getter, kind Kind, team *config.Team, o *Occasion) (*Digest, error) {
	last, _, err := store.Load[lastTold](g, lastKey(kind, team.Name))
	if err != nil {
		return nil, err
	}
	c, err := s.choice(g, team)
	if err != nil {
		return nil, err
	}
	until := o.At
	d := &Digest{ID: o.ID, Kind: kind, Team: team.Name, Channel: team.Channel, Zone: team.Location().String(), By: o.By, State: Gathering, Until: until, Since: last.Until,
		Sections: c.Sections, Quiet: c.Quiet, Detailed: c.Details == config.DetailsInThread}
	switch {
	case last.Until.IsZero() && kind == Handovers:
		d.Since = until.Add(-maxSpan)
	case last.Until.IsZero():
		d.Since = timeBefore(team, until)
	}
	if kind == Handovers { // a week on call is handed over, also when nothing happened
		d.Sections, d.Quiet = slices.Clone(config.HandoverSections), config.QuietLine
	}
	if oldest := until.Add(-maxSpan); d.Since.Before(oldest) {
		d.Since = oldest
	}
	if sameWeek(last.Until, until, team.Location()) { // figures of a week come with its first digest
		d.Sections = slices.DeleteFunc(slices.Clone(d.Sections), func(s config.DigestSection) bool { return s == config.DigestFigures })
	}
	return d, nil
}

func sameWeek(a, b time.Time, zone *time.Location) bool {
	y1, w1 := a.In(zone).ISOWeek()
	y2, w2 := b.In(zone).ISOWeek()
	return y1 == y2 && w1 == w2
}

// timeBefore is when the digest before would have come, had there been one.
func timeBefore(team *config.Team, at time.Time) time.Time {
	before := at.Add(-24 * time.Hour)
	times, err := clock.ParseCron(team.Digest, team.Location())
	if err != nil { // a team without
		return before
	}
	for t := times.Next(at.Add(-maxSpan)); t.Before(at); t = times.Next(t) {
		before = t
	}
	return before
}

// startDigest writes the digest of an occasion of a schedule, to be gathered.
func (s *Service) startDigest(one *Schedule) (Ran, error) {
	team, ok := s.current().Team(one.Team)
	if !ok || team.Channel == "" {
		return Ran{Outcome: Outcome{Fate: Failed, Said: fmt.Sprintf("The configuration has no team %s with a channel any more.", one.Team)}}, nil
	}
	o := one.Running
	return Ran{Outcome: Outcome{Fate: Done}, Write: func(tx store.Tx) error {
		d, err := s.newDigest(tx, one.Kind, team, o)
		if err != nil {
			return err
		}
		created, err := store.Create(tx, digestKey(d.ID), d)
		if err != nil || !created {
			return err
		}
		if o.By == "" {
			if err := store.Save(tx, lastKey(d.Kind, d.Team), lastTold{ID: d.ID, Until: d.Until}); err != nil {
				return err
			}
		}
		return work.Wake(tx, DigestDomain, d.ID, time.Time{})
	}}, nil
}

func loadDigest(g store.Getter, id string) (*Digest, error) { return loadOne[Digest](g, digestKey(id)) }

// Digest returns the digest with that ID, or ErrNotFound.
func (s *Service) Digest(ctx context.Context, id string) (d *Digest, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		d, err = loadDigest(snap, id)
		return err
	})
	return d, err
}

// LastDigest is the last digest of a team that came at its hour; nil without one.
func (s *Service) LastDigest(ctx context.Context, team string) (d *Digest, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		last, _, err := store.Load[lastTold](snap, lastKey(Digests, team))
		if d = nil; err != nil || last.ID == "" {
			return err
		}
		d, err = loadDigest(snap, last.ID)
		if errors.Is(err, ErrNotFound) { // swept
			return nil
		}
		return err
	})
	return d, err
}

// saveDigest writes a digest and has its message follow.
func (s *Service) saveDigest(tx store.Tx, d *Digest) error {
	if err := store.Save(tx, digestKey(d.ID), d); err != nil || d.State != Told {
		return err
	}
	return s.changed(tx, DigestDomain, d.ID)
}
