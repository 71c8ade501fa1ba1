package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// formState rides in a form's private metadata: which command it is for and where its answer belongs.
type formState struct {
	Command string      `json:"c"`
	Channel string      `json:"ch,omitempty"`
	Thread  string      `json:"t,omitempty"`
	Args    Args        `json:"a,omitempty"` // what the form was made from, to make it again
	Round   int         `json:"r,omitempty"` // how often it came back with what was wrong
	Message *MessageRef `json:"m,omitempty"` // the message a shortcut was used on
}

// openForm opens the command's form. A trigger lives three seconds: when it is over, the answer is a button that opens the
// form, which brings a new one.
func (b *Bot) openForm(ctx context.Context, c *Command, req Request, e entry, a *Audit) *Reply {
	if e.Via == Timed {
		a.Decision, a.Outcome = "unfit", "line.form"
		return &Reply{Message: Message{Text: Textf("%s opens a form there, and nobody is there to fill it in: the line has to say all of it. Usage: %s", Code("/"+e.Line), Usage(*c))}}
	}
	a.Decision, a.Outcome = "allowed", "form"
	st := formState{Command: c.Name, Channel: e.Channel, Thread: e.Thread, Args: req.Args, Message: e.Message}
	f := c.Form(FormRequest{Args: st.Args, Channel: e.Channel, User: e.User, Message: e.Message, Config: req.Config})
	if f.Refuse != nil {
		return b.explain(a, e, f.Refuse)
	}
	button := &Reply{Message: Message{Text: Textf("Open the form for %s:", Code("/"+c.Name)),
		Buttons: []Button{{Label: "Open the form", Line: e.Line, Style: Primary}}}}
	if e.Via == MessageShortcut { // a button would not know the message any more
		button = &Reply{Message: Message{Text: "That took too long to open: please use the shortcut again."}}
	}
	if e.Trigger == "" || e.Again || b.clock.Now().Sub(e.At) > 2500*time.Millisecond {
		return button
	}
	_, err := b.api.client.OpenViewContext(ctx, e.Trigger, modal(f, st, nil, nil))
	if err := b.api.fail("views.open", "", err); err != nil {
		b.log.Info("a form could not be opened; a button is offered", "request", e.ID, "err", err)
		return button
	}
	return &Reply{}
}

// checkForm looks at a sent form within its acknowledgement. ok is false when it comes back with what is wrong.
func (b *Bot) checkForm(a *arrival) (ack any, ok bool) {
	var st formState
	c, known := (*Command)(nil), false
	if err := json.Unmarshal([]byte(a.payload.View.Metadata), &st); err == nil {
		c, known = b.router.byName[st.Command]
	}
	if !known || c.Form == nil {
		old := notice("Too old", "This form is from another version of Shipmate. Please open it again.")
		return slack.NewUpdateViewSubmissionResponse(&old), false
	}
	a.entry.Line, a.entry.Channel, a.entry.Thread = c.Name, st.Channel, st.Thread
	shown := a.payload.View.State.Values
	a.entry.Round, a.entry.Message = st.Round, st.Message
	if st.Round > 0 { // each time the form came back it is a new request
		a.entry.ID = fmt.Sprintf("%s-%d", a.entry.ID, st.Round)
		a.seen = []string{"view:" + a.entry.ID}
	}
	f := b.filledIn(c, st, a.payload.View, a.entry.User)
	a.entry.Values = f.asked(values(a.payload.View))
	maps.Copy(a.entry.Values, f.carried(st.Args))
	wrong := f.check(a.entry.Values)
	maps.DeleteFunc(wrong, func(name, _ string) bool { _, there := shown[name]; return !there })
	switch {
	case len(wrong) > 0:
		return slack.NewErrorsViewSubmissionResponse(wrong), false
	case f.asksMore(shown):
		st.Args = f.carried(a.entry.Values)
		f.Intro = "What you chose asks for more: please look at the new fields."
		grown := modal(f, st, a.entry.Values, nil)
		return slack.NewUpdateViewSubmissionResponse(&grown), false
	}
	if f.Slow {
		checking := notice(f.Title, "Checking…")
		checking.ExternalID = checkingID(a.entry.ID)
		return slack.NewUpdateViewSubmissionResponse(&checking), true
	}
	return slack.NewClearViewSubmissionResponse(), true
}

