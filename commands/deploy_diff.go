package commands

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"shipmate/bot"
	"shipmate/delivery"
)

func deployDiff(d Deps) bot.Command {
	return bot.Command{
		Name:  "deploy diff",
		Args:  "<service>[@ref] [to|on] <environment> [<ref>]",
		Short: "Say what deploying a commit would change",
		Long: "Commits, pull requests, who wrote them, what they close, what came without a pull request, and how much it is. Without a " +
			"ref it is the newest commit of the default branch. Nothing is deployed.",
		Examples: []string{"deploy diff checkout production", "deploy diff checkout production v1.4.2"},
		Who:      bot.Everyone,
		Run: func(ctx context.Context, req bot.Request) (bot.Reply, error) {
			diff, err := d.Delivery.Diff(ctx, wantOf(req))
			if err != nil {
				return bot.Reply{}, refusal(err)
			}
			return bot.Reply{Message: diffMessage(diff)}, nil
		},
	}
}

// How many of each a diff shows; the rest is behind the link.
const (
	diffPulls   = 15
	diffDirect  = 5
	diffIssues  = 20
	diffAuthors = 10
)

// briefly is how long a title or a name may be among many, in characters: what is cut stands behind its link.
const briefly = 80

func brief(s string) string {
	if runes := []rune(s); len(runes) > briefly {
		return string(runes[:briefly-1]) + "…"
	}
	return s
}

// inBrief is a diff whose every line is short, so that there is room for all that is counted.
func inBrief(diff *delivery.Diff) *delivery.Diff {
	out, would := *diff, *diff.Would
	out.Would = &would
	out.Direct, out.Authors = slices.Clone(diff.Direct), slices.Clone(diff.Authors)
	if would.Changes != nil {
		changes := *would.Changes
		changes.PullRequests = slices.Clone(changes.PullRequests)
		for i := range changes.PullRequests {
			changes.PullRequests[i].Title = brief(changes.PullRequests[i].Title)
		}
		would.Changes = &changes
	}
	for i := range out.Direct {
		out.Direct[i].Subject, out.Direct[i].Author = brief(out.Direct[i].Subject), brief(out.Direct[i].Author)
	}
	for i := range out.Authors {
		out.Authors[i].Name = brief(out.Authors[i].Name)
	}
	return &out
}

func diffMessage(diff *delivery.Diff) bot.Message {
	diff = inBrief(diff)
	d := diff.Would
	same := d.Changes != nil && d.Changes.Status == "identical"
	m := text("What deploying %s would change", whatWhere(d))
	if same {
		m = text("Deploying %s would change nothing", whatWhere(d))
	}
	m.Parts = []bot.Part{bot.Section(bot.Join("\n", subjectLine(d.Commit), changesUpTo(d, diffPulls)))}
	for _, t := range []bot.Text{directLines(diff), issuesLine(diff), authorsLine(diff)} {
		if t != "" {
			m.Parts = append(m.Parts, bot.Section(t))
		}
	}
	if size := sizeLine(diff); size != "" {
		m.Parts = append(m.Parts, bot.Small(size))
	}
	if u := diff.Under; u != nil {
		m.Parts = append(m.Parts, bot.Small(bot.Textf("%s %s is deploying %s there since %s; with it this changes.", icon(u.State), bot.User(u.By),
			bot.Code(u.Commit.Short()), bot.Clock(u.Created))))
	}
	if !same {
		m.Buttons = append(m.Buttons, bot.Button{Label: "Deploy to " + d.Environment, Line: pinnedLine(d)})
	}
	if d.Changes != nil && d.Changes.URL != "" {
		m.Buttons = append(m.Buttons, bot.Button{Label: "Compare on GitHub", URL: d.Changes.URL})
	}
	return m
}

