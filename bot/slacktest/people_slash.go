package slacktest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// slashPayload is a slash command as Slack sends it (Slack: Slash commands).
type slashPayload struct {
	Token        string `json:"token"`
	TeamID       string `json:"team_id"`
	TeamDomain   string `json:"team_domain"`
	ChannelID    string `json:"channel_id"`
	ChannelName  string `json:"channel_name"`
	UserID       string `json:"user_id"`
	UserName     string `json:"user_name"`
	Command      string `json:"command"`
	Text         string `json:"text"`
	AppID        string `json:"api_app_id"`
	IsEnterprise string `json:"is_enterprise_install"`
	ResponseURL  string `json:"response_url"`
	TriggerID    string `json:"trigger_id"`
}

// Slash types a slash command into a channel, such as "/deploy checkout staging", and returns the envelope's id.
// A command the app does not have, or a person who cannot be there, is an error with Slack's words. When no ack comes
// within 3 s, or no socket is open, the person is told so by Slackbot, ephemerally; a slash command is not redelivered.
func (s *Server) Slash(user, channel, line string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, r, err := s.writes(user, channel)
	if err != nil {
		return "", fmt.Errorf("typing %s: %w", line, err)
	}
	name, text, _ := strings.Cut(strings.TrimSpace(line), " ")
	command, ok := s.world.app.command(name)
	if !ok || !s.world.app.may("commands") {
		return "", fmt.Errorf("%s is not a valid command. In Slack, all messages that start with the \"/\" character are interpreted as commands", name)
	}
	text = strings.TrimSpace(text)
	if command.Escape {
		text = s.world.escape(text)
	}
	d := &delivery{Delivery: Delivery{EnvelopeID: newEnvelopeID(), Type: "slash_commands"}, answers: true}
	answer := &responseURL{User: u.ID, Channel: r.ID, Envelope: d.EnvelopeID, Made: s.now()}
	d.payload = mustJSON(slashPayload{
		Token: "verification-token", TeamID: s.teamOf(u), TeamDomain: s.domainOf(u), ChannelID: r.ID, ChannelName: r.slashName(),
		UserID: u.ID, UserName: u.Name, Command: name, Text: text, AppID: s.AppID, IsEnterprise: "false",
		ResponseURL: s.newResponseURL("commands", answer), TriggerID: s.newTrigger(u.ID, ""),
	})
	d.answered = func(payload json.RawMessage) { s.slashAnswer(d, answer, line, payload) }
	d.missed = func(time.Time) {
		what := "operation_timeout"
		if d.Conn == 0 {
			what = "dispatch_failed"
		}
		s.slackbot(u.ID, r.ID, fmt.Sprintf("%s failed with the error %q", name, what))
	}
	s.deliver(d)
	return d.EnvelopeID, nil
}

// SlashInThread types a slash command into a thread, which Slack refuses for every app's command.
func (s *Server) SlashInThread(user, channel, threadTS, line string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, r, err := s.writes(user, channel)
	if err == nil {
		_, err = r.threadOf(threadTS)
	}
	if err != nil {
		return fmt.Errorf("typing %s in a thread: %w", line, err)
	}
	name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	return fmt.Errorf("%s is not supported in threads. Sorry", name)
}

// slashAnswer shows what came back in the ack.
func (s *Server) slashAnswer(d *delivery, to *responseURL, line string, payload json.RawMessage) {
	if payload == nil {
		return
	}
	var a answer
	if err := json.Unmarshal(payload, &a); err != nil {
		s.problem("bad_answer", "the ack of "+d.EnvelopeID+" carries no message")
		return
	}
	u := s.world.users[to.User]
	if a.ResponseType == "in_channel" {
		s.post(s.world.channels[to.Channel], &Message{User: u.ID, Text: s.world.escape(line)})
		if a.empty() {
			return
		}
	}
	if code := s.answer(to, a); code != nil {
		s.problem("bad_answer", "the ack of "+d.EnvelopeID+": "+code.Error())
	}
}

func (s *Server) teamOf(u *User) string {
	if u.TeamID != "" {
		return u.TeamID
	}
	return s.TeamID
}

func (s *Server) domainOf(u *User) string {
	if s.teamOf(u) != s.TeamID {
		return "elsewhere"
	}
	return s.domain()
}

// trigger lets the app open one form, within 3 s.
type trigger struct {
	user    string
	view    string // the view it came from, if any: needed to push onto it
	expires time.Time
	used    bool
}

// triggerLife is how long a trigger_id lives (Slack: Handling user interaction).
const triggerLife = 3 * time.Second

func (s *Server) newTrigger(user, view string) string {
	id := s.newTriggerID()
	s.lines.triggers.put(id, &trigger{user: user, view: view, expires: s.now().Add(triggerLife)})
	return id
}
