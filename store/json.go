package store

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// Load reads the record of key, a JSON value, into a T. Found is false when there is none; v is the zero T then.
func Load[T any](g Getter, key string) (v T, found bool, err error) {
	data, err := g.Get(key)
	if err != nil {
		return v, false, fmt.Errorf("reading %q: %w", key, err)
	}
	if data == nil {
		return v, false, nil
	}
	if err := json.Unmarshal(data, &v); err != nil {
		var none T
		return none, false, fmt.Errorf("reading %q: %w", key, err)
	}
	return v, true, nil
}

// Save writes v as the record of key, as JSON, and keeps what a newer version of the program wrote there: the fields of
// the stored record that v's type does not have stay, in v itself, in structs that are its fields, and in structs that are
// the values of a map and still have their key. Fields that the type has are always as in v, also when they are left out
// as empty. Not kept is what is inside a list, inside an interface, or inside a type with its own MarshalJSON: such values
// are replaced whole, so what must survive an older program does not go there. Two operations: it reads and writes key.
func Save(tx Tx, key string, v any) error {
	stored, err := tx.Get(key)
	if err != nil {
		return fmt.Errorf("writing %q: %w", key, err)
	}
	return put(tx, key, stored, v)
}

// Create writes v as the record of key, as JSON, unless there is a record already, which stays as it is. Two operations.
func Create(tx Tx, key string, v any) (created bool, err error) {
	stored, err := tx.Get(key)
	if err != nil {
		return false, fmt.Errorf("creating %q: %w", key, err)
	}
	if stored != nil {
		return false, nil
	}
	return true, put(tx, key, nil, v)
}

// put writes v over stored, which is nil when there is no record.
func put(tx Tx, key string, stored []byte, v any) error {
	data, err := json.Marshal(v)
	if err == nil && stored != nil {
		data, err = keepUnknown(stored, data, reflect.TypeOf(v))
	}
	if err == nil {
		err = tx.Put(key, data)
	}
	if err != nil {
		return fmt.Errorf("writing %q: %w", key, err)
	}
	return nil
}
