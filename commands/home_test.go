package commands

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"shipmate/adr"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/schedule"
)

func homeConfig(t *testing.T) *config.Config {
	t.Helper()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(`
teams: {payments: {channel: "#payments", slack_group: g}, storefront: {channel: "#storefront", slack_group: s}}
services:
  checkout: {repo: o/a, team: payments, environments: [staging]}
  catalog: {repo: o/b, team: storefront, environments: [staging]}
environments: {staging: {}}
`), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	return cfg
}

// tabOf is ana's tab.
func tabOf(t *testing.T, fns ...func(*homeTab)) *homeTab {
	t.Helper()
	tab := &homeTab{Config: homeConfig(t), User: "U0ANA", Now: nine.Add(96 * time.Hour)}
	for _, fn := range fns {
		fn(tab)
	}
	return tab
}

func standingsAt(tab *homeTab) {
	tab.All = []delivery.Standing{
		{Service: "catalog", Environment: "staging", Under: made(in(delivery.Running))},
		{Service: "checkout", Environment: "staging", Ledger: delivery.Ledger{Deployment: "d-1", Commit: made().Commit, Since: nine, By: "U0ANA"}},
	}
}

func ofPayments(tab *homeTab) { tab.Teams = []string{"payments"} }

// busy is a day on which everything waits for her.
func busy(tab *homeTab) {
	waits := made(in(delivery.Waiting), func(d *delivery.Deployment) {
		d.By, d.Reason, d.Expires = "U0CY", "the *demo* <now>", nine.Add(4*time.Hour)
		d.Approval = &delivery.Approval{Need: 1}
		d.Open = []delivery.Gate{{Name: "approvals", Verdict: delivery.NotYet, Total: 1}}
	})
	starts := made(in(delivery.Waiting), func(d *delivery.Deployment) {
		d.Expires, d.Start = nine.Add(4*time.Hour), &delivery.Start{Asked: nine}
		d.Open = []delivery.Gate{{Name: "start", Verdict: delivery.NotYet, Code: delivery.StartMissing, By: "U0ANA"}}
	})
	broke := made(in(delivery.Succeeded), func(d *delivery.Deployment) { d.By, d.Reason, d.Glass = "U0BEN", "the site is down", &delivery.Glass{} })
	tab.Approve, tab.Start, tab.Sign = []*delivery.Deployment{waits}, []*delivery.Deployment{starts}, []*delivery.Deployment{broke}
	tab.All[1].Waiting = []*delivery.Deployment{waits}
	late := postmortemWith(isLate)
	tab.Write = []toWrite{{postmortemWith(), incidentWith()}, {late, incidentWith()}}
	tab.Mine = actionItems()[:2]
	tab.Now = time.Date(2026, 12, 6, 0, 0, 0, 0, time.UTC)
	tab.Decide = []*adr.Proposal{{ID: "a-aaaaaaaaaa", State: adr.Open, Number: 12, Title: "Use *one* <clock>", By: "U0BEN", Created: nine, Pull: &adr.Pull{Number: 3, URL: "https://github.com/o/d/pull/3"}}}
	tab.Incidents = []*incident.Incident{incidentWith()}
	tab.Kept = homeKept{OnRota: true, Shifts: []homeShift{
		{Name: "Payments & <co>", URL: "https://acme.pagerduty.com/p", Level: 1, Start: tab.Now.Add(-time.Hour), End: tab.Now.Add(24 * time.Hour)},
		{Name: "Payments & <co>", Level: 2, Start: tab.Now.Add(48 * time.Hour), End: tab.Now.Add(72 * time.Hour)}},
		Pulls: []schedule.Pull{{Repo: "o/a", Number: 7, Title: "Round *twice* & <more>", URL: "https://github.com/o/a/pull/7", Author: "cy", Created: nine},
			{Repo: "o/a", Number: 8, Title: "Mine", URL: "https://github.com/o/a/pull/8", Author: "ana", Created: nine, Mine: true}},
		Debts: []schedule.Debt{{Repo: "o/a", Number: 9, Title: "Two *clocks*", URL: "https://github.com/o/a/issues/9", Since: nine}}}
}

// unread is when nobody outside answered.
func unread(tab *homeTab) {
	tab.Kept = homeKept{PullsUnread: true, DutyUnread: true}
}

// unlinked is of somebody whom GitHub is not known to know, and whom PagerDuty said something about some time ago.
func unlinked(tab *homeTab) {
	tab.Kept = homeKept{Unlinked: true, OnRota: true, AsOf: nine}
}

