package main

import (
	"path/filepath"
	"testing"

	"shipmate/bot"
	"shipmate/sandbox"
	"shipmate/store"
)

// The decisions of the sample company are in order, as anybody's are.
func TestTheStagesRecordsAreInOrder(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"../../sandbox/acme/decisions", "../../sandbox/acme/storefront-decisions"} {
		if out, err := says(t, "adr", "lint", dir); err != nil || out != dir+" is in order.\n" {
			t.Errorf("%v\n%s", err, out)
		}
	}
}

// A new stage has the bot know who everybody is on GitHub, said by somebody else, so that it counts.
func TestTheStagesPeopleAreKnownOnGitHub(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := sandbox.Open(t.Context(), sandbox.Options{Dir: dir, NoBot: true, Introduce: introduce}, "http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "shipmate.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all, err := bot.NewLinks(db).All(t.Context())
	if err != nil || len(all) != 8 {
		t.Fatalf("%d are linked (%v)", len(all), err)
	}
	for _, one := range all {
		if a := one.Accounts[bot.OnGitHub]; !a.Proven || a.Login == "" || a.By == one.Person {
			t.Errorf("%+v", one)
		}
	}
}
