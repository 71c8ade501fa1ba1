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
	_, rules, found := strings.Cut(string(page), "```yaml\n")
	rules, _, closed := strings.Cut(rules, "```")
	if !found || !closed {
		t.Fatal("the page shows no rules")
	}
	company := "slack: {admin_channel: \"#a\", admins: [platform]}\nteams: {platform: {slack_group: a}, payments: {slack_group: b}}\n"
	_, mistakes, warnings := config.Parse("delivery.md", []byte(company+rules), config.Options{})
	for _, m := range mistakes {
		t.Error(m)
	}
	for _, w := range warnings {
		t.Error(w)
	}
}
