package delivery

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"shipmate/integrations/github"
	"shipmate/store"
)

// Diff is what deploying a commit would change in an environment.
type Diff struct {
	// Would is the deployment as it would be: its commit, what runs there, and the changes. It is not made, and no gate was asked.
	// Without Changes it is not known what would change.
	Would *Deployment
	// Under is the deployment under way there, nil when there is none: with its end the answer may be another.
	Under *Deployment

	// Everything below is of the commits that come; of a commit that goes back, of those that go. It is known of the newest
	// Listed commits, which are all there are unless GitHub lists no more.
	Listed int
	// Authors wrote them, those of most commits first.
	Authors []Author
	// Direct are commits that no merged pull request has brought, newest first; of Unread more it is not known.
	Direct []Commit
	Unread int
	// Issues are those that the pull requests and commits say they close; IssuesAtLeast says that there may be more.
	Issues        []Issue
	IssuesAtLeast bool
	// Files, Additions and Deletions are how much the deployment changes, in lines; AtLeast says that it is more, since GitHub lists 300 files.
	Files, Additions, Deletions int
	AtLeast                     bool
}

// Author is somebody who wrote commits: a login, or the name in the commit when GitHub knows no account for it.
type Author struct {
	Name    string
	Commits int
}

// Issue is an issue on GitHub.
type Issue struct {
	Repo   string // owner/name
	Number int
	URL    string // may be empty
}

// Diff tells what Deploy would change. Only Service, Environment and Ref of the wish count. What is no deployment at all is a
// *Refused; that GitHub could not be asked is a *github.Error.
func (s *Service) Diff(ctx context.Context, w Want) (*Diff, error) {
	cfg := s.current()
	service, environment, err := place(cfg, w.Service, w.Environment)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	d := &Deployment{Service: service.Name, Environment: environment.Name, Repo: string(service.Repo)}
	var now Standing
	if err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		now, err = standing(snap, d.Service, d.Environment)
		return err
	}); err != nil {
		return nil, fmt.Errorf("reading what runs there: %w", err)
	}
	if err := s.pin(ctx, &planned{Deployment: d}, w); err != nil {
		return nil, err
	}
	d.Before = s.before(ctx, cfg, d, now.Ledger)
	out := &Diff{Would: d, Under: now.Under}
	var listed github.Comparison
	d.Changes, listed, err = s.compared(ctx, d)
	if err != nil && !github.IsNotFound(err) { // a commit that is gone, or of another history: it cannot be known
		return nil, err
	}
	out.take(listed)
	if d.Changes != nil && d.Changes.Status == "behind" {
		out.Additions, out.Deletions = out.Deletions, out.Additions // what had come goes
	}
	return out, nil
}

// take takes over what a comparison lists.
func (d *Diff) take(from github.Comparison) {
	d.Listed, d.Unread, d.IssuesAtLeast = len(from.Commits), from.Unread, from.Truncated
	d.Authors = authorsOf(from.Commits)
	for _, c := range slices.Backward(from.Direct) {
		d.Direct = append(d.Direct, Commit{SHA: c.SHA, Subject: cut(c.Subject), Author: cut(c.Author), URL: c.URL})
	}
	for _, i := range from.Issues {
		d.Issues = append(d.Issues, Issue(i))
	}
	d.Files, d.Additions, d.Deletions, d.AtLeast = from.Size.Files, from.Size.Additions, from.Size.Deletions, from.Size.AtLeast
}

// authorsOf counts who wrote the commits.
func authorsOf(commits []github.Commit) []Author {
	var out []Author
	for _, c := range commits {
		i := slices.IndexFunc(out, func(a Author) bool { return a.Name == cut(c.Author) })
		if i < 0 {
			i, out = len(out), append(out, Author{Name: cut(c.Author)})
		}
		out[i].Commits++
	}
	slices.SortStableFunc(out, func(a, b Author) int { return cmp.Compare(b.Commits, a.Commits) })
	return out
}
