package commands

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"shipmate/delivery"
)

var (
	// numberWord leaves bare words of seven digits and more to commits, whose digits may all be from 0 to 9.
	numberWord = regexp.MustCompile(`^(?:#0*([1-9]\d{0,8})|([1-9]\d{0,5}))$`)
	// githubLink is the page of a pull request, an issue or a commit, whatever is below it.
	githubLink = regexp.MustCompile(`^https?://[^/\s]+/([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)/(?:(?:pull|issues)/(\d{1,9})|commit/([0-9a-f]{7,40}))(?:[/?#].*)?$`)
)

// parseNumber reads the number of a pull request or issue, with or without its #.
func parseNumber(word string) (string, error) {
	m := numberWord.FindStringSubmatch(word)
	if m == nil {
		return "", fmt.Errorf("%q is not the number of a pull request or issue; one is written like #12", word)
	}
	return m[1] + m[2], nil
}

// parseGitHubLink makes the address of a page on GitHub short: "acme/checkout#12", "acme/checkout@1a2b3c4".
func parseGitHubLink(word string) (string, error) {
	m := githubLink.FindStringSubmatch(word)
	if m == nil {
		return "", fmt.Errorf("%q is not the address of a pull request, an issue or a commit", word)
	}
	if m[3] != "" {
		return m[1] + "@" + m[3], nil
	}
	return m[1] + "#" + m[2], nil
}

// linked is what a short address names.
func linked(link string) delivery.Sought {
	if repo, sha, found := strings.Cut(link, "@"); found {
		return delivery.Sought{Repo: repo, SHA: sha}
	}
	repo, number, _ := strings.Cut(link, "#")
	n, _ := strconv.Atoi(number) // its kind has seen to it that it is a number
	return delivery.Sought{Repo: repo, Number: n}
}
