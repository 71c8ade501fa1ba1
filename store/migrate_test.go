package store

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// next is a layout two formats on, whose migrations move record/000 step by step and then end with failed.
func next(failed error) layout {
	rename := func(records *bolt.Bucket, from, to string) error {
		value := bytes.Clone(records.Get([]byte(from)))
		return errors.Join(records.Put([]byte(to), value), records.Delete([]byte(from)))
	}
	return layout{format: Format + 2, migrations: []func(*bolt.Bucket) error{
		func(records *bolt.Bucket) error { return rename(records, "record/000", "second") },
		func(records *bolt.Bucket) error { return errors.Join(rename(records, "second", "third"), failed) },
	}}
}

func has(t *testing.T, b *Bolt, key string) (there bool) {
	t.Helper()
	must(t, b.View(t.Context(), func(s Snapshot) error {
		value, err := s.Get(key)
		there = value != nil
		return err
	}))
	return there
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	path := sample(t)
	var log strings.Builder
	b, err := open(t.Context(), Options{Path: path, Log: slog.New(slog.NewTextHandler(&log, nil))}, next(nil))
	must(t, err)
	if has(t, b, "record/000") || !has(t, b, "third") || !has(t, b, "record/001") {
		t.Error("the records are not as the migrations make them")
	}
	must(t, b.Close())
	if !strings.Contains(log.String(), "store migrated") {
		t.Errorf("the log says %q", log.String())
	}

	_, err = Open(t.Context(), Options{Path: path})
	if err == nil {
		t.Fatal("the older binary opened the newer store")
	}
	checkSentence(t, path, err, "has format 3 and this Shipmate knows formats up to 1")

	again, err := open(t.Context(), Options{Path: path}, next(errors.New("ran twice")))
	must(t, err)
	must(t, again.Close())

	backup, err := Open(t.Context(), Options{Path: path + ".format-1.backup"})
	must(t, err)
	if !has(t, backup, "record/000") || has(t, backup, "third") {
		t.Error("the backup is not as the store was")
	}
	must(t, backup.Close())
}

func TestMigrateFromTheMiddle(t *testing.T) {
	t.Parallel()
	path := withFormat(t, "2")
	b, err := open(t.Context(), Options{Path: path}, next(nil))
	must(t, err)
	defer b.Close()
	if !has(t, b, "record/000") || !has(t, b, "third") {
		t.Error("not just the second migration ran")
	}
	if _, err := os.Stat(path + ".format-2.backup"); err != nil {
		t.Error(err)
	}
}

func TestMigrateFails(t *testing.T) {
	t.Parallel()
	path := sample(t)
	_, err := open(t.Context(), Options{Path: path}, next(errors.New("as planned")))
	if err == nil {
		t.Fatal("opened")
	}
	checkSentence(t, path, err, "stays at format 1, migrating it to 3: from format 2: as planned")
	b, err := Open(t.Context(), Options{Path: path})
	must(t, err)
	defer b.Close()
	if !has(t, b, "record/000") || has(t, b, "second") || has(t, b, "third") {
		t.Error("a failed migration left traces")
	}
}

func TestMigrateNeedsItsBackup(t *testing.T) {
	t.Parallel()
	path := sample(t)
	must(t, os.Mkdir(path+".format-1.backup", 0o700)) // in the way
	if _, err := open(t.Context(), Options{Path: path}, next(nil)); err == nil || !strings.Contains(err.Error(), "backing up") {
		t.Fatalf("got %v without a backup", err)
	}
	b, err := Open(t.Context(), Options{Path: path})
	must(t, err)
	must(t, b.Close())
}
