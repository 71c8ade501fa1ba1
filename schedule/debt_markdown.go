package schedule

import (
	"regexp"
	"strings"
)

var (
	// mentions are what GitHub would take for one; the @ of an address has a character before it.
	mentions = regexp.MustCompile(`(^|[^\p{L}\p{N}_.+-])@([\p{L}\p{N}])`)
	// tags are what begins HTML in Markdown, comments among them (GitHub Flavored Markdown: Raw HTML).
	tags = regexp.MustCompile(`<([a-zA-Z/!?])`)

	escapesLine    = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "|", `\|`, "~", `\~`, "#", `\#`)
	escapesAddress = strings.NewReplacer("|", "%7C", "<", "%3C", ">", "%3E", "`", "%60", `\`, "%5C", "(", "%28", ")", "%29")
)

// safeMarkdown is what somebody wrote, as Markdown that calls nobody and holds no HTML.
func safeMarkdown(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\uFFFD")
	return tags.ReplaceAllString(mentions.ReplaceAllString(text, "$1$2"), "&lt;$1")
}

// plainLine is what somebody wrote in one line, which Markdown shows as it is.
func plainLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	return escapesLine.Replace(mentions.ReplaceAllString(text, "$1$2"))
}

// quotedMarkdown is what somebody wrote, marked as theirs.
func quotedMarkdown(text string) string {
	return "> " + strings.ReplaceAll(strings.TrimSpace(safeMarkdown(text)), "\n", "\n> ")
}

// webAddress is an address of the web that can stand in Markdown; "" when it is none.
func webAddress(link string) string {
	if !IsWebAddress(link) {
		return ""
	}
	return escapesAddress.Replace(link)
}

// IsWebAddress tells whether something is an address of the web, in one word.
func IsWebAddress(link string) bool {
	return (strings.HasPrefix(link, "https://") || strings.HasPrefix(link, "http://")) && !strings.ContainsAny(link, " \t\r\n")
}
