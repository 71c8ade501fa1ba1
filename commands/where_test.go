package commands

import (
	"strings"
	"testing"
	"time"

	"shipmate/delivery"
)

// wheres are answers of every kind.
func wheres() map[string]*delivery.Whereabouts {
	runs := func(environment string) delivery.Standing {
		return delivery.Standing{Service: "checkout", Environment: environment, Tried: true, Ledger: delivery.Ledger{Deployment: "d-aaaaaaaaaa",
			Commit: delivery.Commit{SHA: oldSHA, Subject: "Tidy <up>", Author: "cy"}, By: "U0BEN", Since: nine}}
	}
	doubtful := func(environment string) delivery.Standing {
		s := runs(environment)
		s.Doubt = made(ended(delivery.Failed, time.Minute))
		return s
	}
	under := runs("production")
	under.Under = made(in(delivery.Running))
	outside := delivery.Standing{Service: "checkout", Environment: "production", Outside: &delivery.Outside{Commit: delivery.Commit{SHA: oldSHA}, By: "cy", Since: nine}}
	unread := delivery.Standing{Service: "checkout", Environment: "qa", Unread: true}
	staging := delivery.Place{Standing: runs("staging"), Presence: delivery.Present, Since: nine}
	pull := func(state string) *delivery.Pull {
		return &delivery.Pull{PullRequest: delivery.PullRequest{Number: 12, Title: "Add <a> basket", Author: "ana", URL: "https://github.com/acme/checkout/pull/12"}, State: state}
	}
	located := func(p *delivery.Pull, places ...delivery.Place) delivery.Located {
		return delivery.Located{Service: "checkout", Pull: p, Commit: delivery.Commit{SHA: newSHA, Subject: "Add <a> basket", Author: "ana"}, Places: places}
	}
	issue := &delivery.TitledIssue{Issue: delivery.Issue{Repo: "acme/checkout", Number: 41, URL: "https://github.com/acme/checkout/issues/41"},
		Title: "No <b>basket", State: "closed"}
	one := func(l delivery.Located) *delivery.Whereabouts {
		return &delivery.Whereabouts{Found: []delivery.Located{l}}
	}
	return map[string]*delivery.Whereabouts{
		"pull": one(located(pull("merged"), staging, delivery.Place{Standing: under, Presence: delivery.Absent, Coming: true},
			delivery.Place{Standing: unread, Presence: delivery.NotKnown})),
		"open":     one(located(pull("open"), delivery.Place{Standing: runs("staging"), Presence: delivery.Absent})),
		"given up": one(located(pull("closed"), delivery.Place{Standing: runs("staging"), Presence: delivery.NotTelling})),
		"commit": one(located(nil, delivery.Place{Standing: doubtful("staging"), Presence: delivery.Present, Since: nine, AtLatest: true},
			delivery.Place{Standing: doubtful("qa"), Presence: delivery.Absent, Begun: true},
			delivery.Place{Standing: outside, Presence: delivery.Present, Since: nine, AtLatest: true})),
		"nowhere": one(located(nil)),
		"several": {Found: []delivery.Located{located(nil, staging), located(nil)}, AtLeast: true, Unread: []string{"acme/<x>"}},
		"issue": {Issue: issue, Found: []delivery.Located{located(pull("merged"), staging)}, More: 2, AtLeast: true,
			Elsewhere: []delivery.Issue{{Repo: "acme/other", Number: 3, URL: "https://github.com/acme/other/pull/3"}}},
		"issue of nothing": {Issue: issue, AtLeast: true},
	}
}

func TestWheres(t *testing.T) {
	t.Parallel()
	for name, w := range wheres() {
		golden(t, "testdata/wheres/"+strings.ReplaceAll(name, " ", "-")+".json", readable(t, whereMessage(w)))
	}
}

func TestWhereKinds(t *testing.T) {
	t.Parallel()
	kinds := Kinds()
	for _, c := range []struct{ kind, word, want string }{
		{"number", "#12", "12"}, {"number", "12", "12"}, {"number", "#0012345678", "12345678"}, {"number", "1234567", ""}, {"number", "#0", ""}, {"number", "#x", ""},
		{"link", "https://github.com/acme/checkout/pull/12", "acme/checkout#12"},
		{"link", "https://git.acme.example/acme/check.out/issues/7?q=1", "acme/check.out#7"},
		{"link", "https://github.com/acme/checkout/pull/12/files", "acme/checkout#12"},
		{"link", "https://github.com/acme/checkout/commit/1a2b3c4", "acme/checkout@1a2b3c4"},
		{"link", "https://github.com/acme/checkout", ""}, {"link", "checkout", ""}, {"link", "https://github.com/acme/checkout/pull/12x", ""},
	} {
		got, err := kinds[c.kind].Parse(c.word)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s %q: %q, %v", c.kind, c.word, got, err)
		}
	}
	if s := linked("acme/x#12"); s.Repo != "acme/x" || s.Number != 12 || s.SHA != "" {
		t.Errorf("%+v", s)
	}
	if s := linked("acme/x@1a2b3c4"); s.Repo != "acme/x" || s.Number != 0 || s.SHA != "1a2b3c4" {
		t.Errorf("%+v", s)
	}
}
