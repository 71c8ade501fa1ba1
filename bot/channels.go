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
	api     *slackAPI
	clock   clock.Clock
	looking chan struct{} // holds one: only one look-up at a time, and who waits for it may give up

	mu     sync.Mutex        // never held while Slack is asked
	names  map[string]string // ID by name, without "#"; nil when nothing is known
	read   time.Time
	forgot int // how often what was known was dropped
}

func newChannels(api *slackAPI, c clock.Clock) *channels {
	return &channels{api: api, clock: c, looking: make(chan struct{}, 1)}
}

// rereadAfter is how often a name that is not known makes us list the channels again: conversations.list is tier 2.
const rereadAfter = time.Minute

// id returns the ID of a channel given by ID or "#name", and of the direct message with a person given by their ID. A name that Slack
// does not list is an error.
func (c *channels) id(ctx context.Context, channel string) (string, error) {
	name, isName := strings.CutPrefix(channel, "#")
	switch {
	case isPersonID(channel):
		return c.api.direct(ctx, channel)
	case !isName:
		return channel, nil
	}
	if id, known := c.known(name); known {
		return id, listed(id, name)
	}
	select {
	case c.looking <- struct{}{}:
		defer func() { <-c.looking }()
	case <-ctx.Done():
		return "", c.api.fail("conversations.list", "", ctx.Err())
	}
	if id, known := c.known(name); known { // somebody looked meanwhile
		return id, listed(id, name)
	}
	names, err := c.look(ctx)
	if err != nil {
		return "", err
	}
	return names[name], listed(names[name], name)
}

// listed is an error for a name without an ID.
func listed(id, name string) error {
	if id == "" {
		return &Error{Op: "conversations.list", Code: fmt.Sprintf("no channel #%s that I can see", name)}
	}
	return nil
}

// known tells what the last look-up says of a name; an ID of "" means that Slack does not list it.
func (c *channels) known(name string) (id string, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id, known = c.names[name]; known {
		return id, true
	}
	return "", c.names != nil && c.clock.Now().Sub(c.read) <= rereadAfter
}

// look lists the channels. What is dropped while it lists is not known again: it may have been listed before it changed.
func (c *channels) look(ctx context.Context) (map[string]string, error) {
	c.mu.Lock()
	forgot := c.forgot
	c.mu.Unlock()
	names, err := c.list(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.forgot == forgot {
		c.names, c.read = names, c.clock.Now()
	}
	return names, nil
}

func (c *channels) list(ctx context.Context) (map[string]string, error) {
	names := map[string]string{}
	cursor := ""
	for range 100 { // of up to 1,000 channels each
		page, next, err := c.api.client.GetConversationsContext(ctx, &slack.GetConversationsParameters{
			ExcludeArchived: true, Limit: 1000, Cursor: cursor, Types: []string{"public_channel", "private_channel"}})
		if err := c.api.fail("conversations.list", "", err); err != nil {
			return nil, err
		}
		for _, ch := range page {
			names[ch.Name] = ch.ID
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	return names, nil
}

// forget drops what is known of names, because Slack said that something about a channel changed.
func (c *channels) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names, c.read = nil, time.Time{}
	c.forgot++
}

// ChannelID returns the ID of a channel as the configuration gives it: an ID, or "#name". An error means that Slack lists no
// such channel, or cannot be asked.
func (b *Bot) ChannelID(ctx context.Context, channel string) (string, error) {
	return b.channels.id(ctx, channel)
}
