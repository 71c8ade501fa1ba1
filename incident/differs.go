package incident

import (
	"bytes"
	"encoding/json"
)

// differs runs fn, which may change the record v, and tells whether it is another one as it would be stored.
func differs(v any, fn func() error) (bool, error) {
	before, err := json.Marshal(v)
	if err != nil {
		return false, err
	}
	if err := fn(); err != nil {
		return false, err
	}
	after, err := json.Marshal(v)
	return !bytes.Equal(before, after), err
}

// copied is a record that shares nothing with the one it is a copy of.
func copied[T any](v *T) (*T, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	out := new(T)
	return out, json.Unmarshal(data, out)
}
