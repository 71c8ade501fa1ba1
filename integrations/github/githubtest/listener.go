package githubtest

import (
	"slices"
	"strings"
	"time"
)

// Deployment is a deployment that was created through the API, or set.
type Deployment struct {
	ID          int64
	SHA         string
	Environment string
	Description string
	Payload     any
	Created     time.Time
	States      []string // of its statuses, oldest first
	SiteURL     string   // the latest status's environment_url
}

// Deployments are those of a repository, oldest first, without those of workflow jobs.
func (s *Server) Deployments(repo string) []Deployment {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.w.Repos[strings.ToLower(repo)]
	if d == nil {
		return nil
	}
	var out []Deployment
	for _, one := range d.Deployments {
		seen := Deployment{ID: one.ID, SHA: one.SHA, Environment: one.Environment, Description: one.Description, Payload: one.Payload, Created: one.Created}
		for _, st := range one.Statuses {
			seen.States, seen.SiteURL = append(seen.States, st.State), st.EnvironmentURL
		}
		out = append(out, seen)
	}
	return out
}

// Says is what somebody who listens to deployments says of one.
type Says struct {
	State       string
	Description string
	LogURL      string
	SiteURL     string
}

// Report has a listener, the account by, say how a deployment stands.
func (r *Repo) Report(id int64, by string, say Says) {
	r.change(func(d *repo) {
		i := slices.IndexFunc(d.Deployments, func(one *deployment) bool { return one.ID == id })
		if i < 0 {
			panic("githubtest: " + d.full() + " has no such deployment")
		}
		one := d.Deployments[i]
		one.Statuses = append(one.Statuses, &deploymentStatus{ID: r.s.w.id(), State: say.State, Description: say.Description, Environment: one.Environment,
			LogURL: say.LogURL, EnvironmentURL: say.SiteURL, Creator: r.s.mustAccount(by).Login, Created: r.when()})
	})
}
