package store_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"shipmate/store"
)

// childMode is the environment variable that makes this test binary be one of the processes below, on the store named by
// its first argument.
const childMode = "STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	modes := map[string]func(path string) error{"hold": hold, "write": writeForEver, "die": dieInCommit}
	mode := modes[os.Getenv(childMode)]
	if mode == nil {
		os.Exit(m.Run())
	}
	if err := mode(os.Args[1]); err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

// hold keeps the store open until it is killed.
func hold(path string) error {
	if _, err := store.Open(context.Background(), store.Options{Path: path}); err != nil {
		return err
	}
	fmt.Println("open")
	for { // with select, Go would see a deadlock
		time.Sleep(time.Hour)
	}
}

// writeForEver writes numbered records from several goroutines and prints each key after it was acknowledged.
func writeForEver(path string) error {
	db, err := store.Open(context.Background(), store.Options{Path: path})
	if err != nil {
		return err
	}
	var print sync.Mutex
	var all sync.WaitGroup
	for writer := range 8 {
		all.Go(func() {
			for n := 0; ; n++ {
				key := store.Key(fmt.Sprint(os.Getpid()), fmt.Sprint(writer), fmt.Sprint(n))
				err := db.Update(context.Background(), func(tx store.Tx) error { return tx.Put(key, []byte(key)) })
				print.Lock()
				if err != nil {
					fmt.Println("error:", err)
				} else {
					fmt.Println(key)
				}
				print.Unlock()
			}
		})
	}
	all.Wait()
	return nil
}

// dieInCommit writes "1", "2" and so on until the commit and phase that its other arguments name, where it kills itself.
func dieInCommit(path string) error {
	commit, phase, commits := os.Args[2], os.Args[3], 0
	db, err := store.Open(context.Background(), store.Options{Path: path, OnCommit: func(now string) {
		if now == "before" {
			commits++
		}
		if fmt.Sprint(commits) == commit && now == phase {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			for { // with select, Go would see a deadlock
				time.Sleep(time.Hour)
			}
		}
	}})
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		if err := db.Update(context.Background(), func(tx store.Tx) error { return tx.Put(fmt.Sprint(n), nil) }); err != nil {
			return err
		}
		fmt.Println(n)
	}
}
