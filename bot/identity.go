package bot

import (
	"context"
	"sync"

	"github.com/slack-go/slack"
)

// identity is which workspace and which app the tokens belong to, as auth.test says.
type identity struct {
	team, enterprise, user, bot string
}

// self is the identity once Slack told it. Envelopes are journaled before that; only running waits for it.
type self struct {
	mu    sync.Mutex
	id    identity
	known chan struct{}
	never chan struct{} // closed when nobody asks Slack any more
}

func newSelf() *self { return &self{known: make(chan struct{}), never: make(chan struct{})} }

func (s *self) set(id identity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.id = id
	select {
	case <-s.known:
	default:
		close(s.known)
	}
}

func (s *self) wait(ctx context.Context) (identity, error) {
	select {
	case <-s.known:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.id, nil
	case <-s.never:
	case <-ctx.Done():
	}
	return identity{}, errNoIdentity
}

func identityOf(r *slack.AuthTestResponse) identity {
	return identity{team: r.TeamID, enterprise: r.EnterpriseID, user: r.UserID, bot: r.BotID}
}

// whoAmI is the identity, asked of Slack when it is not known yet: for what cannot wait until Run has found it out.
func (b *Bot) whoAmI(ctx context.Context) (identity, error) {
	select {
	case <-b.self.known:
		return b.self.wait(ctx)
	default:
	}
	r, err := b.api.client.AuthTestContext(ctx)
	if err := b.api.fail("auth.test", "", err); err != nil {
		return identity{}, err
	}
	return identityOf(r), nil
}

// botUser is the bot's own user ID, or "" while it is not known.
func (s *self) botUser() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id.user
}
