package githubtest

import (
	"bytes"
	"crypto/sha256"
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

// route is one operation of the API, named and addressed as GitHub's description has it.
type route struct {
	op     string // GitHub's operation id
	method string
	path   string // {name} is one part of the path, {name+} may hold slashes
	doc    string // below https://docs.github.com/rest/
	need   string // "", "user", "jwt", or a repository permission such as "contents:read"
	free   bool   // costs no budget
	handle func(*request) reply

	match *regexp.Regexp
	names []string
}

// pathName is a parameter in a route's path, quotedName the same after quoting for a regular expression.
var (
	pathName   = regexp.MustCompile(`\{(\w+)\+?\}`)
	quotedName = regexp.MustCompile(`\\\{\w+(\\\+)?\\\}`)
)

// compile turns the path into a pattern over the escaped path.
func (rt *route) compile() *route {
	pattern := quotedName.ReplaceAllStringFunc(regexp.QuoteMeta(rt.path), func(s string) string {
		if strings.Contains(s, "+") {
			return "(.+)"
		}
		return "([^/]+)"
	})
	rt.match = regexp.MustCompile("^" + pattern + "/?$")
	for _, m := range pathName.FindAllStringSubmatch(rt.path, -1) {
		rt.names = append(rt.names, m[1])
	}
	return rt
}

// request is one call being answered. Handlers run with the server's lock held.
type request struct {
	*http.Request
	s     *Server
	route *route
	vars  map[string]string
	query url.Values
	body  []byte
	who   *principal
	repo  *repo
	now   time.Time
	id    string
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

// with adds a header.
func (r reply) with(name, value string) reply {
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
	return r
}

// fail is an error as GitHub words them ("GitHub REST: Troubleshooting"); errors are its details, if any.
func (q *request) fail(status int, message string, errors ...any) reply {
	body := obj{"message": message, "documentation_url": "https://docs.github.com/rest", "status": fmt.Sprint(status)}
	if q.route != nil && q.route.doc != "" {
		body["documentation_url"] = "https://docs.github.com/rest/" + q.route.doc
	}
	if len(errors) > 0 {
		body["errors"] = errors
	}
	return reply{status: status, body: body}
}

func (q *request) notFound() reply { return q.fail(404, "Not Found") }

// invalid is 422 for one field of the body.
func (q *request) invalid(resource, field, code string) reply {
	return q.fail(422, "Validation Failed", obj{"resource": resource, "field": field, "code": code})
}

// custom is 422 with a sentence about the resource.
func (q *request) custom(resource, message string) reply {
	return q.fail(422, "Validation Failed", obj{"resource": resource, "code": "custom", "message": message})
}

// serve answers one request: hooks and faults around, the API in the middle.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 50<<20))
	if err != nil {
		return // the client went away
	}
	q := s.receive(r, body)
	call := Call{Op: opOf(q), Method: r.Method, Path: strings.TrimPrefix(r.URL.RequestURI(), "/api/v3"), At: q.now, Phase: Before}
	s.mu.Lock()
	s.seq++
	call.Seq = s.seq
	s.calls = append(s.calls, call)
	down := s.down
	early, late := s.takeFaults(q)
	s.mu.Unlock()
	s.hook(call)
	answer := reply{status: 503, raw: []byte(unicorn), header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}}
	if !down {
		var answered bool
		if answer, answered = s.suffer(early, q, reply{}); !answered {
			answer = s.apply(q)
			call.Applied = answer.status < 400
		}
	}
	call.Phase, call.Status = After, answer.status
	s.hook(call)
	if late != nil && !down {
		answer, _ = s.suffer(late, q, answer)
	}
	call.Status = answer.status
	s.done(call)
	if answer.status == 0 {
		reset(w)
	} else {
		q.write(w, answer, late)
	}
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
		s.opts.Log.Debug("github call", slog.String("op", c.Op), slog.String("method", c.Method), slog.String("path", c.Path), slog.Int("status", c.Status))
	}
}

// receive finds the operation a request means.
func (s *Server) receive(r *http.Request, body []byte) *request {
	q := &request{Request: r, s: s, body: body, query: r.URL.Query(), now: s.now(), vars: map[string]string{}}
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/api/v3")
	for _, rt := range s.routes {
		m := rt.match.FindStringSubmatch(path)
		if m == nil || rt.method != r.Method && !(r.Method == "HEAD" && rt.method == "GET") {
			continue
		}
		q.route = rt
		for i, name := range rt.names {
			q.vars[name], _ = url.PathUnescape(m[i+1])
		}
		return q
	}
	return q
}

