package bot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"shipmate/store"
)

// What people want to hear is kept under notify/<person>. What is not named there is wanted, unless its topic says otherwise.

// Topic is something that people can choose whether they hear of it.
type Topic struct {
	Name  string // as Tell and Remind name it
	Words string // as people read it: "post-mortems that are due"
	// Wished says that only who asked for it hears of it.
	Wished bool
	// AtOnce says that people hear of it when it happens, unless they wish to hear of it with what they are reminded of.
	AtOnce bool
}

// Wants is what a person chose.
type Wants struct {
	// Off are the topics they do not want to hear of, On those that they asked for.
	Off []string `json:"off,omitempty"`
	On  []string `json:"on,omitempty"`
	// Daily are the topics that they want to hear of once a day.
	Daily   []string  `json:"daily,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Request string    `json:"request,omitempty"`
}

// Hears tells whether somebody who chose so is told of a topic.
func (w Wants) Hears(t Topic) bool {
	if t.Wished {
		return slices.Contains(w.On, t.Name)
	}
	return !slices.Contains(w.Off, t.Name)
}

// OnceADay tells whether somebody who chose so hears of a topic in the message of the day that reminds them.
func (w Wants) OnceADay(t Topic) bool { return !t.AtOnce || slices.Contains(w.Daily, t.Name) }

func wantsKey(person string) string { return store.Key("notify", person) }

// WantsOf is what a person chose to hear of.
func (b *Bot) WantsOf(ctx context.Context, person string) (w Wants, err error) {
	err = b.db.View(ctx, func(s store.Snapshot) error {
		w, _, err = store.Load[Wants](s, wantsKey(person))
		return err
	})
	if err != nil {
		return Wants{}, fmt.Errorf("reading what somebody wants to hear: %w", err)
	}
	return w, nil
}

// SetWants keeps what a person chose to hear of. The same request chooses once.
func (b *Bot) SetWants(ctx context.Context, person string, w Wants) error {
	err := b.db.Update(ctx, func(tx store.Tx) error {
		was, _, err := store.Load[Wants](tx, wantsKey(person))
		if err != nil || was.Request == w.Request {
			return err
		}
		return store.Save(tx, wantsKey(person), w)
	})
	if err != nil {
		return fmt.Errorf("keeping what somebody wants to hear: %w", err)
	}
	return nil
}

// hears tells whether a person is told of a topic, and whether that waits for what they are reminded of that day. What no table names is
// always told, and at once.
func (b *Bot) hears(g store.Getter, person, topic string) (hears, daily bool, err error) {
	i := slices.IndexFunc(b.topics, func(t Topic) bool { return t.Name == topic })
	if i < 0 {
		return true, false, nil
	}
	w, _, err := store.Load[Wants](g, wantsKey(person))
	return w.Hears(b.topics[i]), slices.Contains(w.Daily, topic), err
}

// mutedReminders are the kinds that a person does not want to be reminded of. A channel wants all.
func (b *Bot) mutedReminders(ctx context.Context, to string) (map[string]bool, error) {
	out := map[string]bool{}
	if !isPersonID(to) {
		return out, nil
	}
	w, err := b.WantsOf(ctx, to)
	if err != nil {
		return nil, err
	}
	for _, t := range b.topics {
		out[t.Name] = !w.Hears(t)
	}
	return out, nil
}
