package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"shipmate/store"
)

func TestKey(t *testing.T) {
	t.Parallel()
	cases := []struct {
		parts []string
		want  string
	}{
		{[]string{"delivery", "slot", "checkout", "staging"}, "delivery/slot/checkout/staging"},
		{[]string{"a", "feature/x"}, "a/feature%2Fx"},
		{[]string{"a", "100%"}, "a/100%25"},
		{[]string{"a", "", "b"}, "a/%/b"},
		{[]string{""}, "%"},
		{nil, ""},
		{[]string{"a\x00b\n\x7f"}, "a%00b%0A%7F"},
		{[]string{"Straße 日本 🚢 @ana:v1.2~x"}, "Straße 日本 🚢 @ana:v1.2~x"},
		{[]string{"bad\xffbytes"}, "bad%FFbytes"},
		{[]string{"\ufffd"}, "\ufffd"},
	}
	for _, c := range cases {
		if got := store.Key(c.parts...); got != c.want {
			t.Errorf("Key(%q) is %q, want %q", c.parts, got, c.want)
		}
		if got, err := store.Parts(c.want); err != nil || !slices.Equal(got, c.parts) {
			t.Errorf("Parts(%q) is %q, %v; want %q", c.want, got, err, c.parts)
		}
	}
}

func TestPartsRefuses(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"a//b", "/", "a/", "%zz", "%2", "%2f", "%41", "a%", "%%", "a\nb", "\xff"} {
		if parts, err := store.Parts(key); err == nil {
			t.Errorf("Parts(%q) is %q, want an error", key, parts)
		}
	}
}

func FuzzKey(f *testing.F) {
	f.Add("a", "b/c", "a/b", "c")
	f.Add("", "", "%", "%25")
	f.Add("a\x00", "\xff", "é", "/")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		key := store.Key(a, b)
		if parts, err := store.Parts(key); err != nil || !slices.Equal(parts, []string{a, b}) {
			t.Errorf("Parts(Key(%q, %q)) is %q, %v", a, b, parts, err)
		}
		if !utf8.ValidString(key) || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("Key(%q, %q) is %q: not readable", a, b, key)
		}
		if (key == store.Key(c, d)) != (a == c && b == d) {
			t.Errorf("Key(%q, %q) and Key(%q, %q) are one", a, b, c, d)
		}
		if strings.HasPrefix(key, store.Key(c)+"/") != (a == c) {
			t.Errorf("Key(%q, %q) under %q", a, b, c)
		}
		if parts, err := store.Parts(d); err == nil && store.Key(parts...) != d {
			t.Errorf("Parts(%q) is %q, which makes another key", d, parts)
		}
	})
}

func TestStamp(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("CEST", 2*60*60)
	cases := []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 3, 8, 9, 0, 0, 0, time.UTC), "2026-03-08T09:00:00.000000000Z"},
		{time.Date(2026, 3, 8, 1, 0, 0, 5, berlin), "2026-03-07T23:00:00.000000005Z"},
		{time.Time{}, "0001-01-01T00:00:00.000000000Z"},
		{time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), "0000-01-01T00:00:00.000000000Z"},
		{time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC), "9999-12-31T23:59:59.999999999Z"},
	}
	for _, c := range cases {
		if got := store.Stamp(c.at); got != c.want {
			t.Errorf("Stamp(%v) is %s, want %s", c.at, got, c.want)
		}
		if store.Key(c.want) != c.want {
			t.Errorf("%s changes as part of a key", c.want)
		}
	}
	for _, s := range []string{"", "2026", "2026-03-08T09:00:00Z", "2026-03-08T09:00:00,000000000Z", "2026-02-30T09:00:00.000000000Z",
		"2026-03-08T09:00:00.000000000+00:00"} {
		if at, err := store.ParseStamp(s); err == nil {
			t.Errorf("ParseStamp(%q) is %v, want an error", s, at)
		}
	}
}

func FuzzStamp(f *testing.F) {
	f.Add(int64(0), int64(0), int64(1), int64(0))
	f.Add(int64(-62167219200), int64(999999999), int64(253402300799), int64(5))
	f.Fuzz(func(t *testing.T, seconds, nanoseconds, otherSeconds, otherNanoseconds int64) {
		const years = 253402300800 // the first second after the year 9999
		at := time.Unix(seconds%years, nanoseconds%1e9)
		other := time.Unix(otherSeconds%years, otherNanoseconds%1e9)
		stamp, otherStamp := store.Stamp(at), store.Stamp(other)
		if len(stamp) != len(otherStamp) {
			t.Errorf("%s and %s differ in length", stamp, otherStamp)
		}
		first := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
		if at.Before(first) || other.Before(first) {
			return // those are all the first one
		}
		if strings.Compare(stamp, otherStamp) != at.Compare(other) {
			t.Errorf("%s and %s do not sort as their times", stamp, otherStamp)
		}
		if back, err := store.ParseStamp(stamp); err != nil || !back.Equal(at) || back.Location() != time.UTC {
			t.Errorf("ParseStamp(%s) is %v, %v; want %v", stamp, back, err, at)
		}
	})
}
