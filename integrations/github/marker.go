package github

import (
	"regexp"
	"strings"
	"unicode/utf16"
)

// trailerKey begins the line of a commit's message that says which request the commit answers (git: git-interpret-trailers).
const trailerKey = "Shipmate-Request:"

// requestID is what can stand in a trailer and in a marker and be found there again: eight characters and more, so that it is not
// there by chance, without spaces and without what would end a comment of HTML.
var requestID = regexp.MustCompile(`^[!-;=?-~]{8,200}$`)

func checkRequest(op, repo, id string) error {
	if !requestID.MatchString(id) {
		return refuse(op, repo, "the request %.50q cannot be found again: it has 8 to 200 plain characters without spaces, < and >", id)
	}
	return nil
}

// trailerLine is what git takes for a trailer.
var trailerLine = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*: ?\S`)

// withTrailer ends a commit's message with the request: in the message's own block of trailers when it has one.
func withTrailer(message, request string) string {
	message = strings.TrimSpace(strings.ReplaceAll(message, "\r\n", "\n"))
	gap := "\n\n"
	if i := strings.LastIndex(message, "\n\n"); i >= 0 {
		gap = "\n"
		for line := range strings.SplitSeq(message[i+2:], "\n") {
			if !trailerLine.MatchString(line) {
				gap = "\n\n"
			}
		}
	}
	return message + gap + trailerKey + " " + request
}

// answers tells whether a commit's message ends with the request. Only the last such line counts: it is ours, while those before it
// may have come with a text that somebody wrote.
func answers(message, request string) bool {
	found := ""
	for line := range strings.SplitSeq(message, "\n") {
		if id, is := strings.CutPrefix(strings.TrimSpace(line), trailerKey); is {
			found = strings.TrimSpace(id)
		}
	}
	return request != "" && found == request
}

// markerStart begins what we hide in descriptions and comments to find them again.
const markerStart = "<!-- shipmate-"

// requestMarker is what the description of a pull request or issue carries, and commentMarker what a comment does. GitHub shows
// neither.
func requestMarker(request string) string { return markerStart + "request: " + request + " -->" }
func commentMarker(mark string) string    { return markerStart + "comment: " + mark + " -->" }

// maxText is how many characters a description or comment may have; GitHub says so in its refusal ("body is too long"). How it
// counts what needs two units in UTF-16 is not documented, so they count as two here.
const maxText = 65536

// cutNote ends a text that is too long.
const cutNote = "\n\n*The rest is left out: GitHub takes no longer texts.*"

// maxTitle is GitHub's limit for titles, in characters.
const maxTitle = 256

// withMarker is text with a marker below it, cut so that GitHub takes both. Markers that came with the text, as they do when somebody
// quotes or copies, count no more.
func withMarker(text, marker string) string {
	text = strings.ReplaceAll(text, markerStart, "<!-- quoted shipmate-")
	end := "\n\n" + marker + "\n"
	return strings.TrimRight(fit(text, maxText-units(end)), "\n") + end
}

// fit cuts a Markdown text to a number of characters: at the end of a line or at least of a word, not within a hidden comment, and
// with what is open as code closed, so that the note about it is seen.
func fit(text string, limit int) string {
	if units(text) <= limit {
		return text
	}
	cut := prefix(text, limit-units(cutNote)-2*maxFence)
	for _, end := range []string{"\n", " "} {
		if i := strings.LastIndex(cut, end); i > len(cut)*3/4 {
			cut = cut[:i]
			break
		}
	}
	if i := strings.LastIndex(cut, "<!--"); i >= 0 && !strings.Contains(cut[i:], "-->") {
		cut = cut[:i]
	}
	cut = strings.TrimRight(cut, " \t\n")
	if fence := openFence(cut); fence != "" {
		cut += "\n" + fence
	}
	return cut + cutNote
}

// maxFence is how long the line that opens code may be to be closed.
const maxFence = 40

// fenced is a line that opens or closes code (GitHub Flavored Markdown: Fenced code blocks).
var fenced = regexp.MustCompile("^ {0,3}(`{3,40}|~{3,40})(.*)$")

// openFence is what would close the code that is open at the end of text; empty when none is.
func openFence(text string) string {
	open := ""
	for line := range strings.SplitSeq(text, "\n") {
		m := fenced.FindStringSubmatch(line)
		switch {
		case m == nil:
		case open == "":
			open = m[1]
		case strings.HasPrefix(m[1], open) && strings.TrimSpace(m[2]) == "":
			open = ""
		}
	}
	return open
}

// units counts as UTF-16 does.
func units(text string) int {
	n := 0
	for _, r := range text {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// prefix is the beginning of a text, at most limit units long.
func prefix(text string, limit int) string {
	for i, r := range text {
		if limit -= max(1, utf16.RuneLen(r)); limit < 0 {
			return text[:i]
		}
	}
	return text
}

// titled is a title in one line that GitHub takes.
func titled(title string) string { return line(title, maxTitle) }

// line is a text in one line, cut at a number of characters.
func line(text string, limit int) string {
	text = strings.Join(strings.Fields(text), " ")
	if units(text) <= limit {
		return text
	}
	return strings.TrimSpace(prefix(text, limit-1)) + "…"
}
