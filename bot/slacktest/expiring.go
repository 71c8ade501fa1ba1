package slacktest

// keepTokens bounds how many triggers or response_urls are remembered; the oldest are forgotten first. A load test
// makes thousands a second, and each would otherwise live for half an hour.
const keepTokens = 100_000

// expiring remembers values by a secret key, the newest keepTokens of them.
type expiring[V any] struct {
	values map[string]V
	order  []string
	next   int
}

func newExpiring[V any]() *expiring[V] { return &expiring[V]{values: map[string]V{}} }

func (e *expiring[V]) put(key string, v V) {
	if len(e.order) < keepTokens {
		e.order = append(e.order, key)
	} else {
		delete(e.values, e.order[e.next])
		e.order[e.next] = key
		e.next = (e.next + 1) % keepTokens
	}
	e.values[key] = v
}

func (e *expiring[V]) get(key string) (V, bool) {
	v, ok := e.values[key]
	return v, ok
}
