package bot

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"shipmate/config"
)

// bindError says why a line's arguments do not fit, in words for people.
type bindError struct {
	sentence Text
	missing  string // the argument that is missing, when that is all
	bound    Args   // what was bound before it
	progress int    // how many words were understood, to pick the best alternative's error
	closed   bool   // the word is none of those accepted
	near     bool   // and one of those was perhaps meant
	mention  bool   // the word is written as people are mentioned, and names nobody
	mark     bool   // the word lacks the character that the argument is written with
}

func (e *bindError) Error() string { return "binding arguments: " + string(e.sentence) }

// fillers are words that mean nothing between arguments, whatever the usage says: people write as they speak.
var fillers = []string{"to", "on", "in", "into", "the", "please"}

// binder binds words to arguments of a command.
type binder struct {
	kinds  map[string]Kind
	config *config.Config
	person func(word string) (id string, err error) // for kinds that are people; its error is in words for people
}

// bind binds rest, the part of a normalised line after the command's name. Alternatives are tried in order; when none
// fits, the error of the one that understood most is returned.
func (b binder) bind(usages []usage, rest string) (Args, error) {
	var best *bindError
	for _, u := range usages {
		args, err := b.bindOne(u, rest)
		if err == nil {
			return args, nil
		}
		var be *bindError
		if !errors.As(err, &be) {
			return nil, err
		}
		if best == nil || be.progress > best.progress || be.progress == best.progress && be.mention {
			best = be
		}
	}
	return nil, best
}

// binding is the state of binding one alternative.
type binding struct {
	binder
	args  Args
	line  string
	words []word
	next  int
}

func (b binder) bindOne(u usage, rest string) (Args, error) {
	st := &binding{binder: b, args: Args{}, line: rest, words: words(rest)}
	var skipped *bindError // the complaint of an optional argument that was passed over
	for _, sl := range u.slots {
		err := st.take(sl)
		if err == nil {
			continue
		}
		if sl.optional && err.missing == "" {
			skipped = st.complaint(skipped, err)
		}
		if sl.optional {
			continue
		}
		return nil, err
	}
	if st.next < len(st.words) {
		if skipped != nil && skipped.progress >= st.next { // further where its keyword stands there: "for yesterday"
			return nil, skipped
		}
		return nil, st.fail(Textf("I do not understand %s.", Code(st.words[st.next].text)))
	}
	return st.args, nil
}

// complaint is what is said of a word that fits neither of two optional arguments: of the one it is near to, or else of both. A number
// was not meant to be a name.
func (st *binding) complaint(first, second *bindError) *bindError {
	switch {
	case first != nil && first.progress > second.progress:
		return first
	case first == nil, first.progress != second.progress, !first.closed, second.near, first.sentence == second.sentence:
		return second
	case first.near:
		return first
	}
	if _, err := strconv.Atoi(st.words[first.progress].text); err == nil {
		return second
	}
	both := *second
	both.sentence, both.closed = Join(" ", first.sentence, second.sentence), true
	return &both
}

// take binds one slot, consuming words only when it succeeds.
func (st *binding) take(sl slot) *bindError {
	if sl.pairs {
		return st.takePairs(sl)
	}
	if sl.name == "" {
		if st.next < len(st.words) && slices.Contains(sl.words, strings.ToLower(st.words[st.next].text)) {
			st.next++
		}
		return nil
	}
	at := st.next
	if len(sl.words) > 0 {
		if at >= len(st.words) || !slices.Contains(sl.words, strings.ToLower(st.words[at].text)) {
			return st.missing(sl.name)
		}
		at++
	}
	for at < len(st.words) && st.isFiller(sl, st.words[at].text) {
		at++
	}
	if at >= len(st.words) {
		return st.missing(sl.name)
	}
	text, used := st.words[at].text, 1
	if sl.rest {
		text, used = st.line[st.words[at].at:], len(st.words)-at
		if n := len(text); n > 1 && text[0] == '"' && text[n-1] == '"' && !strings.Contains(text[1:n-1], `"`) {
			text = text[1 : n-1]
		}
	}
	if sl.prefix != "" {
		cut, ok := strings.CutPrefix(text, sl.prefix)
		if !ok {
			err := st.fail(Textf("%s begins with %s.", Code("<"+sl.name+">"), Code(sl.prefix)))
			err.mark = true
			return err
		}
		text = cut
	}
	second := ""
	if sl.attach != "" {
		var attached bool
		if text, second, attached = cutAttached(text, sl.attach); attached && second == "" && text != "" {
			return st.fail(Textf("After %s goes %s.", sl.attach, attachedWords(sl.second)))
		}
	}
	value, err := st.resolve(sl.name, text)
	if err != nil {
		err.progress = at
		return err
	}
	if second != "" {
		value2, err := st.resolve(sl.second, second)
		if err != nil {
			err.progress = at
			return err
		}
		st.args[sl.second] = value2
	}
	st.args[sl.name] = value
	st.next = at + used
	return nil
}

