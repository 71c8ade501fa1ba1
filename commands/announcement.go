package commands

import (
	"context"
	"errors"
	"strings"

	"shipmate/bot"
	"shipmate/delivery"
)

// announcementKind is the kind of a deployment's message in a channel beside the one it was asked for in. Its record's ID is the
// deployment's with the channel after a slash.
const announcementKind = "announcement"

// Announcement names a deployment's message in a channel beside its card, for bot.PlaceBeside: its kind and ID, and the card it
// stands beside.
func Announcement(deployment, channel string) (kind, id, beside string) {
	return announcementKind, deployment + "/" + channel, deploymentKind + "/" + deployment
}

func announcementCard(d Deps) bot.Card {
	return func(ctx context.Context, id string) (bot.View, error) {
		deployment, _, _ := strings.Cut(id, "/")
		record, err := d.Delivery.Deployment(ctx, deployment)
		if errors.Is(err, delivery.ErrNotFound) {
			return bot.View{}, bot.ErrNoCard
		}
		if err != nil {
			return bot.View{}, err
		}
		return announced(record), nil
	}
}

// announced is a deployment in short: what became of it, what it is and who asked for it. What can be done is on its card.
func announced(d *delivery.Deployment) bot.View {
	v := bot.View{Message: bot.Message{Text: headline(d)}, Status: status(d), Urgent: d.State.Ended()}
	if t := subjectLine(d.Commit); t != "" {
		v.Parts = append(v.Parts, bot.Section(t))
	}
	if d.State == delivery.Waiting && d.Approval != nil && len(d.Approval.Ask) > 0 {
		v.Parts = append(v.Parts, bot.Section(bot.Textf("%s: please look at it, and approve or reject it: %s", calls(d.Approval.Ask),
			bot.Code("/deploy approve "+d.ID))))
	}
	v.Parts = append(v.Parts, bot.Small(asked(d)))
	if links := linkLine(d); links != "" {
		v.Parts = append(v.Parts, bot.Small(links))
	}
	return v
}