// carried are the arguments that a form was opened with and does not ask for.
func (f Form) carried(args Args) Args {
	out := maps.Clone(args)
	for _, in := range f.Fields {
		delete(out, in.Name)
	}
	return out
}

// check holds the values against the form: what must be there, what is offered, and the form's own rules. The keys are
// block IDs, which are the fields' names.
func (f Form) check(values Args) map[string]string {
	wrong := map[string]string{}
	for _, in := range f.Fields {
		v := strings.TrimSpace(values[in.Name])
		switch {
		case v == "" && !in.Optional && in.Box == "":
			wrong[in.Name] = "Please fill this in."
		case in.Several > 0 && !in.offers(values.List(in.Name)):
			wrong[in.Name] = "One of these is no longer among the choices."
		case v != "" && len(in.Options) > 0 && in.Several == 0 && !slices.ContainsFunc(in.Options, func(o Option) bool { return o.Value == v }):
			wrong[in.Name] = "This is no longer one of the choices."
		case in.People > 0 && len(values.List(in.Name)) > in.People, in.Several > 0 && len(values.List(in.Name)) > in.Several:
			wrong[in.Name] = fmt.Sprintf("At most %d, please.", max(in.People, in.Several))
		}
	}
	if f.Check != nil {
		for name, sentence := range f.Check(values) {
			if wrong[name] == "" {
				wrong[name] = sentence
			}
		}
	}
	return wrong
}

// offers tells whether all of the values are among the field's options.
func (in Input) offers(values []string) bool {
	return !slices.ContainsFunc(values, func(v string) bool {
		return !slices.ContainsFunc(in.Options, func(o Option) bool { return o.Value == v })
	})
}

// answerInForm shows the outcome where the form was: only a form that said "Checking…" is still open.
func (b *Bot) answerInForm(ctx context.Context, e entry, r Reply, done bool) bool {
	c, ok := b.router.byName[e.Line]
	if !ok || c.Form == nil {
		return false
	}
	st := formState{Command: c.Name, Channel: e.Channel, Thread: e.Thread, Round: e.Round + 1, Message: e.Message}
	f := c.Form(FormRequest{Args: e.Values, Channel: e.Channel, User: e.User, Message: e.Message, Config: b.settings()})
	if !f.Slow {
		return false
	}
	st.Args = f.carried(e.Values)
	view := notice(f.Title, r.Text)
	switch {
	case r.Question != nil: // it is asked outside, where its buttons know the channel
		where := Text("the message I sent you")
		if e.Channel != "" {
			where = Textf("the message only you see in %s", Channel(e.Channel))
		}
		view = notice(f.Title, Textf("%s One more step: answer in %s.", r.Text, where))
	case !done:
		view = modal(f, st, e.Values, &r.Message) // the filled form again, with why
	case r.Text != "":
		view.Blocks.BlockSet = blocks(r.Message, 0)
	}
	view.ExternalID = checkingID(e.ID) // found again when this runs again after a crash
	if err := b.updateChecking(ctx, view.ExternalID, view); err != nil {
		b.log.Info("a form was closed before its answer", "request", e.ID, "err", err)
		return false
	}
	return r.Question == nil
}

// checkingID is the form's own name while it says "Checking…".
func checkingID(request string) string { return "checking-" + short(20, request) }

// appears is how long the acknowledgement that makes a form say "Checking…" may take to get there, and how often that is
// asked.
const (
	appears = 3 * time.Second
	askFor  = 100 * time.Millisecond
)

