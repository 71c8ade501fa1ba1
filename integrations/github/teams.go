package github

import (
	"context"
	"fmt"

	gh "github.com/google/go-github/v60/github"
)

// maxTeamPages bounds a team to 5,000 people. It is an error to have more: half a list would lock people out.
const maxTeamPages = 50

// TeamMembers returns the logins of a team's members, those of its child teams included, without people who were invited
// and have not accepted. The token needs to read the organisation's members.
func (c *Client) TeamMembers(ctx context.Context, org, slug string) ([]string, error) {
	const op = "list the members of a team"
	about := "the team " + org + "/" + slug
	k := get(op, about, []string{"orgs", org, "teams", slug, "members"}, nil, nil)
	var logins []string
	complete, err := pages(ctx, c, k, maxTeamPages, func(page []*gh.User) bool {
		for _, u := range page {
			logins = append(logins, u.GetLogin())
		}
		return true
	})
	switch {
	case IsNotFound(err):
		return nil, withAdvice(err, fmt.Sprintf("GitHub does not know %s, or Shipmate's token may not read the organisation's members.", about))
	case err != nil:
		return nil, err
	case !complete:
		return nil, refuse(op, about, "%s has more than %d members", about, maxTeamPages*100)
	}
	return logins, nil
}
