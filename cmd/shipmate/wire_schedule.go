package main

import (
	"context"

	"shipmate/bot"
	"shipmate/commands"
	"shipmate/schedule"
	"shipmate/store"
)

// keepSchedules builds what happens at a time.
func (a *app) keepSchedules(p parts) error {
	var err error
	a.schedules, err = schedule.New(schedule.Config{DB: a.db, Clock: p.Clock, Current: a.live.Current,
		Run: func(ctx context.Context, l schedule.Line) (schedule.Ran, error) {
			return commands.Ran(a.bot.RunTimed(ctx, bot.TimedLine{ID: l.ID, At: l.At, Person: l.Person, Channel: l.Channel, Line: l.Text, Again: l.Again}))
		},
		Try: func(ctx context.Context, person, line string) error { return a.bot.TryLine(ctx, person, line) },
		Tell: func(tx store.Tx, n schedule.Note) error {
			return a.bot.Tell(tx, n.Person, schedule.Domain, n.ID, commands.ScheduleNote(n))
		},
		Say: func(tx store.Tx, channel string, n schedule.Note) error {
			return a.bot.Announce(tx, channel, n.ID, commands.ScheduleNote(n))
		}})
	return err
}
