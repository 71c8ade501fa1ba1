package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"shipmate/config"
)

// homeLife is how long a home tab may be late. It is published again whenever it is opened, so one that could not be sent
// in this time is of no use to anybody.
const homeLife = time.Minute

// homeOf is the answer to somebody who opened the home tab: what the tab shows from then on.
func homeOf(e entry, r Reply) saying {
	return saying{ID: "home-" + e.ID, At: e.At, Way: toHome, User: e.User, Until: e.At.Add(homeLife), Message: r.Message}
}

// publish makes the message a person's home tab. What fits a message fits a home tab, which takes twice the blocks (Slack:
// Surfaces, App Home).
func (a *slackAPI) publish(ctx context.Context, user string, m Message) error {
	_, err := a.client.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user,
		View: slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: homeBlocks(m)}}})
	return a.fail("views.publish", "", err)
}

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
