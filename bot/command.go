package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"shipmate/config"
)

// Command is one thing people can ask for. It is a value in a table; it holds no Slack client and sends nothing itself.
type Command struct {
	// Name is the words that call it: "deploy", "deploy cancel".
	Name string
	// Also are other words that call it where no slash is needed, such as "who is on call", and what else follows the slash of
	// another command: "oncall page". They make no slash command of their own.
	Also []string
	// Args says what follows the name, as help shows it: "<service>[@ref] [to|on] <environment>". See usage.go for the
	// grammar. Help, binding, arity and the manifest's usage hint all come from it.
	Args string
	// Short is one line of help, without a full stop.
	Short string
	// Long is what `help <command>` adds, optional.
	Long string
	// Examples are whole lines without the slash, optional; a test binds each of them.
	Examples []string
	// Who may use it. New refuses a command without one.
	Who Audience
	// On says how it can be called. Zero means Typed and Button.
	On Trigger
	// Form, if set, is opened when the line has no arguments at all, by a shortcut, or by a button whose line lacks some; what
	// it does not ask for it carries along. What was filled in are arguments too: when the form that is made from them has fields
	// that were not shown, it comes back with them. It is pure: arguments, configuration and caches, no network, since Slack's
	// trigger lives three seconds.
	Form func(FormRequest) Form
	// Fill tells of a line's arguments whether the form is opened, filled in with them, so that nothing is done before it is sent. Never
	// when nil.
	Fill func(Args) bool
	// Run does it. It may be called again with the same Request after a crash and must then find what it made before.
	Run func(context.Context, Request) (Reply, error)
	// Made, for a command that changes something, looks whether Run did it for this request before a crash, and returns
	// what Run would answer then; ok is false when it did not. When a request runs again this is asked first, before any
	// question whether it is late, out of date or allowed: what was done is answered and shown. Only the request's ID, User,
	// Channel, Via and Config may be relied on. It reads only the store.
	Made func(context.Context, Request) (reply Reply, ok bool, err error)
	// Wants says, of a command with On: Event, whether it wants this one. What no command wants is acknowledged and forgotten,
	// which keeps what goes on in busy channels out of the journal: the events of messages, reactions and members need one. It is
	// asked where envelopes are read, before anything else, so it is quick and only looks: at the event, the configuration, and
	// what its domain keeps in memory. Run looks again by what is in the store.
	//
	// An event is nobody's wish: nobody is told that they may not or that it failed, only what Run answers is said, to who did
	// it, where it happened. After a restart events run however old they are.
	Wants func(EventInfo, *config.Config) bool
	// Discreet says of a request whether the audit log keeps its line without what was written in free words. It is asked when the
	// request ends, also of lines that did not fit, with the line and who wrote it where; it reads only the store. Optional.
	Discreet func(context.Context, Request) bool
	// Shortcut is the title of a message shortcut, at most 24 characters; Short, cut, when it is empty.
	Shortcut string
}

// Trigger is a set of ways to call a command.
type Trigger uint16

// The ways a request reaches Shipmate.
const (
	Slash           Trigger = 1 << iota // /deploy checkout staging
	Mention                             // @shipmate deploy checkout staging, also in a thread
	DM                                  // the same in a direct message, without the mention
	Press                               // a button whose line names the command
	Submit                              // a form
	MessageShortcut                     // a shortcut on a message; the command's name is the shortcut's callback ID
	Event                               // something that happened in Slack: Request.Event; the command's name is its type
	Home                                // somebody opened the app's home tab, which then shows the reply's message
	Timed                               // its time had come; what can be typed after a slash can be put on a schedule, whatever On says

	// Typed is every way to type a line.
	Typed = Slash | Mention | DM
)

// takes tells whether the command can be called that way.
func (c *Command) takes(via Trigger) bool {
	return c.On&via != 0 || via == Timed && c.On&Slash != 0
}

// String names a single trigger as the audit log shows it.
func (t Trigger) String() string {
	names := map[Trigger]string{Slash: "slash", Mention: "mention", DM: "dm", Press: "button", Submit: "form",
		MessageShortcut: "shortcut", Event: "event", Home: "home", Timed: "schedule"}
	if n, ok := names[t]; ok {
		return n
	}
	return fmt.Sprintf("trigger(%d)", uint16(t))
}

