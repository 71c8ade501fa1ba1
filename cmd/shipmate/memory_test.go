package main

import "testing"

func TestGarbage(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 500, 5 << 20: 500, 13 << 20: 350, 20 << 20: 200, 32 << 20: 100, 40 << 20: 50, 1 << 30: 50} {
		if got := garbageFor(live); got != want {
			t.Errorf("%d MiB: %d percent, want %d", live>>20, got, want)
		}
	}
}
