package sandbox

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"shipmate/integrations/github/githubtest"
)

// pullDeeds are what people do on GitHub's own side to a pull request that is open. As is their login.
var pullDeeds = map[string]func(r *githubtest.Repo, p githubtest.Issue, a ask) error{
	"merge": func(r *githubtest.Repo, p githubtest.Issue, a ask) error {
		if p.Pull.Draft {
			return errors.New("GitHub merges no draft: it has to be ready for review first")
		}
		r.MergePR(p.Number, a.As)
		return nil
	},
	"ready": func(r *githubtest.Repo, p githubtest.Issue, _ ask) error { r.Ready(p.Number); return nil },
	"close": func(r *githubtest.Repo, p githubtest.Issue, _ ask) error { r.ClosePR(p.Number); return nil },
	"write": func(r *githubtest.Repo, p githubtest.Issue, a ask) error { // Query is the file
		if !plainPath(a.Query) {
			return errNoPath
		}
		r.PushTo(p.Number, a.As, "Write "+a.Query, githubtest.Files{a.Query: lines(a.Text)})
		return nil
	},
	"approve": func(r *githubtest.Repo, p githubtest.Issue, a ask) error { return review(r, p, a, "APPROVED") },
	"object":  func(r *githubtest.Repo, p githubtest.Issue, a ask) error { return review(r, p, a, "CHANGES_REQUESTED") },
	"+1":      thumb,
	"-1":      thumb,
}

var errNoPath = errors.New("a file cannot stand there: write a path such as doc/adr/0001-a-decision.md")

// doGitHub is somebody doing something on GitHub's own side. Value is the place of a pull request, "acme/checkout/pull/7", or of a
// repository, where somebody opens one from a laptop.
func (s *Stage) doGitHub(_ context.Context, a ask) (answer, error) {
	unknown := errors.New("GitHub knows no such pull request, person or deed")
	if !slices.ContainsFunc(employees, func(e employee) bool { return e.name == a.As }) {
		return answer{}, unknown
	}
	if a.Action == "open" {
		return answer{}, s.openFromLaptop(a)
	}
	repo, number, found := strings.Cut(a.Value, "/pull/")
	n, err := strconv.Atoi(number)
	deed := pullDeeds[a.Action]
	if !found || err != nil || deed == nil {
		return answer{}, unknown
	}
	for _, p := range s.github.Pulls(repo) {
		switch {
		case p.Number != n:
			continue
		case p.State != "open":
			return answer{}, errors.New("it is not open any more")
		}
		return answer{}, deed(s.github.Repo(repo), p, a)
	}
	return answer{}, errors.New("GitHub knows no such pull request")
}

// thumb gives somebody's thumb, or takes it back when it is given.
func thumb(r *githubtest.Repo, p githubtest.Issue, a ask) error {
	if slices.Contains(p.Reactions, githubtest.Reaction{Login: a.As, Content: a.Action}) {
		r.Unreact(p.Number, a.As, a.Action)
	} else {
		r.React(p.Number, a.As, a.Action)
	}
	return nil
}

func review(r *githubtest.Repo, p githubtest.Issue, a ask, state string) error {
	if p.Author == a.As {
		return errors.New("GitHub lets nobody review their own pull request")
	}
	r.Review(p.Number, a.As, state, lines(a.Text))
	return nil
}

// openFromLaptop opens a pull request with one new file, as somebody does with git and without Shipmate: Query is its path.
func (s *Stage) openFromLaptop(a ask) error {
	repo := s.github.Repo(a.Value)
	switch {
	case repo == nil || len(repo.Branches()) == 0:
		return errors.New("GitHub knows no such repository, or it is empty")
	case !plainPath(a.Query):
		return errNoPath
	}
	title, _, _ := strings.Cut(strings.TrimLeft(lines(a.Text), "# \n"), "\n")
	if title = strings.TrimSpace(title); title == "" {
		return errors.New("write something into the file first")
	}
	repo.OpenFromLaptop(githubtest.LaptopPR{Author: a.As, Title: title, Files: githubtest.Files{a.Query: lines(a.Text)}})
	return nil
}

// plainPath tells whether a file can stand there.
func plainPath(p string) bool {
	return p != "" && p != "." && path.Clean("/"+p) == "/"+p && !strings.ContainsAny(p, "\\\x00\n") && !slices.Contains(strings.Split(p, "/"), ".git")
}

// lines are a text as a file has it, whatever a form of the browser made of it.
func lines(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// recordNumber begins the name of a decision record.
var recordNumber = regexp.MustCompile(`^(\d{4})-`)

// exampleRecord is a decision record with the number that follows on those of a repository's main branch, for somebody to propose.
func (s *Stage) exampleRecord(ctx context.Context, at string) *gitHubFile {
	for _, dir := range []string{decisionsDir, storefrontDir} {
		if next := s.nextNumber(ctx, at, dir); next > 1 {
			return recordOf(dir, next, s.clock.Now())
		}
	}
	return recordOf(decisionsDir, 1, s.clock.Now())
}

// nextNumber follows on the numbers of the records in a directory of a repository's main branch.
func (s *Stage) nextNumber(ctx context.Context, at, dir string) int {
	var there []struct{ Name string }
	_ = s.askGitHub(ctx, at+"/contents/"+dir, &there) // there are none yet, or GitHub does not tell
	next := 1
	for _, f := range there {
		if m := recordNumber.FindStringSubmatch(f.Name); m != nil {
			n, _ := strconv.Atoi(m[1])
			next = max(next, n+1)
		}
	}
	return next
}

// recordOf is a decision record that people can propose.
func recordOf(dir string, number int, now time.Time) *gitHubFile {
	return &gitHubFile{Path: fmt.Sprintf("%s/%04d-keep-prices-in-cents.md", dir, number), Text: fmt.Sprintf(`# %d. Keep prices in cents

Date: %s

## Status

Proposed

## Context

Prices are floating-point numbers, and totals are off by a cent now and then.

## Decision

We keep every price as a whole number of cents.

## Consequences

Sums are exact. Whoever shows a price has to put the point in.
`, number, now.UTC().Format(time.DateOnly))}
}
