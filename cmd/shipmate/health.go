package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"shipmate/bot"
)

// health answers /healthz: 200 while the bot can hear Slack, 503 with the reason while it cannot.
type health struct {
	addr   string
	server *http.Server
	log    *slog.Logger
}

// deafLimit is how long no connection may deliver before the bot counts as unhealthy. Together with a socket's own silence
// limit of 30 s, deafness shows within a minute.
const deafLimit = 15 * time.Second

func newHealth(addr string, b *bot.Bot, log *slog.Logger) *health {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		h := b.Hearing()
		status := http.StatusOK
		answer := map[string]any{"sockets": len(h.Open)}
		if !h.DeafSince.IsZero() && time.Since(h.DeafSince) > deafLimit {
			status = http.StatusServiceUnavailable
			answer["deaf_since"], answer["reason"] = h.DeafSince.UTC(), h.Reason
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer) // the reader may have gone
	})
	return &health{addr: addr, log: log, server: &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}}
}

func (h *health) start() error {
	if h.addr == "" {
		return nil
	}
	l, err := net.Listen("tcp", h.addr)
	if err != nil {
		return fmt.Errorf("listening for health checks on %s: %w", h.addr, err)
	}
	go func() { _ = h.server.Serve(l) }() // ends when stop closes it
	h.log.Info("health checks are answered", "address", l.Addr().String())
	return nil
}

func (h *health) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = h.server.Shutdown(ctx) // what is under way is worth nothing now
}
