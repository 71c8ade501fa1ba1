package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"shipmate/delivery"
)

// While a bot runs, the store is its alone; then it is asked for the deployments, over the socket beside the store.

// auditQuestion is what the command line asks for.
type auditQuestion struct {
	Want delivery.AuditWant `json:"want"`
	CSV  bool               `json:"csv"`
}

// auditTakes is how long a list may take, which is as long as its reader does.
const auditTakes = 10 * time.Minute

// answerAudit writes the list as it is read. One that breaks off is cut off, so that the reader does not take it for whole.
func (a *app) answerAudit(w http.ResponseWriter, r *http.Request) {
	var q auditQuestion
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&q); err != nil {
		http.Error(w, "this bot does not understand the question; it is probably of another version than the command line", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), auditTakes)
	defer cancel()
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(auditTakes)); err != nil {
		a.log.Warn("a list of deployments has little time", "err", err)
	}
	if err := writeAudit(ctx, w, a.db, q.Want, q.CSV); err != nil {
		a.log.Warn("a list of deployments broke off", "err", err)
		panic(http.ErrAbortHandler)
	}
}

// askAudit has the running bot list the deployments.
func askAudit(ctx context.Context, store, path string, q auditQuestion, out io.Writer) error {
	socket, err := socketOf(store)
	if err != nil {
		return err
	}
	question, err := json.Marshal(q)
	if err != nil {
		return err
	}
	client := http.Client{Timeout: auditTakes, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://shipmate/audit", bytes.NewReader(question))
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return noBot(err, socket, path)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the bot at %s does not list deployments (status %d); it is probably of another version", socket, response.StatusCode)
	}
	if _, err := io.Copy(out, response.Body); err != nil {
		return fmt.Errorf("the list broke off, so it is not whole: %w", err)
	}
	return nil
}
