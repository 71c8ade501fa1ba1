package main

import (
	"testing"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/integrations/github/githubtest"
)

// What decision records need is asked of the repositories of their logs, also where post-mortems go, too.
func TestDoctorAsksForWhatDecisionsNeed(t *testing.T) {
	t.Parallel()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(`
services: {a: {repo: acme/r00, team: t, environments: [staging]}}
teams: {t: {slack_group: g}}
environments: {staging: {}}
postmortem: {repo: acme/decisions, items_repo: acme/decisions}
adr: {repo: acme/decisions, logs: {web: {repo: acme/web, dir: adr}}}`), config.Options{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	got := uses(cfg)
	for repo, want := range map[string]github.Uses{"acme/r00": {Deploys: true}, "acme/decisions": {Documents: true, Decisions: true, Issues: true}, "acme/web": {Decisions: true}} {
		if got[repo] == nil || got[repo].Uses != want {
			t.Errorf("%s: %+v, want %+v", repo, got[repo], want)
		}
	}
	s, client := githubAlone(t, githubtest.Options{})
	addRepos(t, s, 1)
	s.AddUser(githubtest.User{Login: "reader"})
	const token = "ghp_reader0000000000000000000000000000000"
	s.AddToken(token, "reader", "repo")
	for _, repo := range []string{"acme/decisions", "acme/web"} {
		s.AddRepo(repo).Grant("reader", "pull").Commit("main", "ana", "Begin", githubtest.Files{"README.md": "Here.\n"})
	}
	wants(t, toldOf(checkGitHub(t.Context(), client(token), cfg)), "I lack *Commit statuses: read and write*, to say on a proposal how it stands", "acme/decisions, acme/web")
}
