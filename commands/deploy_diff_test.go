package commands

import (
	"fmt"
	"strings"
	"testing"

	"shipmate/delivery"
)

// diffs are answers of every kind.
func diffs() map[string]*delivery.Diff {
	with := func(fns ...func(*delivery.Diff)) *delivery.Diff {
		d := &delivery.Diff{Would: made(), Listed: 2, Authors: []delivery.Author{{Name: "ana", Commits: 1}, {Name: "ben", Commits: 1}},
			Files: 3, Additions: 40, Deletions: 7}
		for _, fn := range fns {
			fn(d)
		}
		return d
	}
	direct := func(n, unread int) func(*delivery.Diff) {
		return func(d *delivery.Diff) {
			for i := range n {
				d.Direct = append(d.Direct, delivery.Commit{SHA: newSHA, Subject: fmt.Sprintf("Hot <fix> %d", i), Author: "ben", URL: "https://github.com/acme/checkout/commit/" + newSHA})
			}
			d.Unread = unread
		}
	}
	return map[string]*delivery.Diff{
		"plain": with(),
		"direct": with(direct(1, 0), func(d *delivery.Diff) {
			d.Issues = []delivery.Issue{{Repo: "acme/checkout", Number: 41, URL: "https://github.com/acme/checkout/issues/41"}, {Repo: "acme/<other>", Number: 7}}
		}),
		"unread": with(direct(0, 1)),
		"nothing": with(func(d *delivery.Diff) {
			d.Would.Changes, d.Authors, d.Files, d.Listed = &delivery.Changes{Status: "identical"}, nil, 0, 0
		}),
		"unknown": with(func(d *delivery.Diff) {
			d.Would.Before, d.Would.Changes, d.Authors, d.Files, d.Listed = delivery.Before{}, nil, nil, 0, 0
		}),
		"back": with(func(d *delivery.Diff) {
			d.Would.Changes.Status, d.Would.Changes.Ahead, d.Would.Changes.Behind = "behind", 0, 2
			d.Issues = []delivery.Issue{{Repo: "acme/checkout", Number: 41}}
			d.Under = made(in(delivery.Running))
		}),
		"long": with(direct(12, 30), func(d *delivery.Diff) {
			c := d.Would.Changes
			c.Ahead, c.More, c.AtLeast, d.Listed, d.IssuesAtLeast, d.Files, d.AtLeast = 400, 30, true, 250, true, 300, true
			d.Would.Ref = strings.Repeat("r", 200)
			for i := range 24 {
				c.PullRequests = append(c.PullRequests, delivery.PullRequest{Number: i, Title: "More <b>", Author: "cy", URL: "https://github.com/acme/checkout/pull/1"})
				d.Issues = append(d.Issues, delivery.Issue{Repo: "acme/checkout", Number: 100 + i})
				d.Authors = append(d.Authors, delivery.Author{Name: fmt.Sprint("a", i), Commits: 1})
			}
		}),
	}
}

func TestDiffs(t *testing.T) {
	t.Parallel()
	for name, d := range diffs() {
		golden(t, "testdata/diffs/"+name+".json", readable(t, diffMessage(d)))
	}
}
