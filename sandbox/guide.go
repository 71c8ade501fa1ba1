package sandbox

import "fmt"

// guideStep is one thing to try in the first minute.
type guideStep struct {
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

// firstMinute is the guide. A step is done with its last action.
var firstMinute = []guideStep{
	{ID: "deploy", Title: "Deploy, and watch one message",
		Why:     "The card follows the build on GitHub live, in place. Nothing scrolls away.",
		Actions: []guideAction{{ID: "line", Line: "/deploy checkout staging", Channel: "payments"}}},
	{ID: "kill", Title: "Kill Shipmate in the middle",
		Why: "Start a deploy, end the bot with SIGKILL while it builds, start it again. The card catches up.",
		Actions: []guideAction{{ID: "line", Line: "/deploy ledger staging", Channel: "payments"},
			{ID: "kill", Label: "Kill it", Lever: "bot-kill"}, {ID: "start", Label: "Start it", Lever: "bot-start"}}},
	{ID: "fail", Title: "Break a build",
		Why:     "The tests will fail. See which job, its last lines, and Retry, right where people look.",
		Actions: []guideAction{{ID: "line", Line: "/deploy catalog staging", Channel: "storefront", First: []string{"next-fail"}}}},
}

func (s *Stage) guide() guideState {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := guideState{Hidden: s.notes.Hidden}
	for _, step := range firstMinute {
		step.Done = s.notes.Done[step.ID+"/"+step.Actions[len(step.Actions)-1].ID]
		g.Steps = append(g.Steps, step)
	}
	return g
}

// didGuide notes that a step's action was tried.
func (s *Stage) didGuide(step, action string) error {
	for _, known := range firstMinute {
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
