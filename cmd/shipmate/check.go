package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"shipmate/bot"
	"shipmate/commands"
	"shipmate/config"
)

// configOptions are what a configuration is checked against beside itself.
func configOptions() config.Options {
	return config.Options{Reserved: bot.Reserved(commands.All(commands.Deps{}))}
}

func checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE",
		Short: "List everything that is wrong with a configuration file",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("which file? Say: shipmate check shipmate.yaml")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			_, mistakes, warnings := config.Load(args[0], configOptions())
			for _, m := range mistakes {
				fmt.Fprintln(cmd.OutOrStdout(), m)
			}
			for _, w := range warnings {
				fmt.Fprintln(cmd.OutOrStdout(), "warning:", w)
			}
			if n := len(mistakes); n > 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "%s\n", counted(n, "mistake"))
				return toldError{errors.New("the configuration has mistakes")}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is in order.\n", args[0])
			return nil
		},
	}
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the configuration file, for editors",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(config.Schema())
			return err
		},
	}
}
