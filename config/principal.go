package config

import "strings"

// Principal names who may do something: "payments" (a team of this file), "U012AB3CD" (a Slack user), "ana@acme.example"
// (the Slack user with that e-mail address) or "group:oncall" (the members of a Slack user group).
type Principal string

// PrincipalKind is what a principal names.
type PrincipalKind int

// The kinds of principals.
const (
	TeamPrincipal  PrincipalKind = iota // Value is the team's name
	UserPrincipal                       // Value is the Slack user ID
	EmailPrincipal                      // Value is the e-mail address, in lower case
	GroupPrincipal                      // Value is the user group's handle, without @
)

const groupPrefix = "group:"

// Kind tells what the principal names.
func (p Principal) Kind() PrincipalKind {
	switch text := string(p); {
	case strings.HasPrefix(text, groupPrefix):
		return GroupPrincipal
	case strings.Contains(text, "@"):
		return EmailPrincipal
	case userID.MatchString(text):
		return UserPrincipal
	}
	return TeamPrincipal
}

// Value is the team's name, the user ID, the e-mail address or the handle.
func (p Principal) Value() string {
	switch p.Kind() {
	case GroupPrincipal:
		return strings.TrimPrefix(strings.TrimPrefix(string(p), groupPrefix), "@")
	case EmailPrincipal:
		return strings.ToLower(string(p))
	}
	return string(p)
}
