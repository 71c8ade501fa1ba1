package config

import (
	"reflect"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// Input is what a workflow is given under one name: a fixed text, or what whoever deploys gives under a rule.
type Input struct {
	Text string     // fixed; empty when there is a Rule
	Rule *InputRule // nil when the text is fixed
}

// InputRule says what people may give for an input when they deploy. Just one of options, number and pattern says what is right.
type InputRule struct {
	// Label is the input's name in the form. Without one it is the input's own name.
	Label string `json:"label,omitempty" format:"label"`
	// Description says in the form what the input does.
	Description string `json:"description,omitempty" format:"text"`
	// Options are what may be given, in the order in which they are offered.
	Options []string `json:"options,omitempty" format:"option" min:"1"`
	// Number lets a whole number be given.
	Number *Range `json:"number,omitempty"`
	// Pattern lets a text be given that the regular expression matches from its first to its last character (RE2, as in Go).
	Pattern string `json:"pattern,omitempty" format:"regexp"`
	// Required refuses a deployment for which nothing is given. Default false: then the default is sent, or without one nothing.
	Required bool `json:"required,omitempty"`
	// Default is what is sent when nothing is given: one of the options, a number or a text that the pattern matches.
	Default Scalar `json:"default,omitempty"`
}

// Range are the whole numbers from min to max, both of them included.
type Range struct {
	// Min is the least number. From -1000000000 to 1000000000.
	Min int `json:"min" min:"-1000000000" max:"1000000000" required:"true"`
	// Max is the greatest number. From -1000000000 to 1000000000.
	Max int `json:"max" min:"-1000000000" max:"1000000000" required:"true"`

	broken bool // it was found wrong
}

// Scalar is a text that may also be written as a whole number.
type Scalar string

func (in *Input) readNode(d *decoder, path string, n *yaml.Node) {
	switch n.Kind {
	case yaml.ScalarNode:
		d.str(path, n, reflect.ValueOf(&in.Text).Elem(), `format:"text"`)
	case yaml.MappingNode:
		in.Rule = &InputRule{}
		d.object(path, n, reflect.ValueOf(in.Rule).Elem())
	default:
		d.wrong(path, n, "must be a text that is always sent, or a section of keys: "+list(keysOf(reflect.TypeFor[InputRule]())))
	}
}

func (r *Range) readNode(d *decoder, path string, n *yaml.Node) {
	before := len(d.mistakes)
	if d.object(path, n, reflect.ValueOf(r).Elem()); len(d.mistakes) == before && r.Min > r.Max {
		d.wrong(path, n, "has no numbers in it: min is "+strconv.Itoa(r.Min)+" and max is "+strconv.Itoa(r.Max))
	}
	r.broken = len(d.mistakes) > before
}

func (s *Scalar) readNode(d *decoder, path string, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!int" {
		*s = Scalar(n.Value)
		return
	}
	d.str(path, n, reflect.ValueOf(s).Elem(), `format:"text"`)
}
