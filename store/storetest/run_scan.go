package storetest

import (
	"context"
	"testing"

	"shipmate/store"
)

func scan(t *testing.T, db store.DB) {
	for _, key := range []string{"b/2", "a/1", "b", "b/10", "b/3", "b-/1", "c/1", "b/1"} {
		put(t, db, key, "")
	}
	cases := []struct {
		prefix, from string
		want         []string
	}{
		{"b/", "", []string{"b/1=", "b/10=", "b/2=", "b/3="}},
		{"b/", "b/10", []string{"b/10=", "b/2=", "b/3="}},
		{"b/", "b/11", []string{"b/2=", "b/3="}},
		{"b/", "a", []string{"b/1=", "b/10=", "b/2=", "b/3="}},
		{"b/", "b/9", nil},
		{"b/", "c", nil},
		{"b", "", []string{"b=", "b-/1=", "b/1=", "b/10=", "b/2=", "b/3="}},
		{"", "b/3", []string{"b/3=", "c/1="}},
		{"d", "", nil},
	}
	for _, c := range cases {
		want(t, "scan of "+c.prefix+" from "+c.from, list(t, db, c.prefix, c.from), c.want)
	}
	view(t, db, func(s store.Snapshot) {
		var seen []string
		for key := range s.Scan("b/", "") {
			if seen = append(seen, key); len(seen) == 2 {
				break
			}
		}
		want(t, "stopped early", seen, []string{"b/1", "b/10"})
		pairs := 0
		for range s.Scan("b/", "") { // a scan in a scan of one snapshot
			for range s.Scan("b/", "") {
				pairs++
			}
		}
		want(t, "scan in a scan", pairs, 16)
	})
}

func scanStops(t *testing.T, db store.DB) {
	for _, key := range []string{"1", "2", "3"} {
		put(t, db, key, "")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	seen := 0
	err := db.View(ctx, func(s store.Snapshot) error {
		for range s.Scan("", "") {
			seen++
			cancel()
		}
		return nil
	})
	wantErr(t, "View", err, context.Canceled)
	want(t, "keys seen", seen, 1)
}

func snapshotStays(t *testing.T, db store.DB) {
	put(t, db, "a", "before")
	view(t, db, func(s store.Snapshot) {
		wait(t, func() {
			put(t, db, "a", "after")
			put(t, db, "b", "after")
		})
		value, err := s.Get("a")
		must(t, err)
		want(t, "in the snapshot", string(value), "before")
		want(t, "scanned in the snapshot", pairs(s, "", ""), []string{"a=before"})
	})
	want(t, "in the next snapshot", list(t, db, "", ""), []string{"a=after", "b=after"})
}

// wait runs fn on a goroutine of its own to its end.
func wait(t *testing.T, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	<-done
}
