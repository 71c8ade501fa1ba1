package bot

import (
	"slices"
	"sort"
	"strings"

	"shipmate/config"
)

// router finds the command of a line and binds its arguments.
type router struct {
	commands []Command
	byName   map[string]*Command
	usages   map[string][]usage
	kinds    map[string]Kind
	longest  int // words of the longest name
}

func newRouter(commands []Command, kinds map[string]Kind) (*router, error) {
	if err := validate(commands); err != nil {
		return nil, err
	}
	r := &router{commands: commands, byName: map[string]*Command{}, usages: map[string][]usage{}, kinds: kinds}
	for i := range commands {
		c := &commands[i]
		if c.On == 0 {
			c.On = Typed | Press
		}
		u, err := parseUsage(c.Args)
		if err != nil {
			return nil, err
		}
		r.usages[c.Name] = u
		for _, name := range append([]string{c.Name}, c.Also...) {
			r.byName[name] = c
			r.longest = max(r.longest, len(strings.Fields(name)))
		}
	}
	return r, nil
}

// wants tells whether any command could take the entry. Lines that people typed are always wanted, since they deserve an
// answer; other things only when a row names them.
func (r *router) wants(e entry) bool {
	switch e.Via {
	case Slash, Mention, DM, Press, Submit:
		return true
	}
	c, ok := r.byName[e.Line]
	return ok && c.On&e.Via != 0
}

// Questions are told from orders by their first word; idle words mean nothing in them: "who's the on-call person for the checkout
// service today?"
var (
	questions = []string{"who", "who's", "whos", "am"}
	idle      = []string{"the", "team", "service", "person", "engineer", "currently", "right", "today"}
)

// asked is a question as commands are named, without its mark and its idle words; anything else stays as it is.
func asked(line string) string {
	if first, _, _ := strings.Cut(strings.ToLower(line), " "); !slices.Contains(questions, first) {
		return line
	}
	var out []string
	for _, word := range strings.Fields(strings.TrimRight(line, " ?!.")) {
		switch lower := strings.ToLower(word); {
		case lower == "on-call":
			out = append(out, "on", "call")
		case !slices.Contains(idle, lower):
			out = append(out, word)
		}
	}
	return strings.Join(out, " ")
}

// find returns the command with the longest name the line begins with, and the rest of the line. Where no slash names the
// app, "help" is as good as "shipmate help".
func (r *router) find(line string) (c *Command, rest string, ok bool) {
	line = r.askedForHelp(asked(courteous(line)))
	if c, rest, ok = r.findNamed(line); !ok {
		c, rest, ok = r.findNamed("shipmate " + line)
	}
	return c, rest, ok
}

// courteous leaves out what people say before they come to the point.
func courteous(line string) string {
	for {
		first, rest, _ := strings.Cut(line, " ")
		if !slices.Contains([]string{"please", "hey", "hi", "hello"}, strings.ToLower(strings.Trim(first, ",!"))) {
			return line
		}
		line = rest
	}
}

// askedForHelp understands the ways people ask for help with a command: "deploy help", "deploy --help", the app's bare name. A line
// that says more than a command's name does not ask for help, though its words may end so: "page checkout please help".
func (r *router) askedForHelp(line string) string {
	lower := strings.ToLower(line)
	if lower == "" || lower == "shipmate" {
		return "shipmate help"
	}
	for _, word := range []string{" help", " --help", " -h"} {
		if about, ok := strings.CutSuffix(lower, word); ok && about != "shipmate" && r.names(about) {
			return "shipmate help " + strings.TrimPrefix(about, "shipmate ")
		}
	}
	return line
}

// names tells whether words are a command's name, or how several of them begin.
func (r *router) names(words string) bool {
	words = strings.Join(strings.Fields(words), " ")
	_, ok := r.byName[words]
	return ok || len(r.below(words)) > 0
}

func (r *router) findNamed(line string) (*Command, string, bool) {
	fields := strings.Fields(line)
	for n := min(r.longest, len(fields)); n > 0; n-- {
		if c, ok := r.byName[strings.ToLower(strings.Join(fields[:n], " "))]; ok {
			rest := line
			for range n {
				_, rest, _ = strings.Cut(strings.TrimLeft(rest, " "), " ")
			}
			return c, strings.TrimSpace(rest), true
		}
	}
	return nil, "", false
}

