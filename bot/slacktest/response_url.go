package slacktest

import (
	"encoding/json"
	"time"
)

// responseURL is an address an app may answer at: five times within 30 minutes (Slack: Handling user interaction).
type responseURL struct {
	User     string
	Channel  string
	Envelope string
	Source   string // ts of the message with the button; "" for slash commands and shortcuts
	Whisper  bool   // that message is ephemeral
	Thread   string // thread of that message
	Made     time.Time
	Uses     int
}

const (
	responseLife = 30 * time.Minute
	responseUses = 5
)

func (s *Server) newResponseURL(family string, to *responseURL) string {
	key := family + "/" + s.TeamID + "/" + randomID("", 24)
	s.lines.responses.put(key, to)
	return s.base() + "/response/" + key
}

// answer is a message sent to a response_url or in an ack.
type answer struct {
	Text            string          `json:"text"`
	Blocks          json.RawMessage `json:"blocks"`
	Attachments     json.RawMessage `json:"attachments"`
	Metadata        json.RawMessage `json:"metadata"`
	ThreadTS        string          `json:"thread_ts"`
	ResponseType    string          `json:"response_type"`
	ReplaceOriginal flag            `json:"replace_original"`
	DeleteOriginal  flag            `json:"delete_original"`
}

// flag is a boolean that some libraries send as a string.
type flag bool

// UnmarshalJSON accepts true, "true" and their opposites.
func (f *flag) UnmarshalJSON(b []byte) error {
	*f = string(b) == "true" || string(b) == `"true"`
	return nil
}

func (a answer) empty() bool {
	return a.Text == "" && isEmptyList(a.Blocks) && isEmptyList(a.Attachments)
}

// respond is a post to a response_url.
func (s *Server) respond(c *call) (obj, error) {
	to, ok := s.lines.responses.get(c.key)
	switch {
	case !ok:
		return nil, &apiError{Code: "invalid_url", Status: 404}
	case !s.now().Before(to.Made.Add(responseLife)):
		s.problem("response_url_expired", "an answer to envelope "+to.Envelope+" came more than 30 minutes after it")
		return nil, &apiError{Code: "expired_url", Status: 404}
	case to.Uses >= responseUses:
		s.problem("response_url_used", "a sixth answer to envelope "+to.Envelope)
		return nil, &apiError{Code: "used_url", Status: 404}
	}
	var a answer
	if err := json.Unmarshal(c.rawBody, &a); err != nil {
		return nil, &apiError{Code: "invalid_payload", Status: 400}
	}
	if err := s.answer(to, a); err != nil {
		err.Status = 400
		return nil, err
	}
	to.Uses++
	s.log.counts.ResponseURL++
	return obj{}, nil
}

// answer does what an answer says.
func (s *Server) answer(to *responseURL, a answer) *apiError {
	r := s.world.channels[to.Channel]
	if bool(a.DeleteOriginal) && to.Source != "" {
		s.deleteOriginal(r, to)
		return nil
	}
	if a.empty() {
		return &apiError{Code: "no_text"}
	}
	blocks, err := s.checkedBlocks(a.Blocks, inMessage)
	if err != nil {
		return err
	}
	m := s.botMessage(cutText(a.Text))
	m.Blocks, m.Attachments = blocks, nonEmpty(a.Attachments)
	if err := s.setMetadata(m, a.Metadata); err != nil {
		return err
	}
	if bool(a.ReplaceOriginal) && to.Source != "" {
		return s.replaceOriginal(r, to, m)
	}
	m.ThreadTS = a.ThreadTS
	if a.ResponseType == "in_channel" {
		m.ThreadTS = r.existingThread(a.ThreadTS)
		s.post(r, m)
		return nil
	}
	s.whisper(to.User, to.Channel, m)
	return nil
}

// replaceOriginal puts a new content into the message the button was on. An ephemeral message stays ephemeral.
func (s *Server) replaceOriginal(r *room, to *responseURL, m *Message) *apiError {
	if to.Whisper {
		old := s.findWhisper(to.User, to.Channel, to.Source)
		if old == nil {
			return &apiError{Code: "message_not_found"}
		}
		old.Text, old.Blocks, old.Attachments, old.Values = m.Text, m.Blocks, m.Attachments, nil
		old.Updates++
		s.changed()
		return nil
	}
	old := r.find(to.Source)
	if old == nil {
		return &apiError{Code: "message_not_found"}
	}
	before := s.wire(old, true)
	old.Text, old.Blocks, old.Attachments = m.Text, m.Blocks, m.Attachments
	if m.Metadata != nil {
		old.Metadata = m.Metadata
	}
	s.change(r, before, old)
	return nil
}

func (s *Server) deleteOriginal(r *room, to *responseURL) {
	if to.Whisper {
		s.world.whispers[to.User] = cutMessage(s.world.whispers[to.User], to.Source)
		s.changed()
		return
	}
	if m := r.find(to.Source); m != nil {
		s.erase(r, m)
	}
}
