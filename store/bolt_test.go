package store_test

import (
	"path/filepath"
	"testing"

	"shipmate/store"
	"shipmate/store/storetest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.DB { return openSynced(t, t.TempDir()) })
}

func TestContractRerunning(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) store.DB { return storetest.Rerunning(storetest.New(t)) })
}

func TestReopen(t *testing.T) {
	t.Parallel()
	storetest.RunReopen(t, openSynced)
}

func openSynced(t *testing.T, dir string) store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(dir, "test.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
