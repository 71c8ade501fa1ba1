// Package sandbox is the stage: a whole company to try Shipmate on, without an account, a token or a network.
//
// It starts the fakes of Slack, GitHub and PagerDuty on loopback, fills them with a sample company, starts the real bot against them
// as a child process, and serves a page that works like a team chat: people act in it, the bot answers, and at the stage
// door things are made to go wrong. What the page shows is what the fakes hold; the bot cannot tell it from the real
// services. The stage decides nothing about deploying.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// DefaultListen is the page's address when Options names none.
const DefaultListen = "127.0.0.1:8877"

// Options say how a stage is set up.
type Options struct {
	// Listen is the page's address; DefaultListen when empty. The fakes always listen on loopback.
	Listen string
	// Dir keeps the stage's and the bot's state over restarts. When empty, a directory is made and removed at the end.
	Dir string
	// NoBot leaves the bot to somebody else: the environment and the command to start it with are printed to Out.
	NoBot bool
	// BotCommand is the program and the arguments that start the bot; "--config FILE" is added.
	BotCommand []string
	// Commands are the bot's, for completion and, when there is no Manifest, to be installed on the fake Slack.
	Commands []CommandHint
	// Manifest is the bot's Slack app manifest (JSON). It is installed on the fake Slack: its commands, shortcuts, events
	// and scopes are those that work.
	Manifest []byte
	// Introduce tells the bot's store at a path, which nothing has open, who people are on GitHub. It is asked once, for a new company.
	// They stay unknown when nil.
	Introduce func(ctx context.Context, store string, accounts []Account) error
	// Out is told where the page is; nothing when nil.
	Out io.Writer
	// Log gets what goes wrong on the stage itself; nothing when nil.
	Log *slog.Logger
	// BotLog gets every line that the bot logs, as it is; nil for none. The page shows the last ones anyway.
	BotLog io.Writer
}

// CommandHint is a command as completion offers it.
type CommandHint struct {
	Name  string `json:"name"`  // words, without the slash: "deploy cancel"
	Args  string `json:"args"`  // "<service>[@ref] [to|on] <environment>"
	Short string `json:"short"` // one line
}

// Run sets up the stage and serves it until ctx ends; then it ends the bot, keeps what is to be kept and returns nil. It
// fails when the address is taken, the directory cannot be used, or the bot cannot be started.
func Run(ctx context.Context, o Options) error {
	o = o.withDefaults()
	ln, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return fmt.Errorf("listening for the stage's page: %w", err)
	}
	defer ln.Close()
	dir, remove, err := stateDir(o.Dir)
	if err != nil {
		return err
	}
	defer remove()
	o.Dir = dir
	stage, err := Open(ctx, o, "http://"+reachable(ln.Addr()))
	if err != nil {
		return err
	}
	defer stage.Close()
	server := &http.Server{Handler: stage.Handler(), ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return stage.ctx }}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ln) }()
	if err := stage.startBot(); err != nil {
		server.Close()
		return err
	}
	stage.announce(o.Out, asked(o.Listen, ln.Addr()))
	select {
	case <-ctx.Done():
	case err = <-served:
	}
	err = errors.Join(err, stage.Close())
	server.Close()
	return err
}

func (o Options) withDefaults() Options {
	if o.Listen == "" {
		o.Listen = DefaultListen
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// stateDir makes the directory for the stage's state and returns what removes it again, if it is to be removed.
func stateDir(dir string) (string, func(), error) {
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", nil, fmt.Errorf("making the stage's directory: %w", err)
		}
		whole, err := filepath.Abs(dir) // the bot is started in it
		if err != nil {
			return "", nil, fmt.Errorf("finding the stage's directory: %w", err)
		}
		return whole, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "shipmate-stage-")
	if err != nil {
		return "", nil, fmt.Errorf("making a directory for the stage: %w", err)
	}
	return dir, func() { os.RemoveAll(dir) }, nil
}

// reachable is an address a browser on this machine can open: an unspecified host becomes loopback.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return a.String()
}

// asked is the address that was asked for, with the port that was given when any would do.
func asked(listen string, a net.Addr) string {
	host, _, err := net.SplitHostPort(listen)
	_, port, err2 := net.SplitHostPort(a.String())
	if err != nil || err2 != nil || host == "" {
		return reachable(a)
	}
	return net.JoinHostPort(host, port)
}

// announce tells on the terminal where the stage is and how a bot is started by hand.
func (s *Stage) announce(out io.Writer, address string) {
	fmt.Fprintf(out, "\n  Shipmate's stage is open:  http://%s/\n\n", address)
	if s.opts.NoBot {
		fmt.Fprintf(out, "  It waits for a Shipmate. Start one from another terminal:\n\n")
		for _, v := range s.botEnv() {
			name, value, _ := strings.Cut(v, "=")
			fmt.Fprintf(out, "    export %s=%s\n", name, quote(value))
		}
		fmt.Fprintf(out, "    cd %s\n    %s\n\n", quote(s.opts.Dir), quoteAll(s.botCommand()))
	}
	fmt.Fprintf(out, "  Ctrl-C ends it.\n")
}

func quoteAll(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = quote(w)
	}
	return strings.Join(out, " ")
}

// quote makes a word safe for a POSIX shell.
func quote(word string) string {
	plain := func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,", r)
	}
	if word != "" && strings.IndexFunc(word, plain) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
