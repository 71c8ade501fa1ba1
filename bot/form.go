package bot

import (
	"strings"

	"shipmate/config"
)

// Form is what a dialog asks, in our words.
type Form struct {
	Title  string // at most 24 characters
	Submit string // the button, at most 24 characters
	Intro  Text   // optional paragraph above the fields
	Fields []Input
	// Check looks at the values when the form is sent and returns a sentence per field name that is wrong. It rides in
	// the acknowledgement, so it is pure and quick: no network.
	Check func(Args) map[string]string
	// Slow says that Run needs the network before it can answer: the dialog shows "Checking…" and then the outcome, or
	// the filled form again with what is wrong.
	Slow bool
	// Refuse, if set, is answered instead of opening the form, as an error of Run is: nobody writes what cannot be taken. A form that
	// is open already is not asked for it.
	Refuse error
}

// Input is one field of a form. Its name is the argument Run gets.
type Input struct {
	Name        string
	Label       string // at most 2,000 characters
	Hint        string
	Placeholder string // at most 150 characters
	Options     []Option
	// Several lets people choose as many of Options; the argument is their values, with commas between them. A value of such a field
	// has no comma in it.
	Several int `json:",omitempty"`
	// People asks for members of the workspace, at most that many; the argument is their Slack IDs, with commas between them
	// (see Args.List). 1 asks for one person.
	People int `json:",omitempty"`
	// Box makes it one box to tick, with these words beside it, at most 75 characters. The argument is "yes" when it is ticked and
	// missing when it is not, which is always allowed.
	Box       string `json:",omitempty"`
	Initial   string // what it holds at first, in the form of the argument; a text that is too long is cut
	Optional  bool
	Long      bool // a text of several lines
	MaxLength int  // characters; default 3,000, which is Slack's most
}

// Option is one choice of a field. More than 100 are looked up as the person types.
type Option struct {
	Value string // at most 150 characters
	Label string // at most 75 characters; Value when empty
	// Description is a second, smaller line, at most 75 characters, optional.
	Description string `json:",omitempty"`
}

// FormRequest is what a form is made from.
type FormRequest struct {
	Args    Args
	Channel string
	User    string
	Message *MessageRef // the message a shortcut was used on, to fill fields in from; nil otherwise
	Config  *config.Config
}

// List takes an argument apart that holds several values.
func (a Args) List(name string) []string {
	return strings.FieldsFunc(a[name], func(r rune) bool { return r == ',' })
}
