package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
)

// LoadPolicy reads and checks a file of cases for the configuration. codes are the reason codes that can be expected.
func LoadPolicy(path string, c *Config, codes []string) (*Policy, []Mistake) {
	data, err := readFile(path)
	if err != nil {
		return nil, []Mistake{unreadable(path, err)}
	}
	return ParsePolicy(filepath.Base(path), data, c, codes)
}

// ParsePolicy checks the text of such a file, which is called file in what it says. It returns either the cases or everything that
// is wrong, in the order of the lines.
func ParsePolicy(file string, data []byte, c *Config, codes []string) (*Policy, []Mistake) {
	d := &decoder{file: file, places: map[string]place{}, empty: "the file is empty; it needs cases"}
	p := new(Policy)
	d.findLeaks(data)
	if root := d.document(data); root != nil {
		d.object("", root, reflect.ValueOf(p).Elem())
		(&checker{decoder: d, c: c}).cases(p, codes)
	}
	if len(d.mistakes) > 0 {
		return nil, inOrder(d.mistakes, d.unlisted)
	}
	return p, nil
}

// cases checks what the cases name, and notes where they stand.
func (k *checker) cases(p *Policy, codes []string) {
	k.approvals("given.approvals", p.Given.Approvals)
	k.severity("given.incident", p.Given.Incident)
	all := p.Cases
	if len(all) == 0 {
		k.at("cases", "there are no cases; each has name, who, what, when and expect")
	}
	named := map[string]string{}
	for i := range all {
		c, path := &all[i], "cases["+strconv.Itoa(i)+"]"
		c.At = fmt.Sprintf("%s:%d:%d", k.file, k.places[path].line, k.places[path].col)
		if other, twice := named[c.Name]; twice && c.Name != "" {
			k.at(path+".name", "the case in "+other+" has the same name")
		}
		named[c.Name] = c.At
		k.casePlace(path+".what", c.What)
		k.casePerson(path+".who", c.Who)
		k.caseGiven(path, p.Given, c)
		k.caseExpect(path+".expect", c.Expect, codes)
	}
}

func (k *checker) casePlace(path string, w CaseWhat) {
	service, known := k.c.Services[w.Service]
	if !known && w.Service != "" {
		k.at(path+".service", "there is no service "+w.Service+"; "+insteadOf(w.Service, k.c.ServiceNames()))
	}
	k.environment(path+".environment", w.Environment)
	e, ok := k.c.Environments[w.Environment]
	switch {
	case ok && known && !service.DeploysTo(w.Environment):
		k.at(path+".environment", w.Service+" is not deployed to "+w.Environment+"; its environments are "+list(service.Environments))
	case ok && w.BreakGlass && e.BreakGlass == nil:
		k.at(path+".break_glass", "environments."+w.Environment+" has no break_glass, so nothing can be skipped there")
	}
}

func (k *checker) casePerson(path string, p CasePerson) {
	for i, name := range p.Teams {
		k.team(path+".teams["+strconv.Itoa(i)+"]", name)
	}
}

// caseGiven completes what a case is given by what the file gives to all.
func (k *checker) caseGiven(path string, all CaseFacts, c *Case) {
	k.approvals(path+".given.approvals", c.Given.Approvals)
	k.severity(path+".given.incident", c.Given.Incident)
	from, to := reflect.ValueOf(all), reflect.ValueOf(&c.Given).Elem()
	for field := range to.Type().Fields() {
		if _, own := k.places[path+".given."+keyOf(field)]; !own && !slices.Contains(c.Without, keyOf(field)) {
			to.FieldByIndex(field.Index).Set(from.FieldByIndex(field.Index))
		}
	}
	known := keysOf(to.Type())
	for i, key := range c.Without {
		if at := path + ".without[" + strconv.Itoa(i) + "]"; key != "" && !slices.Contains(known, key) {
			k.at(at, key+" is nothing that is given; "+insteadOf(key, known))
		}
	}
	if c.Given.Slot == "cancelling" && !c.What.Rollback {
		k.at(path+".given.slot", "only a rollback cancels what is under way; set rollback: true in what")
	}
}

func (k *checker) approvals(path string, people []CasePerson) {
	seen := map[string]bool{}
	for i, p := range people {
		at := path + "[" + strconv.Itoa(i) + "]"
		k.casePerson(at, p)
		name := p.Person.Value()
		if seen[name] && name != "" {
			k.at(at, name+" has approved already; one person has one vote")
		}
		seen[name] = true
	}
}

func (k *checker) caseExpect(path string, expect, codes []string) {
	if _, given := k.places[path]; !given {
		k.at(path, "is missing; give the reason codes of the gates that do not pass, or [] when it would be deployed")
	}
	for i, code := range expect {
		if code != "" && !slices.Contains(codes, code) {
			k.at(path+"["+strconv.Itoa(i)+"]", "no gate gives the reason "+code+"; "+insteadOf(code, codes))
		}
	}
}
