package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// holder says under which property an element's value stands in state.values and in actions, and where it starts from.
type holder struct {
	key     string
	initial string
	many    bool
}

// holders are the elements that hold a value (Slack: view_submission and block_actions payloads).
func holders(elementType string) (holder, bool) {
	h, ok := map[string]holder{
		"plain_text_input":           {key: "value", initial: "initial_value"},
		"email_text_input":           {key: "value", initial: "initial_value"},
		"url_text_input":             {key: "value", initial: "initial_value"},
		"number_input":               {key: "value", initial: "initial_value"},
		"rich_text_input":            {key: "rich_text_value", initial: "initial_value"},
		"static_select":              {key: "selected_option", initial: "initial_option"},
		"external_select":            {key: "selected_option", initial: "initial_option"},
		"radio_buttons":              {key: "selected_option", initial: "initial_option"},
		"multi_static_select":        {key: "selected_options", initial: "initial_options", many: true},
		"multi_external_select":      {key: "selected_options", initial: "initial_options", many: true},
		"checkboxes":                 {key: "selected_options", initial: "initial_options", many: true},
		"users_select":               {key: "selected_user", initial: "initial_user"},
		"multi_users_select":         {key: "selected_users", initial: "initial_users", many: true},
		"channels_select":            {key: "selected_channel", initial: "initial_channel"},
		"multi_channels_select":      {key: "selected_channels", initial: "initial_channels", many: true},
		"conversations_select":       {key: "selected_conversation", initial: "initial_conversation"},
		"multi_conversations_select": {key: "selected_conversations", initial: "initial_conversations", many: true},
		"datepicker":                 {key: "selected_date", initial: "initial_date"},
		"timepicker":                 {key: "selected_time", initial: "initial_time"},
		"datetimepicker":             {key: "selected_date_time", initial: "initial_date_time"},
		"file_input":                 {key: "files", many: true},
	}[elementType]
	return h, ok
}

// spot is an element and the block it stands in.
type spot struct {
	block, element obj
}

func (p spot) kind() string     { t, _ := p.element["type"].(string); return t }
func (p spot) blockID() string  { id, _ := p.block["block_id"].(string); return id }
func (p spot) actionID() string { id, _ := p.element["action_id"].(string); return id }
func (p spot) isInput() bool    { return p.block["type"] == "input" }

// label is what stands above an input.
func (p spot) label() string {
	label, _ := p.block["label"].(obj)
	words, _ := label["text"].(string)
	return words
}

// spots lists the elements people can act on.
func spots(raw json.RawMessage) []spot {
	var blocks []obj
	_ = json.Unmarshal(raw, &blocks) // checked when they came in; none when there are none
	var list []spot
	add := func(block obj, e any) {
		if el, ok := e.(obj); ok && el["action_id"] != nil {
			list = append(list, spot{block, el})
		}
	}
	for _, b := range blocks {
		switch b["type"] {
		case "section":
			add(b, b["accessory"])
		case "input":
			add(b, b["element"])
		case "actions":
			elements, _ := b["elements"].([]any)
			for _, e := range elements {
				add(b, e)
			}
		}
	}
	return list
}

// stateValues is what all elements that hold a value hold: what was chosen, else what they start from.
func stateValues(blocks json.RawMessage, chosen states) states {
	all := states{}
	for _, p := range spots(blocks) {
		h, ok := holders(p.kind())
		if !ok {
			continue
		}
		if all[p.blockID()] == nil {
			all[p.blockID()] = map[string]json.RawMessage{}
		}
		all[p.blockID()][p.actionID()] = p.state(h, chosen)
	}
	return all
}

func (p spot) state(h holder, chosen states) json.RawMessage {
	if raw, ok := chosen[p.blockID()][p.actionID()]; ok {
		var was struct{ Type string }
		if json.Unmarshal(raw, &was) == nil && was.Type == p.kind() {
			return raw
		}
	}
	initial := p.element[h.initial]
	if initial == nil && h.many {
		initial = []any{}
	}
	return mustJSON(obj{"type": p.kind(), h.key: initial})
}

