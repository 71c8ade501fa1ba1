package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
)

// View is a modal or a home tab as a person has it open.
type View struct {
	ID              string            `json:"id"`
	User            string            `json:"user"`
	Type            string            `json:"type"` // modal or home
	CallbackID      string            `json:"callback_id"`
	ExternalID      string            `json:"external_id"`
	PrivateMetadata string            `json:"private_metadata"`
	Hash            string            `json:"hash"`
	Title           string            `json:"title"`
	Submit          string            `json:"submit"`
	Close           string            `json:"close"`
	Blocks          json.RawMessage   `json:"blocks"`
	State           json.RawMessage   `json:"state,omitempty"`   // state.values: block_id → action_id → value
	Errors          map[string]string `json:"errors,omitempty"`  // by block_id, after response_action errors
	Trouble         string            `json:"trouble,omitempty"` // what Slack shows when a submission or click went unanswered or wrong
	RootViewID      string            `json:"root_view_id"`
	PreviousViewID  string            `json:"previous_view_id"`
	ClearOnClose    bool              `json:"clear_on_close"`
	NotifyOnClose   bool              `json:"notify_on_close"`
}

// trouble is what people see when an app does not answer, or answers nonsense.
const trouble = "We had some trouble connecting. Try again?"

// maxStack is how many modals can lie on each other (Slack: Modals).
const maxStack = 3

// states is what was chosen or typed: block_id → action_id → value.
type states = map[string]map[string]json.RawMessage

// view is a View with what only Slack needs to know.
type view struct {
	View
	TitleRaw  json.RawMessage `json:"title_raw"`
	SubmitRaw json.RawMessage `json:"submit_raw"`
	CloseRaw  json.RawMessage `json:"close_raw"`
	Values    states          `json:"values"`
	busy      bool            // a submission is on its way
}

// parseView checks a view an app sends.
func (s *Server) parseView(raw json.RawMessage, on surface) (*view, *apiError) {
	if len(raw) > maxView {
		return nil, refuse("view_too_large")
	}
	var o obj
	if json.Unmarshal(raw, &o) != nil || o == nil {
		return nil, refuse("invalid_arguments", "[ERROR] view must be an object")
	}
	k := newChecker(on)
	want := map[surface]string{inModal: "modal", inHome: "home"}[on]
	if o["type"] != want {
		k.say("/view/type", "must be %q", want)
	}
	k.shape(o, viewShape(on == inModal), "/view")
	blocks, ok := o["blocks"].([]any)
	k.wrong(ok, "/view/blocks", "must be an array")
	k.list(blocks, "/view/blocks")
	if on == inModal && o["submit"] == nil && hasInput(blocks) {
		k.say("/view", "submit is required when there are input blocks")
	}
	if len(k.said) > 0 {
		return nil, refuse("invalid_arguments", k.said...)
	}
	v := &view{TitleRaw: mustJSON(o["title"]), SubmitRaw: mustJSON(o["submit"]), CloseRaw: mustJSON(o["close"])}
	_ = json.Unmarshal(mustJSON(omit(o, "title", "submit", "close", "blocks")), &v.View) // checked above
	v.Title, v.Submit, v.Close = textOf(o["title"]), textOf(o["submit"]), textOf(o["close"])
	v.Blocks = mustJSON(blocks)
	return v, nil
}

func omit(o obj, names ...string) obj {
	rest := obj{}
	for k, v := range o {
		if !slices.Contains(names, k) {
			rest[k] = v
		}
	}
	return rest
}

func textOf(v any) string {
	o, _ := v.(obj)
	t, _ := o["text"].(string)
	return t
}

func hasInput(blocks []any) bool {
	return slices.ContainsFunc(blocks, func(b any) bool { o, _ := b.(obj); return o["type"] == "input" })
}

func (s *Server) newHash() string { return fmt.Sprintf("%d.%s", s.now().Unix(), randomID("", 8)) }

