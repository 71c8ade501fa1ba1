package bot

import (
	"strings"
	"testing"
	"time"
)

func TestTextEscapesWhatIsNotText(t *testing.T) {
	t.Parallel()
	evil := "<!channel> & <https://evil.example|click>"
	got := Textf("%s deploys %v to %s at %d%%", User("U024BE7LH"), evil, Bold(evil), 5)
	if strings.Contains(string(got), "<!channel>") || strings.Contains(string(got), "<https://evil") {
		t.Fatalf("a name forged a mention or link: %s", got)
	}
	if !strings.Contains(string(got), "<@U024BE7LH>") || !strings.Contains(string(got), "at 5%") {
		t.Fatalf("our own mention is gone: %s", got)
	}
	if g := User("<!here>"); strings.Contains(string(g), "<!here>") {
		t.Fatalf("an ID that is none forged a mention: %s", g)
	}
	if g := Link("https://a.example/x|y>z", "a|b<"); strings.Count(string(g), "|") != 1 || strings.Count(string(g), ">") != 1 {
		t.Fatalf("a link's parts ran out of it: %s", g)
	}
	if g := Link("javascript:alert(1)", "x"); g != "x" {
		t.Fatalf("a link that is no web address was made: %s", g)
	}
	if g := Code("a`b"); strings.Count(string(g), "`") != 2 {
		t.Fatalf("a backtick ran out of code: %s", g)
	}
	if g := Literal("*all* `pay` <!here>"); strings.ContainsAny(string(g), "*`<") {
		t.Fatalf("words were set in bold or code: %s", g)
	}
	if g := Block("```", "x"); strings.Count(string(g), "```") != 2 {
		t.Fatalf("a block ended early: %s", g)
	}
}

func TestTimeIsShownInTheReadersZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 9, 14, 2, 0, 0, time.UTC)
	if got := Time(at); got != "<!date^1773064920^{date_short_pretty} {time}|9 Mar 14:02 UTC>" {
		t.Fatal(got)
	}
	if got := DayTime(at); got != "<!date^1773064920^{date_long} {time}|Mon 9 Mar 14:02 UTC>" {
		t.Fatal(got)
	}
	if got := Clock(time.Time{}); got != "never" {
		t.Fatal(got)
	}
}

func TestMaskHidesTokens(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"xoxb-1234567890-abcdef", "ghp_abcdefghij0123456789", "github_pat_11ABCDEFG0123456789"} {
		if got := mask("deploy " + secret + " now"); strings.Contains(got, secret) || !strings.HasSuffix(got, " now") {
			t.Errorf("%q is kept as %q", secret, got)
		}
	}
	if got := mask("deploy checkout@ghp-feature staging"); got != "deploy checkout@ghp-feature staging" {
		t.Errorf("an honest line was masked: %q", got)
	}
}
