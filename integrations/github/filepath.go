package github

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxPath is how long a path may be; git itself has no limit, checkouts have.
const maxPath = 1000

// pathMistake says why a file cannot stand at a path of a repository; "" when it can. It keeps a path within the repository, out of
// git's own directory, and from becoming something else in an address.
func pathMistake(path string) string {
	switch {
	case path == "":
		return "it is empty"
	case len(path) > maxPath:
		return "it is too long"
	case !utf8.ValidString(path):
		return "it is not readable text"
	case strings.HasPrefix(path, "/"):
		return "it begins with a slash"
	case strings.Contains(path, `\`):
		return "it contains a backslash"
	case strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "it contains something invisible"
	}
	for part := range strings.SplitSeq(path, "/") {
		switch {
		case part == "":
			return "one of its parts is empty"
		case part == "." || part == "..":
			return "it contains . or .. as a part"
		case strings.EqualFold(part, ".git"):
			return "it leads into .git"
		}
	}
	return ""
}
