package pagerduty

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// remembered is how long a user found by e-mail address, and a routing key, is good for.
const remembered = 10 * time.Minute

// directory remembers users by their e-mail address in small letters.
type directory struct {
	mu    sync.Mutex
	users map[string]known
	whole time.Time // until when all users are in users
}

type known struct {
	user  User
	until time.Time
}

// UserByEmail returns the user with exactly this e-mail address, whatever its case; IsNotFound when there is none. A user is
// remembered for ten minutes. PagerDuty's search is about names, so when it does not find the address all users are
// read, at most once in ten minutes.
func (c *Client) UserByEmail(ctx context.Context, email string) (User, error) {
	const op = "find a user"
	email = strings.ToLower(strings.TrimSpace(email))
	if !plausibleEmail(email) {
		return User{}, refuse(op, "", "%s is no e-mail address", c.oneLine(email))
	}
	if u, ok := c.people.find(email, c.clock.Now()); ok {
		return u, nil
	}
	found, err := all[wireUser](ctx, c, get(op, email, []string{"users"}, url.Values{"query": {email}}, nil), "users")
	if err != nil {
		return User{}, err
	}
	c.people.learn(found, c.clock.Now(), false)
	if u, ok := c.people.find(email, c.clock.Now()); ok {
		return u, nil
	}
	if !c.people.complete(c.clock.Now()) {
		everybody, err := all[wireUser](ctx, c, get(op, email, []string{"users"}, nil, nil), "users")
		if err != nil {
			return User{}, err
		}
		c.people.learn(everybody, c.clock.Now(), true)
	}
	if u, ok := c.people.find(email, c.clock.Now()); ok {
		return u, nil
	}
	return User{}, &Error{Op: op, about: email, kind: kindMissing, Status: http.StatusNotFound, Message: "no user has this e-mail address",
		advice: "PagerDuty knows nobody with the e-mail address " + email + "; ask for an account, or for a link to the one there is."}
}

func (d *directory) find(email string, now time.Time) (User, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	k, ok := d.users[email]
	return k.user, ok && now.Before(k.until)
}

func (d *directory) complete(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return now.Before(d.whole)
}

func (d *directory) learn(users []wireUser, now time.Time, whole bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.users == nil || whole {
		d.users = map[string]known{}
	}
	for _, u := range users {
		d.users[strings.ToLower(u.Email)] = known{u.user(), now.Add(remembered)}
	}
	if whole {
		d.whole = now.Add(remembered)
	}
}

// User returns the user with an ID.
func (c *Client) User(ctx context.Context, id string) (User, error) {
	var out struct {
		User *wireUser `json:"user"`
	}
	k := get("read a user", about("user", id), []string{"users", id}, nil, &out)
	if err := c.do(ctx, k); err != nil {
		return User{}, err
	}
	if out.User == nil {
		return User{}, undocumented(k)
	}
	return out.User.user(), nil
}

// ContactMethods returns how PagerDuty can reach a user, in PagerDuty's order.
func (c *Client) ContactMethods(ctx context.Context, userID string) ([]ContactMethod, error) {
	var out struct {
		Methods []struct {
			Type    string `json:"type"`
			Address string `json:"address"`
			Label   string `json:"label"`
			Country int    `json:"country_code"`
		} `json:"contact_methods"`
	}
	k := get("list contact methods", about("user", userID), []string{"users", userID, "contact_methods"}, nil, &out)
	if err := c.do(ctx, k); err != nil {
		return nil, err
	}
	var methods []ContactMethod
	for _, m := range out.Methods {
		kind := strings.TrimSuffix(strings.TrimSuffix(m.Type, "_reference"), "_contact_method")
		if kind == "push_notification" {
			kind = "push"
		}
		methods = append(methods, ContactMethod{Kind: kind, Address: m.Address, Label: m.Label, CountryCode: m.Country})
	}
	return methods, nil
}

// undocumented is a good answer without what was asked for.
func undocumented(k call) *Error {
	return &Error{Op: k.op, about: k.about, Status: http.StatusOK, Unclear: k.changes(), Message: "the answer is not what PagerDuty documents"}
}
