package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "rewrite golden files")

const (
	manifestFile = "../../deploy/manifest.json"
	// specsVariable names the folder with published descriptions, among them Slack's schema of manifests.
	specsVariable = "SHIPMATE_SPECS"
)

// says runs the command line and returns what it printed.
func says(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := command()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestManifestFileIsOfThisBuild(t *testing.T) {
	t.Parallel()
	got, err := says(t, "manifest")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(manifestFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(manifestFile)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what shipmate manifest prints; go test ./cmd/shipmate -update writes it. Printed:\n%s", manifestFile, got)
	}
}

// Slack refuses a manifest that breaks its schema only when somebody pastes it in.
func TestManifestFitsSlacksSchema(t *testing.T) {
	t.Parallel()
	dir := os.Getenv(specsVariable)
	if dir == "" {
		t.Logf("nothing to compare with: %s is not set; TestManifestFitsSlacksLimits checks the limits we know", specsVariable)
		return
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseRegexpEngine(goPattern)
	schema, err := compiler.Compile(filepath.Join(dir, "slack-manifest.schema.2.0.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	valid, broken := printedManifest(t), printedManifest(t)
	if err := schema.Validate(valid); err != nil {
		t.Error(err)
	}
	broken["display_information"].(map[string]any)["name"] = strings.Repeat("x", 36)
	if schema.Validate(broken) == nil {
		t.Error("the schema takes a name of 36 characters, so it was not applied")
	}
}

// goPattern compiles a pattern of the schema. Slack's patterns of domains look ahead, which Go's cannot; we name no
// domains, and if we ever do, nothing matches and the test fails.
func goPattern(pattern string) (jsonschema.Regexp, error) {
	if strings.Contains(pattern, "(?!") {
		return regexp.MustCompile(`$.^`), nil
	}
	return regexp.Compile(pattern)
}

func printedManifest(t *testing.T) map[string]any {
	t.Helper()
	text, err := says(t, "manifest")
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return value.(map[string]any)
}

// slackManifest is what of a manifest has limits.
type slackManifest struct {
	Display struct {
		Name, Description string
		Color             string `json:"background_color"`
	} `json:"display_information"`
	Features struct {
		User struct {
			Name string `json:"display_name"`
		} `json:"bot_user"`
		Commands []struct {
			Command, Description string
			Hint                 string `json:"usage_hint"`
			Escape               bool   `json:"should_escape"`
		} `json:"slash_commands"`
		Shortcuts []struct {
			Name, Type, Description string
			CallbackID              string `json:"callback_id"`
		}
	}
	OAuth struct {
		Scopes struct{ Bot []string }
	} `json:"oauth_config"`
	Settings struct {
		Events struct {
			Bot []string `json:"bot_events"`
		} `json:"event_subscriptions"`
		SocketMode bool `json:"socket_mode_enabled"`
		Rotation   bool `json:"token_rotation_enabled"`
	}
}

// The limits are those of Slack's schema of manifests (slackapi/manifest-schema, 2.0.0).
func TestManifestFitsSlacksLimits(t *testing.T) {
	t.Parallel()
	text, err := says(t, "manifest")
	if err != nil {
		t.Fatal(err)
	}
	var m slackManifest
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	within := func(what, text string, most int) {
		if n := utf8.RuneCountInString(text); n < 1 || n > most {
			t.Errorf("%s has %d characters, and 1 to %d fit: %q", what, n, most, text)
		}
	}
	few := func(what string, n, most int) {
		if n < 1 || n > most {
			t.Errorf("%d %s, and 1 to %d are allowed", n, what, most)
		}
	}
	within("the name", m.Display.Name, 35)
	within("the description", m.Display.Description, 140)
	within("the colour", m.Display.Color, 7)
	within("the bot's name", m.Features.User.Name, 80)
	few("commands", len(m.Features.Commands), 50)
	few("scopes", len(m.OAuth.Scopes.Bot), 255)
	few("events", len(m.Settings.Events.Bot), 100)
	for _, c := range m.Features.Commands {
		within("a command", c.Command, 32)
		within("the description of "+c.Command, c.Description, 2000)
		if !strings.HasPrefix(c.Command, "/") || !c.Escape || utf8.RuneCountInString(c.Hint) > 1000 {
			t.Errorf("%s cannot be a command as it is: %+v", c.Command, c)
		}
	}
	for _, s := range m.Features.Shortcuts {
		within("a shortcut", s.Name, 24)
		within("the description of "+s.Name, s.Description, 150)
		within("the ID of "+s.Name, s.CallbackID, 255)
	}
	if len(m.Features.Shortcuts) > 10 {
		t.Errorf("%d shortcuts, and 10 are allowed", len(m.Features.Shortcuts))
	}
	if !m.Settings.SocketMode || m.Settings.Rotation {
		t.Error("the bot needs Socket Mode, and a token that does not expire")
	}
	if !slices.Contains(m.OAuth.Scopes.Bot, "commands") {
		t.Error("slash commands need the scope commands")
	}
}

func TestExampleConfigurationIsInOrder(t *testing.T) {
	t.Parallel()
	got, err := says(t, "check", "../../deploy/shipmate.yaml")
	if err != nil || got != "../../deploy/shipmate.yaml is in order.\n" {
		t.Errorf("%v:\n%s", err, got)
	}
}
