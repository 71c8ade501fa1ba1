package slacktest

import (
	"slices"
	"strings"
)

// User is a person, or a bot, of the workspace.
type User struct {
	ID         string // U…; made up when empty
	Name       string // the handle, without @
	RealName   string
	Email      string
	TZ         string // IANA name; Europe/Berlin when empty
	Admin      bool
	Restricted bool // a guest
	Deleted    bool // deactivated
	IsBot      bool
	TeamID     string // another workspace's when the person comes through a shared channel; ours when empty
}

// Channel is a conversation: public, private or a direct message with one person.
type Channel struct {
	ID       string // C…, D… for direct messages; made up when empty
	Name     string // without #
	Private  bool
	IM       bool   // a direct message between the bot and User
	User     string // of a direct message
	Members  []string
	Topic    string
	Purpose  string // what Slack's client calls the description
	Archived bool
	Creator  string
	Created  int64 // Unix seconds
}

// UserGroup is a group that can be mentioned, such as @payments-eng.
type UserGroup struct {
	ID       string // S…; made up when empty
	Handle   string // without @
	Name     string
	Users    []string
	Disabled bool
}

// world is everything a workspace remembers, with the indexes that keep each call's work independent of its size.
type world struct {
	lastTS   int64 // microseconds
	app      App
	users    map[string]*User
	handles  map[string]*User
	emails   map[string]*User
	channels map[string]*room
	names    map[string]*room
	dms      map[string]*room // by user
	groups   map[string]*UserGroup
	whispers map[string][]*Message // ephemerals by user
	views    map[string]*view
	external map[string]*view   // by external_id
	stacks   map[string][]*view // by user, top last
	homes    map[string]*view   // by user
	files    map[string]*File
	events   map[string]*event // not acked yet, by event_id
	rules    Rules
	revoked  bool
}

func emptyWorld(a App) *world {
	return &world{
		app: a, users: map[string]*User{}, handles: map[string]*User{}, emails: map[string]*User{},
		channels: map[string]*room{}, names: map[string]*room{}, dms: map[string]*room{}, groups: map[string]*UserGroup{},
		whispers: map[string][]*Message{}, views: map[string]*view{}, external: map[string]*view{},
		stacks: map[string][]*view{}, homes: map[string]*view{}, files: map[string]*File{}, events: map[string]*event{},
	}
}

// room is a channel with its members and messages.
type room struct {
	Channel
	members   map[string]bool
	messages  []*Message // all but deleted ones, by time
	byTS      map[string]*Message
	threads   map[string][]*Message // replies by the parent's ts
	bookmarks []Bookmark
}

func (r *room) info() Channel {
	c := r.Channel
	c.Members = nil
	for id := range r.members {
		c.Members = append(c.Members, id)
	}
	slices.Sort(c.Members)
	return c
}

func (w *world) putUser(u User) *User {
	if u.ID == "" {
		u.ID = randomID("U0", 9)
	}
	if u.TZ == "" {
		u.TZ = "Europe/Berlin"
	}
	if old := w.users[u.ID]; old != nil {
		delete(w.handles, old.Name)
		delete(w.emails, strings.ToLower(old.Email))
	}
	w.users[u.ID], w.handles[u.Name] = &u, &u
	if u.Email != "" {
		w.emails[strings.ToLower(u.Email)] = &u
	}
	return &u
}

func (w *world) putChannel(c Channel) *room {
	if c.ID == "" {
		c.ID = randomID("C0", 9)
		if c.IM {
			c.ID = randomID("D0", 9)
		}
	}
	r := &room{Channel: c, members: map[string]bool{}, byTS: map[string]*Message{}, threads: map[string][]*Message{}}
	for _, id := range c.Members {
		r.members[id] = true
	}
	w.channels[c.ID] = r
	if c.IM {
		w.dms[c.User] = r
	} else {
		w.names[c.Name] = r
	}
	return r
}

func (w *world) putGroup(g UserGroup) *UserGroup {
	if g.ID == "" {
		g.ID = randomID("S0", 9)
	}
	g.Users = slices.Clone(g.Users)
	w.groups[g.ID] = &g
	return &g
}

// room finds a channel by ID or name.
func (w *world) room(idOrName string) *room {
	if r := w.channels[idOrName]; r != nil {
		return r
	}
	return w.names[strings.TrimPrefix(idOrName, "#")]
}

func (w *world) user(idOrName string) *User {
	if u := w.users[idOrName]; u != nil {
		return u
	}
	return w.handles[strings.TrimPrefix(idOrName, "@")]
}

// dm returns the direct message of a person and the bot.
func (s *Server) dm(user string) *room {
	if r := s.world.dms[user]; r != nil {
		return r
	}
	return s.world.putChannel(Channel{IM: true, User: user, Members: []string{user, s.BotUserID}, Created: s.now().Unix()})
}

// AddUser puts a person into the workspace and returns it with what was filled in.
func (s *Server) AddUser(u User) User {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed()
	return *s.world.putUser(u)
}

// AddChannel puts a channel into the workspace and returns it with what was filled in. The bot is a member only when
// Members names it.
func (s *Server) AddChannel(c Channel) Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed()
	if c.Created == 0 {
		c.Created = s.now().Unix()
	}
	return s.world.putChannel(c).info()
}

// AddGroup puts a user group into the workspace and returns it with what was filled in.
func (s *Server) AddGroup(g UserGroup) UserGroup {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.changed()
	return *s.world.putGroup(g)
}

// Users returns everyone, by ID.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sortedValues(s.world.users, func(u *User) User { return *u })
}

// Channels returns all conversations, direct messages too, by ID.
func (s *Server) Channels() []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sortedValues(s.world.channels, (*room).info)
}

// Groups returns all user groups, by ID.
func (s *Server) Groups() []UserGroup {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sortedValues(s.world.groups, func(g *UserGroup) UserGroup {
		c := *g
		c.Users = slices.Clone(g.Users)
		return c
	})
}

// Channel finds a channel by its ID or its name, with or without #.
func (s *Server) Channel(idOrName string) (Channel, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.world.room(idOrName); r != nil {
		return r.info(), true
	}
	return Channel{}, false
}

// User finds a person by ID or handle, with or without @.
func (s *Server) User(idOrName string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.world.user(idOrName); u != nil {
		return *u, true
	}
	return User{}, false
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func sortedValues[V, T any](m map[string]V, f func(V) T) []T {
	list := make([]T, 0, len(m))
	for _, k := range sortedKeys(m) {
		list = append(list, f(m[k]))
	}
	return list
}
