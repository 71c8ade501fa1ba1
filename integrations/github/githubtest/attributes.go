package githubtest

import (
	"path"
	"strings"
)

// attributes are the lines of a .gitattributes file, of which git archive knows export-ignore, export-subst and eol (git: gitattributes).
type attributes []struct{ pattern, attribute, value string }

func attributesOf(content string) attributes {
	var out attributes
	for l := range strings.Lines(content) {
		words := strings.Fields(l)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		for _, word := range words[1:] {
			name, value, given := strings.Cut(word, "=")
			switch {
			case strings.HasPrefix(name, "-"):
				name = name[1:]
			case !given:
				value = "set"
			}
			out = append(out, struct{ pattern, attribute, value string }{words[0], name, value})
		}
	}
	return out
}

// of is the value of an attribute for a path, "set" for one without a value: the last line counts that is about it.
func (a attributes) of(attribute, file string) string {
	found := ""
	for _, one := range a {
		if one.attribute == attribute && matches(one.pattern, file) {
			found = one.value
		}
	}
	return found
}

func matches(pattern, file string) bool {
	if dir, all := strings.CutSuffix(pattern, "/**"); all {
		return strings.HasPrefix(file, strings.TrimPrefix(dir, "/")+"/")
	}
	if !strings.Contains(pattern, "/") {
		file = path.Base(file)
	}
	ok, err := path.Match(strings.TrimPrefix(pattern, "/"), file)
	return ok && err == nil
}

// packed is what an archive has for a file of a commit.
func (a attributes) packed(file, commit string, content []byte) []byte {
	text := string(content)
	if a.of("eol", file) == "crlf" {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
	}
	if a.of("export-subst", file) == "set" {
		text = strings.NewReplacer("$Format:%H$", commit, "$Format:%h$", commit[:7]).Replace(text)
	}
	return []byte(text)
}
