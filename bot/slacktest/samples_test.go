package slacktest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"shipmate/bot/slacktest"
)

// byHand are the keys Slack's samples have, for when the samples are not at hand: the outer ones, and those of the
// payload and of the event.
var byHand = []string{
	`{"type":"hello","num_connections":1,"debug_info":{"host":"","build_number":1,"approximate_connection_time":1},"connection_info":{"app_id":""}}`,
	`{"type":"disconnect","reason":"too_many_websockets","num_connections":1,"debug_info":{"host":""},"connection_info":{"app_id":""}}`,
	`{"envelope_id":"","type":"slash_commands","accepts_response_payload":true,"payload":{"token":"","team_id":"","team_domain":"","channel_id":"","channel_name":"","user_id":"","user_name":"","command":"","text":"","api_app_id":"","response_url":"","trigger_id":""}}`,
	`{"envelope_id":"","type":"events_api","accepts_response_payload":false,"retry_attempt":0,"retry_reason":"","payload":{"token":"","team_id":"","api_app_id":"","event":{"client_msg_id":"","type":"app_mention","text":"","user":"","ts":"","team":"","blocks":[],"channel":"","event_ts":""},"type":"event_callback","event_id":"","event_time":1,"authorizations":[],"is_ext_shared_channel":false,"event_context":""}}`,
	`{"envelope_id":"","type":"interactive","accepts_response_payload":false,"payload":{"type":"shortcut","token":"","action_ts":"","team":{"id":"","domain":""},"user":{"id":"","username":"","team_id":""},"is_enterprise_install":false,"enterprise":null,"callback_id":"","trigger_id":""}}`,
}

// TestFramesLookLikeSlacks compares every type of frame this server sends with Slack's published samples: each key of
// the sample is there, with a value of the same JSON type.
func TestFramesLookLikeSlacks(t *testing.T) {
	t.Parallel()
	samples := byHand
	if dir := os.Getenv("SHIPMATE_SPECS"); dir != "" {
		samples = readSamples(t, filepath.Join(dir, "slack-envelopes-official.jsonl"))
	} else {
		t.Log("SHIPMATE_SPECS is not set: nothing of Slack's to compare with, only the keys written down here")
	}
	ours := everyFrame(t)
	for _, text := range samples {
		var sample map[string]any
		if err := json.Unmarshal([]byte(text), &sample); err != nil {
			t.Fatal(err)
		}
		kind := frameKind(sample)
		if ours[kind] == nil {
			t.Errorf("this server sends no %s", kind)
			continue
		}
		compare(t, kind, sample, ours[kind])
	}
}

func readSamples(t *testing.T, path string) []string {
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		list = append(list, lines.Text())
	}
	if len(list) == 0 {
		t.Fatalf("%s holds no samples", path)
	}
	return list
}

func frameKind(f map[string]any) string {
	p, _ := f["payload"].(map[string]any)
	e, _ := p["event"].(map[string]any)
	return fmt.Sprint(f["type"], "/", f["reason"], "/", p["type"], "/", e["type"])
}

// free are objects whose keys are the content's, not Slack's.
var free = []string{"blocks", "values", "function", "inputs", "option_groups", "authorizations", "selected_option"}

func compare(t *testing.T, at string, sample, ours map[string]any) {
	t.Helper()
	for key, want := range sample {
		got, has := ours[key]
		switch {
		case !has:
			t.Errorf("%s: %s is missing", at, key)
		case want != nil && got != nil && fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got):
			t.Errorf("%s: %s is a %T, not a %T", at, key, got, want)
		}
		w, isObject := want.(map[string]any)
		g, _ := got.(map[string]any)
		if isObject && has && !slices.Contains(free, key) {
			compare(t, at+"."+key, w, g)
		}
	}
}

// everyFrame makes this server send one of each.
func everyFrame(t *testing.T) map[string]map[string]any {
	g := newStage(t)
	frames := map[string]map[string]any{}
	a := g.dial()
	note := func() map[string]any {
		f := a.next()
		frames[frameKind(f)] = f
		if f["envelope_id"] != nil {
			a.ack(f)
		}
		return f
	}
	note()
	_, err := g.Slash("U0ANA", "payments", "/deploy x")
	g.must(err)
	trigger := note()["payload"].(map[string]any)["trigger_id"]
	_, err = g.Say("U0ANA", "payments", "", "@shipmate hi")
	g.must(err)
	note()
	note()
	_, err = g.GlobalShortcut("U0ANA", "new_incident")
	g.must(err)
	note()
	menu := map[string]any{"type": "static_select", "action_id": "a", "options": []any{map[string]any{"text": plainText("x"), "value": "x"}}}
	view := modal(map[string]any{"type": "actions", "block_id": "block", "elements": []any{menu}})
	view["close"] = plainText("Cancel")
	if got := g.callJSON("views.open", map[string]any{"trigger_id": trigger, "view": view}); got.code() != "" {
		t.Fatal(got.raw)
	}
	_, err = g.Select("U0ANA", slacktest.OnView(g.Views("U0ANA")[0]), "a", "x")
	g.must(err)
	note()
	_, err = g.Event(map[string]any{
		"type": "function_executed", "function": map[string]any{}, "inputs": map[string]any{}, "function_execution_id": "Fx1",
		"workflow_execution_id": "Wx1", "event_ts": "1.000000", "bot_access_token": "xwfp-1",
	})
	g.must(err)
	note()
	refuse, err := g.Inject(slacktest.Fault{Method: "socket", Kind: slacktest.RefuseNew})
	g.must(err)
	a = g.dial()
	note()
	refuse.Remove()
	return frames
}
