package sandbox

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// sites are where Acme's services answer how they do. All are well until the stage door says otherwise.
type sites struct {
	listener net.Listener
	server   *http.Server
	ill      atomic.Bool
}

// openSites starts them at an address, or at any on loopback when it is empty or taken.
func openSites(address string, log *slog.Logger) (*sites, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	ln, err := net.Listen("tcp", address)
	if err != nil {
		ln, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, fmt.Errorf("starting Acme's sites: %w", err)
	}
	s := &sites{listener: ln}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{service}/{environment}/healthz", s.health)
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	go s.server.Serve(ln) // ends with close
	return s, nil
}

func (s *sites) url() string { return "http://" + s.listener.Addr().String() }

func (s *sites) close() error { return s.server.Close() }

func (s *sites) health(w http.ResponseWriter, r *http.Request) {
	if s.ill.Load() {
		http.Error(w, r.PathValue("service")+" has no connection to its database", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// illLever has what is deployed fall ill.
func (s *Stage) illLever() *lever {
	return &lever{
		leverState: leverState{ID: "unhealthy", Group: groupSites, Label: "checkout falls ill", Hint: "Its health check answers 503", Toggle: true},
		on:         func() bool { return s.sites.ill.Load() },
		pull: func() (string, error) {
			s.sites.ill.Store(!s.sites.ill.Load())
			return "", nil
		},
	}
}
