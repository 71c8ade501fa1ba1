package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	gh "github.com/google/go-github/v60/github"
)

// Permission is one thing Shipmate has to be allowed to do in a repository.
type Permission struct {
	Name  string          `json:"name"` // as GitHub's settings call it: "Actions: read and write"
	For   string          `json:"for"`  // what Shipmate does with it
	State PermissionState `json:"state"`
	Mend  string          `json:"mend,omitempty"` // what to do; empty when Granted
	// Optional says that all but what it is for works without.
	Optional bool `json:"optional,omitempty"`
}

// PermissionState says whether a permission is there.
type PermissionState string

// A permission can be unknown: GitHub does not tell what a fine-grained token may write.
const (
	Granted PermissionState = "granted"
	Missing PermissionState = "missing"
	Unknown PermissionState = "unknown"
)

// need is a permission, and how to find out about it by reading.
type need struct {
	name, use string
	app       string // the name in an App's permissions
	write     bool
	probe     []string // address of something that only this permission shows
	optional  bool
}

var needs = []need{
	{name: "Contents: read", use: "read branches, commits and workflow files", app: "contents", probe: []string{"commits"}},
	{name: "Actions: read and write", use: "start, follow, cancel and repeat workflow runs", app: "actions", write: true, probe: []string{"actions", "runs"}},
	{name: "Deployments: read", use: "see what runs where on the first day", app: "deployments", probe: []string{"deployments"}},
	{name: "Checks: read", use: "read check runs", app: "checks"},
	{name: "Commit statuses: read", use: "read commit statuses", app: "statuses"},
	{name: "Pull requests: read", use: "list what changed between two deploys", app: "pull_requests", probe: []string{"pulls"}},
	{name: "Issues: read", use: "find what closes an issue", app: "issues", probe: []string{"issues"}, optional: true},
}

// Uses is what Shipmate does in a repository. Each needs permissions of its own, so that whoever only deploys is not asked for more.
type Uses struct {
	Deploys   bool // starts and follows workflow runs there
	Records   bool // writes deployments there; with Deploys
	Documents bool // proposes post-mortems there, and merges them
	Decisions bool // proposes decision records there, counts their thumbs, says how they stand, and merges them
	Issues    bool // opens issues there
	Debt      bool // keeps the register of technical debt there: opens issues, assigns them, writes comments and closes them
	Digests   bool // lists there, for digests, what fails, what waits for a review and what is technical debt
}

// needs are the permissions for some uses, in the order of importance.
func (u Uses) needs() []need {
	var out []need
	for _, n := range needs {
		used, writes := u.Deploys, u.Documents || u.Decisions
		switch {
		case n.app == "deployments" && u.Deploys && u.Records:
			n.name, n.use, n.write = "Deployments: read and write", "create deployments and say how they stand", true
		case n.app == "contents" && writes:
			n.name, n.use, n.write = "Contents: read and write", "put documents on branches and merge them", true
			used = true
		case n.app == "pull_requests" && writes:
			n.name, n.use, n.write = "Pull requests: read and write", "open pull requests for documents and ask for reviews", true
			used = true
		case n.app == "checks" && u.Decisions:
			used = true
		case n.app == "statuses" && u.Decisions:
			n.name, n.use, n.write = "Commit statuses: read and write", "say on a proposal how it stands", true
			used = true
		case n.app == "issues" && u.Debt:
			n.name, n.use, n.write, n.optional = "Issues: read and write", "keep the register of technical debt", true, false
			used = true
		case n.app == "issues" && u.Issues:
			n.name, n.use, n.write, n.optional = "Issues: read and write", "open issues, label and assign them", true, false
			used = true
		case n.app == "issues" && u.Decisions:
			n.use, n.optional = "see the thumbs below a proposal", false // reactions take it, also those to pull requests
			used = true
		case n.app == "issues" && u.Digests:
			n.use, n.optional = "list technical debt in digests", false
			used = true
		case n.app == "pull_requests" && u.Digests && !u.Deploys:
			n.use, used = "list what waits for a review in digests", true
		case n.app == "actions" && u.Digests && !u.Deploys:
			n.name, n.use, n.write, used = "Actions: read", "list what fails in digests", false, true
		}
		if used {
			out = append(out, n)
		}
	}
	return out
}

