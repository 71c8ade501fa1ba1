package config_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"shipmate/config"
)

const inputsYAML = `
services:
  checkout:
    repo: acme/checkout
    team: payments
    environments: [staging]
    deploy:
      inputs:
        cluster: main
        region: {options: [eu, us, asia], required: true}
        canary: {number: {min: -5, max: 100}, default: 010}
        version: {pattern: "v[0-9]|latest"}
        Tier: {options: [small, large], default: small}
  catalog: {repo: acme/catalog, team: payments, environments: [staging], deploy: {inputs: {cluster: main}}}
environments:
  staging: {}
teams:
  payments: {slack_group: payments-eng}
`

func TestInputsThatAreGiven(t *testing.T) {
	t.Parallel()
	deploy := &parse(t, inputsYAML).Services["checkout"].Deploy
	for _, tt := range []struct {
		given string
		right string // sorted; with the wrong ones left out
		wrong string // the sentences, one after the other
	}{
		{given: "region=eu", right: "region=eu"},
		{given: "REGION=Us;tier=Large;canary=+7;version=v1", right: "Tier=large;canary=7;region=us;version=v1"},
		{given: "canary=-5;region= asia ", right: "canary=-5;region=asia"},
		{given: "", wrong: "region is missing; it must be eu, us or asia."},
		{given: "region=assia", wrong: `region must be eu, us or asia, not "assia"; did you mean asia?`},
		{given: "region=", wrong: "region must be eu, us or asia; nothing is given."},
		{given: "region=eu;canary=101", right: "region=eu", wrong: `canary must be a whole number from -5 to 100, not "101".`},
		{given: "region=eu;canary=1.5", right: "region=eu", wrong: `canary must be a whole number from -5 to 100, not "1.5".`},
		{given: "region=eu;canary=99999999999999999999", right: "region=eu", wrong: `canary must be a whole number from -5 to 100, not "99999999999999999999".`},
		{given: "region=eu;version=v12", right: "region=eu", wrong: `version must be a text that matches v[0-9]|latest, not "v12".`},
		{given: "region=eu;version=not-latest", right: "region=eu", wrong: `version must be a text that matches v[0-9]|latest, not "not-latest".`},
		{given: "region=eu;version=v1\nx", right: "region=eu", wrong: "version must be on one line, without quotes and without invisible characters."},
		{given: "region=eu;version=v\u202e1", right: "region=eu", wrong: "version must be on one line, without quotes and without invisible characters."},
		{given: "region=eu;version=" + strings.Repeat("x", 151), right: "region=eu", wrong: "version is longer than 150 characters."},
		{given: "region=eu;regoin=us", right: "region=eu", wrong: `There is no input "regoin"; did you mean region? There is Tier, canary, region, version.`},
		{given: "region=eu;colour=red", right: "region=eu", wrong: `There is no input "colour"; there is Tier, canary, region, version.`},
		{given: "region=eu;cluster=main", right: "region=eu", wrong: "cluster is fixed by the configuration and cannot be given."},
		{given: "region=eu;Region=us", right: "region=us", wrong: "region is given twice."},
		{given: "region=eu;version=ghp_0123456789abcdef", right: "region=eu",
			wrong: "version looks like a secret, and everybody sees what a deployment is given; replace it if it is one."},
		{given: "region=eu;x=" + strings.Repeat("y", 1500), right: "region=eu",
			wrong: `There is no input "x"; there is Tier, canary, region, version. All inputs together may have at most 1500 characters.`},
	} {
		given := map[string]string{}
		for _, pair := range strings.Split(tt.given, ";") {
			if name, value, ok := strings.Cut(pair, "="); ok {
				given[name] = value
			}
		}
		right, wrong := deploy.Accept(given)
		var pairs, sentences []string
		for _, name := range slices.Sorted(maps.Keys(right)) {
			pairs = append(pairs, name+"="+right[name])
		}
		for _, m := range wrong {
			sentences = append(sentences, m.Sentence)
			if strings.Contains(m.Sentence, "ghp_") {
				t.Errorf("a secret is repeated: %s", m.Sentence)
			}
		}
		if got := strings.Join(pairs, ";"); got != tt.right {
			t.Errorf("%q: takes %s, want %s", tt.given, got, tt.right)
		}
		if got := strings.Join(sentences, " "); got != tt.wrong {
			t.Errorf("%q:\nsays %s\nwant %s", tt.given, got, tt.wrong)
		}
	}
}

func TestInputsThatAreSent(t *testing.T) {
	t.Parallel()
	c := parse(t, inputsYAML)
	for _, tt := range []struct {
		service     string
		right, want map[string]string
	}{
		{"checkout", map[string]string{"region": "eu"}, map[string]string{"cluster": "main", "region": "eu", "canary": "10", "Tier": "small"}},
		{"checkout", map[string]string{"region": "us", "canary": "7", "version": "v1"},
			map[string]string{"cluster": "main", "region": "us", "canary": "7", "version": "v1", "Tier": "small"}},
		{"catalog", nil, map[string]string{"cluster": "main"}},
	} {
		if got := c.Services[tt.service].Deploy.Sent(tt.right); !maps.Equal(got, tt.want) {
			t.Errorf("%s with %v is sent %v, want %v", tt.service, tt.right, got, tt.want)
		}
	}
	if got := (&config.Deploy{}).Sent(nil); got != nil {
		t.Errorf("nothing is %v", got)
	}
	if _, wrong := c.Services["catalog"].Deploy.Accept(map[string]string{"region": "eu"}); len(wrong) != 1 || !strings.Contains(wrong[0].Sentence, "takes none") {
		t.Errorf("%+v", wrong)
	}
}
