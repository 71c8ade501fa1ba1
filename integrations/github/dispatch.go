package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Dispatch is a workflow run that is wanted, exactly one for its CorrelationID.
//
// Of two callers at the same time both would send: the record has one owner.
type Dispatch struct {
	Repo          string
	Workflow      string // file name: deploy.yml
	Ref           string // a branch or tag; GitHub takes no SHA here
	Inputs        map[string]string
	CorrelationID string // also sent as the input correlation_id; at least 8 characters, so that no title has it by chance
	Attempt
}

const (
	// maxInputs is GitHub's limit (GitHub REST: Create a workflow dispatch event).
	maxInputs = 25
	// A run may carry a time somewhat before ours when the two clocks differ.
	clockSlack = 60 * time.Second
	// GitHub lists 1,000 runs of a filtered search at most (GitHub REST: List workflow runs for a workflow).
	maxRunPages   = 10
	maxListedRuns = 1000
)

// EnsureRun finds the run of d.CorrelationID, or dispatches it. An answer with only ID, URL and Status "queued" comes
// from a server that names the run it starts; Run reads the rest.
//
// Errors: ErrNotYet and ErrLost as described there; an *Error with Unclear when a dispatch may or may not have been
// taken (come again with Attempted); any other *Error is definite and nothing was started, with what to do in its
// UserMessage.
func (c *Client) EnsureRun(ctx context.Context, d Dispatch) (Run, error) {
	if err := d.check(); err != nil {
		return Run{}, err
	}
	return ensure(ctx, c, d.Attempt,
		func(since time.Time) (Run, bool, error) { return c.findRun(ctx, d, since) },
		func(since time.Time) (Run, error) { return c.dispatchAndFind(ctx, d, since) })
}

func (d Dispatch) check() error {
	const op = "dispatch a workflow"
	if _, err := workflowPath(op, d.Repo, d.Workflow); err != nil {
		return err
	}
	switch {
	case len(d.CorrelationID) < 8:
		return refuse(op, d.Repo, "the correlation ID %q is too short to be found again", d.CorrelationID)
	case d.Ref == "" || refMistake(d.Ref) != "" || fullSHA.MatchString(d.Ref):
		return refuse(op, d.Repo, "a workflow is dispatched on a branch or tag, not on %q", d.Ref)
	case len(d.inputs()) > maxInputs:
		return refuse(op, d.Repo, "GitHub takes at most %d inputs", maxInputs)
	}
	return nil
}

func (d Dispatch) inputs() map[string]string {
	all := map[string]string{}
	maps.Copy(all, d.Inputs)
	all[InputCorrelationID] = d.CorrelationID
	return all
}

func (d Dispatch) file() string { return path.Base(d.Workflow) }

// dispatchAndFind sends the dispatch and returns the run GitHub names, or looks for it once.
func (c *Client) dispatchAndFind(ctx context.Context, d Dispatch, since time.Time) (Run, error) {
	run, err := c.dispatch(ctx, d)
	if err != nil || run.ID != 0 {
		return run, err
	}
	run, found, err := c.findRun(ctx, d, since)
	if err != nil || !found {
		return Run{}, ErrNotYet // the dispatch was taken; a failed look is repeated like an empty one
	}
	return run, nil
}

// started is the answer to a dispatch with return_run_details.
type started struct {
	ID      int64  `json:"workflow_run_id"`
	HTMLURL string `json:"html_url"`
}

// dispatch sends the dispatch, asking GitHub to name the run. Servers that do not know that field refuse the whole
// request with 400 or 422 (GitHub Enterprise Server), and then it is sent without; a run without ID is the answer of
// such a server.
func (c *Client) dispatch(ctx context.Context, d Dispatch) (Run, error) {
	body := map[string]any{"ref": d.Ref, "inputs": d.inputs()}
	if c.noRunDetails.Load() {
		return Run{}, c.sendDispatch(ctx, d, body, nil)
	}
	body["return_run_details"] = true
	var raw json.RawMessage
	err := c.sendDispatch(ctx, d, body, &raw)
	var e *Error
	if errors.As(err, &e) && (e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity) {
		delete(body, "return_run_details")
		if err = c.sendDispatch(ctx, d, body, nil); err == nil {
			c.noRunDetails.Store(true)
		}
	}
	if err != nil {
		return Run{}, err
	}
	var s started
	if json.Unmarshal(raw, &s) != nil || s.ID == 0 {
		return Run{}, nil
	}
	return Run{ID: s.ID, URL: s.HTMLURL, Status: "queued"}, nil
}

