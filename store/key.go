package store

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Key joins parts with "/" into a key. Any strings may be parts, also what people typed: "/", "%", control bytes and bytes
// that are not UTF-8 are written as "%" and two hexadecimal digits, and an empty part as "%", so different parts never make
// the same key and no part adds a level. Everything else stays readable as it is.
//
// Keys with the same first parts are exactly those under the prefix Key(first...)+"/", and sort there by the bytes of the
// next part; an escaped byte sorts as "%".
func Key(parts ...string) string {
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteByte('/')
		}
		escape(&b, part)
	}
	return b.String()
}

func escape(b *strings.Builder, part string) {
	if part == "" {
		b.WriteByte('%')
		return
	}
	if plain(part) {
		b.WriteString(part)
		return
	}
	for len(part) > 0 {
		r, size := utf8.DecodeRuneInString(part)
		if r == '/' || r == '%' || r < ' ' || r == 0x7f || r == utf8.RuneError && size == 1 {
			fmt.Fprintf(b, "%%%02X", part[0])
		} else {
			b.WriteString(part[:size])
		}
		part = part[size:]
	}
}

// plain tells that nothing in part can need escaping, as in nearly every key.
func plain(part string) bool {
	for i := range len(part) {
		if c := part[i]; c == '/' || c == '%' || c < ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// Parts returns the parts that Key made key of. A key that Key cannot have made is an error.
func Parts(key string) ([]string, error) {
	if key == "" {
		return nil, nil
	}
	parts := strings.Split(key, "/")
	for i, part := range parts {
		var err error
		if parts[i], err = unescape(part); err != nil {
			return nil, fmt.Errorf("key %q: %w", key, err)
		}
	}
	if Key(parts...) != key {
		return nil, fmt.Errorf("key %q is not escaped as Key does", key)
	}
	return parts, nil
}

func unescape(part string) (string, error) {
	if part == "%" {
		return "", nil
	}
	before, rest, escaped := strings.Cut(part, "%")
	if !escaped {
		return part, nil
	}
	var b strings.Builder
	for ; escaped; before, rest, escaped = strings.Cut(rest, "%") {
		b.WriteString(before)
		if len(rest) < 2 {
			return "", fmt.Errorf("%q ends after a %%", part)
		}
		c, err := hex.DecodeString(rest[:2])
		if err != nil {
			return "", fmt.Errorf("%q has a %% without two digits", part)
		}
		b.Write(c)
		rest = rest[2:]
	}
	b.WriteString(before)
	return b.String(), nil
}
