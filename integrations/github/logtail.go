package github

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"
)

const (
	// A job's log can be hundreds of megabytes. When the place it is stored at can give a part, the last part is taken;
	// else it is read through, keeping only the last lines, up to the second bound.
	logTailBytes = 4 << 20
	maxLogBytes  = 64 << 20
	maxLogLines  = 200
)

// LogTail returns the last lines of the log of a job's failed step (of the whole job when no step failed), at most 200,
// fit for showing: without time stamps, colours and markup, secrets masked, each line at most 500 characters. It never
// holds more than that of the log. A job that has not written a log yet gives IsNotFound.
func (c *Client) LogTail(ctx context.Context, repo string, jobID int64, lines int) ([]string, error) {
	var found gh.WorkflowJob
	if _, err := c.getRepo(ctx, "read a job", repo, nil, &found, "actions", "jobs", number(jobID)); err != nil {
		return nil, err
	}
	step, _ := jobOf(&found).FailedStep()
	address, err := c.addressOf(ctx, "find a job's log", repo, "actions", "jobs", number(jobID), "logs")
	if err != nil {
		return nil, err
	}
	tail := newLogTail(min(max(lines, 1), maxLogLines), step)
	if err := c.download(ctx, repo, address, tail); err != nil {
		return nil, err
	}
	return cleanLog(tail.lines(), c.secrets), nil
}

// download reads the log, or its last part, into tail. The signed address is called without credentials.
func (c *Client) download(ctx context.Context, repo string, address *url.URL, tail *logTail) error {
	k := call{op: "read a job's log", about: repo, method: http.MethodGet}
	free, err := c.takeSlot(k)
	if err != nil {
		return err
	}
	defer free()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	resp, err := c.fetch(ctx, address)
	if err != nil {
		return c.noAnswer(ctx, k, err)
	}
	if resp.ContentLength > logTailBytes && resp.Header.Get("Accept-Ranges") == "bytes" {
		part, err := c.fetch(ctx, address, "Range", fmt.Sprintf("bytes=%d-", resp.ContentLength-logTailBytes))
		if err == nil && part.StatusCode == http.StatusPartialContent {
			resp.Body.Close() // before it was read
			resp = part
		} else if err == nil {
			part.Body.Close()
		}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
		return &Error{Op: k.op, about: repo, Status: resp.StatusCode, Message: http.StatusText(resp.StatusCode)}
	}
	if err := tail.read(io.LimitReader(resp.Body, maxLogBytes)); err != nil {
		return c.noAnswer(ctx, k, err)
	}
	return nil
}

// logTail keeps the last lines of a log that belong to one step.
type logTail struct {
	ring     []string
	next     int // where the next line goes; older lines follow
	from, to time.Time
	atError  []string // what the ring held at the last error
	inStep   bool
}

func newLogTail(lines int, step Step) *logTail {
	t := &logTail{ring: make([]string, 0, lines), from: step.StartedAt, to: step.CompletedAt}
	t.inStep = t.from.IsZero() || t.to.IsZero()
	return t
}

// read takes in a log line by line. Lines of any length are read; only their beginnings are kept.
func (t *logTail) read(r io.Reader) error {
	in := bufio.NewReaderSize(r, 16<<10)
	for {
		line, more, err := in.ReadLine()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		kept := string(line)
		for more && err == nil {
			_, more, err = in.ReadLine()
		}
		t.add(strings.ToValidUTF8(kept, "�"))
	}
}

// add keeps a line when it was written while the step ran; a line without a time stamp continues the one before. Times
// of steps are whole seconds, so the second the step ended in is still its own.
func (t *logTail) add(line string) {
	if stamp, _, found := cutStamp(line); found && !t.from.IsZero() && !t.to.IsZero() {
		t.inStep = !stamp.Before(t.from) && stamp.Before(t.to.Add(time.Second))
	}
	if !t.inStep {
		return
	}
	if len(t.ring) < cap(t.ring) {
		t.ring = append(t.ring, line)
	} else {
		t.ring[t.next] = line
	}
	t.next = (t.next + 1) % cap(t.ring)
	if strings.Contains(line, "##[error]") {
		t.atError = t.ordered()
	}
}

func (t *logTail) ordered() []string {
	if len(t.ring) < cap(t.ring) {
		return append([]string(nil), t.ring...)
	}
	return append(append([]string(nil), t.ring[t.next:]...), t.ring[:t.next]...)
}

// lines are the last ones up to the step's last error; what follows an error is cleaning up.
func (t *logTail) lines() []string {
	if t.atError != nil {
		return t.atError
	}
	return t.ordered()
}
