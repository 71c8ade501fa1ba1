package config

// Rule is a rule of an environment, and the line that says so.
type Rule struct {
	Key string // "approvals"
	At  string // "shipmate.yaml:33:5"
}

// unenforcedKeys are the rules of an environment that this version reads but does not enforce, in the order they are
// told, and when the environment has them. An environment with one of them does not deploy.
var unenforcedKeys = []struct {
	key  string
	used func(*Environment) bool
}{
	{"approvals", func(e *Environment) bool { return e.Approvals != nil }},
}

// Unenforced lists the environment's rules that this version does not enforce. While there is one, nothing may be
// deployed there.
func (e *Environment) Unenforced() []Rule { return e.unenforced }

func (c *Config) findUnenforced() {
	for name, e := range c.Environments {
		for _, rule := range unenforcedKeys {
			if rule.used(e) {
				at := c.At("environments." + name + "." + rule.key)
				e.unenforced = append(e.unenforced, Rule{Key: rule.key, At: at})
			}
		}
	}
}
