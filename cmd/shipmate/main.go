// Command shipmate makes Slack the front end of a developer platform. See README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := command()
	if err := root.ExecuteContext(ctx); err != nil {
		var told toldError
		if !errors.As(err, &told) {
			fmt.Fprintln(os.Stderr, "shipmate:", err)
		}
		stop()
		os.Exit(status(err))
	}
}

// status is what the program ends with: 2 for the answer no, 1 when something went wrong.
func status(err error) int {
	if errors.Is(err, errInTheWay) {
		return 2
	}
	return 1
}

// toldError is a failure whose reasons were printed already.
type toldError struct{ error }

// command is the whole command line.
func command() *cobra.Command {
	root := &cobra.Command{
		Use:           "shipmate",
		Short:         "Slack as the front end of a developer platform",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version(),
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(runCommand(), sandboxCommand(), checkCommand(), whyCommand(), auditCommand(), adrCommand(), manifestCommand(), schemaCommand())
	return root
}
