package sandbox

import (
	"net"
	"testing"
)

func TestTheAddressThatWasAskedForIsPrinted(t *testing.T) {
	t.Parallel()
	for listen, want := range map[string]string{
		"0.0.0.0:8099":   "0.0.0.0:8099",
		"127.0.0.1:8099": "127.0.0.1:8099",
		"127.0.0.1:0":    "127.0.0.1:8099",
		"[::]:8099":      "[::]:8099",
		"dev-box:8099":   "dev-box:8099",
		":8099":          "127.0.0.1:8099",
	} {
		if got := asked(listen, &net.TCPAddr{IP: net.IPv4zero, Port: 8099}); got != want {
			t.Errorf("--listen %s prints %s, want %s", listen, got, want)
		}
	}
}
