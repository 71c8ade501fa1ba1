package bot

import (
	"regexp"
	"strings"
)

// maxLine bounds a line in bytes; a longer one is refused with a sentence.
const maxLine = 4000

// typographic undoes what phones make of quotes and dashes, and odd spaces, so that a line typed anywhere means the same.
var typographic = strings.NewReplacer(
	"“", `"`, "”", `"`, "„", `"`, "‟", `"`, "«", `"`, "»", `"`, "″", `"`,
	"‘", "'", "’", "'", "‚", "'", "‛", "'", "′", "'",
	"—", "--", "–", "-", "‐", "-", "‑", "-", "−", "-",
	"\u00a0", " ", "\u2007", " ", "\u202f", " ", "\u2009", " ", "\u200b", "", "\ufeff", "", "\t", " ", "\n", " ", "\r", " ",
)

// unescaped undoes Slack's escapes.
var unescaped = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// slackLink matches what Slack makes of a URL or e-mail somebody typed: <https://x|x>, <mailto:a@b|a@b>.
var slackLink = regexp.MustCompile(`<((?:https?://|mailto:)[^|>]*)(?:\|([^>]*))?>`)

// normalise makes a line comparable: typographic characters undone, Slack's links and escapes turned back into what was
// typed, white space collapsed. Mentions of people and channels stay in Slack's escaped form.
func normalise(line string) string {
	line = typographic.Replace(line)
	line = slackLink.ReplaceAllStringFunc(line, typedLink)
	line = unescaped.Replace(line)
	return strings.Join(strings.Fields(line), " ")
}

// typedLink is what was typed where Slack shows a link.
func typedLink(link string) string {
	parts := slackLink.FindStringSubmatch(link)
	if strings.HasPrefix(parts[1], "mailto:") {
		return strings.TrimPrefix(parts[1], "mailto:")
	}
	if parts[2] != "" && !strings.Contains(parts[1], parts[2]) {
		return parts[1]
	}
	if parts[2] != "" {
		return parts[2]
	}
	return parts[1]
}

// words splits a normalised line at spaces; what stands in double quotes, or inside <…>, is one word.
func words(line string) []word {
	var out []word
	i := 0
	for i < len(line) {
		if line[i] == ' ' {
			i++
			continue
		}
		start := i
		var b strings.Builder
		for i < len(line) && line[i] != ' ' {
			switch end := strings.IndexByte(line[i+1:], closing(line[i])); {
			case closing(line[i]) != 0 && end >= 0:
				inner := line[i+1 : i+1+end]
				if line[i] == '"' {
					b.WriteString(inner)
				} else {
					b.WriteString(line[i : i+end+2])
				}
				i += end + 2
			default:
				b.WriteByte(line[i])
				i++
			}
		}
		out = append(out, word{text: b.String(), at: start})
	}
	return out
}

// word is one word of a line and where it begins, so that "the rest of the line" can be taken as typed.
type word struct {
	text string
	at   int
}

func closing(c byte) byte {
	switch c {
	case '"':
		return '"'
	case '<':
		return '>'
	}
	return 0
}

// unmention turns Slack's escaped form of a person, channel or group into its ID; anything else is returned as it is.
func unmention(w string) string {
	if len(w) < 4 || w[0] != '<' || w[len(w)-1] != '>' {
		return w
	}
	inner := w[1 : len(w)-1]
	id, _, _ := strings.Cut(inner, "|")
	switch {
	case strings.HasPrefix(id, "@"), strings.HasPrefix(id, "#"):
		return id[1:]
	case strings.HasPrefix(id, "!subteam^"):
		return strings.TrimPrefix(id, "!subteam^")
	}
	return w
}
