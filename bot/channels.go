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

// channels finds a channel's ID by the name the configuration gives it, which Slack takes in few methods only, and knows which are public.
type channels struct {
	api     *slackAPI
	clock   clock.Clock
	looking chan struct{} // holds one: only one look-up at a time, and who waits for it may give up

	mu     sync.Mutex // never held while Slack is asked
	last   *listing   // nil when nothing is known
	forgot int        // how often what was known was dropped
}

// listing is what Slack lists at a time. It is not changed any more.
type listing struct {
	ids    map[string]string // by name, without "#"
	public map[string]bool   // by ID; false of those that are private
	at     time.Time
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
	l, err := c.look(ctx, func(l *listing) bool { return l.ids[name] != "" })
	switch {
	case err != nil:
		return "", err
	case l.ids[name] == "":
		return "", &Error{Op: "conversations.list", Code: fmt.Sprintf("no channel #%s that I can see", name)}
	}
	return l.ids[name], nil
}

// publicFor is how long it is believed that a channel is public: it may be made private, of which no notice need come.
const publicFor = 10 * time.Minute

// isPublic tells whether everybody in the workspace may read a channel, given by ID. One that Slack does not list is not, such as a direct
// message.
func (c *channels) isPublic(ctx context.Context, id string) (bool, error) {
	if strings.HasPrefix(id, "D") {
		return false, nil
	}
	now := c.clock.Now()
	l, err := c.look(ctx, func(l *listing) bool { _, there := l.public[id]; return there && now.Sub(l.at) < publicFor })
	return err == nil && l.public[id], err
}

// look gives what Slack lists: what it said last, if that is enough or new, else what it says now.
func (c *channels) look(ctx context.Context, enough func(*listing) bool) (*listing, error) {
	if l := c.known(enough); l != nil {
		return l, nil
	}
	select {
	case c.looking <- struct{}{}:
		defer func() { <-c.looking }()
	case <-ctx.Done():
		return nil, c.api.fail("conversations.list", "", ctx.Err())
	}
	if l := c.known(enough); l != nil { // somebody looked meanwhile
		return l, nil
	}
	c.mu.Lock()
	forgot := c.forgot
	c.mu.Unlock()
	l, err := c.list(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.forgot == forgot { // what is dropped meanwhile is not known again: it may have been listed before it changed
		l.at = c.clock.Now()
		c.last = l
	}
	return l, nil
}

// known is the last listing if it is enough, or so new that Slack would say the same.
func (c *channels) known(enough func(*listing) bool) *listing {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil || !enough(c.last) && c.clock.Now().Sub(c.last.at) > rereadAfter {
		return nil
	}
	return c.last
}

func (c *channels) list(ctx context.Context) (*listing, error) {
	l := &listing{ids: map[string]string{}, public: map[string]bool{}}
	cursor := ""
	for range 100 { // of up to 1,000 channels each
		page, next, err := c.api.client.GetConversationsContext(ctx, &slack.GetConversationsParameters{
			ExcludeArchived: true, Limit: 1000, Cursor: cursor, Types: []string{"public_channel", "private_channel"}})
		if err := c.api.fail("conversations.list", "", err); err != nil {
			return nil, err
		}
		for _, ch := range page {
			l.ids[ch.Name], l.public[ch.ID] = ch.ID, !ch.IsPrivate
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	return l, nil
}

// forget drops what is known of channels, because Slack said that something about one changed.
func (c *channels) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = nil
	c.forgot++
}

// ChannelID returns the ID of a channel as the configuration gives it: an ID, or "#name". An error means that Slack lists no
// such channel, or cannot be asked.
func (b *Bot) ChannelID(ctx context.Context, channel string) (string, error) {
	return b.channels.id(ctx, channel)
}

// IsPublic tells whether everybody in the workspace may read a channel, given by ID. An error means that Slack cannot be asked, which is
// a no.
func (b *Bot) IsPublic(ctx context.Context, channel string) (bool, error) {
	return b.channels.isPublic(ctx, channel)
}
