package commands

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"shipmate/bot"
	"shipmate/incident"
)

// noIncident says that it is not clear which incident is meant.
type noIncident struct{ number string }

func (e *noIncident) Error() string { return "no incident is meant" }

// UserMessage is the sentence for people.
func (e *noIncident) UserMessage() string {
	if e.number != "" {
		return "There is no incident #" + e.number + ". /incident list shows them."
	}
	return "Which incident? Say it in its channel, or with its number: #12. /incident list shows them."
}

// whichIncident is the one that the line names, or that runs in this channel.
func whichIncident(ctx context.Context, d Deps, req bot.Request) (*incident.Incident, error) {
	var i *incident.Incident
	var err error
	number := req.Arg("incident")
	if number != "" {
		n, _ := strconv.Atoi(number) // its kind has seen to it that it is a number
		i, err = d.Incidents.Numbered(ctx, n)
	} else {
		i, err = d.Incidents.InChannel(ctx, req.Channel)
	}
	if errors.Is(err, incident.ErrNotFound) && number == "" {
		i, err = declaredHere(ctx, d, req.Channel)
	}
	switch {
	case errors.Is(err, incident.ErrNotFound):
		return nil, &noIncident{number}
	case err != nil:
		return nil, err
	case !concerns(i, req):
		return nil, restricted(i)
	}
	return i, nil
}

func restricted(i *incident.Incident) error {
	return bot.Refuse("incident.private", "%s is a restricted incident: only its people can do something with it.", bot.Bold(i.Name()))
}

// declaredHere is the one open incident without a channel of its own that was declared in a channel.
func declaredHere(ctx context.Context, d Deps, channel string) (*incident.Incident, error) {
	open, _, err := d.Incidents.List(ctx, 0)
	if err != nil {
		return nil, err
	}
	here := slices.DeleteFunc(open, func(i *incident.Incident) bool { return i.Where() != channel || channel == "" })
	if len(here) != 1 {
		return nil, incident.ErrNotFound
	}
	return here[0], nil
}

// concerns tells whether who asks may see an incident: everybody may see one that is not private; a private one those in its channel,
// and those who have something to do with it.
func concerns(i *incident.Incident, req bot.Request) bool {
	return !i.Private || i.Room.ID != "" && req.Channel == i.Room.ID || slices.Contains(i.People(), req.User)
}
