package docs_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"

	"shipmate/config"
)

var update = flag.Bool("update", false, "rewrite golden files")

const configurationIntro = `# Configuration

Written by ` + "`go test ./docs -update`" + ` from the comments in ` + "`config/`" + `; changes go there.

One file, ` + "`shipmate.yaml`" + `. It is read strictly: an unknown key, a name that nothing has, a time that never comes are mistakes,
told with file, line and column. ` + "`shipmate check FILE`" + ` lists all of them at once. While the bot runs it follows the file (also on
SIGHUP); a broken file changes nothing and is told in the admin channel. Tokens never stand here: [running.md](running.md).

For completion in an editor, save ` + "`shipmate schema`" + ` beside the file as ` + "`shipmate.schema.json`" + ` and begin the file with
` + "`# yaml-language-server: $schema=shipmate.schema.json`" + `.

An example to start from is [deploy/shipmate.yaml](../deploy/shipmate.yaml). Lengths of time are written as ` + "`90s`, `5m`, `4h`, `30d`" + `.
`

func TestConfigurationPage(t *testing.T) {
	var schema jsonschema.Schema
	if err := json.Unmarshal(config.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	p := page{definitions: schema.Definitions}
	p.text.WriteString(configurationIntro)
	p.section("", &schema)
	got := p.text.String()
	if *update {
		if err := os.WriteFile("configuration.md", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got != read(t, "configuration.md") {
		t.Error("configuration.md is not what the configuration's comments say; go test ./docs -update writes it")
	}
	if p.keys < 50 {
		t.Errorf("only %d keys are on the page", p.keys)
	}
}

// page writes what a schema says as tables, one for each object.
type page struct {
	definitions jsonschema.Definitions
	text        strings.Builder
	keys        int
}

// section writes the table of the object at path, then those of the objects in it.
func (p *page) section(path string, object *jsonschema.Schema) {
	title := "The whole file"
	if path != "" {
		title = path
	}
	fmt.Fprintf(&p.text, "\n## %s\n\n| Key | |\n|---|---|\n", title)
	type inner struct {
		path   string
		object *jsonschema.Schema
	}
	var below []inner
	for pair := object.Properties.Oldest(); pair != nil; pair = pair.Next() {
		key, property := pair.Key, pair.Value
		p.keys++
		words := strings.TrimPrefix(property.Description, key+" ")
		if slices.Contains(object.Required, key) {
			words += " Required."
		}
		target, suffix := p.object(property)
		shown := "`" + key + "`"
		if target != nil {
			deeper := strings.TrimPrefix(path+"."+key+suffix, ".")
			below = append(below, inner{deeper, target})
			shown = fmt.Sprintf("[`%s`](#%s)", key, anchorOf(deeper))
		}
		fmt.Fprintf(&p.text, "| %s | %s |\n", shown, sentence(words))
	}
	for _, b := range below {
		p.section(b.path, b.object)
	}
}

// object returns the object that a property holds, by name, in a list or itself, and how its path goes on.
func (p *page) object(property *jsonschema.Schema) (object *jsonschema.Schema, suffix string) {
	switch {
	case property.Ref != "":
		return p.definitions[strings.TrimPrefix(property.Ref, "#/$defs/")], ""
	case property.Items != nil && property.Items.Ref != "":
		object, _ = p.object(property.Items)
		return object, "[]"
	case property.AdditionalProperties != nil && property.AdditionalProperties.Ref != "":
		object, _ = p.object(property.AdditionalProperties)
		return object, ".NAME"
	case property.AdditionalProperties != nil:
		for _, way := range property.AdditionalProperties.OneOf {
			if object, _ = p.object(way); object != nil {
				return object, ".NAME"
			}
		}
	}
	return nil, ""
}

// sentence is a comment without the key it began with: "is where …" becomes "Where …".
func sentence(words string) string {
	for _, verb := range []string{"is ", "are "} {
		if rest, ok := strings.CutPrefix(words, verb); ok {
			words = rest
			break
		}
	}
	words = strings.ReplaceAll(words, "|", "\\|")
	return strings.ToUpper(words[:1]) + words[1:]
}

func anchorOf(heading string) string {
	return notInNames.ReplaceAllString(strings.ToLower(heading), "")
}
