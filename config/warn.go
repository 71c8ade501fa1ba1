package config

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
)

func (k *checker) warnAt(path, problem string) {
	p := k.nearestPlace(path)
	k.warnings = append(k.warnings, Warning{File: k.file, Line: p.line, Col: p.col, Path: path, Problem: hide(problem)})
}

// warn finds what is allowed but probably not meant.
func (k *checker) warn() {
	if k.c.Slack.AdminChannel == "" {
		k.warnAt("slack.admin_channel", "is not given, so what goes wrong is told to nobody but the log")
	}
	if len(k.c.Slack.Admins) == 0 {
		k.warnAt("slack.admins", "is not given, so nobody is an administrator")
	}
	k.emptyTeams()
	for _, name := range k.c.ServiceNames() {
		k.unreachable(name, k.c.Services[name])
		k.unbaked(join("services", name), k.c.Services[name])
	}
	for _, name := range k.c.EnvironmentNames() {
		e, path := k.c.Environments[name], join("environments", name)
		k.fewApprovers(path+".approvals", e.Approvals)
		if e.Rollback != nil {
			k.fewApprovers(path+".rollback.approvals", e.Rollback.Approvals)
		}
	}
}

// fewApprovers warns of approvals that can never be enough, as far as the file alone tells: a team or group may have any number
// of people.
func (k *checker) fewApprovers(path string, a *Approvals) {
	if a == nil || len(a.From) == 0 {
		return
	}
	people := map[string]bool{}
	for _, p := range a.From {
		if p.Kind() == TeamPrincipal || p.Kind() == GroupPrincipal {
			return
		}
		people[p.Value()] = true
	}
	if len(people) < a.Count {
		k.warnAt(path, "needs "+strconv.Itoa(a.Count)+" approvals and names fewer people, so nothing is ever approved")
	}
}

// emptyTeams warns of teams that may do something but have nobody in them.
func (k *checker) emptyTeams() {
	counted := map[string]bool{}
	count := func(list []Principal) {
		for _, p := range list {
			counted[p.Value()] = counted[p.Value()] || p.Kind() == TeamPrincipal
		}
	}
	count(k.c.Slack.Admins)
	for _, environment := range k.c.Environments {
		count(environment.Deployers)
		if environment.Approvals != nil {
			count(environment.Approvals.From)
		}
		if environment.Rollback != nil && environment.Rollback.Approvals != nil {
			count(environment.Rollback.Approvals.From)
		}
		if environment.BreakGlass != nil {
			count(environment.BreakGlass.By)
		}
	}
	for _, service := range k.c.Services {
		counted[service.Team] = true
	}
	for _, name := range k.c.TeamNames() {
		if counted[name] && !k.c.Teams[name].HasMembers() {
			k.warnAt(join("teams", name), "has neither slack_group nor members, so what the team may do nobody may")
		}
	}
}

// unreachable warns of environments a service never gets to, as it is not deployed to the one that comes before.
func (k *checker) unreachable(name string, service *Service) {
	for i, environmentName := range service.Environments {
		environment, ok := k.c.Environments[environmentName]
		if ok && environment.After != "" && !slices.Contains(service.Environments, environment.After) {
			k.warnAt(join("services", name)+".environments["+strconv.Itoa(i)+"]", environmentName+" comes after "+
				environment.After+", which is not among the service's environments, so it is never reached")
		}
	}
}

func loopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || (err == nil && ip.IsLoopback())
}
