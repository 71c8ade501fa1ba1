package sandbox

import (
	"fmt"
	"slices"
	"time"

	"shipmate/bot/slacktest"
	"shipmate/integrations/github/githubtest"
)

// guideStep is one thing to try.
type guideStep struct {
	Chapter string        `json:"chapter"`
	ID      string        `json:"id"`
	Title   string        `json:"title"`
	Why     string        `json:"why"`
	Actions []guideAction `json:"actions"`
	Done    bool          `json:"done"`
}

// guideAction is a button of a step: a line that is typed into a channel, or a lever that is pulled.
type guideAction struct {
	ID      string   `json:"id"`
	Label   string   `json:"label,omitempty"`
	Line    string   `json:"line,omitempty"`
	Channel string   `json:"channel,omitempty"`
	Lever   string   `json:"lever,omitempty"`
	First   []string `json:"first,omitempty"` // levers pulled before the line is typed
}

type guideState struct {
	Steps  []guideStep `json:"steps"`
	Hidden bool        `json:"hidden"`
}

// firstMinute is the guide. A step is done with its last action, once what it promises has come. What is deployed
// after the first step is pushed first, so that there is something to deploy however often it is tried.
var firstMinute = []guideStep{
	{ID: "deploy", Title: "Deploy, and watch one message",
		Why:     "The card follows the build on GitHub live, in place. Nothing scrolls away.",
		Actions: []guideAction{{ID: "line", Line: "/deploy checkout staging", Channel: "payments"}}},
	{ID: "approve", Title: "Take it to production",
		Why:     "It comes after staging, and platform has to approve. Ask as Ana, then become Farid and approve.",
		Actions: []guideAction{{ID: "line", Line: "/deploy checkout production", Channel: "payments"}}},
	{ID: "kill", Title: "Kill Shipmate in the middle",
		Why: "Start a deploy, end the bot with SIGKILL while it builds, start it again. The card catches up.",
		Actions: []guideAction{{ID: "line", Line: "/deploy ledger staging", Channel: "payments", First: []string{"guide-push"}},
			{ID: "kill", Label: "Kill it", Lever: "bot-kill"}, {ID: "start", Label: "Start it", Lever: "bot-start"}}},
	{ID: "fail", Title: "Break a build",
		Why:     "The tests will fail. See which job, its last lines, and Retry, right where people look.",
		Actions: []guideAction{{ID: "line", Line: "/deploy catalog staging", Channel: "storefront", First: []string{"guide-break"}}}},
}

// onCallNight is the guide's second chapter. The clock is moved to the night of who is on call, so that it is a night whenever it is
// tried.
var onCallNight = []guideStep{
	{ID: "oncall", Title: "See who is on call",
		Why:     "Everybody's levels, until when, who is next, and the times when nobody is.",
		Actions: []guideAction{{ID: "line", Line: "/oncall", Channel: "general"}}},
	{ID: "page", Title: "Page somebody at night",
		Why: "It gets three in the morning for Emi, in Tokyo. You are told whom you wake before you do.",
		Actions: []guideAction{{ID: "line", Line: "/page catalog nobody can search for shoes", Channel: "storefront",
			First: []string{"guide-night"}}}},
	{ID: "answer", Title: "Answer on her phone",
		Why:     "Whatever she does on PagerDuty shows on the same message. Or become Emi and press Acknowledge.",
		Actions: []guideAction{{ID: "answer", Label: "Acknowledge as Emi", Lever: "guide-answer"}}},
	{ID: "give", Title: "Hand your shift over",
		Why: "Ben is asked. Until he accepts you stay on call: become Ben and accept. When the week is over the channel reads what the next one has to know.",
		Actions: []guideAction{{ID: "line", Line: "/oncall give @ben payments for 4h", Channel: "payments"},
			{ID: "week", Line: "/schedule run handover-payments", Channel: "payments"}}},
}

// wordsWeek are the bot's when a week on call is over.
const wordsWeek = "🔁 *payments* hands over"

// aDecision is the guide's third chapter.
var aDecision = []guideStep{
	{ID: "propose", Title: "Propose a decision",
		Why:     "A form asks what, and why. Shipmate takes the next number and opens a pull request.",
		Actions: []guideAction{{ID: "line", Line: "/adr new", Channel: "payments"}}},
	{ID: "thumbs", Title: "Decide it by thumbs",
		Why:     "It takes two others. Become Ben and press 👍; Chloé gives hers on GitHub. Then it is merged.",
		Actions: []guideAction{{ID: "thumb", Label: "👍 as Chloé on GitHub", Lever: "guide-thumb"}}},
	{ID: "supersede", Title: "Change your mind",
		Why:     "What is decided stays as it is. Another decision takes its place, and it says so from then on.",
		Actions: []guideAction{{ID: "line", Line: "/adr supersede #5", Channel: "payments"}}},
	{ID: "laptop", Title: "Take a number by hand",
		Why:     "Ben writes a record on his laptop, with a number that is taken. Be Ben: Shipmate tells him, and Renumber mends it.",
		Actions: []guideAction{{ID: "laptop", Label: "Open Ben's pull request", Lever: "guide-laptop"}}},
}

// guideSteps are all chapters, one after the other.
func guideSteps() []guideStep {
	var out []guideStep
	for _, c := range []struct {
		name  string
		steps []guideStep
	}{{"Your first minute", firstMinute}, {"A night on call", onCallNight}, {"A decision", aDecision}, {"At a time", atATime}, {"The morning digest", morningDigest}, {"What you owe", whatATeamOwes}} {
		for _, step := range c.steps {
			step.Chapter = c.name
			out = append(out, step)
		}
	}
	return out
}

