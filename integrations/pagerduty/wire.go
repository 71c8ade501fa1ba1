package pagerduty

import (
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

// The shapes below name the fields we read and no others, so that nothing else PagerDuty sends can make an answer
// unreadable. Times are pointers: PagerDuty writes null where there is none, and what is no time is an error, as a shift
// without an end would mean "always on call".

func refOf(o pd.APIObject) Ref { return Ref{ID: o.ID, Name: o.Summary, URL: o.HTMLURL} }

func refsOf(list []pd.APIObject) []Ref {
	var out []Ref
	for _, o := range list {
		out = append(out, refOf(o))
	}
	return out
}

// named prefers the full name to the summary, which PagerDuty may cut.
func (o full) named() Ref {
	r := refOf(o.APIObject)
	if o.Name != "" {
		r.Name = o.Name
	}
	return r
}

// full is a thing with its name.
type full struct {
	pd.APIObject
	Name string `json:"name"`
}

func when(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// stamp writes a time as PagerDuty reads it: ISO 8601, to the second.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

type wireUser struct {
	full
	Email string `json:"email"`
	Zone  string `json:"time_zone"`
	Role  string `json:"role"`
}

func (u wireUser) user() User {
	r := u.named()
	return User{ID: r.ID, Name: r.Name, Email: u.Email, Zone: u.Zone, URL: r.URL, Role: u.Role}
}

// reference is a thing by its ID, as requests name it.
type reference struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}
