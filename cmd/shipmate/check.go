package main

import (
	"errors"
	"fmt"
	"io"

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
	var policies []string
	cmd := &cobra.Command{
		Use:   "check FILE [--policy CASES]",
		Short: "List everything that is wrong with a configuration file, and try cases on its rules",
		Long: "List everything that is wrong with a configuration file. With --policy try a file of cases on its rules: who would\n" +
			"deploy what and when, and what is expected to keep them from it (docs/policy.md). Nothing outside is asked.\n" +
			"It ends with status 1 when there is a mistake or a case does not go as expected.",
		Example: "  shipmate check shipmate.yaml --policy policy.yaml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("which file? Say: shipmate check shipmate.yaml")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := checkFile(cmd.OutOrStdout(), args[0])
			if err != nil {
				return err
			}
			for _, path := range policies {
				err = errors.Join(err, checkPolicy(cmd.OutOrStdout(), cfg, path))
			}
			return err
		},
	}
	cmd.Flags().StringArrayVar(&policies, "policy", nil, "a file of cases to try on the configuration; may be given more than once")
	return cmd
}

// checkFile tells what is wrong with a configuration, and returns it when nothing is.
func checkFile(out io.Writer, path string) (*config.Config, error) {
	cfg, mistakes, warnings := config.Load(path, configOptions())
	for _, m := range mistakes {
		fmt.Fprintln(out, m)
	}
	for _, w := range warnings {
		fmt.Fprintln(out, "warning:", w)
	}
	if n := len(mistakes); n > 0 {
		fmt.Fprintf(out, "%s\n", counted(n, "mistake"))
		return nil, toldError{errors.New("the configuration has mistakes")}
	}
	fmt.Fprintf(out, "%s is in order.\n", path)
	return cfg, nil
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
