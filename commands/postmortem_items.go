package commands

import (
	"context"
	"errors"
	"time"

	"shipmate/bot"
	"shipmate/incident"
)

func postmortemItems(d Deps) bot.Command {
	return bot.Command{
		Name:     "postmortem items",
		Args:     "[<service>]",
		Short:    "List the action items of post-mortems that are not done",
		Long:     "An action item is done when its issue is closed.",
		Examples: []string{"postmortem items", "postmortem items checkout"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			items, err := d.Incidents.OpenItems(ctx, req.Arg("service"))
			if err != nil {
				return bot.Reply{}, err
			}
			known, err := knownItems(ctx, d, req, items)
			if err != nil {
				return bot.Reply{}, err
			}
			return bot.Reply{Message: itemsMessage(known, len(items)-len(known), req.At)}, nil
		},
	}
}

// knownItems are those that who asks may know of.
func knownItems(ctx context.Context, d Deps, req bot.Request, items []*incident.Item) ([]*incident.Item, error) {
	var out []*incident.Item
	for _, it := range items {
		if it.Private {
			i, err := d.Incidents.Record(ctx, it.Postmortem)
			if errors.Is(err, incident.ErrNotFound) || err == nil && !concerns(i, req) {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		out = append(out, it)
	}
	return out, nil
}

func itemsMessage(items []*incident.Item, hidden int, now time.Time) bot.Message {
	late := 0
	var lines []bot.Text
	for _, it := range items {
		t := bot.Textf("%s · INC-%d, %s old", itemLine(it), it.Number, count(int(now.Sub(it.Created).Hours())/24, "day"))
		if it.Late(now) {
			late++
			t = bot.Textf("⏰ %s", t)
		}
		lines = append(lines, t)
	}
	m := text("◻️ %s open, %d late.", count(len(items), "action item"), late)
	if len(items) == 0 {
		m = text("✅ No action item is open.")
	}
	m.Parts = lined("", lines)
	if hidden > 0 {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("%s of restricted incidents", count(hidden, "other"))))
	}
	return m
}
