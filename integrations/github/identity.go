package github

import (
	"context"
	"net/http"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// Identity is who GitHub takes Shipmate for.
type Identity struct {
	Login  string   `json:"login"` // a user's, or the App's: slug[bot]
	IsApp  bool     `json:"is_app,omitempty"`
	Scopes []string `json:"scopes,omitempty"` // of a classic token; empty for fine-grained ones and Apps
	Rate   Rate     `json:"rate"`

	permissions map[string]string // of an App's installation: actions → write
}

// WhoAmI asks GitHub for the identity behind the token or App.
func (c *Client) WhoAmI(ctx context.Context) (Identity, error) {
	if c.appAuth != nil {
		return c.whichApp(ctx)
	}
	var u gh.User
	ans, err := c.do(ctx, get("ask who the token belongs to", "", []string{"user"}, nil, &u))
	if err != nil {
		return Identity{}, err
	}
	return Identity{Login: u.GetLogin(), Scopes: scopes(ans.header), Rate: c.Rate()}, nil
}

// scopes reads what a classic token may do (GitHub: Scopes for OAuth apps).
func scopes(h http.Header) []string {
	var out []string
	for scope := range strings.SplitSeq(h.Get("X-OAuth-Scopes"), ",") {
		if scope = strings.TrimSpace(scope); scope != "" {
			out = append(out, scope)
		}
	}
	return out
}

// whichApp reads the App's installation, signed as the App itself.
func (c *Client) whichApp(ctx context.Context) (Identity, error) {
	var found struct {
		AppSlug     string            `json:"app_slug"`
		Permissions map[string]string `json:"permissions"`
	}
	k := get("read the App's installation", "the App's installation", []string{"app", "installations", number(c.app.InstallationID)}, nil, &found)
	k.asApp = true
	if _, err := c.do(ctx, k); err != nil {
		return Identity{}, err
	}
	return Identity{Login: found.AppSlug + "[bot]", IsApp: true, Rate: c.Rate(), permissions: found.Permissions}, nil
}
