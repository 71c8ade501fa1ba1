package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"shipmate/store"
)

// Naming is somebody saying whose account a login is.
type Naming struct {
	Person  string // Slack ID of whose account it is
	Service string // OnGitHub or OnPagerDuty
	Login   string
	By      string // Slack ID of who says so
	At      time.Time
	Proven  bool // By may say so of Person; false makes it a claim
}

// Set links a person to a login and returns the link that is in force then. A *Refusal says why not: the login is somebody
// else's, is none, or only an admin may change what is there. A claim leaves a proven link to the same login as it is.
func (l *Links) Set(ctx context.Context, n Naming) (link Account, err error) {
	login, no := CheckLogin(n.Service, n.Login)
	if no != nil {
		return Account{}, no
	}
	n.Login = login
	err = l.db.Update(ctx, func(tx store.Tx) error {
		rec, _, err := store.Load[linked](tx, personKey(n.Person))
		if err != nil {
			return err
		}
		if err := l.free(tx, n); err != nil {
			return err
		}
		was := rec.Accounts[n.Service]
		same := strings.EqualFold(was.Login, n.Login)
		switch {
		case same && (was.Proven || !n.Proven):
			link = was
			return nil
		case was.Proven && !n.Proven:
			return onlyAdmins(n.Service, was.Login)
		}
		link = Account{Login: n.Login, By: n.By, At: n.At, Proven: n.Proven}
		return change(tx, n.Person, n.Service, rec, link)
	})
	return link, refusedOr(err, "linking a person")
}

// free checks that nobody else has the login.
func (l *Links) free(g store.Getter, n Naming) error {
	owner, proven, err := l.Person(g, n.Service, n.Login)
	if err != nil || owner == "" || owner == n.Person {
		return err
	}
	how := Text("")
	if !proven {
		how = " by their own word"
	}
	return Refuse("link.taken", "%s on %s is %s already%s. If that is wrong, an admin can free it: %s.", Code(n.Login),
		Bold(serviceName(n.Service)), User(owner), how, Code("/shipmate unlink @… "+n.Service))
}

// Removal is somebody taking a person's account at a service away.
type Removal struct {
	Request string // the same request removes once and gets the same answer again
	Person  string
	Service string
	By      string // Slack ID of who does it
	At      time.Time
	Proven  bool // By may also take away what is proven
}

// Remove takes an account away and returns what was removed, with who did it; a zero Account when there was none. A
// *Refusal says that only an admin may.
func (l *Links) Remove(ctx context.Context, r Removal) (gone Account, err error) {
	err = l.db.Update(ctx, func(tx store.Tx) error {
		gone = Account{}
		rec, _, err := store.Load[linked](tx, personKey(r.Person))
		if err != nil {
			return err
		}
		was := rec.Accounts[r.Service]
		switch {
		case was.Login == "" && was.Request == r.Request:
			gone = was
			return nil
		case was.Login == "":
			return nil
		case was.Proven && !r.Proven:
			return onlyAdmins(r.Service, was.Login)
		}
		gone = Account{Was: was.Login, Request: r.Request, By: r.By, At: r.At}
		return change(tx, r.Person, r.Service, rec, gone)
	})
	return gone, refusedOr(err, "unlinking a person")
}

func onlyAdmins(service, login string) *Refusal {
	return Refuse("link.proven", "You are %s on %s because an admin said so, and only an admin can change that.", Code(login), Bold(serviceName(service)))
}

// change writes a person's account and its way back.
func change(tx store.Tx, person, service string, rec linked, link Account) error {
	if was := rec.Accounts[service].Login; was != "" {
		if err := tx.Delete(loginKey(service, was)); err != nil {
			return err
		}
	}
	if link.Login != "" {
		if err := store.Save(tx, loginKey(service, link.Login), person); err != nil {
			return err
		}
	}
	if rec.Accounts == nil {
		rec.Accounts = map[string]Account{}
	}
	rec.Accounts[service] = link
	return store.Save(tx, personKey(person), rec)
}

func refusedOr(err error, doing string) error {
	var no *Refusal
	if err == nil || errors.As(err, &no) {
		return err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
