package main

import (
	"slices"

	"shipmate/bot"
	"shipmate/commands"
	"shipmate/delivery"
	"shipmate/store"
)

// shipped has those told who wished it that what they wrote runs in production.
func (a *app) shipped(tx store.Tx, links *bot.Links, d *delivery.Deployment) error {
	cfg := a.live.Current()
	service, ok := cfg.Service(d.Service)
	if !ok || !slices.Contains(delivery.Production(cfg, service), d.Environment) {
		return nil
	}
	for login, m := range commands.Shipped(d) {
		person, proven, err := links.Person(tx, bot.OnGitHub, login)
		if err != nil {
			return err
		}
		if !proven {
			continue
		}
		if err := a.bot.Tell(tx, person, commands.ShippedTopic, d.ID+"-"+person, m); err != nil {
			return err
		}
	}
	return nil
}
