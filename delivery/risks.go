package delivery

import (
	"regexp"
	"strings"
)

// riskHeading is the heading of the section about risks in a pull request's text, and any is any heading.
var (
	riskHeading = regexp.MustCompile(`(?i)^#{1,6}\s+risks?\b[^\n]*$`)
	anyHeading  = regexp.MustCompile(`^#{1,6}\s`)
	comment     = regexp.MustCompile(`(?s)<!--.*?(-->|$)`) // what a template tells authors
)

// risks is what a pull request's text says under the heading Risks, on one line of bounded length; empty when it says
// nothing.
func risks(body string) string {
	var said []string
	inside := false
	for line := range strings.Lines(comment.ReplaceAllString(body, "")) {
		line = strings.TrimSpace(line)
		switch {
		case riskHeading.MatchString(line):
			inside = true
		case inside && anyHeading.MatchString(line):
			return cut(strings.Join(said, " "))
		case inside && line != "":
			said = append(said, line)
		}
	}
	return cut(strings.Join(said, " "))
}
