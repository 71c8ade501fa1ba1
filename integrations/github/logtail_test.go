package github

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// logServer has job 7 with a log at a signed address of another host.
func logServer(t *testing.T, job map[string]any, store http.HandlerFunc) *Client {
	t.Helper()
	blobs := httptest.NewServer(store)
	t.Cleanup(blobs.Close)
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/repos/acme/shop/actions/jobs/7":
			reply(w, 200, job)
		case "/repos/acme/shop/actions/jobs/7/logs":
			http.Redirect(w, r, blobs.URL+"/job-logs.txt?sig=abcdef", http.StatusFound)
		default:
			refusing(404, "Not Found")(w, r)
		}
	}).client(t, func(c *Config) { c.Timeout = time.Minute }) // a log may be large, and the machine slow
}

// failedJob ran from 12:00:00 to 12:00:30; its step "Deploy" from 12:00:10 to 12:00:20 failed.
var failedJob = map[string]any{"id": 7, "steps": []any{
	map[string]any{"number": 1, "name": "Check out", "conclusion": "success", "started_at": "2026-11-20T12:00:00Z", "completed_at": "2026-11-20T12:00:10Z"},
	map[string]any{"number": 2, "name": "Deploy", "conclusion": "failure", "started_at": "2026-11-20T12:00:10Z", "completed_at": "2026-11-20T12:00:20Z"},
	map[string]any{"number": 3, "name": "Clean up", "conclusion": "success", "started_at": "2026-11-20T12:00:21Z", "completed_at": "2026-11-20T12:00:30Z"},
}}

func logLine(second int, text string) string {
	return noon.Add(time.Duration(second)*time.Second).Format("2006-01-02T15:04:05.0000000Z") + " " + text + "\n"
}

func TestLogTail(t *testing.T) {
	t.Parallel()
	log := "\ufeff" + logLine(1, "##[error]a warning of the first step") +
		logLine(10, "##[group]Run ./deploy.sh") +
		logLine(11, "\x1b[36;1m./deploy.sh\x1b[0m") +
		logLine(11, "##[endgroup]") +
		logLine(12, "10%\r55%\r100% pushed\r") +
		logLine(13, "password is ghp_abcdefghijklmnop1234, \x1b]8;;https://x.example\x07link\x1b]8;;\x07") +
		"  continued without a stamp\n" +
		logLine(14, "-----BEGIN RSA PRIVATE KEY-----") + logLine(14, "MIIEow") + logLine(14, "-----END RSA PRIVATE KEY-----") +
		logLine(15, strings.Repeat("é", 20_000)) +
		logLine(16, "bad \xff byte and \x07 bell") +
		logLine(20, "##[error]Process completed with exit code 1.") +
		logLine(20, "after the error") +
		logLine(22, "##[error]of the cleaning up")
	c := logServer(t, failedJob, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("credentials were sent to where logs are kept")
		}
		io.WriteString(w, log)
	})
	got, err := c.LogTail(t.Context(), "acme/shop", 7, 50)
	want := []string{"Run ./deploy.sh", "./deploy.sh", "100% pushed", "password is ***, link", "  continued without a stamp", "***", "***",
		strings.Repeat("é", 499) + "…", "bad � byte and  bell", "error: Process completed with exit code 1."}
	if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\n%v", strings.Join(got, "\n"), err)
	}
	got, err = c.LogTail(t.Context(), "acme/shop", 7, 2)
	if err != nil || strings.Join(got, "\n") != strings.Join(want[len(want)-2:], "\n") {
		t.Errorf("the last two: %q, %v", got, err)
	}
}

// A job without a failed step shows its end.
func TestLogTailOfAJobThatDidNotFail(t *testing.T) {
	t.Parallel()
	c := logServer(t, map[string]any{"id": 7}, func(w http.ResponseWriter, _ *http.Request) {
		for i := range 30 {
			io.WriteString(w, logLine(i, fmt.Sprint("line ", i)))
		}
	})
	if got, err := c.LogTail(t.Context(), "acme/shop", 7, 3); err != nil || strings.Join(got, ",") != "line 27,line 28,line 29" {
		t.Errorf("%q, %v", got, err)
	}
}