// Permissions is PermissionsFor a repository that is deployed from; records says that deployments are written there.
func (c *Client) Permissions(ctx context.Context, repo string, records bool) ([]Permission, error) {
	return c.PermissionsFor(ctx, repo, Uses{Deploys: true, Records: records})
}

// PermissionsFor tells for a repository what the token or App may do of what Shipmate needs for its uses, in the order of importance.
// An error means that it could not be found out, above all that the repository cannot be seen at all (IsNotFound).
func (c *Client) PermissionsFor(ctx context.Context, repo string, uses Uses) ([]Permission, error) {
	who, err := c.WhoAmI(ctx)
	if err != nil {
		return nil, err
	}
	var r gh.Repository
	if _, err := c.getRepo(ctx, "read the repository", repo, nil, &r); err != nil {
		return nil, err
	}
	var out []Permission
	for _, n := range uses.needs() {
		state, err := c.permission(ctx, who, &r, n)
		if err != nil {
			return nil, err
		}
		out = append(out, Permission{Name: n.name, For: n.use, State: state, Mend: mend(who, repo, n, state), Optional: n.optional})
	}
	return out, nil
}

func (c *Client) permission(ctx context.Context, who Identity, r *gh.Repository, n need) (PermissionState, error) {
	switch {
	case who.IsApp:
		return granted(allows(who.permissions[n.app], n.write)), nil
	case len(who.Scopes) > 0:
		reads := slices.Contains(who.Scopes, "repo") || !r.GetPrivate()
		writes := slices.Contains(who.Scopes, "repo") || !r.GetPrivate() && slices.Contains(who.Scopes, "public_repo")
		return granted(reads && (!n.write || writes && r.GetPermissions()["push"])), nil
	}
	visible, err := c.probe(ctx, r, n)
	switch {
	case err != nil:
		return Unknown, err
	case !visible:
		return Missing, nil
	case n.write && !r.GetPermissions()["push"]:
		return Missing, nil
	case n.write:
		return Unknown, nil
	}
	return Granted, nil
}

// probe reads something that a fine-grained token only sees with the permission.
func (c *Client) probe(ctx context.Context, r *gh.Repository, n need) (bool, error) {
	rest := n.probe
	switch n.app {
	case "checks":
		rest = []string{"commits", r.GetDefaultBranch(), "check-runs"}
	case "statuses":
		rest = []string{"commits", r.GetDefaultBranch(), "status"}
	}
	_, err := c.getRepo(ctx, "find out about a permission", r.GetFullName(), url.Values{"per_page": {"1"}}, nil, rest...)
	var e *Error
	switch {
	case isHidden(err):
		return false, nil
	case errors.As(err, &e) && e.Status == http.StatusConflict:
		return true, nil // the repository is empty, which one has to see to be told
	}
	return err == nil, err
}

func granted(yes bool) PermissionState {
	if yes {
		return Granted
	}
	return Missing
}

func allows(have string, write bool) bool {
	return have == "write" || have == "admin" || have == "read" && !write
}

func mend(who Identity, repo string, n need, state PermissionState) string {
	switch {
	case state == Granted:
		return ""
	case who.IsApp:
		return fmt.Sprintf("Give the App %q under Repository permissions, and accept it where the App is installed.", n.name)
	case len(who.Scopes) > 0 && n.write:
		return fmt.Sprintf("Give the token the scope repo and its owner %s write access to %s.", who.Login, repo)
	case len(who.Scopes) > 0:
		return "Give the token the scope repo."
	case state == Unknown:
		return fmt.Sprintf("GitHub does not tell this of a fine-grained token: check that it has %q for %s.", n.name, repo)
	}
	return fmt.Sprintf("Give the fine-grained token %q for %s.", n.name, repo)
}
