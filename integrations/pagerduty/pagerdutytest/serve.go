package pagerdutytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// maxBody is more than any request needs, an event of the largest size included.
const maxBody = 1 << 20

// route is one operation of the API, named and addressed as PagerDuty's description has it.
type route struct {
	op     string // PagerDuty's operation id
	method string
	path   string // {name} is one part of the path
	tight  bool   // has a limit of its own
	from   bool   // demands the From header
	events bool   // of Events API v2: no token, errors of another shape
	handle func(*request) reply

	match *regexp.Regexp
	names []string
}

// pathName is a parameter in a route's path, quotedName the same after quoting for a regular expression.
var (
	pathName   = regexp.MustCompile(`\{(\w+)\}`)
	quotedName = regexp.MustCompile(`\\\{\w+\\\}`)
)

// compile turns the path into a pattern over the escaped path.
func (rt *route) compile() {
	rt.match = regexp.MustCompile("^" + quotedName.ReplaceAllString(regexp.QuoteMeta(rt.path), "([^/]+)") + "$")
	for _, m := range pathName.FindAllStringSubmatch(rt.path, -1) {
		rt.names = append(rt.names, m[1])
	}
}

// request is one call being answered. Handlers run with the server's lock held.
type request struct {
	*http.Request
	s     *Server
	w     *world
	route *route
	vars  map[string]string
	query url.Values
	body  []byte
	who   *user // of the From header
	now   time.Time
}

// reply is an answer before it is written.
type reply struct {
	status int
	body   any // JSON, when raw is nil
	raw    []byte
	header http.Header
}

func ok(body any) reply      { return reply{status: 200, body: body} }
func created(body any) reply { return reply{status: 201, body: body} }

// fail is an error as PagerDuty shapes them ("PagerDuty: Errors"); why are its details, if any.
func (q *request) fail(status, code int, message string, why ...string) reply {
	e := obj{"message": message}
	if code != 0 {
		e["code"] = code
	}
	if len(why) > 0 {
		e["errors"] = why
	}
	return reply{status: status, body: obj{"error": e}}
}

func (q *request) notFound() reply { return q.fail(404, 2100, "Not Found") }

func (q *request) invalid(why string) reply { return q.fail(400, 2001, "Invalid Input Provided", why) }

// serve answers one request, with the faults that are in force.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		reset(w)
		return
	}
	q := s.receive(r, body)
	s.mu.Lock()
	s.seq++
	c := Call{Seq: s.seq, Op: opOf(q), Method: r.Method, Path: r.URL.RequestURI(), From: r.Header.Get("From"), At: q.now, Phase: Before}
	s.calls = append(s.calls, c)
	early, late := s.takeFaults(q)
	down := s.down
	s.mu.Unlock()
	s.hook(c)
	answer := page(503)
	if !down {
		var answered bool
		if answer, answered = s.suffer(early, q, reply{}); !answered {
			answer = s.apply(q)
			c.Applied = answer.status < 400
		}
	}
	c.Phase, c.Status = After, answer.status
	s.hook(c)
	if late != nil && !down {
		answer, _ = s.suffer(late, q, answer)
	}
	c.Status = answer.status
	s.done(c)
	if answer.status == 0 {
		reset(w)
		return
	}
	write(w, answer, late)
}

func opOf(q *request) string {
	if q.route == nil {
		return ""
	}
	return q.route.op
}

func (s *Server) hook(c Call) {
	if s.opts.OnCall != nil {
		s.opts.OnCall(c)
	}
}

func (s *Server) done(c Call) {
	s.mu.Lock()
	s.calls[c.Seq-1] = c
	s.mu.Unlock()
	if s.opts.Log != nil {
		s.opts.Log.Debug("pagerduty call", slog.String("op", c.Op), slog.String("method", c.Method), slog.String("path", c.Path), slog.Int("status", c.Status))
	}
}

// receive finds the operation a request means.
func (s *Server) receive(r *http.Request, body []byte) *request {
	q := &request{Request: r, s: s, body: body, query: r.URL.Query(), now: s.now(), vars: map[string]string{}}
	for _, rt := range s.routes {
		m := rt.match.FindStringSubmatch(r.URL.EscapedPath())
		if m == nil || rt.method != r.Method {
			continue
		}
		q.route = rt
		for i, name := range rt.names {
			q.vars[name], _ = url.PathUnescape(m[i+1])
		}
		break
	}
	return q
}

// apply does what the request asks for and returns the answer.
func (s *Server) apply(q *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	q.w, q.now = s.w, s.now() // a fault may have kept it waiting
	answer := q.answer()
	if q.Method != "GET" && answer.status < 400 {
		s.settle()
		s.touch()
	}
	answer.encode()
	return answer
}

// answer checks who is asking and the limits, and calls the handler.
func (q *request) answer() reply {
	if q.route != nil && q.route.events {
		return q.route.handle(q)
	}
	if !q.authorised() {
		return q.fail(401, 2006, "Unauthorized")
	}
	refusal, b := q.spend()
	if refusal != nil {
		return *refusal
	}
	answer := q.routed()
	if answer.header == nil {
		answer.header = http.Header{}
	}
	b.headers(answer.header, q.now)
	return answer
}

func (q *request) routed() reply {
	if q.route == nil {
		q.s.problems = append(q.s.problems, fmt.Sprintf("%s %s: no such operation", q.Method, q.URL.RequestURI()))
		return q.notFound()
	}
	if accept := q.Header.Get("Accept"); !strings.Contains(accept, "application/vnd.pagerduty+json;version=2") {
		q.s.problems = append(q.s.problems, fmt.Sprintf("%s %s: accepts %q, which is not version 2", q.Method, q.URL.Path, accept))
	}
	if refusal := q.inWhoseName(); refusal != nil {
		return *refusal
	}
	return q.route.handle(q)
}

// authorised takes the account's key in both of its forms ("PagerDuty: Authentication").
func (q *request) authorised() bool {
	said := q.Header.Get("Authorization")
	return said == "Token token="+q.s.opts.Token || said == "Bearer "+q.s.opts.Token
}

// inWhoseName finds the user of the From header, without whom some operations are refused. Where it is not demanded it is
// still looked at.
func (q *request) inWhoseName() *reply {
	said := q.Header.Get("From")
	if said == "" && !q.route.from {
		return nil
	}
	var r reply
	if name, host, found := strings.Cut(said, "@"); !found || name == "" || host == "" || strings.ContainsAny(said, " <>,") {
		r = q.fail(400, 1028, "Malformed From Header", "the From header must be the e-mail address of a user")
		return &r
	}
	if q.who = q.w.userByEmail(said); q.who == nil && q.route.from {
		r = q.fail(400, 1008, "No such requester")
		return &r
	}
	return nil
}

// encode makes the JSON.
func (r *reply) encode() {
	if r.raw != nil || r.body == nil {
		return
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r.body); err != nil {
		panic(fmt.Sprintf("pagerdutytest: encoding an answer: %v", err)) // answers are built here
	}
	r.raw = bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set("Content-Type", "application/json; charset=utf-8")
}

func write(w http.ResponseWriter, r reply, late *fault) {
	maps.Copy(w.Header(), r.header)
	if late != nil && late.Kind == Truncate {
		w.Header().Set("Content-Length", fmt.Sprint(len(r.raw)))
		w.WriteHeader(r.status)
		w.Write(r.raw[:len(r.raw)/2])
		http.NewResponseController(w).Flush() // or the client sees no answer at all, and asks again by itself
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(r.status)
	w.Write(r.raw)
}

// reset ends the connection with a TCP reset.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}
