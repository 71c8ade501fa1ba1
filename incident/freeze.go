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

// Holds are the incidents that keep deployments of a service out, read in the transaction that decides about one.
func Holds(g store.Getter, service string) ([]Holding, error) {
	ids, _, err := store.Load[[]string](g, frozenKey(service))
	if err != nil {
		return nil, err
	}
	var out []Holding
	for _, id := range ids {
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

// freeze writes which services it keeps out now. What it kept out by a severity that the configuration no longer knows stays until
// it is mitigated.
func (s *Service) freeze(tx store.Tx, before, i *Incident) error {
	i.Frozen = s.freezes(i)
	if _, _, known := s.current().Incidents.Severity(i.Severity); !known && before != nil && i.Status != Mitigated && i.Open() {
		i.Frozen = before.Frozen
	}
	var was []string
	if before != nil {
		was = before.Frozen
	}
	for _, service := range was {
		if !slices.Contains(i.Frozen, service) {
			if err := changeIDs(tx, frozenKey(service), func(ids []string) []string {
				return slices.DeleteFunc(ids, func(id string) bool { return id == i.ID })
			}); err != nil {
				return err
			}
		}
	}
	for _, service := range i.Frozen {
		if err := changeIDs(tx, frozenKey(service), func(ids []string) []string {
			if slices.Contains(ids, i.ID) {
				return ids
			}
			return append(ids, i.ID)
		}); err != nil {
			return err
		}
	}
	return nil
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
