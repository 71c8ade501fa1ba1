package sandbox

import (
	"cmp"
	"slices"
	"strings"

	"shipmate/bot/slacktest"
)

// shownMessages is how many messages of a channel the page gets.
const shownMessages = 200

// sight is all that one person sees at one moment.
type sight struct {
	Now        float64             `json:"now"` // of the stage's clock, Unix seconds
	Team       string              `json:"team"`
	Me         Person              `json:"me"`
	People     []Person            `json:"people"`
	Groups     []group             `json:"groups"`
	Channels   []channel           `json:"channels"`
	Others     []channel           `json:"others"` // public ones the person has not joined
	Channel    channel             `json:"channel"`
	Messages   []slacktest.Message `json:"messages"`
	Thread     []slacktest.Message `json:"thread"`
	Views      []slacktest.View    `json:"views"`
	Home       *slacktest.View     `json:"home"`
	Vocabulary vocabulary          `json:"vocabulary"`
	Shortcuts  []shortcut          `json:"shortcuts"`
	Bot        BotStatus           `json:"bot"`
	Sockets    sockets             `json:"sockets"`
	Levers     []leverState        `json:"levers"`
	Faults     int                 `json:"faults"`
	Guide      guideState          `json:"guide"`
	Pages      int                 `json:"pages"` // incidents on PagerDuty that nobody has acknowledged
}

type group struct {
	ID     string `json:"id"`
	Handle string `json:"handle"`
	Mine   bool   `json:"mine"`
}

type channel struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Topic    string `json:"topic"`
	Private  bool   `json:"private"`
	IM       bool   `json:"im"`
	Unread   int    `json:"unread"`
	Mentions bool   `json:"mentions"`
	ReadTo   string `json:"readTo"`

	// Of the open channel only.
	Purpose   string               `json:"purpose"`
	Bookmarks []slacktest.Bookmark `json:"bookmarks"`
	Pins      []slacktest.Message  `json:"pins"`
}

type shortcut struct {
	Name        string `json:"name"`
	Callback    string `json:"callback"`
	Description string `json:"description"`
	Message     bool   `json:"message"`
}

type sockets struct {
	Open   int `json:"open"`
	Opened int `json:"opened"`
}

// look is what the person sees with this channel and thread open. Names that do not exist become the first there is.
func (s *Stage) look(person, room, thread string) sight {
	me := s.person(person)
	v := sight{Now: float64(s.clock.Now().UnixMilli()) / 1000, Team: "Acme", Vocabulary: s.names.vocabulary(s.opts.Commands, s.github),
		Bot: s.bot.status(), Levers: s.leverStates(), Guide: s.guide(), Pages: s.unanswered()}
	for _, u := range s.slack.Users() {
		if !u.Deleted {
			v.People = append(v.People, personOf(u, me.ID))
		}
	}
	slices.SortFunc(v.People, func(a, b Person) int { return cmp.Compare(a.Name, b.Name) })
	v.Me = personOf(me, me.ID)
	for _, g := range s.slack.Groups() {
		v.Groups = append(v.Groups, group{g.ID, g.Handle, slices.Contains(g.Users, me.ID)})
	}
	for _, sc := range s.slack.App().Shortcuts {
		v.Shortcuts = append(v.Shortcuts, shortcut{sc.Name, sc.CallbackID, sc.Description, sc.Message})
	}
	c := s.slack.Connections()
	v.Sockets = sockets{c.Open, c.Opened}
	for _, l := range v.Levers {
		if l.On {
			v.Faults++
		}
	}
	s.lookAround(&v, room, thread)
	return v
}

