package sandbox

import (
	"sync"
	"time"

	"shipmate/integrations/github/githubtest"
)

// mood is how the next deployment goes, as the stage door sets it.
type mood string

const (
	moodUsual mood = ""
	moodFail  mood = "fail"
	moodSlow  mood = "slow"
	moodNever mood = "never"
)

// director decides how Acme's deployments go. It sets every service's script anew after each dispatch, so that no two
// runs look alike, search-ui fails often, and what the stage door asked for hits one run only.
type director struct {
	github *githubtest.Server

	mu   sync.Mutex
	mood mood
	seen int // dispatches so far
}

func newDirector(g *githubtest.Server) *director {
	d := &director{github: g, seen: len(g.Dispatches(""))}
	d.set(moodUsual)
	return d
}

// next sets the scripts anew if there was a dispatch since it was last asked.
func (d *director) next() {
	n := len(d.github.Dispatches(""))
	d.mu.Lock()
	defer d.mu.Unlock()
	if n == d.seen {
		return
	}
	d.seen, d.mood = n, moodUsual
	d.write()
}

// set chooses how the next deployment of any service goes.
func (d *director) set(m mood) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mood = m
	d.write()
}

func (d *director) now() mood {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.mood
}

func (d *director) write() {
	for i, s := range services {
		if r := d.github.Repo(s.repo()); r != nil {
			r.Script(deployFile, scriptOf(s, d.mood, d.seen+i))
		}
	}
}

// scriptOf is how the n-th deployment of the stage goes if it is one of s.
func scriptOf(s service, m mood, n int) githubtest.Script {
	switch {
	case m == moodNever:
		return githubtest.Script{NeverStarts: true}
	case m == moodSlow:
		slow := s
		slow.pace *= 8
		return steady(slow, n)
	case m == moodFail, s.flaky > 0 && n%s.flaky == 0:
		return failing(s, n)
	}
	return steady(s, n)
}

// steady is a run that succeeds: about ten steps of the service's pace, a fifth more or less.
func steady(s service, n int) githubtest.Script {
	pace := s.pace + s.pace/10*time.Duration(n%5-2)
	return githubtest.Script{Queue: time.Second, Step: pace, Jobs: map[string]githubtest.JobScript{
		"build": {Steps: map[string]githubtest.StepScript{
			"Stop if an older run has this id": {Duration: time.Second, Log: []string{"no older run has this id"}},
			"Check out the commit":             {Duration: 2 * time.Second, Log: []string{"HEAD is now at the commit to deploy"}},
			"Build the image":                  {Duration: 2 * pace, Log: []string{"#1 load build definition", "#2 go build ./...", "#3 exporting image", "image built in 7.4s"}},
		}},
		"test": {Steps: map[string]githubtest.StepScript{
			"Unit tests":       {Log: []string{"ok  	acme/" + s.name + "/internal/price	0.41s", "ok  	acme/" + s.name + "/internal/store	1.12s", "PASS: 214 tests"}},
			"End-to-end tests": {Duration: 2 * pace, Log: []string{"starting 4 browsers", "31 passed"}},
		}},
		"deploy": {Steps: map[string]githubtest.StepScript{
			"Push the image": {Log: []string{"pushed registry.acme.example/" + s.name}},
			"Roll out":       {Duration: 2 * pace, Log: []string{"1 of 3 updated", "2 of 3 updated", "3 of 3 updated", "rollout complete"}},
			"Smoke test":     {Duration: pace / 2, Log: []string{"GET /healthz 200 in 12 ms", "smoke test passed"}},
		}},
	}}
}

// failing is a run whose end-to-end tests fail, loudly.
func failing(s service, n int) githubtest.Script {
	script := steady(s, n)
	script.Jobs["test"].Steps["End-to-end tests"] = githubtest.StepScript{Duration: s.pace, Outcome: githubtest.Failure, Log: []string{
		"starting 4 browsers",
		"✓ opens the start page (812 ms)",
		"✓ signs in (1204 ms)",
		"✗ completes an order (30002 ms)",
		"  TimeoutError: waiting for selector \"#order-number\" failed: 30000 ms exceeded",
		"      at completesOrder (e2e/order.spec.ts:48:14)",
		"30 passed, 1 failed",
	}}
	return script
}
