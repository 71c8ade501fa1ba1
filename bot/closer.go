package bot

import (
	"context"
	"time"

	"shipmate/store"
)

// closer ends requests that leave nothing behind but their audit record, many in one transaction. Such an end may be late:
// if the process dies before it, the request runs again, finds what it made, and the asker reads the answer twice.
type closer struct {
	bot   *Bot
	queue chan ended
	done  chan struct{}
}

type ended struct {
	id, auditKey string
	audit        []byte
}

// How long an end waits for others, and how many go together: two operations each, and a transaction has 100.
const (
	closeWithin = 5 * time.Millisecond
	closeMost   = 45
)

func newCloser(b *Bot) *closer {
	return &closer{bot: b, queue: make(chan ended, 1024), done: make(chan struct{})}
}

// run ends what comes until stop.
func (c *closer) run() {
	defer close(c.done)
	for first := range c.queue {
		group := append(make([]ended, 0, closeMost), first)
		late := time.NewTimer(closeWithin)
		for open := true; open && len(group) < closeMost; {
			select {
			case next, ok := <-c.queue:
				if open = ok; ok {
					group = append(group, next)
				}
			case <-late.C:
				open = false
			}
		}
		late.Stop()
		c.end(group)
	}
}

func (c *closer) end(group []ended) {
	err := c.bot.insist(func(ctx context.Context) error {
		return c.bot.db.Update(ctx, func(tx store.Tx) error {
			for _, e := range group {
				if err := e.write(tx); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		c.bot.log.Error("requests were answered but could not be closed; they run again at the next start", "requests", len(group), "err", err)
	}
}

// write erases the entry, its address with it, and keeps the audit record.
func (e ended) write(tx store.Tx) error {
	if err := tx.Delete(openKey(e.id)); err != nil {
		return err
	}
	return tx.Put(e.auditKey, e.audit)
}

// stop ends what is left and returns when it is written. Nothing may come after.
func (c *closer) stop() {
	close(c.queue)
	<-c.done
}