// Request is one thing somebody asked for, as it was journaled.
type Request struct {
	// ID is the request's identity and goes all the way down: whatever the command makes outside carries it or an ID
	// derived from it.
	ID string
	// At is when it was accepted. "for 2h" counts from here, also when the command runs again after a crash.
	At time.Time
	// Via is the single way it came.
	Via Trigger
	// User is the Slack ID of the person who asks.
	User string
	// Channel is the ID of the channel it was asked in; empty in the home tab.
	Channel string
	// Thread is the timestamp of the thread it was typed in, or of the card whose button was pressed.
	Thread string
	// Line is the whole line, normalised, without slash or mention.
	Line string
	// Stage is that of the button that was pressed, 0 for a typed line. The bot has looked whether it is out of date; a
	// command whose button means something else in another stage compares it again where it decides.
	Stage int
	// Args are the bound arguments by name, canonical names for what has a Kind.
	Args Args
	// Message is the message a shortcut was used on, or that an event is about.
	Message *MessageRef
	// Event is what happened, when the request came of that.
	Event *EventInfo
	// Config is the configuration in force when the request was started.
	Config *config.Config
	// Kept, of a home tab, is what its last drawing said to keep. It is drawn again then since something has changed, and not since
	// somebody opened it: nobody outside is asked, and an error leaves it as it is. Tabs that are drawn together for one change have one ID.
	Kept []byte
}

// Arg returns the bound argument of that name, or "".
func (r Request) Arg(name string) string { return r.Args[name] }

// Args are arguments by name.
type Args map[string]string

// Pairs are the words of the form key=value that were given where the usage says [<name>=<value>...], by their keys; nil for
// none.
func (a Args) Pairs(name string) map[string]string {
	var out map[string]string
	for arg, value := range a {
		if key, ok := strings.CutPrefix(arg, PairArg(name, "")); ok {
			if out == nil {
				out = map[string]string{}
			}
			out[key] = value
		}
	}
	return out
}

// PairArg is the name of the argument that holds the value of one key, which a form may ask for too.
func PairArg(name, key string) string { return name + "." + key }

// MessageRef is a message in Slack.
type MessageRef struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	Thread  string `json:"thread,omitempty"` // the thread it is a reply in
	User    string `json:"user,omitempty"`   // who wrote it
	Text    string `json:"text,omitempty"`   // as Slack has it, escaped; cut when it went through a form
}

// Reply is a command's answer.
type Reply struct {
	Message
	// Public shows the answer to the whole channel. For what changes something; refusals and reads stay private.
	Public bool
	// Instead puts the answer to a press in the place of the message with the button, which only the asker must see. Where Slack does not take
	// that the answer stands by itself.
	Instead bool `json:",omitempty"`
	// Card shows the live card of a record where the asker is. The answer's own text may then be empty.
	Card *CardRef
	// Tell is what others are told unasked, written down with the request's end.
	Tell []Telling
	// Question, if set, is asked with one button per option. It is kept as a record that the first answer consumes.
	Question *Question
	// File, if set, follows the answer.
	File *File
	// Keep, of a home tab, is what is to be known when it is drawn again without anybody having opened it; JSON. See Request.Kept.
	Keep []byte `json:"-"`
}

// File is a picture that goes with an answer. Slack shows no file to one person in a channel, so whoever asked gets it in their
// direct message with the bot, wherever they asked. Nothing may be in it alone: it is drawn and sent once the answer is there, and
// it is not sent again after a failure, of which one sentence tells; after a crash it may come twice.
type File struct {
	Name  string // with its ending, "stats.png"
	Title string
	// Alt says in words what is in it, for those who do not see it; at most 1,000 characters are sent.
	Alt string
	// Draw makes its bytes. It reads nothing but what it holds.
	Draw func() ([]byte, error) `json:"-"`
}

// Telling is something said unasked, to one person or in a channel: see Bot.Tell for topic and ID.
type Telling struct {
	Person  string // Slack ID
	Channel string // ID or "#name", when it is not for one person
	Topic   string
	ID      string
	Message Message
}

// Question is something only a person can decide, asked with buttons.
type Question struct {
	// Options are the answers; the Line of each may hold free text since it is kept in the record, not in the button. An
	// option without a Line is "no": nothing happens.
	Options []Button
}

// Say is a private reply with only a text.
func Say(format string, args ...any) Reply {
	return Reply{Message: Message{Text: Textf(format, args...)}}
}

// UserError is an error whose words are for people: one sentence that says why and what clears it. Any other error becomes
// "Something broke" with a reference to search the log by.
type UserError interface {
	error
	UserMessage() string
}

// Refusal is a command's "no": a reply that is audited as a refusal. Code is stable and machine-readable.
type Refusal struct {
	Code string
	Message
}

// Refuse makes a Refusal.
func Refuse(code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Message: Message{Text: Textf(format, args...)}}
}

