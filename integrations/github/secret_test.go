package github

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A server that tells back everything it was sent, in every way an answer can, gets no credential into an error, a
// message for people or the log.
func TestNoSecretIsTold(t *testing.T) {
	t.Parallel()
	key := testKey(t)
	const installation = "opaqueInstallationToken42"
	echo := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/access_tokens") {
				reply(w, 201, map[string]any{"token": installation, "expires_at": time.Now().Add(time.Hour)})
				return
			}
			said := r.Header.Get("Authorization")
			w.Header().Set("Location", "http://user:"+marker+"@127.0.0.1:1/?token="+marker)
			w.Header().Set("X-Accepted-GitHub-Permissions", said)
			reply(w, status, map[string]any{"message": "you sent " + said, "errors": []any{map[string]any{"message": said}, said}})
		}
	}
	handlers := map[string]http.HandlerFunc{"dropped": func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }}
	for _, status := range []int{200, 202, 301, 302, 304, 307, 400, 401, 403, 404, 409, 422, 429, 500} {
		handlers[http.StatusText(status)] = echo(status)
	}
	for name, h := range handlers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t, h)
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			withToken := f.client(t, func(c *Config) { c.Log = logger })
			withApp := f.client(t, func(c *Config) {
				c.Log, c.Token, c.App = logger, "", App{ID: 1, InstallationID: 2, PrivateKeyPEM: key}
			})
			var told strings.Builder
			for _, c := range []*Client{withToken, withApp} {
				_, err1 := c.DefaultBranch(t.Context(), "acme/shop")
				_, err2 := c.EnsureRun(t.Context(), Dispatch{Repo: "acme/shop", Workflow: "deploy.yml", Ref: "main", CorrelationID: "request-1"})
				_, err3 := c.LogTail(t.Context(), "acme/shop", 1, 5)
				_, err4 := c.WhoAmI(t.Context())
				_, err5 := c.EnsurePullRequest(t.Context(), proposal())
				_, err6 := c.EnsureIssue(t.Context(), newIssue())
				err7 := c.MergePullRequest(t.Context(), "acme/shop", 1, shaA, "merge")
				err8 := c.EnsureCommitStatus(t.Context(), saying(shaA))
				_, err9 := c.Reactions(t.Context(), "acme/shop", 1)
				_, err10 := c.ClosePullRequest(t.Context(), "acme/shop", 1)
				err11 := c.EditPullRequest(t.Context(), PullRequestEdit{"acme/shop", 1, "A", "B", "request-1"})
				err12 := c.EnsureBranchGone(t.Context(), "acme/shop", "adr/1", shaA)
				_, err13 := c.EnsureCommit(t.Context(), NewCommit{Repo: "acme/shop", Branch: "adr/1", Head: shaA, Message: "A", Request: "request-1", Changes: []FileChange{{Path: "a.md"}}})
				_, err14 := c.Archive(t.Context(), "acme/shop", shaA, "", nil)
				_, err15 := c.OpenPullRequestFiles(t.Context(), "acme/shop", "doc")
				_, _, err16 := c.OpenPullRequests(t.Context(), "acme/shop")
				_, _, err17 := c.BranchRuns(t.Context(), "acme/shop", "main", noon)
				for _, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8, err9, err10, err11, err12, err13, err14, err15, err16, err17} {
					tell(&told, err)
				}
			}
			all := told.String() + log.String()
			if len(all) < 200 {
				t.Fatalf("little was told: %q", all)
			}
			for _, secret := range []string{marker, installation, "opaqueInstallation", "eyJ", "PRIVATE KEY"} {
				if strings.Contains(all, secret) {
					t.Errorf("%q is told in: %s", secret, all)
				}
			}
		})
	}
}

// tell writes down everything that can be had out of an error.
func tell(told *strings.Builder, err error) {
	for ; err != nil; err = errors.Unwrap(err) {
		told.WriteString(err.Error() + "\n")
		var e *Error
		if errors.As(err, &e) {
			told.WriteString(e.Message + "\n" + e.UserMessage() + "\n")
		}
	}
}

func testKey(t *testing.T) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

