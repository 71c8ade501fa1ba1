package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// gate is a store whose writer stops before a commit until the test lets it go on. Under synctest, everyone else is known
// to wait then.
type gate struct {
	*Bolt
	t       *testing.T
	before  chan struct{}
	commits int
}

// gated runs test with a gate whose first group, of one update, is about to be committed.
func gated(t *testing.T, o Options, test func(t *testing.T, g *gate)) {
	t.Parallel()
	o.Path = filepath.Join(t.TempDir(), "x.db")
	synctest.Test(t, func(t *testing.T) {
		g := &gate{t: t, before: make(chan struct{})}
		o.OnCommit = func(phase string) {
			if phase == "before" {
				<-g.before
				g.commits++
			}
		}
		var err error
		g.Bolt, err = Open(t.Context(), o)
		must(t, err)
		first := g.update(t.Context(), func(tx Tx) error { return tx.Put("first", nil) })
		test(t, g)
		synctest.Wait()
		must(t, g.Close())
		select {
		case <-first:
		default:
			t.Error("the first update has not returned")
		}
	})
}

// update starts an update and returns when it waits for its turn or its commit.
func (g *gate) update(ctx context.Context, fn func(Tx) error) <-chan error {
	result := make(chan error, 1)
	go func() { result <- g.Update(ctx, fn) }()
	synctest.Wait()
	return result
}

// open lets the writer go on from now on, and waits until nothing happens any more.
func (g *gate) open() {
	close(g.before)
	synctest.Wait()
}

func (g *gate) value(key string) string {
	g.t.Helper()
	var value []byte
	must(g.t, g.View(context.Background(), func(s Snapshot) (err error) {
		value, err = s.Get(key)
		return err
	}))
	if value == nil {
		return "none"
	}
	return string(value)
}

func TestWaitingUpdatesShareACommit(t *testing.T) {
	gated(t, Options{}, func(t *testing.T, g *gate) {
		var results []<-chan error
		for i := range 50 {
			results = append(results, g.update(t.Context(), func(tx Tx) error { return tx.Put(fmt.Sprint(i), []byte("1")) }))
		}
		g.open()
		for i, result := range results {
			must(t, <-result)
			if g.value(fmt.Sprint(i)) != "1" {
				t.Errorf("update %d is not there", i)
			}
		}
		if g.commits != 2 {
			t.Errorf("%d commits, want 2: the first update and everyone who waited for it", g.commits)
		}
	})
}

func TestGroupsAreBounded(t *testing.T) {
	cases := []struct{ updates, bytes, commits int }{
		{2 * groupUpdates, 0, 3},
		{2 * groupBytes / MaxValue, MaxValue, 3},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.bytes), func(t *testing.T) {
			gated(t, Options{NoSync: true}, func(t *testing.T, g *gate) {
				for i := range c.updates {
					g.update(t.Context(), func(tx Tx) error { return tx.Put(fmt.Sprint(i), make([]byte, c.bytes)) })
				}
				g.open()
				if g.commits != c.commits {
					t.Errorf("%d commits, want %d", g.commits, c.commits)
				}
			})
		})
	}
}

// TestIdleUpdateWaitsForNobody: on synctest's clock, which moves only when all wait for a timer, no time passes.
func TestIdleUpdateWaitsForNobody(t *testing.T) {
	gated(t, Options{}, func(t *testing.T, g *gate) {
		g.open()
		start := time.Now()
		for range 10 {
			must(t, g.Update(t.Context(), func(tx Tx) error { return tx.Put("a", nil) }))
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("ten updates on their own waited %v", waited)
		}
		if g.commits != 11 {
			t.Errorf("%d commits, want 11", g.commits)
		}
	})
}

// TestGroupMembersAreApart: in one group, those that fail in any way leave no trace and the others are stored.
func TestGroupMembersAreApart(t *testing.T) {
	gated(t, Options{}, func(t *testing.T, g *gate) {
		errOwn := errors.New("own")
		write := func(end func() error) func(Tx) error {
			return func(tx Tx) error {
				n, _, err := Load[int](tx, "n")
				return errors.Join(err, Save(tx, "n", n+1), end())
			}
		}
		fine := write(func() error { return nil })
		one := g.update(t.Context(), fine)
		failing := g.update(t.Context(), func(tx Tx) error {
			if err := write(func() error { return nil })(tx); err != nil {
				return err
			}
			return errOwn
		})
		panicking := make(chan any, 1)
		go func() {
			defer func() { panicking <- recover() }()
			_ = g.Update(t.Context(), write(func() error { panic("as planned") }))
		}()
		synctest.Wait()
		leaving := make(chan struct{})
		go func() {
			defer close(leaving)
			_ = g.Update(t.Context(), write(func() error { runtime.Goexit(); return nil })) // as t.FailNow does
		}()
		synctest.Wait()
		two := g.update(t.Context(), fine)
		g.open()
		must(t, <-one)
		must(t, <-two)
		if err := <-failing; err != errOwn {
			t.Errorf("the failing one got %v", err)
		}
		if p := <-panicking; p != "as planned" {
			t.Errorf("the panicking one got %v", p)
		}
		<-leaving
		if n := g.value("n"); n != "2" {
			t.Errorf("n is %s, want 2", n)
		}
		if g.commits != 2 {
			t.Errorf("%d commits, want 2", g.commits)
		}
	})
}

