package commands

import (
	"shipmate/bot"
	"shipmate/delivery"
)

// onPlace says of what succeeded where it is, and how it does there.
func onPlace(d *delivery.Deployment, is bot.Text) bot.Text {
	h := d.Health
	switch {
	case h == nil || h.Checks == 0 || h.State == delivery.Replaced:
		return bot.Textf("✅ %s", is)
	case h.State == delivery.Unhealthy:
		return bot.Textf("⚠️ %s and unhealthy: %s", is, h.Why)
	case h.State == delivery.Healthy:
		return bot.Textf("✅ %s · stayed healthy for %s", is, took(h.Until.Sub(h.Since)))
	case h.Row > 0:
		return bot.Textf("⚠️ %s and may be unhealthy: %s", is, h.Why)
	}
	return bot.Textf("✅ %s · healthy since %s", is, bot.Clock(h.Since))
}

// healthNote says how it is found out whether what succeeded stays good, or what came of it.
func healthNote(d *delivery.Deployment) bot.Text {
	h := d.Health
	switch {
	case h == nil || h.State == delivery.Healthy:
		return ""
	case h.State == delivery.Unhealthy:
		return bot.Textf("Its health check failed %s in a row until %s, so it does not count as one that stayed good.", count(h.Row, "time"), bot.Clock(h.Decided))
	case h.State == delivery.Replaced:
		return bot.Textf("Its health was watched until %s; then another deployment came.", bot.Clock(h.Decided))
	}
	return bot.Textf("Its health is watched until %s.", bot.Clock(h.Until))
}

// unhealthy tells whoever asked that what they deployed did not stay good, with the way back.
func unhealthy(d *delivery.Deployment) bot.Message {
	m := text("%s ⚠️ %s on %s did not stay healthy: %s.", bot.User(d.By), what(d), bot.Bold(d.Environment), d.Health.Why)
	m.Parts = []bot.Part{bot.Section(healthNote(d))}
	m.Buttons = rollbackOffer(d)
	return m
}

func isUnhealthy(d *delivery.Deployment) bool {
	return d.Health != nil && d.Health.State == delivery.Unhealthy
}
