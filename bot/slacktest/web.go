package slacktest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Call is a request to the Web API or to a response_url.
type Call struct {
	Seq      int
	Method   string            // "chat.postMessage"; "response_url"; "upload"
	Phase    Phase             // in OnCall only
	Params   map[string]string // without tokens; nil in a Quiet server
	Envelope string            // of a response_url: the envelope it came with
	At       time.Time
	Outcome  string // "ok", Slack's error, "429", "500", "reset", "hang"; "" before it is known
}

// Phase says at which point of a call OnCall is called.
type Phase string

// The points of a call: nothing applied yet; applied, but not answered yet.
const (
	Before Phase = "before"
	After  Phase = "after"
)

// OnCall sets a function that is called in each call's goroutine before it is applied and again when it is applied but
// not yet answered. It may read the server. nil removes it.
func (s *Server) OnCall(f func(Call)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onCall = f
}

// call is a request on its way through.
type call struct {
	method  string
	key     string // of a response_url or an upload
	token   string
	header  bool // the token came in the Authorization header
	params  map[string]string
	rawBody []byte
	record  Call
	scopes  []string // what X-Accepted-OAuth-Scopes says
}

// apiError is a refusal in Slack's words.
type apiError struct {
	Code     string
	Needed   string // of missing_scope
	Messages []string
	Each     []obj         // what was wrong with each of several things
	Status   int           // 200 when zero
	Retry    time.Duration // of a rate limit
}

func (e *apiError) Error() string {
	return strings.Join(append([]string{e.Code}, e.Messages...), ": ")
}

func refuse(code string, messages ...string) *apiError {
	return &apiError{Code: code, Messages: messages}
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, &call{method: r.PathValue("method")}) })
	mux.HandleFunc("POST /response/{key...}", func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, &call{method: "response_url", key: r.PathValue("key")})
	})
	mux.HandleFunc("POST /upload/{file}", func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, &call{method: "upload", key: r.PathValue("file")})
	})
	mux.HandleFunc("GET /link/", s.serveSocket)
	return mux
}

// maxBody bounds a request; Slack's largest uploads are larger, ours are not.
const maxBody = 16 << 20

// serve takes one call from its request to its answer, with the faults that are due.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, c *call) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "request too large or cut off", http.StatusBadRequest)
		return
	}
	c.rawBody = body
	badForm := c.readParams(r)
	hook := s.begin(c)
	callHook(hook, c.record, Before)
	fault := s.strike(c.method)
	if fault != nil && !fault.Applied && !s.fail(w, r, c, fault) {
		return
	}
	result, err := s.apply(c, badForm)
	callHook(hook, c.record, After)
	if fault != nil && fault.Applied && !s.fail(w, r, c, fault) {
		return
	}
	s.end(c, outcome(err))
	s.reply(w, c, result, err)
}

func callHook(hook func(Call), c Call, at Phase) {
	if hook == nil {
		return
	}
	c.Phase = at
	hook(c)
}

func outcome(err error) string {
	var refused *apiError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &refused) && refused.Status == http.StatusTooManyRequests:
		return "429"
	case errors.As(err, &refused):
		return refused.Code
	}
	return err.Error()
}

// begin numbers a call and records it.
func (s *Server) begin(c *call) func(Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.seq++
	s.log.counts.Calls++
	c.record = Call{Seq: s.log.seq, Method: c.method, At: s.now()}
	if to, ok := s.lines.responses.get(c.key); ok && c.method == "response_url" {
		c.record.Envelope = to.Envelope
	}
	if !s.opts.Quiet {
		c.record.Params = c.params
		s.log.calls = keep(s.log.calls, c.record, s.log.full)
	}
	s.changed()
	return s.onCall
}

// end records how a call went.
func (s *Server) end(c *call, outcome string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if outcome != "ok" {
		s.log.counts.Refused++
	}
	s.opts.Log.Debug("call", "method", c.method, "outcome", outcome)
	for i := len(s.log.calls) - 1; i >= 0; i-- {
		if s.log.calls[i].Seq == c.record.Seq {
			s.log.calls[i].Outcome = outcome
			break
		}
	}
	s.changed()
}

func (s *Server) apply(c *call, badForm error) (obj, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	result, err := s.applyMethod(c, badForm)
	if refused, ok := err.(*apiError); ok && refused == nil {
		err = nil
	}
	s.changed()
	return result, err
}

func (s *Server) applyMethod(c *call, badForm error) (obj, error) {
	switch {
	case badForm != nil:
		return nil, badForm
	case c.method == "response_url":
		return s.respond(c)
	case c.method == "upload":
		return s.upload(c)
	}
	m, ok := s.methods[c.method]
	if !ok {
		s.problem("unknown_method", c.method)
		return nil, refuse("unknown_method")
	}
	c.scopes = m.scopes
	if err := s.authorize(c, m); err != nil {
		return nil, err
	}
	if err := s.limit(c, m); err != nil {
		return nil, err
	}
	return m.run(s, c)
}

// authorize checks the token and the scopes every call of the method needs.
func (s *Server) authorize(c *call, m method) error {
	want, other := s.BotToken, s.AppToken
	if m.app {
		want, other = other, want
	}
	switch {
	case c.token == "":
		return refuse("not_authed")
	case s.world.revoked && (c.token == want || c.token == other):
		return refuse("token_revoked")
	case c.token == other:
		return refuse("not_allowed_token_type")
	case c.token != want:
		return refuse("invalid_auth")
	case m.app && !c.header:
		return refuse("not_authed")
	}
	for _, scope := range m.scopes {
		if s.world.app.may(scope) {
			return nil
		}
	}
	if len(m.scopes) > 0 {
		return &apiError{Code: "missing_scope", Needed: strings.Join(m.scopes, ",")}
	}
	return nil
}

func (s *Server) needScope(scope string) error {
	if s.world.app.may(scope) {
		return nil
	}
	return &apiError{Code: "missing_scope", Needed: scope}
}

// reply writes the answer as Slack does: status 200 also for refusals, but not for rate limits.
func (s *Server) reply(w http.ResponseWriter, c *call, result obj, err error) {
	s.mu.Lock()
	w.Header().Set("X-OAuth-Scopes", strings.Join(s.world.app.Scopes, ","))
	provided := strings.Join(s.world.app.Scopes, ",")
	s.mu.Unlock()
	w.Header().Set("X-Accepted-OAuth-Scopes", strings.Join(c.scopes, ","))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	if text, ok := result["plain"].(string); ok {
		_, _ = io.WriteString(w, text)
		return
	}
	body := obj{"ok": err == nil}
	for k, v := range result {
		body[k] = v
	}
	status := http.StatusOK
	var refused *apiError
	if errors.As(err, &refused) {
		body["error"] = refused.Code
		status = max(refused.Status, http.StatusOK)
		if refused.Needed != "" {
			body["needed"], body["provided"] = refused.Needed, provided
		}
		if refused.Each != nil {
			body["errors"] = refused.Each
		}
		if refused.Messages != nil {
			body["response_metadata"] = obj{"messages": refused.Messages}
		}
		if refused.Retry > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(wholeSeconds(refused.Retry)))
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(mustJSON(body))
}

func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// mustBeJSON is what Slack says to a JSON body it cannot read.
func mustBeJSON(raw []byte) (map[string]json.RawMessage, error) {
	var fields map[string]json.RawMessage
	switch {
	case json.Unmarshal(raw, &fields) == nil:
		return fields, nil
	case json.Valid(raw):
		return nil, refuse("json_not_object")
	}
	return nil, refuse("invalid_json")
}