// Of a huge log only the end is fetched where that can be had, and nothing is kept that is not shown.
func TestLogTailOfAHugeLog(t *testing.T) {
	t.Parallel()
	const size = 40 << 20
	line := logLine(15, strings.Repeat("x", 400))
	for _, ranges := range []bool{true, false} {
		sent := make(chan int, 4)
		c := logServer(t, failedJob, func(w http.ResponseWriter, r *http.Request) {
			from, n := 0, 0
			if ranges {
				w.Header().Set("Accept-Ranges", "bytes")
			}
			if part, asked := strings.CutPrefix(r.Header.Get("Range"), "bytes="); asked && ranges {
				from, _ = strconv.Atoi(strings.TrimSuffix(part, "-"))
				w.WriteHeader(http.StatusPartialContent)
			} else {
				w.Header().Set("Content-Length", fmt.Sprint(size))
			}
			for n < size-from-len(line) {
				written, err := io.WriteString(w, line)
				if n += written; err != nil {
					break
				}
			}
			end := logLine(20, "##[error]the end")
			io.WriteString(w, strings.Repeat(".", size-from-n-len(end)-1)+"\n"+end)
			sent <- n
		})
		got, err := c.LogTail(t.Context(), "acme/shop", 7, 1)
		if err != nil || len(got) != 1 || got[0] != "error: the end" {
			t.Errorf("ranges %v: %q, %v", ranges, got, err)
		}
		if ranges {
			if first, second := <-sent, <-sent; min(first, second) > logTailBytes+len(line) || max(first, second) > size/2 {
				t.Errorf("%d and %d bytes were sent", first, second)
			}
		}
	}
}

// GitHub Enterprise Server may keep logs on its own host; also there the signed address is called without credentials,
// which storage refuses beside its signature. A renamed repository is followed on the way.
func TestLogOnTheSameHost(t *testing.T) {
	t.Parallel()
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/repos/acme/old/actions/jobs/7", "/repositories/9/actions/jobs/7":
			reply(w, 200, map[string]any{"id": 7})
		case "/repos/acme/old/actions/jobs/7/logs":
			http.Redirect(w, r, "/repositories/9/actions/jobs/7/logs", http.StatusMovedPermanently)
		case "/repositories/9/actions/jobs/7/logs":
			http.Redirect(w, r, "/storage/log.txt?sig=abcdef", http.StatusFound)
		default:
			if r.Header.Get("Authorization") != "" {
				http.Error(w, "two kinds of credentials", http.StatusBadRequest)
				return
			}
			io.WriteString(w, "hello\n")
		}
	})
	if got, err := f.client(t).LogTail(t.Context(), "acme/old", 7, 5); err != nil || strings.Join(got, ",") != "hello" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestLogTailTrouble(t *testing.T) {
	t.Parallel()
	c := logServer(t, failedJob, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "expired sig=abcdef", http.StatusForbidden)
	})
	_, err := c.LogTail(t.Context(), "acme/shop", 7, 5)
	if err == nil || strings.Contains(err.Error(), "abcdef") || !strings.Contains(err.Error(), "403") {
		t.Errorf("address expired: %v", err)
	}
	if _, err := c.LogTail(t.Context(), "acme/shop", 8, 5); !IsNotFound(err) {
		t.Errorf("no such job: %v", err)
	}
	c = logServer(t, failedJob, func(w http.ResponseWriter, _ *http.Request) { hangUp(w) })
	_, err = c.LogTail(t.Context(), "acme/shop", 7, 5)
	if err == nil || strings.Contains(err.Error(), "abcdef") {
		t.Errorf("dropped: %v", err)
	}
}
