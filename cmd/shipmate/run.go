package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	godebug "runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"shipmate/clock"
	"shipmate/config"
)

// clockURL is where a sandbox serves the clock that the bot follows. Nothing else sets it.
const clockURL = "SHIPMATE_CLOCK"

func runCommand() *cobra.Command {
	var path string
	var debug bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the bot",
		Long:  "Run the bot. Tokens come from the environment; see docs/running.md.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd.Context(), path, debug, cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVarP(&path, "config", "c", "shipmate.yaml", "the configuration file")
	cmd.Flags().BoolVar(&debug, "debug", false, "log more; never the contents of messages or tokens")
	return cmd
}

func run(ctx context.Context, path string, debug bool, out io.Writer) error {
	if os.Getenv("GOGC") == "" {
		godebug.SetGCPercent(garbage)
		go keepSmall(ctx)
	}
	secrets, problems := config.ReadSecrets(os.Getenv, os.ReadFile)
	if len(problems) > 0 {
		for _, p := range problems {
			fmt.Fprintln(out, p)
		}
		_, mistakes, _ := config.Load(path, configOptions()) // told at once, not after the secrets are there
		for _, m := range mistakes {
			fmt.Fprintln(out, m)
		}
		return toldError{errors.New("secrets are missing")}
	}
	c, err := theClock(ctx, os.Getenv(clockURL))
	if err != nil {
		return err
	}
	p := parts{Config: path, Clock: c, Log: newLog(debug), Secrets: secrets, Environ: os.Environ()}
	instrument(&p)
	a, err := build(ctx, p)
	var mistakes config.Mistakes
	if errors.As(err, &mistakes) {
		for _, m := range mistakes {
			fmt.Fprintln(out, m)
		}
		return toldError{err}
	}
	if err != nil {
		return err
	}
	return a.run(ctx)
}

func theClock(ctx context.Context, url string) (clock.Clock, error) {
	if url == "" {
		return clock.System(), nil
	}
	return clock.Follow(ctx, url)
}

// reloadOnSignal reads the configuration again when it is asked to.
func (a *app) reloadOnSignal(ctx context.Context) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			if _, err := a.live.Reload(ctx); err != nil {
				a.log.Error("the configuration was read again and is broken; the old one stays in force", "err", err)
			}
		}
	}
}

// beside makes a path in the configuration relative to the file it stands in.
func beside(file, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}
