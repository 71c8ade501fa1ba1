package commands

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"shipmate/bot"
	"shipmate/delivery"
)

// took says a length of time as people do: 45 s, 1 min 20 s, 2 h 5 min.
func took(d time.Duration) string {
	d = d.Round(time.Second)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0 && m > 0:
		return fmt.Sprintf("%d h %d min", h, m)
	case h > 0:
		return fmt.Sprintf("%d h", h)
	case m > 0 && s > 0:
		return fmt.Sprintf("%d min %d s", m, s)
	case m > 0:
		return fmt.Sprintf("%d min", m)
	}
	return fmt.Sprintf("%d s", s)
}

// spell says a length of time in days where it is some whole ones.
func spell(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= 2*day && d%day == 0 {
		return count(int(d/day), "day")
	}
	return took(d)
}

// count says "1 commit", "3 commits".
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// what names what a deployment deploys: "checkout 1a2b3c4".
func what(d *delivery.Deployment) bot.Text {
	return bot.Textf("%s %s", bot.Bold(d.Service), bot.Code(d.Commit.Short()))
}

// whatWhere adds the place: "checkout 1a2b3c4 to staging".
func whatWhere(d *delivery.Deployment) bot.Text {
	return bot.Textf("%s to %s", what(d), bot.Bold(d.Environment))
}

// subjectLine is the commit's subject and author, for where its SHA is read already.
func subjectLine(c delivery.Commit) bot.Text {
	return authored(bot.Link(c.URL, cmp.Or(c.Subject, "The commit")), c)
}

// commitLine is the commit with its subject and author.
func commitLine(c delivery.Commit) bot.Text {
	line := bot.Link(c.URL, c.Short())
	if c.Subject != "" {
		line = bot.Textf("%s %s", line, c.Subject)
	}
	return authored(line, c)
}

func authored(line bot.Text, c delivery.Commit) bot.Text {
	if c.Author == "" {
		return line
	}
	return bot.Textf("%s (%s)", line, c.Author)
}

// quoted is what somebody wrote, marked as theirs on every line.
func quoted(words string) bot.Text {
	var lines []bot.Text
	for line := range strings.SplitSeq(strings.TrimSpace(words), "\n") {
		lines = append(lines, bot.Textf("> %s", strings.TrimRight(line, " \r")))
	}
	return bot.Join("\n", lines...)
}
