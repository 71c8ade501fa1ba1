package commands

import (
	"shipmate/bot"
	"shipmate/delivery"
)

// maxPullsShown is how many pull requests a card lists; the rest is behind the link.
const maxPullsShown = 5

// changes says what is different from what ran before.
func changes(d *delivery.Deployment) bot.Text { return changesUpTo(d, maxPullsShown) }

// changesUpTo lists up to so many pull requests.
func changesUpTo(d *delivery.Deployment, most int) bot.Text {
	lines := bot.Join("\n", changesHead(d), pulls(d.Changes, most))
	if d.Before.Doubtful {
		lines = bot.Join("\n", lines, "The last deployment there did not succeed, so part of it may run.")
	}
	return lines
}

func changesHead(d *delivery.Deployment) bot.Text {
	if d.Before.SHA == "" {
		return "What runs there now is not known, so neither is what changes."
	}
	ran := bot.Code((delivery.Commit{SHA: d.Before.SHA}).Short())
	c := d.Changes
	if c == nil {
		return bot.Textf("%s runs there now; GitHub did not tell what changes.", ran)
	}
	switch c.Status {
	case "identical":
		return "The same commit runs there now."
	case "behind":
		if len(c.PullRequests)+c.More == 0 && !c.AtLeast {
			return bot.Textf("⏪ Goes back by %s from %s%s, which came by no pull request.", compareLink(c, c.Behind), ran, source(d))
		}
		return bot.Textf("⏪ Goes back by %s from %s%s, without:", compareLink(c, c.Behind), ran, source(d))
	case "diverged":
		return bot.Textf("%s that %s%s has not, and without %s that it has:", compareLink(c, c.Ahead), ran, source(d), count(c.Behind, "commit"))
	}
	return bot.Textf("%s since %s%s:", compareLink(c, c.Ahead), ran, source(d))
}

func compareLink(c *delivery.Changes, n int) bot.Text { return bot.Link(c.URL, count(n, "commit")) }

// source says so when it is not Shipmate's own ledger that knows what ran.
func source(d *delivery.Deployment) bot.Text {
	if d.Before.Source == delivery.FromGitHub {
		return " (by GitHub's deployments)"
	}
	return ""
}

func pulls(c *delivery.Changes, most int) bot.Text {
	if c == nil || c.Status == "identical" {
		return ""
	}
	var lines []bot.Text
	for _, p := range c.PullRequests[:min(most, len(c.PullRequests))] {
		line := bot.Textf("• %s %s", bot.Link(p.URL, "#"+itoa(p.Number)), p.Title)
		if p.Author != "" {
			line = bot.Textf("%s (%s)", line, p.Author)
		}
		lines = append(lines, line)
	}
	switch more := c.More + len(c.PullRequests) - len(lines); {
	case len(lines) == 0 && !c.AtLeast && c.Status == "behind": // the line above says so
	case len(lines) == 0 && !c.AtLeast:
		lines = append(lines, "• no pull requests")
	case len(lines) == 0:
		lines = append(lines, "• pull requests not read")
	case more > 0 && c.AtLeast:
		lines = append(lines, bot.Textf("and at least %d more", more))
	case more > 0:
		lines = append(lines, bot.Textf("and %d more", more))
	case c.AtLeast:
		lines = append(lines, "and perhaps more")
	}
	return bot.Join("\n", lines...)
}
