package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMissingSecretsAndABrokenConfigurationAreToldAtOnce(t *testing.T) {
	for _, name := range []string{"SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "GITHUB_TOKEN"} {
		t.Setenv(name, "")
		t.Setenv(name+"_FILE", "")
	}
	path := filepath.Join(t.TempDir(), "shipmate.yaml")
	if err := os.WriteFile(path, []byte("servces: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run(t.Context(), path, false, &out); err == nil {
		t.Fatal("it runs")
	}
	for _, words := range []string{"SLACK_APP_TOKEN: is missing", "GITHUB_TOKEN: is missing", "shipmate.yaml:1:1: ", "servces"} {
		if !strings.Contains(out.String(), words) {
			t.Errorf("%q is not told in:\n%s", words, out.String())
		}
	}
}
