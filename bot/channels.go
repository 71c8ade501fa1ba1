package bot

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"shipmate/clock"
)

// channels finds a channel's ID by the name the configuration gives it. Slack takes names in few methods only.
type channels struct {
	api   *slackAPI
	clock clock.Clock

	mu    sync.Mutex
	names map[string]string // ID by name, without "#"
	read  time.Time
}

// rereadAfter is how often a name that is not known makes us list the channels again: conversations.list is tier 2.
const rereadAfter = time.Minute

// id returns the ID of a channel given by ID or "#name". A name that Slack does not list is an error.
func (c *channels) id(ctx context.Context, channel string) (string, error) {
	name, isName := strings.CutPrefix(channel, "#")
	if !isName {
		return channel, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if id, ok := c.names[name]; ok {
		return id, nil
	}
	if now := c.clock.Now(); c.names == nil || now.Sub(c.read) > rereadAfter {
		if err := c.list(ctx); err != nil {
			return "", err
		}
		c.read = now
	}
	if id, ok := c.names[name]; ok {
		return id, nil
	}
	return "", &Error{Op: "conversations.list", Code: fmt.Sprintf("no channel #%s that I can see", name)}
}

// ChannelID returns the ID of a channel as the configuration gives it: an ID, or "#name". An error means that Slack lists no
// such channel, or cannot be asked.
func (b *Bot) ChannelID(ctx context.Context, channel string) (string, error) {
	return b.channels.id(ctx, channel)
}

func (c *channels) list(ctx context.Context) error {
	names := map[string]string{}
	cursor := ""
	for range 100 { // of up to 1,000 channels each
		page, next, err := c.api.client.GetConversationsContext(ctx, &slack.GetConversationsParameters{
			ExcludeArchived: true, Limit: 1000, Cursor: cursor, Types: []string{"public_channel", "private_channel"}})
		if err := c.api.fail("conversations.list", "", err); err != nil {
			return err
		}
		for _, ch := range page {
			names[ch.Name] = ch.ID
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	c.names = names
	return nil
}

// forget drops what is known of names, because Slack said that something about a channel changed.
func (c *channels) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names, c.read = nil, time.Time{}
}
