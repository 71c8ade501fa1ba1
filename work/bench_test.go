package work

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/store"
)

// BenchmarkBacklog steps everything of a backlog once, on a store that waits for the disk. Steps per second should not depend
// on the length of the backlog.
func BenchmarkBacklog(b *testing.B) {
	for _, n := range []int{1000, 10000, 20000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				run, took := prepare(b, n)
				b.StartTimer()
				run()
				b.ReportMetric(float64(n)/took().Seconds(), "steps/s")
			}
		})
	}
}

func prepare(b *testing.B, n int) (run func(), took func() time.Duration) {
	ctx, cancel := context.WithCancel(b.Context())
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(b.TempDir(), "bench.db")})
	if err != nil {
		b.Fatal(err)
	}
	backlog(b, db, n)
	c := clock.NewManual(t0)
	claims, err := OpenClaims(ctx, ClaimsConfig{DB: db, Clock: c, Replica: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	var left atomic.Int64
	left.Store(int64(n))
	r := New(Config{DB: db, Clock: c, Claims: claims}, Domain{Name: "d", Step: func(context.Context, string) (time.Time, error) {
		if left.Add(-1) == 0 {
			cancel() // Run returns when the last outcome is written
		}
		return time.Time{}, nil
	}})
	var d time.Duration
	return func() {
		begun := time.Now()
		if err := r.Run(ctx); err != nil {
			b.Fatal(err)
		}
		d = time.Since(begun)
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}, func() time.Duration { return d }
}