func (r *Refusal) Error() string { return "refused: " + r.Code }

// Card renders the record with that ID from its kind. It reads only the store. ErrNoCard says that the record is gone.
type Card func(ctx context.Context, id string) (View, error)

// ErrNoCard is returned by a Card for a record that does not exist (any more); its message is left as it is.
var ErrNoCard = errors.New("no such record")

// Audience says who may use a command with these arguments.
type Audience struct {
	words string // for help: "everyone", "admins"
	who   func(Request) (principals []config.Principal, everyone bool)
}

// Everyone admits every member of the workspace (never guests unless configured, nor bots).
var Everyone = Audience{"everyone", func(Request) ([]config.Principal, bool) { return nil, true }}

// Admins admits the configured slack.admins.
var Admins = Audience{"admins", func(r Request) ([]config.Principal, bool) { return r.Config.Slack.Admins, false }}

// Principals admits whoever is one of the principals that fn names for a request. No principals means nobody. words is for help.
func Principals(words string, fn func(Request) []config.Principal) Audience {
	return Audience{words, func(r Request) ([]config.Principal, bool) { return fn(r), false }}
}

// String is the audience in words, for help.
func (a Audience) String() string { return a.words }

// Kind says which words an argument of a name accepts.
type Kind struct {
	// Values lists what is accepted, given the arguments bound before it. Nil accepts every word.
	Values func(*config.Config, Args) []Value
	// Parse checks and normalises an open kind's word; its error is one sentence for people. Optional.
	Parse func(word string) (string, error)
	// Person accepts a member of the workspace: a mention, "me", an e-mail address, a handle or display name. The argument
	// is the person's Slack ID. Values and Parse are not used.
	Person bool
	// Ask makes the bot ask with buttons when the argument is missing.
	Ask bool
	// Noun is what an argument is called in a sentence; its name by default.
	Noun string
	// Missing is what somebody is told who leaves the argument out; "Which <noun>?" by default.
	Missing Text
}

// Value is one accepted word with its other names.
type Value struct {
	Name    string
	Aliases []string
}

// validate reports what is wrong with a table of commands.
func validate(commands []Command) error {
	seen := map[string]bool{}
	var errs []error
	for _, c := range commands {
		switch {
		case c.Name == "" || c.Name != strings.ToLower(c.Name):
			errs = append(errs, fmt.Errorf("command %q: the name must be lower-case words", c.Name))
		case seen[c.Name]:
			errs = append(errs, fmt.Errorf("command %q is there twice", c.Name))
		case c.Who.who == nil:
			errs = append(errs, fmt.Errorf("command %q does not say who may use it", c.Name))
		case c.Run == nil:
			errs = append(errs, fmt.Errorf("command %q does nothing", c.Name))
		case c.Short == "":
			errs = append(errs, fmt.Errorf("command %q has no help", c.Name))
		}
		errs = append(errs, c.validateTriggers())
		if _, err := parseUsage(c.Args); err != nil {
			errs = append(errs, fmt.Errorf("command %q: %w", c.Name, err))
		}
		seen[c.Name] = true
		for _, also := range c.Also {
			if seen[also] || also != strings.ToLower(also) {
				errs = append(errs, fmt.Errorf("command %q: %q is a name already, or not in lower case", c.Name, also))
			}
			seen[also] = true
		}
	}
	return errors.Join(errs...)
}

// validateTriggers reports what is wrong with an event or a shortcut.
func (c Command) validateTriggers() error {
	need, known := eventNeeds[c.Name]
	switch {
	case c.On&Event != 0 && !known:
		return fmt.Errorf("command %q: there is no event of that name", c.Name)
	case c.On&Event != 0 && need.busy && c.Wants == nil:
		return fmt.Errorf("command %q does not say which of these events it wants", c.Name)
	case c.On&Event == 0 && c.Wants != nil:
		return fmt.Errorf("command %q wants events and is called by none", c.Name)
	case utf8.RuneCountInString(c.Shortcut) > maxShortcut:
		return fmt.Errorf("command %q: the shortcut's title is longer than %d characters", c.Name, maxShortcut)
	case c.On&MessageShortcut == 0 && c.Shortcut != "":
		return fmt.Errorf("command %q has the title of a shortcut and is none", c.Name)
	}
	return nil
}

// shortcutTitle is what a message shortcut is called in Slack's menu.
func (c Command) shortcutTitle() string {
	if c.Shortcut != "" {
		return c.Shortcut
	}
	return shortenPlain(c.Short, maxShortcut)
}

// maxShortcut is how long a shortcut's title may be, in characters (Slack: App manifest schema).
const maxShortcut = 24
