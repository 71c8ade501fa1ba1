package incident

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"shipmate/store"
)

// unfinished are the incidents of which an action item is left: it is open, or was closed too lately to be forgotten.
func (s *Service) unfinished(ctx context.Context, before time.Time) (map[string]bool, error) {
	out := map[string]bool{}
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		for _, value := range snap.Scan(itemPrefix, "") {
			var it Item
			if err := json.Unmarshal(value, &it); err != nil {
				return err
			}
			if !it.swept(before) {
				out[it.Postmortem] = true
			}
		}
		return nil
	})
	return out, err
}

// sweepIncidents removes the incidents that were resolved before a time and of which nothing is left to do, each with what it is found
// by in one transaction, and then what hangs on those that are gone. What a process does not come to, the next finds: a timeline
// without its incident.
func (s *Service) sweepIncidents(ctx context.Context, before time.Time, unfinished map[string]bool) (removed int, err error) {
	var ids []string
	if err := s.db.View(ctx, func(snap store.Snapshot) error {
		ids = nil
		for _, value := range snap.Scan(incidentPrefix, "") {
			var i Incident
			if json.Unmarshal(value, &i) == nil && i.swept(before) && !unfinished[i.ID] {
				ids = append(ids, i.ID)
			}
		}
		return nil
	}); err != nil {
		return 0, err
	}
	for _, id := range ids {
		n, err := s.forget(ctx, id, before)
		removed += n
		if err != nil {
			return removed, err
		}
	}
	n, err := s.sweepTimelines(ctx)
	return removed + n, err
}

// swept tells whether it was over before a time.
func (i *Incident) swept(before time.Time) bool { return !i.Open() && i.Resolved.Before(before) }

// forget removes an incident unless somebody has done something with it meanwhile, or its post-mortem is kept. Its number is not given
// again: only the highest that was ever taken is remembered.
func (s *Service) forget(ctx context.Context, id string, before time.Time) (removed int, err error) {
	channel := ""
	err = s.db.Update(ctx, func(tx store.Tx) error {
		removed, channel = 0, ""
		i, err := loadIncident(tx, id)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil || !i.swept(before) {
			return err
		}
		if kept, err := tx.Get(postmortemKey(id)); err != nil || kept != nil {
			return err
		}
		keys := []string{incidentKey(id), numberKey(i.Number)}
		if i.Room.ID != "" {
			keys, channel = append(keys, roomKey(i.Room.ID)), i.Room.ID
		}
		for _, key := range keys {
			if err := tx.Delete(key); err != nil {
				return err
			}
			removed++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if channel != "" {
		s.channels.Delete(channel)
	}
	return removed, nil
}

// sweepTimelines removes the timelines of incidents that are gone. An incident is written together with its first line and never comes
// back, so what one snapshot shows without its incident stays so. The marks of messages go first: they are found by what is left of
// the timelines.
func (s *Service) sweepTimelines(ctx context.Context) (removed int, err error) {
	gone := map[string]bool{}
	if err := s.db.View(ctx, func(snap store.Snapshot) error {
		clear(gone)
		for from := ""; ; {
			id := ""
			for key := range snap.Scan(linePrefix, from) { // the first line of the next one
				if id, err = incidentOfLine(key); err != nil {
					return err
				}
				break
			}
			if id == "" {
				return nil
			}
			switch i, err := snap.Get(incidentKey(id)); {
			case err != nil:
				return err
			case i == nil:
				gone[id] = true
			}
			from = strings.TrimSuffix(linesOf(id), "/") + "0" // behind its last line: 0 follows the slash
		}
	}); err != nil || len(gone) == 0 {
		return 0, err
	}
	for _, one := range []struct {
		prefix string
		old    func(key string, value []byte) bool
	}{
		{sourcePrefix, func(_ string, value []byte) bool {
			id, _, _ := strings.Cut(string(value), " ")
			return gone[id]
		}},
		{linePrefix, func(key string, _ []byte) bool {
			id, err := incidentOfLine(key)
			return err == nil && gone[id]
		}},
	} {
		n, err := store.Sweep(ctx, s.db, one.prefix, one.old, store.SweepOptions{})
		removed += n
		if err != nil {
			return removed, err
		}
	}
	return removed, nil
}

// incidentOfLine is the ID of the incident that the key of a line names.
func incidentOfLine(key string) (string, error) {
	parts, err := store.Parts(key)
	if err != nil || len(parts) < 3 {
		return "", err
	}
	return parts[2], nil
}
