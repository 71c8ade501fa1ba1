package slacktest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"shipmate/bot/slacktest"
)

func plainText(s string) map[string]any { return map[string]any{"type": "plain_text", "text": s} }

func inputBlock(id string, element map[string]any) map[string]any {
	element["action_id"] = id
	return map[string]any{"type": "input", "block_id": "b_" + id, "label": plainText("The " + id), "element": element}
}

func modal(blocks ...any) map[string]any {
	return map[string]any{"type": "modal", "title": plainText("Deploy"), "submit": plainText("Go"), "callback_id": "deploy", "blocks": blocks}
}

func refInput() map[string]any {
	return inputBlock("ref", map[string]any{"type": "plain_text_input", "min_length": 3})
}

// trigger types a command and returns its trigger_id.
func (g *stage) trigger(a *app) string {
	g.t.Helper()
	_, err := g.Slash("U0ANA", "payments", "/deploy")
	g.must(err)
	return a.take()["trigger_id"].(string)
}

// open opens a form for Ana.
func (g *stage) open(a *app, view map[string]any) slacktest.View {
	g.t.Helper()
	if got := g.callJSON("views.open", map[string]any{"trigger_id": g.trigger(a), "view": view}); got.code() != "" {
		g.t.Fatalf("views.open: %s", got.raw)
	}
	views := g.Views("U0ANA")
	return views[len(views)-1]
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	open := func(trigger string) string {
		return g.callJSON("views.open", map[string]any{"trigger_id": trigger, "view": modal(refInput())}).code()
	}
	trigger := g.trigger(a)
	g.clock.Advance(3*time.Second - time.Millisecond)
	if got := open(trigger); got != "" {
		t.Errorf("in time: %q", got)
	}
	if got := open(trigger); got != "exchanged_trigger_id" {
		t.Errorf("twice: %q", got)
	}
	trigger = g.trigger(a)
	g.clock.Advance(3 * time.Second)
	if got := open(trigger); got != "expired_trigger_id" {
		t.Errorf("too late: %q", got)
	}
	if got := open("1.2.3"); got != "invalid_trigger_id" {
		t.Errorf("made up: %q", got)
	}
}

func TestOpenViewWithSlackGo(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	input := slack.NewInputBlock("b", slack.NewTextBlockObject("plain_text", "Ref", false, false), nil, slack.NewPlainTextInputBlockElement(nil, "ref"))
	resp, err := g.api.OpenViewContext(g.ctx(), g.trigger(a), slack.ModalViewRequest{
		Type: "modal", Title: slack.NewTextBlockObject("plain_text", "Deploy", false, false),
		Submit: slack.NewTextBlockObject("plain_text", "Go", false, false), Blocks: slack.Blocks{BlockSet: []slack.Block{input}},
		PrivateMetadata: "p", CallbackID: "c", ExternalID: "e",
	})
	g.must(err)
	v := g.Views("U0ANA")[0]
	if v.ID != resp.View.ID || v.Hash != resp.Hash || v.PrivateMetadata != "p" || v.CallbackID != "c" || v.ExternalID != "e" || v.Title != "Deploy" {
		t.Errorf("view: %+v", v)
	}
	_, err = g.api.UpdateViewContext(g.ctx(), slack.ModalViewRequest{
		Type: "modal", Title: slack.NewTextBlockObject("plain_text", "Later", false, false),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewDividerBlock()}},
	}, "", "stale", v.ID)
	if !isAny(err, "hash_conflict") {
		t.Errorf("a stale hash: %v", err)
	}
}

