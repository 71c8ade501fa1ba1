package main

import (
	"testing"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
)

// What digests and technical debt need is asked of the repositories of the services they are about.
func TestDoctorAsksForWhatDebtAndDigestsNeed(t *testing.T) {
	t.Parallel()
	const yaml = `
services:
  a: {repo: acme/r00, team: t, environments: [staging]}
  b: {repo: acme/other, team: quiet, environments: [staging]}
teams: {t: {slack_group: g, channel: "#t", digest: "0 9 * * *"}, quiet: {slack_group: q}}
environments: {staging: {}}
`
	for given, want := range map[string]map[string]github.Uses{
		"":                               {"acme/r00": {Deploys: true, Digests: true}, "acme/other": {Deploys: true}},
		"debt: {remind: \"0 10 * * 1\"}": {"acme/r00": {Deploys: true, Digests: true, Debt: true}, "acme/other": {Deploys: true, Debt: true}},
	} {
		cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(yaml+given), config.Options{})
		if len(mistakes) > 0 {
			t.Fatal(mistakes)
		}
		got := uses(cfg)
		for repo, uses := range want {
			if got[repo] == nil || got[repo].Uses != uses {
				t.Errorf("%s: %s: %+v, want %+v", given, repo, got[repo], uses)
			}
		}
		if given == "" {
			continue
		}
		s, client := githubAlone(t, githubtest.Options{})
		addRepos(t, s, 1)
		s.AddUser(githubtest.User{Login: "reader"})
		const token = "ghp_reader0000000000000000000000000000000"
		s.AddToken(token, "reader", "repo")
		s.AddRepo("acme/other").Grant("reader", "pull").Commit("main", "ana", "Begin", githubtest.Files{"README.md": "Here.\n"})
		wants(t, toldOf(checkGitHub(t.Context(), client(token), cfg)), "I lack *Issues: read and write*, to keep the register of technical debt")
	}
}
