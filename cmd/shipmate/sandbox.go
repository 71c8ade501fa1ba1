package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"shipmate/bot"
	"shipmate/commands"
	"shipmate/sandbox"
	"shipmate/store"
)

func sandboxCommand() *cobra.Command {
	var listen, dir string
	var noBot, verbose bool
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Rehearse: Slack, GitHub and PagerDuty simulated, the real bot between them",
		Long: "Rehearse: a page in the browser that is a team's chat, with Slack, GitHub and PagerDuty simulated over their real\n" +
			"protocols and the real bot between them. Needs no account, no token and no network.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			self, err := os.Executable()
			if err != nil {
				return fmt.Errorf("finding the program to start the bot with: %w", err)
			}
			table := commands.All(commands.Deps{Version: version()})
			manifest, err := bot.Manifest(table)
			if err != nil {
				return err
			}
			o := sandbox.Options{Listen: listen, Dir: dir, NoBot: noBot, BotCommand: []string{self, "run"},
				Commands: hints(table), Manifest: manifest, Introduce: introduce, Out: cmd.OutOrStdout(), Log: newLog(false)}
			if verbose {
				o.BotLog = cmd.ErrOrStderr()
			}
			return sandbox.Run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "", "the page's address (default "+sandbox.DefaultListen+")")
	cmd.Flags().StringVar(&dir, "dir", "", "keep the sandbox's state in this directory")
	cmd.Flags().BoolVar(&noBot, "no-bot", false, "start the bot by hand: prints how")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "show the bot's log")
	return cmd
}

// introduce writes into a store, as admins do with /shipmate link, who people are on GitHub.
func introduce(ctx context.Context, path string, accounts []sandbox.Account) error {
	db, err := store.Open(ctx, store.Options{Path: path})
	if err != nil {
		return err
	}
	links := bot.NewLinks(db)
	for _, a := range accounts {
		if _, err := links.Set(ctx, bot.Naming{Person: a.Person, Service: bot.OnGitHub, Login: a.Login, By: a.By, At: time.Now(), Proven: true}); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	return db.Close()
}

// hints are the commands as the page's completion offers them.
func hints(table []bot.Command) []sandbox.CommandHint {
	var out []sandbox.CommandHint
	for _, c := range table {
		if c.On == 0 || c.On&bot.Slash != 0 {
			out = append(out, sandbox.CommandHint{Name: c.Name, Args: bot.ShownArgs(c), Short: c.Short})
		}
	}
	return out
}
