package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"shipmate/config"
)

// Bound is what an approval is for. When any of it is not the same any more the approval is void.
type Bound struct {
	Service     string `json:"service"`
	Environment string `json:"environment"`
	From        string `json:"from,omitempty"` // SHA of what ran there; empty when it was not known
	To          string `json:"to"`             // SHA of what is to run there
	Inputs      string `json:"inputs"`         // hash of the workflow and what it is given
	Policy      string `json:"policy"`         // hash of the environment's rules
}

// bind says what a deployment's approval is for, with what runs there now and with the configuration as it is now.
func bind(d *Deployment, from string, service *config.Service, e *config.Environment) Bound {
	rules := *e
	rules.Aliases = nil // a name more changes nothing
	right, _ := service.Deploy.Accept(d.Inputs)
	return Bound{
		Service: d.Service, Environment: d.Environment, From: from, To: d.Commit.SHA, Policy: hash(struct {
			Rules config.Environment
			Back  bool
		}{rules, d.Rollback != nil}),
		Inputs: hash(struct {
			Repo, Workflow string
			Inputs         map[string]string
		}{string(service.Repo), service.Deploy.Workflow, service.Deploy.Sent(right)}),
	}
}

// moved says what is not the same any more; empty when all is.
func (b Bound) moved(now Bound) string {
	switch {
	case b == now:
		return ""
	case b.From != now.From:
		return MovedFrom
	case b.Policy != now.Policy:
		return MovedRules
	}
	return MovedInputs
}

// What can have moved under an approval: Why of a gate that is void.
const (
	MovedFrom   = "from"   // what runs there
	MovedRules  = "rules"  // the environment's rules
	MovedInputs = "inputs" // the workflow or what it is given
)

// hash is a short name of v, which differs when anything in v does.
func hash(v any) string {
	data, err := json.Marshal(v)
	if err != nil { // v is made of strings, numbers and maps of them
		panic(fmt.Sprintf("hashing %T: %v", v, err))
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}