func (c *Client) sendDispatch(ctx context.Context, d Dispatch, body, out any) error {
	_, err := c.postRepo(ctx, "dispatch a workflow", d.Repo, body, out, "actions", "workflows", d.file(), "dispatches")
	return dispatchAdvice(d, err)
}

// dispatchAdvice adds to a definite refusal what people can do about it.
func dispatchAdvice(d Dispatch, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Unclear || IsRateLimited(err) {
		return err
	}
	said := strings.ToLower(e.Message)
	switch {
	case e.Status == http.StatusNotFound:
		return withAdvice(err, fmt.Sprintf("GitHub finds no workflow %s in %s: check its name, that it is on the default branch, and that Shipmate's token may write Actions there.", d.file(), d.Repo))
	case strings.Contains(said, "disabled"):
		return withAdvice(err, fmt.Sprintf("The workflow %s in %s is switched off: enable it on its page under Actions.", d.file(), d.Repo))
	case e.Status == http.StatusForbidden:
		return withAdvice(err, fmt.Sprintf("GitHub does not let Shipmate start workflows in %s: its token or App needs the permission Actions: read and write.", d.Repo))
	case strings.Contains(said, "does not have 'workflow_dispatch'"):
		return withAdvice(err, fmt.Sprintf("%s on %s cannot be started by hand: add workflow_dispatch under `on` in the file.", d.file(), d.Ref))
	case strings.Contains(said, "no ref found"):
		return withAdvice(err, fmt.Sprintf("%s has no branch or tag %s to start %s on.", d.Repo, d.Ref, d.file()))
	case e.Status == http.StatusUnprocessableEntity:
		return withAdvice(err, fmt.Sprintf("GitHub does not start %s in %s: %s", d.file(), d.Repo, sentence(e.Message)))
	}
	return err
}

// findRun looks through the workflow's dispatched runs since shortly before a time. Only the title tells them apart:
// not the branch, which GitHub fills in differently for tags. Of several the oldest is the one, since a later one stops
// itself (see ExampleWorkflow).
func (c *Client) findRun(ctx context.Context, d Dispatch, since time.Time) (Run, bool, error) {
	const op = "look for a workflow run"
	filePath, err := repoPath(op, d.Repo, "actions", "workflows", d.file(), "runs")
	if err != nil {
		return Run{}, false, err
	}
	from := since.Add(-clockSlack - c.budget.behind()).UTC()
	query := url.Values{"event": {"workflow_dispatch"}, "created": {">=" + from.Format(time.RFC3339)}, "exclude_pull_requests": {"true"}}
	var oldest *gh.WorkflowRun
	seen := 0
	complete, err := pages(ctx, c, get(op, d.Repo, filePath, query, nil), maxRunPages, func(page gh.WorkflowRuns) bool {
		seen += len(page.WorkflowRuns)
		for _, run := range page.WorkflowRuns {
			if names(run.GetDisplayTitle(), d.CorrelationID) && (oldest == nil || run.GetID() < oldest.GetID()) {
				oldest = run
			}
		}
		return true
	})
	switch {
	case err != nil:
		return Run{}, false, err
	case oldest != nil:
		return runOf(oldest), true, nil
	case !complete || seen >= maxListedRuns:
		// Not having seen all of them, "none" would be a guess, and a second deploy the price.
		return Run{}, false, &Error{Op: op, about: d.Repo, Message: "too many runs to look through",
			advice: fmt.Sprintf("%s has started too many runs of %s since; look on GitHub whether one of them is for %s.", d.Repo, d.file(), d.CorrelationID)}
	}
	return Run{}, false, nil
}

// names reports whether title has id as a word of its own, so that d-12345678 is not found in d-123456789.
func names(title, id string) bool {
	for rest := title; ; {
		i := strings.Index(rest, id)
		if i < 0 {
			return false
		}
		end := i + len(id)
		if (i == 0 || !wordByte(rest[i-1])) && (end == len(rest) || !wordByte(rest[end])) {
			return true
		}
		rest = rest[i+1:]
	}
}

func wordByte(b byte) bool {
	return b == '-' || b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
