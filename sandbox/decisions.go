package sandbox

import (
	"context"
	"embed"
	"maps"
	"path"
	"regexp"
	"slices"
	"time"

	"shipmate/integrations/github/githubtest"
)

// records are the decisions of Acme, as files; cmd/shipmate examines them as anybody's.
//
//go:embed acme/decisions acme/storefront-decisions
var records embed.FS

// decisions is the repository where Acme's decisions are kept, in decisionsDir; the storefront's own stand in storefrontDir of catalog.
const (
	decisions     = "decisions"
	decisionsDir  = "doc/adr"
	storefrontDir = "docs/adr"
)

// writers are those who proposed the decisions, one after the other.
var writers = []string{"farid", "ben", "greta", "chloe"}

// recordDate is when a record was decided.
var recordDate = regexp.MustCompile(`(?m)^Date: (\d{4}-\d{2}-\d{2})$`)

func seedDecisions(g *githubtest.Server, now time.Time) {
	r := g.AddRepo(owner+"/"+decisions).Describe("What we decided, and why", false)
	for _, team := range teamNames {
		r.GrantTeam(team, "push")
	}
	files := recordsIn("acme/decisions", decisionsDir)
	at := now
	for _, text := range files {
		if day := decided(text); day.Before(at) {
			at = day
		}
	}
	r.At(at.Add(-24*time.Hour)).Commit("main", "farid", "What we decided", githubtest.Files{"README.md": "# Decisions\n\nWhat we decided, and why.\n"})
	for n, one := range slices.Sorted(maps.Keys(files)) {
		r.At(decided(files[one])).Commit("main", writers[n%len(writers)], "Decide "+path.Base(one), githubtest.Files{one: files[one]})
	}
}

// recordsIn are the records of a folder, as they stand in a directory of a repository.
func recordsIn(folder, dir string) githubtest.Files {
	entries, err := records.ReadDir(folder)
	if err != nil {
		panic(err) // it is embedded
	}
	out := githubtest.Files{}
	for _, e := range entries {
		text, err := records.ReadFile(path.Join(folder, e.Name()))
		if err != nil {
			panic(err)
		}
		out[path.Join(dir, e.Name())] = string(text)
	}
	return out
}

func decided(text string) time.Time {
	if m := recordDate.FindStringSubmatch(text); m != nil {
		if day, err := time.Parse(time.DateOnly, m[1]); err == nil {
			return day.Add(10 * time.Hour)
		}
	}
	return time.Time{}
}

// Account is whom somebody of the sample company is on GitHub.
type Account struct {
	Person string // Slack ID
	Login  string
	By     string // Slack ID of the admin who says so, somebody else
}

// introduce has the bot know who Acme's people are on GitHub, so that their thumbs there are theirs.
func (s *Stage) introduce(ctx context.Context) error {
	if s.opts.Introduce == nil {
		return nil
	}
	ids := map[string]string{}
	var admins []string
	for _, e := range employees {
		u, _ := s.slack.User(e.name)
		ids[e.name] = u.ID
		if e.team == "platform" { // slack.admins of Acme's configuration
			admins = append(admins, u.ID)
		}
	}
	var accounts []Account
	for _, e := range employees {
		a := Account{Person: ids[e.name], Login: e.name, By: admins[0]}
		if a.By == a.Person {
			a.By = admins[1]
		}
		accounts = append(accounts, a)
	}
	return s.opts.Introduce(ctx, s.path("shipmate.db"), accounts)
}
