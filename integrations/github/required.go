package github

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// required reads which checks the branch's rules ask for: rulesets and classic protection together. Where the token may
// not see a part of them, known is false.
func (c *Client) required(ctx context.Context, repo, branch string) (names []string, known bool, err error) {
	byRules, known, err := c.requiredByRulesets(ctx, repo, branch)
	if err != nil || !known {
		return nil, false, err
	}
	byProtection, known, err := c.requiredByProtection(ctx, repo, branch)
	if err != nil || !known {
		return nil, false, err
	}
	names = append(byRules, byProtection...)
	slices.Sort(names)
	return slices.Compact(names), true, nil
}

// branchRule is a rule of a ruleset that applies to a branch. go-github v60 fails on types of rules it does not know.
type branchRule struct {
	Type       string          `json:"type"`
	Parameters json.RawMessage `json:"parameters"`
}

func (c *Client) requiredByRulesets(ctx context.Context, repo, branch string) (names []string, known bool, err error) {
	const op = "read the rules of a branch"
	path, err := repoPath(op, repo, "rules", "branches", branch)
	if err != nil {
		return nil, false, err
	}
	known = true
	complete, err := pages(ctx, c, get(op, repo, path, nil, nil), 5, func(rules []branchRule) bool {
		for _, rule := range rules {
			found, readable := rule.checks()
			names, known = append(names, found...), known && readable
		}
		return true
	})
	if isHidden(err) {
		return nil, false, nil
	}
	return names, known && complete, err
}

// checks are the names the rule requires. A rule that requires whole workflows does not say what their checks are
// called, so with one the names are not known.
func (r branchRule) checks() (names []string, readable bool) {
	switch r.Type {
	case "workflows":
		return nil, false
	case "required_status_checks":
		var p gh.RequiredStatusChecksRuleParameters
		if json.Unmarshal(r.Parameters, &p) != nil {
			return nil, false
		}
		for _, check := range p.RequiredStatusChecks {
			names = append(names, check.Context)
		}
	}
	return names, true
}

// requiredByProtection reads classic branch protection, which needs the right to administer the repository; without it
// the branch itself may still carry a summary.
func (c *Client) requiredByProtection(ctx context.Context, repo, branch string) (names []string, known bool, err error) {
	var found requiredChecks
	_, err = c.getRepo(ctx, "read a branch's protection", repo, nil, &found, "branches", branch, "protection", "required_status_checks")
	switch {
	case err == nil:
		return found.names(), true, nil
	case unprotected(err):
		return nil, true, nil
	case !isHidden(err):
		return nil, false, err
	}
	var summary struct {
		Protected  *bool `json:"protected"`
		Protection *struct {
			Enabled bool           `json:"enabled"`
			Checks  requiredChecks `json:"required_status_checks"`
		} `json:"protection"`
	}
	_, err = c.getRepo(ctx, "read a branch", repo, nil, &summary, "branches", branch)
	switch {
	case isHidden(err):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case summary.Protection != nil:
		return summary.Protection.Checks.names(), true, nil
	case summary.Protected != nil && !*summary.Protected:
		return nil, true, nil
	}
	return nil, false, nil
}

// unprotected tells the 404 that means "no such rule" from the one that means "you may not see it".
func unprotected(err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Status != http.StatusNotFound {
		return false
	}
	said := strings.ToLower(e.Message)
	return strings.Contains(said, "branch not protected") || strings.Contains(said, "required status checks not enabled")
}

// requiredChecks is the older list of names and the newer one, which also says which App has to report; GitHub gives
// both.
type requiredChecks struct {
	Contexts []string `json:"contexts"`
	Checks   []struct {
		Context string `json:"context"`
	} `json:"checks"`
}

func (r requiredChecks) names() []string {
	names := slices.Clone(r.Contexts)
	for _, check := range r.Checks {
		names = append(names, check.Context)
	}
	return names
}
