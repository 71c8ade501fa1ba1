package slacktest

import (
	"encoding/json"
	"fmt"
	"time"
)

// Ref points at what a person acts on: a message (Channel and TS, also an ephemeral one the person sees) or a view.
type Ref struct {
	Channel string
	TS      string
	View    string
}

// OnMessage points at a message.
func OnMessage(m Message) Ref { return Ref{Channel: m.Channel, TS: m.TS} }

// OnView points at a modal or a home tab.
func OnView(v View) Ref { return Ref{View: v.ID} }

// place is where a person acts.
type place struct {
	user    *User
	room    *room    // of a message
	message *Message // or
	view    *view
}

func (p place) blocks() json.RawMessage {
	if p.view != nil {
		return p.view.Blocks
	}
	return p.message.Blocks
}

func (p place) chosen() states {
	if p.view != nil {
		return p.view.Values
	}
	return p.message.Values[p.user.ID]
}

// remember stores what the person chose; in a message each person has their own choice.
func (p place) remember(at spot, h holder, v any) {
	raw := mustJSON(obj{"type": at.kind(), h.key: v})
	all := p.chosen()
	if all == nil {
		all = states{}
	}
	if all[at.blockID()] == nil {
		all[at.blockID()] = map[string]json.RawMessage{}
	}
	all[at.blockID()][at.actionID()] = raw
	if p.view != nil {
		p.view.Values = all
		return
	}
	if p.message.Values == nil {
		p.message.Values = map[string]states{}
	}
	p.message.Values[p.user.ID] = all
}

func (p place) key(actionID string) string {
	if p.view != nil {
		return p.user.ID + "/" + p.view.ID + "/" + actionID
	}
	return p.user.ID + "/" + p.room.ID + "/" + p.message.TS + "/" + actionID
}

// at finds where a person acts, if they can.
func (s *Server) at(user string, on Ref) (place, error) {
	if on.View != "" {
		u, v := s.world.user(user), s.world.views[on.View]
		if u == nil || v == nil || v.User != u.ID {
			return place{}, fmt.Errorf("%s has no view %s open", user, on.View)
		}
		if stack := s.world.stacks[u.ID]; v.Type == "modal" && stack[len(stack)-1] != v {
			return place{}, fmt.Errorf("view %s lies under another", on.View)
		}
		return place{user: u, view: v}, nil
	}
	u, r, err := s.who(user, on.Channel)
	if err != nil {
		return place{}, err
	}
	m := r.find(on.TS)
	if m == nil {
		m = s.findWhisper(u.ID, r.ID, on.TS)
	}
	if m == nil {
		return place{}, fmt.Errorf("message_not_found: %s sees no message %s in #%s", u.Name, on.TS, r.Name)
	}
	return place{user: u, room: r, message: m}, nil
}

// Press clicks a button that is really there. value chooses among buttons of the same action_id; "" takes the first.
// Without an ack within 3 s the person is told so: by Slackbot under a message, in View.Trouble of a view.
func (s *Server) Press(user string, on Ref, actionID, value string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.at(user, on)
	if err != nil {
		return "", fmt.Errorf("pressing %s: %w", actionID, err)
	}
	for _, at := range spots(p.blocks()) {
		if at.kind() == "button" && at.actionID() == actionID && (value == "" || at.element["value"] == value) {
			action := omit(at.element, "confirm", "url", "accessibility_label", "visible_to_user_ids")
			return s.act(p, at, action), nil
		}
	}
	return "", fmt.Errorf("pressing %s: there is no such button with the value %q", actionID, value)
}

// Select chooses in a menu, date picker, radio or checkbox group, or presses enter in a text field. Where the block is
// an input that does not dispatch actions this only fills it in, and the returned id is empty.
func (s *Server) Select(user string, on Ref, actionID string, values ...string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.at(user, on)
	if err != nil {
		return "", fmt.Errorf("choosing in %s: %w", actionID, err)
	}
	for _, at := range spots(p.blocks()) {
		if at.actionID() == actionID && at.kind() != "button" {
			return s.selectAt(p, at, values)
		}
	}
	return "", fmt.Errorf("choosing in %s: there is no such menu or field", actionID)
}

func (s *Server) selectAt(p place, at spot, values []string) (string, error) {
	h, holds := holders(at.kind())
	if !holds {
		h = holder{key: "selected_option"} // overflow
	}
	v, err := s.choose(at, h, values, s.lines.offers[p.key(at.actionID())])
	if err != nil {
		return "", fmt.Errorf("choosing in %s: %w", at.actionID(), err)
	}
	if holds {
		p.remember(at, h, v)
	}
	s.changed()
	if at.isInput() && at.block["dispatch_action"] != true {
		return "", nil
	}
	action := obj{"type": at.kind(), "action_id": at.actionID(), h.key: v}
	if hint := at.element["placeholder"]; hint != nil {
		action["placeholder"] = hint
	}
	return s.act(p, at, action), nil
}

// act sends block_actions for what a person did.
func (s *Server) act(p place, at spot, action obj) string {
	action["block_id"], action["action_ts"] = at.blockID(), s.nextTS()
	payload := s.interaction("block_actions", p.user)
	payload["actions"] = []obj{action}
	d := interactive(false)
	if p.view != nil {
		v := p.view
		payload["trigger_id"] = s.newTrigger(p.user.ID, v.ID)
		payload["container"] = obj{"type": "view", "view_id": v.ID}
		payload["view"] = s.viewWire(v)
		d.missed = func(time.Time) { v.Trouble = trouble }
	} else {
		s.addMessage(p, payload, d)
	}
	d.payload = mustJSON(payload)
	s.deliver(d)
	return d.EnvelopeID
}

// addMessage adds to block_actions what it carries for a message. Of an ephemeral one the app gets no copy.
func (s *Server) addMessage(p place, payload obj, d *delivery) {
	m, user, channel := p.message, p.user.ID, p.room.ID
	container := obj{"type": "message", "message_ts": m.TS, "channel_id": channel, "is_ephemeral": m.Ephemeral}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	payload["trigger_id"] = s.newTrigger(user, "")
	payload["container"], payload["channel"] = container, obj{"id": channel, "name": p.room.slashName()}
	payload["state"] = obj{"values": stateValues(m.Blocks, p.chosen())}
	if !m.Ephemeral {
		payload["message"] = s.wire(m, true)
	}
	payload["response_url"] = s.newResponseURL("actions", &responseURL{
		User: user, Channel: channel, Envelope: d.EnvelopeID, Source: m.TS, Whisper: m.Ephemeral, Thread: m.ThreadTS, Made: s.now(),
	})
	d.missed = func(time.Time) { s.slackbot(user, channel, "Shipmate did not respond.") }
}

// interaction is what every interactive payload has.
func (s *Server) interaction(kind string, u *User) obj {
	return obj{
		"type": kind, "token": "verification-token", "api_app_id": s.AppID, "enterprise": nil, "is_enterprise_install": false,
		"team": obj{"id": s.TeamID, "domain": s.domain()},
		"user": obj{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": s.teamOf(u)},
	}
}

// interactive is an envelope whose payload is still to come.
func interactive(answers bool) *delivery {
	return &delivery{Delivery: Delivery{EnvelopeID: newEnvelopeID(), Type: "interactive"}, answers: answers}
}
