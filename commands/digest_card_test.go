package commands

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"shipmate/config"
	"shipmate/schedule"
)

// digestOf is a digest of a Monday morning, with all sections read unless something else is said.
func digestOf(fns ...func(*schedule.Digest)) *schedule.Digest {
	nine := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	d := &schedule.Digest{ID: "digest-payments.20261123T0800Z", Team: "payments", Channel: "#payments", Zone: "Europe/Berlin", State: schedule.Told, Since: nine.AddDate(0, 0, -3), Until: nine,
		Sections: config.DigestSections, Read: map[config.DigestSection]time.Time{}, Missing: map[config.DigestSection]schedule.Miss{}, Quiet: config.QuietLine, Detailed: true}
	for _, section := range d.Sections {
		d.Read[section] = nine.Add(time.Second)
	}
	d.Facts.OnCall = []schedule.Duty{{Who: "Ana Silva", Until: nine.AddDate(0, 0, 1), Next: "Ben Okafor"}}
	for _, fn := range fns {
		fn(d)
	}
	return d
}

// of are some things.
func of[T any](all ...T) schedule.Some[T] { return schedule.Some[T]{All: all} }

func normalDay(d *schedule.Digest) {
	at := d.Until
	d.Facts.Deploys = of(
		schedule.Deploy{Service: "checkout", Environment: "production", SHA: "1a2b3c4", URL: "https://github.com/acme/checkout/commit/1a2b3c4", Subject: "Retry <payments>", By: "Ana Silva", At: at.Add(-20 * time.Hour), State: "succeeded", Last: true},
		schedule.Deploy{Service: "checkout", Environment: "staging", SHA: "1a2b3c4", By: "Ana Silva", At: at.Add(-21 * time.Hour), State: "succeeded"},
		schedule.Deploy{Service: "ledger", Environment: "staging", SHA: "9f8e7d6", By: "Ben Okafor", At: at.Add(-22 * time.Hour), State: "cancelled"})
	d.Facts.Promotion = of(schedule.Promotion{Service: "ledger", From: "staging", To: "production", SHA: "5c6d7e8", URL: "https://github.com/acme/ledger/commit/5c6d7e8", Subject: "Round once", By: "Ben Okafor", Since: at.AddDate(0, 0, -4)})
	d.Facts.Pulls = of(
		schedule.Pull{Repo: "acme/checkout", Number: 41, Title: "Use *bold* words & <tags>", URL: "https://github.com/acme/checkout/pull/41", Author: "Chloé", Age: 26 * time.Hour, Day: 8 * time.Hour, Turn: []string{"Ana Silva", "payments-eng"}},
		schedule.Pull{Repo: "acme/ledger", Number: 7, Title: "Round once", URL: "https://github.com/acme/ledger/pull/7", Author: "Ben Okafor", Age: 5 * time.Hour, Day: 8 * time.Hour, Turn: []string{"Ben Okafor"}, Mine: true})
	d.Facts.Decisions = of(schedule.Decision{Name: "ADR-12", Title: "Keep sessions in Redis", URL: "https://github.com/acme/decisions/pull/7", State: "accepted", By: "Ana Silva", At: at.Add(-18 * time.Hour), New: true},
		schedule.Decision{Name: "ADR-13", Title: "Use NATS", State: "open", By: "Dev", At: at.AddDate(0, 0, -6)})
	d.Facts.Debts = of(schedule.Debt{Repo: "acme/ledger", Number: 3, Title: "Delete the old importer", URL: "https://github.com/acme/ledger/issues/3", Since: at.AddDate(-1, 0, 0)},
		schedule.Debt{Repo: "acme/ledger", Number: 19, Title: "Two clocks", URL: "https://github.com/acme/ledger/issues/19", Since: at.AddDate(0, 0, -1), New: true})
}

func terribleDay(d *schedule.Digest) {
	normalDay(d)
	at := d.Until
	d.Facts.Incidents = of(
		schedule.Incident{Number: 12, Title: "Nobody can pay <at all>", Severity: "sev1", Channel: "C0INC12", Lead: "Ana Silva", Since: at.Add(-3 * time.Hour)},
		schedule.Incident{Number: 11, Title: "Slow", Severity: "sev3", Since: at.Add(-40 * time.Hour), Resolved: at.Add(-38 * time.Hour)})
	d.Facts.Pipelines = of(
		schedule.Pipeline{Repo: "acme/checkout", Workflow: "CI", Branch: "main", URL: "https://github.com/acme/checkout/actions/runs/1", SHA: "abc1234", By: "Dev", Since: at.Add(-30 * time.Hour)},
		schedule.Pipeline{Repo: "acme/ledger", Workflow: "CI", Branch: "main", URL: "https://github.com/acme/ledger/actions/runs/2", SHA: "def1234", By: "Dev", Since: at.Add(-2 * time.Hour), Flaky: true, Repeats: 2})
	for i := range 12 {
		d.Facts.Deploys.All = append(d.Facts.Deploys.All, schedule.Deploy{Service: []string{"checkout", "ledger", "gateway", "catalog"}[i%4], Environment: "production", SHA: fmt.Sprintf("%07d", i), By: "Dev",
			At: at.Add(-time.Duration(i) * time.Hour), State: []string{"failed", "succeeded", "lost"}[i%3], Back: i == 4, Last: true})
	}
	d.Facts.Deploys.More = 6
	d.Facts.Waiting = of(schedule.Waiting{Service: "checkout", Environment: "production", SHA: "77aa88b", By: "Ben Okafor", Since: at.Add(-90 * time.Minute), Approval: true})
	for i := range 9 {
		d.Facts.Pulls.All = append(d.Facts.Pulls.All, schedule.Pull{Repo: "acme/gateway", Number: 100 + i, Title: "One more", URL: "https://github.com/acme/gateway/pull/100", Author: "Dev", Age: time.Duration(i) * time.Hour,
			Day: 8 * time.Hour, Turn: []string{"Ana Silva"}})
	}
	d.Facts.Pulls.More = 4
	d.Facts.Followups = of(
		schedule.Followup{Postmortem: true, Number: 9, What: "post-mortem", Who: "Ben Okafor", Due: at.Add(-50 * time.Hour), Late: true},
		schedule.Followup{Number: 8, What: "Alert on a full disk", URL: "https://github.com/acme/checkout/issues/8", Who: "ana", Due: at.Truncate(24 * time.Hour), Day: true})
	d.Facts.Holds = of(
		schedule.Closure{Service: "checkout", Environment: "production", By: "Ana Silva", Why: "we look for the cause", Since: at.Add(-3 * time.Hour)},
		schedule.Closure{Environment: "production", Freeze: true, Why: "weekend", Since: at.Add(8 * time.Hour), Until: at.Add(72 * time.Hour)})
	d.Facts.OnCall = []schedule.Duty{{Next: "Ben Okafor"}, {Who: "Dev", Old: at.Add(-20 * time.Minute)}}
}

