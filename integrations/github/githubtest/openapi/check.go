package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
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
			if !rec.gone && !slices.ContainsFunc(outside, func(begins string) bool { return strings.HasPrefix(r.URL.Path, begins) }) {
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
		Route: &routers.Route{Spec: s.doc, Path: p.template, PathItem: p.item, Method: r.Method, Operation: op}}
	if rec.status < 400 {
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err := s.request(in, op, body); err != nil {
			report(Finding{op.OperationID, "request", err})
		}
	}
	if err := s.answer(in, op, rec); err != nil {
		report(Finding{op.OperationID, fmt.Sprintf("answer %d", rec.status), err})
	}
}

// request checks parameters and body, and that nothing is sent that the operation does not know.
func (s *Spec) request(in *openapi3filter.RequestValidationInput, op *openapi3.Operation, body []byte) error {
	if err := openapi3filter.ValidateRequest(in.Request.Context(), in); err != nil {
		return err
	}
	known := append(slices.Clone(op.Parameters), in.Route.PathItem.Parameters...)
	for name := range in.QueryParams {
		if known.GetByInAndName("query", name) == nil {
			return fmt.Errorf("query parameter %q is not described", name)
		}
	}
	if op.RequestBody == nil || len(body) == 0 {
		return nil
	}
	media := op.RequestBody.Value.Content.Get("application/json")
	var sent map[string]json.RawMessage
	if media == nil || len(media.Schema.Value.Properties) == 0 || json.Unmarshal(body, &sent) != nil {
		return nil
	}
	for name := range sent {
		if media.Schema.Value.Properties[name] == nil {
			return fmt.Errorf("field %q is not described", name)
		}
	}
	return nil
}

// answer checks status and body.
func (s *Spec) answer(in *openapi3filter.RequestValidationInput, op *openapi3.Operation, rec *recorder) error {
	if op.Responses.Status(rec.status) == nil {
		switch {
		case rec.status == 304 && in.Request.Method == "GET":
			return nil // every read can be conditional ("GitHub REST: Best practices")
		case !slices.Contains(anyOperation, rec.status):
			return fmt.Errorf("the status is not described")
		case strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html"):
			return nil // what the front end says when there is nothing behind it
		}
		return s.plainError(rec.body.Bytes())
	}
	if rec.status >= 500 && strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
		return nil
	}
	if plainText(op, rec) {
		return nil
	}
	return openapi3filter.ValidateResponse(in.Request.Context(), &openapi3filter.ResponseValidationInput{RequestValidationInput: in,
		Status: rec.status, Header: rec.Header(), Body: io.NopCloser(bytes.NewReader(rec.body.Bytes())), Options: options()})
}

// plainText tells whether an answer is of a media type described as a string, such as application/vnd.github.sha: there is
// nothing in it to check.
func plainText(op *openapi3.Operation, rec *recorder) bool {
	media := op.Responses.Status(rec.status).Value.Content.Get(rec.Header().Get("Content-Type"))
	return media != nil && media.Schema != nil && media.Schema.Value.Type.Is("string")
}

// plainError checks a body against the error every operation shares.
func (s *Spec) plainError(body []byte) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return fmt.Errorf("the body of an error is no JSON: %w", err)
	}
	return s.doc.Components.Schemas["basic-error"].Value.VisitJSON(v)
}

func options() *openapi3filter.Options {
	return &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true, RejectWhenRequestBodyNotSpecified: true,
		SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		SchemaValidationOptions: []openapi3.SchemaValidationOption{openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
			"date-time": openapi3.NewCallbackValidator(func(v string) error { _, err := time.Parse(time.RFC3339, v); return err }),
			"uri":       openapi3.NewCallbackValidator(validURI),
		})}}
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