// The token goes to the API and to nobody else, wherever the API points.
func TestTokenStaysHome(t *testing.T) {
	t.Parallel()
	stolen := make(chan string, 10)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stolen <- r.Header.Get("Authorization")
		io.WriteString(w, "2026-11-20T12:00:00.0000000Z hello\n")
	}))
	t.Cleanup(elsewhere.Close)
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/repos/acme/shop/actions/jobs/7" {
			reply(w, 200, map[string]any{"id": 7})
			return
		}
		http.Redirect(w, r, elsewhere.URL+"/log?sig=s3cret", http.StatusFound)
	})
	c := f.client(t)
	req, _ := http.NewRequest(http.MethodGet, elsewhere.URL, nil)
	if resp, err := c.http.Transport.RoundTrip(req); err != nil || resp.Body.Close() != nil || <-stolen != "" {
		t.Error("a request for another host is signed")
	}
	if _, err := c.DefaultBranch(t.Context(), "acme/shop"); err == nil {
		t.Error("an answer from another host was taken")
	}
	if lines, err := c.LogTail(t.Context(), "acme/shop", 7, 10); err != nil || len(lines) != 1 || lines[0] != "hello" {
		t.Errorf("log: %q, %v", lines, err)
	}
	if sent := <-stolen; sent != "" || len(stolen) != 0 {
		t.Errorf("another host was sent %q (%d more requests)", sent, len(stolen))
	}
}

// A moved repository is followed for reads and, with 307, for changes; a change never turns into a read.
func TestMoved(t *testing.T) {
	t.Parallel()
	f := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/repos/acme/old"):
			http.Redirect(w, r, strings.Replace(r.URL.Path, "repos/acme/old", "repositories/9", 1), http.StatusTemporaryRedirect)
		case strings.HasPrefix(r.URL.Path, "/repos/acme/"):
			http.Redirect(w, r, "/repositories/9", http.StatusMovedPermanently)
		case r.Method == http.MethodPost && !strings.HasSuffix(r.URL.Path, "/things"):
			t.Errorf("wrong request %s %s", r.Method, r.URL)
		default:
			reply(w, 200, map[string]string{"default_branch": "main"})
		}
	})
	c := f.client(t)
	if branch, err := c.DefaultBranch(t.Context(), "acme/old"); err != nil || branch != "main" {
		t.Errorf("read: %q, %v", branch, err)
	}
	if _, err := c.postRepo(t.Context(), "change it", "acme/old", map[string]int{}, nil, "things"); err != nil {
		t.Errorf("change with 307: %v", err)
	}
	_, err := c.postRepo(t.Context(), "change it", "acme/renamed", map[string]int{}, nil, "things")
	var e *Error
	if !errors.As(err, &e) || e.Status != http.StatusMovedPermanently || !strings.Contains(e.UserMessage(), "has moved") {
		t.Errorf("change with 301: %v", err)
	}
	if last := f.requests()[len(f.requests())-1]; !strings.HasPrefix(last, "POST /repos/acme/renamed") {
		t.Errorf("the change went on as %s", last)
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	r := newRedactor("plainpassword")
	r.learn("short") // would eat ordinary words
	for in, want := range map[string]string{
		"token ghp_abcdefghijklmnop0123 end":                                          "token *** end",
		"github_pat_11ABCDEFG0abcdefghijkl_x":                                         "***",
		"ghs_16C7e42F292c6912E7710c838347Ae178B4a":                                    "***",
		"slack xoxb-1234567890-abcdefghij and xapp-1-A0-123-abcdef":                   "slack *** and ***",
		"aws AKIAIOSFODNN7EXAMPLE":                                                    "aws ***",
		"jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0AA.c2ln":                             "jwt ***",
		"Authorization: Bearer abcdefghijklmnop":                                      "Authorization: ***",
		"https://user:hunter22@example.com/x":                                         "https://***@example.com/x",
		"https://blob.example.com/l?sv=1&sig=abc%2Bdef":                               "https://blob.example.com/l?sv=1***",
		"my plainpassword is short":                                                   "my *** is short",
		"a bearer of bad news, a ghost_story, xox-large and the SHA 0123456789abcdef": "a bearer of bad news, a ghost_story, xox-large and the SHA 0123456789abcdef",
	} {
		if got := r.mask(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	for i := range 30 {
		r.learn(strings.Repeat("x", 6+i))
	}
	if len(r.exact) != maxLearned || r.exact[0] != "plainpassword" {
		t.Errorf("after many renewals it remembers %v", r.exact)
	}
}

func publicKey(t *testing.T) *rsa.PublicKey {
	t.Helper()
	block, _ := pem.Decode(testKey(t))
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return &key.PublicKey
}