func TestHomeAsItIsShown(t *testing.T) {
	t.Parallel()
	for name, fns := range map[string][]func(*homeTab){
		"of-a-team":  {standingsAt, ofPayments},
		"of-no-team": {standingsAt},
		"empty":      {},
		"full":       {standingsAt, ofPayments, busy},
		"unread":     {standingsAt, ofPayments, unread},
		"unlinked":   {standingsAt, ofPayments, unlinked},
	} {
		golden(t, "testdata/home/"+name+".json", readable(t, tabOf(t, fns...).message()))
	}
}

func TestAHomeOfMuchIsCut(t *testing.T) {
	t.Parallel()
	tab := tabOf(t, standingsAt, ofPayments, busy)
	tab.Teams = nil
	for i := range maxHomeServices + 2 {
		tab.All = append(tab.All, delivery.Standing{Service: fmt.Sprintf("s%02d", i), Environment: "staging", Under: made(in(delivery.Running))})
	}
	for range maxHomeLines {
		tab.Approve, tab.Mine, tab.Kept.Pulls = append(tab.Approve, tab.Approve[0]), append(tab.Mine, tab.Mine[0]), append(tab.Kept.Pulls, tab.Kept.Pulls[0])
	}
	m := tab.message()
	text := string(readable(t, m))
	for _, want := range []string{"and 6 more: `/deploy status`", "and 2 more: `/postmortem items`", "and 2 more\"", "and 9 more", "And 4 more services"} {
		if !strings.Contains(text, want) {
			t.Errorf("what is left out is not counted: no %q in %s", want, text)
		}
	}
	if n := len(m.Parts); n > 80 { // of the hundred that Slack takes
		t.Errorf("%d parts", n)
	}
}

// Of more repositories than are asked it is said so, and not that they could not be read.
func TestAHomeOfManyRepositories(t *testing.T) {
	t.Parallel()
	tab := tabOf(t, ofPayments)
	services := "teams: {payments: {channel: \"#payments\", slack_group: g}}\nenvironments: {staging: {}}\nservices:\n"
	for i := range schedule.MaxWaitedFor + 3 {
		services += fmt.Sprintf("  s%02d: {repo: o/s%02d, team: payments, environments: [staging]}\n", i, i)
	}
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(services), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	tab.Config = cfg
	text := string(readable(t, tab.message()))
	if !strings.Contains(text, "20 of your teams' 23 repositories are looked at") || !strings.Contains(text, "as far as I could read") || strings.Contains(text, "Open this tab again") {
		t.Errorf("%s", text)
	}
}

func TestWhoIsAskedForAThumb(t *testing.T) {
	t.Parallel()
	asked := func(votes ...adr.Vote) *adr.Proposal {
		return &adr.Proposal{State: adr.Open, Text: "now", Reviewers: []string{"U0ANA"}, Votes: votes}
	}
	for name, c := range map[string]struct {
		p    *adr.Proposal
		want bool
	}{
		"nothing said":        {asked(), true},
		"another's thumb":     {asked(adr.Vote{By: "U0BEN", Thumb: adr.Up, Text: "now"}), true},
		"a thumb":             {asked(adr.Vote{By: "U0ANA", Thumb: adr.Up, Text: "now"}), false},
		"a thumb for another": {asked(adr.Vote{By: "U0ANA", Thumb: adr.Up, Text: "before"}), true},
		"held":                {asked(adr.Vote{By: "U0ANA", Thumb: adr.Down, Text: "before"}), false},
		"decided":             {&adr.Proposal{State: adr.Accepted, Reviewers: []string{"U0ANA"}}, false},
		"not asked":           {&adr.Proposal{State: adr.Open}, false},
	} {
		if got := asksFor(c.p, "U0ANA"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// BenchmarkHomeTab draws one tab of a busy day at a company of fifty services: a round draws that of everybody who opened theirs lately.
func BenchmarkHomeTab(b *testing.B) {
	services := ""
	for i := range 50 {
		services += fmt.Sprintf("  s%02d: {repo: o/s%02d, team: t%d, environments: [staging]}\n", i, i, i/10)
	}
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte("teams: {t0: {channel: \"#c\"}, t1: {channel: \"#c\"}, t2: {channel: \"#c\"}, t3: {channel: \"#c\"}, t4: {channel: \"#c\"}}\nservices:\n"+
		services+"environments: {staging: {}}\n"), config.Options{})
	if len(mistakes) > 0 {
		b.Fatal(mistakes)
	}
	tab := &homeTab{Config: cfg, User: "U0ANA", Teams: []string{"t3"}}
	for _, name := range cfg.ServiceNames() {
		tab.All = append(tab.All, delivery.Standing{Service: name, Environment: "staging", Ledger: delivery.Ledger{Deployment: "d-1", Commit: made().Commit, Since: nine, By: "U0ANA"}})
	}
	busy(tab)
	for b.Loop() {
		tab.message()
	}
}
