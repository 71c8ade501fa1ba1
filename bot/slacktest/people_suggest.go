package slacktest

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// Option is a choice of a menu.
type Option struct {
	Text  string
	Value string
	Group string // label of its option group, if any
}

// Suggest types into an external select and asks the app for options; Suggestions tells what it answered. Slack's
// client asks only from min_query_length characters on, 3 where the app does not say.
func (s *Server) Suggest(user string, on Ref, actionID, query string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.at(user, on)
	if err != nil {
		return "", fmt.Errorf("typing into %s: %w", actionID, err)
	}
	for _, at := range spots(p.blocks()) {
		if at.actionID() == actionID && (at.kind() == "external_select" || at.kind() == "multi_external_select") {
			return s.suggestAt(p, at, query)
		}
	}
	return "", fmt.Errorf("typing into %s: there is no such external select", actionID)
}

func (s *Server) suggestAt(p place, at spot, query string) (string, error) {
	least := 3
	if n, ok := at.element["min_query_length"].(float64); ok {
		least = int(n)
	}
	if utf8.RuneCountInString(query) < least {
		return "", fmt.Errorf("typing into %s: Slack asks only from %d characters on", at.actionID(), least)
	}
	payload := s.interaction("block_suggestion", p.user)
	payload["action_id"], payload["block_id"], payload["value"] = at.actionID(), at.blockID(), query
	if p.view != nil {
		payload["container"], payload["view"] = obj{"type": "view", "view_id": p.view.ID}, s.viewWire(p.view)
	} else {
		payload["container"] = obj{"type": "message", "message_ts": p.message.TS, "channel_id": p.room.ID, "is_ephemeral": p.message.Ephemeral}
		payload["channel"] = obj{"id": p.room.ID, "name": p.room.slashName()}
		if !p.message.Ephemeral {
			payload["message"] = s.wire(p.message, true)
		}
	}
	d := interactive(true)
	d.payload = mustJSON(payload)
	key := p.key(at.actionID())
	d.answered = func(answer json.RawMessage) { s.suggested(d.EnvelopeID, key, answer) }
	s.deliver(d)
	return d.EnvelopeID, nil
}

// suggested reads the options in an ack. More than 100, or malformed ones, show as none.
func (s *Server) suggested(envelopeID, key string, payload json.RawMessage) {
	s.lines.answers[envelopeID] = []Option{}
	var answer obj
	_ = json.Unmarshal(payload, &answer) // no payload means no options
	k := newChecker(inModal)
	k.shape(answer, choices(), "")
	if len(k.said) > 0 && payload != nil {
		// An empty list is what "nothing found" looks like here, though a menu may not be empty elsewhere.
		if list, ok := answer["options"].([]any); !ok || len(list) > 0 {
			s.problem("bad_answer", fmt.Sprintf("options in the ack of %s: %v", envelopeID, k.said))
			return
		}
	}
	s.lines.offers[key] = nil
	s.offer(envelopeID, key, "", answer["options"])
	groups, _ := answer["option_groups"].([]any)
	for _, g := range groups {
		group, _ := g.(obj)
		s.offer(envelopeID, key, textOf(group["label"]), group["options"])
	}
}

func (s *Server) offer(envelopeID, key, group string, options any) {
	list, _ := options.([]any)
	for _, o := range list {
		option, _ := o.(obj)
		value, _ := option["value"].(string)
		s.lines.answers[envelopeID] = append(s.lines.answers[envelopeID], Option{Text: textOf(option["text"]), Value: value, Group: group})
		s.lines.offers[key] = append(s.lines.offers[key], mustJSON(option))
	}
}

// Suggestions returns the options the app gave for the envelope of a Suggest, and whether it has answered.
func (s *Server) Suggestions(envelopeID string) ([]Option, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, ok := s.lines.answers[envelopeID]
	return append([]Option(nil), list...), ok
}
