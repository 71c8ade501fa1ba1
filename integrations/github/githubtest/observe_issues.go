package githubtest

import (
	"slices"
	"strings"
	"time"
)

// Issue is an issue or pull request as it stands.
type Issue struct {
	Number    int
	Title     string
	Body      string
	Author    string
	State     string // open, closed
	Reason    string // state_reason
	Labels    []string
	Assignees []string
	Comments  []string // oldest first
	Reactions []Reaction
	Created   time.Time
	Pull      *Pull // set for a pull request
}

// Reaction is what somebody shows of an issue or pull request.
type Reaction struct {
	Login   string
	Content string // +1, -1, laugh, confused, heart, hooray, rocket, eyes
}

// Pull is what a pull request is more than an issue.
type Pull struct {
	Head      string // branch
	Fork      string // whose copy of the repository it comes from; "" for the repository itself
	HeadSHA   string
	Base      string // branch
	Draft     bool
	Merged    bool
	MergeSHA  string
	Reviewers []string // logins, then slugs of teams, of whom a review is awaited
}

// LogEntry is a commit of a branch.
type LogEntry struct {
	SHA       string
	Message   string
	Author    string // name <address>
	Committer string
	Parents   []string
}

// Issues are the issues of a repository without its pull requests, oldest first.
func (s *Server) Issues(repo string) []Issue { return s.seen(repo, false) }

// Pulls are the pull requests of a repository, oldest first.
func (s *Server) Pulls(repo string) []Issue { return s.seen(repo, true) }

func (s *Server) seen(repo string, pulls bool) []Issue {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.w.Repos[strings.ToLower(repo)]
	if d == nil {
		return nil
	}
	var out []Issue
	for _, i := range d.Issues {
		if (i.PR != nil) == pulls {
			out = append(out, i.seen())
		}
	}
	return out
}

func (i *issue) seen() Issue {
	out := Issue{Number: i.Number, Title: i.Title, Body: i.Body, Author: i.User, State: i.State, Reason: i.Reason, Labels: slices.Clone(i.Labels),
		Assignees: slices.Clone(i.Assigned), Created: i.Created}
	for _, c := range i.Comments {
		out.Comments = append(out.Comments, c.Body)
	}
	for _, v := range i.Reactions {
		out.Reactions = append(out.Reactions, Reaction{v.User, v.Content})
	}
	if p := i.PR; p != nil {
		out.Pull = &Pull{Head: p.HeadRef, Fork: p.Fork, HeadSHA: p.HeadSHA, Base: p.BaseRef, Draft: p.Draft, Merged: p.Merged != nil, MergeSHA: p.MergeSHA,
			Reviewers: slices.Concat(p.Asked, p.Teams)}
	}
	return out
}

// Log lists the commits that ref has and base has not, oldest first; all of ref's when base is "".
func (r *Repo) Log(base, ref string) []LogEntry {
	var out []LogEntry
	r.change(func(d *repo) {
		before := ""
		if base != "" {
			before = d.must(base)
		}
		for _, c := range d.Git.only(d.must(ref), before) {
			out = append(out, LogEntry{SHA: c.SHA, Message: c.Message, Author: c.Author.person(), Committer: c.Committer.person(), Parents: c.Parents})
		}
	})
	return out
}

func (s signature) person() string { return s.Name + " <" + s.Email + ">" }

// File is what stands in a file of a branch, tag or commit; found is false when there is none.
func (r *Repo) File(ref, path string) (content string, found bool) {
	r.change(func(d *repo) {
		var data []byte
		data, found = d.Git.file(d.must(ref), path)
		content = string(data)
	})
	return content, found
}

// Status is a commit status.
type Status struct {
	Context     string
	State       string
	Description string
	URL         string
	Creator     string
}

// Statuses are the commit statuses of a branch's newest commit, a tag's or a commit, oldest first.
func (r *Repo) Statuses(ref string) []Status {
	var out []Status
	r.change(func(d *repo) {
		for _, st := range slices.Backward(d.statusesOf(d.must(ref))) {
			one := Status{Context: st.Context, State: st.State, Creator: st.Creator}
			if st.Description != nil {
				one.Description = *st.Description
			}
			if st.TargetURL != nil {
				one.URL = *st.TargetURL
			}
			out = append(out, one)
		}
	})
	return out
}
