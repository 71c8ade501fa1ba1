package docs_test

import (
	"os"
	"strings"
	"testing"

	"shipmate/config"
)

// The rules that the page shows are ones that the configuration takes.
func TestTheRulesShownAreRight(t *testing.T) {
	page, err := os.ReadFile("delivery.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(page), "```yaml\n")[1:]
	if len(blocks) != 3 {
		t.Fatalf("the page shows %d pieces of a configuration, want rules, a health check and announcements", len(blocks))
	}
	shown := "slack: {admin_channel: \"#a\", admins: [platform]}\nteams: {platform: {slack_group: a}, payments: {slack_group: b}}\n"
	for _, block := range blocks {
		part, _, closed := strings.Cut(block, "```")
		if !closed {
			t.Fatalf("it does not end: %s", block)
		}
		shown += part
	}
	shown = strings.Replace(shown, "  checkout:\n", "  checkout:\n    repo: acme/checkout\n    team: payments\n    environments: [staging, production]\n", 1)
	_, mistakes, warnings := config.Parse("delivery.md", []byte(shown), config.Options{})
	for _, m := range mistakes {
		t.Error(m)
	}
	for _, w := range warnings {
		t.Error(w)
	}
}
