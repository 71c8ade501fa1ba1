//go:build killwalk

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"shipmate/integrations/github/githubtest"
)

// binary builds the program as the walk kills it.
func binary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shipmate")
	if out, err := exec.Command("go", "build", "-tags", "killwalk", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	return path
}

// child is the program as a process of its own.
type child struct {
	cmd   *exec.Cmd
	log   bytes.Buffer // to be read when it has ended
	ended chan struct{}
	err   error // how it ended
}

// spawn starts the program on the walk's stage.
func (w *walk) spawn() {
	w.Helper()
	c := &child{cmd: exec.Command(w.binary, "run", "--config", w.configPath()), ended: make(chan struct{})}
	c.cmd.Dir = w.dir
	c.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "SLACK_APP_TOKEN=" + w.slack.AppToken,
		"SLACK_BOT_TOKEN=" + w.slack.BotToken, "GITHUB_TOKEN=" + githubtest.DefaultToken, "PAGERDUTY_TOKEN=" + w.pagerToken, clockURL + "=" + w.clockAt,
		commitsAddress + "=" + w.commits.Addr().String()}
	c.cmd.Stderr = &c.log
	if err := c.cmd.Start(); err != nil {
		w.Fatal(err)
	}
	go func() {
		c.err = c.cmd.Wait()
		close(c.ended)
	}()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.child = c
	w.children = append(w.children, c)
}

// dead tells whether the process has ended.
func (c *child) dead() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// kill ends the process with SIGKILL and returns when it is gone.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // it may have ended by itself
	<-c.ended
}

// idle tells whether none of its threads computes or writes, as far as the machine tells (proc(5), the state in stat).
func (c *child) idle() bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", c.cmd.Process.Pid))
	for _, path := range threads {
		stat, _ := os.ReadFile(path)
		if _, state, ok := strings.Cut(string(stat), ") "); ok && (state[0] == 'R' || state[0] == 'D') {
			return false
		}
	}
	return true
}

// answerCommits lets the program commit, or kills it instead, until the listener closes.
func (w *walk) answerCommits(done *sync.WaitGroup) {
	for {
		conn, err := w.commits.Accept()
		if err != nil {
			return
		}
		done.Go(func() {
			defer conn.Close()
			w.answer(conn)
		})
	}
}

func (w *walk) answer(conn net.Conn) {
	phases := bufio.NewScanner(conn)
	for phases.Scan() {
		w.happened.Add(1)
		if w.passes("commit:" + phases.Text()) {
			return
		}
		if _, err := conn.Write([]byte{1}); err != nil {
			return
		}
	}
}