// pinnedLine deploys just this commit; the ref it was asked by is left out when it does not fit.
func pinnedLine(d *delivery.Deployment) string {
	if line := strings.Join(strings.Fields(deployLine(d, "", "")), " "); len(line) <= maxLine {
		return line
	}
	return "deploy " + d.Service + "@" + d.Commit.SHA + " " + d.Environment
}

// directLines are the commits that came without a pull request.
func directLines(diff *delivery.Diff) bot.Text {
	if len(diff.Direct) == 0 && diff.Unread == 0 {
		return ""
	}
	head := bot.Textf("%s in no pull request:", count(len(diff.Direct), "commit"))
	switch {
	case len(diff.Direct) == 0:
		return bot.Textf("Of %s it was not read whether a pull request brought %s.", count(diff.Unread, "commit"), them(diff.Unread))
	case diff.Unread > 0:
		head = bot.Textf("At least %s", head)
	}
	lines := []bot.Text{head}
	for _, c := range diff.Direct[:min(len(diff.Direct), diffDirect)] {
		lines = append(lines, bot.Textf("• %s", commitLine(c)))
	}
	if more := len(diff.Direct) - diffDirect; more > 0 {
		lines = append(lines, bot.Textf("and %d more", more))
	}
	if diff.Unread > 0 {
		lines = append(lines, bot.Textf("Of %d more it was not read whether a pull request brought %s.", diff.Unread, them(diff.Unread)))
	}
	return bot.Join("\n", lines...)
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

func issuesLine(diff *delivery.Diff) bot.Text {
	var names []bot.Text
	for _, i := range diff.Issues[:min(len(diff.Issues), diffIssues)] {
		names = append(names, issueName(i, diff.Would.Repo))
	}
	if len(names) == 0 {
		return ""
	}
	line := bot.Textf("Closes %s", bot.Join(", ", names...))
	if diff.Would.Changes != nil && diff.Would.Changes.Status == "behind" {
		line = bot.Textf("Takes back what closed %s", bot.Join(", ", names...))
	}
	return bot.Textf("%s%s", line, andMore(len(diff.Issues)-len(names), diff.IssuesAtLeast))
}

// issueName names an issue; one of another repository with that.
func issueName(i delivery.Issue, repo string) bot.Text {
	name := fmt.Sprintf("#%d", i.Number)
	if !strings.EqualFold(i.Repo, repo) {
		name = i.Repo + name
	}
	return bot.Link(i.URL, name)
}

func authorsLine(diff *delivery.Diff) bot.Text {
	var names []bot.Text
	for _, a := range diff.Authors[:min(len(diff.Authors), diffAuthors)] {
		names = append(names, bot.Textf("%s (%d)", a.Name, a.Commits))
	}
	if len(names) == 0 {
		return ""
	}
	line := bot.Textf("Written by %s%s", bot.Join(", ", names...), andMore(len(diff.Authors)-len(names), false))
	if all := listable(diff.Would.Changes); diff.Listed < all {
		line = bot.Textf("%s. GitHub lists the newest %d of %d commits, and this is of those.", line, diff.Listed, all)
	}
	return line
}

// listable is how many commits there are to list.
func listable(c *delivery.Changes) int {
	switch {
	case c == nil:
		return 0
	case c.Status == "behind":
		return c.Behind
	}
	return c.Ahead
}

// andMore ends a list that is not whole.
func andMore(more int, atLeast bool) bot.Text {
	switch {
	case more > 0 && atLeast:
		return bot.Textf(" and at least %d more", more)
	case more > 0:
		return bot.Textf(" and %d more", more)
	case atLeast:
		return " and perhaps more"
	}
	return ""
}

func sizeLine(diff *delivery.Diff) bot.Text {
	if diff.Files == 0 {
		return ""
	}
	line := bot.Textf("%s, +%d −%d lines", count(diff.Files, "file"), diff.Additions, diff.Deletions)
	if diff.AtLeast {
		line = bot.Textf("At least %s: GitHub lists no more", line)
	}
	return line
}
