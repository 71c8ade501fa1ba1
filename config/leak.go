package config

import (
	"bytes"
	"regexp"
	"unicode/utf8"
)

// leaks are the shapes of secrets that get pasted into files, and where each belongs instead. Shapes: "Slack: Token types",
// "GitHub: About authentication to GitHub, token formats", RFC 7468.
var leaks = []struct {
	shape   *regexp.Regexp
	name    string
	instead string
}{
	{regexp.MustCompile(`xapp-[^\s"',}\]]+`), "a Slack app token", "SLACK_APP_TOKEN"},
	{regexp.MustCompile(`xox[a-z]-[^\s"',}\]]+`), "a Slack token", "SLACK_BOT_TOKEN"},
	{regexp.MustCompile(`gh[a-z]_[A-Za-z0-9]{3,}`), "a GitHub token", "GITHUB_TOKEN"},
	{regexp.MustCompile(`github_pat_[A-Za-z0-9_]+`), "a GitHub token", "GITHUB_TOKEN"},
	{regexp.MustCompile(`(?s)-----BEGIN.*`), "a private key", "GITHUB_APP_PRIVATE_KEY_FILE"},
}

// leakIn is the sentence about the first secret in the text and where it begins, in bytes.
func leakIn(text []byte) (problem string, at int, found bool) {
	for _, l := range leaks {
		if where := l.shape.FindIndex(text); where != nil {
			return "this looks like " + l.name + ", and secrets never stand in this file: give it in the environment variable " +
				l.instead + ", and replace it if others have seen the file", where[0], true
		}
	}
	return "", 0, false
}

// hide takes what looks like a secret out of a sentence.
func hide(text string) string {
	for _, l := range leaks {
		text = l.shape.ReplaceAllString(text, "(hidden)")
	}
	return text
}

// findLeaks looks at the file's lines as they stand, comments included, so that it works on a file that is no YAML.
func (d *decoder) findLeaks(data []byte) {
	if _, _, found := leakIn(data); !found {
		return
	}
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if problem, at, found := leakIn(text); found {
			d.add(line, utf8.RuneCount(text[:at])+1, "", problem)
		}
	}
}
