package clock

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Times of the connection to a served clock; they are the machine's, as for every network call.
const (
	firstPosition = 5 * time.Second        // for the first position to arrive
	reconnect     = 200 * time.Millisecond // between attempts once the connection is lost
	acknowledge   = 2 * time.Second        // for one acknowledgement
)

// Follow returns a clock that stands where the one served at url (Serve) stands and moves when it moves. It returns when it
// has the first position. When the connection is lost the clock stays on its last position, running on if it was running,
// and the connection is tried again until ctx ends; after that the clock is on its own.
func Follow(ctx context.Context, url string) (Clock, error) {
	ctx, stop := context.WithCancel(ctx)
	f := &follower{
		url:   url,
		clock: NewManual(time.Time{}),
		ready: make(chan struct{}),
		stop:  stop,
		// A transport of its own: no proxy stands between two processes of one machine.
		http: &http.Client{Transport: &http.Transport{DisableCompression: true}},
	}
	failed := make(chan error, 1)
	go f.run(ctx, failed)
	timeout := time.NewTimer(firstPosition)
	defer timeout.Stop()
	select {
	case <-f.ready:
		return f.clock, nil
	case err := <-failed:
		return nil, fmt.Errorf("following the clock at %s: %w", url, err)
	case <-timeout.C:
		f.stop()
		return nil, fmt.Errorf("following the clock at %s: no answer within %s", url, firstPosition)
	}
}

type follower struct {
	url   string
	clock *Manual
	http  *http.Client
	ready chan struct{} // closed at the first position
	stop  context.CancelFunc
}

// run follows until ctx ends. A connection that fails before the first position is reported to failed and is the last.
func (f *follower) run(ctx context.Context, failed chan<- error) {
	defer f.stop()
	defer f.http.CloseIdleConnections()
	for {
		err := f.connect(ctx)
		select {
		case <-f.ready:
		default:
			failed <- err
			return
		}
		wait := time.NewTimer(reconnect)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return
		}
	}
}

// connect follows over one connection, until it ends.
func (f *follower) connect(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return err
	}
	res, err := f.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer is %s", res.Status)
	}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		event, isData := strings.CutPrefix(lines.Text(), "data: ")
		if !isData {
			continue
		}
		var p position
		if err := json.Unmarshal([]byte(event), &p); err != nil {
			return fmt.Errorf("reading a position: %w", err)
		}
		if err := f.apply(ctx, p); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.ErrUnexpectedEOF
}

// apply moves the clock and tells the server that it has.
func (f *follower) apply(ctx context.Context, p position) error {
	f.clock.moving.Lock()
	f.clock.move(p.state)
	f.clock.moving.Unlock()
	select {
	case <-f.ready:
	default:
		close(f.ready)
	}
	ctx, cancel := context.WithTimeout(ctx, acknowledge)
	defer cancel()
	form := url.Values{"follower": {strconv.Itoa(p.Follower)}, "version": {strconv.FormatUint(p.Version, 10)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := f.http.Do(req)
	if err != nil {
		return fmt.Errorf("acknowledging a position: %w", err)
	}
	// Read to its end so that the connection is used again.
	_, err = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return err
}
