package delivery

import (
	"encoding/json"
	"strconv"
	"time"

	"shipmate/store"
)

// The keys of pipelines:
//
//	delivery/watch/<id>                        the record
//	delivery/rerun/<repo>/<run>/<attempt>      who runs that attempt again (claimed)
//	delivery/rerunner/<request>                the watch that a request's wish stands in (wished)
var (
	watchPrefix    = store.Key(Domain, "watch") + "/"
	rerunPrefix    = store.Key(Domain, "rerun") + "/"
	rerunnerPrefix = store.Key(Domain, "rerunner") + "/"
)

func watchKey(id string) string { return watchPrefix + store.Key(id) }

func rerunKey(repo string, a Attempt) string {
	return rerunPrefix + store.Key(repo, strconv.FormatInt(a.Run, 10), strconv.Itoa(a.Attempt))
}

func rerunnerKey(request string) string { return rerunnerPrefix + store.Key(request) }

// claimed says who runs an attempt again, so that nobody else does.
type claimed struct {
	Watch string    `json:"watch"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

// wished is where the wish of a request stands.
type wished struct {
	Watch string    `json:"watch"`
	At    time.Time `json:"at"`
}

// sweepable says of every kind of pipeline record which ones are from before a time.
func sweepable(before time.Time) map[string]func(key string, value []byte) bool {
	return map[string]func(string, []byte) bool{
		watchPrefix: func(_ string, value []byte) bool {
			var w Watch
			return json.Unmarshal(value, &w) == nil && w.State != Watching && w.Ended.Before(before)
		},
		rerunPrefix: func(_ string, value []byte) bool {
			var c claimed
			return json.Unmarshal(value, &c) == nil && c.At.Before(before)
		},
		rerunnerPrefix: func(_ string, value []byte) bool {
			var w wished
			return json.Unmarshal(value, &w) == nil && w.At.Before(before)
		},
	}
}
