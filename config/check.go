package config

import (
	"slices"
	"strconv"
	"strings"
)

// checker finds what is wrong between the parts of a file whose parts are each well written.
type checker struct {
	*decoder
	c        *Config
	reserved []string
	warnings []Warning
}

// all runs every check; each looks at what the others do not.
func (k *checker) all() {
	k.names("services", k.c.ServiceNames(), func(name string) []string { return k.c.Services[name].Aliases })
	k.names("environments", k.c.EnvironmentNames(), func(name string) []string { return k.c.Environments[name].Aliases })
	k.endpoints()
	k.repos()
	k.references()
	k.circles()
	k.owners()
	k.schedules()
	k.digests()
	k.inputs()
}

// at reports a mistake in the value of a key, or where the section around it begins when the key is not there.
func (k *checker) at(path, problem string) {
	p := k.nearestPlace(path)
	k.add(p.valueLine, p.valueCol, path, problem)
}

// atKey reports a mistake in a key itself.
func (k *checker) atKey(path, problem string) {
	p := k.nearestPlace(path)
	k.add(p.line, p.col, path, problem)
}

func (k *checker) nearestPlace(path string) place {
	for ; path != ""; path = parent(path) {
		if p, ok := k.places[path]; ok {
			return p
		}
	}
	return place{1, 1, 1, 1}
}

// names checks that each name and alias means one thing and is no word of the command line.
func (k *checker) names(section string, names []string, aliases func(string) []string) {
	owner := map[string]string{} // word -> "checkout" or "an alias of checkout"
	for _, name := range names {
		owner[name] = name
		k.word(k.atKey, join(section, name), section, name)
	}
	for _, name := range names {
		for i, alias := range aliases(name) {
			path := join(section, name) + ".aliases[" + strconv.Itoa(i) + "]"
			k.word(k.at, path, section, alias)
			if other, taken := owner[alias]; taken && alias != "" && other != "an alias of "+name {
				k.at(path, alias+" already means "+other+"; choose another alias or remove it")
				continue
			}
			owner[alias] = "an alias of " + name
		}
	}
}

func (k *checker) word(report func(path, problem string), path, section, word string) {
	switch {
	case word == "all":
		report(path, "all means every "+strings.TrimSuffix(section, "s")+"; choose another name")
	case slices.ContainsFunc(k.reserved, func(r string) bool { return strings.EqualFold(r, word) }):
		report(path, word+" is also a word of the commands, so nobody could type it; choose another name")
	}
}

// endpoints brings the addresses into the form their clients need: slack-go and go-github want a slash at the end.
func (k *checker) endpoints() {
	for _, e := range []struct {
		path  string
		value *string
		end   string
	}{
		{"slack.api_url", &k.c.Slack.APIURL, "/"},
		{"github.api_url", &k.c.GitHub.APIURL, "/"},
		{"pagerduty.api_url", &k.c.PagerDuty.APIURL, ""},
		{"pagerduty.events_url", &k.c.PagerDuty.EventsURL, ""},
	} {
		if strings.ContainsAny(*e.value, "?#") {
			k.at(e.path, "is the base of an address, without ? and #")
		}
		*e.value = strings.TrimRight(*e.value, "/") + e.end
		if strings.HasPrefix(*e.value, "http://") && !loopback(*e.value) {
			k.warnAt(e.path, "sends the token unencrypted; use https://")
		}
	}
}

// repos completes repositories that are given without their owner.
func (k *checker) repos() {
	complete := func(path string, repo *Repo) {
		switch {
		case *repo == "" || strings.Contains(string(*repo), "/"):
		case k.c.GitHub.Owner == "":
			k.at(path, quote(string(*repo))+" has no owner; write owner/"+string(*repo)+" or set github.owner")
		default:
			*repo = Repo(k.c.GitHub.Owner) + "/" + *repo
		}
	}
	for _, name := range k.c.ServiceNames() {
		complete(join("services", name)+".repo", &k.c.Services[name].Repo)
	}
	complete("adr.repo", &k.c.ADR.Repo)
	for _, name := range sortedKeys(k.c.ADR.Logs) {
		complete(join("adr.logs", name)+".repo", &k.c.ADR.Logs[name].Repo)
	}
	complete("postmortem.repo", &k.c.Postmortem.Repo)
	complete("postmortem.private_repo", &k.c.Postmortem.PrivateRepo)
	complete("postmortem.items_repo", &k.c.Postmortem.ItemsRepo)
}
