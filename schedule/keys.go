package schedule

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"math"
	"strings"
	"time"

	"shipmate/store"
)

// The keys of this package, beside the runner's:
//
//	schedule/one/<id>                    a schedule (Schedule)
//	schedule/happened/<id>/<-time>/<id>  what became of one of its times, or of several (Happening): their order is newest first
//	schedule/asked/<request>             the ID of the schedule that a request changed
var (
	onePrefix      = store.Key(Domain, "one") + "/"
	happenedPrefix = store.Key(Domain, "happened") + "/"
	askedPrefix    = store.Key(Domain, "asked") + "/"
)

func oneKey(id string) string        { return onePrefix + store.Key(id) }
func happenedOf(id string) string    { return happenedPrefix + store.Key(id) + "/" }
func askedKey(request string) string { return askedPrefix + store.Key(request) }

// happenedKey sorts the newest first.
func happenedKey(h *Happening) string {
	return happenedOf(h.Schedule) + store.Key(fmt.Sprintf("%019d", math.MaxInt64-h.At.UnixNano()), h.ID)
}

// stampOf is a time within an ID: to the minute, which is how fine schedules are.
func stampOf(t time.Time) string { return t.UTC().Format("20060102T1504Z") }

// hashed is the ID of what a request makes.
func hashed(prefix, what, request string) string {
	sum := sha256.Sum256([]byte(what + "\x00" + request))
	return prefix + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:10]
}

// loadOne loads a record, or returns ErrNotFound.
func loadOne[T any](g store.Getter, key string) (*T, error) {
	one, found, err := store.Load[T](g, key)
	if err == nil && !found {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return &one, nil
}
