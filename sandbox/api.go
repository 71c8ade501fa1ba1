package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"shipmate/bot/slacktest"
)

// maxBody bounds what the page sends, in bytes.
const maxBody = 256 << 10

// ackWait is how long the page waits for the bot to take what a person did. Slack's own limit is 3 s on the stage's
// clock ("Slack: Handling user interaction"); the rest is for the way.
const ackWait = 3200 * time.Millisecond

// ask is what the page posts: who does what with which message, form or lever.
type ask struct {
	As       string          `json:"as"`
	Channel  string          `json:"channel"`
	Thread   string          `json:"thread"`
	TS       string          `json:"ts"`
	View     string          `json:"view"`
	Text     string          `json:"text"`
	Action   string          `json:"action"`
	Value    string          `json:"value"`
	Values   json.RawMessage `json:"values"`
	Query    string          `json:"query"`
	Callback string          `json:"callback"`
	Emoji    string          `json:"emoji"`
	Off      bool            `json:"off"`
	Lever    string          `json:"lever"`
	Step     string          `json:"step"`
	Hidden   bool            `json:"hidden"`
	All      bool            `json:"all"`
}

// answer is what the page gets back.
type answer struct {
	Error   string       `json:"error,omitempty"`   // it was refused, in words for people
	Trouble string       `json:"trouble,omitempty"` // it was sent, and the bot did not take it
	Said    string       `json:"said,omitempty"`
	Options []menuOption `json:"options,omitempty"`
}

type menuOption struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Group string `json:"group,omitempty"`
}

func (a ask) on() slacktest.Ref {
	return slacktest.Ref{Channel: a.Channel, TS: a.TS, View: a.View}
}

// serveAPI adds what the page asks. Each handler is a function from ask to answer.
func (s *Stage) serveAPI(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/state", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		respond(w, s.look(q.Get("as"), q.Get("channel"), q.Get("thread")))
	})
	mux.HandleFunc("GET /api/events", s.events)
	mux.HandleFunc("GET /api/file/{id}", s.serveFile)
	for path, do := range map[string]func(context.Context, ask) (answer, error){
		"say": s.doSay, "press": s.doPress, "select": s.doSelect, "suggest": s.doSuggest, "submit": s.doSubmit, "close": s.doClose,
		"shortcut": s.doShortcut, "home": s.doHome, "react": s.doReact, "edit": s.doEdit, "delete": s.doDelete, "join": s.doJoin, "read": s.doRead, "pagerduty": s.doPagerDuty, "github": s.doGitHub, "door": s.doDoor, "guide": s.doGuide,
	} {
		mux.HandleFunc("POST /api/"+path, func(w http.ResponseWriter, r *http.Request) {
			var a ask
			if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&a); err != nil {
				http.Error(w, "The stage could not read that.", http.StatusBadRequest)
				return
			}
			out, err := do(r.Context(), a)
			if err != nil {
				out.Error = err.Error()
			}
			respond(w, out)
		})
	}
}

// serveFile is a file that somebody uploaded. Only pictures are shown; whatever else it is, the page may not read it as its own.
func (s *Stage) serveFile(w http.ResponseWriter, r *http.Request) {
	f, ok := s.slack.File(r.PathValue("id"))
	if kind := http.DetectContentType(f.Data); ok && strings.HasPrefix(kind, "image/") {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "private, max-age=3600")
		_, _ = w.Write(f.Data)
		return
	}
	http.NotFound(w, r)
}

func respond(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	json.NewEncoder(w).Encode(v)
}

// events tells the page that something changed, at most ten times a second, and now and then that the stage is there.
func (s *Stage) events(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	beat := time.NewTicker(15 * time.Second)
	defer beat.Stop()
	for line := ": here\n\n"; ; {
		next := s.hub.changed()
		fmt.Fprint(w, line)
		if out.Flush() != nil {
			return
		}
		select {
		case <-next:
			line = "data: changed\n\n"
		case <-beat.C:
			line = ": here\n\n"
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			return
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-r.Context().Done():
			return
		}
	}
}

func (s *Stage) doSay(_ context.Context, a ask) (answer, error) {
	var err error
	switch {
	case strings.TrimSpace(a.Text) == "":
		err = fmt.Errorf("there is nothing to send")
	case strings.HasPrefix(a.Text, "/") && a.Thread != "":
		err = s.slack.SlashInThread(a.As, a.Channel, a.Thread, a.Text)
	case strings.HasPrefix(a.Text, "/"):
		_, err = s.slack.Slash(a.As, a.Channel, a.Text)
	default:
		_, err = s.slack.Say(a.As, a.Channel, a.Thread, a.Text)
	}
	return answer{}, err
}

