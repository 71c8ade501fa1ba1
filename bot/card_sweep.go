package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"shipmate/store"
)

// sweepMost is how many old cards one sweep takes, so that it holds little in memory; the next takes what is left.
const sweepMost = 10_000

// sweepCards forgets the cards that show nothing new since then and whose record is gone. The messages stay.
func (b *Bot) sweepCards(ctx context.Context, before time.Time) error {
	var old []string
	prefix := store.Key(cardDomain, "at") + "/"
	err := b.db.View(ctx, func(s store.Snapshot) error {
		old = nil
		for key, data := range s.Scan(prefix, "") {
			var c card
			parts, err := store.Parts(key)
			if err != nil || decode(data, &c) != nil {
				continue // what cannot be read is left alone
			}
			if !c.Sent.IsZero() && c.Sent.Before(before) {
				old = append(old, parts[len(parts)-1])
			}
			if len(old) == sweepMost {
				break
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("looking for old cards: %w", err)
	}
	for _, id := range old {
		kind, record, _ := strings.Cut(id, "/")
		render, ok := b.cards[kind]
		if !ok {
			continue
		}
		if _, gone := render(ctx, record); errors.Is(gone, ErrNoCard) {
			err = errors.Join(err, b.forgetCard(ctx, id))
		}
	}
	return err
}

func (b *Bot) forgetCard(ctx context.Context, id string) error {
	return b.db.Update(ctx, func(tx store.Tx) error {
		c, found, err := store.Load[card](tx, cardKey(id))
		if err != nil || !found {
			return err
		}
		if err := tx.Delete(messageKey(c.Channel, c.TS)); err != nil {
			return err
		}
		if err := unclaim(tx, id, c); err != nil {
			return err
		}
		return tx.Delete(cardKey(id))
	})
}
