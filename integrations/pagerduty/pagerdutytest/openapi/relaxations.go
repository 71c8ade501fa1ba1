package openapi

import "github.com/getkin/kin-openapi/openapi3"

// anyOperation are the statuses every operation of the REST API can answer with, and whose body is an error object. The
// description names them for some operations only; "PagerDuty: Errors" says so for all.
var anyOperation = []int{400, 401, 402, 403, 404, 409, 413, 429, 500, 502, 503}

// anyEvent are those of Events API v2. The description says of 400 and 429 that there are such, and nothing about their
// body; of 5XX it describes it, and "PagerDuty: Events API v2 overview" shows the same for 400.
var anyEvent = []int{400, 413, 429, 500, 502, 503}

// relax changes what is provably wrong in the descriptions, or says less than the rest of PagerDuty's documentation.
func relax(doc *openapi3.T) {
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			relaxOperation(op)
		}
	}
	schemas := doc.Components.Schemas
	for _, s := range schemas {
		alternatives(s.Value)
	}
	// The details of an incident's body are described as an object; the description's own example of creating an incident has
	// a text there, as have all libraries.
	if body := schemas["IncidentBody"]; body != nil {
		body.Value.Properties["details"] = openapi3.NewSchemaRef("", &openapi3.Schema{})
		// It requires a type it does not describe.
		body.Value.Properties["type"] = openapi3.NewSchemaRef("", openapi3.NewStringSchema())
	}
	// An integration by itself has its key ("PagerDuty: Events API v2 overview" sends people there for it), which is not
	// described.
	if integration := schemas["Integration"]; integration != nil {
		nullable(integration.Value, "vendor")
	}
	// An acknowledgement's entry is described with the type acknowledgement_log_entry, which the description's own list of types
	// does not have; it has acknowledge_log_entry.
	if entry := schemas["AcknowledgeLogEntry"]; entry != nil {
		each(entry.Value, "type", func(s *openapi3.Schema) { s.Enum = []any{"acknowledge_log_entry"} })
	}
	// PagerDuty writes null where there is nothing, and its own examples do, also where that is not described.
	for name, fields := range map[string][]string{
		"Incident":      {"resolved_at"},
		"Service":       {"acknowledgement_timeout", "auto_resolve_timeout", "last_incident_timestamp", "support_hours"},
		"Oncall":        {"schedule", "start", "end"}, // "PagerDuty: List all of the on-calls": on call always
		"ScheduleLayer": {"end"},
	} {
		if s := schemas[name]; s != nil {
			nullable(s.Value, fields...)
		}
	}
	// With include[] a thing stands in full where otherwise its reference does; the description says so of incidents only.
	if onCall := schemas["Oncall"]; onCall != nil {
		anything(onCall.Value, "user")
	}
	if service := schemas["Service"]; service != nil {
		anything(service.Value, "integrations")
	}
}

func relaxOperation(op *openapi3.Operation) {
	if op.OperationID == "listScheduleOverrides" {
		// It is described as answering 201, a list that was read; it answers 200, as every read.
		if r := op.Responses.Value("201"); r != nil {
			op.Responses.Set("200", r)
			op.Responses.Delete("201")
		}
	}
	if op.OperationID == "createIncidentResponderRequest" {
		// Each target is described as one, and stands one level deeper in the description's own example.
		body := op.RequestBody.Value.Content.Get("application/json").Schema.Value
		body.Properties["responder_request_targets"] = openapi3.NewSchemaRef("", openapi3.NewArraySchema().WithItems(&openapi3.Schema{}))
	}
	for _, response := range op.Responses.Map() {
		for _, media := range response.Value.Content {
			alternatives(media.Schema.Value)
		}
	}
}

// alternatives lets any of several alternatives do where the description demands exactly one: most of them share all
// fields they require, so that an answer is several of them at once (a channel is each of its five kinds).
func alternatives(s *openapi3.Schema) {
	if s == nil {
		return
	}
	if len(s.OneOf) > 0 {
		s.AnyOf, s.OneOf = append(s.AnyOf, s.OneOf...), nil
	}
	for _, parts := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf} {
		for _, part := range parts {
			if part.Ref == "" {
				alternatives(part.Value)
			}
		}
	}
	for _, one := range s.Properties {
		if one.Ref == "" {
			alternatives(one.Value)
		}
	}
	if s.Items != nil && s.Items.Ref == "" {
		alternatives(s.Items.Value)
	}
}

// each calls f with a field of a schema, wherever in it the field stands, but not in what it shares with others.
func each(s *openapi3.Schema, field string, f func(*openapi3.Schema)) {
	if one := s.Properties[field]; one != nil {
		own := *one.Value // it may be shared
		f(&own)
		s.Properties[field] = openapi3.NewSchemaRef("", &own)
	}
	for _, part := range s.AllOf {
		if part.Ref == "" {
			each(part.Value, field, f)
		}
	}
}

func nullable(s *openapi3.Schema, fields ...string) {
	for _, field := range fields {
		each(s, field, func(one *openapi3.Schema) {
			copied := *one
			copied.Nullable = true
			if len(one.AllOf)+len(one.AnyOf) > 0 { // null is none of its parts
				copied = openapi3.Schema{Nullable: true, AnyOf: openapi3.SchemaRefs{openapi3.NewSchemaRef("", one), openapi3.NewSchemaRef("", &openapi3.Schema{Nullable: true, MaxProps: new(uint64)})}}
			}
			*one = copied
		})
	}
}

func anything(s *openapi3.Schema, fields ...string) {
	for _, field := range fields {
		each(s, field, func(one *openapi3.Schema) { *one = openapi3.Schema{} })
	}
}

// restError is the error all operations of the REST API share ("PagerDuty: Errors").
func restError() *openapi3.Schema {
	return openapi3.NewObjectSchema().WithRequired([]string{"error"}).WithProperty("error", openapi3.NewObjectSchema().
		WithRequired([]string{"message"}).WithProperty("message", openapi3.NewStringSchema()).WithProperty("code", openapi3.NewIntegerSchema()).
		WithProperty("errors", openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema())))
}

// eventError is the error of Events API v2 ("PagerDuty: Events API v2 overview").
func eventError() *openapi3.Schema {
	return openapi3.NewObjectSchema().WithRequired([]string{"status", "message"}).WithProperty("status", openapi3.NewStringSchema()).
		WithProperty("message", openapi3.NewStringSchema()).WithProperty("errors", openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema()))
}
