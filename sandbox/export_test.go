package sandbox

// AddBotEnv gives a stage's bot one more variable.
func AddBotEnv(s *Stage, v string) { s.bot.env = append(s.bot.env, v) }

// SlackURL is where a stage's fake Slack listens.
func SlackURL(s *Stage) string { return s.slack.URL() }
