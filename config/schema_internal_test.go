package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// generate makes the schema from the structs: descriptions from their comments, limits from their tags.
func generate(t *testing.T) []byte {
	t.Helper()
	r := &jsonschema.Reflector{RequiredFromJSONSchemaTags: true, ExpandedStruct: true, Anonymous: true, Mapper: special}
	if err := r.AddGoComments("shipmate/config", "."); err != nil {
		t.Fatal(err)
	}
	s := r.Reflect(&Config{})
	s.Title, s.Description = "Shipmate's configuration, shipmate.yaml", ""
	rule := r.Reflect(&InputRule{})
	maps.Copy(s.Definitions, rule.Definitions)
	rule.Version, rule.Definitions = "", nil
	s.Definitions["InputRule"] = rule
	describe(s, reflect.TypeFor[Config](), s.Definitions)
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

// special are the types that are written otherwise than they are built.
func special(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[Duration]():
		return &jsonschema.Schema{Type: "string", Pattern: durationShape.String(), MinLength: new(uint64(2))}
	case reflect.TypeFor[Checks]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "string", Enum: []any{ChecksRequired, ChecksAll, ChecksNone}},
			{Type: "array", Items: &jsonschema.Schema{Type: "string"}, MinItems: new(uint64(1)), UniqueItems: true},
		}}
	case reflect.TypeFor[Scalar]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "string", Pattern: formats["text"].pattern.String()}, {Type: "integer"}}}
	case reflect.TypeFor[Input]():
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
			{Type: "string", Pattern: formats["text"].pattern.String()}, {Ref: "#/$defs/InputRule"}}}
	}
	return nil
}

// describe copies what the tags say into the schema of a struct and of the structs in it.
func describe(s *jsonschema.Schema, t reflect.Type, definitions jsonschema.Definitions) {
	for field := range t.Fields() {
		key := keyOf(field)
		if key == "" {
			continue
		}
		property, _ := s.Properties.Get(key)
		if text, ok := strings.CutPrefix(property.Description, field.Name); ok {
			property.Description = key + strings.Join(strings.Split(text, "\n"), " ")
		}
		limit(property, field.Tag)
		if field.Tag.Get("required") != "" {
			s.Required = append(s.Required, key)
		}
		inner := field.Type
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
			inner = inner.Elem()
		}
		if inner == reflect.TypeFor[Input]() {
			inner = reflect.TypeFor[InputRule]()
		}
		if definition, ok := definitions[inner.Name()]; ok && len(definition.Required) == 0 && inner.Kind() == reflect.Struct {
			describe(definition, inner, definitions)
		}
	}
}

func limit(property *jsonschema.Schema, tag reflect.StructTag) {
	if def := tag.Get("default"); def != "" {
		property.Default = def
		if property.Type == "integer" {
			property.Default = json.Number(def)
		}
	}
	pattern := ""
	if f := formats[tag.Get("format")]; f.pattern != nil {
		pattern = f.pattern.String()
	}
	switch property.Type {
	case "integer":
		property.Minimum, property.Maximum = json.Number(tag.Get("min")), json.Number(tag.Get("max"))
	case "array":
		property.UniqueItems = true
		if pattern != "" {
			property.Items.Pattern = pattern
		}
		if tag.Get("min") != "" {
			property.MinItems = new(uint64(1))
		}
	case "object":
		property.PropertyNames = &jsonschema.Schema{Pattern: formats[tag.Get("keys")].pattern.String()}
		if pattern != "" {
			property.AdditionalProperties.Pattern = pattern
		}
		if tag.Get("max") != "" {
			property.MaxProperties = new(uint64(22))
		}
	case "string":
		if pattern != "" {
			property.Pattern = pattern
		}
	}
}

func TestSchemaIsOfTheStructs(t *testing.T) {
	t.Parallel()
	got := generate(t)
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile("shipmate.schema.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(got, Schema()) {
		t.Error("shipmate.schema.json is not what the structs say; run the test with -update and look at what changed")
	}
}

func compile(t *testing.T) *validator.Schema {
	t.Helper()
	doc, err := validator.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := validator.NewCompiler()
	if err := compiler.AddResource("shipmate.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("shipmate.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func asJSON(t *testing.T, file string) any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.Load(data, &value); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	value, err = validator.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// An editor must not mark what Shipmate takes.
func TestSchemaTakesGoodFiles(t *testing.T) {
	t.Parallel()
	compiled := compile(t)
	for _, file := range []string{"design.yaml", "full.yaml", "small.yaml", "warned.yaml"} {
		if err := compiled.Validate(asJSON(t, filepath.Join("testdata", file))); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestSchemaRefusesBadFiles(t *testing.T) {
	t.Parallel()
	compiled := compile(t)
	for _, file := range []string{"unknown-keys", "values", "times", "too-many-inputs", "empty-values", "words", "names", "list"} {
		if err := compiled.Validate(asJSON(t, "testdata/bad/"+file+".yaml")); err == nil {
			t.Errorf("%s.yaml is valid by the schema", file)
		}
	}
}

// Every key's comment is its manual: it is there, and says the default and the limits its tags set.
func TestEveryKeyIsDescribed(t *testing.T) {
	t.Parallel()
	r := &jsonschema.Reflector{}
	if err := r.AddGoComments("shipmate/config", "."); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, section := range []any{Config{}, Slack{}, GitHub{}, PagerDuty{}, Store{}, Limits{}, Incidents{}, Severity{}, Team{}, Service{}, Deploy{}, InputRule{}, Range{},
		Environment{}, Approvals{}, Freeze{}, ADR{}, Postmortem{}, Debt{}} {
		sectionType := reflect.TypeOf(section)
		for field := range sectionType.Fields() {
			if keyOf(field) == "" {
				continue
			}
			name := sectionType.Name() + "." + field.Name
			seen[name] = true
			checkKey(t, name, field, r.CommentMap["shipmate/config."+name])
		}
	}
	if len(seen) < 50 {
		t.Errorf("only %d keys were looked at", len(seen))
	}
}

func checkKey(t *testing.T, name string, field reflect.StructField, comment string) {
	t.Helper()
	comment = strings.Join(strings.Fields(comment), " ")
	if comment == "" {
		t.Errorf("%s has no comment", name)
	}
	if def := field.Tag.Get("default"); def != "" && !strings.Contains(comment, "Default "+def) {
		t.Errorf("the comment of %s does not say: Default %s", name, def)
	}
	least, most := field.Tag.Get("min"), field.Tag.Get("max")
	if most != "" && least != "" && !strings.Contains(comment, "rom "+least+" to "+most) {
		t.Errorf("the comment of %s does not say: from %s to %s", name, least, most)
	}
	if field.Type == reflect.TypeFor[Duration]() && (least == "" || most == "") {
		t.Errorf("%s has no limits", name)
	}
	if format := field.Tag.Get("format"); format != "" && formats[format].pattern == nil {
		t.Errorf("%s has the unknown format %s", name, format)
	}
	if kind := field.Type.Kind(); kind == reflect.Map && formats[field.Tag.Get("keys")].pattern == nil {
		t.Errorf("the keys of %s have no format", name)
	}
}
