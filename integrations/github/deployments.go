package github

import (
	"context"
	"net/url"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Deployment is a deployment that GitHub has recorded, whoever made it.
type Deployment struct {
	SHA     string    `json:"sha"`
	Ref     string    `json:"ref"`
	At      time.Time `json:"at"` // when it succeeded
	Creator string    `json:"creator,omitempty"`
	URL     string    `json:"url,omitempty"` // of the environment, else of the log; may be empty
}

const deploymentsLookedAt = 20 // newest ones of the environment, one call each

// LatestDeployment returns the newest deployment to an environment that stands as successful; found is false when none
// of the newest 20 does. One that failed, is under way or was made inactive since is passed over.
func (c *Client) LatestDeployment(ctx context.Context, repo, environment string) (latest Deployment, found bool, err error) {
	var list []*gh.Deployment
	query := url.Values{"environment": {environment}, "per_page": {number(deploymentsLookedAt)}}
	if _, err := c.getRepo(ctx, "list deployments", repo, query, &list, "deployments"); err != nil {
		return Deployment{}, false, err
	}
	for _, d := range list {
		var statuses []*gh.DeploymentStatus // newest first
		query := url.Values{"per_page": {"1"}}
		if _, err := c.getRepo(ctx, "read a deployment's statuses", repo, query, &statuses, "deployments", number(d.GetID()), "statuses"); err != nil {
			return Deployment{}, false, err
		}
		if len(statuses) > 0 && statuses[0].GetState() == "success" {
			return deploymentOf(d, statuses[0]), true, nil
		}
	}
	return Deployment{}, false, nil
}

func deploymentOf(d *gh.Deployment, s *gh.DeploymentStatus) Deployment {
	out := Deployment{SHA: d.GetSHA(), Ref: d.GetRef(), At: at(s.CreatedAt), Creator: d.GetCreator().GetLogin(), URL: s.GetEnvironmentURL()}
	for _, other := range []string{s.GetLogURL(), s.GetTargetURL()} {
		if out.URL == "" {
			out.URL = other
		}
	}
	return out
}
