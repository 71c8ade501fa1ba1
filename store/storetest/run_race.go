package storetest

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"shipmate/store"
)

func noLostUpdate(t *testing.T, db store.DB) {
	const writers, each = 16, 25
	together(writers, func(int) {
		for range each {
			must(t, db.Update(t.Context(), func(tx store.Tx) error {
				return tx.Put("n", strconv.AppendInt(nil, number(t, tx, "n")+1, 10))
			}))
		}
	})
	want(t, "counted", get(t, db, "n"), fmt.Sprint(writers*each))
}

func oneCreates(t *testing.T, db store.DB) {
	for round := range 10 {
		key := fmt.Sprint("slot/", round)
		var winners atomic.Int32
		together(16, func(who int) {
			won := false
			must(t, db.Update(t.Context(), func(tx store.Tx) error {
				taken, err := tx.Get(key)
				if won = taken == nil; err != nil || !won {
					return err
				}
				return tx.Put(key, []byte(fmt.Sprint(who)))
			}))
			if won {
				winners.Add(1)
			}
		})
		want(t, "winners", winners.Load(), int32(1))
	}
}

// noWriteSkew: each of two may leave only while the other is there. Both leaving takes each seeing what the other undid.
func noWriteSkew(t *testing.T, db store.DB) {
	for round := range 20 {
		names := []string{fmt.Sprint("ana", round), fmt.Sprint("ben", round)}
		put(t, db, names[0], "1")
		put(t, db, names[1], "1")
		together(2, func(who int) {
			must(t, db.Update(t.Context(), func(tx store.Tx) error {
				if number(t, tx, names[0])+number(t, tx, names[1]) < 2 {
					return nil
				}
				return tx.Put(names[who], []byte("0"))
			}))
		})
		want(t, "who stayed", len(get(t, db, names[0])+get(t, db, names[1])), 2)
		if get(t, db, names[0]) == get(t, db, names[1]) {
			t.Fatal("both left")
		}
	}
}

// wholeTransactions moves money between accounts while readers add it all up.
func wholeTransactions(t *testing.T, db store.DB) {
	const accounts, each = 5, 20
	for i := range accounts {
		put(t, db, fmt.Sprint("account/", i), "100")
	}
	together(8, func(who int) {
		for i := range each {
			from, to := fmt.Sprint("account/", (who+i)%accounts), fmt.Sprint("account/", (who+2*i+1)%accounts)
			must(t, db.Update(t.Context(), func(tx store.Tx) error {
				if err := tx.Put(from, strconv.AppendInt(nil, number(t, tx, from)-1, 10)); err != nil {
					return err
				}
				return tx.Put(to, strconv.AppendInt(nil, number(t, tx, to)+1, 10))
			}))
			total, err := 0, error(nil)
			view(t, db, func(s store.Snapshot) {
				for _, value := range s.Scan("account/", "") {
					n, convErr := strconv.Atoi(string(value))
					total += n
					err = convErr
				}
			})
			must(t, err)
			want(t, "total", total, 100*accounts)
		}
	})
}

// together runs fn n times at once and waits for all.
func together(n int, fn func(who int)) {
	var all sync.WaitGroup
	start := make(chan struct{})
	for who := range n {
		all.Go(func() {
			<-start
			fn(who)
		})
	}
	close(start)
	all.Wait()
}
