package main

import "testing"

func TestGarbage(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 500, 5 << 20: 500, 13 << 20: 500, 20 << 20: 300, 32 << 20: 150, 40 << 20: 100, 1 << 30: 100} {
		if got := garbageFor(live); got != want {
			t.Errorf("%d MiB: %d percent, want %d", live>>20, got, want)
		}
	}
}