// lookAround fills in channels and what the open one shows.
func (s *Stage) lookAround(v *sight, room, thread string) {
	v.Channels, v.Others = s.channels(v.Me.ID)
	v.Channel = v.Channels[0]
	for _, c := range v.Channels {
		if c.ID == room || c.Name == room || c.IM && room == "@shipmate" {
			v.Channel = c
		}
	}
	if c, ok := s.slack.Channel(v.Channel.ID); ok {
		v.Channel.Purpose = c.Purpose
	}
	v.Channel.Bookmarks = s.slack.Bookmarks(v.Channel.ID)
	v.Channel.Pins = s.slack.Pins(v.Channel.ID)
	withoutData(v.Channel.Pins)
	own := s.slack.Ephemerals(v.Me.ID, v.Channel.ID)
	v.Messages = merged(s.slack.Messages(v.Channel.ID), own, "")
	if n := len(v.Messages) - shownMessages; n > 0 {
		v.Messages = v.Messages[n:]
	}
	if thread != "" {
		v.Thread = merged(s.slack.Thread(v.Channel.ID, thread), own, thread)
	}
	withoutData(v.Messages)
	withoutData(v.Thread)
	v.Thread = orEmpty(v.Thread)
	v.Views = orEmpty(s.slack.Views(v.Me.ID))
	if home, ok := s.slack.Home(v.Me.ID); ok {
		v.Home = &home
	}
}

// withoutData leaves out what is in files: the page asks for it by the file's ID.
func withoutData(messages []slacktest.Message) {
	for i := range messages {
		files := slices.Clone(messages[i].Files)
		for j := range files {
			files[j].Data = nil
		}
		messages[i].Files = files
	}
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// merged puts the ephemeral messages of one thread ("" for the channel itself) between the others, by time.
func merged(messages, ephemerals []slacktest.Message, thread string) []slacktest.Message {
	out := append([]slacktest.Message{}, messages...)
	for _, m := range ephemerals {
		if m.ThreadTS == thread {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b slacktest.Message) int { return strings.Compare(a.TS, b.TS) })
	return out
}

// person finds somebody by ID or handle; the first employee when there is no such person.
func (s *Stage) person(who string) slacktest.User {
	if u, ok := s.slack.User(who); ok && !u.IsBot && !u.Deleted {
		return u
	}
	u, _ := s.slack.User(employees[0].name)
	return u
}

// channels are those a person is in, by name, with the direct message with the bot last, and the public ones they can join.
func (s *Stage) channels(user string) (mine, others []channel) {
	dm := s.slack.DMChannel(user)
	others = []channel{}
	for _, c := range s.slack.Channels() {
		shown := channel{ID: c.ID, Name: c.Name, Topic: c.Topic, Private: c.Private}
		switch {
		case c.Archived || c.IM:
		case slices.Contains(c.Members, user):
			mine = append(mine, shown)
		case !c.Private:
			others = append(others, shown)
		}
	}
	byName := func(a, b channel) int { return cmp.Compare(a.Name, b.Name) }
	slices.SortFunc(mine, byName)
	slices.SortFunc(others, byName)
	mine = append(mine, channel{ID: dm, Name: "Shipmate", IM: true})
	for i := range mine {
		s.countUnread(&mine[i], user)
	}
	return mine, others
}

// countUnread counts what others said in a channel since the person last looked.
func (s *Stage) countUnread(c *channel, user string) {
	s.mu.Lock()
	c.ReadTo = s.notes.Read[user][c.ID]
	s.mu.Unlock()
	for _, m := range merged(s.slack.Messages(c.ID), s.slack.Ephemerals(user, c.ID), "") {
		if m.User == user || m.TS <= c.ReadTo {
			continue
		}
		c.Unread++
		c.Mentions = c.Mentions || c.IM || strings.Contains(m.Text, "<@"+user+">") || strings.Contains(string(m.Blocks), "<@"+user+">")
	}
}

// markRead notes how far a person has read a channel; never backwards.
func (s *Stage) markRead(user, channel, ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.notes.Read[user] == nil {
		s.notes.Read[user] = map[string]string{}
	}
	if ts <= s.notes.Read[user][channel] {
		return
	}
	s.notes.Read[user][channel] = ts
	s.dirty = true
}

// readAll lets everybody have read everything, except that the first employee comes back from a break.
func (s *Stage) readAll() {
	for _, u := range s.slack.Users() {
		for _, c := range s.slack.Channels() {
			messages := s.slack.Messages(c.ID)
			if len(messages) == 0 || u.Name == employees[0].name && c.Name == "storefront" {
				continue
			}
			s.markRead(u.ID, c.ID, messages[len(messages)-1].TS)
		}
	}
}