// apply does what the request asks for and returns the answer, conditional requests and budgets included.
func (s *Server) apply(q *request) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	q.id = fmt.Sprintf("%04X:%06X:%08X", s.seq&0xffff, s.w.LastID&0xffffff, q.now.Unix()&0xffffffff)
	refusal := q.authenticate()
	b := s.budget(q)
	if refusal == nil {
		refusal = b.refuses(q)
	}
	var answer reply
	switch {
	case refusal != nil:
		answer = *refusal
	case q.route == nil:
		s.problems = append(s.problems, fmt.Sprintf("%s %s: no such operation", q.Method, q.URL.RequestURI()))
		answer = q.notFound()
	default:
		answer = q.answer()
	}
	if q.Method != "GET" && q.Method != "HEAD" && answer.status < 400 {
		s.touch()
	}
	if answer.header == nil {
		answer.header = http.Header{}
	}
	answer.encode()
	notModified := q.conditional(&answer)
	if refusal == nil && !notModified && (q.route == nil || !q.route.free) {
		b.used++
	}
	b.headers(answer.header)
	q.headers(answer.header)
	return answer
}

// answer checks the permission and calls the handler.
func (q *request) answer() reply {
	if name, ok := q.vars["repo"]; ok {
		q.repo = q.s.w.Repos[strings.ToLower(q.vars["owner"]+"/"+name)]
	}
	if refusal := q.permit(); refusal != nil {
		return *refusal
	}
	return q.route.handle(q)
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
		panic(fmt.Sprintf("githubtest: encoding an answer: %v", err)) // answers are built here
	}
	r.raw = bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	r.header.Set("Content-Type", "application/json; charset=utf-8")
}

// conditional gives reads an ETag made of their body and turns a read of the known into 304.
func (q *request) conditional(r *reply) bool {
	if r.status != 200 || q.Method != "GET" {
		return false
	}
	etag := fmt.Sprintf(`W/"%x"`, sha256.Sum256(append([]byte(q.Header.Get("Accept")+"\n"), r.raw...)))
	r.header.Set("ETag", etag)
	r.header.Set("Cache-Control", "private, max-age=60, s-maxage=60")
	r.header.Set("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding, Accept, X-Requested-With")
	for known := range strings.SplitSeq(q.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(known), "W/") == strings.TrimPrefix(etag, "W/") {
			r.status, r.raw = 304, nil
			r.header.Del("Content-Type")
			return true
		}
	}
	return false
}

func (q *request) headers(h http.Header) {
	h.Set("Date", q.now.UTC().Format(http.TimeFormat)) // the stage's, as everything else it says
	h.Set("X-GitHub-Request-Id", q.id)
	h.Set("X-GitHub-Media-Type", "github.v3; format=json")
	if v := q.Header.Get("X-GitHub-Api-Version"); v != "" {
		h.Set("X-GitHub-Api-Version-Selected", v)
	}
	if q.route != nil && strings.Contains(q.route.need, ":") {
		h.Set("X-Accepted-GitHub-Permissions", strings.Replace(q.route.need, ":", "=", 1))
	}
	if q.who != nil && q.who.app == nil && q.who.login != "" {
		h.Set("X-OAuth-Scopes", strings.Join(q.who.scopes, ", "))
		h.Set("X-Accepted-OAuth-Scopes", "repo")
	}
}

func (q *request) write(w http.ResponseWriter, r reply, late *fault) {
	maps.Copy(w.Header(), r.header)
	if late != nil && late.Kind == Truncate {
		w.Header().Set("Content-Length", fmt.Sprint(len(r.raw)))
		w.WriteHeader(r.status)
		w.Write(r.raw[:len(r.raw)/2])
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(r.status)
	if q.Method != "HEAD" {
		w.Write(r.raw)
	}
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

// unicorn stands for the HTML page that GitHub's front end answers with when nothing behind it does.
const unicorn = `<!DOCTYPE html><html><head><title>Unicorn! &middot; GitHub</title></head><body><p>No server is currently available to service your request.</p></body></html>`
