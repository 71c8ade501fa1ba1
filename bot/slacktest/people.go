package slacktest

import "encoding/json"

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

// Said is a message a person posted and the envelopes that told the app.
type Said struct {
	Channel   string
	TS        string
	Envelopes []string
}

// Values are what a person filled into a form: by action_id, or by "block_id/action_id" where that is not unique.
// Text, one option's value, a user's or channel's ID, a date; several for multi-selects and checkboxes.
type Values map[string][]string

// Slash types a slash command into a channel, such as "/deploy checkout staging", and returns the envelope's id.
// A command the app does not have, or a person who cannot be there, is an error with Slack's words. When no ack comes
// within 3 s, or no socket is open, the person is told so by Slackbot, ephemerally.
func (s *Server) Slash(user, channel, line string) (string, error) { return "", errUnbuilt }

// SlashInThread types a slash command into a thread, which Slack refuses for every app's command.
func (s *Server) SlashInThread(user, channel, threadTS, line string) error { return errUnbuilt }

// Say posts a message as a person, into a thread when threadTS is set. Typed @names and #channels become mentions.
// To talk to the bot privately, say it in DMChannel(user).
func (s *Server) Say(user, channel, threadTS, text string) (Said, error) { return Said{}, errUnbuilt }

// Edit changes a person's own message.
func (s *Server) Edit(user, channel, ts, text string) ([]string, error) { return nil, errUnbuilt }

// Delete removes a person's own message.
func (s *Server) Delete(user, channel, ts string) ([]string, error) { return nil, errUnbuilt }

// React adds an emoji, named without colons, to a message.
func (s *Server) React(user, channel, ts, emoji string) ([]string, error) { return nil, errUnbuilt }

// Press clicks a button that is really there. value chooses among buttons of the same action_id; "" takes the first.
func (s *Server) Press(user string, on Ref, actionID, value string) (string, error) {
	return "", errUnbuilt
}

// Select chooses in a menu, date picker, radio or checkbox group. In a form whose block does not dispatch actions this
// only fills the field in and the returned id is empty.
func (s *Server) Select(user string, on Ref, actionID string, values ...string) (string, error) {
	return "", errUnbuilt
}

// Suggest types into an external select and asks the app for options; Suggestions tells what it answered.
func (s *Server) Suggest(user string, on Ref, actionID, query string) (string, error) {
	return "", errUnbuilt
}

// Suggestions returns the options the app gave for the envelope of a Suggest, and whether it has answered.
func (s *Server) Suggestions(envelopeID string) ([]Option, bool) { return nil, false }

// Option is a choice of a menu.
type Option struct {
	Text  string
	Value string
	Group string // label of its option group, if any
}

// Submit sends a form. What the client itself refuses (a required field left empty, too long a text, an option that is
// not offered) is an error and no envelope.
func (s *Server) Submit(user, viewID string, values Values) (string, error) { return "", errUnbuilt }

// CloseView closes a person's top form, or all with the X; the envelope id is empty unless notify_on_close is set.
func (s *Server) CloseView(user, viewID string, all bool) (string, error) { return "", errUnbuilt }

// Shortcut uses a message shortcut on a message.
func (s *Server) Shortcut(user, callbackID, channel, ts string) (string, error) { return "", errUnbuilt }

// GlobalShortcut uses a global shortcut.
func (s *Server) GlobalShortcut(user, callbackID string) (string, error) { return "", errUnbuilt }

// OpenHome opens the app's Home tab: app_home_opened.
func (s *Server) OpenHome(user string) ([]string, error) { return nil, errUnbuilt }

// OpenMessages opens the app's Messages tab: app_home_opened.
func (s *Server) OpenMessages(user string) ([]string, error) { return nil, errUnbuilt }

// Event sends any inner event, wrapped and redelivered as Slack does, whatever is subscribed.
func (s *Server) Event(inner any) (string, error) { return "", errUnbuilt }

// Send puts an envelope as it is on one connection, once. An envelope_id is read from it, if any, to match the ack.
func (s *Server) Send(envelope json.RawMessage) (string, error) { return "", errUnbuilt }

// Redeliver sends an earlier envelope again n times, under the same envelope_id or new ones.
func (s *Server) Redeliver(envelopeID string, n int, sameID bool) ([]string, error) {
	return nil, errUnbuilt
}
