package commands

import (
	"shipmate/bot"
	"shipmate/delivery"
)

// noProduction says why nothing can be counted, and what to say instead.
func noProduction(r *delivery.Refused) bot.Message {
	switch {
	case r.Environment != "":
		return text("No service is deployed to %s.", bot.Bold(r.Environment))
	case r.Service == "":
		return text("Nothing says which environment is production: none comes after another. Name one: %s.", bot.Code("/deploy stats <service> <environment>"))
	}
	return text("Nothing says which environment of %s is production: none comes after another. Name one: %s.", bot.Bold(r.Service),
		bot.Code("/deploy stats "+r.Service+" <environment>"))
}
