package github

import (
	"strings"
	"testing"
)

func TestTrailer(t *testing.T) {
	t.Parallel()
	const id = "inc-7/postmortem"
	for message, want := range map[string]string{
		"Add it":                   "Add it\n\nShipmate-Request: " + id,
		"Add it\r\n\r\nBecause.\n": "Add it\n\nBecause.\n\nShipmate-Request: " + id,
		"Add it\n\nAdr-Number: 42\nReviewed-by: A": "Add it\n\nAdr-Number: 42\nReviewed-by: A\nShipmate-Request: " + id,
		"adr: add it":                        "adr: add it\n\nShipmate-Request: " + id,
		"Add it\n\nNote: this\nis prose":     "Add it\n\nNote: this\nis prose\n\nShipmate-Request: " + id,
		"Add\n\nShipmate-Request: other-one": "Add\n\nShipmate-Request: other-one\nShipmate-Request: " + id,
	} {
		got := withTrailer(message, id)
		if got != want || !answers(got, id) || answers(got, "other-one") || answers(got, "inc-7") {
			t.Errorf("%q: %q", message, got)
		}
	}
	if answers("Add it", id) || answers("Add it", "") {
		t.Error("a commit without a request answers none")
	}
}

func TestMarkerIsKept(t *testing.T) {
	t.Parallel()
	marker := requestMarker("inc-7/postmortem")
	if got := withMarker("Quoted "+marker+" here", marker); strings.Count(got, marker) != 1 || !strings.HasSuffix(got, "here\n\n"+marker+"\n") {
		t.Errorf("%q", got)
	}
	for name, text := range map[string]string{
		"lines":   strings.Repeat("A line of words.\n", 10_000),
		"words":   strings.Repeat("word ", 30_000),
		"no gaps": strings.Repeat("ü", 80_000),
		"emoji":   strings.Repeat("🚢", 40_000),
		"code":    "```go\n" + strings.Repeat("x := 1\n", 20_000) + "```\n",
		"tildes":  "~~~~\n```\n" + strings.Repeat("x := 1\n", 20_000),
		"hidden":  strings.Repeat("A line.\n", 100) + "<!-- " + strings.Repeat("never\n", 20_000) + "-->",
	} {
		got := withMarker(text, marker)
		if units(got) > maxText || !strings.HasSuffix(got, strings.TrimSpace(cutNote)+"\n\n"+marker+"\n") {
			t.Errorf("%s: %d, ends %q", name, units(got), got[len(got)-200:])
		}
		if strings.Count(got, "```go") > 0 && !strings.Contains(got, "x := 1\n```"+cutNote) || strings.HasPrefix(got, "~~~~") && !strings.Contains(got, "x := 1\n~~~~"+cutNote) {
			t.Errorf("%s: the code is not closed: %q", name, got[len(got)-200:])
		}
		if name != "hidden" && units(got) < maxText-1000 || strings.Contains(got, "never") || strings.ContainsRune(got, '\uFFFD') {
			t.Errorf("%s: %d of it are left", name, units(got))
		}
	}
	exact := strings.Repeat("x", maxText-units("\n\n"+marker+"\n"))
	if got := withMarker(exact, marker); got != exact+"\n\n"+marker+"\n" || units(got) != maxText {
		t.Error("what fits is cut")
	}
}

func TestOpenFence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "```": "```", "```\nx\n```": "", "````\n```": "````", "```\n~~~": "```", "```\n``` go": "```", "    ```": "", " ~~~ text": "~~~"} {
		if got := openFence(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestTitled(t *testing.T) {
	t.Parallel()
	if got := titled(" Two\nlines "); got != "Two lines" {
		t.Errorf("%q", got)
	}
	if got := titled(strings.Repeat("🚢", 200)); units(got) > maxTitle || !strings.HasSuffix(got, "🚢…") {
		t.Errorf("%q", got)
	}
}
