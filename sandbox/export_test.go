package sandbox

import (
	"shipmate/bot/slacktest"
	"shipmate/integrations/github/githubtest"
	"shipmate/integrations/pagerduty/pagerdutytest"
)

// AddBotEnv gives a stage's bot one more variable.
func AddBotEnv(s *Stage, v string) { s.bot.env = append(s.bot.env, v) }

// SlackURL is where a stage's fake Slack listens.
func SlackURL(s *Stage) string { return s.slack.URL() }

// Pushes is how the checks of each push to checkout's main branch ended, oldest first.
func Pushes(s *Stage) (ends []string) {
	for _, r := range s.github.Runs("acme/checkout") {
		if r.Workflow == "ci.yml" && r.Event == "push" && r.Branch == "main" {
			ends = append(ends, r.Conclusion)
		}
	}
	return ends
}

// Checkout is the stage's repository acme/checkout.
func Checkout(s *Stage) *githubtest.Repo { return s.github.Repo("acme/checkout") }

// GitHub is a stage's fake GitHub.
func GitHub(s *Stage) *githubtest.Server { return s.github }

// SlackToken is the bot token of a stage's fake Slack.
func SlackToken(s *Stage) string { return s.slack.BotToken }

// Slack is a stage's fake Slack.
func Slack(s *Stage) *slacktest.Server { return s.slack }

// Pager is a stage's fake PagerDuty.
func Pager(s *Stage) *pagerdutytest.Server { return s.pager }
