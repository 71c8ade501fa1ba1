package delivery

import (
	"slices"

	"shipmate/config"
)

// Unpromoted is that a service runs something in an environment that has not come to the one after it.
type Unpromoted struct {
	Service string
	From    string
	To      string
	Ledger  Ledger // what runs in From
}

// Behind are the places in which older things run than in the environment before theirs, as the services stand; what waits longest first.
// Where nothing has run yet all is behind.
func Behind(cfg *config.Config, all []Standing) []Unpromoted {
	type place struct{ service, environment string }
	at := map[place]Ledger{}
	for _, s := range all {
		at[place{s.Service, s.Environment}] = s.Ledger
	}
	var out []Unpromoted
	for _, s := range all {
		environment, ok := cfg.Environment(s.Environment)
		if !ok || environment.After == "" {
			continue
		}
		from := at[place{s.Service, environment.After}]
		if from.Deployment == "" || from.Commit.SHA == s.Ledger.Commit.SHA || !s.Ledger.Since.Before(from.Since) {
			continue
		}
		out = append(out, Unpromoted{Service: s.Service, From: environment.After, To: s.Environment, Ledger: from})
	}
	slices.SortStableFunc(out, func(a, b Unpromoted) int { return a.Ledger.Since.Compare(b.Ledger.Since) })
	return out
}