func TestViewErrors(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	first := modal(refInput())
	first["external_id"] = "x1"
	v := g.open(a, first)
	noSubmit := modal(refInput())
	delete(noSubmit, "submit")
	large := modal(section(strings.Repeat("x", 3000))...)
	for i := range 90 {
		large["blocks"] = append(large["blocks"].([]any), section(strings.Repeat("x", 2900)+string(rune('a'+i)))...)
	}
	for name, c := range map[string]struct {
		view any
		want string
	}{
		"no object":      {"x", "invalid_arguments"},
		"a home":         {map[string]any{"type": "home", "blocks": []any{}}, "invalid_arguments"},
		"no submit":      {noSubmit, "invalid_arguments"},
		"bad block":      {modal(map[string]any{"type": "x"}), "invalid_arguments"},
		"same external":  {first, "duplicate_external_id"},
		"over 250 kB":    {large, "view_too_large"},
		"unknown option": {map[string]any{"type": "modal", "title": plainText("x"), "blocks": []any{}, "colour": 1}, "invalid_arguments"},
	} {
		if got := g.callJSON("views.open", map[string]any{"trigger_id": g.trigger(a), "view": c.view}); got.code() != c.want {
			t.Errorf("%s: %s, want %s", name, got.raw[:min(200, len(got.raw))], c.want)
		}
	}
	if got := g.callJSON("views.update", map[string]any{"external_id": "x1", "view": modal(refInput())}); got.code() != "" {
		t.Errorf("by external_id: %s", got.raw)
	}
	if now, _ := g.View(v.ID); now.Hash == v.Hash || now.ExternalID != "" {
		t.Errorf("after an update: %+v", now)
	}
	if got := g.callJSON("views.update", map[string]any{"external_id": "x1", "view": modal(refInput())}); got.code() != "not_found" {
		t.Errorf("by an external_id that is gone: %s", got.raw)
	}
}

