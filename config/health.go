package config

import (
	"slices"
	"strings"
)

// Health is how one finds out whether what was deployed works: an address that is asked over HTTP after a deployment has
// succeeded, for as long as the environment's bake. One that fails the check is not counted as one that stayed good.
type Health struct {
	// URL is the address that is asked, without credentials of any kind. {service} and {environment} in it stand for their
	// names. Redirects are followed within the same host only.
	URL string `json:"url" format:"template" required:"true"`
	// URLs are the addresses of environments whose address is another one, by the environment's name.
	URLs map[string]string `json:"urls,omitempty" format:"template" keys:"name"`
	// Status is what it must answer. Default 200, from 200 to 599.
	Status int `json:"status" default:"200" min:"200" max:"599"`
	// Body is a text that the answer's first 64 KiB must contain; anything will do by default.
	Body string `json:"body,omitempty" format:"text"`
	// Latency is within what time the whole answer must be there. Default 5s, from 1s to 30s.
	Latency Duration `json:"latency" default:"5s" min:"1s" max:"30s"`
	// Every is how often it is asked. Default 15s, from 5s to 10m.
	Every Duration `json:"every" default:"15s" min:"5s" max:"10m"`
}

// Address is what is asked of a service in an environment.
func (h *Health) Address(service, environment string) string {
	address := h.URL
	if other, ok := h.URLs[environment]; ok {
		address = other
	}
	return fill(address, service, environment)
}

// fill puts names into an address.
func fill(address, service, environment string) string {
	return strings.NewReplacer("{service}", service, "{environment}", environment).Replace(address)
}

// namedAddress checks an address with a place for names.
func namedAddress(value string) string {
	filled := fill(value, "x", "x")
	if strings.ContainsAny(filled, "{}") {
		return quote(value) + " has braces around something else than {service} or {environment}"
	}
	if strings.Contains(value, "#") {
		return quote(value) + " has a #, and what follows one is never sent; remove it"
	}
	if webAddress(filled) != "" {
		return webAddress(value)
	}
	return ""
}

// health checks that each address belongs to an environment of its service, and that there is time to ask it.
func (k *checker) health(path string, service *Service) {
	if service.Health == nil {
		return
	}
	for _, name := range sortedKeys(service.Health.URLs) {
		if at := join(path+".health.urls", name); !service.DeploysTo(name) {
			k.atKey(at, "the service is not deployed to "+name+"; "+insteadOf(name, service.Environments))
		}
	}
	every := service.Health.Every
	if service.Health.Latency.Duration > every.Duration {
		k.at(path+".health.latency", "is longer than every ("+every.String()+"), so an answer could come after the next was to be asked for")
	}
	for _, name := range service.Environments {
		if e, ok := k.c.Environments[name]; ok && e.Bake.Duration > 0 && every.Duration > e.Bake.Duration {
			k.at(path+".health.every", "is longer than environments."+name+".bake ("+e.Bake.String()+"), for which it is watched there; ask oftener or give it a longer bake")
		}
	}
}

// unbaked warns of a health check that is never asked, or not everywhere, and of one answer for several environments.
func (k *checker) unbaked(path string, service *Service) {
	if service.Health == nil {
		return
	}
	var without []string
	asked := map[string]string{} // address -> environment
	for _, name := range service.Environments {
		if e, ok := k.c.Environments[name]; ok && e.Bake.Duration == 0 {
			without = append(without, name)
			continue
		}
		address := service.Health.Address(service.Name, name)
		if other, same := asked[address]; same {
			k.warnAt(path+".health.url", "is the same in "+other+" and "+name+"; write {environment} where the name belongs, or give urls")
		}
		asked[address] = name
	}
	if len(without) > 0 {
		slices.Sort(without)
		k.warnAt(path+".health", "is not looked at in "+strings.Join(without, ", ")+": give the environment a bake, which is for how long")
	}
}
