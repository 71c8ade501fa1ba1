package bot

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// envelope is one frame of Socket Mode: an envelope to acknowledge, a hello or a disconnect (Slack: Using Socket Mode).
type envelope struct {
	ID      string  `json:"envelope_id"`
	Type    string  `json:"type"`
	Payload payload `json:"payload"`
	Accepts bool    `json:"accepts_response_payload"`
	Attempt int     `json:"retry_attempt"`
	Reason  string  `json:"reason"` // of a disconnect

	odd error  // why the payload could not be read; nil when it could
	raw []byte // the whole frame then
}

// readFrame reads a frame. One whose payload is not of any form we know is an envelope all the same, to be kept.
func readFrame(data []byte) (*envelope, error) {
	var e envelope
	odd := json.Unmarshal(data, &e)
	if odd == nil && !known[e.Type] {
		odd = fmt.Errorf("unknown type %q", e.Type)
	}
	if odd == nil {
		return &e, nil
	}
	var bare struct {
		ID   string `json:"envelope_id"`
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &bare); err != nil {
		return nil, fmt.Errorf("reading a frame: %w", err)
	}
	return &envelope{ID: bare.ID, Type: bare.Type, odd: odd, raw: bytes.Clone(data)}, nil
}

// known are the types of frames.
var known = map[string]bool{"hello": true, "disconnect": true, "slash_commands": true, "interactive": true, "events_api": true}

// payload is the union of what Shipmate reads from all kinds of payloads. It is our own and lenient on purpose: a block
// or field Slack adds tomorrow must not make a click unreadable.
type payload struct {
	Type       string `json:"type"`
	TeamID     string `json:"team_id"`
	Team       idOnly `json:"team"`
	UserID     string `json:"user_id"`
	User       person `json:"user"`
	ChannelID  string `json:"channel_id"`
	Channel    idOnly `json:"channel"`
	Command    string `json:"command"`
	Text       string `json:"text"`
	TriggerID  string `json:"trigger_id"`
	Answer     string `json:"response_url"`
	ActionTS   string `json:"action_ts"`
	CallbackID string `json:"callback_id"`
	EventID    string `json:"event_id"`
	Event      event  `json:"event"`
	ActionID   string `json:"action_id"` // of an option look-up
	BlockID    string `json:"block_id"`
	Value      string `json:"value"` // what was typed into it

	Container struct {
		MessageTS string `json:"message_ts"`
		ChannelID string `json:"channel_id"`
		ThreadTS  string `json:"thread_ts"`
	} `json:"container"`
	Message struct {
		TS       string `json:"ts"`
		ThreadTS string `json:"thread_ts"`
		User     string `json:"user"`
		Text     string `json:"text"`
	} `json:"message"` // of a button or a shortcut
	Actions []action `json:"actions"`
	View    view     `json:"view"`
}

type idOnly struct {
	ID string `json:"id"`
}

type person struct {
	ID     string `json:"id"`
	TeamID string `json:"team_id"`
}

type action struct {
	ActionID string `json:"action_id"`
	Type     string `json:"type"`
	Value    string `json:"value"`
	ActionTS string `json:"action_ts"`
	Selected struct {
		Value string `json:"value"`
	} `json:"selected_option"`
}

type view struct {
	ID         string `json:"id"`
	CallbackID string `json:"callback_id"`
	Metadata   string `json:"private_metadata"`
	Hash       string `json:"hash"`
	State      struct {
		Values map[string]map[string]inputState `json:"values"`
	} `json:"state"`
}

type inputState struct {
	Value    string `json:"value"`
	Selected struct {
		Value string `json:"value"`
	} `json:"selected_option"`
	Several []struct {
		Value string `json:"value"`
	} `json:"selected_options"`
	Person string   `json:"selected_user"`
	People []string `json:"selected_users"`
}

// given is what was filled in, as the argument of the field.
func (in inputState) given() string {
	all := append([]string{}, in.People...)
	for _, o := range in.Several {
		all = append(all, o.Value)
	}
	return in.Value + in.Selected.Value + in.Person + strings.Join(all, ",")
}

type event struct {
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype"`
	User        json.RawMessage `json:"user"` // an ID, or a whole person in user_change
	Team        string          `json:"team"`
	UserTeam    string          `json:"user_team"`
	BotID       string          `json:"bot_id"`
	Text        string          `json:"text"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts"`
	Channel     json.RawMessage `json:"channel"` // an ID, or a whole channel in some events
	ChannelType string          `json:"channel_type"`
	Tab         string          `json:"tab"`
	SubteamID   string          `json:"subteam_id"`
	EventTS     string          `json:"event_ts"`

	Reaction string `json:"reaction"` // of reaction_added and _removed, with what it is on
	ItemUser string `json:"item_user"`
	Item     struct {
		Type    string `json:"type"`
		Channel string `json:"channel"`
		TS      string `json:"ts"`
	} `json:"item"`

	Message  eventMessage `json:"message"` // of message_changed
	Previous eventMessage `json:"previous_message"`
}

// eventMessage is a message inside an event.
type eventMessage struct {
	Subtype  string `json:"subtype"`
	TS       string `json:"ts"`
	ThreadTS string `json:"thread_ts"`
	User     string `json:"user"`
	BotID    string `json:"bot_id"`
	Text     string `json:"text"`
	Edited   struct {
		User string `json:"user"`
	} `json:"edited"`
}

