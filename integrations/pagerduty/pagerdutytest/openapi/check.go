package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Finding is a request or an answer that is not as described.
type Finding struct {
	Operation string // operation id, or method and path when there is none
	Where     string // "request" or "answer 422"
	Err       error
}

// Error says all of it in one line.
func (f Finding) Error() string { return fmt.Sprintf("%s: %s: %v", f.Operation, f.Where, f.Err) }

// Validate returns a middleware that checks what passes through it and reports what is not as described. Traffic is not
// changed. A request answered with an error is the error's to judge: its body is not checked, since tests send wrong ones
// to see them refused.
func (s *Spec) Validate(report func(Finding)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return // the client went away
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			rec := &recorder{ResponseWriter: w, status: 200}
			next.ServeHTTP(rec, r) // an aborted answer panics through here and is not checked
			if !rec.gone {
				s.check(r, body, rec, report)
			}
		})
	}
}

func (s *Spec) check(r *http.Request, body []byte, rec *recorder, report func(Finding)) {
	p, op, values := s.find(r)
	if op == nil {
		if rec.status != 404 && rec.status < 500 {
			report(Finding{r.Method + " " + r.URL.Path, "request", fmt.Errorf("not in the description")})
		}
		return
	}
	s.mu.Lock()
	s.seen[op.OperationID]++
	s.mu.Unlock()
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: values, QueryParams: r.URL.Query(), Options: options(),
		Route: &routers.Route{Spec: p.doc, Path: p.template, PathItem: p.item, Method: r.Method, Operation: op}}
	if rec.status < 400 {
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err := s.request(in, op, body); err != nil {
			report(Finding{op.OperationID, "request", err})
		}
	}
	if err := s.answer(in, p, op, rec); err != nil {
		report(Finding{op.OperationID, fmt.Sprintf("answer %d", rec.status), err})
	}
}

// request checks parameters and body, and that nothing is sent that the operation does not know.
func (s *Spec) request(in *openapi3filter.RequestValidationInput, op *openapi3.Operation, body []byte) error {
	if err := openapi3filter.ValidateRequest(in.Request.Context(), in); err != nil {
		return err
	}
	for name := range in.QueryParams {
		if op.Parameters.GetByInAndName("query", name) == nil {
			return fmt.Errorf("query parameter %q is not described", name)
		}
	}
	if op.RequestBody == nil || len(body) == 0 {
		return nil
	}
	var sent any
	media := op.RequestBody.Value.Content.Get("application/json")
	if media == nil || json.Unmarshal(body, &sent) != nil {
		return fmt.Errorf("the body is no JSON")
	}
	return undescribed(media.Schema.Value, sent, "")
}

// undescribed finds fields a schema does not have, at any depth. A schema without any lets everything pass.
func undescribed(schema *openapi3.Schema, v any, at string) error {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if schema.Items == nil {
				return nil
			}
			if err := undescribed(schema.Items.Value, item, at+"[]"); err != nil {
				return err
			}
		}
	case map[string]any:
		fields := properties(schema)
		for name, value := range v {
			if len(fields) == 0 {
				return nil
			}
			if fields[name] == nil {
				return fmt.Errorf("field %q is not described", at+"."+name)
			}
			if err := undescribed(fields[name], value, at+"."+name); err != nil {
				return err
			}
		}
	}
	return nil
}

// properties are the fields of a schema and of all it is made of.
func properties(schema *openapi3.Schema) map[string]*openapi3.Schema {
	out := map[string]*openapi3.Schema{}
	for _, parts := range []openapi3.SchemaRefs{schema.AllOf, schema.AnyOf, schema.OneOf} {
		for _, part := range parts {
			maps.Copy(out, properties(part.Value))
		}
	}
	for name, one := range schema.Properties {
		out[name] = one.Value
	}
	return out
}

// answer checks status and body.
func (s *Spec) answer(in *openapi3filter.RequestValidationInput, p *path, op *openapi3.Operation, rec *recorder) error {
	if strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
		if rec.status >= 500 {
			return nil // what stands before PagerDuty when nothing behind it answers
		}
		return fmt.Errorf("a web page")
	}
	if op.Responses.Status(rec.status) == nil || op.Responses.Status(rec.status).Value.Content == nil {
		if rec.status < 400 && op.Responses.Status(rec.status) != nil {
			return nil
		}
		if !p.events && slices.Contains(anyOperation, rec.status) {
			return visit(s.fail, rec.body.Bytes())
		}
		if p.events && slices.Contains(anyEvent, rec.status) {
			return visit(eventError(), rec.body.Bytes())
		}
		return fmt.Errorf("the status is not described")
	}
	return openapi3filter.ValidateResponse(in.Request.Context(), &openapi3filter.ResponseValidationInput{RequestValidationInput: in,
		Status: rec.status, Header: rec.Header(), Body: io.NopCloser(bytes.NewReader(rec.body.Bytes())), Options: options()})
}

func visit(schema *openapi3.Schema, body []byte) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("the body of an error is no JSON: %w", err)
	}
	return schema.VisitJSON(v)
}

func options() *openapi3filter.Options {
	return &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true, RejectWhenRequestBodyNotSpecified: true,
		SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
			"date-time": openapi3.NewCallbackValidator(func(v string) error { _, err := time.Parse(time.RFC3339, v); return err }),
			"url":       openapi3.NewCallbackValidator(address),
			"uri":       openapi3.NewCallbackValidator(address),
		})}}
}

// address takes what has a scheme.
func address(v string) error {
	u, err := url.Parse(v)
	if err == nil && u.Scheme == "" {
		err = fmt.Errorf("%q has no scheme", v)
	}
	return err
}

// recorder passes an answer on and keeps it.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
	gone   bool // the connection was taken over: there is no answer
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write keeps what is written.
func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// Unwrap lets a handler reach the connection; whoever does gives no answer.
func (r *recorder) Unwrap() http.ResponseWriter {
	r.gone = true
	return r.ResponseWriter
}
