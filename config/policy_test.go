package config_test

import (
	"strings"
	"testing"
	"time"

	"shipmate/config"
)

const policyOf = `
slack: {admins: [platform]}
teams: {platform: {slack_group: platform-eng}, payments: {members: [ana@acme.example, U012AB3CD]}}
services: {checkout: {repo: acme/checkout, team: payments, environments: [staging]}}
environments: {staging: {aliases: [stg]}, production: {}}
`

var policyCodes = []string{"frozen", "locked", "not_in_order", "soaking"}

const goodCase = `
  - name: all is well
    who: ana@acme.example
    what: {service: checkout, environment: staging}
    when: 2026-11-27 18:30 Europe/Berlin
    expect: []
`

func TestPolicyIsRead(t *testing.T) {
	t.Parallel()
	p, mistakes := config.ParsePolicy("policy.yaml", []byte(`given: {soaked: 2h, checks: {ci/build: success}, approvals: [ana@acme.example], merged: true}
cases:
`+goodCase[1:]+`  - name: otherwise
    who: {person: U012AB3CD, teams: [platform], groups: ["@leads"], unknown: true}
    what: {service: checkout, environment: staging, again: true, rollback: true}
    when: 2026-11-27 18:30
    given: {approvals: [], merged: false, slot: cancelling}
    without: [checks]
    expect: [frozen, locked]
`), parse(t, policyOf), policyCodes)
	if len(mistakes) > 0 {
		t.Fatal(config.Mistakes(mistakes))
	}
	first, second := p.Cases[0], p.Cases[1]
	if first.At != "policy.yaml:3:5" || first.Who.Person != "ana@acme.example" || len(first.Expect) != 0 || !*first.Given.Merged ||
		first.Given.Soaked.Duration != 2*time.Hour || len(first.Given.Approvals) != 1 || len(first.Given.Checks) != 1 {
		t.Errorf("%+v", first)
	}
	if want := time.Date(2026, 11, 27, 17, 30, 0, 0, time.UTC); !first.When.Equal(want) || first.When.Location().String() != "Europe/Berlin" {
		t.Errorf("it is %s", first.When)
	}
	if second.When.Location() != time.UTC || !second.Who.Unknown || *second.Given.Merged || second.Given.Checks != nil || second.Given.Soaked == nil ||
		len(second.Given.Approvals) != 0 || second.Given.Slot != "cancelling" || !second.What.Again {
		t.Errorf("%+v", second)
	}
}