func (e event) userID() string    { return idOf(e.User) }
func (e event) channelID() string { return idOf(e.Channel) }

// idOf reads an ID that some events send as a string and some as an object.
func idOf(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var o idOnly
	_ = json.Unmarshal(raw, &o) // an unreadable one is no ID
	return o.ID
}

// arrival is what an envelope means to us.
type arrival struct {
	entry    entry
	kind     arrivalKind
	payload  *payload
	seen     []string // every identity this may be delivered again under
	unwanted bool     // nobody's table wants it: acknowledge and forget
}

type arrivalKind int

const (
	isRequest arrivalKind = iota // to be journaled and run
	isForm                       // to be checked, then journaled and run
	isOptions                    // to be answered from the cache
	isNotice                     // tells us that a cache is out of date; a command may want it as well
)

// read makes an arrival of an envelope. Its error means that the payload is not of any form we know.
func read(env *envelope, botUser string) (arrival, error) {
	if env.odd != nil {
		return arrival{}, fmt.Errorf("reading an envelope of type %q: %w", env.Type, env.odd)
	}
	p := &env.Payload
	// The same envelope has the same payload, so the envelope's own ID counts only where the payload has no identity.
	a := arrival{payload: p, seen: []string{"envelope:" + env.ID}}
	a.entry = entry{
		ID: env.ID, User: cmp.Or(p.User.ID, p.UserID), UserTeam: p.User.TeamID, Team: cmp.Or(p.TeamID, p.Team.ID),
		Channel: cmp.Or(p.ChannelID, p.Channel.ID, p.Container.ChannelID), Trigger: p.TriggerID, Answer: p.Answer,
	}
	if p.TriggerID != "" {
		a.seen = []string{"trigger:" + p.TriggerID}
	}
	switch env.Type {
	case "slash_commands":
		a.entry.Via = Slash
		a.entry.Line = normalise(strings.TrimPrefix(p.Command, "/") + " " + p.Text)
	case "interactive":
		readInteractive(&a, p)
	case "events_api":
		readEvent(&a, p, botUser)
	}
	return a, nil
}

func readInteractive(a *arrival, p *payload) {
	switch p.Type {
	case "block_actions":
		a.entry.Via = Press
		a.entry.Thread = p.Container.ThreadTS
		a.entry.Pressed = cmp.Or(p.Container.MessageTS, p.View.ID)
		a.unwanted = true
		for _, act := range p.Actions {
			if act.Type != "button" || act.Value == "" {
				continue // a link button, or a field of a form that only changes
			}
			a.unwanted = false
			a.entry.Line, a.entry.Stage = cutStage(act.Value)
			if act.ActionTS != "" { // or every press of such a button would be one
				a.seen = append(a.seen, "action:"+a.entry.User+":"+act.ActionID+":"+act.ActionTS)
			}
		}
	case "view_submission":
		a.kind = isForm
		a.entry.Via = Submit
		a.entry.ID = cmp.Or(p.View.ID, a.entry.ID)
		a.seen = []string{"view:" + a.entry.ID} // a form's identity is its view, whatever envelope brings it
		a.entry.View = p.View.ID
	case "message_action", "shortcut":
		a.entry.Via = MessageShortcut
		a.entry.Line = p.CallbackID
		if p.Message.TS != "" {
			a.entry.Message = &MessageRef{Channel: a.entry.Channel, TS: p.Message.TS, User: p.Message.User, Text: p.Message.Text}
			if p.Message.ThreadTS != p.Message.TS {
				a.entry.Message.Thread = p.Message.ThreadTS
			}
			a.entry.Thread = p.Message.ThreadTS
		}
		a.seen = append(a.seen, "action:"+a.entry.User+":"+p.CallbackID+":"+p.ActionTS)
	case "block_suggestion":
		a.kind = isOptions
	default:
		a.unwanted = true // view_closed and whatever comes
	}
}

func readEvent(a *arrival, p *payload, botUser string) {
	e := p.Event
	a.entry.User, a.entry.Channel, a.entry.Thread = e.userID(), e.channelID(), e.ThreadTS
	a.entry.UserTeam = e.UserTeam
	if p.EventID != "" {
		a.seen = []string{"event:" + p.EventID}
	}
	switch {
	case e.Type == "app_mention" && e.BotID == "" && e.Subtype == "":
		a.entry.Via = Mention
		a.entry.Line = normalise(cutMention(e.Text, botUser))
	case e.Type == "message" && e.ChannelType == "im" && e.BotID == "" && (e.Subtype == "" || e.Subtype == "thread_broadcast"):
		a.entry.Via = DM
		a.entry.Line = normalise(cutMention(e.Text, botUser))
	case e.Type == "app_home_opened" && e.Tab == "home":
		a.entry.Via = Home
		a.entry.Line = homeLine
	default:
		a.readHappened(e, botUser)
	}
	if e.TS != "" {
		a.seen = append(a.seen, "message:"+a.entry.Channel+":"+e.TS)
	}
}

// cutMention returns what follows the bot's own mention, wherever that stands: "hey @shipmate deploy …" is a line too.
// While the bot does not know its own name, the first mention at the front counts.
func cutMention(text, botUser string) string {
	text = strings.TrimSpace(text)
	at := strings.Index(text, "<@"+botUser)
	if at < 0 || botUser == "" && at > 0 {
		return text
	}
	_, rest, ok := strings.Cut(text[at:], ">")
	if !ok {
		return text
	}
	return strings.TrimLeft(rest, " :,")
}
