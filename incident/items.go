package incident

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

// ItemState is where an action item stands.
type ItemState string

// The states of an action item.
const (
	ItemOpening ItemState = "opening" // its issue is being opened
	ItemOpen    ItemState = "open"
	ItemClosed  ItemState = "closed" // its issue is
)

// Item is something that is to be done after an incident: a row of a post-mortem's table, which is an issue on GitHub. Only the issue
// says whether it is done. Fields are only ever added.
type Item struct {
	ID         string   `json:"id"`
	Postmortem string   `json:"postmortem"` // the ID of its incident
	Number     int      `json:"number"`     // of its incident
	Row        string   `json:"row"`        // which row of the table it is
	Private    bool     `json:"private,omitempty"`
	Services   []string `json:"services,omitempty"`
	Team       string   `json:"team,omitempty"`

	Action  string    `json:"action"`
	Owner   string    `json:"owner,omitempty"`  // as it was written
	Person  string    `json:"person,omitempty"` // Slack ID of the owner, if they are known
	Login   string    `json:"login,omitempty"`  // of the owner on GitHub, if it is known
	Due     time.Time `json:"due,omitzero"`     // the day
	DueText string    `json:"due_text,omitempty"`
	Type    string    `json:"type,omitempty"`
	From    string    `json:"from"` // the page of the pull request

	State    ItemState `json:"state"`
	Repo     string    `json:"repo"`
	Issue    int       `json:"issue,omitempty"` // its number
	URL      string    `json:"url,omitempty"`
	Given    bool      `json:"given,omitempty"` // the issue was there before
	Created  time.Time `json:"created"`
	Closed   time.Time `json:"closed,omitzero"`
	Reason   string    `json:"reason,omitempty"` // why it was closed, in GitHub's words: completed, not_planned, …
	Problems []string  `json:"problems,omitempty"`

	Attempted time.Time     `json:"attempted,omitzero"` // when it was first asked for
	Latest    time.Time     `json:"latest,omitzero"`    // when it was last
	Hitch     *github.Hitch `json:"hitch,omitempty"`

	Reminded  time.Time `json:"reminded,omitzero"`
	Reminders int       `json:"reminders,omitempty"`
}

// Late tells whether it is open after its day.
func (it *Item) Late(now time.Time) bool {
	return it.State != ItemClosed && !it.Due.IsZero() && now.After(it.Due.AddDate(0, 0, 1))
}

// swept tells whether it was done before a time.
func (it *Item) swept(before time.Time) bool {
	return it.State == ItemClosed && it.Closed.Before(before)
}

// itemIDOf is the action item of a row, the same however often the table is read.
func itemIDOf(postmortem, row string) string {
	sum := sha256.Sum256([]byte("item\x00" + postmortem + "\x00" + row))
	return "a-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:10]
}

// Item is the action item with that ID, or ErrNotFound.
func (s *Service) Item(ctx context.Context, id string) (*Item, error) {
	var it *Item
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		it, err = loadItem(snap, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading action item %s: %w", id, err)
	}
	return it, nil
}

func loadItem(g store.Getter, id string) (*Item, error) {
	it, found, err := store.Load[Item](g, itemKey(id))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrNotFound
	}
	return &it, nil
}

// ItemsOf are the action items of a post-mortem, in the order of its table.
func (s *Service) ItemsOf(ctx context.Context, p *Postmortem) ([]*Item, error) {
	var out []*Item
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, id := range p.Items {
			it, err := loadItem(snap, id)
			if errors.Is(err, ErrNotFound) { // swept
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, it)
		}
		return nil
	})
	return out, err
}

// OpenItems are the action items that are not done, of one service or of all when it is empty, the first that is due first and those
// without a day last. Whether somebody may know of those that are private is for the caller to ask.
func (s *Service) OpenItems(ctx context.Context, service string) ([]*Item, error) {
	var out []*Item
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, value := range snap.Scan(itemPrefix, "") {
			var it Item
			if err := json.Unmarshal(value, &it); err != nil {
				return err
			}
			if it.State != ItemClosed && (service == "" || slices.Contains(it.Services, service)) {
				out = append(out, &it)
			}
		}
		return nil
	})
	slices.SortFunc(out, byDue)
	return out, err
}

