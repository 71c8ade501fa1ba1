package probe

import (
	"fmt"
	"net"
	"testing"
	"time"
)

// A name server that does not answer is not a name that does not exist.
func TestNamesAreNotKnownOnlyWhenTheyAreNot(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]*net.DNSError{
		"its host's name is not known":           {Err: "no such host", IsNotFound: true},
		"its host's name could not be looked up": {Err: "server misbehaving", IsTemporary: true},
	} {
		if got := describe(fmt.Errorf("dialing: %w", err), time.Second); got != want {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
