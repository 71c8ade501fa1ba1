package github

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	fullSHA  = regexp.MustCompile(`^[0-9a-f]{40}$`)
	shortSHA = regexp.MustCompile(`^[0-9a-f]{7,39}$`)
)

// refMistake says why ref cannot name a branch, a tag or a commit; "" when it can. The rules are git's (git help
// check-ref-format), and so also keep a ref from becoming something else in an address or on a command line of a
// workflow.
func refMistake(ref string) string {
	switch {
	case len(ref) > 250:
		return "it is too long"
	case !utf8.ValidString(ref):
		return "it is not readable text"
	case strings.HasPrefix(ref, "-"):
		return "it begins with a dash"
	case strings.Contains(ref, ".."):
		return "it contains two dots"
	case strings.Contains(ref, "@{") || ref == "@":
		return "it contains @{, which only git on one's own machine understands"
	case strings.ContainsAny(ref, "~^:?*[\\"):
		return "it contains one of ~ ^ : ? * [ \\"
	case strings.ContainsFunc(ref, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return "it contains a space or something invisible"
	case strings.HasSuffix(ref, "."):
		return "it ends with a dot"
	}
	for part := range strings.SplitSeq(ref, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") {
			return "one of its parts is empty, begins with a dot or ends with .lock"
		}
	}
	return ""
}
