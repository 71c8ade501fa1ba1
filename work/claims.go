package work

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"shipmate/clock"
	"shipmate/store"
)

// Times of claims among replicas.
const (
	// RenewEvery is how often a replica shows that it lives.
	RenewEvery = 5 * time.Second
	// LapseAfter is when a replica that could not show it stops its own steps.
	LapseAfter = 20 * time.Second
	// FreeAfter is how long a replica is silent until another takes over. What is left after LapseAfter is for the steps
	// to notice that their context has ended.
	FreeAfter = 30 * time.Second
)

const replicaWord = "replica"

// ErrLostClaim says that a record is no longer this step's: its replica was silent for too long and another took over, or
// the step has already ended. The step's writes are dropped; another carries on.
var ErrLostClaim = errors.New("the claim on this record is lost")

// ErrSuperseded says that another process has started under this replica's name.
var ErrSuperseded = errors.New("another process runs under this replica's name")

// ClaimsConfig is what claims need.
type ClaimsConfig struct {
	DB    store.DB
	Clock clock.Clock
	// Replica is this process's name, different from that of every other process on the store at the same time.
	Replica string
	// Shared says that other processes use the store at the same time. It is false for a store that is one process's alone,
	// as bbolt is: then nothing is renewed, steps write no claims, and whatever another process once held is free, because
	// that process cannot be alive.
	Shared bool
}

// Claims are how replicas agree on who does what. A claim names its holder: a replica and the epoch it runs in, which rises
// each time the replica starts. A claim is free when its holder's epoch has moved on, or when its beat has not moved for
// FreeAfter on the clock of the one who looks; no two machines' clocks are ever compared.
type Claims struct {
	cfg   ClaimsConfig
	epoch int64

	mu      sync.Mutex
	renewed time.Time             // when the last renewal that succeeded was begun
	lapsed  bool                  // that was LapseAfter ago or more
	steps   map[*held]func(error) // ends the contexts of the steps under way
	seen    map[string]sighting   // of the other replicas
}

// pulse is the value of "replica/<name>".
type pulse struct {
	Epoch int64 `json:"epoch"`
	Beat  int64 `json:"beat"`
}

// sighting is a pulse and when it was first seen.
type sighting struct {
	pulse pulse
	at    time.Time
}

// OpenClaims begins a new epoch of cfg.Replica: what it held in an earlier one is free from now on.
func OpenClaims(ctx context.Context, cfg ClaimsConfig) (*Claims, error) {
	if cfg.Replica == "" {
		return nil, errors.New("a replica needs a name")
	}
	c := &Claims{cfg: cfg, steps: map[*held]func(error){}, seen: map[string]sighting{}}
	begun := cfg.Clock.Now()
	err := cfg.DB.Update(ctx, func(tx store.Tx) error {
		last, _, err := store.Load[pulse](tx, c.pulseKey(cfg.Replica))
		if err != nil {
			return err
		}
		c.epoch = last.Epoch + 1
		return store.Save(tx, c.pulseKey(cfg.Replica), pulse{Epoch: c.epoch})
	})
	if err != nil {
		return nil, fmt.Errorf("beginning an epoch of replica %q: %w", cfg.Replica, err)
	}
	c.renewed = begun
	return c, nil
}

func (c *Claims) pulseKey(replica string) string { return store.Key(replicaWord, replica) }

// Holder returns what to store in a record that this process claims. It stays the same while the process runs.
func (c *Claims) Holder() string { return c.cfg.Replica + "@" + strconv.FormatInt(c.epoch, 10) }

// Free reports whether a claim of holder may be taken over; "" is nobody and free. It reads the holder's pulse in g, so that
// a transaction that takes over fails when the holder shows at the same moment that it lives. On a shared store it takes two
// looks, FreeAfter apart, to find out that a holder is silent: whoever finds a claim that is not free looks again.
func (c *Claims) Free(g store.Getter, holder string) (bool, error) {
	if holder == c.Holder() {
		return false, nil
	}
	if holder == "" || !c.cfg.Shared {
		return true, nil
	}
	at := strings.LastIndex(holder, "@")
	if at < 0 {
		return false, fmt.Errorf("%q is not the holder of a claim", holder)
	}
	epoch, err := strconv.ParseInt(holder[at+1:], 10, 64)
	if err != nil {
		return false, fmt.Errorf("%q is not the holder of a claim: %w", holder, err)
	}
	p, found, err := store.Load[pulse](g, c.pulseKey(holder[:at]))
	if err != nil {
		return false, err
	}
	if !found || p.Epoch != epoch {
		return true, nil
	}
	return c.silent(holder[:at], p), nil
}

// silent notes the pulse of a replica and reports whether it has been the same for FreeAfter.
func (c *Claims) silent(replica string, p pulse) bool {
	now := c.cfg.Clock.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	s, known := c.seen[replica]
	if !known || s.pulse != p {
		c.seen[replica] = sighting{pulse: p, at: now}
		return false
	}
	return now.Sub(s.at) >= FreeAfter
}
