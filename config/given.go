package config

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// MaxInput is how many characters one value may have, and maxAllGiven how many bytes all that are given for one deployment,
	// with their names: they stand in the line behind a button, beside a reason, and a line has at most 4,000.
	MaxInput    = 150
	maxAllGiven = 1500
)

// InputMistake is what is wrong with one input that was given, or that was not.
type InputMistake struct {
	// Name is the input's, as the configuration writes it when it knows it; empty when it is about all of them.
	Name string
	// Missing says that it must be given and was not. Options are then those to choose from, if it has any.
	Missing bool
	Options []string
	// Sentence says it to people, with what would be right. It may repeat what they typed.
	Sentence string
}

// Accept holds what somebody gave, by name, against the rules. It returns what is right of it, as the configuration writes it,
// and everything that is wrong, by the inputs' names.
func (d *Deploy) Accept(given map[string]string) (right map[string]string, wrong []InputMistake) {
	size := 0
	for _, typed := range slices.Sorted(maps.Keys(given)) {
		size += len(typed) + len(given[typed])
		name, value, sentence := d.accept(typed, given[typed])
		if _, twice := right[name]; twice && sentence == "" {
			sentence = name + " is given twice."
		}
		if sentence != "" {
			wrong = append(wrong, InputMistake{Name: name, Sentence: sentence})
			continue
		}
		if right == nil {
			right = map[string]string{}
		}
		right[name] = value
	}
	if size > maxAllGiven {
		wrong = append(wrong, InputMistake{Sentence: "All inputs together may have at most " + strconv.Itoa(maxAllGiven) + " characters."})
	}
	for _, name := range d.Asked() {
		_, there := right[name]
		bad := slices.ContainsFunc(wrong, func(m InputMistake) bool { return m.Name == name })
		if rule := d.Inputs[name].Rule; rule.Required && !there && !bad {
			wrong = append(wrong, InputMistake{Name: name, Missing: true, Options: rule.Options, Sentence: name + " is missing; it must be " + rule.Want() + "."})
		}
	}
	return right, wrong
}

// Sent is what the workflow is given beside what Shipmate sends itself, when right is what Accept let pass: the fixed texts,
// what was given, and the defaults of what was not. It is nil when that is nothing.
func (d *Deploy) Sent(right map[string]string) map[string]string {
	var sent map[string]string
	for name, in := range d.Inputs {
		value := in.Text
		if in.Rule != nil {
			value = cmp.Or(right[name], string(in.Rule.Default))
		}
		if value == "" {
			continue
		}
		if sent == nil {
			sent = map[string]string{}
		}
		sent[name] = value
	}
	return sent
}

// Asked are the names of the inputs that people may give, sorted.
func (d *Deploy) Asked() []string {
	var names []string
	for _, name := range sortedKeys(d.Inputs) {
		if d.Inputs[name].Rule != nil {
			names = append(names, name)
		}
	}
	return names
}

// accept is one input as the configuration writes it, or the sentence about what is wrong with it.
func (d *Deploy) accept(typed, value string) (name, right, sentence string) {
	name = typed
	in, known := d.Inputs[typed]
	for _, other := range sortedKeys(d.Inputs) {
		if !known && strings.EqualFold(other, typed) {
			name, in, known = other, d.Inputs[other], true
		}
	}
	switch {
	case !known || in.Rule == nil && in.Text == "":
		return name, "", d.unknown(typed)
	case in.Rule == nil:
		return name, "", name + " is fixed by the configuration and cannot be given."
	}
	right, problem := in.Rule.accept(value)
	if problem != "" {
		return name, "", name + " " + problem
	}
	return name, right, ""
}

func (d *Deploy) unknown(typed string) string {
	asked := d.Asked()
	said := "There is no input " + quote(typed)
	near := nearest(typed, asked)
	switch {
	case len(asked) == 0:
		return said + "; this service takes none."
	case near != "" && len(asked) > 1:
		return said + "; did you mean " + near + "? There is " + list(asked) + "."
	case near != "":
		return said + "; did you mean " + near + "?"
	}
	return said + "; there is " + list(asked) + "."
}

// Want says what may be given, to end a sentence that says what must be.
func (r *InputRule) Want() string {
	switch {
	case r.Number != nil:
		return "a whole number from " + strconv.Itoa(r.Number.Min) + " to " + strconv.Itoa(r.Number.Max)
	case r.Pattern != "":
		return "a text that matches " + r.Pattern
	case len(r.Options) > 20:
		return "one of " + list(r.Options)
	}
	return alternatives(r.Options)
}

// accept is a value as it is sent, or the rest of the sentence about what is wrong with it, to follow the input's name.
func (r *InputRule) accept(value string) (right, problem string) {
	switch value = strings.TrimSpace(value); {
	case value == "":
		return "", "must be " + r.Want() + "; nothing is given."
	case secretive(value):
		return "", "looks like a secret, and everybody sees what a deployment is given; replace it if it is one."
	case utf8.RuneCountInString(value) > MaxInput:
		return "", "is longer than " + strconv.Itoa(MaxInput) + " characters."
	case strings.ContainsFunc(value, unfit):
		return "", "must be on one line, without quotes and without invisible characters."
	}
	if right, ok := r.matches(value); ok {
		return right, ""
	}
	problem = "must be " + r.Want() + ", not " + quote(value)
	if near := nearest(value, r.Options); near != "" && len(r.Options) > 2 {
		return "", problem + "; did you mean " + near + "?"
	}
	return "", problem + "."
}

// unfit are the characters that no line could carry, where quotes keep words together, and those that people would not see on
// a card as they are sent.
func unfit(c rune) bool { return c == '"' || c == '`' || c == utf8.RuneError || !unicode.IsPrint(c) }

// matches tells whether the value is right, and how it is written then.
func (r *InputRule) matches(value string) (right string, ok bool) {
	switch {
	case r.Number != nil:
		number, err := strconv.Atoi(value)
		return strconv.Itoa(number), err == nil && number >= r.Number.Min && number <= r.Number.Max
	case r.Pattern != "":
		whole, err := wholly(r.Pattern)
		return value, err == nil && whole.MatchString(value)
	case slices.Contains(r.Options, value):
		return value, true
	}
	i := slices.IndexFunc(r.Options, func(option string) bool { return strings.EqualFold(option, value) })
	if i < 0 {
		return "", false
	}
	return r.Options[i], true
}

// wholly is a pattern that must match all of a text.
func wholly(pattern string) (*regexp.Regexp, error) {
	if _, err := regexp.Compile(pattern); err != nil {
		return nil, err
	}
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
}

func secretive(value string) bool {
	_, _, found := leakIn([]byte(value))
	return found
}

// alternatives is "eu, us or ap".
func alternatives(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
