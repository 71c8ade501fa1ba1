package incident

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"shipmate/integrations/pagerduty"
	"shipmate/store"
)

// People is what is asked about people. Whoever cannot be asked answers with an error.
type People struct {
	// Account is the person's user on PagerDuty as an admin said, an ID or an e-mail address; "" without one. One that is not
	// proven is a claim of the person's own, and nothing is done in its name.
	Account func(g store.Getter, person string) (account string, proven bool, err error)
	// Person is who has that account, a Slack ID; "" when nobody has.
	Person func(g store.Getter, account string) (person string, proven bool, err error)
	// Email is the person's address on Slack; "" when they show none.
	Email func(ctx context.Context, person string) (string, error)
	// ByEmail is who has that address on Slack; "" when nobody has.
	ByEmail func(ctx context.Context, address string) (person string, err error)
	// Name is how the person wants to be called, for those who read it outside Slack; "" when Slack knows nobody by that ID.
	Name func(ctx context.Context, person string) (string, error)
	// Zone is the time zone the person lives in.
	Zone func(ctx context.Context, person string) (*time.Location, error)
	// GitHub is the person's login there, as somebody else confirmed it; "" without one. OnGitHub is who has that login.
	GitHub   func(g store.Getter, person string) (login string, err error)
	OnGitHub func(g store.Getter, login string) (person string, err error)
}

// Person is somebody on PagerDuty, and on Slack where they are found there.
type Person struct {
	ID    string `json:"id"` // PagerDuty's
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
	Zone  string `json:"zone,omitempty"`  // where they say they are, an IANA name
	Slack string `json:"slack,omitempty"` // Slack ID
	URL   string `json:"url,omitempty"`
}

// user is the account of somebody on PagerDuty: as an admin said, else who has their address there. A *Refused with NotLinked says
// that there is none.
func (s *Service) user(ctx context.Context, person string) (pagerduty.User, error) {
	account, proven, claimed := "", false, ""
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		account, proven, err = s.people.Account(snap, person)
		return err
	})
	if err != nil {
		return pagerduty.User{}, err
	}
	if account != "" && !proven {
		claimed, account = account, ""
	}
	if account != "" && !strings.Contains(account, "@") {
		u, err := s.pager.User(ctx, account)
		return u, s.linkedOr(err, person, account, claimed)
	}
	address := account
	if address == "" {
		if address, err = s.people.Email(ctx, person); err != nil {
			return pagerduty.User{}, &peopleUnread{err}
		}
	}
	if address == "" {
		return pagerduty.User{}, &Refused{Code: NotLinked, Person: person, Claim: claimed}
	}
	u, err := s.pager.UserByEmail(ctx, address)
	return u, s.linkedOr(err, person, address, claimed)
}

func (s *Service) linkedOr(err error, person, account, claimed string) error {
	if pagerduty.IsNotFound(err) {
		return &Refused{Code: NotLinked, Person: person, Account: account, Claim: claimed}
	}
	return err
}

// from is the address in whose name the bot asks PagerDuty for what the person wants: theirs, or the bot's where they have none.
func (s *Service) from(ctx context.Context, person string) (address string, own bool) {
	u, err := s.user(ctx, person)
	if err != nil || u.Email == "" {
		return s.current().PagerDuty.From, false
	}
	return u.Email, true
}

// person finds a user of PagerDuty on Slack. Whom Slack does not know, or is not asked about, has no Slack ID.
func (s *Service) person(ctx context.Context, u pagerduty.User) Person {
	p := Person{ID: u.ID, Name: u.Name, Email: u.Email, Zone: u.Zone, URL: u.URL}
	_ = s.db.View(ctx, func(snap store.Snapshot) error { // without an answer the address decides
		for _, account := range []string{u.ID, u.Email} {
			if account == "" {
				continue
			}
			who, proven, err := s.people.Person(snap, account)
			if err == nil && proven {
				p.Slack = who
				return nil
			}
		}
		return nil
	})
	if p.Slack == "" && u.Email != "" {
		p.Slack, _ = s.people.ByEmail(ctx, u.Email)
	}
	return p
}

// peopleUnread says that nobody can be asked who is who. It passes.
type peopleUnread struct{ err error }

func (e *peopleUnread) Error() string { return "asking who is who: " + e.err.Error() }
func (e *peopleUnread) Unwrap() error { return e.err }

// UserMessage is the reason in words for people.
func (e *peopleUnread) UserMessage() string {
	return "Slack does not tell who is who right now; nothing was changed."
}

// ReadMessage is the reason for people who only wanted to know something.
func (e *peopleUnread) ReadMessage() string { return "Slack does not tell who is who right now." }

// nameOf is how somebody is called outside Slack, by their Slack ID when Slack does not tell.
func (s *Service) nameOf(ctx context.Context, person string) string {
	name, err := s.people.Name(ctx, person)
	if err != nil || name == "" {
		return fmt.Sprintf("Slack user %s", person)
	}
	return name
}

// refusedCode is the code of a refusal, "" of any other error.
func refusedCode(err error) Code {
	var r *Refused
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}
