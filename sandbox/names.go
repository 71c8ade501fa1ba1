package sandbox

import (
	"os"
	"strings"
	"sync"
	"time"

	"shipmate/config"
	"shipmate/integrations/github/githubtest"
)

// vocabulary is what completion offers.
type vocabulary struct {
	Commands     []CommandHint     `json:"commands"`
	Services     []serviceName     `json:"services"`
	Environments []environmentName `json:"environments"`
}

type serviceName struct {
	Name         string   `json:"name"`
	Aliases      []string `json:"aliases"`
	Hint         string   `json:"hint"`
	Environments []string `json:"environments"`
	Refs         []ref    `json:"refs"`
}

type environmentName struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases"`
	Hint    string   `json:"hint"`
}

// names reads the configuration the bot runs with, again whenever its file changes.
type names struct {
	path string

	mu   sync.Mutex
	at   time.Time
	last *config.Config // the last that was right
}

func (n *names) config() *config.Config {
	n.mu.Lock()
	defer n.mu.Unlock()
	info, err := os.Stat(n.path)
	if err != nil || info.ModTime().Equal(n.at) {
		return n.last
	}
	n.at = info.ModTime()
	if c, mistakes, _ := config.Load(n.path, config.Options{}); len(mistakes) == 0 {
		n.last = c
	}
	return n.last
}

func (n *names) vocabulary(commands []CommandHint, g *githubtest.Server) vocabulary {
	v := vocabulary{Commands: commands, Services: []serviceName{}, Environments: []environmentName{}}
	c := n.config()
	if c == nil {
		return v
	}
	for _, name := range c.ServiceNames() {
		s := c.Services[name]
		known, _ := serviceNamed(name)
		out := serviceName{Name: name, Aliases: orNone(s.Aliases), Hint: known.about, Environments: s.Environments, Refs: []ref{}}
		if known.name != "" {
			out.Refs = refs(g, known)
		}
		v.Services = append(v.Services, out)
	}
	for _, name := range c.EnvironmentNames() {
		e := c.Environments[name]
		v.Environments = append(v.Environments, environmentName{Name: name, Aliases: orNone(e.Aliases), Hint: strings.Join(e.Aliases, ", ")})
	}
	return v
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
