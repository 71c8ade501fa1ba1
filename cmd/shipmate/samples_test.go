package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shipmate/store"
)

// byHand are envelopes of the forms Slack documents, for when its samples are not at hand (Slack: Using Socket Mode).
var byHand = []string{
	`{"type":"hello","num_connections":1,"debug_info":{"host":"h","build_number":1,"approximate_connection_time":18060},"connection_info":{"app_id":"A1"}}`,
	`{"type":"disconnect","reason":"warning","debug_info":{"host":"h"}}`,
	`{"envelope_id":"e1","type":"slash_commands","accepts_response_payload":true,"payload":{"team_id":"T1","channel_id":"C1","user_id":"U1","command":"/deploy","text":"","response_url":"https://hooks.slack.com/commands/T1/1/x","trigger_id":"1.2.x"}}`,
	`{"envelope_id":"e2","type":"events_api","accepts_response_payload":false,"retry_attempt":0,"retry_reason":"","payload":{"team_id":"T1","event":{"type":"app_mention","text":"<@U1> hi","user":"U2","ts":"1.000200","channel":"C1","event_ts":"1.000200"},"type":"event_callback","event_id":"Ev1","event_time":1}}`,
	`{"envelope_id":"e3","type":"interactive","accepts_response_payload":false,"payload":{"type":"shortcut","action_ts":"1.3","team":{"id":"T1","domain":"x"},"user":{"id":"U1","username":"x","team_id":"T1"},"callback_id":"do-something","trigger_id":"1.2.x"}}`,
}

// Everything Slack publishes as a sample of what it sends is taken as it should be: envelopes are acked, hello and
// disconnect only taken, and nothing of it is unreadable.
func TestSlacksOfficialEnvelopesAreHandled(t *testing.T) {
	t.Parallel()
	samples := byHand
	if dir := os.Getenv(specsVariable); dir != "" {
		samples = officialSamples(t, dir)
	} else {
		t.Logf("nothing to compare with: %s is not set, so only envelopes written by hand are sent", specsVariable)
	}
	h := newHarness(t)
	h.mayHear("I only work for members of this workspace")
	for i, text := range samples {
		text = strings.ReplaceAll(text, "https://hooks.slack.com/", strings.TrimSuffix(h.slack.URL(), "api/")+"response/")
		var kind struct{ Type string }
		if err := json.Unmarshal([]byte(text), &kind); err != nil {
			t.Fatal(err)
		}
		id, err := h.slack.Send(rename(t, json.RawMessage(text), fmt.Sprintf("sample-%d", i)))
		if err != nil {
			t.Fatal(err)
		}
		if kind.Type == "hello" || kind.Type == "disconnect" {
			continue
		}
		h.still("the ack of "+text, func() bool { d, ok := h.slack.Ack(id); return ok && d.Acked })
	}
	h.later("all are answered", func() bool { return h.stored("journal/open/") == 0 && h.stored("say/due/") == 0 })
	if n := h.stored("journal/parked/"); n != 0 {
		t.Errorf("%d samples could not be read", n)
	}
	h.as("ana").in("#payments").types("/shipmate version").isTold("Shipmate")
}

func officialSamples(t *testing.T, dir string) []string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "slack-envelopes-official.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	if len(lines) < 10 {
		t.Fatalf("only %d samples", len(lines))
	}
	return lines
}

// stored counts the keys under a prefix.
func (h *harness) stored(prefix string) int {
	h.Helper()
	n := 0
	err := h.app.db.View(context.Background(), func(s store.Snapshot) error {
		n = 0
		for range s.Scan(prefix, "") {
			n++
		}
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
	return n
}
