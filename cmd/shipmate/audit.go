package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"shipmate/config"
	"shipmate/delivery"
	"shipmate/store"
)

// auditFlags are what people say on the command line.
type auditFlags struct {
	config, service, environment, person, since, until string
	csv, json                                          bool
}

func auditCommand() *cobra.Command {
	var f auditFlags
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "List deployments: who, what, why, which gates and approvals, and how they ended",
		Long: "List deployments, newest first, as JSON lines or CSV: who asked for what and why, what it waited for and when, who approved, " +
			"and how it ended. See docs/audit.md for the fields.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return audit(cmd.Context(), f, cmd.OutOrStdout()) },
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.config, "config", "c", "shipmate.yaml", "the configuration file")
	flags.StringVar(&f.service, "service", "", "only of this service, by its name or an alias")
	flags.StringVar(&f.environment, "environment", "", "only to this environment, by its name or an alias")
	flags.StringVar(&f.person, "person", "", "only those in which this person had a part; a Slack ID such as U0123ABCD")
	flags.StringVar(&f.since, "since", "", "only those asked for since then: a date such as 2026-11-01 (UTC), or RFC 3339")
	flags.StringVar(&f.until, "until", "", "only those asked for until then; a date is meant with its whole day")
	flags.BoolVar(&f.csv, "csv", false, "as CSV, with a line of names")
	flags.BoolVar(&f.json, "json", false, "as JSON lines, which is the default")
	cmd.MarkFlagsMutuallyExclusive("csv", "json")
	return cmd
}

// auditPatience is how long a store is waited for that is in use. A bot keeps it for as long as it runs.
const auditPatience = 500 * time.Millisecond

func audit(ctx context.Context, f auditFlags, out io.Writer) error {
	cfg, mistakes, _ := config.Load(f.config, configOptions())
	if len(mistakes) > 0 {
		return fmt.Errorf("%s (shipmate check %s lists all mistakes)", mistakes[0], f.config)
	}
	want, err := f.want(cfg)
	if err != nil {
		return err
	}
	path := beside(f.config, cfg.Store.Path)
	db, err := store.OpenReadOnly(ctx, store.Options{Path: path, Timeout: auditPatience})
	if errors.Is(err, store.ErrInUse) {
		return askAudit(ctx, path, auditQuestion{Want: want, CSV: f.csv}, out)
	}
	if err != nil {
		return err
	}
	list, err := os.CreateTemp("", "shipmate-audit-")
	if err != nil {
		return errors.Join(fmt.Errorf("keeping the list: %w", err), db.Close())
	}
	defer os.Remove(list.Name())
	defer list.Close()
	// While the store is open no bot can start, and whoever reads the list may take their time.
	if err := errors.Join(writeAudit(ctx, list, db, want, f.csv), db.Close()); err != nil {
		return err
	}
	if _, err := list.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("keeping the list: %w", err)
	}
	_, err = io.Copy(out, list)
	return err
}

var slackID = regexp.MustCompile(`^[UW][A-Z0-9]{2,}$`)

// want reads the flags. A service or environment that the configuration does not know any more is taken as it is written.
func (f auditFlags) want(cfg *config.Config) (w delivery.AuditWant, err error) {
	w = delivery.AuditWant{Service: f.service, Environment: f.environment, Person: f.person}
	if service, ok := cfg.Service(f.service); ok {
		w.Service = service.Name
	}
	if environment, ok := cfg.Environment(f.environment); ok {
		w.Environment = environment.Name
	}
	if f.person != "" && !slackID.MatchString(f.person) {
		return w, fmt.Errorf("--person %q is not a Slack ID such as U0123ABCD, which a person's profile in Slack shows", f.person)
	}
	if w.Since, err = readTime("--since", f.since, 0); err != nil {
		return w, err
	}
	w.Until, err = readTime("--until", f.until, 1)
	return w, err
}

// readTime reads a time, or a date with days added to it.
func readTime(flag, text string, days int) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at.AddDate(0, 0, days), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%s %q is neither a date such as 2026-11-01 nor a time such as 2026-11-01T09:00:00Z", flag, text)
	}
	return at, nil
}
