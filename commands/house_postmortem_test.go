package commands_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/incident"
	"shipmate/integrations/github/githubtest"
)

// over is a resolved incident of that title, a private one for "private", with a post-mortem if it is wanted; it returns its number.
func (h *house) over(title string, learnt bool) string {
	h.Helper()
	bg := context.Background()
	h.clock.Advance(time.Second)
	want := func(what string, i *incident.Incident) incident.ChangeWant {
		return incident.ChangeWant{Request: what + " " + title, At: h.clock.Now(), By: h.ana, Incident: i.ID}
	}
	i, err := h.deps.Incidents.Declare(bg, incident.DeclareWant{Request: title, At: h.clock.Now(), By: h.ana, Channel: h.payments, Title: title, Severity: "sev3",
		Services: []string{"checkout"}, Private: title == "private"})
	if err == nil {
		_, err = h.deps.Incidents.SetStatus(bg, want("end", i), incident.IsResolved)
	}
	if err == nil && learnt {
		_, err = h.deps.Incidents.NewPostmortem(bg, want("learn", i))
	}
	if err != nil {
		h.Fatal(err)
	}
	return strings.TrimPrefix(i.Name(), "INC-")
}

func (h *house) withDecisions() *githubtest.Repo {
	h.configure("\nteams:", "\npostmortem: {repo: acme/decisions, severities: [sev1]}\nteams:")
	decisions := h.github.AddRepo("acme/decisions")
	decisions.Commit("main", "ana", "Begin", githubtest.Files{"README.md": "Here.\n"})
	return decisions
}

// From the end of an incident to the issues of its action items, as people meet it.
func TestPostmortemAsPeopleMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	decisions := h.withDecisions()
	h.over("it is slow", false)
	h.open()
	h.types(h.ana, "/postmortem new #1")
	h.shown("is wanted")
	asked := h.find("ana is asked", "Please write the post-mortem of", func() []slacktest.Message { return h.slack.DM(h.ana) })
	h.presses(h.ana, asked, "Accept")
	h.wait("the pull request is there, and known", time.Second, func() bool {
		open, _, err := h.deps.Incidents.ListPostmortems(context.Background(), 1)
		return err == nil && len(open) == 1 && open[0].Pull != nil && !open[0].Accepted.IsZero() && len(h.github.Pulls("acme/decisions")) == 1
	})
	h.types(h.ben, "/postmortem show #1")
	h.told(h.ben, "acme/decisions#1")
	h.types(h.ben, "/postmortem owner #1 <@"+h.cy+">")
	h.shown("is asked to write the post-mortem")
	h.find("cy is asked", "Please write the post-mortem of", func() []slacktest.Message { return h.slack.DM(h.cy) })
	h.find("ana is told", "You need not write the post-mortem of", func() []slacktest.Message { return h.slack.DM(h.ana) })
	h.types(h.ana, "/postmortem owner #1 <@"+h.ana+">")
	h.shown("writes the post-mortem of *INC-1*")
	h.find("cy is told", "<@"+h.ana+"> writes it", func() []slacktest.Message { return h.slack.DM(h.cy) })
	h.types(h.ana, "/postmortem owner #1 <@"+h.cy+">")
	path := "postmortems/inc-1-it-is-slow.md"
	h.wait("the document names its owner", 10*time.Second, func() bool {
		text, _ := decisions.File("postmortem/inc-1", path)
		return strings.Contains(text, `owner: "cy"`)
	})
	text, _ := decisions.File("postmortem/inc-1", path)
	decisions.PushTo(1, "ana", "Write", githubtest.Files{path: strings.Replace(text, "|  |  |  |  |  |\n", "| Add an alert | @ana | 2026-11-21 | detect | |\n", 1)})
	decisions.SquashPR(1, "ana")
	h.wait("the issue is opened", 10*time.Second, func() bool { return len(h.github.Issues("acme/checkout")) == 1 })
	h.wait("the issue is told below the pull request", 10*time.Second, func() bool { return len(h.github.Pulls("acme/decisions")[0].Comments) == 1 })
	h.types(h.ben, "/postmortem items checkout")
	h.told(h.ben, "Add an alert")
	h.over("private", true)
	h.types(h.ben, "/postmortem #2")
	h.told(h.ben, "restricted")
	h.types(h.ana, "/postmortem owner #2 <@"+h.ben+">")
	h.find("ben is asked", "post-mortem of", func() []slacktest.Message { return h.slack.DM(h.ben) })
	h.types(h.ben, "/postmortem accept #2")
	h.told(h.ben, "writes the post-mortem of *INC-2*")
	h.types(h.ben, "/postmortem not-needed #1 a drill")
	h.told(h.ben, "That is settled")
}