// unknownLine is the answer to a line no command takes.
func (r *router) unknownLine(line string) Message {
	first, rest, _ := strings.Cut(line, " ")
	if line == "" {
		return Message{Text: "What shall I do? Here is what I know.", Buttons: []Button{{Label: "Help", Line: "shipmate help"}}}
	}
	if subs := r.below(strings.ToLower(first)); len(subs) > 0 {
		second, _, _ := strings.Cut(rest, " ")
		return Message{Text: Textf("%s There is %s.", r.unknownWord(first+" "+second, subs), list(subs, "and"))}
	}
	if about := r.questionsLike(strings.ToLower(first)); len(about) > 0 {
		return Message{Text: Textf("I do not know what %s asks. This I know:", Code(line)), Buttons: about}
	}
	return Message{Text: r.unknownWord(first, r.firstWords()), Buttons: []Button{{Label: "Help", Line: "shipmate help"}}}
}

// questionsLike are the questions that begin with the word, one of each command.
func (r *router) questionsLike(first string) []Button {
	var out []Button
	for _, c := range r.commands {
		at := slices.IndexFunc(c.Also, func(also string) bool { return strings.HasPrefix(also, first+" ") })
		if at >= 0 && slices.Contains(questions, first) {
			out = append(out, Button{Label: strings.ToUpper(first[:1]) + c.Also[at][1:] + "?", Line: c.Name})
		}
	}
	return out
}

func (r *router) unknownWord(word string, known []string) Text {
	t := Textf("I do not know %s.", Code(strings.TrimSpace(word)))
	if near := nearest(word, known, 3); len(near) > 0 {
		t = Textf("%s Did you mean %s?", t, either(near))
	}
	return t
}

// below lists the commands whose name goes on after a word.
func (r *router) below(word string) []string {
	var out []string
	for _, c := range r.commands {
		if strings.HasPrefix(c.Name, word+" ") && c.On&Typed != 0 {
			out = append(out, c.Name)
		}
	}
	sort.Strings(out)
	return out
}

func (r *router) firstWords() []string {
	seen := map[string]bool{}
	var out []string
	for _, c := range r.commands {
		w, _, _ := strings.Cut(c.Name, " ")
		if c.On&Typed != 0 && !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// unfit is the answer to arguments that do not fit: why, the commands that were perhaps meant, and the usage of just this
// command.
func (r *router) unfit(c *Command, rest string, e *bindError) Message {
	t := e.sentence
	first, _, _ := strings.Cut(rest, " ")
	m := Message{Parts: []Part{Small(Textf("Usage: %s", Usage(*c)))}}
	var subs []string
	for _, s := range r.below(c.Name) {
		subs = append(subs, strings.TrimPrefix(s, c.Name+" "))
	}
	switch near := nearest(first, subs, 2); {
	case first != "" && len(near) > 0:
		var lines []string
		for _, n := range near {
			lines = append(lines, "/"+c.Name+" "+n)
		}
		t = Textf("%s Or %s?", t, either(lines))
	case e.mark && e.progress == 0 && len(subs) > 0: // perhaps another command was meant
		t = Textf("%s %s says what else there is.", t, Code("/"+c.Name+" help"))
		m.Buttons = []Button{{Label: "Help", Line: "shipmate help " + c.Name}}
	}
	m.Text = t
	return m
}

// Usage is how a command is typed, one line per alternative.
func Usage(c Command) Text {
	var forms []Text
	for _, f := range strings.Split(ShownArgs(c), " | ") {
		forms = append(forms, Code(strings.TrimSpace("/"+c.Name+" "+f)))
	}
	return Join(" or ", forms...)
}

// bind binds a line's rest to the command's arguments; person looks up the people it names.
func (r *router) bind(c *Command, rest string, cfg *config.Config, person func(string) (string, error)) (Args, error) {
	return binder{kinds: r.kinds, config: cfg, person: person}.bind(r.usages[c.Name], rest)
}

// Reserved are the words that people type where they may also type the name of a service or an environment: what goes on with the name of
// a command that takes one, help, and the words that mean nothing. Other commands keep nobody from a name: a service may be called search.
func Reserved(commands []Command) []string {
	out := append([]string{"all", "help"}, fillers...)
	takes := map[string]bool{}
	for _, c := range commands {
		for _, name := range append([]string{c.Name}, c.Also...) {
			takes[name] = strings.Contains(c.Args, "service") || strings.Contains(c.Args, "environment")
		}
	}
	for _, c := range commands {
		for _, name := range append([]string{c.Name}, c.Also...) {
			words := strings.Fields(name)
			for n := 1; n < len(words); n++ {
				if takes[strings.Join(words[:n], " ")] {
					out = append(out, words[n:]...)
					break
				}
			}
		}
	}
	sort.Strings(out)
	return slices.Compact(out)
}
