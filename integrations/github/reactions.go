package github

import (
	"context"
	"fmt"
	"strconv"
	"time"

	gh "github.com/google/go-github/v60/github"
)

// Thumb is a +1 or a -1 that somebody gave.
type Thumb struct {
	Login string    `json:"login"`
	Bot   bool      `json:"bot,omitempty"`
	Up    bool      `json:"up"` // +1, else -1
	At    time.Time `json:"at"`
}

// reaction is one as GitHub shows it (GitHub REST: Reactions); go-github's has no time.
type reaction struct {
	User      *gh.User // nil when the account is gone
	Content   string
	CreatedAt time.Time `json:"created_at"`
}

const maxReactionPages = 20 // 100 each

// Reactions are the thumbs below the description of an issue or pull request, oldest first; other reactions are left out, and so are
// those of accounts that are gone. Somebody can have given both. More than 2,000 reactions are an error, not half a list. Also for a
// pull request it takes the permission Issues: read (GitHub REST: Permissions required for fine-grained personal access tokens).
func (c *Client) Reactions(ctx context.Context, repo string, number int) ([]Thumb, error) {
	const op = "list reactions"
	path, err := repoPath(op, repo, "issues", strconv.Itoa(number), "reactions")
	if err != nil {
		return nil, err
	}
	var out []Thumb
	complete, err := pages(ctx, c, get(op, repo, path, nil, nil), maxReactionPages, func(page []reaction) bool {
		for _, r := range page {
			if who := r.User; who.GetLogin() != "" && (r.Content == "+1" || r.Content == "-1") {
				out = append(out, Thumb{Login: who.GetLogin(), Bot: who.GetType() == "Bot", Up: r.Content == "+1", At: r.CreatedAt.UTC()})
			}
		}
		return true
	})
	switch {
	case isHidden(err):
		return nil, withAdvice(err, fmt.Sprintf("GitHub does not show Shipmate these reactions in %s: what they are for has to be there, and the token or App needs the permission Issues: read.", repo))
	case err != nil:
		return nil, err
	case !complete:
		return nil, withAdvice(&Error{Op: op, about: repo, Message: "more reactions than are read"}, fmt.Sprintf("There are too many reactions in %s to read.", repo))
	}
	return out, nil
}
