package incident

import (
	"encoding/json"
	"fmt"
	"slices"

	"shipmate/store"
)

// Holding is an incident that keeps deployments of a service out, for whoever decides about one.
type Holding struct {
	ID       string `json:"id"`
	Number   int    `json:"number"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
	Status   Status `json:"status"`
	Private  bool   `json:"private,omitempty"`
	By       string `json:"by"`
	Channel  string `json:"channel,omitempty"`
}

// maxHolds is how many incidents that keep a service's deployments out are read: one is enough to do so, and a transaction cannot
// read many.
const maxHolds = 10

// Holds are the incidents that keep deployments of a service out, the oldest ten, read in the transaction that decides about one.
func Holds(g store.Getter, service string) ([]Holding, error) {
	ids, _, err := store.Load[[]string](g, frozenKey(service))
	if err != nil {
		return nil, err
	}
	var out []Holding
	for _, id := range ids[:min(len(ids), maxHolds)] {
		i, err := loadIncident(g, id)
		if err != nil {
			return nil, fmt.Errorf("reading incident %s, which freezes %s: %w", id, service, err)
		}
		out = append(out, Holding{ID: i.ID, Number: i.Number, Title: i.Title, Severity: i.Severity, Status: i.Status, Private: i.Private, By: i.By,
			Channel: i.Where()})
	}
	return out, nil
}

// freezes are the services whose deployments an incident keeps out as it stands now.
func (s *Service) freezes(i *Incident) []string {
	if i.Status == Mitigated || i.Status == IsResolved || !s.severity(i).Freeze {
		return nil
	}
	out := slices.Clone(i.Services)
	slices.Sort(out)
	return out
}

// freeze writes which services it is of and which it keeps out now, and has those looked at that it lets go. What it kept out by a
// severity that the configuration no longer knows stays until it is mitigated.
func (s *Service) freeze(tx store.Tx, before, i *Incident) error {
	i.Frozen = s.freezes(i)
	if _, _, known := s.current().Incidents.Severity(i.Severity); !known && before != nil && i.Status != Mitigated && i.Open() {
		i.Frozen = before.Frozen
	}
	var was []string
	if before != nil {
		was = before.Frozen
	}
	if err := listUnder(tx, frozenKey, i.ID, was, i.Frozen); err != nil {
		return err
	}
	if err := listUnder(tx, ofKey, i.ID, before.openFor(), i.openFor()); err != nil {
		return err
	}
	return s.freed(tx, without(was, i.Frozen))
}

// openFor are the services that it is an open incident of.
func (i *Incident) openFor() []string {
	if i == nil || !i.Open() {
		return nil
	}
	return i.Services
}

// listUnder moves an incident from the lists of the services it was listed for to those of the services it is listed for now. It
// looks only at those that differ: a transaction cannot look at many.
func listUnder(tx store.Tx, key func(service string) string, id string, was, is []string) error {
	for _, service := range without(was, is) {
		if err := changeIDs(tx, key(service), func(ids []string) []string {
			return slices.DeleteFunc(ids, func(other string) bool { return other == id })
		}); err != nil {
			return err
		}
	}
	for _, service := range without(is, was) {
		if err := changeIDs(tx, key(service), func(ids []string) []string {
			if slices.Contains(ids, id) {
				return ids
			}
			return append(ids, id)
		}); err != nil {
			return err
		}
	}
	return nil
}

// without are those of all that are not among others.
func without(all, others []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(others, one) })
}

// changeIDs changes a list of IDs under a key, which is gone when the list is empty.
func changeIDs(tx store.Tx, key string, fn func([]string) []string) error {
	ids, _, err := store.Load[[]string](tx, key)
	if err != nil {
		return err
	}
	before, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	ids = fn(ids)
	after, err := json.Marshal(ids)
	switch {
	case err != nil:
		return err
	case string(before) == string(after):
		return nil
	case len(ids) == 0:
		return tx.Delete(key)
	}
	return store.Save(tx, key, ids)
}
