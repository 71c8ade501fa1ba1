package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Distil takes from a published description what checking needs of some operations: paths, parameters, types, what is
// required. Words for people, examples and everything else stay behind, as they are PagerDuty's.
func Distil(published []byte, operations []string) ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(published, &doc); err != nil {
		return nil, fmt.Errorf("reading a description: %w", err)
	}
	d := distillery{doc: doc, components: map[string]any{}}
	paths := map[string]any{}
	for path, item := range object(doc["paths"]) {
		for method, op := range object(item) {
			id, _ := object(op)["operationId"].(string)
			if id == "" || !slices.Contains(operations, id) {
				continue
			}
			if paths[path] == nil {
				paths[path] = map[string]any{}
			}
			one, err := d.operation(object(op), object(item)["parameters"])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", id, err)
			}
			object(paths[path])[method] = one
		}
	}
	out := map[string]any{"openapi": doc["openapi"], "info": map[string]any{"title": "distilled", "version": "0"}, "paths": paths,
		"components": map[string]any{"schemas": d.components}}
	text, err := json.MarshalIndent(out, "", " ")
	return append(text, '\n'), err
}

// distillery follows references of one description and keeps the schemas it met.
type distillery struct {
	doc        map[string]any
	components map[string]any
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func (d *distillery) operation(op map[string]any, shared any) (map[string]any, error) {
	out := map[string]any{"operationId": op["operationId"]}
	var parameters []any
	for _, list := range []any{shared, op["parameters"]} {
		items, _ := list.([]any)
		for _, p := range items {
			full, err := d.resolve(p)
			if err != nil {
				return nil, err
			}
			one := map[string]any{}
			for _, name := range []string{"name", "in", "required", "style", "explode"} {
				if v, ok := object(full)[name]; ok {
					one[name] = v
				}
			}
			if one["schema"], err = d.schema(object(full)["schema"]); err != nil {
				return nil, err
			}
			parameters = append(parameters, one)
		}
	}
	if parameters != nil {
		out["parameters"] = parameters
	}
	if op["requestBody"] != nil {
		body, err := d.content(op["requestBody"])
		if err != nil {
			return nil, err
		}
		out["requestBody"] = body
	}
	responses := map[string]any{}
	for status, response := range object(op["responses"]) {
		one, err := d.content(response)
		if err != nil {
			return nil, err
		}
		delete(one, "required")
		one["description"] = "-" // OpenAPI demands one
		responses[status] = one
	}
	out["responses"] = responses
	return out, nil
}

// content keeps the schemas of a request's or a response's media types.
func (d *distillery) content(v any) (map[string]any, error) {
	full, err := d.resolve(v)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	if required, ok := object(full)["required"]; ok {
		out["required"] = required
	}
	media := map[string]any{}
	for kind, m := range object(object(full)["content"]) {
		schema, err := d.schema(object(m)["schema"])
		if err != nil {
			return nil, err
		}
		media[kind] = map[string]any{"schema": schema}
	}
	if len(media) > 0 {
		out["content"] = media
	}
	return out, nil
}

// resolve follows references until there is none.
func (d *distillery) resolve(v any) (any, error) {
	for range 20 {
		ref, ok := object(v)["$ref"].(string)
		if !ok {
			return v, nil
		}
		var err error
		if v, err = d.look(ref); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("references lead in a circle")
}

// look finds what a reference means.
func (d *distillery) look(ref string) (any, error) {
	var v any = d.doc
	for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			var n int
			if _, err := fmt.Sscan(part, &n); err != nil || n >= len(at) {
				return nil, fmt.Errorf("%s leads nowhere", ref)
			}
			v = at[n]
		}
		if v == nil {
			return nil, fmt.Errorf("%s leads nowhere", ref)
		}
	}
	return v, nil
}

// What of a schema is kept: as it stands, as a schema, as a list of schemas, as schemas by name. That something is read-only is
// not: PagerDuty says it of the id and the type of every reference, which is all a request can name a thing by.
var (
	plain   = []string{"type", "format", "enum", "required", "nullable", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "pattern"}
	nested  = []string{"items", "additionalProperties", "not"}
	several = []string{"allOf", "oneOf", "anyOf"}
)

// schema keeps the structure of one. A named schema stays a reference and is kept once; anything else that is referred to
// is put in its place.
func (d *distillery) schema(v any) (any, error) {
	in, ok := v.(map[string]any)
	if !ok {
		return v, nil // additionalProperties may be true
	}
	if ref, ok := in["$ref"].(string); ok {
		return d.reference(ref)
	}
	out := map[string]any{}
	for _, name := range plain {
		if v, ok := in[name]; ok {
			out[name] = v
		}
	}
	var err error
	for _, name := range nested {
		if v, ok := in[name]; ok {
			if out[name], err = d.schema(v); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range several {
		list, _ := in[name].([]any)
		var kept []any
		for _, one := range list {
			s, err := d.schema(one)
			if err != nil {
				return nil, err
			}
			kept = append(kept, s)
		}
		if kept != nil {
			out[name] = kept
		}
	}
	if properties := object(in["properties"]); properties != nil {
		kept := map[string]any{}
		for name, one := range properties {
			if kept[name], err = d.schema(one); err != nil {
				return nil, err
			}
		}
		out["properties"] = kept
	}
	return out, nil
}

func (d *distillery) reference(ref string) (any, error) {
	target, err := d.look(ref)
	if err != nil {
		return nil, err
	}
	name, named := strings.CutPrefix(ref, "#/components/schemas/")
	if !named || strings.Contains(name, "/") {
		return d.schema(target)
	}
	if _, there := d.components[name]; !there {
		d.components[name] = nil // it may refer to itself
		if d.components[name], err = d.schema(target); err != nil {
			return nil, err
		}
	}
	return map[string]any{"$ref": ref}, nil
}
