package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"shipmate/store"
)

// The services whose users people are linked to.
const (
	OnGitHub    = "github"
	OnPagerDuty = "pagerduty"
)

// Account is somebody's account at a service.
type Account struct {
	Login  string    `json:"login,omitempty"` // GitHub: the login; PagerDuty: the user's ID or e-mail address; empty when it was removed
	By     string    `json:"by"`              // Slack ID of who said so
	At     time.Time `json:"at"`
	Proven bool      `json:"proven,omitempty"` // said by somebody else who may; a claim about oneself never counts for approving

	// Of an account that was removed: the login it was, and the request that removed it, which finds its own work again.
	Was     string `json:"was,omitempty"`
	Request string `json:"request,omitempty"`
}

// Linked is a person's accounts by service; those that were removed are left out.
type Linked struct {
	Person   string
	Accounts map[string]Account
}

// linked is the record of a person, under people/<slack id>. The other way round, people/<service>/<login> holds the
// person's ID and decides who has a login.
type linked struct {
	Accounts map[string]Account `json:"accounts"`
}

const peoplePrefix = "people/"

func personKey(id string) string { return store.Key("people", id) }

// loginKey is of a login as CheckLogin returns it; GitHub's and e-mail addresses are the same in any case.
func loginKey(service, login string) string {
	return store.Key("people", service, strings.ToLower(login))
}

// Links knows who is who elsewhere. It is safe for concurrent use.
type Links struct{ db store.DB }

// NewLinks keeps links in db.
func NewLinks(db store.DB) *Links { return &Links{db: db} }

// Login returns a person's login at a service, or "" without one. Only a proven one says who somebody is.
func (l *Links) Login(g store.Getter, person, service string) (login string, proven bool, err error) {
	rec, _, err := store.Load[linked](g, personKey(person))
	if err != nil {
		return "", false, fmt.Errorf("looking up a link: %w", err)
	}
	return rec.Accounts[service].Login, rec.Accounts[service].Proven, nil
}

// Person returns who has a login at a service, or "" when nobody has.
func (l *Links) Person(g store.Getter, service, login string) (person string, proven bool, err error) {
	person, found, err := store.Load[string](g, loginKey(service, login))
	if err != nil || !found {
		return "", false, err
	}
	_, proven, err = l.Login(g, person, service)
	return person, proven, err
}

// Of returns all accounts of a person.
func (l *Links) Of(ctx context.Context, person string) (out Linked, err error) {
	err = l.db.View(ctx, func(s store.Snapshot) error {
		rec, _, err := store.Load[linked](s, personKey(person))
		out = Linked{Person: person, Accounts: rec.present()}
		return err
	})
	if err != nil {
		return Linked{}, fmt.Errorf("reading links: %w", err)
	}
	return out, nil
}

// All returns everybody who has an account, in order of Slack IDs.
func (l *Links) All(ctx context.Context) (out []Linked, err error) {
	err = l.db.View(ctx, func(s store.Snapshot) error {
		out = nil
		for key, data := range s.Scan(peoplePrefix, "") {
			parts, err := store.Parts(key)
			if err != nil {
				return err
			}
			if len(parts) != 2 {
				continue
			}
			var rec linked
			if err := decode(data, &rec); err != nil {
				return err
			}
			if accounts := rec.present(); len(accounts) > 0 {
				out = append(out, Linked{Person: parts[1], Accounts: accounts})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading links: %w", err)
	}
	return out, nil
}

func (r linked) present() map[string]Account {
	out := map[string]Account{}
	for service, a := range r.Accounts {
		if a.Login != "" {
			out[service] = a
		}
	}
	return out
}