// pairWord is a word that gives a value to a key.
var pairWord = regexp.MustCompile(`(?s)^([A-Za-z_][A-Za-z0-9_-]*)=(.*)$`)

// takePairs takes all words of the form key=value that stand next, which may be none. It is an error to give a key twice.
func (st *binding) takePairs(sl slot) *bindError {
	for st.next < len(st.words) {
		m := pairWord.FindStringSubmatch(st.words[st.next].text)
		if m == nil {
			return nil
		}
		name := PairArg(sl.name, m[1])
		if _, twice := st.args[name]; twice {
			return st.fail(Textf("%s is given twice.", Code(m[1])))
		}
		st.args[name] = m[2]
		st.next++
	}
	return nil
}

// cutAttached cuts "checkout@main". What Slack made of a ref that reads like a person's name was taken back before, see
// untangle.
func cutAttached(text, by string) (first, second string, attached bool) {
	return strings.Cut(text, by)
}

// attachedWords says what an attached argument is.
func attachedWords(name string) string {
	if name == "ref" {
		return "a branch, tag or commit"
	}
	return "a " + name
}

// isFiller tells whether w means nothing before this slot: only words of a closed argument can be passed over, since in an
// open one they may be meant.
func (st *binding) isFiller(sl slot, w string) bool {
	k, ok := st.kinds[sl.name]
	if !ok || k.Values == nil || !slices.Contains(fillers, strings.ToLower(w)) {
		return false
	}
	_, err := st.resolve(sl.name, w)
	return err != nil
}

// resolve makes a word the canonical value of the argument, or says what would be right.
func (st *binding) resolve(name, text string) (string, *bindError) {
	k, ok := st.kinds[name]
	if !ok {
		return unmention(text), nil
	}
	if k.Person {
		return st.whois(text)
	}
	if k.Values == nil {
		if k.Parse == nil {
			return unmention(text), nil
		}
		v, err := k.Parse(unmention(text))
		if err != nil {
			return "", st.fail(asSentence(err))
		}
		return v, nil
	}
	values := k.Values(st.config, st.args)
	bare := strings.TrimRight(text, ":,?") // as people write whom they talk to, and ask: "checkout: it is down", "oncall checkout?"
	for _, v := range values {
		for _, n := range append([]string{v.Name}, v.Aliases...) {
			if strings.EqualFold(n, text) || strings.EqualFold(n, bare) {
				return v.Name, nil
			}
		}
	}
	known := valueWords(values)
	e := st.fail(unknown(cmp.Or(k.Noun, name), text, known))
	e.closed, e.near = true, len(nearest(text, known, 1)) > 0
	return "", e
}

func (st *binding) whois(text string) (string, *bindError) {
	id, err := st.person(text)
	var none *nobody
	switch {
	case errors.As(err, &none):
		e := st.fail(none.sentence)
		e.mention = strings.HasPrefix(strings.TrimPrefix(text, "<"), "@")
		return "", e
	case err != nil:
		return "", st.fail(asSentence(err))
	}
	return id, nil
}

func valueWords(values []Value) []string {
	var out []string
	for _, v := range values {
		out = append(out, v.Name)
	}
	return out
}

// unknown is the sentence about a word that is not one of those accepted.
func unknown(name, text string, known []string) Text {
	said := Textf("There is no %s %s", name, Code(text))
	switch near := nearest(text, known, 3); {
	case len(known) == 0:
		return Textf("%s; none is configured.", said)
	case len(near) > 0:
		return Textf("%s. Did you mean %s?", said, either(near))
	case len(known) <= 12:
		return Textf("%s; there is %s.", said, list(known, "and"))
	}
	return Textf("%s.", said)
}

func (st *binding) missing(name string) *bindError {
	bound := Args{}
	for k, v := range st.args {
		bound[k] = v
	}
	k := st.kinds[name]
	e := st.fail(cmp.Or(k.Missing, Textf("Which %s?", cmp.Or(k.Noun, name))))
	e.missing, e.bound = name, bound
	return e
}

func (st *binding) fail(t Text) *bindError { return &bindError{sentence: t, progress: st.next} }

// asSentence is what an error says, as a sentence.
func asSentence(err error) Text {
	s := err.Error()
	first, size := utf8.DecodeRuneInString(s)
	s = string(unicode.ToUpper(first)) + s[size:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return Plain(s)
}

func either(names []string) Text { return list(names, "or") }

// list writes "a, b and c", each in fixed width.
func list(names []string, word string) Text {
	var out Text
	for i, n := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			out += Text(fmt.Sprintf(" %s ", word))
		default:
			out += ", "
		}
		out += Code(n)
	}
	return out
}
