package store_test

import (
	"path/filepath"
	"testing"

	"shipmate/store"
	"shipmate/store/storetest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.DB { return openSynced(t, t.TempDir(), "test.db") })
}

func TestContractRerunning(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.DB { return storetest.Rerunning(storetest.New(t)) })
}

func TestReopen(t *testing.T) {
	t.Parallel()
	storetest.RunReopen(t, func(t *testing.T, dir string) store.DB { return openSynced(t, dir, "test.db") })
}

// openSynced opens a store as the program does.
func openSynced(t *testing.T, dir, file string) *store.Bolt {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, file)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
