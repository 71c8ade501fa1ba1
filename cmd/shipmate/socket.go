package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"shipmate/bot"
)

// The command line asks the bot that runs: the store is its alone. It listens on a socket beside the store, which only who may read
// the store may open.

// maxSocketPath is how long the path of a socket may be, in bytes: macOS takes 104 with the zero at the end, Linux 108 (unix(4), unix(7)).
const maxSocketPath = 103

const (
	maxQuestion   = 16 << 10         // bytes of a question
	answersWithin = 60 * time.Second // GitHub and Slack are asked on the way
)

// socketOf is where the bot with that store listens, and why it cannot.
func socketOf(store string) (string, error) {
	path := store + ".sock"
	if len(path) > maxSocketPath {
		return path, fmt.Errorf("the path of a socket has at most %d bytes, and %s has %d; a shorter store.path lets the command line ask the bot",
			maxSocketPath, path, len(path))
	}
	return path, nil
}

// desk answers the command line.
type desk struct {
	store  string
	server *http.Server
	log    *slog.Logger
}

func newDesk(store string, handler http.Handler, log *slog.Logger) *desk {
	return &desk{store: store, log: log, server: &http.Server{
		Handler:           http.MaxBytesHandler(handler, maxQuestion),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: answersWithin + 5*time.Second, IdleTimeout: 5 * time.Second,
		MaxHeaderBytes: maxQuestion,
	}}
}

// open begins to listen. A bot that cannot still runs, and the log says why.
func (d *desk) open(ctx context.Context) {
	path, err := socketOf(d.store)
	if err == nil {
		var l net.Listener
		if l, err = listenAt(ctx, path); err == nil {
			go func() { _ = d.server.Serve(l) }() // ends when close closes it, which removes the file
			return
		}
	}
	d.log.Warn("the command line cannot ask this bot: " + err.Error())
}

func (d *desk) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if d.server.Shutdown(ctx) != nil {
		_ = d.server.Close() // whoever waits for an answer asks again
	}
}

// listenAt listens at path, where a dead process may have left its socket.
func listenAt(ctx context.Context, path string) (net.Listener, error) {
	if err := clearSocket(ctx, path); err != nil {
		return nil, err
	}
	// Linux gives the file the mode of the socket, so that it never is anybody's; elsewhere chmod makes it so right after.
	private := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), 0o600) })
	}}
	l, err := private.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listening at %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close() // that it is not private is the error to be told
		return nil, fmt.Errorf("making %s private: %w", path, err)
	}
	return l, nil
}

// clearSocket removes a socket that nobody listens at any more, and nothing else.
func clearSocket(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("looking at %s: %w", path, err)
	case info.Mode().Type() != fs.ModeSocket:
		return fmt.Errorf("%s is not a socket; move it away", path)
	}
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", path)
	switch {
	case err == nil:
		_ = conn.Close()
		return fmt.Errorf("another process listens at %s", path)
	case !errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("looking whether somebody listens at %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("removing the socket of a process that is gone: %w", err)
	}
	return nil
}

// questions is what the command line can ask.
func (a *app) questions() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /why", a.answerWhy)
	mux.HandleFunc("POST /audit", a.answerAudit)
	return mux
}

// question is what the command line asks. One that says more than this bot understands is none.
func question[T any](r *http.Request) (q T, err error) {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	return q, d.Decode(&q)
}

func (a *app) answerWhy(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), answersWithin)
	defer cancel()
	q, err := question[whyQuestion](r)
	if err != nil {
		send(w, http.StatusBadRequest, whyAnswer{Refused: &bot.Message{Text: "This bot does not understand the question; it is probably of another version than the command line."}})
		return
	}
	why, err := a.why(ctx, q)
	if err != nil {
		m := a.sorry(err)
		send(w, http.StatusUnprocessableEntity, whyAnswer{Refused: &m, Names: a.bot.Names(ctx, m)})
		return
	}
	send(w, http.StatusOK, whyAnswer{Why: why, Names: a.bot.Names(ctx, why.Message)})
}

// askBot puts a question to the bot with that store, within a time that includes reading its answer. Whoever asks closes the body.
func askBot(ctx context.Context, store, what string, q any, within time.Duration) (*http.Response, error) {
	socket, err := socketOf(store)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	client := http.Client{Timeout: within, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://shipmate/"+what, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, &nobodyAnswers{socket}
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s may be opened by the bot's own user only; run this as that user", socket)
	case err != nil:
		return nil, fmt.Errorf("asking the bot at %s: %w", socket, err)
	}
	return response, nil
}

// nobodyAnswers says that no bot listens at a socket.
type nobodyAnswers struct{ socket string }

func (e *nobodyAnswers) Error() string { return "nobody answers at " + e.socket }

func send(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // the reader may have gone
}

// sorry is an error in words for people; what is only for the log goes there.
func (a *app) sorry(err error) bot.Message {
	var refused *bot.Refusal
	var user bot.UserError
	switch {
	case errors.As(err, &refused):
		return refused.Message
	case errors.As(err, &user):
		return bot.Message{Text: bot.Plain(user.UserMessage())}
	}
	a.log.Error("a question of the command line could not be answered", "err", err)
	return bot.Message{Text: "Something broke; the bot's log says what."}
}