// keepView gives a new view its place in the world.
func (s *Server) keepView(v *view, user string) *apiError {
	if v.ExternalID != "" && s.world.external[v.ExternalID] != nil {
		return refuse("duplicate_external_id")
	}
	v.ID, v.User, v.Hash = randomID("V0", 9), user, s.newHash()
	v.RootViewID = v.ID
	s.world.views[v.ID] = v
	if v.ExternalID != "" {
		s.world.external[v.ExternalID] = v
	}
	return nil
}

// replaceView gives an open view a new content. What was filled in stays where block_id and action_id do.
func (s *Server) replaceView(v, fresh *view) *apiError {
	if other := s.world.external[fresh.ExternalID]; fresh.ExternalID != "" && other != nil && other != v {
		return refuse("duplicate_external_id")
	}
	delete(s.world.external, v.ExternalID)
	fresh.ID, fresh.User, fresh.RootViewID, fresh.PreviousViewID = v.ID, v.User, v.RootViewID, v.PreviousViewID
	fresh.Values, fresh.Hash, fresh.busy = v.Values, s.newHash(), v.busy
	*v = *fresh
	if v.ExternalID != "" {
		s.world.external[v.ExternalID] = v
	}
	s.changed()
	return nil
}

func (s *Server) forgetView(v *view) {
	delete(s.world.views, v.ID)
	delete(s.world.external, v.ExternalID)
}

// openView shows a modal in place of whatever the person had open.
func (s *Server) openView(v *view, user string) *apiError {
	if err := s.keepView(v, user); err != nil {
		return err
	}
	s.clearViews(user)
	s.world.stacks[user] = []*view{v}
	s.changed()
	return nil
}

// pushView lays a modal on the open ones.
func (s *Server) pushView(v *view, user string) *apiError {
	stack := s.world.stacks[user]
	if len(stack) >= maxStack {
		return refuse("push_limit_reached")
	}
	if err := s.keepView(v, user); err != nil {
		return err
	}
	v.RootViewID, v.PreviousViewID = stack[0].ID, stack[len(stack)-1].ID
	s.world.stacks[user] = append(slices.Clone(stack), v)
	s.changed()
	return nil
}

// closeView takes one modal off the stack.
func (s *Server) closeView(v *view) {
	s.forgetView(v)
	s.world.stacks[v.User] = slices.DeleteFunc(slices.Clone(s.world.stacks[v.User]), func(o *view) bool { return o == v })
	s.changed()
}

func (s *Server) clearViews(user string) {
	for _, v := range s.world.stacks[user] {
		s.forgetView(v)
	}
	delete(s.world.stacks, user)
	s.changed()
}

func (s *Server) viewWire(v *view) obj {
	w := obj{
		"id": v.ID, "team_id": s.TeamID, "type": v.Type, "blocks": v.Blocks, "private_metadata": v.PrivateMetadata,
		"callback_id": v.CallbackID, "state": obj{"values": stateValues(v.Blocks, v.Values)}, "hash": v.Hash, "title": v.TitleRaw,
		"clear_on_close": v.ClearOnClose, "notify_on_close": v.NotifyOnClose, "close": v.CloseRaw, "submit": v.SubmitRaw,
		"previous_view_id": nil, "root_view_id": v.RootViewID, "app_id": s.AppID, "external_id": v.ExternalID,
		"app_installed_team_id": s.TeamID, "bot_id": s.BotID,
	}
	if v.PreviousViewID != "" {
		w["previous_view_id"] = v.PreviousViewID
	}
	return w
}

func (v *view) shown() View {
	c := v.View
	c.State = mustJSON(stateValues(v.Blocks, v.Values))
	return c
}

// Views returns the modals a person has open, the one on top last.
func (s *Server) Views(user string) []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []View
	for _, v := range s.world.stacks[user] {
		list = append(list, v.shown())
	}
	return list
}

// View returns an open modal or published home by its ID.
func (s *Server) View(id string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.world.views[id]; v != nil {
		return v.shown(), true
	}
	return View{}, false
}

// Home returns the home tab published for a person.
func (s *Server) Home(user string) (View, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v := s.world.homes[user]; v != nil {
		return v.shown(), true
	}
	return View{}, false
}
