package config

import (
	"encoding/json"
	"reflect"

	"go.yaml.in/yaml/v4"
)

// The words Checks knows beside a list of names.
const (
	ChecksNone     = "none"     // nothing is asked of the commit
	ChecksRequired = "required" // those the branch's protection requires
	ChecksAll      = "all"      // every check the commit has, and at least one
)

// Checks says which checks must have succeeded on a commit: some by name, or one of the words required, all and none.
type Checks struct {
	Word  string   // one of the constants, or empty when Names are given
	Names []string // as GitHub shows them: a status context or a check run's name
}

// None tells whether no check is asked for.
func (c Checks) None() bool { return len(c.Names) == 0 && (c.Word == "" || c.Word == ChecksNone) }

// MarshalJSON writes the checks as they stand in the file: a word or a list.
func (c Checks) MarshalJSON() ([]byte, error) {
	if c.Word != "" || c.Names == nil {
		return json.Marshal(c.Word)
	}
	return json.Marshal(c.Names)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Checks) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &c.Word); err == nil {
		return nil
	}
	return json.Unmarshal(data, &c.Names)
}

func (c *Checks) readNode(d *decoder, path string, n *yaml.Node) {
	if n.Kind == yaml.SequenceNode {
		d.list(path, n, reflect.ValueOf(&c.Names).Elem(), `format:"text" min:"1"`)
		return
	}
	switch n.Value {
	case ChecksNone, ChecksRequired, ChecksAll:
		c.Word = n.Value
	default:
		d.wrong(path, n, "must be a list of checks, such as [ci/build, ci/test], or required, all or none")
	}
}
