package config_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shipmate/config"
)

// Whatever the file is, it is read or refused with the place of what is wrong, and never repeats a token.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.yaml", "testdata/bad/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds in %s: %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, mistakes, warnings := config.Parse("f.yaml", data, reserved)
		if (c == nil) == (len(mistakes) == 0) {
			t.Fatalf("config %v with %d mistakes", c != nil, len(mistakes))
		}
		lines := 1 + strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + strings.Count(string(data), "\u2028") +
			strings.Count(string(data), "\u2029") + strings.Count(string(data), "\u0085")
		for _, m := range mistakes {
			checkPlace(t, m, lines)
		}
		for _, w := range warnings {
			checkPlace(t, config.Mistake(w), lines)
		}
		if c != nil {
			checkUse(t, c)
		}
	})
}

func checkPlace(t *testing.T, m config.Mistake, lines int) {
	t.Helper()
	if m.Line < 1 || m.Col < 1 || m.Line > lines+1 || m.File != "f.yaml" || m.Problem == "" {
		t.Fatalf("a mistake without a place: %+v in %d lines", m, lines)
	}
	if text := m.String(); strings.Contains(text, "\n") || strings.Contains(text, "xoxb-1234567890") {
		t.Fatalf("%q", text)
	}
}

// checkUse uses a configuration as its readers do.
func checkUse(t *testing.T, c *config.Config) {
	t.Helper()
	for _, name := range c.ServiceNames() {
		s, ok := c.Service(name)
		if !ok || s.Name != name || !strings.Contains(string(s.Repo), "/") {
			t.Fatalf("service %q is %+v", name, s)
		}
		for _, environmentName := range s.Environments {
			e, ok := c.Environment(environmentName)
			if !ok || len(c.Deployers(s, e)) == 0 {
				t.Fatalf("nobody deploys %s to %q", name, environmentName)
			}
		}
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var again config.Config
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatalf("a record's copy cannot be read: %v\n%s", err, data)
	}
	if again.Hash() != c.Hash() {
		t.Fatalf("a record's copy is not the same:\n%s", data)
	}
}

// Files made to be slow to read are refused quickly and in bounds.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nested lists":  strings.Repeat("[", 1<<20),
		"nested maps":   strings.Repeat("{a: ", 1<<18),
		"nested items":  strings.Repeat("- ", 1<<19),
		"repeated keys": strings.Repeat("a: b\n", 1<<17),
		"many names":    "services: {" + strings.Repeat("x: {}, ", 1<<15) + "}",
		"one long word": strings.Repeat("x", 1<<20),
		"one long key":  strings.Repeat("x", 1000) + ": " + strings.Repeat("y", 1<<19),
		"too large":     strings.Repeat("# a comment\n", 1<<17),
		"alias bomb":    "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: &d [*c,*c]\ne: [*d,*d]\n",
	} {
		c, mistakes, _ := config.Parse("f.yaml", []byte(text), reserved)
		if c != nil || len(mistakes) == 0 || len(mistakes) > 201 {
			t.Errorf("%s: %d mistakes", name, len(mistakes))
		}
		for _, m := range mistakes {
			if len(m.String()) > 1000 {
				t.Errorf("%s: a sentence of %d bytes", name, len(m.String()))
			}
		}
	}
}

// A secret in the file is refused, and neither it nor any part of it is repeated.
func TestSecretsAreNotRepeated(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"xoxb-11-SECRET", "xoxp-11-SECRET", "xapp-1-SECRET", "ghp_SECRET", "gho_SECRET", "ghs_SECRET",
		"github_pat_SECRET", "-----BEGIN RSA PRIVATE KEY----- SECRET"} {
		for _, place := range []string{"listen: %", "listen: '%'", "# %", "teams: {\"%\": {}}", "%: 1", "services: {a: {repo: \"%\"}}",
			"services: {a: {repo: a/b, team: \"%\"}}", "retention: \"%\"", "limits: {backlog: \"%\"}", "- %", "a: [%", "environments: {a: {after: '%'}}",
			"slack: {api_url: \"https://%@slack.com\"}", "debt: {remind: '%'}", "teams: {a: {timezone: '%'}}", "environments: {a: {checks: '%'}}"} {
			c, mistakes, _ := config.Parse("f.yaml", []byte(strings.ReplaceAll(place, "%", secret)), reserved)
			text := config.Mistakes(mistakes).Error()
			if c != nil || !strings.Contains(text, "secrets never stand in this file") || strings.Contains(text, "SECRET") {
				t.Errorf("%s in %s: %s", secret, place, text)
			}
		}
	}
}
