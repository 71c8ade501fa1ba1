package commands

import (
	"strings"
	"testing"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

const inputsYAML = `
services:
  checkout:
    repo: a/b
    team: payments
    environments: [staging]
    deploy:
      inputs:
        cluster: main
        region: {options: [eu, us], required: true, label: Region, description: Where it runs}
        canary: {number: {min: 1, max: 100}, default: 10, description: Percent}
        note: {pattern: "[a-z ]+"}
  catalog: {repo: a/c, team: payments, environments: [staging]}
environments: {staging: {}}
teams: {payments: {slack_group: payments-eng}}
`

func inputsConfig(t *testing.T) *config.Config {
	t.Helper()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(inputsYAML), config.Options{})
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	return cfg
}

func TestDeployFormAsksForTheServicesInputs(t *testing.T) {
	t.Parallel()
	cfg := inputsConfig(t)
	if n := len(deployForm(bot.FormRequest{Args: bot.Args{}, Config: cfg}).Fields); n != 4 {
		t.Errorf("%d fields before a service is chosen", n)
	}
	if n := len(deployForm(bot.FormRequest{Args: bot.Args{"service": "catalog"}, Config: cfg}).Fields); n != 4 {
		t.Errorf("%d fields for a service without inputs", n)
	}
	form := deployForm(bot.FormRequest{Args: bot.Args{"service": "checkout", "input.note": "a try"}, Config: cfg})
	golden(t, "testdata/form-inputs.json", readable(t, form.Fields[3:6]))
	for _, tt := range []struct{ name, value, wrong string }{
		{"region", "eu", ""}, {"region", "mars", `region must be eu or us, not "mars".`},
		{"canary", "", ""}, {"canary", "101", `canary must be a whole number from 1 to 100, not "101".`},
		{"note", "no!", `note must be a text that matches [a-z ]+, not "no!".`},
	} {
		values := bot.Args{"service": "checkout", "environment": "staging", "input.region": "us"}
		if values["input."+tt.name] = tt.value; tt.value == "" {
			delete(values, "input."+tt.name)
		}
		wrong := form.Check(values)
		if wrong["input."+tt.name] != tt.wrong || len(wrong) > 1 {
			t.Errorf("%s=%s: %v", tt.name, tt.value, wrong)
		}
	}
}

// What a line of ours gives is read again as just that.
func TestInputsOfALine(t *testing.T) {
	t.Parallel()
	d := made(func(d *delivery.Deployment) {
		d.Inputs = map[string]string{"note": "two  words <@U0ANA> because of=it", "region": "eu", "tag": "v1.2-rc+3", "odd": "ref:x"}
	})
	line := deployLine(d, confirmed, "a reason")
	want := "deploy checkout@" + newSHA + ` staging note="two  words <@U0ANA> because of=it" odd=ref:x region=eu tag=v1.2-rc+3 confirmed ref:main because a reason`
	if line != want {
		t.Errorf("the line is %s\nwant        %s", line, want)
	}
	if got := wantLine(delivery.Want{Service: "checkout", Environment: "staging", Inputs: map[string]string{"a": "b"}}, ""); got != "deploy checkout staging a=b" {
		t.Errorf("asked again it is %s", got)
	}
}

func TestMissingInputIsAskedFor(t *testing.T) {
	t.Parallel()
	missing := func(name string, options ...string) config.InputMistake {
		return config.InputMistake{Name: name, Missing: true, Options: options, Sentence: name + " is missing."}
	}
	many := strings.Split("a b c d e f g h i", " ")
	for name, tt := range map[string]struct {
		wrong []config.InputMistake
		asks  bool
	}{
		"one":           {[]config.InputMistake{missing("region", "eu", "us")}, true},
		"two":           {[]config.InputMistake{missing("region", "eu", "us"), missing("note")}, true},
		"no options":    {[]config.InputMistake{missing("note")}, false},
		"many options":  {[]config.InputMistake{missing("region", many...)}, false},
		"another wrong": {[]config.InputMistake{{Name: "canary", Sentence: "No."}, missing("region", "eu", "us")}, false},
	} {
		m, asks := missingInput(&delivery.Refused{Code: delivery.InvalidInputs, Inputs: tt.wrong})
		if asks != tt.asks || asks && m.Name != "region" {
			t.Errorf("%s: asks %v for %q", name, asks, m.Name)
		}
	}
	want := delivery.Want{Service: "shop", Environment: "staging", Ref: "main", Inputs: map[string]string{"canary": "5"}, Reason: "a demo"}
	reply := askForInput(want, anyway, missing("region", "eu", "us"))
	if o := reply.Question.Options; len(o) != 2 || o[1].Label != "us" || o[1].Line != "deploy shop@main staging canary=5 region=us anyway because a demo" {
		t.Errorf("%+v", o)
	}
	if len(want.Inputs) != 1 {
		t.Error("what was asked for has changed")
	}
}
