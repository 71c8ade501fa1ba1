package github

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Order is a deployment of GitHub's that is wanted, exactly one for its CorrelationID: a record of what is to be deployed
// where, for whoever listens to deployments.
type Order struct {
	Repo          string
	SHA           string // all 40 digits
	Environment   string
	Service       string
	Description   string            // at most 140 characters are sent
	Inputs        map[string]string // for whoever carries it out, in the payload
	CorrelationID string            // stands in the payload
	Attempt
}

// Recorded is a deployment as GitHub has it, by its latest status.
type Recorded struct {
	ID      int64
	Created time.Time
	// State is pending, queued, in_progress, success, failure, error or inactive; pending as long as nobody has said anything.
	State       string
	Description string // what was said with it
	LogURL      string
	SiteURL     string    // where what was deployed is to be seen, GitHub's environment_url
	Begun       time.Time // of the first in_progress; zero before
	Updated     time.Time // of the latest status
}

const (
	// maxDescription is GitHub's limit, in characters (GitHub REST: Create a deployment status).
	maxDescription = 140
	maxOrderPages  = 10 // of deployments of one commit to one environment
)

// payload is what an Order carries for whoever listens; the correlation ID is how it is found again.
type payload struct {
	CorrelationID string            `json:"correlation_id"`
	Service       string            `json:"service,omitempty"`
	Inputs        map[string]string `json:"inputs,omitempty"`
}

// EnsureDeployment finds the deployment of o.CorrelationID, or creates it, and returns its ID. It never merges anything, and
// GitHub asks for no checks: what has to be green is decided before, also what may be left out. Its errors are those of EnsureRun.
func (c *Client) EnsureDeployment(ctx context.Context, o Order) (id int64, err error) {
	const op = "create a deployment"
	switch {
	case len(o.CorrelationID) < 8:
		return 0, refuse(op, o.Repo, "the correlation ID %q is too short to be found again", o.CorrelationID)
	case !fullSHA.MatchString(o.SHA):
		return 0, refuse(op, o.Repo, "a deployment is of a commit, not of %q", o.SHA)
	case o.Environment == "":
		return 0, refuse(op, o.Repo, "a deployment needs an environment")
	}
	return ensure(ctx, c, o.Attempt,
		func(time.Time) (int64, bool, error) { return c.findDeployment(ctx, o) },
		func(time.Time) (int64, error) { return c.createDeployment(ctx, o) })
}

func (c *Client) createDeployment(ctx context.Context, o Order) (int64, error) {
	body := map[string]any{
		"ref": o.SHA, "auto_merge": false,
		"required_contexts": []string{}, // without a list GitHub would ask for every check there is
		"environment":       o.Environment, "description": shorten(o.Description),
		"payload": payload{o.CorrelationID, o.Service, o.Inputs},
	}
	var made struct {
		ID int64 `json:"id"`
	}
	ans, err := c.postRepo(ctx, "create a deployment", o.Repo, body, &made, "deployments")
	switch {
	case err == nil && ans.status == http.StatusAccepted:
		return 0, &Error{Op: "create a deployment", about: o.Repo, Status: ans.status, Message: "GitHub merged instead",
			advice: "GitHub has merged branches instead of creating a deployment, although it was told not to; nothing was deployed."}
	case err == nil && made.ID == 0:
		err = &Error{Op: "create a deployment", about: o.Repo, Message: "GitHub created none", Unclear: true}
	}
	return made.ID, orderAdvice(o, err)
}

// orderAdvice adds to a definite refusal what people can do about it.
func orderAdvice(o Order, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Unclear || IsRateLimited(err) {
		return err
	}
	switch e.Status {
	case http.StatusNotFound, http.StatusForbidden:
		return withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate create deployments in %s: its token or App needs the permission Deployments: read and write.", o.Repo))
	case http.StatusConflict:
		return withAdvice(err, fmt.Sprintf("GitHub does not create a deployment of this commit: %s", sentence(e.Message)))
	case http.StatusUnprocessableEntity:
		return withAdvice(err, fmt.Sprintf("GitHub does not create this deployment in %s: %s", o.Repo, sentence(e.Message)))
	}
	return err
}

