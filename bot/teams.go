package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"shipmate/config"
)

// TeamsOf lists the teams of the configuration that a person is in. An error means that Slack does not tell who is in its
// user groups; the teams that are known without are returned with it.
func (b *Bot) TeamsOf(ctx context.Context, person string) ([]string, error) {
	cfg := b.settings()
	who, err := b.people.person(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("finding somebody's teams: %w", err)
	}
	var teams []string
	var failed []error
	for _, name := range cfg.TeamNames() {
		in, err := b.people.isOne(ctx, who, []config.Principal{config.Principal(name)}, cfg)
		if in {
			teams = append(teams, name)
		}
		if err != nil && !slices.ContainsFunc(failed, func(f error) bool { return f.Error() == err.Error() }) {
			failed = append(failed, err)
		}
	}
	return teams, errors.Join(failed...)
}

// ZoneOf is the time zone a person has set in Slack, UTC when that says none. An error means that Slack does not tell.
func (b *Bot) ZoneOf(ctx context.Context, person string) (*time.Location, error) {
	who, err := b.people.person(ctx, person)
	if err != nil {
		return nil, fmt.Errorf("finding somebody's time zone: %w", err)
	}
	return who.Zone, nil
}
