package sandbox_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/config"
	"shipmate/sandbox"
)

var hints = []sandbox.CommandHint{
	{Name: "deploy", Args: "<service>[@ref] [to|on] <environment>", Short: "deploy a service"},
	{Name: "deploy cancel", Args: "<id>", Short: "stop a deployment"},
	{Name: "deploy status", Args: "[service]", Short: "what runs where"},
	{Name: "shipmate help", Args: "[command]", Short: "what Shipmate can do"},
}

// stage opens a stage without a bot, with its page on a test server.
func stage(t *testing.T, o sandbox.Options) (*sandbox.Stage, *httptest.Server) {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Commands == nil {
		o.Commands = hints
	}
	o.NoBot = o.BotCommand == nil
	server := httptest.NewUnstartedServer(nil)
	s, err := sandbox.Open(t.Context(), o, "http://"+server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = s.Handler()
	server.Start()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return s, server
}

// seen is the part of the page's state that tests look at.
type seen struct {
	Me      struct{ ID, Name, TZ string }
	People  []struct{ ID, Name, Initials string }
	Channel struct {
		ID, Name, Topic, Purpose string
		Bookmarks                []struct{ Title, Link string }
		Pins                     []struct{ TS, Text string }
	}
	Others   []struct{ ID, Name string }
	Channels []struct {
		ID, Name string
		Unread   int
		Mentions bool
	}
	Messages []struct {
		TS, User, Text string
		Ephemeral      bool
	}
	Thread     []struct{ TS, User, Text string }
	Vocabulary struct {
		Services []struct {
			Name string
			Refs []struct{ Name, Kind string }
		}
	}
	Levers []struct {
		ID string
		On bool
	}
	Bot struct {
		State  string
		PID    int
		Starts int
		Exit   string
		Logs   []struct{ Level, Text string }
	}
	Sockets struct{ Open int }
	Guide   struct {
		Hidden bool
		Steps  []struct {
			ID   string
			Done bool
		}
	}
	Now float64
}

func look(t *testing.T, server *httptest.Server, query string) seen {
	t.Helper()
	res, err := server.Client().Get(server.URL + "/api/state?" + query)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var v seen
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

type said struct{ Error, Trouble, Said string }

func post(t *testing.T, server *httptest.Server, what, body string) said {
	t.Helper()
	res, err := server.Client().Post(server.URL+"/api/"+what, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var v said
	if err := json.NewDecoder(res.Body).Decode(&v); err != nil {
		t.Fatalf("%s: %s: %v", what, res.Status, err)
	}
	return v
}

func TestThePageAnswers(t *testing.T) {
	t.Parallel()
	_, server := stage(t, sandbox.Options{})
	res, err := http.Get(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || !strings.Contains(res.Header.Get("Content-Security-Policy"), "script-src 'self'") {
		t.Errorf("got %s with policy %q", res.Status, res.Header.Get("Content-Security-Policy"))
	}
}

func TestTheCompanyIsThere(t *testing.T) {
	t.Parallel()
	_, server := stage(t, sandbox.Options{})
	v := look(t, server, "as=ana&channel=payments")
	if v.Me.Name != "ana" || v.Channel.Name != "payments" {
		t.Fatalf("ana sees %q as %q", v.Channel.Name, v.Me.Name)
	}
	var names []string
	unread := 0
	for _, c := range v.Channels {
		names = append(names, c.Name)
		unread += c.Unread
	}
	if got := strings.Join(names, " "); got != "general incidents payments platform status storefront Shipmate" {
		t.Errorf("channels: %s", got)
	}
	if unread == 0 {
		t.Error("ana has nothing to catch up on")
	}
	if n := len(v.Messages); n < 2 {
		t.Fatalf("#payments has %d messages", n)
	}
	last := v.Messages[len(v.Messages)-1]
	if age := v.Now - seconds(t, last.TS); age < 60 || age > 3600*24 {
		t.Errorf("the last message is %.0f s old", age)
	}
	thread := look(t, server, "as=ana&channel=payments&thread="+v.Messages[0].TS).Thread
	if len(thread) != 3 || !strings.Contains(thread[1].Text, "in a bit") {
		t.Errorf("thread: %+v", thread)
	}
	for _, s := range v.Vocabulary.Services {
		if len(s.Refs) < 2 {
			t.Errorf("%s has refs %v", s.Name, s.Refs)
		}
	}
	if len(v.Vocabulary.Services) != 5 {
		t.Errorf("completion knows %d services", len(v.Vocabulary.Services))
	}
}

func seconds(t *testing.T, ts string) float64 {
	t.Helper()
	var n json.Number = json.Number(ts)
	f, err := n.Float64()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTheConfigurationIsRight(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stage(t, sandbox.Options{Dir: dir})
	c, mistakes, warnings := config.Load(filepath.Join(dir, "shipmate.yaml"), config.Options{Reserved: []string{"cancel", "status", "help"}})
	for _, m := range mistakes {
		t.Errorf("mistake: %v", m)
	}
	for _, w := range warnings {
		t.Errorf("warning: %v", w)
	}
	if c == nil {
		t.Fatal("no configuration")
	}
	if !c.Environments["production"].Confirm {
		t.Error("production does not ask again")
	}
}

func TestALineNoCommandKnows(t *testing.T) {
	t.Parallel()
	_, server := stage(t, sandbox.Options{})
	v := look(t, server, "as=ana&channel=payments")
	got := post(t, server, "say", `{"as":"`+v.Me.ID+`","channel":"`+v.Channel.ID+`","text":"/nonsense"}`)
	if !strings.Contains(got.Error, "/nonsense") {
		t.Errorf("the page is told %q", got.Error)
	}
}

func TestSomebodySpeaks(t *testing.T) {
	t.Parallel()
	_, server := stage(t, sandbox.Options{})
	ana := look(t, server, "as=ana&channel=payments")
	if got := post(t, server, "say", `{"as":"`+ana.Me.ID+`","channel":"`+ana.Channel.ID+`","text":"hello @ben"}`); got.Error != "" {
		t.Fatal(got.Error)
	}
	ben := look(t, server, "as=ben&channel=general")
	for _, c := range ben.Channels {
		if c.Name == "payments" && (c.Unread != 1 || !c.Mentions) {
			t.Errorf("ben sees %+v", c)
		}
	}
	last := look(t, server, "as=ben&channel=payments")
	ts := last.Messages[len(last.Messages)-1].TS
	post(t, server, "read", `{"as":"`+ben.Me.ID+`","channel":"`+ana.Channel.ID+`","ts":"`+ts+`"}`)
	for _, c := range look(t, server, "as=ben&channel=general").Channels {
		if c.Name == "payments" && c.Unread != 0 {
			t.Errorf("after reading, ben sees %+v", c)
		}
	}
}

func TestARoomIsShownToThoseItIsFor(t *testing.T) {
	t.Parallel()
	s, server := stage(t, sandbox.Options{})
	ana := look(t, server, "as=ana&channel=payments")
	slack := sandbox.Slack(s)
	open := slack.AddChannel(slacktest.Channel{Name: "inc-1", Members: []string{ana.Me.ID}, Topic: "down", Purpose: "Where it is mended."}).ID
	slack.AddChannel(slacktest.Channel{Name: "inc-2", Private: true, Members: []string{ana.Me.ID}})
	v := look(t, server, "as=ana&channel=inc-1")
	if v.Channel.Name != "inc-1" || v.Channel.Topic != "down" || v.Channel.Purpose != "Where it is mended." || len(v.Others) != 0 {
		t.Errorf("ana sees %+v, and others %v", v.Channel, v.Others)
	}
	ben := look(t, server, "as=ben&channel=inc-1")
	if len(ben.Others) != 1 || ben.Others[0].Name != "inc-1" {
		t.Errorf("ben can join %v", ben.Others)
	}
	if got := post(t, server, "join", `{"as":"`+ben.Me.ID+`","channel":"`+open+`"}`); got.Error != "" {
		t.Error(got.Error)
	}
	if v = look(t, server, "as=ben&channel=inc-1"); v.Channel.Name != "inc-1" {
		t.Errorf("having joined ben sees %s", v.Channel.Name)
	}
}

func TestOnlyTheAuthorChangesAMessage(t *testing.T) {
	t.Parallel()
	s, server := stage(t, sandbox.Options{})
	v := look(t, server, "as=ana&channel=payments")
	ben := look(t, server, "as=ben&channel=payments").Me.ID
	post(t, server, "say", `{"as":"`+v.Me.ID+`","channel":"`+v.Channel.ID+`","text":"hello"}`)
	all := look(t, server, "as=ana&channel=payments").Messages
	on := `,"channel":"` + v.Channel.ID + `","ts":"` + all[len(all)-1].TS + `"`
	for _, what := range []string{"edit", "delete"} {
		if got := post(t, server, what, `{"as":"`+ben+`","text":"x"`+on+`}`); got.Error == "" {
			t.Errorf("ben may %s ana's message", what)
		}
	}
	for _, c := range []struct {
		what, body string
		wrong      bool
	}{{"react", `"emoji":"eyes"`, false}, {"react", `"emoji":"eyes"`, true}, {"react", `"emoji":"eyes","off":true`, false}, {"react", `"emoji":"eyes","off":true`, true},
		{"edit", `"text":" "`, true}, {"edit", `"text":"hi"`, false}, {"delete", `"text":""`, false}} {
		if got := post(t, server, c.what, `{"as":"`+v.Me.ID+`",`+c.body+on+`}`); (got.Error != "") != c.wrong {
			t.Errorf("%s %s: %+v", c.what, c.body, got)
		}
	}
	if now := sandbox.Slack(s).Messages("payments"); len(now) != len(all)-1 {
		t.Errorf("%d messages became %d", len(all), len(now))
	}
}

func TestBotsMayBeKeptFromMakingChannels(t *testing.T) {
	t.Parallel()
	s, server := stage(t, sandbox.Options{})
	for _, want := range []bool{true, false} {
		post(t, server, "door", `{"lever":"slack-no-rooms"}`)
		if got := sandbox.Slack(s).Rules().BotsMakeNoChannels; got != want {
			t.Errorf("the rule is %v", got)
		}
	}
}

func TestTheClockIsMoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, server := stage(t, sandbox.Options{Dir: dir})
	before := look(t, server, "").Now
	post(t, server, "door", `{"lever":"clock-1h"}`)
	if moved := look(t, server, "").Now - before; moved < 3600 || moved > 3660 {
		t.Errorf("the clock moved by %.0f s", moved)
	}
	s.Close()
	_, server = stage(t, sandbox.Options{Dir: dir})
	if moved := look(t, server, "").Now - before; moved < 3600 {
		t.Errorf("after a restart the clock stands %.0f s later", moved)
	}
}

func TestStateIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, server := stage(t, sandbox.Options{Dir: dir})
	ana := look(t, server, "as=ana&channel=payments")
	post(t, server, "say", `{"as":"`+ana.Me.ID+`","channel":"`+ana.Channel.ID+`","text":"remember me"}`)
	post(t, server, "guide", `{"step":"deploy","action":"line"}`)
	sandbox.Pager(s).Trigger("PSVCCATAL", "key", "remember the page")
	configured := filepath.Join(dir, "shipmate.yaml")
	text, err := os.ReadFile(configured)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(configured, append(text, "# mine\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, server = stage(t, sandbox.Options{Dir: dir})
	again := look(t, server, "as=ana&channel=payments")
	if last := again.Messages[len(again.Messages)-1]; last.Text != "remember me" {
		t.Errorf("the last message is %q", last.Text)
	}
	if !again.Guide.Steps[0].Done || again.Guide.Steps[1].Done {
		t.Errorf("guide: %+v", again.Guide)
	}
	if page := get(t, server, "/pagerduty/"); !strings.Contains(page, "remember the page") {
		t.Errorf("PagerDuty has forgotten: %s", page)
	}
	if text, _ := os.ReadFile(configured); !strings.HasSuffix(string(text), "# mine\n") {
		t.Error("somebody's configuration was overwritten")
	}
	if len(again.Messages) != len(ana.Messages)+1 {
		t.Errorf("%d messages became %d", len(ana.Messages), len(again.Messages))
	}
}

// get is the page at a path.
func get(t *testing.T, server *httptest.Server, path string) string {
	t.Helper()
	res, err := server.Client().Get(server.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestPagerDutysPages(t *testing.T) {
	t.Parallel()
	s, server := stage(t, sandbox.Options{})
	id := sandbox.Pager(s).Trigger("PSVCCATAL", "key", "<b>shoes</b>")
	for path, words := range map[string]string{"/pagerduty/": "Emi Tanaka, where it is", "/pagerduty/incidents/" + id: "What happened",
		"/pagerduty/schedules/PROTASTO": "Storefront primary", "/pagerduty/incidents/none": "no such incident"} {
		if page := get(t, server, path); !strings.Contains(page, words) || strings.Contains(page, "<b>shoes") {
			t.Errorf("%s: %s", path, page)
		}
	}
	if got := post(t, server, "pagerduty", `{"as":"PUEMI","value":"`+id+`","action":"acknowledge"}`); got.Error != "" {
		t.Error(got.Error)
	}
	if page := get(t, server, "/pagerduty/incidents/"+id); !strings.Contains(page, "acknowledge, by Emi Tanaka") {
		t.Errorf("not acknowledged: %s", page)
	}
	post(t, server, "door", `{"lever":"pagerduty-down"}`)
	if page := get(t, server, "/pagerduty/"); !strings.Contains(page, "PagerDuty answered 503") {
		t.Errorf("it is down: %s", page)
	}
}

func TestLeversAreThere(t *testing.T) {
	t.Parallel()
	_, server := stage(t, sandbox.Options{})
	for _, l := range look(t, server, "").Levers {
		if l.On {
			t.Errorf("%s is on from the start", l.ID)
		}
		if l.ID == "redeliver" || l.ID == "terrible" {
			continue // nothing to deliver again, and nobody to do the rest
		}
		if got := post(t, server, "door", `{"lever":"`+l.ID+`"}`); got.Error != "" {
			t.Errorf("%s: %s", l.ID, got.Error)
		}
	}
	on := map[string]bool{}
	for _, l := range look(t, server, "").Levers {
		on[l.ID] = l.On
	}
	for _, id := range []string{"next-never", "github-down", "github-hang", "github-lost", "github-lost-pull", "github-archive", "slack-429", "slack-lost", "slack-down",
		"pagerduty-down", "pagerduty-slow", "pagerduty-429", "pagerduty-lost"} {
		if !on[id] {
			t.Errorf("%s is not on", id)
		}
	}
	post(t, server, "door", `{"lever":"github-down"}`)
	for _, l := range look(t, server, "").Levers {
		if l.ID == "github-down" && l.On {
			t.Error("GitHub is still down")
		}
	}
	if got := post(t, server, "door", `{"lever":"nothing"}`); got.Error == "" {
		t.Error("an unknown lever was pulled")
	}
}

func TestAPushHasItsChecks(t *testing.T) {
	t.Parallel()
	s, server := stage(t, sandbox.Options{})
	for lever, want := range map[string]string{"push": "success", "push-fail": "failure"} {
		before := sandbox.Pushes(s)
		if got := post(t, server, "door", `{"lever":"`+lever+`"}`); got.Error != "" || !strings.Contains(got.Said, "/pipeline watch checkout") {
			t.Fatalf("%s: %+v", lever, got)
		}
		post(t, server, "door", `{"lever":"clock-10m"}`)
		runs := sandbox.Pushes(s)
		if len(runs) != len(before)+1 || runs[len(runs)-1] != want {
			t.Errorf("%s: CI went from %v to %v", lever, before, runs)
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var out strings.Builder
	err := sandbox.Run(ctx, sandbox.Options{Listen: "127.0.0.1:0", NoBot: true, BotCommand: []string{"/bin/ship mate", "run"}, Out: &out})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"http://127.0.0.1:", "export SLACK_APP_TOKEN=xapp-", "export SHIPMATE_CLOCK=http://127.0.0.1:", "'/bin/ship mate' run --config "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the terminal shows no %q:\n%s", want, out.String())
		}
	}
}
