package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Values are what a person filled into a form: by action_id, or by "block_id/action_id" where that is not unique.
// Text, one option's value, a user's or channel's ID, a date; several for multi-selects and checkboxes.
type Values map[string][]string

// Submit sends a form. What the client itself refuses (a required field left empty, too long a text, an option that is
// not offered, a second press while the first is on its way) is an error and no envelope.
func (s *Server) Submit(user, viewID string, values Values) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.at(user, Ref{View: viewID})
	if err == nil {
		err = s.fill(p, values)
	}
	if err != nil {
		return "", fmt.Errorf("submitting a form: %w", err)
	}
	v := p.view
	v.Errors, v.Trouble, v.busy = nil, "", true
	payload := s.interaction("view_submission", p.user)
	payload["trigger_id"] = s.newTrigger(p.user.ID, v.ID)
	d := interactive(true)
	payload["response_urls"] = s.formResponseURLs(p, d)
	payload["view"] = s.viewWire(v)
	d.payload = mustJSON(payload)
	d.answered = func(answer json.RawMessage) { s.formAnswer(v, answer) }
	d.missed = func(time.Time) { v.busy, v.Trouble = false, trouble }
	s.deliver(d)
	return d.EnvelopeID, nil
}

// fill enters values into a form and checks what the client checks.
func (s *Server) fill(p place, values Values) error {
	v := p.view
	switch {
	case v.Type != "modal" || v.Submit == "":
		return fmt.Errorf("view %s cannot be submitted", v.ID)
	case v.busy:
		return fmt.Errorf("view %s is still being submitted", v.ID)
	}
	used := map[string]bool{}
	list := spots(v.Blocks)
	for _, at := range list {
		entered, key := values.of(at)
		if key == "" {
			continue
		}
		used[key] = true
		h, ok := holders(at.kind())
		if !ok {
			return fmt.Errorf("%s takes no value", key)
		}
		value, err := s.choose(at, h, entered, s.lines.offers[p.key(at.actionID())])
		if err != nil {
			return err
		}
		p.remember(at, h, value)
	}
	for key := range values {
		if !used[key] {
			return fmt.Errorf("the form has no field %s", key)
		}
	}
	return complete(list, v)
}

func (values Values) of(at spot) ([]string, string) {
	for _, key := range []string{at.blockID() + "/" + at.actionID(), at.actionID()} {
		if entered, ok := values[key]; ok {
			return entered, key
		}
	}
	return nil, ""
}

// complete checks that no required input is empty.
func complete(list []spot, v *view) error {
	for _, at := range list {
		h, ok := holders(at.kind())
		if !ok || !at.isInput() || at.block["optional"] == true {
			continue
		}
		var state obj
		_ = json.Unmarshal(at.state(h, v.Values), &state) // our own
		if many, isList := state[h.key].([]any); state[h.key] == nil || state[h.key] == "" || isList && len(many) == 0 {
			return fmt.Errorf("please complete the required field %s", at.label())
		}
	}
	return nil
}

// formResponseURLs gives an address for each chosen conversation of a field with response_url_enabled.
func (s *Server) formResponseURLs(p place, d *delivery) []obj {
	urls := []obj{}
	for _, at := range spots(p.view.Blocks) {
		if at.element["response_url_enabled"] != true {
			continue
		}
		h, _ := holders(at.kind())
		var state obj
		_ = json.Unmarshal(at.state(h, p.view.Values), &state)
		r := s.world.channels[fmt.Sprint(state[h.key])]
		if r == nil {
			continue
		}
		to := &responseURL{User: p.user.ID, Channel: r.ID, Envelope: d.EnvelopeID, Made: s.now()}
		urls = append(urls, obj{
			"block_id": at.blockID(), "action_id": at.actionID(), "channel_id": r.ID, "response_url": s.newResponseURL("app", to),
		})
	}
	return urls
}

// formAnswer does what the ack of a submission says (Slack: Modals, response actions). An empty one closes the view.
func (s *Server) formAnswer(v *view, payload json.RawMessage) {
	v.busy = false
	if s.world.views[v.ID] != v {
		return // closed meanwhile
	}
	if payload == nil {
		s.closeView(v)
		return
	}
	var a struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if err := json.Unmarshal(payload, &a); err != nil {
		s.badForm(v, "is no response action")
		return
	}
	switch a.Action {
	case "errors":
		s.formErrors(v, a.Errors)
	case "update", "push":
		s.formView(v, a.Action, a.View)
	case "clear":
		s.clearViews(v.User)
	default:
		s.badForm(v, "has the response_action "+a.Action)
	}
}

func (s *Server) badForm(v *view, what string) {
	v.Trouble = trouble
	s.problem("bad_answer", "the ack of the submission of view "+v.ID+" "+what)
}

// formErrors shows errors under their inputs; only input blocks can carry one.
func (s *Server) formErrors(v *view, errors map[string]string) {
	inputs := []string{}
	for _, at := range spots(v.Blocks) {
		if at.isInput() {
			inputs = append(inputs, at.blockID())
		}
	}
	for block := range errors {
		if !slices.Contains(inputs, block) {
			s.badForm(v, "has an error for "+block+", which is no input block ("+strings.Join(inputs, ", ")+")")
			return
		}
	}
	if len(errors) == 0 {
		s.badForm(v, "has no errors in its errors")
		return
	}
	v.Errors = errors
	s.changed()
}

func (s *Server) formView(v *view, action string, raw json.RawMessage) {
	fresh, refused := s.parseView(raw, inModal)
	if refused == nil && action == "update" {
		refused = s.replaceView(v, fresh)
	} else if refused == nil {
		refused = s.pushView(fresh, v.User)
	}
	if refused != nil {
		s.badForm(v, "has a view that is refused: "+refused.Error())
	}
}

// CloseView closes a person's top form, or all with the X. Forms with notify_on_close send view_closed; the id of the
// top one's envelope is returned, empty when it sends none.
func (s *Server) CloseView(user, viewID string, all bool) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.at(user, Ref{View: viewID})
	if err != nil || p.view.Type != "modal" {
		return "", fmt.Errorf("closing view %s: it is not open on top", viewID)
	}
	all = all || p.view.ClearOnClose
	closing := []*view{p.view}
	if all {
		closing = slices.Clone(s.world.stacks[p.user.ID])
		slices.Reverse(closing)
	}
	top := ""
	for _, v := range closing {
		s.closeView(v)
		if id := s.viewClosed(p.user, v, all); v == p.view {
			top = id
		}
	}
	return top, nil
}

func (s *Server) viewClosed(u *User, v *view, cleared bool) string {
	if !v.NotifyOnClose {
		return ""
	}
	payload := s.interaction("view_closed", u)
	payload["view"], payload["is_cleared"] = s.viewWire(v), cleared
	d := interactive(false)
	d.payload = mustJSON(payload)
	s.deliver(d)
	return d.EnvelopeID
}