func TestMistakesInAPolicy(t *testing.T) {
	t.Parallel()
	cfg := parse(t, policyOf)
	changed := func(from, to string) string {
		if !strings.Contains(goodCase, from) {
			t.Fatal(from)
		}
		return "cases:\n" + strings.Replace(goodCase[1:], from, to, 1)
	}
	for _, c := range []struct{ text, want string }{
		{"", "policy.yaml:1:1: the file is empty; it needs cases"},
		{"cases: []", "policy.yaml:1:8: cases: there are no cases; each has name, who, what, when and expect"},
		{"given: {}", "policy.yaml:1:1: cases: there are no cases; each has name, who, what, when and expect"},
		{changed("    when:", "    wen:"), "policy.yaml:5:5: cases[0].wen: unknown key; did you mean when?\n" +
			"policy.yaml:2:5: cases[0].when: is missing; give a date, a time of day and a time zone, such as 2026-11-27 18:30 Europe/Berlin"},
		{changed("    expect: []\n", ""), "policy.yaml:2:5: cases[0].expect: is missing; give the reason codes of the gates that do not pass, or [] when it would be deployed"},
		{changed("    what: {service: checkout, environment: staging}\n", ""), "policy.yaml:2:5: cases[0].what: is missing; give service, environment, inputs, again, rollback, break_glass"},
		{changed("    who: ana@acme.example\n", ""), "policy.yaml:2:5: cases[0].who: is missing; give a Slack user ID, such as U012AB3CD, or e-mail address"},
		{changed("ana@acme.example", "payments"), `policy.yaml:3:10: cases[0].who: "payments" is not a Slack user ID, such as U012AB3CD, or e-mail address`},
		{changed("ana@acme.example", "{teams: [payments]}"), "policy.yaml:3:10: cases[0].who.person: is missing; give a Slack user ID, such as U012AB3CD, or e-mail address"},
		{changed("ana@acme.example", "{person: U012AB3CD, teams: [payment]}"), "policy.yaml:3:38: cases[0].who.teams[0]: there is no team payment; did you mean payments?"},
		{changed("checkout", "chekout"), "policy.yaml:4:21: cases[0].what.service: there is no service chekout; did you mean checkout?"},
		{changed("staging", "stg"), "policy.yaml:4:44: cases[0].what.environment: stg is an alias; write staging"},
		{changed("staging", "production"), "policy.yaml:4:44: cases[0].what.environment: checkout is not deployed to production; its environments are staging"},
		{changed("staging}", "staging, break_glass: true}"), "policy.yaml:4:66: cases[0].what.break_glass: environments.staging has no break_glass, so nothing can be skipped there"},
		{changed("2026-11-27 18:30 Europe/Berlin", "friday"), `policy.yaml:5:11: cases[0].when: "friday" is not a date, a time of day and a time zone, such as 2026-11-27 18:30 Europe/Berlin`},
		{changed("2026-11-27 18:30 Europe/Berlin", "2026-11-31 18:30 UTC"), `policy.yaml:5:11: cases[0].when: "2026-11-31 18:30" is no date with a time of day: write it as 2026-12-24 12:00`},
		{changed("[]", "[frosen]"), "policy.yaml:6:14: cases[0].expect[0]: no gate gives the reason frosen; did you mean frozen?"},
		{changed("[]", "[freeze]"), "policy.yaml:6:14: cases[0].expect[0]: no gate gives the reason freeze; there is frozen, locked, not_in_order, soaking"},
		{changed("    expect", "    given: {checks: {ci/build: good}}\n    expect"), `policy.yaml:6:32: cases[0].given.checks."ci/build": "good" is not one of success, failure, pending, cancelled, skipped, neutral, timed out`},
		{changed("    expect", "    given: {slot: cancelling}\n    expect"), "policy.yaml:6:19: cases[0].given.slot: only a rollback cancels what is under way; set rollback: true in what"},
		{changed("    expect", "    given: {approvals: [U012AB3CD, {person: U012AB3CD}]}\n    expect"),
			"policy.yaml:6:36: cases[0].given.approvals[1]: U012AB3CD has approved already; one person has one vote"},
		{changed("    expect", "    given: {incident: sev9}\n    expect"), "policy.yaml:6:23: cases[0].given.incident: there is no severity sev9; did you mean sev1?"},
		{"given: {incident: high}\ncases:\n" + goodCase[1:], "policy.yaml:1:19: given.incident: there is no severity high; there is sev1, sev2, sev3"},
		{changed("    expect", "    without: [check]\n    expect"), "policy.yaml:6:15: cases[0].without[0]: check is nothing that is given; did you mean checks?"},
		{"cases:\n" + goodCase[1:] + goodCase[1:], "policy.yaml:7:11: cases[1].name: the case in policy.yaml:2:5 has the same name"},
		{changed("all is well", "xoxb-1234567890-abcdef"), "policy.yaml:2:11: this looks like a Slack token"},
	} {
		p, mistakes := config.ParsePolicy("policy.yaml", []byte(c.text), cfg, policyCodes)
		got := config.Mistakes(mistakes).Error()
		for _, want := range strings.Split(c.want, "\n") {
			if p != nil || len(mistakes) != strings.Count(c.want, "\n")+1 || !strings.Contains(got, want) {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.text, got, c.want)
			}
		}
	}
	if _, mistakes := config.LoadPolicy("nowhere/policy.yaml", cfg, policyCodes); len(mistakes) != 1 || !strings.HasPrefix(mistakes[0].String(), "policy.yaml: cannot be read: ") {
		t.Error(mistakes)
	}
}

func TestWhoAPersonOfACaseIs(t *testing.T) {
	t.Parallel()
	cfg := parse(t, policyOf)
	for _, c := range []struct {
		who  config.CasePerson
		of   config.Principal
		want bool
	}{
		{config.CasePerson{Person: "Ana@acme.example"}, "payments", true},
		{config.CasePerson{Person: "Ana@acme.example"}, "ana@acme.example", true},
		{config.CasePerson{Person: "U012AB3CD"}, "payments", true},
		{config.CasePerson{Person: "U012AB3CD"}, "ana@acme.example", false},
		{config.CasePerson{Person: "bo@acme.example"}, "payments", false},
		{config.CasePerson{Person: "bo@acme.example", Teams: []string{"payments"}}, "payments", true},
		{config.CasePerson{Person: "bo@acme.example", Teams: []string{"payments"}}, "platform", false},
		{config.CasePerson{Person: "bo@acme.example", Groups: []string{"@Platform-eng"}}, "platform", true},
		{config.CasePerson{Person: "bo@acme.example", Groups: []string{"leads"}}, "group:@leads", true},
		{config.CasePerson{Person: "bo@acme.example", Teams: []string{"platform"}}, "group:platform-eng", false},
	} {
		if got := c.who.OneOf(cfg, []config.Principal{c.of}); got != c.want {
			t.Errorf("%+v of %s: %t", c.who, c.of, got)
		}
	}
}

// Whatever the file holds, it is either cases or mistakes with their places, never both and never neither.
func FuzzParsePolicy(f *testing.F) {
	f.Add("given: {soaked: 2h}\ncases:\n" + goodCase[1:])
	f.Add("cases: [{name: a, who: {person: x}, when: 2026-11-27 25:00 Mars, given: {approvals: [a@b.c, []]}, expect: [[]]}]")
	f.Add("cases: [null, 1, {who: null}]")
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(policyOf), config.Options{})
	if len(mistakes) > 0 {
		f.Fatal(config.Mistakes(mistakes))
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, mistakes := config.ParsePolicy("policy.yaml", []byte(text), cfg, policyCodes)
		if (p == nil) == (len(mistakes) == 0) {
			t.Errorf("%v with %d mistakes", p, len(mistakes))
		}
		for _, m := range mistakes {
			if m.Line < 1 || m.Col < 1 || m.Problem == "" {
				t.Errorf("%+v", m)
			}
		}
	})
}
