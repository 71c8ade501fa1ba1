package slacktest

import "maps"

// method is one method of the Web API.
type method struct {
	run    func(*Server, *call) (obj, error)
	perMin int      // rate limit: calls per minute
	scopes []string // any of them is enough; more may be asked for by run
	app    bool     // called with the app-level token
}

// Rate limit tiers, in calls per minute (Slack: Rate limits).
const (
	tier2 = 20
	tier3 = 50
	tier4 = 100
	often = 600 // auth.test, chat.getPermalink: "hundreds of requests per minute"
)

func allMethods() map[string]method {
	all := map[string]method{}
	for _, group := range []map[string]method{
		chatMethods(), conversationMethods(), roomMethods(), historyMethods(), memberMethods(), userMethods(), groupMethods(), viewMethods(), reactionMethods(),
		pinMethods(), bookmarkMethods(), fileMethods(), teamMethods(),
	} {
		maps.Copy(all, group)
	}
	return all
}
