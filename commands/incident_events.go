package commands

import (
	"context"
	"errors"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/incident"
)

// markEmoji is the reaction that puts a message into the timeline of its channel's incident.
const markEmoji = "pushpin"

// incidentEvents follow what people do with messages in the channels of incidents.
func incidentEvents(d Deps) []bot.Command {
	marks := func(e bot.EventInfo, _ *config.Config) bool {
		return e.Emoji == markEmoji && d.Incidents.RunsIn(e.Channel)
	}
	within := func(e bot.EventInfo, _ *config.Config) bool { return d.Incidents.RunsIn(e.Channel) }
	return []bot.Command{
		{Name: "reaction_added", Short: "Put a message marked with :pushpin: into the timeline", Who: bot.Everyone, On: bot.Event, Wants: marks,
			Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
				i, err := d.Incidents.InChannel(ctx, req.Channel)
				if err != nil {
					return bot.Reply{}, gone(err)
				}
				m, link, err := d.Message(ctx, req.Message.Channel, req.Message.TS)
				if err != nil {
					return bot.Reply{}, err
				}
				_, err = d.Incidents.Mark(ctx, changeOf(req, i), incident.Said{Channel: m.Channel, TS: m.TS, At: bot.SaidAt(m.TS), By: m.User, Text: d.Readable(ctx, m.Text), Link: link})
				return bot.Reply{}, gone(err)
			}},
		{Name: "reaction_removed", Short: "Take a message out of the timeline again", Who: bot.Everyone, On: bot.Event, Wants: marks,
			Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
				i, err := d.Incidents.InChannel(ctx, req.Channel)
				if err != nil {
					return bot.Reply{}, gone(err)
				}
				return bot.Reply{}, d.Incidents.Unmark(ctx, changeOf(req, i), req.Message.Channel, req.Message.TS)
			}},
		{Name: "message_changed", Short: "Follow changes of messages in the timeline", Who: bot.Everyone, On: bot.Event, Wants: within,
			Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
				return bot.Reply{}, d.Incidents.Edited(ctx, req.Message.Channel, req.Message.TS, d.Readable(ctx, req.Message.Text), req.Event.At)
			}},
		{Name: "message_deleted", Short: "Follow the removal of messages in the timeline", Who: bot.Everyone, On: bot.Event, Wants: within,
			Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
				return bot.Reply{}, d.Incidents.Removed(ctx, req.Message.Channel, req.Message.TS, req.Event.At)
			}},
	}
}

func changeOf(req bot.Request, i *incident.Incident) incident.ChangeWant {
	return incident.ChangeWant{Request: req.ID, At: req.At, By: req.User, Incident: i.ID}
}

// gone makes nothing of an incident that is not there any more.
func gone(err error) error {
	if errors.Is(err, incident.ErrNotFound) {
		return nil
	}
	return err
}