func byDue(a, b *Item) int {
	if a.Due.IsZero() != b.Due.IsZero() {
		return less(b.Due.IsZero(), a.Due.IsZero())
	}
	return cmp.Or(a.Due.Compare(b.Due), a.Number-b.Number, cmp.Compare(a.ID, b.ID))
}

// saveItem writes it with where it is looked for.
func (s *Service) saveItem(tx store.Tx, it *Item) error {
	if err := store.Save(tx, itemKey(it.ID), it); err != nil {
		return err
	}
	for _, service := range it.Services {
		if err := changeIDs(tx, itemsOfService(service), func(ids []string) []string {
			has := slices.Contains(ids, it.ID)
			switch listed := it.State != ItemClosed && !it.Private; {
			case listed && !has:
				return append(ids, it.ID)
			case !listed && has:
				return slices.DeleteFunc(ids, func(id string) bool { return id == it.ID })
			}
			return ids
		}); err != nil {
			return err
		}
	}
	return s.wakePostmortem(tx, it.Postmortem)
}

// changeItem writes one change of an action item. A change that changes nothing writes nothing.
func (s *Service) changeItem(ctx context.Context, id string, fn func(store.Tx, *Item) error) (*Item, error) {
	var it *Item
	err := work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		if it, err = loadItem(tx, id); err != nil {
			return err
		}
		if changed, err := differs(it, func() error { return fn(tx, it) }); err != nil || !changed {
			return err
		}
		return s.saveItem(tx, it)
	})
	if err != nil {
		return nil, fmt.Errorf("writing action item %s: %w", id, err)
	}
	return it, nil
}

// Cited is an open action item of an earlier incident, where a later one names it.
type Cited struct {
	Item   string    `json:"item"`
	Number int       `json:"number"` // of the earlier incident
	Action string    `json:"action"`
	URL    string    `json:"url,omitempty"`
	Due    time.Time `json:"due,omitzero"`
}

const (
	// MaxCited is how many action items an incident names: those that are due first.
	MaxCited = 3
	// maxWeighed bounds what is read for that in the transaction that writes the incident.
	maxWeighed = 20
)

// cite has an incident name what is still to be done after earlier ones of its services: when it is declared, and when those change.
func cite(tx store.Tx, before, i *Incident) error {
	if before != nil && slices.Equal(before.Services, i.Services) {
		return nil
	}
	var found []*Item
	weighed := map[string]bool{}
	for _, service := range i.Services {
		ids, _, err := store.Load[[]string](tx, itemsOfService(service))
		if err != nil {
			return err
		}
		for _, id := range ids {
			if weighed[id] || len(weighed) >= maxWeighed {
				continue
			}
			weighed[id] = true
			it, err := loadItem(tx, id)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			if it.Number < i.Number {
				found = append(found, it)
			}
		}
	}
	slices.SortFunc(found, byDue)
	i.Earlier = nil
	for _, it := range found[:min(len(found), MaxCited)] {
		i.Earlier = append(i.Earlier, Cited{Item: it.ID, Number: it.Number, Action: it.Action, URL: it.URL, Due: it.Due})
	}
	return nil
}

// itemsIn is the repository in which the action items of a post-mortem become issues; those of a private one stay where only those
// read who may.
func (s *Service) itemsIn(p *Postmortem) string {
	cfg := s.current()
	if p.Private {
		return p.Repo
	}
	if cfg.Postmortem.ItemsRepo != "" {
		return string(cfg.Postmortem.ItemsRepo)
	}
	for _, name := range p.Services {
		if service, ok := cfg.Service(name); ok {
			return string(service.Repo)
		}
	}
	return p.Repo
}

var (
	issueAddress = regexp.MustCompile(`(https://[^/\s<>()]+/([\w.-]+/[\w.-]+)/issues/([0-9]{1,9}))\b`)
	issueRef     = regexp.MustCompile(`(?:^|[\s\[(])([\w.-]+/[\w.-]+)?#([0-9]{1,9})\b`)
)

// issueOf reads the issue that a row names; number is 0 when it names none.
func issueOf(cell, home string) (repo string, number int, url string) {
	if m := issueAddress.FindStringSubmatch(cell); m != nil {
		number, _ = strconv.Atoi(m[3])
		return m[2], number, m[1]
	}
	if m := issueRef.FindStringSubmatch(cell); m != nil {
		number, _ = strconv.Atoi(m[2])
		return cmp.Or(m[1], home), number, ""
	}
	return home, 0, ""
}
