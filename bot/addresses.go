package bot

import (
	"cmp"
	"context"
	"errors"
	"strings"
)

// EmailOf is the e-mail address of somebody, a Slack ID, in lower case; "" when they show none.
func (b *Bot) EmailOf(ctx context.Context, person string) (string, error) {
	who, err := b.people.person(ctx, person)
	return who.Email, err
}

// WithEmail is who has that e-mail address, a Slack ID; "" when nobody has. It is answered from what is known of people where that
// is fresh.
func (b *Bot) WithEmail(ctx context.Context, address string) (string, error) {
	address = strings.ToLower(address)
	if id := b.people.knownAddress(address); id != "" {
		return id, nil
	}
	id, err := b.people.byEmail(ctx, address)
	var none *nobody
	if errors.As(err, &none) {
		return "", nil
	}
	return id, err
}

// knownAddress is who has an address, as far as is known without asking Slack.
func (p *people) knownAddress(address string) string {
	now := p.clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, known := range p.persons {
		if known.v.Email == address && now.Sub(known.at) < maxAge && !known.v.Bot {
			return id
		}
	}
	return ""
}

// NameOf is what somebody wants to be called, for those who read it outside Slack; "" when Slack knows nobody by that ID, which asking
// again does not change.
func (b *Bot) NameOf(ctx context.Context, person string) (string, error) {
	who, err := b.people.person(ctx, person)
	if isCode(err, "user_not_found") {
		return "", nil
	}
	return cmp.Or(who.Display, who.Name), err
}
