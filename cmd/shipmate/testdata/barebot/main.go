// Command barebot is the benchmark's yardstick (b): a bare WebSocket client that writes each envelope's bytes to bbolt,
// all that wait in one commit, before it acknowledges, and answers through pooled connections. It routes nothing, checks
// nobody and logs nothing: it is about the least that a bot with a durable inbox can do.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	bolt "go.etcd.io/bbolt"
)

type write struct {
	key, value []byte
	done       chan struct{}
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	db, err := bolt.Open(filepath.Join(os.Getenv("BARE_DIR"), "bare.db"), 0o600, nil)
	if err != nil {
		return err
	}
	writes := make(chan write, 256)
	go commit(db, writes)
	api := slack.New(os.Getenv("SLACK_BOT_TOKEN"), slack.OptionAppLevelToken(os.Getenv("SLACK_APP_TOKEN")),
		slack.OptionAPIURL(os.Getenv("SLACK_API_URL")))
	_, url, err := api.StartSocketModeContext(context.Background())
	if err != nil {
		return err
	}
	ws, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		return err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 256
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	var mu sync.Mutex
	for {
		_, data, err := ws.ReadMessage()
		if err != nil {
			return err
		}
		var e struct {
			ID      string `json:"envelope_id"`
			Payload struct {
				Answer string `json:"response_url"`
			} `json:"payload"`
		}
		if json.Unmarshal(data, &e) != nil || e.ID == "" {
			continue
		}
		go func() {
			w := write{key: []byte(e.ID), value: data, done: make(chan struct{})}
			writes <- w
			<-w.done
			mu.Lock()
			err := ws.WriteMessage(websocket.TextMessage, []byte(`{"envelope_id":"`+e.ID+`"}`))
			mu.Unlock()
			if err != nil {
				return
			}
			resp, err := client.Post(e.Payload.Answer, "application/json", bytes.NewReader([]byte(`{"text":"Shipmate, development"}`)))
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}()
	}
}

// commit writes whoever waits in one transaction.
func commit(db *bolt.DB, writes chan write) {
	for first := range writes {
		group := []write{first}
		for more := true; more && len(group) < 256; {
			select {
			case w := <-writes:
				group = append(group, w)
			default:
				more = false
			}
		}
		err := db.Update(func(tx *bolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("inbox"))
			if err != nil {
				return err
			}
			for _, w := range group {
				if err := b.Put(w.key, w.value); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		for _, w := range group {
			close(w.done)
		}
	}
}
