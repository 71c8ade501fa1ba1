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
type noIncident struct {
	number string // that was said; empty when none was
	open   []*incident.Incident
}

func (e *noIncident) Error() string { return "no incident is meant" }

// refusal asks which one. With a command it offers it for those that are open.
func (e *noIncident) refusal(command string) *bot.Refusal {
	list := bot.Code("/incident list")
	switch {
	case e.number != "":
		return bot.Refuse("incident.unknown", "There is no incident #%s. %s shows them.", e.number, list)
	case len(e.open) == 0:
		return bot.Refuse("incident.which", "Which incident? None is open; %s shows those that are over. Say it in its channel, or with its number.", list)
	}
	r := bot.Refuse("incident.which", "Which incident? Say it in its channel, or with its number. %s shows them.", list)
	var lines []bot.Text
	for _, i := range e.open[:min(len(e.open), maxOffered)] {
		lines = append(lines, bot.Textf("#%d %s", i.Number, incidentHeadline(i)))
		if command != "" {
			r.Buttons = append(r.Buttons, bot.Button{Label: i.Name(), Line: command + " #" + itoa(i.Number)})
		}
	}
	r.Parts = []bot.Part{bot.Section(bot.Join("\n", lines...))}
	return r
}

// refusing has a form refused at once when it is not clear what it is about, or that is for others.
func refusing(form func(bot.FormRequest) bot.Form, which func(bot.FormRequest) error) func(bot.FormRequest) bot.Form {
	if form == nil {
		return nil
	}
	return func(r bot.FormRequest) bot.Form {
		f := form(r)
		f.Refuse = which(r)
		return f
	}
}

// incidentOfForm is the incident that a form is about.
func incidentOfForm(d Deps, r bot.FormRequest) (*incident.Incident, error) {
	return whichIncident(context.Background(), d, requestOf(r))
}

// requestOf is what a form was asked for with, as far as which incident is meant depends on it.
func requestOf(r bot.FormRequest) bot.Request {
	return bot.Request{Args: r.Args, Channel: r.Channel, User: r.User, Config: r.Config}
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
		return nil, openFor(ctx, d, req, number)
	case err != nil:
		return nil, err
	case !concerns(i, req):
		return nil, restricted(i)
	}
	return i, nil
}

// openFor names the open incidents to choose from for somebody who said none.
func openFor(ctx context.Context, d Deps, req bot.Request, number string) error {
	none := &noIncident{number: number}
	if number != "" {
		return none
	}
	open, _, err := d.Incidents.List(ctx, 0)
	if err != nil {
		return err
	}
	none.open = slices.DeleteFunc(open, func(i *incident.Incident) bool { return !concerns(i, req) })
	return none
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
