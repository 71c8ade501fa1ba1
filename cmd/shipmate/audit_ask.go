package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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
	q, err := question[auditQuestion](r)
	if err != nil {
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
func askAudit(ctx context.Context, store string, q auditQuestion, out io.Writer) error {
	response, err := askBot(ctx, store, "audit", q, auditTakes)
	var nobody *nobodyAnswers
	if errors.As(err, &nobody) {
		return fmt.Errorf("store %q is in use, and no bot answers at %s; a bot that has just started does in a moment, and anything else that "+
			"has the store open must end first", store, nobody.socket)
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the bot with store %q does not list deployments (status %d); it is probably of another version", store, response.StatusCode)
	}
	if _, err := io.Copy(out, response.Body); err != nil {
		return fmt.Errorf("the list broke off, so it is not whole: %w", err)
	}
	return nil
}
