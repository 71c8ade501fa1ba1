package delivery

import (
	"context"
	"slices"
	"time"
)

// Place is whether a change is in an environment.
type Place struct {
	Standing
	// Presence is whether what runs there has the change in it.
	Presence Presence
	// Since is when it came there, as far as one knows; AtLatest says that it may have been before. Zero when it is not there.
	Since    time.Time
	AtLatest bool
	// Coming is set when it is not there and the deployment under way brings it, Begun when a deployment that did not succeed
	// would have brought it, so that it may be there in part.
	Coming bool
	Begun  bool
}

// Presence is whether a change is somewhere.
type Presence string

// The presences.
const (
	Present    Presence = "present"
	Absent     Presence = "absent"
	NotKnown   Presence = "not_known"   // what runs there is not known
	NotTelling Presence = "not_telling" // GitHub does not tell whether what runs there has it
)

// in says whether a commit is in an environment, and since when.
func (l *locator) in(ctx context.Context, repo string, one Standing, sha string) (Place, error) {
	p := Place{Standing: one, Presence: NotKnown}
	running := one.Ledger.Commit.SHA
	if one.Outside != nil {
		running = one.Outside.Commit.SHA
	}
	if running != "" {
		p.Presence = l.has(ctx, repo, running, sha)
	}
	if p.Presence != Present {
		p.Coming = one.Under != nil && l.has(ctx, repo, one.Under.Commit.SHA, sha) == Present
		p.Begun = one.Doubt != nil && l.has(ctx, repo, one.Doubt.Commit.SHA, sha) == Present
		return p, nil
	}
	if one.Outside != nil {
		p.Since, p.AtLatest = one.Outside.Since, true
		return p, nil
	}
	history, err := l.History(ctx, one.Service, one.Environment, MaxHistory)
	if err != nil {
		return p, err
	}
	p.Since, p.AtLatest = one.Ledger.Since, true
	if good := succeeded(history); len(good) > 0 && good[0].ID == one.Ledger.Deployment {
		p.Since, p.AtLatest = l.since(ctx, repo, good, sha)
	}
	return p, nil
}

// succeeded are those that changed what runs there for sure, the last to end first: one that waited was asked for earlier than it ran.
func succeeded(all []*Deployment) []*Deployment {
	var out []*Deployment
	for _, d := range all {
		if d.State == Succeeded {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b *Deployment) int { return b.Ended.Compare(a.Ended) })
	return out
}

// has tells whether head has the commit in it: it is asked once of each pair, and not any more when too much was asked.
func (l *locator) has(ctx context.Context, repo, head, commit string) Presence {
	key := repo + " " + head + " " + commit
	if seen, ok := l.looked[key]; ok {
		return seen
	}
	seen := NotTelling
	if head == commit {
		seen = Present
	} else if l.left > 0 {
		l.left--
		switch contains, err := l.github.Contains(ctx, repo, head, commit); {
		case err != nil:
		case contains:
			seen = Present
		default:
			seen = Absent
		}
	}
	l.looked[key] = seen
	return seen
}

// since finds when a commit came to where it is: when the first ended of the deployments that had it, without one between that had
// not. The deployments are those that succeeded there, newest first, and the newest has it. atLatest is set when it is not known
// what was before.
func (l *locator) since(ctx context.Context, repo string, good []*Deployment, sha string) (when time.Time, atLatest bool) {
	at := 0 // it has the commit, and so has everything newer
	for at+1 < len(good) {
		end := forwardFrom(good, at)
		if end == at {
			end = at + 1 // nothing is known of how the two lie to each other
		}
		switch l.has(ctx, repo, good[end].Commit.SHA, sha) {
		case Present:
			at = end
		case Absent:
			return l.between(ctx, repo, good, at, end, sha)
		default:
			return good[at].Ended, true
		}
	}
	before := good[at].Before.SHA
	if before != "" && l.has(ctx, repo, before, sha) == Absent {
		return good[at].Ended, false
	}
	return good[at].Ended, true
}

// between finds the oldest deployment with the commit, between one that has it and an older one that has not, where each has all
// of the one before it.
func (l *locator) between(ctx context.Context, repo string, good []*Deployment, with, without int, sha string) (time.Time, bool) {
	for without-with > 1 {
		middle := (with + without) / 2
		switch l.has(ctx, repo, good[middle].Commit.SHA, sha) {
		case Present:
			with = middle
		case Absent:
			without = middle
		default:
			return good[with].Ended, true
		}
	}
	return good[with].Ended, false
}

// forwardFrom is how far back one can go from a deployment so that none took anything away that the one before it had brought.
func forwardFrom(good []*Deployment, at int) int {
	for at+1 < len(good) {
		d := good[at]
		if d.Changes == nil || d.Before.SHA != good[at+1].Commit.SHA || d.Changes.Status != "ahead" && d.Changes.Status != "identical" {
			break
		}
		at++
	}
	return at
}