// handsOver makes it the hand-over of who is on call.
func handsOver(d *schedule.Digest) {
	d.Kind, d.Sections = schedule.Handovers, config.HandoverSections
	for _, section := range d.Sections {
		d.Read[section] = d.Until.Add(time.Second)
	}
}

// missing has a section unread.
func missing(section config.DigestSection, next bool) func(*schedule.Digest) {
	return func(d *schedule.Digest) {
		delete(d.Read, section)
		m := schedule.Miss{Since: d.Until, Tries: 1, Why: "GitHub does not answer right now."}
		if next {
			m.Next = d.Until.Add(time.Minute)
		}
		d.Missing[section] = m
	}
}

// because has a section unread for another reason.
func because(section config.DigestSection, why string) func(*schedule.Digest) {
	return func(d *schedule.Digest) {
		m := d.Missing[section]
		m.Why = why
		d.Missing[section] = m
	}
}

func TestDigestMessages(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]*schedule.Digest{
		"quiet":                     digestOf(),
		"silent":                    digestOf(func(d *schedule.Digest) { d.Facts.OnCall = nil }),
		"normal":                    digestOf(normalDay),
		"terrible":                  digestOf(terribleDay),
		"handover, nothing notable": digestOf(handsOver),
		"handover, flaky": digestOf(handsOver, func(d *schedule.Digest) {
			d.Facts.Pipelines = of(schedule.Pipeline{Repo: "acme/ledger", Workflow: "CI", Branch: "main", URL: "https://github.com/acme/ledger/actions/runs/2", SHA: "def1234", By: "Dev",
				Since: d.Until.Add(-2 * time.Hour), Flaky: true, Repeats: 2})
		}),
		"handover": digestOf(terribleDay, handsOver, func(d *schedule.Digest) {
			d.Facts.Pages = of(schedule.Page{Subject: "checkout", Message: "it is <slow>", State: "acknowledged", Since: d.Until.Add(-3 * time.Hour), URL: "https://acme.pagerduty.com/incidents/1"},
				schedule.Page{Subject: "payments", Message: "who is there?", State: "triggered", Since: d.Until.Add(-time.Hour)})
			d.Facts.Baking = of(schedule.Baking{Service: "checkout", Environment: "production", SHA: "1a2b3c4", By: "Ana Silva", Until: d.Until.Add(4 * time.Hour)})
		}),
		"figures": digestOf(func(d *schedule.Digest) {
			d.Facts.Figures = []schedule.Figure{{Name: "Deployment frequency", Value: "12.3 a week", Note: "53 deployments on 20 days"}, {Name: "Change fail rate", Value: "4 %", Note: "2 of 50"},
				{Name: "Failed deployment recovery", Value: noData, Note: "no change was rolled back or unhealthy"}, {Name: "Incidents", Value: "2", Note: "0 open"}}
		}),
		"button":  digestOf(terribleDay, func(d *schedule.Digest) { d.Detailed = false }),
		"preview": digestOf(normalDay, missing(config.DigestReviews, true), func(d *schedule.Digest) { d.ID = "preview" }),
		"unread":  digestOf(normalDay, missing(config.DigestReviews, true), missing(config.DigestPipelines, true), missing(config.DigestDebt, false)),
		"unread for several reasons": digestOf(missing(config.DigestReviews, true), missing(config.DigestOnCall, true), missing(config.DigestPipelines, true), missing(config.DigestDebt, false),
			because(config.DigestOnCall, "PagerDuty does not answer right now."), because(config.DigestDebt, "Shipmate lacks Issues: read")),
		"old debt": digestOf(func(d *schedule.Digest) {
			d.Facts.Debts = of(schedule.Debt{Repo: "acme/ledger", Number: 3, Title: "Delete the old importer", Since: d.Since.AddDate(-1, 0, 0)})
		}),
		"nothing read": digestOf(func(d *schedule.Digest) {
			for _, section := range d.Sections {
				missing(section, true)(d)
			}
		}),
		"completed": digestOf(terribleDay, func(d *schedule.Digest) { d.Read[config.DigestReviews] = d.Until.Add(10 * time.Minute) }),
	} {
		golden(t, filepath.Join("testdata", "digest", name+".json"), readable(t, digestView(d)))
	}
}
