package config

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// The ways in which a decision gets onto its branch.
const (
	MergeShipmate = "shipmate" // Shipmate merges it
	MergeAuthor   = "author"   // its author is told that it can be merged
)

// ADR is where architecture decision records are kept, and how they are decided.
type ADR struct {
	// Repo is the repository of the records, "owner/name", or "name" when github.owner is set.
	Repo Repo `json:"repo,omitempty" format:"repo" required:"true"`
	// Dir is the directory of the records in the repository. By default it is looked for there: what the file .adr-dir says, else the first
	// of the places that tools use, such as doc/adr, docs/adr and docs/decisions, else doc/adr.
	Dir string `json:"dir,omitempty" format:"dir"`
	// Branch is the branch that the records are on. By default the repository's default branch.
	Branch string `json:"branch,omitempty" format:"git branch"`
	// Branches are other branches that live long, such as release/2: the numbers of records on them are not given again. None by default.
	Branches []string `json:"branches,omitempty" format:"git branch" min:"1"`
	// Approvals is how many people must give a thumb up for a decision to be made. Its author does not count. Default 2, from 1 to 20.
	Approvals int `json:"approvals,omitempty" default:"2" min:"1" max:"20"`
	// From are those whose thumbs count: teams of this file, Slack user IDs, e-mail addresses or group:handle. Everybody by default.
	From []Principal `json:"from,omitempty" format:"principal" min:"1"`
	// Merge says what happens to a proposal that has its thumbs and whose checks pass: shipmate merges it, or its author is told that it
	// can be merged. One of shipmate and author. Default shipmate.
	Merge string `json:"merge,omitempty" default:"shipmate" format:"merge"`
	// Announce are the channels that are told, once each, what was decided. None by default.
	Announce []string `json:"announce,omitempty" format:"channel" min:"1"`
	// Nudge is after how long without a new thumb people are reminded of a proposal, of which only working days count, and as long
	// after that it is offered for rejection. Default 3d, from 1d to 90d.
	Nudge Duration `json:"nudge,omitempty" default:"3d" min:"1d" max:"90d"`
	// Logs are further places of records, by name: those of a team, or of a part of a repository, each with numbers of its own. None by
	// default.
	Logs map[string]*ADRLog `json:"logs,omitempty" keys:"name"`
}

// ADRLog is a further place of decision records. What it does not say is as adr says.
type ADRLog struct {
	// Repo is the repository of the records. By default that of adr.
	Repo Repo `json:"repo,omitempty" format:"repo"`
	// Dir is the directory of the records in the repository. By default it is looked for there: what the file .adr-dir says, else the first
	// of the places that tools use, such as doc/adr, docs/adr and docs/decisions, else doc/adr.
	Dir string `json:"dir,omitempty" format:"dir"`
	// Branch is the branch that the records are on. By default the repository's default branch.
	Branch string `json:"branch,omitempty" format:"git branch"`
	// Branches are other branches that live long: the numbers of records on them are not given again. None by default.
	Branches []string `json:"branches,omitempty" format:"git branch" min:"1"`
	// Channels are those in which this log is meant where none is named.
	Channels []string `json:"channels,omitempty" format:"channel" min:"1"`
	// Approvals is how many people must give a thumb up, from 1 to 20. By default as adr says.
	Approvals int `json:"approvals,omitempty" min:"1" max:"20"`
	// From are those whose thumbs count. By default as adr says.
	From []Principal `json:"from,omitempty" format:"principal" min:"1"`
	// Announce are the channels that are told what was decided. By default as adr says.
	Announce []string `json:"announce,omitempty" format:"channel" min:"1"`
}

// MainLog is the name of the log that adr itself describes.
const MainLog = "main"

