package commands

import (
	"slices"
	"testing"

	"shipmate/bot"
	"shipmate/config"
)

func TestDeployFormListsEnvironmentsInTheServicesOrder(t *testing.T) {
	t.Parallel()
	const rest = "teams: {payments: {channel: \"#payments\", slack_group: payments-eng}}\n" +
		"environments: {staging: {}, canary: {after: staging}, production: {after: canary}, demo: {}}\n"
	for _, tt := range []struct {
		services, service string
		want              []string
	}{
		{"checkout: {repo: a/b, team: payments, environments: [staging, canary, production, demo]}", "checkout", []string{"staging", "canary", "production", "demo"}},
		{"checkout: {repo: a/b, team: payments, environments: [production, staging]}", "checkout", []string{"staging", "production", "canary", "demo"}},
		{"ads: {repo: a/b, team: payments, environments: [demo]}, checkout: {repo: a/c, team: payments, environments: [staging, production]}", "",
			[]string{"staging", "production", "demo", "canary"}},
	} {
		cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte("services: {"+tt.services+"}\n"+rest), config.Options{})
		if mistakes != nil {
			t.Fatal(mistakes)
		}
		form := deployForm(bot.FormRequest{Args: bot.Args{}, Config: cfg})
		var got []string
		for _, o := range form.Fields[1].Options {
			got = append(got, o.Value)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: it lists %v, want %v", tt.services, got, tt.want)
		}
		for i, in := range form.Fields {
			if i == 0 && in.Initial != tt.service || i > 0 && in.Initial != "" {
				t.Errorf("%s: %s begins as %q", tt.services, in.Name, in.Initial)
			}
		}
	}
}
