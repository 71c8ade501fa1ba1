package slacktest

// App is what is installed in the workspace: the app's manifest as far as it changes what Slack sends and allows.
type App struct {
	Commands  []Command
	Shortcuts []AppShortcut
	Events    []string // subscribed bot events, "message.channels"; all when nil
	Scopes    []string // bot scopes; every scope known when nil
	HomeTab   bool     // the Home tab is on; on when the App is zero
}

// Command is a slash command of the app.
type Command struct {
	Name        string // with its slash
	Description string
	UsageHint   string
	Escape      bool // should_escape: users and channels arrive as <@U…> and <#C…|name>
}

// AppShortcut is a shortcut of the app.
type AppShortcut struct {
	Name        string
	CallbackID  string
	Description string
	Message     bool // a message shortcut; global otherwise
}

// ParseManifest reads a Slack app manifest (JSON, schema version 1 or 2) as an App.
func ParseManifest(manifest []byte) (App, error) { return App{}, errUnbuilt }

// SetApp installs the app anew with other commands, events and scopes.
func (s *Server) SetApp(a App) {}

// App returns what is installed.
func (s *Server) App() App { return App{} }

// SetScopes replaces the bot token's scopes.
func (s *Server) SetScopes(scopes ...string) {}
