package store

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// object is a JSON object whose values are left as they are written.
type object map[string]json.RawMessage

// keepUnknown returns fresh, the JSON of a value of type t, with those fields of stored that t cannot hold.
func keepUnknown(stored, fresh json.RawMessage, t reflect.Type) (json.RawMessage, error) {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || marshalsItself(t) || t.Kind() != reflect.Struct && t.Kind() != reflect.Map {
		return fresh, nil
	}
	var before, after object
	if err := json.Unmarshal(stored, &before); err != nil {
		if !json.Valid(stored) {
			return nil, fmt.Errorf("what is stored is not JSON: %w", err)
		}
		return fresh, nil // it was something else than an object: nothing to keep
	}
	if err := json.Unmarshal(fresh, &after); err != nil {
		return nil, err
	}
	if after == nil { // null: the whole object is gone on purpose
		return fresh, nil
	}
	changed, err := merge(before, after, t)
	if err != nil || !changed {
		return fresh, err
	}
	return json.Marshal(after)
}

// merge adds to after, the fields of a struct or map type t, what t cannot hold of before.
func merge(before, after object, t reflect.Type) (changed bool, err error) {
	var known fields
	if t.Kind() == reflect.Struct {
		known = fieldsOf(t)
	}
	for name, stored := range before {
		kind := t.Kind()
		inner := name
		var elem reflect.Type
		if kind == reflect.Map {
			elem = t.Elem()
		} else if inner, elem = known.find(name); elem == nil {
			after[name] = stored
			changed = true
			continue
		}
		fresh, there := after[inner]
		if !there {
			continue
		}
		kept, err := keepUnknown(stored, fresh, elem)
		if err != nil {
			return false, err
		}
		changed = changed || !bytes.Equal(kept, fresh)
		after[inner] = kept
	}
	return changed, nil
}

// fields are the types of a struct's fields by their names in JSON.
type fields map[string]reflect.Type

// find returns the field that decoding would put name into, which does not look at case when nothing fits exactly.
func (f fields) find(name string) (string, reflect.Type) {
	if t, ok := f[name]; ok {
		return name, t
	}
	for field, t := range f {
		if strings.EqualFold(field, name) {
			return field, t
		}
	}
	return "", nil
}

// fieldsOf returns the fields of struct type t, those of embedded structs included.
func fieldsOf(t reflect.Type) fields {
	all := fields{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Tag.Get("json") == "-":
		case field.Anonymous && name == "" && structBehind(field.Type) != nil:
			for inner, innerType := range fieldsOf(structBehind(field.Type)) {
				if _, outer := all[inner]; !outer {
					all[inner] = innerType
				}
			}
		case !field.IsExported():
		case name == "":
			all[field.Name] = field.Type
		default:
			all[name] = field.Type
		}
	}
	return all
}

// structBehind returns the struct type that t is or points to, nil when it is something else.
func structBehind(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

func marshalsItself(t reflect.Type) bool {
	asJSON, asText := reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()
	p := reflect.PointerTo(t)
	return t.Implements(asJSON) || p.Implements(asJSON) || t.Implements(asText) || p.Implements(asText)
}