func TestFormIsSubmitted(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	env := inputBlock("env", map[string]any{"type": "static_select", "options": []any{
		map[string]any{"text": plainText("Staging"), "value": "staging"}, map[string]any{"text": plainText("Production"), "value": "production"},
	}})
	reason := inputBlock("reason", map[string]any{"type": "plain_text_input", "initial_value": "because"})
	reason["optional"] = true
	v := g.open(a, modal(env, refInput(), reason))
	for _, c := range []struct {
		name   string
		values slacktest.Values
		wants  string
	}{
		{"required field empty", slacktest.Values{"env": {"staging"}}, "complete the required field The ref"},
		{"not offered", slacktest.Values{"env": {"moon"}, "ref": {"main"}}, ""},
		{"too short", slacktest.Values{"env": {"staging"}, "ref": {"ab"}}, ""},
		{"no such field", slacktest.Values{"env": {"staging"}, "ref": {"main"}, "x": {"y"}}, ""},
		{"two of one", slacktest.Values{"env": {"staging", "production"}, "ref": {"main"}}, ""},
	} {
		if _, err := g.Submit("U0ANA", v.ID, c.values); err == nil || !strings.Contains(err.Error(), c.wants) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := g.Submit("U0BEN", v.ID, nil); err == nil {
		t.Error("Ben submitted Ana's form")
	}
	_, err := g.Submit("U0ANA", v.ID, slacktest.Values{"env": {"production"}, "b_ref/ref": {"main"}})
	g.must(err)
	if _, err := g.Submit("U0ANA", v.ID, nil); err == nil {
		t.Error("submitted while the first is on its way")
	}
	p := a.take()
	view := p["view"].(map[string]any)
	values := asJSON(view["state"].(map[string]any)["values"])
	for _, want := range []string{`"selected_option":{"text"`, `"value":"production"`, `"value":"main"`, `"value":"because"`} {
		if !strings.Contains(values, want) {
			t.Errorf("values lack %s: %s", want, values)
		}
	}
	if p["type"] != "view_submission" || view["id"] != v.ID || view["callback_id"] != "deploy" || p["trigger_id"] == nil || asJSON(p["response_urls"]) != "[]" {
		t.Errorf("payload: %v", p)
	}
	if len(g.Views("U0ANA")) != 0 {
		t.Error("an empty ack leaves the form open")
	}
}

func TestFormAnswers(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	v := g.open(a, modal(refInput(), map[string]any{"type": "divider", "block_id": "line"}))
	submit := func(answer any) {
		views := g.Views("U0ANA")
		_, err := g.Submit("U0ANA", views[len(views)-1].ID, slacktest.Values{"ref": {"main"}})
		g.must(err)
		a.take(answer)
	}
	now := func() slacktest.View { n, _ := g.View(v.ID); return n }
	submit(map[string]any{"response_action": "errors", "errors": map[string]string{"b_ref": "no such branch"}})
	if n := now(); n.Errors["b_ref"] != "no such branch" || n.Trouble != "" {
		t.Errorf("errors: %+v", n)
	}
	g.noProblems()
	for name, answer := range map[string]any{
		"error on no input": map[string]any{"response_action": "errors", "errors": map[string]string{"line": "x"}},
		"no errors":         map[string]any{"response_action": "errors"},
		"unknown action":    map[string]any{"response_action": "explode"},
		"bad view":          map[string]any{"response_action": "update", "view": map[string]any{"type": "modal"}},
	} {
		before := len(g.Problems())
		submit(answer)
		if n := now(); n.Trouble == "" || len(g.Problems()) != before+1 {
			t.Errorf("%s: %+v", name, n)
		}
	}
	next := modal(refInput())
	next["callback_id"] = "second"
	submit(map[string]any{"response_action": "update", "view": next})
	if n := now(); n.CallbackID != "second" || !strings.Contains(string(n.State), `"value":"main"`) {
		t.Errorf("update: %+v", n)
	}
	submit(map[string]any{"response_action": "push", "view": modal(refInput())})
	submit(map[string]any{"response_action": "push", "view": modal(refInput())})
	if views := g.Views("U0ANA"); len(views) != 3 || views[2].RootViewID != v.ID || views[2].PreviousViewID != views[1].ID {
		t.Errorf("pushed: %+v", views)
	}
	submit(map[string]any{"response_action": "push", "view": modal(refInput())})
	if views := g.Views("U0ANA"); len(views) != 3 || views[2].Trouble == "" {
		t.Error("a fourth view lies on the stack")
	}
	submit(nil)
	if n := len(g.Views("U0ANA")); n != 2 {
		t.Errorf("%d views after an empty answer", n)
	}
	submit(map[string]any{"response_action": "clear"})
	if n := len(g.Views("U0ANA")); n != 0 {
		t.Errorf("%d views after clear", n)
	}
}

func TestFormWithoutAnswer(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	v := g.open(a, modal(refInput()))
	_, err := g.Submit("U0ANA", v.ID, slacktest.Values{"ref": {"main"}})
	g.must(err)
	g.clock.Advance(3 * time.Second)
	g.wait("trouble", func() bool { n, _ := g.View(v.ID); return n.Trouble != "" })
	if n, _ := g.View(v.ID); !strings.Contains(string(n.State), `"value":"main"`) {
		t.Error("what was typed is gone")
	}
	_, err = g.Submit("U0ANA", v.ID, nil)
	g.must(err)
}

func TestPushedViews(t *testing.T) {
	t.Parallel()
	g := newStage(t, noEvents)
	a := g.connect()
	if got := g.callJSON("views.push", map[string]any{"trigger_id": g.trigger(a), "view": modal(refInput())}).code(); got != "invalid_trigger_id" {
		t.Errorf("pushed onto nothing: %q", got)
	}
	v := g.open(a, modal(append(buttons("more"), refInput())...))
	push := func() string {
		views := g.Views("U0ANA")
		_, err := g.Press("U0ANA", slacktest.OnView(views[len(views)-1]), "more", "")
		g.must(err)
		p := a.take()
		if c := p["container"].(map[string]any); c["type"] != "view" || p["view"] == nil || p["response_url"] != nil || p["message"] != nil {
			t.Errorf("payload: %v", p)
		}
		return g.callJSON("views.push", map[string]any{"trigger_id": p["trigger_id"], "view": modal(append(buttons("more"), refInput())...)}).code()
	}
	if one, two, three := push(), push(), push(); one != "" || two != "" || three != "push_limit_reached" {
		t.Errorf("pushes: %q, %q, %q", one, two, three)
	}
	if _, err := g.Press("U0ANA", slacktest.OnView(v), "more", ""); err == nil {
		t.Error("pressed a button of a view under another")
	}
}

func TestViewsClose(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	told := modal(refInput())
	told["notify_on_close"] = true
	v := g.open(a, told)
	id, err := g.CloseView("U0ANA", v.ID, false)
	g.must(err)
	p := a.take()
	if id == "" || p["type"] != "view_closed" || p["is_cleared"] != false || p["view"].(map[string]any)["id"] != v.ID {
		t.Errorf("closed: %v", p)
	}
	v = g.open(a, modal(refInput()))
	if id, err := g.CloseView("U0ANA", v.ID, true); err != nil || id != "" || len(g.Views("U0ANA")) != 0 {
		t.Errorf("closed without notify_on_close: %q, %v", id, err)
	}
	if _, err := g.CloseView("U0ANA", v.ID, true); err == nil {
		t.Error("closed twice")
	}
}

func TestExternalSelect(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	v := g.open(a, modal(inputBlock("svc", map[string]any{"type": "external_select", "min_query_length": 2})))
	on := slacktest.OnView(v)
	if _, err := g.Suggest("U0ANA", on, "svc", "c"); err == nil {
		t.Error("asked below min_query_length")
	}
	id, err := g.Suggest("U0ANA", on, "svc", "ch")
	g.must(err)
	if _, ok := g.Suggestions(id); ok {
		t.Error("options before the answer")
	}
	p := a.take(map[string]any{"options": []any{map[string]any{"text": plainText("Checkout"), "value": "checkout"}}})
	if p["type"] != "block_suggestion" || p["value"] != "ch" || p["action_id"] != "svc" || p["block_id"] != "b_svc" || p["view"] == nil {
		t.Errorf("payload: %v", p)
	}
	if options, ok := g.Suggestions(id); !ok || len(options) != 1 || options[0] != (slacktest.Option{Text: "Checkout", Value: "checkout"}) {
		t.Errorf("options: %+v", options)
	}
	if _, err := g.Submit("U0ANA", v.ID, slacktest.Values{"svc": {"billing"}}); err == nil {
		t.Error("chose what was never offered")
	}
	g.noProblems()
	id, err = g.Suggest("U0ANA", on, "svc", "none")
	g.must(err)
	a.take(map[string]any{"options": []any{}})
	if options, ok := g.Suggestions(id); !ok || len(options) != 0 {
		t.Errorf("options: %+v", options)
	}
	g.noProblems()
	_, err = g.Suggest("U0ANA", on, "svc", "many")
	g.must(err)
	var many []any
	for range 101 {
		many = append(many, map[string]any{"text": plainText("x"), "value": "x"})
	}
	a.take(map[string]any{"options": many})
	if !g.problem("bad_answer") {
		t.Error("101 options are no problem")
	}
}

func TestHome(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	home := map[string]any{"type": "home", "callback_id": "h", "blocks": buttons("ship")}
	publish := func(extra ...string) string {
		body := map[string]any{"user_id": "U0ANA", "view": home}
		if len(extra) > 0 {
			body["hash"] = extra[0]
		}
		return g.callJSON("views.publish", body).code()
	}
	if got := publish(); got != "" {
		t.Fatalf("publish: %q", got)
	}
	first, _ := g.Home("U0ANA")
	if got := publish("stale"); got != "hash_conflict" {
		t.Errorf("a stale hash: %q", got)
	}
	g.clock.Advance(time.Second)
	if got := publish(first.Hash); got != "" {
		t.Errorf("the right hash: %q", got)
	}
	if now, _ := g.Home("U0ANA"); now.ID != first.ID || now.Hash == first.Hash {
		t.Errorf("published again: %+v", now)
	}
	a := g.connect()
	_, err := g.Press("U0ANA", slacktest.OnView(first), "ship", "")
	g.must(err)
	if p := a.take(); p["view"].(map[string]any)["type"] != "home" {
		t.Errorf("payload: %v", p)
	}
	_, err = g.OpenHome("U0ANA")
	g.must(err)
	if e := inner(map[string]any{"payload": a.take()}); e["view"].(map[string]any)["id"] != first.ID {
		t.Errorf("opened: %v", e)
	}
	app := g.App()
	app.HomeTab = false
	g.SetApp(app)
	if got := publish(); got != "not_enabled" {
		t.Errorf("without a Home tab: %q", got)
	}
}

func TestResponseURLOfAForm(t *testing.T) {
	t.Parallel()
	g := newStage(t)
	a := g.connect()
	v := g.open(a, modal(inputBlock("where", map[string]any{"type": "conversations_select", "response_url_enabled": true})))
	_, err := g.Submit("U0ANA", v.ID, slacktest.Values{"where": {"payments"}})
	g.must(err)
	urls := a.take()["response_urls"].([]any)
	if len(urls) != 1 || urls[0].(map[string]any)["channel_id"] != "C0PAY" {
		t.Fatalf("response_urls: %v", urls)
	}
	g.respond(urls[0].(map[string]any)["response_url"].(string), map[string]any{"text": "started", "response_type": "in_channel"})
	if m := g.Messages("payments"); len(m) != 1 || m[0].Text != "started" {
		t.Errorf("messages: %+v", m)
	}
}
