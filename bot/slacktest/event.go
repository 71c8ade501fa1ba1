package slacktest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// event is something told through the Events API until it is acked or given up.
type event struct {
	ID      string          `json:"id"`
	First   string          `json:"first"` // envelope ID of the first attempt
	Payload json.RawMessage `json:"payload"`
	Attempt int             `json:"attempt"` // the one under way or waited for
	Due     time.Time       `json:"due"`     // when that one is sent; zero when it is under way
}

// retryAfter is how long after a missed attempt the next is made: nearly at once, after one and after five minutes
// (Slack: Events API, retries).
func retryAfter(attempt int) time.Duration {
	return []time.Duration{time.Second, time.Minute, 5 * time.Minute}[attempt]
}

const lastAttempt = 3

// tell sends an event if the app is subscribed to it and has its scope; else "".
func (s *Server) tell(subscription string, inner obj) string {
	a := s.world.app
	if scope := eventScope(subscription); !a.hears(subscription) || scope != "" && !a.may(scope) {
		return ""
	}
	return s.sendEvent(inner)
}

// tellIn sends an event of a channel if the bot is in it.
func (s *Server) tellIn(r *room, subscription string, inner obj) string {
	if !r.members[s.BotUserID] {
		return ""
	}
	return s.tell(subscription, inner)
}

// Event sends any inner event, wrapped and redelivered as Slack does, whatever is subscribed. The envelope's id is
// returned.
func (s *Server) Event(inner any) (string, error) {
	raw, err := json.Marshal(inner)
	if err != nil {
		return "", fmt.Errorf("encoding the event: %w", err)
	}
	var fields obj
	if err := json.Unmarshal(raw, &fields); err != nil || fields["type"] == nil {
		return "", fmt.Errorf("an event is an object with a type, not %s", raw)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sendEvent(fields), nil
}

func (s *Server) sendEvent(inner obj) string {
	e := &event{ID: randomID("Ev0", 9)}
	kind, _ := inner["type"].(string)
	channel, _ := inner["channel"].(string)
	e.Payload = mustJSON(obj{
		"token": "verification-token", "team_id": s.TeamID, "api_app_id": s.AppID, "event": inner, "type": "event_callback",
		"event_id": e.ID, "event_time": s.now().Unix(), "is_ext_shared_channel": false,
		"authorizations": []obj{{
			"enterprise_id": nil, "team_id": s.TeamID, "user_id": s.BotUserID, "is_bot": true, "is_enterprise_install": false,
		}},
		"event_context": strings.Join([]string{"1", kind, s.TeamID, channel}, "-"),
	})
	s.world.events[e.ID] = e
	return s.attempt(e)
}

// attempt delivers an event once more and returns the envelope's id.
func (s *Server) attempt(e *event) string {
	e.Due = time.Time{}
	d := &delivery{Delivery: Delivery{EnvelopeID: newEnvelopeID(), Of: e.First, Type: "events_api", Attempt: e.Attempt}, payload: e.Payload}
	if e.First == "" {
		e.First = d.EnvelopeID
	}
	d.answered = func(json.RawMessage) { delete(s.world.events, e.ID) }
	d.missed = func(due time.Time) { s.missedEvent(e, due) }
	s.deliver(d)
	return d.EnvelopeID
}

// missedEvent plans the next attempt, if there is one left.
func (s *Server) missedEvent(e *event, due time.Time) {
	if s.world.events[e.ID] != e {
		return // another delivery of it was acked
	}
	if e.Attempt >= lastAttempt {
		delete(s.world.events, e.ID)
		s.problem("event_lost", "event "+e.ID+" was not acked in four attempts")
		return
	}
	e.Due = due.Add(retryAfter(e.Attempt))
	e.Attempt++
	s.planEvent(e)
}

func (s *Server) planEvent(e *event) {
	s.schedule.at(e.Due, func(time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.world.events[e.ID] == e {
			s.attempt(e)
		}
	})
}
