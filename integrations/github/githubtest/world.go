package githubtest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// world is everything the server knows and Save keeps.
type world struct {
	LastID     int64
	Accounts   map[string]*account // by lower-case login, as all maps of names here
	Tokens     map[string]*credential
	Apps       []*app
	Orgs       map[string]*org
	Repos      map[string]*repo
	Dispatches []Dispatch
}

func newWorld() *world {
	return &world{LastID: 10_000_000, Accounts: map[string]*account{}, Tokens: map[string]*credential{}, Orgs: map[string]*org{},
		Repos: map[string]*repo{}}
}

// id is the next number; GitHub's are unique per kind, these are over all kinds.
func (w *world) id() int64 {
	w.LastID++
	return w.LastID
}

type account struct {
	ID     int64
	Login  string
	Name   string
	Email  string
	Avatar string
	Type   string // User, Organization, Bot
	Bot    bool
}

// credential is a credential: of a user with scopes, or of an App's installation with an end.
type credential struct {
	Login   string
	Scopes  []string
	App     int64 // an installation's token when not 0
	Expires time.Time
}

type app struct {
	ID           int64
	Slug         string
	Installation int64
	Org          string
	Bot          string
	Key          []byte // PKCS #1
	Permissions  map[string]string
}

type org struct {
	Login   string
	Members []string
	Teams   []*team
}

func (o *org) team(slug string) *team {
	if o == nil {
		return nil
	}
	for _, t := range o.Teams {
		if strings.EqualFold(t.Slug, slug) {
			return t
		}
	}
	return nil
}

type team struct {
	ID      int64
	Slug    string
	Name    string
	Parent  string
	Members []membership
}

type membership struct {
	Login      string
	State      string // active, pending
	Maintainer bool
}

// repo is a repository: its git objects and what GitHub keeps beside them.
type repo struct {
	ID            int64
	Owner         string
	Name          string
	Description   string
	Private       bool
	DefaultBranch string
	Created       time.Time
	Pushed        time.Time
	Grants        map[string]string // login → pull, triage, push, maintain, admin
	TeamGrants    map[string]string // team slug → the same

	Git git

	Issues       []*issue // pull requests are issues; numbers are 1, 2, 3 …
	Statuses     []*status
	CheckRuns    []*checkRun // those not of Actions
	Deployments  []*deployment
	Extra        map[int64][]*deploymentStatus // statuses added to the deployments of jobs
	Environments []*environment
	Protection   map[string][]string // branch → required contexts, classic protection
	Rulesets     map[string][]string // branch → required contexts, by a ruleset
	PullsOnly    []string            `json:",omitempty"` // branches that change by pull requests only, by a ruleset
	NoIssues     bool                // switched off in the settings
	NoDrafts     bool                // as in private repositories of the plans without
	TidiesUp     bool                // a merged pull request's branch is deleted
	Workflows    []*workflow
	Scripts      []*scripts
	Runs         []*run
}

func (r *repo) full() string { return r.Owner + "/" + r.Name }

// issue is an issue, or a pull request when PR is set.
type issue struct {
	ID        int64
	Number    int
	Title     string
	Body      string
	User      string
	State     string // open, closed
	Reason    string `json:",omitempty"` // state_reason: completed, not_planned, reopened
	Labels    []string
	Assigned  []string `json:",omitempty"`
	Created   time.Time
	Updated   time.Time
	Closed    *time.Time
	ClosedBy  string // SHA of the commit whose message closed it
	Comments  []*comment
	Reactions []*reaction `json:",omitempty"`
	PR        *pull
}

type pull struct {
	ID       int64
	Fork     string `json:",omitempty"` // whose copy of the repository it comes from; "" for the repository itself
	HeadRef  string
	HeadSHA  string // as of the last push or the merge
	BaseRef  string
	BaseSHA  string
	Draft    bool
	Merged   *time.Time
	MergedBy string
	MergeSHA string
	Commits  []string  // those the merge brought to the base, the merge commit included
	Asked    []string  `json:",omitempty"` // logins a review is awaited of
	Teams    []string  `json:",omitempty"` // slugs of teams a review is awaited of
	Reviews  []*review `json:",omitempty"`
}

// from tells whether it comes from a branch of the repository itself.
func (p *pull) from(branch string) bool { return p.Fork == "" && p.HeadRef == branch }

type review struct {
	ID    int64
	User  string
	State string // APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED
	Body  string
	SHA   string // what was looked at
	At    time.Time
}

type comment struct {
	ID      int64
	User    string
	Body    string
	Created time.Time
	Updated time.Time
}

type status struct {
	ID          int64
	SHA         string
	Context     string
	State       string
	Description *string
	TargetURL   *string
	Creator     string
	Created     time.Time
}

type checkRun struct {
	ID        int64
	Suite     int64
	SHA       string
	Started   time.Time
	Completed *time.Time
	CheckRun
}

type deployment struct {
	ID          int64
	SHA         string
	Ref         string
	Task        string
	Environment string
	Description string
	Payload     any
	Transient   bool
	Production  bool
	Creator     string
	Created     time.Time
	Statuses    []*deploymentStatus
}

type deploymentStatus struct {
	ID             int64
	State          string
	Description    string
	Environment    string
	LogURL         string
	EnvironmentURL string
	Creator        string
	Created        time.Time
}

type environment struct {
	ID      int64
	Name    string
	Created time.Time
}

// nodeID is shaped as GitHub's global node IDs are; nothing may be read out of it.
func nodeID(kind string, id any) string {
	return kind + "_" + base64.RawURLEncoding.EncodeToString([]byte(fmt.Sprint(id)))
}
