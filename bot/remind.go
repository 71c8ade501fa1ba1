package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/clock"
	"shipmate/config"
	"shipmate/store"
	"shipmate/work"
)

// Reminders are collected and said together: one message a day to a person, in their working hours, and one to a channel, in those of its
// team. What one is about is rendered when it is said, so that nothing is said that is over by then.

// remindDomain is the runner's name for what people and channels are to be reminded of. A record is of one of them.
//
//	remind/box/<person or channel>  what waits to be said there (box)
const remindDomain = "remind"

const (
	// collectFor is how long a reminder waits for others that belong into the same message.
	collectFor = 10 * time.Minute
	// maxReminders is how many reminders one message has; what is beyond is counted, and said the next day.
	maxReminders = 12
)

// Reminder renders what somebody is reminded of as it is now: what kind of record it is says a table by kind, as for cards. False says that
// there is nothing to remind of any more.
type Reminder func(ctx context.Context, id string) (Message, bool, error)

// box is what one person or channel is to be reminded of.
type box struct {
	To    string     `json:"to"` // a person's Slack ID, a channel's ID or "#name"
	Items []reminder `json:"items,omitempty"`
	Last  time.Time  `json:"last,omitzero"` // when something was last said
	Said  int        `json:"said,omitempty"`
}

type reminder struct {
	Kind string    `json:"kind"`
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	// Said is what is said of something that has happened, for those who want to hear of it once a day; nil is rendered.
	Said *Message `json:"said,omitempty"`
}

func boxKey(to string) string { return store.Key(remindDomain, "box", to) }

// Remind has a person, given by their Slack ID, or a channel, given by its ID or "#name", reminded of a record of some kind, written in the
// transaction. It joins what else they are to be reminded of that day. The same record is said once until then.
func (b *Bot) Remind(tx store.Tx, to, kind, id string) error {
	if b.reminders[kind] == nil {
		return fmt.Errorf("reminding of %s %q: nothing says how that is rendered", kind, id)
	}
	return b.collect(tx, to, reminder{Kind: kind, ID: id, At: b.clock.Now()})
}

// collect has something said with what else a person or channel is to be reminded of.
func (b *Bot) collect(tx store.Tx, to string, one reminder) error {
	x, _, err := store.Load[box](tx, boxKey(to))
	if err != nil {
		return err
	}
	x.To = to
	if slices.ContainsFunc(x.Items, func(r reminder) bool {
		return r.Kind == one.Kind && r.ID == one.ID && (r.Said == nil) == (one.Said == nil)
	}) {
		return nil
	}
	x.Items = append(x.Items, one)
	if err := store.Save(tx, boxKey(to), x); err != nil {
		return err
	}
	return work.Wake(tx, remindDomain, to, b.clock.Now())
}

// stepRemind says what somebody is to be reminded of, when it is time for that.
func (b *Bot) stepRemind(ctx context.Context, to string) (time.Time, error) {
	var x box
	err := b.db.View(ctx, func(s store.Snapshot) (err error) {
		x, _, err = store.Load[box](s, boxKey(to))
		return err
	})
	if err != nil || len(x.Items) == 0 {
		return time.Time{}, err
	}
	now := b.clock.Now()
	at, err := b.remindAt(ctx, x)
	if err != nil || at.After(now) {
		return at, err
	}
	muted, err := b.mutedReminders(ctx, to)
	if err != nil {
		return time.Time{}, err
	}
	var said []Message
	taken := 0
	for _, r := range x.Items {
		if len(said) == maxReminders {
			break
		}
		taken++
		if muted[r.Kind] {
			continue
		}
		if r.Said != nil {
			said = append(said, *r.Said)
			continue
		}
		m, wanted, err := b.reminders[r.Kind](ctx, r.ID)
		if err != nil {
			return time.Time{}, fmt.Errorf("rendering a reminder of %s %q: %w", r.Kind, r.ID, err)
		}
		if wanted {
			said = append(said, m)
		}
	}
	left := false
	err = work.Update(ctx, b.db, func(tx store.Tx) error {
		x, _, err := store.Load[box](tx, boxKey(to))
		if err != nil {
			return err
		}
		x.Items = x.Items[min(taken, len(x.Items)):] // only this step takes any out
		if left = len(x.Items) > 0; len(said) == 0 {
			return store.Save(tx, boxKey(to), x)
		}
		x.Last, x.Said = now, x.Said+1
		if err := store.Save(tx, boxKey(to), x); err != nil {
			return err
		}
		s := saying{ID: fmt.Sprintf("remind-%s-%d", to, x.Said), At: now, Way: toPerson, User: to, Message: together(said, len(x.Items))}
		if !isPersonID(to) {
			s.Way, s.User, s.Channel = toChannel, "", to
		}
		return b.enqueue(tx, s)
	})
	if err != nil || !left {
		return time.Time{}, err
	}
	return now, nil
}

// isPersonID tells a person's ID from a channel.
func isPersonID(to string) bool { return strings.HasPrefix(to, "U") || strings.HasPrefix(to, "W") }

// remindAt is when a box is said: once a day, in working hours, a moment after the first of it came, so that others can join.
func (b *Bot) remindAt(ctx context.Context, x box) (time.Time, error) {
	hours, err := b.hoursOf(ctx, x.To)
	if err != nil {
		return time.Time{}, err
	}
	at := x.Items[0].At.Add(collectFor)
	if !x.Last.IsZero() {
		last := x.Last.In(hours.Zone)
		tomorrow := time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, hours.Zone)
		if at.Before(tomorrow) {
			at = hours.Next(tomorrow).Add(collectFor)
		}
	}
	return hours.Next(at), nil
}

// hoursOf are the working hours of a person, where they live, or of the team whose channel it is.
func (b *Bot) hoursOf(ctx context.Context, to string) (clock.Hours, error) {
	cfg := b.settings()
	if !isPersonID(to) {
		for _, name := range cfg.TeamNames() {
			team := cfg.Teams[name]
			if id, err := b.channels.id(ctx, team.Channel); team.Channel != "" && (team.Channel == to || err == nil && id == to) {
				return team.WorkingHours(), nil
			}
		}
		return (&config.Team{}).WorkingHours(), nil
	}
	hours := (&config.Team{}).WorkingHours()
	if teams, err := b.TeamsOf(ctx, to); err == nil && len(teams) > 0 {
		hours = cfg.Teams[teams[0]].WorkingHours()
	}
	zone, err := b.ZoneOf(ctx, to)
	if err != nil {
		return hours, err
	}
	hours.Zone = zone
	return hours, nil
}

// together is one message of several, each with its own buttons; more is how many are said another day.
func together(all []Message, more int) Message {
	if len(all) == 1 && more == 0 {
		return all[0]
	}
	m := Message{Text: Textf("📋 %d things wait for you", len(all)+more)}
	for i, one := range all {
		if i > 0 {
			m.Parts = append(m.Parts, Divider())
		}
		m.Parts = append(m.Parts, Section(one.Text))
		m.Parts = append(m.Parts, one.Parts...)
		if len(one.Buttons) > 0 {
			m.Parts = append(m.Parts, Offer(one.Buttons...))
		}
	}
	if more > 0 {
		m.Parts = append(m.Parts, Small(Textf("and %d more, tomorrow", more)))
	}
	return m
}