func (s *Stage) guide() guideState {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := guideState{Hidden: s.notes.Hidden}
	for _, step := range guideSteps() {
		step.Done = s.notes.Done[step.ID+"/"+step.Actions[len(step.Actions)-1].ID] && s.cameTrue(step.ID)
		g.Steps = append(g.Steps, step)
	}
	return g
}

// cameTrue tells of a step that was tried whether what it promises has come.
func (s *Stage) cameTrue(step string) bool {
	switch step {
	case "fail":
		return failedSince(s.github, "acme/catalog", s.notes.Broke)
	case "schedule":
		return s.botSaid(time.Time{}, wordsSaved)
	case "morning":
		return s.botSaid(s.notes.Morning, wordsTimed)
	case "late":
		return !s.notes.Nine.IsZero() && s.botSaid(s.notes.Nine, wordsTimed, wordsLate)
	case "digest":
		return s.digestSince(s.notes.Digest, func(slacktest.Message) bool { return true })
	case "choose":
		return s.previewed() && s.botSaid(time.Time{}, wordsChosen)
	case "mute":
		return s.botSaid(time.Time{}, wordsUnmuted)
	case "give":
		return s.botSaid(time.Time{}, wordsWeek)
	case "decide":
		return s.debtDecided()
	case "add":
		return s.botSaid(time.Time{}, wordsWritten)
	case "outage":
		return s.digestSince(s.notes.Outage, completed)
	}
	return true
}

// failedSince tells whether a deployment that began since then has failed.
func failedSince(g *githubtest.Server, repo string, since time.Time) bool {
	return slices.ContainsFunc(g.Runs(repo), func(r githubtest.Run) bool {
		return r.Workflow == deployFile && r.Conclusion == "failure" && !r.Created.Before(since)
	})
}

// guideLevers are what the guide does before it types a line.
func (s *Stage) guideLevers() []*lever {
	return []*lever{
		{leverState: leverState{ID: "guide-push"}, pull: func() (string, error) {
			s.commit("acme/ledger", "ben", "Show who closed a month")
			return "", nil
		}},
		{leverState: leverState{ID: "guide-break"}, pull: func() (string, error) {
			s.commit("acme/catalog", "dev", "Sort sizes by their length")
			s.director.set(moodFail)
			s.changeNotes(func(n *notes) { n.Broke = s.clock.Now().Truncate(time.Second) }) // as GitHub's times are
			return "", nil
		}},
		{leverState: leverState{ID: "guide-night"}, pull: func() (string, error) { return "", s.moveClock(untilNight(s.clock.Now(), "Asia/Tokyo")) }},
		{leverState: leverState{ID: "guide-answer"}, pull: s.answerPage},
		{leverState: leverState{ID: "guide-thumb"}, pull: s.giveThumb},
		{leverState: leverState{ID: "guide-laptop"}, pull: s.takeNumber},
		{leverState: leverState{ID: "guide-morning"}, pull: func() (string, error) {
			return s.letNineCome(nineHasCome, func(n *notes, nine time.Time) { n.Morning = nine })
		}},
		{leverState: leverState{ID: "guide-nine"}, pull: func() (string, error) {
			return s.letNineCome(nineIsPast, func(n *notes, nine time.Time) { n.Nine = nine })
		}},
		{leverState: leverState{ID: "guide-digest"}, pull: func() (string, error) {
			return s.letDigestCome(func(n *notes, at time.Time) { n.Digest = at })
		}},
		{leverState: leverState{ID: "guide-digest-down"}, pull: s.withoutGitHub},
		{leverState: leverState{ID: "guide-digest-back"}, pull: s.gitHubIsBack},
	}
}

// nightHour is when the guide pages people.
const nightHour = 3

// untilNight is how long it is until the night in a zone; nothing while it is night.
func untilNight(now time.Time, zone string) time.Duration {
	day := dayIn(now, zone)
	there := now.In(day.Location())
	if there.Hour() == nightHour {
		return 0
	}
	night := time.Date(day.Year(), day.Month(), day.Day(), nightHour, 10, 0, 0, day.Location())
	if !night.After(now) {
		night = night.AddDate(0, 0, 1)
	}
	return night.Sub(now)
}

// answerPage acknowledges the newest page that nobody has, as the person it calls.
func (s *Stage) answerPage() (string, error) {
	for _, i := range slices.Backward(s.pager.Incidents()) {
		if i.Status == "triggered" && len(i.Assigned) > 0 {
			who := i.Assigned[0]
			return s.pagerPeople()[who].Name + " acknowledged it on PagerDuty.", s.onPagerDuty("acknowledge", i.ID, who)
		}
	}
	return "", fmt.Errorf("nobody is being called: page somebody first")
}

// didGuide notes that a step's action was tried.
func (s *Stage) didGuide(step, action string) error {
	for _, known := range guideSteps() {
		for _, a := range known.Actions {
			if known.ID == step && a.ID == action {
				s.changeNotes(func(n *notes) { n.Done[step+"/"+action] = true })
				return nil
			}
		}
	}
	return fmt.Errorf("the guide has no %s/%s", step, action)
}

func (s *Stage) changeNotes(change func(*notes)) {
	s.mu.Lock()
	change(&s.notes)
	s.dirty = true
	s.mu.Unlock()
	s.hub.touch()
}
