package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// decoder fills structs from YAML nodes by their tags, remembers where each key stands and collects what is wrong. The
// tags of a field: json (the key), default, min and max (of a number, a duration or how many items), required, format (of
// a string, or of the strings in a list or map) and keys (the format of a map's keys).
type decoder struct {
	file     string
	empty    string // the sentence about a file that says nothing
	places   map[string]place
	mistakes []Mistake
	unlisted int // mistakes beyond the most that are kept
}

// nodeReader is a value that can be written in more than one way.
type nodeReader interface {
	readNode(d *decoder, path string, n *yaml.Node)
}

func (d *decoder) add(line, col int, path, problem string) {
	if len(d.mistakes) >= 5*maxMistakes {
		d.unlisted++
		return
	}
	d.mistakes = append(d.mistakes, Mistake{File: d.file, Line: line, Col: col, Path: hide(path), Problem: hide(problem)})
}

func (d *decoder) wrong(path string, n *yaml.Node, problem string) {
	d.add(n.Line, n.Column, path, problem)
}

// value reads n into v, which is addressable.
func (d *decoder) value(path string, n *yaml.Node, v reflect.Value, tag reflect.StructTag) {
	if n.Kind == yaml.AliasNode {
		return // found by plainYAML
	}
	if n.ShortTag() == "!!null" {
		d.wrong(path, n, nothingThere(tag, v))
		return
	}
	switch reader := v.Addr().Interface().(type) {
	case nodeReader:
		reader.readNode(d, path, n)
		return
	case encoding.TextUnmarshaler:
		d.text(path, n, reader, tag)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(path, n, v.Elem(), tag)
	case reflect.Struct:
		d.object(path, n, v)
	case reflect.Map:
		d.table(path, n, v, tag)
	case reflect.Slice:
		d.list(path, n, v, tag)
	case reflect.String:
		d.str(path, n, v, tag)
	case reflect.Bool:
		d.boolean(path, n, v)
	case reflect.Int:
		d.integer(path, n, v, tag)
	}
}

func nothingThere(tag reflect.StructTag, v reflect.Value) string {
	kind := v.Kind()
	if _, manyWays := v.Addr().Interface().(nodeReader); manyWays {
		kind = reflect.String
	}
	switch {
	case tag.Get("format") == "channel":
		return `has no value; a name that begins with # stands in quotes, such as "#platform"`
	case kind == reflect.Struct || kind == reflect.Pointer || kind == reflect.Map:
		return "has no value; write {} when everything in it is as by default, or remove the key"
	}
	return "has no value; give one or remove the key"
}

// object reads a section with fixed keys.
func (d *decoder) object(path string, n *yaml.Node, v reflect.Value) {
	setDefaults(v)
	if n.Kind != yaml.MappingNode {
		d.wrong(path, n, "must be a section of keys: "+list(keysOf(v.Type())))
		return
	}
	given := d.entries(path, n, func(key, value *yaml.Node, at string) {
		field, ok := fieldByKey(v.Type(), key.Value)
		if !ok {
			d.wrong(at, key, unknownKey(at, key.Value, keysOf(v.Type())))
			return
		}
		d.value(at, value, v.FieldByIndex(field.Index), field.Tag)
	})
	for field := range v.Type().Fields() {
		key := keyOf(field)
		if field.Tag.Get("required") != "" && !given[key] {
			d.wrong(join(path, key), n, "is missing; "+whatToGive(field))
		}
	}
}

func whatToGive(field reflect.StructField) string {
	if f, ok := formats[field.Tag.Get("format")]; ok {
		return "give " + f.want
	}
	if field.Type.Kind() == reflect.Struct && field.Type != reflect.TypeFor[Duration]() {
		return "give " + list(keysOf(field.Type))
	}
	if field.Type.Kind() == reflect.Int {
		return "give a whole number"
	}
	return "give a duration from " + field.Tag.Get("min") + " to " + field.Tag.Get("max")
}

func unknownKey(path, key string, known []string) string {
	if path == "store.etcd" {
		return "etcd as a store comes later; until then use store.path, a file on this machine"
	}
	if key == "type" && slices.Contains(known, "pattern") {
		return "unknown key; what may be given is said by options, number or pattern"
	}
	return "unknown key; " + insteadOf(key, known)
}

// entries visits the entries of a mapping whose keys are words, each key once, and says which were given.
func (d *decoder) entries(path string, n *yaml.Node, visit func(key, value *yaml.Node, at string)) map[string]bool {
	first := map[string]*yaml.Node{}
	given := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := join(path, key.Value)
		if key.ShortTag() == "!!merge" {
			continue // found by plainYAML
		}
		if key.Kind != yaml.ScalarNode {
			d.wrong(path, key, "a key must be a plain word")
			continue
		}
		if earlier, twice := first[key.Value]; twice {
			d.wrong(at, key, fmt.Sprintf("is given twice; the first stands in line %d", earlier.Line))
			continue
		}
		first[key.Value], given[key.Value] = key, true
		d.places[at] = place{key.Line, key.Column, value.Line, value.Column}
		visit(key, value, at)
	}
	return given
}

// table reads a section whose keys are names.
func (d *decoder) table(path string, n *yaml.Node, v reflect.Value, tag reflect.StructTag) {
	if n.Kind != yaml.MappingNode {
		d.wrong(path, n, "must be a section with one key per name")
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	d.entries(path, n, func(key, value *yaml.Node, at string) {
		if problem := formats[tag.Get("keys")].problem(key.Value); problem != "" {
			d.wrong(at, key, problem)
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		if elem.Kind() == reflect.Pointer {
			elem.Set(reflect.New(elem.Type().Elem())) // so that a broken one can still be referred to
			setDefaults(elem.Elem())
			d.value(at, value, elem.Elem(), tag)
		} else {
			d.value(at, value, elem, tag)
		}
		v.SetMapIndex(reflect.ValueOf(key.Value), elem)
	})
	d.count(path, n, v.Len(), tag)
}

func (d *decoder) list(path string, n *yaml.Node, v reflect.Value, tag reflect.StructTag) {
	if n.Kind != yaml.SequenceNode {
		d.wrong(path, n, "must be a list, such as [a, b]")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	seen := map[string]int{}
	for i, item := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.places[at] = place{item.Line, item.Column, item.Line, item.Column}
		d.value(at, item, v.Index(i), tag)
		if item.Kind != yaml.ScalarNode {
			continue
		}
		if earlier, twice := seen[item.Value]; twice {
			d.wrong(at, item, fmt.Sprintf("%s is in the list twice; see [%d]", quote(item.Value), earlier))
			continue
		}
		seen[item.Value] = i
	}
	d.count(path, n, v.Len(), tag)
}

func (d *decoder) count(path string, n *yaml.Node, items int, tag reflect.StructTag) {
	if least, err := strconv.Atoi(tag.Get("min")); err == nil && items < least {
		d.wrong(path, n, "is an empty list; name what counts or remove the key")
	}
	if most, err := strconv.Atoi(tag.Get("max")); err == nil && items > most {
		d.wrong(path, n, fmt.Sprintf("has %d entries; at most %d", items, most))
	}
}

func keyOf(field reflect.StructField) string {
	if field.Tag.Get("jsonschema") == "-" {
		return ""
	}
	key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return key
}

func fieldByKey(t reflect.Type, key string) (reflect.StructField, bool) {
	for field := range t.Fields() {
		if name := keyOf(field); name != "" && name == key {
			return field, true
		}
	}
	return reflect.StructField{}, false
}

func keysOf(t reflect.Type) []string {
	var keys []string
	for field := range t.Fields() {
		if key := keyOf(field); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}
