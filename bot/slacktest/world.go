package slacktest

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
	IM       bool   // a direct message; User is the other side
	User     string // of a direct message
	Members  []string
	Topic    string
	Archived bool
	Creator  string
}

// UserGroup is a group that can be mentioned, such as @payments-eng.
type UserGroup struct {
	ID       string // S…; made up when empty
	Handle   string // without @
	Name     string
	Users    []string
	Disabled bool
}

// AddUser puts a person into the workspace and returns it with what was filled in.
func (s *Server) AddUser(u User) User { return u }

// AddChannel puts a channel into the workspace and returns it with what was filled in. The bot is a member only when
// Members names it.
func (s *Server) AddChannel(c Channel) Channel { return c }

// AddGroup puts a user group into the workspace and returns it with what was filled in.
func (s *Server) AddGroup(g UserGroup) UserGroup { return g }

// Users returns everyone, by ID.
func (s *Server) Users() []User { return nil }

// Channels returns all conversations, direct messages too, by ID.
func (s *Server) Channels() []Channel { return nil }

// Groups returns all user groups, by ID.
func (s *Server) Groups() []UserGroup { return nil }

// Channel finds a channel by its ID or its name, with or without #.
func (s *Server) Channel(idOrName string) (Channel, bool) { return Channel{}, false }

// User finds a person by ID or handle, with or without @.
func (s *Server) User(idOrName string) (User, bool) { return User{}, false }

// Deactivate takes a person out of the workspace, as an admin would: user_change.
func (s *Server) Deactivate(user string) error { return errUnbuilt }

// UpdateUser replaces what is known of a person: user_change.
func (s *Server) UpdateUser(u User) error { return errUnbuilt }

// SetGroupMembers replaces a group's members: subteam_updated and subteam_members_changed.
func (s *Server) SetGroupMembers(group string, users ...string) error { return errUnbuilt }

// Join lets someone, also the bot, join a channel: member_joined_channel.
func (s *Server) Join(user, channel string) error { return errUnbuilt }

// Invite has one member bring another person, also the bot, into a channel: member_joined_channel.
func (s *Server) Invite(by, channel, user string) error { return errUnbuilt }

// Kick has one person remove another, also the bot, from a channel: member_left_channel, and channel_left for the bot.
func (s *Server) Kick(by, channel, user string) error { return errUnbuilt }

// Archive closes a channel: channel_archive.
func (s *Server) Archive(by, channel string) error { return errUnbuilt }