// DecisionLog is a place of decision records with numbers of its own, as it stands in the configuration with all defaults.
type DecisionLog struct {
	Name      string // MainLog, or its key
	Repo      Repo
	Dir       string // without slashes at its ends; empty with Look until package adr has found it
	Branch    string // empty for the repository's default branch
	Branches  []string
	Channels  []string
	Approvals int
	From      []Principal // empty for everybody
	Merge     string
	Announce  []string
	Nudge     time.Duration

	// Look says that the configuration names no directory, so that it is looked for in the repository.
	Look bool
	// Shared tells whether the repository holds further logs, so that the branches of this one carry its name.
	Shared bool
}

// Scope identifies a log by where the configuration says that its records are: what has a number in one scope has it once. That a directory
// is looked for, and which is found, changes no scope.
func (l DecisionLog) Scope() string {
	if l.Look {
		return strings.ToLower(string(l.Repo)) + ":"
	}
	return strings.ToLower(string(l.Repo)) + ":" + l.Dir
}

// DecisionLogs are all places of decision records: that of adr first, then the others by name. None without adr.
func (c *Config) DecisionLogs() []DecisionLog {
	a := c.ADR
	if a.Repo == "" {
		return nil
	}
	base := DecisionLog{Name: MainLog, Repo: a.Repo, Dir: a.Dir, Look: a.Dir == "", Branch: a.Branch, Branches: a.Branches, Approvals: cmp.Or(a.Approvals, 2),
		From: a.From, Merge: cmp.Or(a.Merge, MergeShipmate), Announce: a.Announce, Nudge: cmp.Or(a.Nudge.Duration, 72*time.Hour)}
	out := []DecisionLog{base}
	for _, name := range sortedKeys(a.Logs) {
		one, l := a.Logs[name], base
		l.Name, l.Repo, l.Dir, l.Look = name, cmp.Or(one.Repo, base.Repo), one.Dir, one.Dir == ""
		l.Branch, l.Branches, l.Channels = one.Branch, one.Branches, one.Channels
		l.Approvals = cmp.Or(one.Approvals, base.Approvals)
		if len(one.From) > 0 {
			l.From = one.From
		}
		if len(one.Announce) > 0 {
			l.Announce = one.Announce
		}
		out = append(out, l)
	}
	for n := range out {
		out[n].Shared = out[n].Name != MainLog && slices.ContainsFunc(out, func(o DecisionLog) bool {
			return o.Name != out[n].Name && strings.EqualFold(string(o.Repo), string(out[n].Repo))
		})
	}
	return out
}

// DecisionLog finds a log by its name, in any case.
func (c *Config) DecisionLog(name string) (DecisionLog, bool) {
	for _, l := range c.DecisionLogs() {
		if strings.EqualFold(l.Name, name) {
			return l, true
		}
	}
	return DecisionLog{}, false
}

// decisionLogs checks that no two logs are in one place or are meant in one channel.
func (k *checker) decisionLogs() {
	k.principals("adr.from", k.c.ADR.From)
	places, channels := map[string]string{}, map[string]string{}
	for _, l := range k.c.DecisionLogs() {
		path := "adr"
		if l.Name != MainLog {
			path = join("adr.logs", l.Name)
			k.principals(path+".from", k.c.ADR.Logs[l.Name].From)
		}
		if other, taken := places[l.Scope()]; taken {
			why := "is where " + other + " has its records; name another directory or remove one of them"
			if l.Look {
				why = "is missing, and so is that of " + other + ", which is in the same repository; name one of them"
			}
			k.at(path+".dir", why)
		}
		places[l.Scope()] = cmp.Or(map[bool]string{true: "adr"}[l.Name == MainLog], "adr.logs."+l.Name)
		for _, channel := range l.Channels {
			if other, taken := channels[channel]; taken {
				k.at(path+".channels", channel+" means "+other+" already; name it for one of them")
			}
			channels[channel] = l.Name
		}
	}
	for _, name := range sortedKeys(k.c.ADR.Logs) {
		if name == MainLog || strings.Trim(name, "0123456789") == "" {
			k.atKey(join("adr.logs", name), "is no name for a log: "+map[bool]string{true: "main is the log of adr itself", false: "it would read like a number"}[name == MainLog]+"; choose another")
		}
	}
}