// findDeployment looks through the commit's deployments to the environment; of several the oldest is the one.
func (c *Client) findDeployment(ctx context.Context, o Order) (id int64, found bool, err error) {
	const op = "look for a deployment"
	path, err := repoPath(op, o.Repo, "deployments")
	if err != nil {
		return 0, false, err
	}
	query := url.Values{"sha": {o.SHA}, "environment": {o.Environment}}
	complete, err := pages(ctx, c, get(op, o.Repo, path, query, nil), maxOrderPages, func(page []*gh.Deployment) bool {
		for _, d := range page {
			if correlation(d.Payload) == o.CorrelationID && (id == 0 || d.GetID() < id) {
				id = d.GetID()
			}
		}
		return true
	})
	if err == nil && id == 0 && !complete {
		err = &Error{Op: op, about: o.Repo, Message: "too many deployments to look through",
			advice: fmt.Sprintf("%s has too many deployments of this commit to %s; look on GitHub whether one of them is %s.", o.Repo, o.Environment, o.CorrelationID)}
	}
	return id, id != 0, err
}

// correlation reads our ID out of a payload, which GitHub gives back as an object or as a string that holds one.
func correlation(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text)
	}
	var p payload
	_ = json.Unmarshal(raw, &p) // other people's payloads are theirs
	return p.CorrelationID
}

// Recorded reads a deployment and what was said of it: two calls, both cheap while nothing changes. Of more than 100 statuses
// the latest 100 count.
func (c *Client) Recorded(ctx context.Context, repo string, id int64) (Recorded, error) {
	var d gh.Deployment
	if _, err := c.getRepo(ctx, "read a deployment", repo, nil, &d, "deployments", number(id)); err != nil {
		return Recorded{}, err
	}
	var statuses []*gh.DeploymentStatus // newest first
	query := url.Values{"per_page": {"100"}}
	if _, err := c.getRepo(ctx, "read a deployment's statuses", repo, query, &statuses, "deployments", number(id), "statuses"); err != nil {
		return Recorded{}, err
	}
	out := Recorded{ID: id, Created: at(d.CreatedAt), State: "pending"}
	for i, s := range statuses {
		if s.GetState() == "in_progress" {
			out.Begun = at(s.CreatedAt)
		}
		if i == 0 || out.State == "inactive" && ends(s.GetState()) { // another took its place, or somebody tidied up
			out.State, out.Description, out.Updated = s.GetState(), s.GetDescription(), at(s.CreatedAt)
			out.LogURL, out.SiteURL = linkable(cmp.Or(s.GetLogURL(), s.GetTargetURL())), linkable(s.GetEnvironmentURL())
		}
	}
	return out, nil
}

// ends tells whether a status says how a deployment came out.
func ends(state string) bool { return state == "success" || state == "failure" || state == "error" }

// maxAddress is how long an address in a status may be to be kept, well within what a message takes.
const maxAddress = 1000

// linkable is an address that can be linked, else empty: whoever says how a deployment stands may write anything there.
func linkable(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || len(address) > maxAddress {
		return ""
	}
	return address
}

// Report is something to be said of a deployment.
type Report struct {
	State       string // in_progress, success, failure or error
	Description string // at most 140 characters are sent
	LogURL      string
	SiteURL     string
}

// EnsureStatus says how a deployment stands, unless that is what was said of it last. When another success is said, GitHub
// makes earlier ones of the same environment inactive, those of production excepted.
func (c *Client) EnsureStatus(ctx context.Context, repo string, id int64, r Report) error {
	was, err := c.Recorded(ctx, repo, id)
	if err != nil || was.State == r.State {
		return err
	}
	body := map[string]any{"state": r.State, "description": shorten(r.Description), "log_url": r.LogURL, "environment_url": r.SiteURL}
	_, err = c.postRepo(ctx, "write a deployment's status", repo, body, nil, "deployments", number(id), "statuses")
	return err
}

func shorten(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > maxDescription {
		return string(runes[:maxDescription-1]) + "…"
	}
	return string(runes)
}
