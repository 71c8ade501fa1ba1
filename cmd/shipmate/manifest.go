package main

import (
	"github.com/spf13/cobra"

	"shipmate/bot"
	"shipmate/commands"
)

func manifestCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "manifest",
		Short: "Print the Slack app manifest of this build",
		Long:  "Print the Slack app manifest of this build: paste it under https://api.slack.com/apps, Create New App, From a manifest.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			data, err := bot.Manifest(commands.All(commands.Deps{Version: version()}))
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(data)
			return err
		},
	}
}
