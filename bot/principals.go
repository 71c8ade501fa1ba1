package bot

import (
	"context"
	"slices"
	"strings"

	"shipmate/config"
)

// userGroup is a user group of the workspace.
type userGroup struct {
	id    string
	users []string // Slack IDs
}

// IsOne tells whether the person with that Slack ID is one of the principals of the configuration in force. Bots, deactivated
// accounts and, unless configured, guests are nobody. An error means that nobody knows, which is a no.
func (b *Bot) IsOne(ctx context.Context, person string, principals []config.Principal) (bool, error) {
	who, err := b.people.person(ctx, person)
	if err != nil {
		return false, err
	}
	cfg := b.settings()
	if who.Bot || who.Inactive || who.Guest && !cfg.Slack.Guests {
		return false, nil
	}
	return b.people.isOne(ctx, who, principals, cfg)
}

// Mentions gives the Slack IDs to mention when principals are asked for something: of user groups and of people, each once. What
// Slack does not know is left out.
func (b *Bot) Mentions(ctx context.Context, principals []config.Principal) ([]string, error) {
	groups, err := b.people.userGroups(ctx)
	if err != nil {
		return nil, err
	}
	cfg := b.settings()
	var ids []string
	add := func(id string) {
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	person := func(p config.Principal) {
		if p.Kind() == config.UserPrincipal {
			add(p.Value())
			return
		}
		if id, err := b.people.byEmail(ctx, p.Value()); err == nil {
			add(id)
		}
	}
	for _, p := range principals {
		switch p.Kind() {
		case config.GroupPrincipal:
			add(groups[strings.ToLower(p.Value())].id)
		case config.TeamPrincipal:
			if t, ok := cfg.Team(p.Value()); ok {
				add(groups[strings.ToLower(strings.TrimPrefix(t.SlackGroup, "@"))].id)
				for _, m := range t.Members {
					person(m)
				}
			}
		default:
			person(p)
		}
	}
	return ids, nil
}

// Call mentions a person or a user group by its Slack ID.
func Call(id string) Text {
	if strings.HasPrefix(id, "S") && isID(id) {
		return Text("<!subteam^" + id + ">")
	}
	return User(id)
}
