package main

import (
	"context"

	"shipmate/adr"
	"shipmate/bot"
	"shipmate/commands"
	"shipmate/config"
	"shipmate/store"
)

// keepDecisions builds what proposes decisions and knows the records.
func (a *app) keepDecisions(p parts, links *bot.Links) error {
	people := a.peopleOnCall(links)
	var err error
	a.decisions, err = adr.New(adr.Config{DB: a.db, GitHub: a.github, Clock: p.Clock, Current: a.live.Current,
		People: adr.People{Name: people.Name, Zone: people.Zone, GitHub: people.GitHub, OnGitHub: people.OnGitHub,
			May: func(ctx context.Context, person string, of []config.Principal) (bool, error) {
				return a.bot.IsOne(ctx, person, of)
			}},
		Tell: func(tx store.Tx, n adr.Note) error {
			if kind, id, ok := commands.DecisionReminder(n); ok {
				return a.bot.Remind(tx, n.Person, kind, id)
			}
			return a.bot.Tell(tx, n.Person, adr.Proposals, n.ID, commands.DecisionNote(n))
		},
		Say: func(tx store.Tx, channel, id string, n adr.Note) error {
			return a.bot.Announce(tx, channel, id, commands.DecisionNews(n))
		}})
	return err
}
