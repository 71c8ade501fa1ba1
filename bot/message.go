package bot

// Message is what people see: a headline, parts below it, and buttons. It says what to show and nothing about Slack's
// blocks; the renderer (render.go) makes it fit Slack's limits whatever it holds. It is stored as JSON when it must
// survive a crash.
type Message struct {
	// Text is the headline and the decisive fact; also the notification and what a screen reader reads.
	Text Text `json:"text"`
	// Parts follow below it, in order.
	Parts []Part `json:"parts,omitempty"`
	// Buttons are offered last. At most 25 are shown.
	Buttons []Button `json:"buttons,omitempty"`
}

// Part is one piece of a message's body: exactly one field is set.
type Part struct {
	Section Text    `json:"section,omitempty"` // a paragraph; long ones are split or cut with a word that says so
	Fields  []Field `json:"fields,omitempty"`  // label and value in two columns
	Small   Text    `json:"small,omitempty"`   // small grey text
	Image   *Image  `json:"image,omitempty"`
	Divider bool    `json:"divider,omitempty"`
	// Buttons stand below what comes before them, for what is one of several things. At most 25 are shown.
	Buttons []Button `json:"buttons,omitempty"`
}

// Field is a short value with its label.
type Field struct {
	Label string `json:"label"`
	Value Text   `json:"value"`
}

// Image is a picture by its URL, with the words for those who do not see it.
type Image struct {
	URL string `json:"url"`
	Alt string `json:"alt"`
}

// Section is a paragraph.
func Section(t Text) Part { return Part{Section: t} }

// Small is small grey text.
func Small(t Text) Part { return Part{Small: t} }

// Fields shows label and value pairs in two columns.
func Fields(f ...Field) Part { return Part{Fields: f} }

// Divider is a line across.
func Divider() Part { return Part{Divider: true} }

// Offer is a row of buttons.
func Offer(all ...Button) Part { return Part{Buttons: all} }

// Button is a line somebody can press instead of typing it.
type Button struct {
	Label string `json:"label"` // at most 75 characters are shown
	// Line is what pressing means: a command line without the slash, by the person who presses, such as
	// "deploy cancel d-4kq7x2m9wz". At most 200 bytes and no free text: names and record IDs only.
	Line string `json:"line,omitempty"`
	// URL opens a page instead; Line is empty then.
	URL   string `json:"url,omitempty"`
	Style Style  `json:"style,omitempty"`
	// Confirm asks once before the press counts; empty means it counts at once.
	Confirm string `json:"confirm,omitempty"`
}

// Style is how a button looks.
type Style string

// The styles Slack knows: at most one Primary per message reads well; Danger is for what is hard to undo.
const (
	Plainly Style = ""
	Primary Style = "primary"
	Danger  Style = "danger"
)

// View is a card as it should look now: what commands.Cards make of a record.
type View struct {
	Message
	// Stage rises by one whenever what the buttons mean changes. A button of an older stage is answered with Status.
	Stage int
	// Status is one sentence about where the record stands and who brought it there, for a late click.
	Status Text
	// Urgent says that this state is a failure or an ending, which is sent before anybody's progress.
	Urgent bool
	// Idle says that nobody waits for it: what others wait for is sent first.
	Idle bool `json:",omitempty"`
	// Replies stand in the card's thread, each said once by its key, in order.
	Replies []ThreadReply
}

// ThreadReply is one message in a card's thread.
type ThreadReply struct {
	Key       string // names the reply within the card; a reply whose key was said is not said again
	Message   Message
	Broadcast bool // also show it in the channel: for what must be noticed
	// File, if set, follows the reply in the thread: once, as far as can be seen there.
	File *File `json:",omitempty"`
}

// CardRef names the record a card shows and where it goes when it cannot stand where the asker is.
type CardRef struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Home string `json:"home,omitempty"` // channel (ID or "#name") used when the bot cannot post where it was asked for
}