// updateChecking replaces what the form shows, once it says "Checking…": that comes with the acknowledgement, on another way
// than this, and if it came later it would stay for ever.
func (b *Bot) updateChecking(ctx context.Context, id string, v slack.ModalViewRequest) error {
	for until := time.Now().Add(appears); ; {
		_, err := b.api.client.UpdateViewContext(ctx, v, id, "", "")
		err = b.api.fail("views.update", "", err)
		var api *Error
		if !errors.As(err, &api) || api.Code != "not_found" || time.Now().After(until) {
			return err
		}
		if err := wait(ctx, askFor); err != nil {
			return err
		}
	}
}

// values are what was filled in, by field name, which is the block's ID.
func values(v view) Args {
	out := Args{}
	for block, actions := range v.State.Values {
		for _, in := range actions {
			if s := in.given(); s != "" {
				out[block] = s
			}
		}
	}
	return out
}

// maxMetadata is how much Slack lets a form carry, in characters; counting bytes is on the safe side.
const maxMetadata = 3000

// metadata is the state as the form carries it. What is too long gives way, the least needed first: the end of the message's
// text, which Slack has, then what the form was made from.
func (st formState) metadata() string {
	for {
		meta, _ := json.Marshal(st) // strings and numbers always marshal
		switch {
		case len(meta) <= maxMetadata:
			return string(meta)
		case st.Message != nil && st.Message.Text != "":
			half := *st.Message
			text := []rune(half.Text)
			half.Text = string(text[:len(text)/2])
			st.Message = &half
		case st.Args != nil:
			st.Args = nil
		default:
			return "" // Slack's own IDs are never that long
		}
	}
}

// modal renders a form, filled in with given values if there are any, under why it came back.
func modal(f Form, st formState, given Args, why *Message) slack.ModalViewRequest {
	var out []slack.Block
	if why != nil {
		out = append(out, blocks(Message{Text: "⚠️ " + why.Text, Parts: why.Parts}, 0)...)
	}
	if f.Intro != "" {
		out = append(out, slack.NewSectionBlock(mrkdwn(shorten(f.Intro, maxSection)), nil, nil))
	}
	for _, in := range f.Fields {
		if v := given[in.Name]; v != "" {
			in.Initial = v
		}
		out = append(out, input(in))
	}
	return slack.ModalViewRequest{Type: slack.VTModal, CallbackID: "form", PrivateMetadata: st.metadata(),
		Title: title(f.Title), Submit: plain(f.Submit, 24), Close: plain("Cancel", 24), Blocks: slack.Blocks{BlockSet: out}}
}

// noOptions is the answer to a look-up that finds nothing.
var noOptions = map[string]any{"options": []any{}}

// options answers a look-up of a long list as somebody types, from the form's own options.
func (b *Bot) options(p *payload) any {
	var st formState
	if err := json.Unmarshal([]byte(p.View.Metadata), &st); err != nil {
		return noOptions
	}
	c, ok := b.router.byName[st.Command]
	if !ok || c.Form == nil {
		return noOptions
	}
	f := b.filledIn(c, st, p.View, p.User.ID)
	var out []*slack.OptionBlockObject
	for _, in := range f.Fields {
		if in.Name != p.BlockID {
			continue
		}
		for _, o := range in.Options {
			if len(out) < 100 && strings.Contains(strings.ToLower(o.Value+" "+o.Label), strings.ToLower(p.Value)) {
				out = append(out, option([]Option{o}, o.Value))
			}
		}
	}
	if out == nil {
		return noOptions
	}
	return map[string]any{"options": out}
}

// notice is a form's window with only words in it.
func notice(heading string, t Text) slack.ModalViewRequest {
	if t == "" {
		t = "Done."
	}
	return slack.ModalViewRequest{Type: slack.VTModal, CallbackID: "notice", Title: title(heading), Close: plain("Close", 24),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(mrkdwn(shorten(t, maxSection)), nil, nil)}}}
}

func title(s string) *slack.TextBlockObject { return plain(s, 24) }

// plain is text in which nothing has a meaning; nil for none.
func plain(s string, most int) *slack.TextBlockObject {
	if s = shortenPlain(s, most); s == "" {
		return nil
	}
	return slack.NewTextBlockObject(slack.PlainTextType, s, true, false)
}

var errNoIdentity = errors.New("the workspace is not known yet")
