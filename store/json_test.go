package store_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"shipmate/store"
	"shipmate/store/storetest"
)

type link struct {
	URL   string `json:"url"`
	Title string `json:"title,omitempty"`
}

type base struct {
	ID string `json:"id"`
}

// record is what this version knows; the tests store more, as a newer version would.
type record struct {
	base
	State  string            `json:"state"`
	Reason string            `json:"reason,omitempty"`
	Link   link              `json:"link"`
	Maybe  *link             `json:"maybe"`
	Named  map[string]link   `json:"named,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	List   []link            `json:"list,omitempty"`
	At     time.Time         `json:"at"`
	Raw    json.RawMessage   `json:"raw,omitempty"`
	Any    any               `json:"any,omitempty"`
	Own    ownJSON           `json:"own,omitzero"`
	hidden string
	Skip   string `json:"-"`
}

// ownJSON is a struct that is an object in JSON of its own making.
type ownJSON struct{ N map[string]int }

func (o ownJSON) MarshalJSON() ([]byte, error)     { return json.Marshal(o.N) }
func (o *ownJSON) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &o.N) }

func TestSaveKeepsUnknown(t *testing.T) {
	t.Parallel()
	const at = `"at":"2026-11-21T00:00:00Z"`
	cases := []struct {
		name, stored string
		change       func(*record)
		want         string
	}{
		{"nothing unknown", `{"state":"a"}`, func(r *record) { r.State = "b" }, `{"state":"b"}`},
		{"at the top", `{"new":{"x":[1,2.50]},"state":"a"}`, func(r *record) { r.State = "b" }, `{"new":{"x":[1,2.50]},"state":"b"}`},
		{"null", `{"new":null}`, func(r *record) {}, `{"new":null}`},
		{"large number", `{"new":12345678901234567890}`, func(r *record) {}, `{"new":12345678901234567890}`},
		{"emptied", `{"reason":"r","new":1}`, func(r *record) { r.Reason = "" }, `{"new":1}`},
		{"embedded", `{"id":"1","new":1}`, func(r *record) { r.ID = "2" }, `{"id":"2","new":1}`},
		{"in a struct", `{"link":{"url":"a","title":"t","new":1}}`, func(r *record) { r.Link = link{URL: "b"} },
			`{"link":{"url":"b","new":1}}`},
		{"behind a pointer", `{"maybe":{"url":"a","new":1}}`, func(r *record) { r.Maybe.URL = "b" }, `{"maybe":{"url":"b","new":1}}`},
		{"pointer removed", `{"maybe":{"url":"a","new":1}}`, func(r *record) { r.Maybe = nil }, `{}`},
		{"in a map", `{"named":{"x":{"url":"a","new":1},"y":{"url":"b","new":2}}}`, func(r *record) {
			delete(r.Named, "y")
			r.Named["x"] = link{URL: "c"}
			r.Named["z"] = link{URL: "d"}
		}, `{"named":{"x":{"url":"c","new":1},"z":{"url":"d"}}}`},
		{"keys of a map are data", `{"labels":{"a":"1","b":"2"}}`, func(r *record) { delete(r.Labels, "a") }, `{"labels":{"b":"2"}}`},
		{"a list is replaced", `{"list":[{"url":"a","new":1}],"new":1}`, func(r *record) { r.List[0].URL = "b" },
			`{"list":[{"url":"b"}],"new":1}`},
		{"what marshals itself is replaced", `{"raw":{"a":1},"new":1}`, func(r *record) { r.Raw = json.RawMessage(`{"b":1}`) },
			`{"raw":{"b":1},"new":1}`},
		{"also a struct", `{"own":{"a":1},"new":1}`, func(r *record) { r.Own.N = map[string]int{"b": 1} }, `{"own":{"b":1},"new":1}`},
		{"an interface is replaced", `{"any":{"a":1},"new":1}`, func(r *record) { r.Any = map[string]int{"b": 1} },
			`{"any":{"b":1},"new":1}`},
		{"another case is the same field", `{"STATE":"a","new":1}`, func(r *record) { r.State = "b" }, `{"state":"b","new":1}`},
		{"not encoded fields are unknown", `{"Skip":"kept","hidden":1,"-":1}`, func(r *record) { r.Skip, r.hidden = "x", "x" },
			`{"Skip":"kept","hidden":1,"-":1}`},
		{"null was stored", `{"link":null,"new":1}`, func(r *record) { r.Link.URL = "a" }, `{"link":{"url":"a"},"new":1}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := storetest.New(t)
			stored := strings.TrimSuffix(c.stored, "}") + "," + at + "}"
			err := db.Update(t.Context(), func(tx store.Tx) error {
				if err := tx.Put("k", []byte(stored)); err != nil {
					return err
				}
				r, _, err := store.Load[record](tx, "k")
				c.change(&r)
				return errors.Join(err, store.Save(tx, "k", &r))
			})
			if err != nil {
				t.Fatal(err)
			}
			defaults := `{"id":"","state":"","link":{"url":""},"maybe":null,` + at + `}`
			if got, want := stringAt(t, db, "k"), canonical(t, defaults, c.want); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// canonical returns the JSON of all objects laid over each other, with numbers as they are written.
func canonical(t *testing.T, objects ...string) string {
	t.Helper()
	all := map[string]any{}
	for _, o := range objects {
		decoder := json.NewDecoder(strings.NewReader(o))
		decoder.UseNumber()
		if err := decoder.Decode(&all); err != nil {
			t.Fatalf("%s: %v", o, err)
		}
	}
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func stringAt(t *testing.T, db store.DB, key string) (s string) {
	t.Helper()
	err := db.View(t.Context(), func(snapshot store.Snapshot) error {
		data, err := snapshot.Get(key)
		s = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return canonical(t, s)
}

func TestLoadSaveCreate(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	var before, after, created, again bool
	var loaded link
	err := db.Update(t.Context(), func(tx store.Tx) error {
		var errs [4]error
		_, before, errs[0] = store.Load[link](tx, "k")
		created, errs[1] = store.Create(tx, "k", link{URL: "first"})
		again, errs[2] = store.Create(tx, "k", link{URL: "second"})
		loaded, after, errs[3] = store.Load[link](tx, "k")
		return errors.Join(errs[:]...)
	})
	if err != nil {
		t.Fatal(err)
	}
	if before || !created || again || !after || loaded.URL != "first" {
		t.Errorf("found before %v, created %v, again %v, found %v %q", before, created, again, after, loaded.URL)
	}
}

// TestNotJSON: a damaged record is an error that names it, and is not overwritten by Save.
func TestNotJSON(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	if err := db.Update(t.Context(), func(tx store.Tx) error { return tx.Put("the/key", []byte(`{"url":"a`)) }); err != nil {
		t.Fatal(err)
	}
	uses := map[string]func(store.Tx) error{
		"Load": func(tx store.Tx) error { _, _, err := store.Load[link](tx, "the/key"); return err },
		"Save": func(tx store.Tx) error { return store.Save(tx, "the/key", link{}) },
	}
	for name, use := range uses {
		if err := db.Update(t.Context(), use); err == nil || !strings.Contains(err.Error(), "the/key") {
			t.Errorf("%s: got %v, want an error that names the key", name, err)
		}
	}
	err := db.Update(t.Context(), func(tx store.Tx) error { return store.Save(tx, "other", make(chan int)) })
	if err == nil || !strings.Contains(err.Error(), `writing "other"`) {
		t.Errorf("saving what has no JSON: %v", err)
	}
}
