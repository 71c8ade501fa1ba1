package slacktest

import (
	"fmt"
	"time"
)

// Shortcut uses a message shortcut on a message.
func (s *Server) Shortcut(user, callbackID, channel, ts string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, r, err := s.who(user, channel)
	if err != nil {
		return "", fmt.Errorf("using the shortcut %s: %w", callbackID, err)
	}
	m := r.find(ts)
	if m == nil || !s.world.app.hasShortcut(callbackID, true) {
		return "", fmt.Errorf("using the shortcut %s: there is no such message shortcut, or no message %s", callbackID, ts)
	}
	payload := s.interaction("message_action", u)
	d := interactive(false)
	payload["callback_id"], payload["action_ts"], payload["message_ts"] = callbackID, s.nextTS(), m.TS
	payload["trigger_id"], payload["message"] = s.newTrigger(u.ID, ""), s.wire(m, true)
	payload["channel"] = obj{"id": r.ID, "name": r.slashName()}
	payload["response_url"] = s.newResponseURL("app", &responseURL{User: u.ID, Channel: r.ID, Envelope: d.EnvelopeID, Thread: m.ThreadTS, Made: s.now()})
	d.payload = mustJSON(payload)
	d.missed = func(time.Time) { s.slackbot(u.ID, r.ID, "Shipmate did not respond.") }
	s.deliver(d)
	return d.EnvelopeID, nil
}

// GlobalShortcut uses a global shortcut.
func (s *Server) GlobalShortcut(user, callbackID string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.world.user(user)
	if u == nil || u.Deleted || !s.world.app.hasShortcut(callbackID, false) {
		return "", fmt.Errorf("using the shortcut %s: there is no such person or global shortcut", callbackID)
	}
	payload := s.interaction("shortcut", u)
	delete(payload, "api_app_id") // Slack does not send it here
	payload["callback_id"], payload["action_ts"], payload["trigger_id"] = callbackID, s.nextTS(), s.newTrigger(u.ID, "")
	d := interactive(false)
	d.payload = mustJSON(payload)
	d.missed = func(time.Time) { s.slackbot(u.ID, s.dm(u.ID).ID, "Shipmate did not respond.") }
	s.deliver(d)
	return d.EnvelopeID, nil
}

// OpenHome opens the app's Home tab: app_home_opened, with the view published so far.
func (s *Server) OpenHome(user string) ([]string, error) { return s.openTab(user, "home") }

// OpenMessages opens the app's Messages tab: app_home_opened.
func (s *Server) OpenMessages(user string) ([]string, error) { return s.openTab(user, "messages") }

func (s *Server) openTab(user, tab string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.world.user(user)
	if u == nil || u.Deleted || tab == "home" && !s.world.app.HomeTab {
		return nil, fmt.Errorf("opening the app's %s tab as %s: no such person or tab", tab, user)
	}
	e := obj{"type": "app_home_opened", "user": u.ID, "channel": s.dm(u.ID).ID, "tab": tab, "event_ts": s.nextTS()}
	if v := s.world.homes[u.ID]; v != nil && tab == "home" {
		e["view"] = s.viewWire(v)
	}
	return given([]string{s.tell("app_home_opened", e)}), nil
}