func (s *Stage) doPress(ctx context.Context, a ask) (answer, error) {
	id, err := s.slack.Press(a.As, a.on(), a.Action, a.Value)
	return s.taken(ctx, id, err)
}

func (s *Stage) doSelect(ctx context.Context, a ask) (answer, error) {
	var values []string
	if err := json.Unmarshal(a.Values, &values); err != nil {
		return answer{}, fmt.Errorf("these are no choices")
	}
	id, err := s.slack.Select(a.As, a.on(), a.Action, values...)
	return s.taken(ctx, id, err)
}

func (s *Stage) doSubmit(ctx context.Context, a ask) (answer, error) {
	values := slacktest.Values{}
	if len(a.Values) > 0 {
		if err := json.Unmarshal(a.Values, &values); err != nil {
			return answer{}, fmt.Errorf("these are no values of a form")
		}
	}
	id, err := s.slack.Submit(a.As, a.View, values)
	out, err := s.taken(ctx, id, err)
	out.Trouble = "" // the form itself says so
	return out, err
}

func (s *Stage) doClose(ctx context.Context, a ask) (answer, error) {
	_, err := s.slack.CloseView(a.As, a.View, a.All)
	return answer{}, err
}

func (s *Stage) doSuggest(ctx context.Context, a ask) (answer, error) {
	id, err := s.slack.Suggest(a.As, a.on(), a.Action, a.Query)
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	answered := func() bool { _, ok := s.slack.Suggestions(id); return ok }
	if s.slack.Wait(ctx, answered) != nil {
		return answer{Trouble: noAnswer}, nil
	}
	found, _ := s.slack.Suggestions(id)
	out := answer{Options: []menuOption{}}
	for _, o := range found {
		out.Options = append(out.Options, menuOption{o.Value, o.Text, o.Group})
	}
	return out, nil
}

func (s *Stage) doShortcut(ctx context.Context, a ask) (answer, error) {
	var id string
	var err error
	if a.TS == "" {
		id, err = s.slack.GlobalShortcut(a.As, a.Callback)
	} else {
		id, err = s.slack.Shortcut(a.As, a.Callback, a.Channel, a.TS)
	}
	return s.taken(ctx, id, err)
}

func (s *Stage) doHome(_ context.Context, a ask) (answer, error) {
	_, err := s.slack.OpenHome(a.As)
	return answer{}, err
}

func (s *Stage) doReact(_ context.Context, a ask) (answer, error) {
	react := s.slack.React
	if a.Off {
		react = s.slack.Unreact
	}
	_, err := react(a.As, a.Channel, a.TS, a.Emoji)
	return answer{}, err
}

func (s *Stage) doEdit(_ context.Context, a ask) (answer, error) {
	if strings.TrimSpace(a.Text) == "" {
		return answer{}, fmt.Errorf("there is nothing left of the message: delete it instead")
	}
	_, err := s.slack.Edit(a.As, a.Channel, a.TS, a.Text)
	return answer{}, err
}

func (s *Stage) doDelete(_ context.Context, a ask) (answer, error) {
	_, err := s.slack.Delete(a.As, a.Channel, a.TS)
	return answer{}, err
}

func (s *Stage) doJoin(_ context.Context, a ask) (answer, error) {
	return answer{}, s.slack.Join(a.As, a.Channel)
}

func (s *Stage) doRead(_ context.Context, a ask) (answer, error) {
	s.markRead(a.As, a.Channel, a.TS)
	s.hub.touch()
	return answer{}, nil
}

func (s *Stage) doDoor(_ context.Context, a ask) (answer, error) {
	said, err := s.pull(a.Lever)
	return answer{Said: said}, err
}

func (s *Stage) doGuide(_ context.Context, a ask) (answer, error) {
	if a.Hidden {
		s.changeNotes(func(n *notes) { n.Hidden = true })
		return answer{}, nil
	}
	return answer{}, s.didGuide(a.Step, a.Action)
}

// noAnswer is said where a click went unanswered.
const noAnswer = "Shipmate did not respond in time. Is it running?"

// taken waits until the bot has acknowledged an envelope, as Slack's client does before it lets go of a button.
func (s *Stage) taken(ctx context.Context, envelope string, err error) (answer, error) {
	if err != nil || envelope == "" {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	acked := func() bool { _, ok := s.slack.Ack(envelope); return ok }
	if s.slack.Wait(ctx, acked) != nil {
		return answer{Trouble: noAnswer}, nil
	}
	return answer{}, nil
}
