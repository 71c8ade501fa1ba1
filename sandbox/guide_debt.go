package sandbox

import "time"

// whatATeamOwes is the guide's sixth chapter.
var whatATeamOwes = []guideStep{
	{ID: "owe", Title: "See what a team owes",
		Why:     "The register is issues on GitHub with one label. The dearest come first, then the oldest.",
		Actions: []guideAction{{ID: "list", Line: "/debt", Channel: digestRoom}}},
	{ID: "decide", Title: "Decide about one",
		Why:     "On Fridays the team is told what was paid off, and asked about a single issue. Take it, snooze it, or drop it.",
		Actions: []guideAction{{ID: "remind", Line: "/schedule run debt-" + digestTeam, Channel: digestRoom}}},
	{ID: "add", Title: "Write some down",
		Why:     "It becomes an issue, whatever is killed meanwhile. From a message it is two clicks: the shortcut.",
		Actions: []guideAction{{ID: "add", Line: "/debt add ledger Vouchers are counted twice", Channel: digestRoom}}},
	{ID: "hear", Title: "Choose what you hear",
		Why:     "Reminders come together, once a day, in your working hours. Turn off what you do not want.",
		Actions: []guideAction{{ID: "notify", Line: "/shipmate notify", Channel: digestRoom}}},
}

// Words of the bot about technical debt.
const (
	wordsOwing   = "🧱 *" + digestTeam + "*: "
	wordsWritten = "written down by"
)

// wordsDecided are what a reminder says once somebody has decided.
var wordsDecided = []string{"🙋", "💤 snoozed until", "🗑️ not worth it"}

// debtDecided tells whether somebody decided about what a reminder asked.
func (s *Stage) debtDecided() bool {
	for _, words := range wordsDecided {
		if s.botSaid(time.Time{}, wordsOwing, words) {
			return true
		}
	}
	return false
}
