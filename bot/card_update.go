package bot

import (
	"context"
	"errors"
	"time"
)

// updateCard sends the latest state if the card shows another. done says that the card shows it now.
func (b *Bot) updateCard(ctx context.Context, id string, c *card, v View) (next time.Time, done bool, err error) {
	now := b.clock.Now()
	hash := shown(v)
	resend := !c.Again.IsZero() && !now.Before(c.Again)
	if hash == c.Shown && !resend {
		return time.Time{}, true, nil
	}
	p := progress
	if v.Urgent {
		p = ending
	} else if at := c.Sent.Add(b.pace()); now.Before(at) {
		return at, false, nil
	}
	if d := b.budget.take("chat.update", c.Channel, p); d > 0 {
		return now.Add(d), false, nil
	}
	b.live.note(id, now)
	err = b.api.update(ctx, c.Channel, c.TS, v.Message, v.Stage)
	var api *Error
	switch {
	case err == nil:
		c.Shown, c.Sent = hash, now
		if resend {
			c.Again = time.Time{}
		}
	case errors.As(err, &api) && api.Unclear:
		// It may arrive late, after a newer state: that one is sent again, and once more when nothing can be under way.
		c.Shown, c.Again = "", now.Add(settle)
	case errors.As(err, &api) && api.Passing:
	case errors.As(err, &api):
		// Deleted by somebody, or Slack will not edit it any more: the record goes on without it.
		b.log.Warn("a card can no longer be updated", "card", id, "err", err)
		c.Shown, c.Sent, c.Again = hash, now, time.Time{}
		err = nil
	}
	if keep := b.keepCard(ctx, id, *c); keep != nil {
		return time.Time{}, false, keep
	}
	if err != nil {
		next, err = b.again(err)
		return next, false, err
	}
	return time.Time{}, true, nil
}
