package commands

import (
	"shipmate/bot"
	"shipmate/incident"
)

// postmortemRefused puts a refusal of something of a post-mortem into words; ok is false for any other.
func postmortemRefused(r *incident.Refused) (m bot.Message, ok bool) {
	switch r.Code {
	case incident.NoRepo:
		return text("The configuration does not say where post-mortems are kept: %s is missing.", bot.Code("postmortem.repo")), true
	case incident.NotOver:
		return text("%s is not over yet; its post-mortem can be had when it is resolved.", bot.Bold(r.Incident.Name())), true
	case incident.NoPostmortem:
		m = text("%s has no post-mortem.", bot.Bold(r.Incident.Name()))
		m.Buttons = []bot.Button{{Label: "Have one written", Line: "postmortem new #" + itoa(r.Incident.Number)}}
		return m, true
	case incident.PostmortemOver:
		return text("That is settled. %s", postmortemHeadline(r.Postmortem, r.Incident)), true
	case incident.HasPull:
		m = text("The post-mortem of %s is done when its pull request is merged.", bot.Bold(r.Incident.Name()))
		if r.Postmortem.Pull != nil {
			m.Buttons = []bot.Button{{Label: "Open", URL: r.Postmortem.Pull.URL}}
		}
		return m, true
	case incident.AlreadySo:
		if r.Postmortem != nil {
			return text("It stands so already. %s", postmortemHeadline(r.Postmortem, r.Incident)), true
		}
	}
	return bot.Message{}, false
}
