package main

import (
	"testing"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
)

// What post-mortems need is asked of the repositories that they and their action items go to, and of no others.
func TestDoctorAsksForWhatPostmortemsNeed(t *testing.T) {
	t.Parallel()
	const yaml = `
services: {a: {repo: acme/r00, team: t, environments: [staging]}}
teams: {t: {slack_group: g}}
environments: {staging: {}}
postmortem: {repo: acme/decisions, private_repo: acme/sealed`
	for given, want := range map[string]map[string]github.Uses{
		"}": {"acme/r00": {Deploys: true, Issues: true}, "acme/decisions": {Documents: true}, "acme/sealed": {Documents: true, Issues: true}},
		", items_repo: acme/tasks}": {"acme/r00": {Deploys: true}, "acme/decisions": {Documents: true}, "acme/sealed": {Documents: true, Issues: true},
			"acme/tasks": {Issues: true}},
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
		if len(got) != len(want) {
			t.Errorf("%s: %d repositories", given, len(got))
		}
		s, client := githubAlone(t, githubtest.Options{})
		addRepos(t, s, 1)
		s.AddUser(githubtest.User{Login: "reader"})
		const token = "ghp_reader0000000000000000000000000000000"
		s.AddToken(token, "reader", "repo")
		for _, repo := range []string{"acme/decisions", "acme/sealed", "acme/tasks"} {
			s.AddRepo(repo).Grant("reader", "pull").Commit("main", "ana", "Begin", githubtest.Files{"README.md": "Here.\n"})
		}
		wants(t, toldOf(checkGitHub(t.Context(), client(token), cfg)), "I lack *Contents: read and write*, to put documents on branches", "acme/decisions, acme/sealed",
			"I lack *Issues: read and write*, to open issues")
	}
}
