package slacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// savedWorld is a workspace as a file. Triggers, response_urls and the record of envelopes and calls are not kept:
// they live for minutes.
type savedWorld struct {
	Version  int                   `json:"version"`
	BotToken string                `json:"bot_token"`
	AppToken string                `json:"app_token"`
	LastTS   int64                 `json:"last_ts"`
	Users    []User                `json:"users"`
	Groups   []UserGroup           `json:"groups"`
	Channels []savedChannel        `json:"channels"`
	Whispers map[string][]*Message `json:"whispers,omitempty"`
	Stacks   map[string][]view     `json:"stacks,omitempty"`
	Homes    map[string]view       `json:"homes,omitempty"`
	Files    []*File               `json:"files,omitempty"`
	Events   []*event              `json:"events,omitempty"`
	Rules    Rules                 `json:"rules,omitzero"`
}

type savedChannel struct {
	Channel
	Messages  []*Message `json:"messages,omitempty"`
	Bookmarks []Bookmark `json:"bookmarks,omitempty"`
}

const saveVersion = 1

// Save writes the workspace as JSON: people, channels, messages, views, tokens and the events not yet acked. What is
// installed (SetApp) is not part of it.
func (s *Server) Save(w io.Writer) error {
	s.mu.Lock()
	saved := s.saved()
	text, err := json.Marshal(saved)
	s.mu.Unlock()
	if err != nil {
		return fmt.Errorf("encoding the workspace: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("saving the workspace: %w", err)
	}
	return nil
}

func (s *Server) saved() savedWorld {
	w := s.world
	saved := savedWorld{
		Version: saveVersion, BotToken: s.BotToken, AppToken: s.AppToken, LastTS: w.lastTS,
		Users: sortedValues(w.users, func(u *User) User { return *u }), Groups: sortedValues(w.groups, func(g *UserGroup) UserGroup { return *g }),
		Whispers: w.whispers, Stacks: map[string][]view{}, Homes: map[string]view{},
		Files: sortedValues(w.files, func(f *File) *File { return f }), Events: sortedValues(w.events, func(e *event) *event { return e }), Rules: w.rules,
	}
	for _, id := range sortedKeys(w.channels) {
		r := w.channels[id]
		saved.Channels = append(saved.Channels, savedChannel{r.info(), r.messages, r.bookmarks})
	}
	for user, stack := range w.stacks {
		for _, v := range stack {
			saved.Stacks[user] = append(saved.Stacks[user], *v)
		}
	}
	for user, v := range w.homes {
		saved.Homes[user] = *v
	}
	return saved
}

// Restore replaces the workspace by a saved one, its tokens included. Call it before an app connects. Events that were
// not acked when it was saved are delivered again.
func (s *Server) Restore(r io.Reader) error {
	var saved savedWorld
	if err := json.NewDecoder(r).Decode(&saved); err != nil {
		return fmt.Errorf("reading the saved workspace: %w", err)
	}
	if saved.Version != saveVersion {
		return errors.New("reading the saved workspace: it was saved by another version")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.BotToken, s.AppToken = saved.BotToken, saved.AppToken
	s.world = restoredWorld(saved, s.world.app)
	for _, e := range s.world.events {
		if e.Due.IsZero() {
			e.Due = s.now()
		}
		s.planEvent(e)
	}
	s.changed()
	return nil
}

func restoredWorld(saved savedWorld, app App) *world {
	w := emptyWorld(app)
	w.lastTS, w.rules = saved.LastTS, saved.Rules
	for _, u := range saved.Users {
		w.putUser(u)
	}
	for _, g := range saved.Groups {
		w.putGroup(g)
	}
	for _, c := range saved.Channels {
		r := w.putChannel(c.Channel)
		r.bookmarks = c.Bookmarks
		for _, m := range c.Messages {
			r.restore(m)
		}
	}
	if saved.Whispers != nil {
		w.whispers = saved.Whispers
	}
	for user, stack := range saved.Stacks {
		for i := range stack {
			w.restoreView(&stack[i])
			w.stacks[user] = append(w.stacks[user], &stack[i])
		}
	}
	for user, v := range saved.Homes {
		w.restoreView(&v)
		w.homes[user] = &v
	}
	for _, f := range saved.Files {
		w.files[f.ID] = f
	}
	for _, e := range saved.Events {
		w.events[e.ID] = e
	}
	return w
}

// restore puts a message back as it was; its parent has its counts already.
func (r *room) restore(m *Message) {
	r.messages = append(r.messages, m)
	r.byTS[m.TS] = m
	if m.inThread() {
		r.threads[m.ThreadTS] = append(slices.Clip(r.threads[m.ThreadTS]), m)
	}
}

func (w *world) restoreView(v *view) {
	w.views[v.ID] = v
	if v.ExternalID != "" {
		w.external[v.ExternalID] = v
	}
}
