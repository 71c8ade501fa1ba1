package commands

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"shipmate/bot"
	"shipmate/incident"
)

// discreet has the audit log keep what is asked of a restricted incident without what people wrote: whoever reads the log need not be
// one of those who may know.
func discreet(d Deps, all []bot.Command) {
	for n := range all {
		if first, _, _ := strings.Cut(all[n].Name, " "); first == "incident" || first == "postmortem" {
			all[n].Discreet = func(ctx context.Context, req bot.Request) bool { return ofRestricted(ctx, d, req) }
		}
	}
}

// ofRestricted tells whether a line is written where a restricted incident runs, or names one. It is asked before the line is
// understood, and of one that is not; where it cannot be found out the line is taken for one.
func ofRestricted(ctx context.Context, d Deps, req bot.Request) bool {
	i, err := d.Incidents.InChannel(ctx, req.Channel)
	if errors.Is(err, incident.ErrNotFound) {
		i, err = declaredHere(ctx, d, req.Channel)
	}
	if errors.Is(err, incident.ErrNotFound) {
		i, err = namedIn(ctx, d, req.Line)
	}
	if errors.Is(err, incident.ErrNotFound) {
		return roomlessNear(ctx, d, req)
	}
	return err != nil || i.Private
}

// roomlessNear tells whether a line that says no incident may mean a restricted one that has no channel: who writes it is one of its
// people, or writes where it was declared.
func roomlessNear(ctx context.Context, d Deps, req bot.Request) bool {
	open, _, err := d.Incidents.List(ctx, 0)
	return err != nil || slices.ContainsFunc(open, func(i *incident.Incident) bool {
		return i.Private && i.Room.ID == "" && (i.Channel == req.Channel || slices.Contains(i.People(), req.User))
	})
}

// beforeNumber is how many words may come before the number of an incident: "please incident note #12".
const beforeNumber = 3

// namedIn is the incident that a line names by its number.
func namedIn(ctx context.Context, d Deps, line string) (*incident.Incident, error) {
	words := strings.Fields(line)
	for _, word := range words[:min(len(words), beforeNumber+1)] {
		number, is := strings.CutPrefix(word, "#")
		if !is {
			continue
		}
		if number, err := parseIncident(number); err == nil {
			n, _ := strconv.Atoi(number)
			return d.Incidents.Numbered(ctx, n)
		}
	}
	return nil, incident.ErrNotFound
}
