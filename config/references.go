package config

import (
	"strconv"
	"strings"
)

// references checks that whatever is named exists.
func (k *checker) references() {
	k.principals("slack.admins", k.c.Slack.Admins)
	for _, name := range k.c.ServiceNames() {
		path, service := join("services", name), k.c.Services[name]
		k.team(path+".team", service.Team)
		k.deploy(path+".deploy", &service.Deploy)
		k.health(path, service)
		for i, environment := range service.Environments {
			k.environment(path+".environments["+strconv.Itoa(i)+"]", environment)
		}
	}
	for _, name := range k.c.EnvironmentNames() {
		path, environment := join("environments", name), k.c.Environments[name]
		k.environment(path+".after", environment.After)
		if environment.Soak.Duration > 0 && environment.After == "" {
			k.at(path+".soak", "needs after: the environment in which the commit must have stood")
		}
		k.principals(path+".deployers", environment.Deployers)
		if environment.Rollback != nil && environment.Rollback.Approvals != nil {
			k.principals(path+".rollback.approvals.from", environment.Rollback.Approvals.From)
		}
		if environment.BreakGlass != nil {
			k.principals(path+".break_glass.by", environment.BreakGlass.By)
		}
		if environment.Approvals != nil {
			k.principals(path+".approvals.from", environment.Approvals.From)
		}
	}
	k.announcements()
	k.severities()
	k.decisionLogs()
	k.dependencies()
}

// severities checks that each severity is there once, and that whom it pages and what names it exist.
func (k *checker) severities() {
	seen := map[string]bool{}
	for i, one := range k.c.Incidents.Severities {
		path := "incidents.severities[" + strconv.Itoa(i) + "]"
		if seen[one.Name] {
			k.at(path+".name", "there is a severity "+one.Name+" already; choose another name or remove it")
		}
		seen[one.Name] = true
		for j, whom := range one.Page {
			if whom != ServicesOnCall {
				k.team(path+".page["+strconv.Itoa(j)+"]", whom)
			}
		}
	}
	for i, name := range k.c.Postmortem.Severities {
		k.severity("postmortem.severities["+strconv.Itoa(i)+"]", name)
	}
}

// severity checks that there is one of that name.
func (k *checker) severity(path, name string) {
	if _, _, found := k.c.Incidents.Severity(name); !found && name != "" {
		k.at(path, "there is no severity "+name+"; "+insteadOf(name, k.c.Incidents.names()))
	}
	if p := k.c.Postmortem; p.PrivateRepo != "" && p.PrivateRepo == p.Repo {
		k.at("postmortem.private_repo", "is the repository of all other documents; name one that only those may read who may know of restricted incidents, or remove it")
	}
}

// dependencies checks that the services that one depends on exist.
func (k *checker) dependencies() {
	for _, name := range k.c.ServiceNames() {
		for i, other := range k.c.Services[name].DependsOn {
			path := join("services", name) + ".depends_on[" + strconv.Itoa(i) + "]"
			switch _, found := k.c.Services[other]; {
			case other == name:
				k.at(path, name+" depends on itself; remove it")
			case !found && other != "":
				k.at(path, "there is no service "+other+"; "+insteadOf(other, k.c.ServiceNames()))
			}
		}
	}
}

// announcements checks that what is announced exists.
func (k *checker) announcements() {
	for i, a := range k.c.Announce {
		path := "announce[" + strconv.Itoa(i) + "]"
		for j, name := range a.Services {
			if _, ok := k.c.Services[name]; !ok {
				k.at(path+".services["+strconv.Itoa(j)+"]", "there is no service "+name+"; "+insteadOf(name, k.c.ServiceNames()))
			}
		}
		for j, name := range a.Environments {
			k.environment(path+".environments["+strconv.Itoa(j)+"]", name)
		}
	}
}

// team checks a team's name; one that is empty is absent or was found wrong before.
func (k *checker) team(path, name string) {
	if _, ok := k.c.Teams[name]; !ok && name != "" {
		k.at(path, "there is no team "+name+"; "+insteadOf(name, k.c.TeamNames()))
	}
}

func (k *checker) principals(path string, list []Principal) {
	for i, p := range list {
		if p.Kind() == TeamPrincipal {
			k.team(path+"["+strconv.Itoa(i)+"]", p.Value())
		}
	}
}

// environment checks an environment's name. Aliases are for typing: the file has one word for each thing.
func (k *checker) environment(path, name string) {
	if _, ok := k.c.Environments[name]; ok || name == "" {
		return
	}
	if meant, ok := k.c.Environment(name); ok {
		k.at(path, name+" is an alias; write "+meant.Name)
		return
	}
	k.at(path, "there is no environment "+name+"; "+insteadOf(name, k.c.EnvironmentNames()))
}

// circles checks that following after comes to an end. Each circle is told once, at its first name in the alphabet.
func (k *checker) circles() {
	told := map[string]bool{}
	for _, name := range k.c.EnvironmentNames() {
		circle := k.circleFrom(name)
		if circle == nil || told[name] {
			continue
		}
		for _, member := range circle {
			told[member] = true
		}
		k.at(join("environments", name)+".after", "goes in a circle: "+strings.Join(append(circle, name), " after ")+
			"; one of them must come first")
	}
}

// circleFrom follows after from name and returns the names on the way when it comes back to name.
func (k *checker) circleFrom(name string) []string {
	way := []string{name}
	for range k.c.Environments {
		environment, ok := k.c.Environments[way[len(way)-1]]
		if !ok || environment.After == "" {
			return nil
		}
		if environment.After == name {
			return way
		}
		way = append(way, environment.After)
	}
	return nil
}

// owners checks that somebody may deploy each service to each of its environments.
func (k *checker) owners() {
	for _, name := range k.c.ServiceNames() {
		service := k.c.Services[name]
		path := join("services", name)
		if _, given := k.places[path+".team"]; given {
			continue
		}
		for i, environmentName := range service.Environments {
			environment, known := k.c.Environments[environmentName]
			_, named := k.places[join("environments", environmentName)+".deployers"]
			if known && !named && len(environment.Deployers) == 0 {
				k.at(path+".environments["+strconv.Itoa(i)+"]", "nobody may deploy "+name+" to "+environmentName+": the service has no team and "+
					"environments."+environmentName+" has no deployers; give one of them")
			}
		}
	}
}

// schedules checks cron expressions in the zone they are meant in.
func (k *checker) schedules() {
	for _, name := range k.c.TeamNames() {
		team := k.c.Teams[name]
		k.cron(join("teams", name)+".digest", team.Digest, team.Timezone)
		k.cron(join("teams", name)+".handover", team.Handover, team.Timezone)
	}
	for _, name := range k.c.EnvironmentNames() {
		for i, freeze := range k.c.Environments[name].Freeze {
			k.freeze(join("environments", name)+".freeze["+strconv.Itoa(i)+"]", freeze)
		}
	}
	k.cron("debt.remind", k.c.Debt.Remind, "UTC")
}

func (k *checker) cron(path, expression, timezone string) {
	if expression == "" {
		return
	}
	if problem := cron(expression, locationOf(timezone)); problem != "" {
		k.at(path, problem)
	}
}
