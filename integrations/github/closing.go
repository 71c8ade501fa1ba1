package github

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"
)

// IssueRef names an issue.
type IssueRef struct {
	Repo   string `json:"repo"` // owner/name
	Number int    `json:"number"`
	URL    string `json:"url,omitempty"`
}

var (
	// closing is what GitHub takes for the wish to close an issue, with and without a colon, each issue with a word of its own
	// (GitHub Docs: Linking a pull request to an issue).
	closing = regexp.MustCompile(`(?i)(?:^|[^\w-])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+` +
		`(?:https?://[^/\s]+/([\w.-]+/[\w.-]+)/issues/|([\w.-]+/[\w.-]+)?#)(\d{1,9})\b`)
	// unseen is what a text holds and GitHub does not show: templates explain themselves in it.
	unseen = regexp.MustCompile(`(?s)<!--.*?-->`)
)

// closedBy finds the issues that a description or a message says it closes, each once, in the order they are named.
func closedBy(text, repo, web string) []IssueRef {
	var out []IssueRef
	for _, m := range closing.FindAllStringSubmatch(unseen.ReplaceAllString(text, " "), -1) {
		n, err := strconv.Atoi(m[3])
		if err != nil || n == 0 {
			continue
		}
		ref := IssueRef{Repo: repo, Number: n}
		for _, other := range m[1:3] {
			if other != "" {
				ref.Repo = other
			}
		}
		if host, found := strings.CutSuffix(web, "/"+repo); found {
			ref.URL = host + "/" + ref.Repo + "/issues/" + m[3]
		}
		if !slices.ContainsFunc(out, ref.same) {
			out = append(out, ref)
		}
	}
	return out
}

// same tells whether both are the same issue; GitHub does not tell names apart by case.
func (i IssueRef) same(other IssueRef) bool {
	return i.Number == other.Number && strings.EqualFold(i.Repo, other.Repo)
}

// closedBetween are the issues that pull requests and commits say they close.
func closedBetween(repo string, pulls []PullRequest, commits []*gh.RepositoryCommit) []IssueRef {
	web := ""
	if len(commits) > 0 {
		web = webURL(commits[0])
	}
	var texts []string
	for _, p := range pulls {
		texts = append(texts, p.Body)
	}
	for _, c := range commits {
		texts = append(texts, c.GetCommit().GetMessage())
	}
	var out []IssueRef
	for _, text := range texts {
		for _, ref := range closedBy(text, repo, web) {
			if !slices.ContainsFunc(out, ref.same) {
				out = append(out, ref)
			}
		}
	}
	return out
}