// TestFullDisk: a commit that fails fails the whole group, also a member that ended with an error because of what it read
// in that group. Nothing of the group is there, and when there is room the next one is stored.
func TestFullDisk(t *testing.T) {
	gated(t, Options{maxSize: 1 << 20}, func(t *testing.T, g *gate) {
		g.before <- struct{}{} // the first update is stored
		synctest.Wait()
		errTaken := errors.New("taken")
		before := g.update(t.Context(), func(tx Tx) error { return tx.Put("before", []byte("1")) })
		slot := g.update(t.Context(), func(tx Tx) error { return tx.Put("slot", []byte("mine")) })
		second := g.update(t.Context(), func(tx Tx) error {
			if taken, err := tx.Get("slot"); err != nil || taken != nil {
				return errors.Join(errTaken, err)
			}
			return tx.Put("slot", []byte("second"))
		})
		huge := g.update(t.Context(), func(tx Tx) error {
			for i := range 8 {
				if err := tx.Put(fmt.Sprint(i), make([]byte, MaxValue)); err != nil {
					return err
				}
			}
			return nil
		})
		g.open()
		must(t, <-before)
		for name, result := range map[string]<-chan error{"slot": slot, "second": second, "huge": huge} {
			if err := <-result; !errors.Is(err, ErrFull) || errors.Is(err, errTaken) {
				t.Errorf("%s: got %v, want ErrFull", name, err)
			} else {
				checkSentence(t, g.options.Path, err, "make room on its disk")
			}
		}
		if g.value("before") != "1" || g.value("slot") != "none" || g.value("0") != "none" {
			t.Errorf("after the failed commit: before=%s slot=%s", g.value("before"), g.value("slot"))
		}
		must(t, g.Update(t.Context(), func(tx Tx) error { return tx.Put("slot", []byte("later")) }))
		if g.value("slot") != "later" {
			t.Error("the store does not go on after a full disk")
		}
	})
}

// TestBrokenDisk: after an error that leaves open what the disk holds, nothing more is written, and reading goes on.
func TestBrokenDisk(t *testing.T) {
	t.Parallel()
	commits := 0
	b, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "x.db"), OnCommit: func(phase string) {
		if phase == "before" {
			commits++
		}
	}})
	must(t, err)
	write := func(tx Tx) error { return tx.Put("a", []byte("1")) }
	must(t, b.Update(t.Context(), write))
	must(t, b.file.Close()) // every write from here on fails
	for range 2 {
		err := b.Update(t.Context(), write)
		if err == nil {
			t.Fatal("stored without a file")
		}
		checkSentence(t, b.options.Path, err, "check its disk and restart Shipmate")
	}
	if commits != 2 {
		t.Errorf("%d commits were tried, want the good one and the first bad one", commits)
	}
	must(t, b.View(t.Context(), func(s Snapshot) error {
		if value, err := s.Get("a"); err != nil || !bytes.Equal(value, []byte("1")) {
			t.Errorf("reading goes on: got %q, %v", value, err)
		}
		return nil
	}))
	if err := b.Close(); err == nil {
		t.Error("closing a file that was closed is an error")
	}
}

func TestContextEndsWhileWaiting(t *testing.T) {
	gated(t, Options{}, func(t *testing.T, g *gate) {
		ctx, cancel := context.WithCancel(t.Context())
		ran := false
		waiting := g.update(ctx, func(tx Tx) error { ran = true; return nil })
		stays := g.update(t.Context(), func(tx Tx) error { return tx.Put("stays", []byte("1")) })
		cancel()
		if err := <-waiting; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v while waiting for a turn", err)
		}
		g.open()
		must(t, <-stays)
		if ran || g.value("stays") != "1" {
			t.Errorf("ran after its context ended: %v; stays=%s", ran, g.value("stays"))
		}
	})
}

// TestTurnOfOneWhoLeft: the writer does not wait for one whose context ended between coming up and its turn.
func TestTurnOfOneWhoLeft(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if size := (&Bolt{}).turn(&update{ctx: ctx, turn: make(chan *overlay)}, nil, writes{}); size != 0 {
		t.Errorf("it wrote %d bytes", size)
	}
}

func TestContextEndsDuringCommit(t *testing.T) {
	gated(t, Options{}, func(t *testing.T, g *gate) {
		g.before <- struct{}{}
		ctx, cancel := context.WithCancel(t.Context())
		committing := g.update(ctx, func(tx Tx) error { return tx.Put("a", []byte("1")) })
		cancel()
		if err := <-committing; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v during the commit", err)
		}
		g.open()
		if g.value("a") != "1" {
			t.Error("what was being committed is not there")
		}
	})
}

func TestCloseWhileWaiting(t *testing.T) {
	gated(t, Options{}, func(t *testing.T, g *gate) {
		waiting := g.update(t.Context(), func(tx Tx) error { return tx.Put("a", []byte("1")) })
		closed := make(chan error, 1)
		go func() { closed <- g.Close() }()
		synctest.Wait()
		if err := <-waiting; !errors.Is(err, ErrClosed) {
			t.Errorf("who waits while the store closes got %v", err)
		}
		select {
		case <-closed:
			t.Error("Close returned during a commit")
		default:
		}
		g.open()
		must(t, <-closed)
	})
}

// TestReadOnlyUpdateCommitsNothing: an Update that only reads costs no sync and waits for nobody's.
func TestReadOnlyUpdateCommitsNothing(t *testing.T) {
	gated(t, Options{}, func(t *testing.T, g *gate) {
		g.open()
		commits := g.commits
		must(t, g.Update(t.Context(), func(tx Tx) error { _, err := tx.Get("first"); return err }))
		if err := g.Update(t.Context(), func(tx Tx) error { return errors.Join(tx.Put("a", nil), errors.New("no")) }); err == nil ||
			!strings.Contains(err.Error(), "no") {
			t.Errorf("got %v", err)
		}
		if g.commits != commits {
			t.Errorf("%d commits of nothing", g.commits-commits)
		}
	})
}
