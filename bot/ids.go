package bot

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// short derives a short lower-case ID from other IDs, always the same one.
func short(n int, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:n]
}

// reference is what an error message shows and the log holds, to find one by the other.
func reference(requestID string) string { return short(8, "reference", requestID) }
