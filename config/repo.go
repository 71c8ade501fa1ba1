package config

import "strings"

// Repo is a GitHub repository as "owner/name".
type Repo string

// Owner is the organisation or user the repository belongs to.
func (r Repo) Owner() string {
	owner, _, _ := strings.Cut(string(r), "/")
	return owner
}

// Name is the repository's name without its owner.
func (r Repo) Name() string {
	_, name, _ := strings.Cut(string(r), "/")
	return name
}
