package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"shipmate/bot/slacktest"
)

// seat is a person in a channel, with what they did and saw last.
type seat struct {
	h        *harness
	name, id string
	channel  string // ID
	place    string // its name
	envelope string // of what they did last
	seen     slacktest.Message
}

// as is the person with that handle, in no channel yet.
func (h *harness) as(name string) *seat { return &seat{h: h, name: name, id: h.people[name]} }

// in puts the person into a channel.
func (s *seat) in(channel string) *seat {
	s.h.Helper()
	s.channel, s.place = s.h.channel(channel), channel
	return s
}

// types types a slash command. It must be acked while time stands still.
func (s *seat) types(line string) *seat {
	s.h.Helper()
	var err error
	if s.envelope, err = s.h.slack.Slash(s.id, s.channel, line); err != nil {
		s.h.Fatal(err)
	}
	return s.acked(line)
}

// says posts a message, which the bot is told of when it is mentioned or it is a direct message.
func (s *seat) says(text, thread string) *seat {
	s.h.Helper()
	said, err := s.h.slack.Say(s.id, s.channel, thread, text)
	if err != nil {
		s.h.Fatal(err)
	}
	for _, s.envelope = range said.Envelopes {
		s.acked(text)
	}
	return s
}

func (s *seat) acked(what string) *seat {
	s.h.Helper()
	s.h.still("the ack of "+what, func() bool {
		_, ok := s.h.slack.Ack(s.envelope)
		return ok
	})
	return s
}

// presses presses a button on what they saw last.
func (s *seat) presses(label string) *seat {
	s.h.Helper()
	id := buttonID(s.seen, label)
	if id == "" {
		s.h.Fatalf("there is no button %q on: %s", label, whole(s.seen))
	}
	var err error
	if s.envelope, err = s.h.slack.Press(s.id, slacktest.OnMessage(s.seen), id, ""); err != nil {
		s.h.Fatal(err)
	}
	return s.acked("a press on " + label)
}

// sees waits, while time goes on, until the channel shows words to everybody or to this person alone. What was seen before
// counts only when it has changed to hold them.
func (s *seat) sees(words ...string) *seat {
	s.h.Helper()
	return s.find("sees", words, s.here)
}

// here is what the person can read where they are.
func (s *seat) here() []slacktest.Message {
	return append(s.h.slack.Messages(s.channel), s.h.slack.Ephemerals(s.id, s.channel)...)
}

// isTold waits until the person alone is told something new that holds the words, while time stands still.
func (s *seat) isTold(words ...string) *seat {
	s.h.Helper()
	s.h.still(s.name+" alone is told "+strings.Join(words, ", "), s.looks(words, s.unread))
	return s
}

// isToldInTime is isTold while time goes on.
func (s *seat) isToldInTime(words ...string) *seat {
	s.h.Helper()
	return s.find("alone is told in time", words, s.unread)
}

// unread is what the person alone was told and the test has not seen.
func (s *seat) unread() []slacktest.Message {
	var fresh []slacktest.Message
	for _, m := range s.h.slack.Ephemerals(s.id, s.channel) {
		if !s.h.expected[keyOf(m)] {
			fresh = append(fresh, m)
		}
	}
	return fresh
}

// readsInThread waits until a reply under what they saw last holds the words.
func (s *seat) readsInThread(words ...string) *seat {
	s.h.Helper()
	under := s.seen
	return s.find("reads in the thread", words, func() []slacktest.Message {
		all := s.h.slack.Thread(s.channel, under.TS)
		return all[min(1, len(all)):]
	})
}

func (s *seat) find(how string, words []string, all func() []slacktest.Message) *seat {
	s.h.Helper()
	s.h.later(s.name+" "+how+" "+strings.Join(words, ", "), s.looks(words, all))
	return s
}

// looks tells whether one of the messages holds all words, and remembers it.
func (s *seat) looks(words []string, all func() []slacktest.Message) func() bool {
	return func() bool {
		for _, m := range all() {
			if m.BotID == "" && m.For == "" || !hasAll(whole(m), words) {
				continue
			}
			s.seen = m
			s.h.expect(m)
			return true
		}
		return false
	}
}

func hasAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// form waits for the form the person has open, while time stands still.
func (s *seat) form() slacktest.View {
	s.h.Helper()
	var form slacktest.View
	s.h.still(s.name+" has a form open", func() bool {
		open := s.h.slack.Views(s.id)
		if len(open) > 0 {
			form = open[len(open)-1]
		}
		return len(open) > 0
	})
	return form
}

// submits fills the form in and sends it.
func (s *seat) submits(values slacktest.Values) *seat {
	s.h.Helper()
	var err error
	if s.envelope, err = s.h.slack.Submit(s.id, s.form().ID, values); err != nil {
		s.h.Fatal(err)
	}
	return s.acked("the form")
}

// formSays waits until the form shows words, or an error at a field that holds them.
func (s *seat) formSays(words string) slacktest.View {
	s.h.Helper()
	var got slacktest.View
	s.h.later("the form says "+words, func() bool {
		got = s.form()
		if strings.Contains(string(got.Blocks), words) {
			return true
		}
		for _, sentence := range got.Errors {
			if strings.Contains(sentence, words) {
				return true
			}
		}
		return false
	})
	return got
}

// seesCard waits until the nth message that stands for itself in the channel holds the words, counted from 1.
func (s *seat) seesCard(n int, words ...string) *seat {
	s.h.Helper()
	return s.find("sees on another card", words, func() []slacktest.Message {
		var cards []slacktest.Message
		for _, m := range s.h.slack.Messages(s.channel) {
			if m.BotID != "" && !m.Broadcast {
				cards = append(cards, m)
			}
		}
		return cards[min(n-1, len(cards)):]
	})
}

// hearsOnly waits until this person alone reads the words, while time goes on.
func (s *seat) hearsOnly(words ...string) *seat {
	s.h.Helper()
	return s.find("alone hears", words, func() []slacktest.Message { return s.h.slack.Ephemerals(s.id, s.channel) })
}

// pressesAgain presses a button that was on a message as it looked before, as somebody does whose screen is behind.
func (s *seat) pressesAgain(label string, before slacktest.Message) *seat {
	s.h.Helper()
	value, now := buttonValue(before, label), s.h.happened.Load()
	raw, err := json.Marshal(map[string]any{
		"envelope_id": fmt.Sprintf("late-%d", now), "type": "interactive", "accepts_response_payload": false,
		"payload": map[string]any{
			"type": "block_actions", "team": map[string]any{"id": s.h.slack.TeamID}, "user": map[string]any{"id": s.id, "team_id": s.h.slack.TeamID},
			"channel": map[string]any{"id": before.Channel}, "container": map[string]any{"message_ts": before.TS, "channel_id": before.Channel},
			"actions": []any{map[string]any{"type": "button", "action_id": "b0", "value": value, "action_ts": fmt.Sprint(now)}},
		},
	})
	if err != nil {
		s.h.Fatal(err)
	}
	if s.envelope, err = s.h.slack.Send(raw); err != nil {
		s.h.Fatal(err)
	}
	return s.acked("a late press on " + label)
}
