package bot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
)

// scopes are what the bot token may do whatever is in the table of commands, each for the reason given (Slack: Permission scopes).
var scopes = map[string]string{
	"app_mentions:read": "lines typed as a mention, which also work in threads",
	"bookmarks:read":    "not putting a link at the head of a channel twice",
	"bookmarks:write":   "links at the head of a channel made for an incident",
	"channels:history":  "finding a message again after its post ended unclear",
	"channels:join":     "showing a card where it was asked for in a public channel",
	"channels:manage":   "channels made for incidents: making, describing and closing them, and inviting people",
	"channels:read":     "knowing whether the bot is in a channel",
	"chat:write":        "answers and cards",
	"commands":          "slash commands and shortcuts",
	"files:write":       "pictures that go with an answer",
	"groups:history":    "the same in private channels it was invited to",
	"groups:read":       "the same in private channels it was invited to",
	"groups:write":      "the same as channels:manage, for private channels",
	"im:history":        "lines typed as a direct message",
	"im:read":           "direct messages",
	"im:write":          "telling a person something",
	"pins:write":        "keeping a card at hand in a channel made for it",
	"usergroups:read":   "who is in a team's user group, for permission",
	"users:read":        "who a person is: member, guest or bot, and their zone",
	"users:read.email":  "matching people by e-mail",
}

// botEvents are the events the bot subscribes to: lines, the home tab, and what makes its caches out of date.
var botEvents = []string{"app_home_opened", "app_mention", "channel_archive", "channel_rename", "message.im", "subteam_members_changed", "subteam_updated", "user_change"}

// neededScopes are what the bot token may do for a table of commands, each with its reason.
func neededScopes(commands []Command) map[string]string {
	all := maps.Clone(scopes)
	for _, c := range commands {
		if c.On&Event == 0 {
			continue
		}
		for _, s := range eventNeeds[c.Name].scopes {
			if all[s] == "" {
				all[s] = "hearing what happens: " + c.Short
			}
		}
	}
	return all
}

// Scopes lists the scopes the bot token needs for a table of commands.
func Scopes(commands []Command) []string { return slices.Sorted(maps.Keys(neededScopes(commands))) }

// subscriptions are the events the app subscribes to for a table of commands.
func subscriptions(commands []Command) []string {
	all := slices.Clone(botEvents)
	for _, c := range commands {
		if c.On&Event != 0 {
			all = append(all, eventNeeds[c.Name].subscribe...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

type manifest struct {
	Metadata struct {
		Major int `json:"major_version"`
	} `json:"_metadata"`
	Display  display  `json:"display_information"`
	Features features `json:"features"`
	OAuth    struct {
		Scopes struct {
			Bot []string `json:"bot"`
		} `json:"scopes"`
	} `json:"oauth_config"`
	Settings settings `json:"settings"`
}

type display struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Color       string `json:"background_color"`
}

type features struct {
	Home struct {
		Tab      bool `json:"home_tab_enabled"`
		Messages bool `json:"messages_tab_enabled"`
		ReadOnly bool `json:"messages_tab_read_only_enabled"`
	} `json:"app_home"`
	User struct {
		Name   string `json:"display_name"`
		Online bool   `json:"always_online"`
	} `json:"bot_user"`
	Shortcuts []manifestShortcut `json:"shortcuts,omitempty"`
	Commands  []manifestCommand  `json:"slash_commands"`
}

type manifestShortcut struct {
	Name        string `json:"name"`
	Type        string `json:"type"`
	CallbackID  string `json:"callback_id"`
	Description string `json:"description"`
}

type manifestCommand struct {
	Command     string `json:"command"`
	Description string `json:"description"`
	Hint        string `json:"usage_hint,omitempty"`
	Escape      bool   `json:"should_escape"`
}

type settings struct {
	Events struct {
		Bot []string `json:"bot_events"`
	} `json:"event_subscriptions"`
	Interactivity struct {
		Enabled bool `json:"is_enabled"`
	} `json:"interactivity"`
	OrgDeploy  bool `json:"org_deploy_enabled"`
	SocketMode bool `json:"socket_mode_enabled"`
	Rotation   bool `json:"token_rotation_enabled"`
}

// Manifest is the Slack app's manifest (schema 2) for a table of commands, as indented JSON.
func Manifest(commands []Command) ([]byte, error) {
	if _, err := newRouter(commands, nil); err != nil {
		return nil, err
	}
	var m manifest
	m.Metadata.Major = 2
	m.Display = display{"Shipmate", "Deploys, pipelines, on-call and decisions, from where you talk.", "#0b3d5c"}
	m.Features.Home.Tab, m.Features.Home.Messages = true, true
	m.Features.User.Name, m.Features.User.Online = "shipmate", true
	m.Features.Commands = manifestCommands(commands)
	for _, c := range commands {
		if c.On&MessageShortcut != 0 {
			m.Features.Shortcuts = append(m.Features.Shortcuts, manifestShortcut{
				c.shortcutTitle(), "message", c.Name, shortenPlain(c.Short, 150)})
		}
	}
	m.OAuth.Scopes.Bot = Scopes(commands)
	m.Settings.Events.Bot = subscriptions(commands)
	m.Settings.Interactivity.Enabled, m.Settings.SocketMode = true, true
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // people read it, and "<service>" should stay readable
	enc.SetIndent("", "  ")
	if err := enc.Encode(m); err != nil {
		return nil, fmt.Errorf("writing the manifest: %w", err)
	}
	return out.Bytes(), nil
}

// manifestCommands are the slash commands: the first words of the names. One whose first word is no command by itself
// hints at those below it.
func manifestCommands(commands []Command) []manifestCommand {
	byWord := map[string]*manifestCommand{}
	below := map[string][]string{}
	for _, c := range commands {
		if c.On != 0 && c.On&Slash == 0 {
			continue
		}
		word, rest, isSub := strings.Cut(c.Name, " ")
		if byWord[word] == nil {
			byWord[word] = &manifestCommand{Command: "/" + word, Escape: true}
		}
		if isSub {
			below[word] = append(below[word], rest)
			continue
		}
		byWord[word].Description, byWord[word].Hint = c.Short, shortenPlain(ShownArgs(c), 1000)
	}
	var out []manifestCommand
	for word, c := range byWord {
		if c.Description == "" {
			sort.Strings(below[word])
			c.Description = "Shipmate: " + strings.Join(below[word], ", ")
			c.Hint = "[" + strings.Join(below[word], "|") + "]"
		}
		out = append(out, *c)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Command < out[j].Command })
	return out
}
