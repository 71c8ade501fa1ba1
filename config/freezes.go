package config

import (
	"slices"
	"strconv"
)

// freeze checks one time in which nothing is deployed: it comes again or is a single one, and is written whole.
func (k *checker) freeze(path string, f Freeze) {
	given := func(key string) bool {
		_, ok := k.places[path+"."+key]
		return ok
	}
	again, single := given("cron") || given("for"), given("from") || given("until")
	switch {
	case !again && !single && slices.ContainsFunc(k.mistakes, func(m Mistake) bool { return m.Path == path }): // no section at all
	case !again && !single:
		k.at(path, "says no time; give cron and for when it comes again, or from and until for a single one")
	case again && single:
		k.at(path, "comes again and is a single one at once; give either cron and for, or from and until")
	case again:
		k.recurring(path, f, given)
	default:
		k.dated(path, f, given)
	}
}

func (k *checker) recurring(path string, f Freeze, given func(string) bool) {
	k.cron(path+".cron", f.Cron, f.Timezone)
	if !given("cron") {
		k.at(path+".cron", "is missing; give "+formats["cron"].want)
	}
	if !given("for") {
		k.at(path+".for", "is missing; give a duration from 1m to 31d")
	}
}

func (k *checker) dated(path string, f Freeze, given func(string) bool) {
	for _, key := range []string{"from", "until"} {
		if !given(key) {
			k.at(path+"."+key, "is missing; give "+formats["moment"].want)
		}
	}
	from, until, err := f.Span()
	if err == nil && !until.After(from) { // what cannot be read was found before
		k.at(path+".until", strconv.Quote(f.Until)+" is not after from")
	}
}
