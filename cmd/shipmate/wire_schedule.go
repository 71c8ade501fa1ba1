package main

import (
	"context"

	"shipmate/bot"
	"shipmate/commands"
	"shipmate/schedule"
	"shipmate/store"
)

// keepSchedules builds what happens at a time.
func (a *app) keepSchedules(p parts, links *bot.Links) error {
	people := a.peopleOnCall(links)
	var err error
	a.schedules, err = schedule.New(schedule.Config{DB: a.db, Clock: p.Clock, Current: a.live.Current, GitHub: a.github, Log: p.Log,
		Run: func(ctx context.Context, l schedule.Line) (schedule.Ran, error) {
			return commands.Ran(a.bot.RunTimed(ctx, bot.TimedLine{ID: l.ID, Planned: l.At, Person: l.Person, Channel: l.Channel, Line: l.Text, Again: l.Again}))
		},
		Try: func(ctx context.Context, person, line string) error { return a.bot.TryLine(ctx, person, line) },
		Sources: commands.DigestSources(commands.DigestParts{Delivery: a.deliveries, Incidents: a.incidents, Decisions: a.decisions, Config: a.live.Current,
			Called: func(ctx context.Context, person string) string { return a.bot.Called(ctx, person) },
			OnGitHub: func(ctx context.Context, login string) string {
				person := ""
				_ = a.db.View(ctx, func(s store.Snapshot) (err error) { // without an answer the login is shown
					person, err = people.OnGitHub(s, login)
					return err
				})
				return person
			}}),
		Place:   func(tx store.Tx, kind, id, channel string) error { return a.bot.Place(tx, kind, id, channel) },
		Changed: bot.Changed,
		People:  schedule.People{GitHub: people.GitHub, Name: func(ctx context.Context, person string) string { return a.bot.Called(ctx, person) }},
		Tell: func(tx store.Tx, n schedule.Note) error {
			return a.bot.Tell(tx, n.Person, schedule.Domain, n.ID, commands.ScheduleNote(n))
		},
		Say: func(tx store.Tx, channel string, n schedule.Note) error {
			return a.bot.Announce(tx, channel, n.ID, commands.ScheduleNote(n))
		}})
	return err
}
