package slacktest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"

	"shipmate/bot/slacktest"
	"shipmate/clock"
)

var morning = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// stage is a small workspace: #payments with Ana, Ben and the bot; #random without the bot; #secret, private, with Ana
// only; Cleo, deactivated.
type stage struct {
	*slacktest.Server
	t                         *testing.T
	clock                     *clock.Manual
	api                       *slack.Client
	ana, ben, cleo            slacktest.User
	payments, random, private slacktest.Channel
}

func newStage(t *testing.T, change ...func(*slacktest.Options)) *stage {
	t.Helper()
	c := clock.NewManual(morning)
	o := slacktest.Options{Clock: c, App: slacktest.App{
		Commands:  []slacktest.Command{{Name: "/deploy", Escape: true}, {Name: "/plain"}},
		Shortcuts: []slacktest.AppShortcut{{CallbackID: "adr_from", Message: true}, {CallbackID: "new_incident"}},
		HomeTab:   true,
	}}
	for _, f := range change {
		f(&o)
	}
	s, err := slacktest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	g := &stage{Server: s, t: t, clock: c}
	g.ana = s.AddUser(slacktest.User{ID: "U0ANA", Name: "ana", RealName: "Ana Lima", Email: "ana@acme.example", Admin: true})
	g.ben = s.AddUser(slacktest.User{ID: "U0BEN", Name: "ben", RealName: "Ben Ode", Email: "ben@acme.example"})
	g.cleo = s.AddUser(slacktest.User{ID: "U0CLEO", Name: "cleo", Email: "cleo@acme.example", Deleted: true})
	g.payments = s.AddChannel(slacktest.Channel{ID: "C0PAY", Name: "payments", Members: []string{"U0ANA", "U0BEN", s.BotUserID}})
	g.random = s.AddChannel(slacktest.Channel{ID: "C0RND", Name: "random", Members: []string{"U0ANA"}})
	g.private = s.AddChannel(slacktest.Channel{ID: "C0SEC", Name: "secret", Private: true, Members: []string{"U0ANA"}})
	g.api = slack.New(s.BotToken, slack.OptionAPIURL(s.URL()), slack.OptionAppLevelToken(s.AppToken))
	return g
}

func quiet(o *slacktest.Options)    { o.Quiet = true }
func noEvents(o *slacktest.Options) { o.App.Events = []string{} }
func noLimits(o *slacktest.Options) { o.NoLimits = true }

func (g *stage) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	g.t.Cleanup(cancel)
	return ctx
}

func (g *stage) wait(what string, cond func() bool) {
	g.t.Helper()
	if err := g.Wait(g.ctx(), cond); err != nil {
		g.t.Fatalf("waiting until %s: %v", what, err)
	}
}

func (g *stage) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

func (g *stage) noProblems() {
	g.t.Helper()
	for _, p := range g.Problems() {
		g.t.Errorf("problem %s: %s", p.Kind, p.Detail)
	}
}

func (g *stage) problem(kind string) bool {
	for _, p := range g.Problems() {
		if p.Kind == kind {
			return true
		}
	}
	return false
}

// answer is what any call comes back with.
type answer struct {
	status int
	header http.Header
	fields map[string]any
	raw    string
}

func (a answer) code() string { s, _ := a.fields["error"].(string); return s }

func (a answer) messages() string {
	raw, _ := json.Marshal(a.fields["response_metadata"])
	return string(raw)
}

