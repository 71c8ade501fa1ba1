package bot

import (
	"cmp"
	"context"
	"time"
)

// How long it is believed how people want to be called, and how soon everybody is listed anew for somebody who is not known.
const (
	calledFor = time.Hour
	listAgain = 10 * time.Minute
)

// Called is how a person wants to be called, for lists that name many without calling them: "" when Slack does not tell. It lists everybody
// once in a while instead of asking for each, so that many lists at once cost a few calls.
func (b *Bot) Called(ctx context.Context, person string) string {
	p := b.people
	name, age := p.calledBefore(person)
	if name != "" && age < calledFor {
		return name
	}
	if age >= listAgain {
		p.listing.Lock()
		if _, age = p.calledBefore(person); age >= listAgain {
			if _, err := p.list(ctx); err != nil {
				b.log.Warn("everybody could not be listed, so somebody is not named", "err", err)
			}
		}
		p.listing.Unlock()
		if name, age = p.calledBefore(person); name != "" && age < calledFor {
			return name
		}
	}
	who, err := p.person(ctx, person)
	if err != nil {
		return name
	}
	return cmp.Or(who.Display, who.Name)
}

// calledBefore is what was known of somebody when everybody was last listed, and how long ago that was.
func (p *people) calledBefore(person string) (name string, age time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.called.v[person], p.clock.Now().Sub(p.called.at)
}
