package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"shipmate/adr"
)

// adrCommand looks at decision records in a working copy. Nothing outside is asked.
func adrCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "adr",
		Short: "Examine decision records, and list them",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "lint [DIR]",
		Short: "List what is to be mended in a directory of decision records",
		Long: "List what is to be mended in a directory of decision records: numbers that two have, names and titles, statuses, links and\n" +
			"relations, each with what clears it. Without DIR it is the one that .adr-dir names, or that tools use.\n" +
			"It ends with status 1 when there are errors; warnings alone do not count.",
		Example: "  shipmate adr lint docs/adr",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, files, err := readRecords(args)
			if err != nil {
				return err
			}
			return tellFindings(cmd.OutOrStdout(), dir, adr.Lint(files))
		},
	}, &cobra.Command{
		Use:     "toc [DIR]",
		Short:   "Print a table of contents of a directory of decision records, in Markdown",
		Long:    "Print a table of contents of a directory of decision records, in Markdown, as `adr generate toc` does.\nWithout DIR it is the one that .adr-dir names, or that tools use.",
		Example: "  shipmate adr toc > docs/decisions.md",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, files, err := readRecords(args)
			if err != nil {
				return err
			}
			var records []adr.Record
			for name, content := range files {
				if adr.IsRecordName(name) {
					records = append(records, adr.Parse(name, content))
				}
			}
			_, err = cmd.OutOrStdout().Write(adr.TOC(records))
			return err
		},
	})
	return cmd
}

// readRecords reads the directory that is given, or the one of the working directory: its files by name, of Markdown with what they hold.
func readRecords(args []string) (dir string, files map[string][]byte, err error) {
	if len(args) > 0 {
		dir = args[0]
	} else {
		found, ok := adr.FindDir(os.DirFS("."))
		if !ok {
			return "", nil, errors.New("there is no directory of decision records here. Say which: shipmate adr lint docs/adr")
		}
		dir = filepath.FromSlash(found)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", nil, fmt.Errorf("reading decision records: %w", err)
	}
	files = map[string][]byte{}
	for _, e := range entries {
		file := filepath.Join(dir, e.Name())
		info, err := os.Stat(file)
		if err != nil {
			return "", nil, fmt.Errorf("reading decision records: %w", err)
		}
		if !info.Mode().IsRegular() {
			continue
		}
		files[e.Name()] = nil
		if strings.HasSuffix(e.Name(), ".md") {
			if files[e.Name()], err = os.ReadFile(file); err != nil {
				return "", nil, fmt.Errorf("reading decision records: %w", err)
			}
		}
	}
	return dir, files, nil
}

// tellFindings prints a line for each finding, as compilers do so that editors find the place.
func tellFindings(out io.Writer, dir string, found []adr.Finding) error {
	failed := 0
	for _, f := range found {
		mark := ""
		if f.Severity == adr.SeverityError {
			failed++
		} else {
			mark = "warning: "
		}
		fmt.Fprintf(out, "%s:%d: %s%s\n", filepath.Join(dir, f.File), f.Line, mark, f.Text)
	}
	if failed > 0 {
		fmt.Fprintln(out, counted(failed, "error"))
		return toldError{errors.New("the decision records have errors")}
	}
	if len(found) == 0 {
		fmt.Fprintf(out, "%s is in order.\n", dir)
	}
	return nil
}