// call is a form-encoded call with the bot's token.
func (g *stage) call(method string, pairs ...string) answer {
	g.t.Helper()
	form := url.Values{"token": {g.BotToken}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return g.send(method, "application/x-www-form-urlencoded", "", form.Encode())
}

// callJSON is a call with a JSON body and the bot's token in the header.
func (g *stage) callJSON(method string, body any) answer {
	g.t.Helper()
	raw, err := json.Marshal(body)
	g.must(err)
	return g.send(method, "application/json; charset=utf-8", g.BotToken, string(raw))
}

func (g *stage) send(method, media, bearer, body string) answer {
	g.t.Helper()
	return g.post(g.URL()+method, media, bearer, body)
}

func (g *stage) post(to, media, bearer, body string) answer {
	g.t.Helper()
	req, err := http.NewRequestWithContext(g.ctx(), http.MethodPost, to, strings.NewReader(body))
	g.must(err)
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := http.DefaultClient.Do(req)
	g.must(err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	g.must(err)
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a.fields) // some answers are not JSON; their tests look at raw
	return a
}

func (g *stage) respond(address string, body any) answer {
	g.t.Helper()
	raw, err := json.Marshal(body)
	g.must(err)
	return g.post(address, "application/json", "", string(raw))
}

// app is the other end of a socket: a bare client that shows every frame.
type app struct {
	g      *stage
	ws     *websocket.Conn
	frames chan map[string]any
	pings  chan string
	closed chan error
}

// connect opens a socket and takes its hello.
func (g *stage) connect() *app {
	g.t.Helper()
	a := g.dial()
	if f := a.next(); f["type"] != "hello" {
		g.t.Fatalf("first frame is %v, not hello", f)
	}
	return a
}

func (g *stage) ticket() string {
	g.t.Helper()
	a := g.send("apps.connections.open", "application/x-www-form-urlencoded", g.AppToken, "")
	address, _ := a.fields["url"].(string)
	if address == "" {
		g.t.Fatalf("apps.connections.open: %s", a.raw)
	}
	return address
}

func (g *stage) dial() *app {
	g.t.Helper()
	ws, _, err := websocket.DefaultDialer.DialContext(g.ctx(), g.ticket(), nil)
	g.must(err)
	a := &app{g: g, ws: ws, frames: make(chan map[string]any, 1000), pings: make(chan string, 100), closed: make(chan error, 1)}
	g.t.Cleanup(func() { _ = ws.Close() })
	usual := ws.PingHandler()
	ws.SetPingHandler(func(data string) error {
		select {
		case a.pings <- data:
		default: // nobody counts them
		}
		return usual(data)
	})
	go a.read()
	return a
}

func (a *app) read() {
	for {
		_, raw, err := a.ws.ReadMessage()
		if err != nil {
			a.closed <- err
			return
		}
		var f map[string]any
		if json.Unmarshal(raw, &f) != nil {
			f = map[string]any{"garbage": string(raw)}
		}
		a.frames <- f
	}
}

func (a *app) next() map[string]any {
	a.g.t.Helper()
	select {
	case f := <-a.frames:
		return f
	case <-a.g.ctx().Done():
		a.g.t.Fatal("no frame came")
		return nil
	}
}

// nothing checks that no further frame is on its way: another event comes first.
func (a *app) nothing() {
	a.g.t.Helper()
	_, err := a.g.Event(map[string]any{"type": "marker"})
	a.g.must(err)
	f := a.next()
	if inner(f)["type"] != "marker" {
		a.g.t.Fatalf("unexpected envelope: %v", f)
	}
	a.ack(f)
}

func (a *app) ack(f map[string]any, payload ...any) {
	a.g.t.Helper()
	body := map[string]any{"envelope_id": f["envelope_id"]}
	if len(payload) > 0 {
		body["payload"] = payload[0]
	}
	a.g.must(a.ws.WriteJSON(body))
}

// take reads the next envelope and acks it, and returns its payload.
func (a *app) take(answer ...any) map[string]any {
	a.g.t.Helper()
	f := a.next()
	a.ack(f, answer...)
	id := f["envelope_id"].(string)
	a.g.wait("the ack of "+id, func() bool { _, ok := a.g.Ack(id); return ok || a.g.problem("ack_too_big") })
	p, _ := f["payload"].(map[string]any)
	return p
}

func inner(f map[string]any) map[string]any {
	p, _ := f["payload"].(map[string]any)
	e, _ := p["event"].(map[string]any)
	return e
}

func isAny(err error, code string) bool {
	var refused slack.SlackErrorResponse
	return errors.As(err, &refused) && refused.Err == code
}

func section(text string) []any {
	return []any{map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": text}}}
}

func asJSON(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

func buttons(ids ...string) []any {
	var elements []any
	for _, id := range ids {
		elements = append(elements, map[string]any{
			"type": "button", "action_id": id, "value": "v-" + id, "text": map[string]any{"type": "plain_text", "text": id},
		})
	}
	return []any{map[string]any{"type": "actions", "block_id": "acts", "elements": elements}}
}
