package sandbox

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// stopGrace is how long a bot that was asked to end may take to finish what it accepted.
const stopGrace = 10 * time.Second

// botState is how the bot's process is.
type botState string

const (
	botRunning botState = "running"
	botStopped botState = "stopped"
	botByHand  botState = "byhand" // somebody starts it elsewhere
)

// BotStatus is what the page shows of the bot's process.
type BotStatus struct {
	State  botState  `json:"state"`
	PID    int       `json:"pid,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	Starts int       `json:"starts"`
	Exit   string    `json:"exit,omitempty"` // how the last one ended
	Logs   []LogLine `json:"logs"`
}

// bot is the real bot as a child process, so that killing it is a SIGKILL.
type bot struct {
	command []string
	env     []string
	dir     string
	logs    *logBook
	changed func()

	mu     sync.Mutex
	cmd    *exec.Cmd     // nil when none runs
	ended  chan struct{} // closed when cmd has ended
	since  time.Time
	starts int
	exit   string
}

// start starts the bot; it is an error when one runs.
func (b *bot) start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cmd != nil {
		return errors.New("the bot is already running")
	}
	cmd := exec.Command(b.command[0], b.command[1:]...)
	cmd.Env, cmd.Dir = b.env, b.dir
	cmd.Stdout, cmd.Stderr = b.logs.writer(), b.logs.writer()
	cmd.WaitDelay = time.Second
	dieWithParent(cmd)
	started, ended := make(chan error), make(chan struct{})
	go b.live(cmd, started, ended)
	if err := <-started; err != nil {
		return fmt.Errorf("starting Shipmate: %w", err)
	}
	b.cmd, b.ended, b.since, b.exit = cmd, ended, time.Now(), ""
	b.starts++
	b.changed()
	return nil
}

// live starts the process and waits for its end, on one thread: a child that is to die with its parent dies with the
// thread that started it (Linux: prctl(2), PR_SET_PDEATHSIG).
func (b *bot) live(cmd *exec.Cmd, started chan<- error, ended chan<- struct{}) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := cmd.Start()
	started <- err
	if err != nil {
		return
	}
	err = cmd.Wait()
	b.mu.Lock()
	b.cmd, b.exit = nil, howEnded(err)
	b.mu.Unlock()
	close(ended)
	b.changed()
}

func howEnded(err error) string {
	exit := (*exec.ExitError)(nil)
	switch {
	case err == nil:
		return "It ended by itself, without an error."
	case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled():
		return "It was ended by signal " + strings.ToUpper(exit.Sys().(syscall.WaitStatus).Signal().String()) + "."
	default:
		return "It ended: " + err.Error() + "."
	}
}

// kill ends the bot with SIGKILL, in the middle of whatever it does, and waits until it is gone.
func (b *bot) kill() error {
	return b.end(syscall.SIGKILL)
}

// stop asks the bot to end and kills it when it does not within stopGrace.
func (b *bot) stop() error {
	return b.end(syscall.SIGTERM)
}

func (b *bot) end(how syscall.Signal) error {
	b.mu.Lock()
	cmd, ended := b.cmd, b.ended
	b.mu.Unlock()
	if cmd == nil {
		return errors.New("the bot is not running")
	}
	if err := cmd.Process.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("ending the bot: %w", err)
	}
	select {
	case <-ended:
		return nil
	case <-time.After(stopGrace):
	}
	cmd.Process.Kill()
	<-ended
	return nil
}

func (b *bot) status() BotStatus {
	logs := b.logs.last()
	b.mu.Lock()
	defer b.mu.Unlock()
	s := BotStatus{State: botStopped, Starts: b.starts, Exit: b.exit, Logs: logs}
	switch {
	case len(b.command) == 0:
		s.State = botByHand
	case b.cmd != nil:
		s.State, s.PID, s.Since = botRunning, b.cmd.Process.Pid, b.since
	}
	return s
}
