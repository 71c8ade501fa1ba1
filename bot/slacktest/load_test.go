package slacktest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"shipmate/bot/slacktest"
	"shipmate/clock"
)

func TestQuietKeepsCountsOnly(t *testing.T) {
	t.Parallel()
	g := newStage(t, quiet, noLimits)
	a := g.connect()
	var acks []string
	g.OnAck(func(d slacktest.Delivery) { acks = append(acks, d.EnvelopeID) })
	id, err := g.Slash("U0ANA", "payments", "/deploy x")
	g.must(err)
	f := a.next()
	a.ack(f)
	g.wait("the ack", func() bool { return g.Counts().Acked == 1 })
	g.respond(f["payload"].(map[string]any)["response_url"].(string), map[string]any{"text": "done"})
	ts := g.call("chat.postMessage", "channel", "C0PAY", "text", "card").fields["ts"].(string)
	if a := g.call("chat.update", "channel", "C0PAY", "ts", ts, "text", "done"); a.code() != "" {
		t.Errorf("messages in channels are kept: %s", a.raw)
	}
	c := g.Counts()
	if c.Sent != 1 || c.Acked != 1 || c.ResponseURL != 1 || c.Ephemerals != 1 || c.Messages != 1 {
		t.Errorf("counts: %+v", c)
	}
	if len(g.Deliveries())+len(g.Calls())+len(g.Ephemerals("U0ANA", "")) != 0 {
		t.Error("a quiet server remembers")
	}
	g.wait("OnAck", func() bool { return true })
	g.must(g.Close()) // the connection's goroutine is done with OnAck when its connection is
	<-a.closed
	if len(acks) != 1 || acks[0] != id {
		t.Errorf("OnAck: %v", acks)
	}
}

// BenchmarkRoundTrip is one slash command, its ack, and its answer over response_url, 256 at a time, with the least
// app that can do it: what the server itself costs.
func BenchmarkRoundTrip(b *testing.B) {
	s, err := slacktest.New(slacktest.Options{
		Clock: clock.System(), Quiet: true, NoLimits: true, App: slacktest.App{Commands: []slacktest.Command{{Name: "/deploy"}}},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	s.AddUser(slacktest.User{ID: "U0ANA", Name: "ana"})
	s.AddChannel(slacktest.Channel{ID: "C0PAY", Name: "payments", Members: []string{"U0ANA"}})
	free := make(chan bool, 256)
	for range cap(free) {
		free <- true
	}
	s.OnCall(func(c slacktest.Call) {
		if c.Method == "response_url" && c.Phase == slacktest.After {
			free <- true
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go leastApp(ctx, b, s)
	if err := s.Wait(ctx, func() bool { return s.Connections().Open == 1 }); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		<-free
		if _, err := s.Slash("U0ANA", "payments", "/deploy checkout staging"); err != nil {
			b.Fatal(err)
		}
	}
	for range cap(free) {
		<-free
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "answers/s")
}

func leastApp(ctx context.Context, b *testing.B, s *slacktest.Server) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+"apps.connections.open", nil)
	req.Header.Set("Authorization", "Bearer "+s.AppToken)
	resp, err := client.Do(req)
	if err != nil {
		b.Error(err)
		return
	}
	var open struct{ URL string }
	_ = json.NewDecoder(resp.Body).Decode(&open)
	resp.Body.Close()
	ws, _, err := websocket.DefaultDialer.DialContext(ctx, open.URL, nil)
	if err != nil {
		b.Error(err)
		return
	}
	defer ws.Close()
	var writing sync.Mutex
	jobs := make(chan []byte, 256)
	for range 64 {
		go func() {
			for frame := range jobs {
				var e struct {
					ID      string `json:"envelope_id"`
					Payload struct {
						To string `json:"response_url"`
					} `json:"payload"`
				}
				_ = json.Unmarshal(frame, &e)
				if e.ID == "" {
					continue
				}
				writing.Lock()
				_ = ws.WriteMessage(websocket.TextMessage, []byte(`{"envelope_id":"`+e.ID+`"}`))
				writing.Unlock()
				resp, err := client.Post(e.Payload.To, "application/json", bytes.NewReader([]byte(`{"text":"done"}`)))
				if err == nil {
					_, _ = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			}
		}()
	}
	defer close(jobs)
	for {
		_, frame, err := ws.ReadMessage()
		if err != nil {
			return
		}
		jobs <- frame
	}
}
