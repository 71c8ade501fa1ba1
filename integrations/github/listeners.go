package github

import (
	"context"
	"path"
	"slices"

	gh "github.com/google/go-github/v60/github"
)

// maxListeners is how many workflow files of a repository are looked at.
const maxListeners = 50

// DeploymentListeners are the names of the workflow files on the default branch that GitHub starts when a deployment is
// created, or when something is said of one.
func (c *Client) DeploymentListeners(ctx context.Context, repo string) ([]string, error) {
	var files []*gh.RepositoryContent
	_, err := c.getRepo(ctx, "list workflow files", repo, nil, &files, "contents", ".github", "workflows")
	if IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range files[:min(len(files), maxListeners)] {
		if f.GetType() != "file" || !slices.Contains([]string{".yml", ".yaml"}, path.Ext(f.GetName())) {
			continue
		}
		w, err := c.Workflow(ctx, repo, f.GetName(), "")
		if err != nil {
			return nil, err
		}
		if w.OnDeployment {
			out = append(out, f.GetName())
		}
	}
	return out, nil
}
