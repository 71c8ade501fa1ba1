package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
)

// App is what is installed in the workspace: the app's manifest as far as it changes what Slack sends and allows.
type App struct {
	Commands  []Command
	Shortcuts []AppShortcut
	Events    []string // subscribed bot events, "message.channels"; all when nil
	Scopes    []string // bot scopes; every scope known when nil
	HomeTab   bool     // the Home tab is on; also when all of App is zero
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

func (a App) withDefaults() App {
	a.HomeTab = a.HomeTab || a.Commands == nil && a.Shortcuts == nil && a.Events == nil && a.Scopes == nil
	if a.Scopes == nil {
		a.Scopes = allScopes()
	}
	return a
}

func (a App) command(name string) (Command, bool) {
	i := slices.IndexFunc(a.Commands, func(c Command) bool { return c.Name == name })
	if i < 0 {
		return Command{}, false
	}
	return a.Commands[i], true
}

func (a App) hasShortcut(callbackID string, message bool) bool {
	return slices.ContainsFunc(a.Shortcuts, func(c AppShortcut) bool { return c.CallbackID == callbackID && c.Message == message })
}

func (a App) hears(event string) bool { return a.Events == nil || slices.Contains(a.Events, event) }

func (a App) may(scope string) bool { return slices.Contains(a.Scopes, scope) }

// ParseManifest reads a Slack app manifest (JSON, schema version 1 or 2) as an App.
func ParseManifest(manifest []byte) (App, error) {
	var m struct {
		Features struct {
			AppHome struct {
				HomeTab bool `json:"home_tab_enabled"`
			} `json:"app_home"`
			SlashCommands []struct {
				Command     string `json:"command"`
				Description string `json:"description"`
				UsageHint   string `json:"usage_hint"`
				Escape      bool   `json:"should_escape"`
			} `json:"slash_commands"`
			Shortcuts []struct {
				Name        string `json:"name"`
				Type        string `json:"type"`
				CallbackID  string `json:"callback_id"`
				Description string `json:"description"`
			} `json:"shortcuts"`
		} `json:"features"`
		OAuth struct {
			Scopes struct {
				Bot []string `json:"bot"`
			} `json:"scopes"`
		} `json:"oauth_config"`
		Settings struct {
			SocketMode bool `json:"socket_mode_enabled"`
			Events     struct {
				Bot []string `json:"bot_events"`
			} `json:"event_subscriptions"`
		} `json:"settings"`
	}
	if err := json.Unmarshal(manifest, &m); err != nil {
		return App{}, fmt.Errorf("reading the app manifest: %w", err)
	}
	if !m.Settings.SocketMode {
		return App{}, fmt.Errorf("reading the app manifest: settings.socket_mode_enabled is not set")
	}
	a := App{Events: append([]string{}, m.Settings.Events.Bot...), Scopes: append([]string{}, m.OAuth.Scopes.Bot...), HomeTab: m.Features.AppHome.HomeTab}
	for _, c := range m.Features.SlashCommands {
		a.Commands = append(a.Commands, Command{c.Command, c.Description, c.UsageHint, c.Escape})
	}
	for _, c := range m.Features.Shortcuts {
		a.Shortcuts = append(a.Shortcuts, AppShortcut{c.Name, c.CallbackID, c.Description, c.Type == "message"})
	}
	return a, nil
}

// SetApp installs the app anew with other commands, events and scopes.
func (s *Server) SetApp(a App) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.app = a.withDefaults()
	s.changed()
}

// App returns what is installed.
func (s *Server) App() App {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.app
}

// SetScopes replaces the bot token's scopes.
func (s *Server) SetScopes(scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.app.Scopes = append([]string{}, scopes...)
	s.changed()
}

// Revoke makes both tokens invalid, as uninstalling the app does: token_revoked.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.revoked = true
	s.changed()
}

// allScopes are the bot scopes this server knows (Slack: Permission scopes).
func allScopes() []string {
	return []string{
		"app_mentions:read", "bookmarks:read", "bookmarks:write", "channels:history", "channels:join", "channels:manage", "channels:read",
		"chat:write", "chat:write.customize", "chat:write.public", "commands", "files:read", "files:write", "groups:history",
		"groups:read", "groups:write", "im:history", "im:read", "im:write", "links:read", "links:write", "metadata.message:read",
		"mpim:history", "mpim:read", "pins:read", "pins:write", "reactions:read", "reactions:write", "team:read", "usergroups:read",
		"users:read", "users:read.email",
	}
}

// eventScope is the scope without which Slack does not send an event; "" when none is needed.
func eventScope(event string) string {
	switch event {
	case "app_mention":
		return "app_mentions:read"
	case "message.channels":
		return "channels:history"
	case "message.groups":
		return "groups:history"
	case "message.im":
		return "im:history"
	case "reaction_added", "reaction_removed":
		return "reactions:read"
	case "pin_added", "pin_removed":
		return "pins:read"
	case "channel_created", "channel_rename", "channel_archive":
		return "channels:read"
	case "group_rename", "group_archive":
		return "groups:read"
	case "subteam_updated", "subteam_members_changed", "subteam_created":
		return "usergroups:read"
	case "user_change", "team_join":
		return "users:read"
	}
	return ""
}
