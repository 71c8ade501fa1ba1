package main

import (
	"encoding/json"

	"shipmate/bot/slacktest"
)

// button is a button on a message.
type button struct {
	ActionID string `json:"action_id"`
	Value    string
	Text     struct{ Text string }
}

// buttonID finds the action of a button by its label, "" when there is none.
func buttonID(m slacktest.Message, label string) string { return findButton(m, label).ActionID }

// buttonValue finds what a button stands for by its label.
func buttonValue(m slacktest.Message, label string) string { return findButton(m, label).Value }

func findButton(m slacktest.Message, label string) button {
	var blocks []struct {
		Type     string
		Elements json.RawMessage
	}
	if json.Unmarshal(m.Blocks, &blocks) != nil {
		return button{}
	}
	for _, b := range blocks {
		var buttons []button
		if b.Type != "actions" || json.Unmarshal(b.Elements, &buttons) != nil {
			continue
		}
		for _, one := range buttons {
			if one.Text.Text == label {
				return one
			}
		}
	}
	return button{}
}