// choose turns what a person entered into the element's value, or says why the client would not let them.
func (s *Server) choose(p spot, h holder, entered []string, offered []json.RawMessage) (any, error) {
	if !h.many && len(entered) > 1 {
		return nil, fmt.Errorf("%s takes one value", p.actionID())
	}
	if most, ok := p.element["max_selected_items"].(float64); ok && len(entered) > int(most) {
		return nil, fmt.Errorf("%s takes at most %d values", p.actionID(), int(most))
	}
	list := []any{}
	for _, e := range entered {
		v, err := s.value(p, e, offered)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	switch {
	case h.many:
		return list, nil
	case len(list) == 0:
		return nil, nil
	}
	return list[0], nil
}

func (s *Server) value(p spot, entered string, offered []json.RawMessage) (any, error) {
	kind := strings.TrimPrefix(p.kind(), "multi_")
	switch kind {
	case "static_select", "radio_buttons", "checkboxes", "overflow":
		return p.option(entered)
	case "external_select":
		return pickOffered(p, entered, offered)
	case "users_select":
		if u := s.world.user(entered); u != nil {
			return u.ID, nil
		}
		return nil, fmt.Errorf("there is no user %s to choose", entered)
	case "channels_select", "conversations_select":
		if r := s.world.room(entered); r != nil {
			return r.ID, nil
		}
		return nil, fmt.Errorf("there is no channel %s to choose", entered)
	case "datepicker":
		_, err := time.Parse(time.DateOnly, entered)
		return entered, err
	case "timepicker":
		_, err := time.Parse("15:04", entered)
		return entered, err
	case "datetimepicker":
		return strconv.ParseInt(entered, 10, 64)
	}
	return p.typed(entered)
}

// typed checks text against what the field allows.
func (p spot) typed(entered string) (any, error) {
	n := utf8.RuneCountInString(entered)
	least, _ := p.element["min_length"].(float64)
	most, limited := p.element["max_length"].(float64)
	if !limited {
		most = 3000
	}
	switch {
	case n == 0:
		return nil, nil
	case n < int(least):
		return nil, fmt.Errorf("%s needs at least %d characters", p.actionID(), int(least))
	case n > int(most):
		return nil, fmt.Errorf("%s takes at most %d characters", p.actionID(), int(most))
	case p.kind() == "email_text_input" && !strings.Contains(entered, "@"):
		return nil, fmt.Errorf("%s is no e-mail address", entered)
	}
	if p.kind() == "number_input" {
		if _, err := strconv.ParseFloat(entered, 64); err != nil {
			return nil, fmt.Errorf("%s is no number", entered)
		}
	}
	return entered, nil
}

// option finds one of the element's own options by its value.
func (p spot) option(value string) (any, error) {
	options, _ := p.element["options"].([]any)
	groups, _ := p.element["option_groups"].([]any)
	for _, g := range groups {
		group, _ := g.(obj)
		more, _ := group["options"].([]any)
		options = append(slices.Clone(options), more...)
	}
	for _, o := range options {
		if option, _ := o.(obj); option["value"] == value {
			return option, nil
		}
	}
	return nil, fmt.Errorf("%s offers no option with the value %q", p.actionID(), value)
}

// pickOffered finds an option the app has suggested, or the one the field started with.
func pickOffered(p spot, value string, offered []json.RawMessage) (any, error) {
	if first, _ := p.element["initial_option"].(obj); first["value"] == value && value != "" {
		return first, nil
	}
	for _, raw := range offered {
		var option obj
		if json.Unmarshal(raw, &option) == nil && option["value"] == value {
			return option, nil
		}
	}
	return nil, fmt.Errorf("%s was not offered the option %q: ask with Suggest first", p.actionID(), value)
}
