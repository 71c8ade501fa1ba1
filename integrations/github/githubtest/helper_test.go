package githubtest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"shipmate/clock"
	"shipmate/integrations/github/githubtest"
)

// deployYAML is a workflow as Shipmate asks for one, and a bit more than it needs.
const deployYAML = `name: Deploy
run-name: deploy ${{ inputs.environment }} ${{ inputs.sha }} [${{ inputs.correlation_id }}]
on:
  workflow_dispatch:
    inputs:
      sha: {required: true, type: string}
      correlation_id: {required: true, type: string}
      environment: {required: true, type: choice, options: [staging, production]}
      dry_run: {type: boolean, default: false}
concurrency:
  group: deploy-${{ inputs.environment }}
jobs:
  build:
    name: Build ${{ inputs.environment }}
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Compile
        run: make build
  release:
    runs-on: ubuntu-latest
    needs: build
    environment: ${{ inputs.environment }}
    steps:
      - name: Roll out
        run: ./deploy.sh
  report:
    runs-on: ubuntu-latest
    needs: [release]
    if: failure()
    steps:
      - run: ./report.sh
`

const ciYAML = `name: CI
on:
  push: {branches: [main]}
  pull_request:
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - name: Unit tests
        run: go test ./...
`

var start = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// stage is a server with a small company in it.
type stage struct {
	*githubtest.Server
	t     *testing.T
	clock *clock.Manual
	repo  *githubtest.Repo
	gh    *github.Client
}

func newStage(t *testing.T, o githubtest.Options) *stage {
	t.Helper()
	c := clock.NewManual(start)
	o.Clock = c
	s := githubtest.New(o)
	t.Cleanup(s.Close)
	for _, u := range []githubtest.User{{Login: "ana", Name: "Ana Souza", Email: "ana@acme.example"}, {Login: "ben", Name: "Ben Ott", Email: "ben@acme.example"}} {
		s.AddUser(u)
	}
	s.AddOrg("acme").AddTeam("payments", "Payments").Maintainer("ana").Invite("ben")
	repo := s.AddRepo("acme/checkout").GrantTeam("payments", "push")
	past := repo.At(start.Add(-24 * time.Hour))
	past.Commit("main", "ana", "Start", githubtest.Files{"README.md": "# Checkout\n", "src/main.go": "package main\n",
		".github/workflows/deploy.yml": deployYAML})
	return &stage{s, t, c, repo, clientOf(s)}
}

func clientOf(s *githubtest.Server) *github.Client {
	gh := github.NewClient(&http.Client{}).WithAuthToken(githubtest.DefaultToken)
	gh.BaseURL, _ = url.Parse(s.URL())
	return gh
}

// answer is what came back from a raw call.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("no JSON object: %v: %.200s", err, a.body)
	}
	return v
}

// call sends a request as the server's own account; header is name, value, name, value …
func (s *stage) call(method, path, body string, header ...string) answer {
	s.t.Helper()
	req, err := http.NewRequest(method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+githubtest.DefaultToken)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	var buf bytes.Buffer
	if _, err := io.Copy(&buf, resp.Body); err != nil {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{resp.StatusCode, resp.Header, buf.Bytes()}
}

// wants calls and checks the status.
func (s *stage) wants(status int, method, path, body string, header ...string) answer {
	s.t.Helper()
	a := s.call(method, path, body, header...)
	if a.status != status {
		s.t.Fatalf("%s %s: status %d, want %d: %.300s", method, path, a.status, status, a.body)
	}
	return a
}

const deployInputs = `"inputs":{"sha":"abc","correlation_id":"C1","environment":"staging"}`

// dispatch starts a deploy and returns the run's ID.
func (s *stage) dispatch() int64 {
	s.t.Helper()
	a := s.wants(200, "POST", "repos/acme/checkout/actions/workflows/deploy.yml/dispatches", `{"ref":"main","return_run_details":true,`+deployInputs+`}`)
	return int64(a.json(s.t)["workflow_run_id"].(float64))
}
