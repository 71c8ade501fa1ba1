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
	addr     string
	bot      *bot.Bot
	patience time.Duration // how long no connection may deliver
	server   *http.Server
	log      *slog.Logger
}

// deafLimit is how long no connection may deliver before the bot counts as unhealthy. Together with a socket's own silence
// limit of 30 s, deafness shows within a minute.
const deafLimit = 15 * time.Second

func newHealth(addr string, b *bot.Bot, log *slog.Logger) *health {
	h := &health{addr: addr, bot: b, patience: deafLimit, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", h.healthz)
	h.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	return h
}

func (h *health) healthz(w http.ResponseWriter, _ *http.Request) {
	heard := h.bot.Hearing()
	status := http.StatusOK
	answer := map[string]any{"sockets": len(heard.Open)}
	if !heard.DeafSince.IsZero() && time.Since(heard.DeafSince) > h.patience {
		status = http.StatusServiceUnavailable
		answer["deaf_since"], answer["reason"] = heard.DeafSince.UTC(), heard.Reason
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // the reader may have gone
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
