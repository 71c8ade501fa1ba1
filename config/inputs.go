package config

import (
	"slices"
	"strconv"
	"strings"
)

// inputs checks the rules of what people may give when they deploy.
func (k *checker) inputs() {
	for _, name := range k.c.ServiceNames() {
		deploy := &k.c.Services[name].Deploy
		path := join("services", name) + ".deploy.inputs"
		lower := map[string]string{}
		for _, input := range sortedKeys(deploy.Inputs) {
			at := join(path, input)
			if other, twice := lower[strings.ToLower(input)]; twice {
				k.atKey(at, "is also there as "+other+"; GitHub does not tell upper and lower case apart")
			}
			lower[strings.ToLower(input)] = input
			if rule := deploy.Inputs[input].Rule; rule != nil {
				k.inputRule(at, rule)
			}
		}
	}
}

func (k *checker) inputRule(path string, rule *InputRule) {
	var kinds []string
	for _, kind := range []string{"options", "number", "pattern"} {
		if _, given := k.places[path+"."+kind]; given {
			kinds = append(kinds, kind)
		}
	}
	switch {
	case len(kinds) == 0:
		k.at(path, "does not say what may be given; give options, number or pattern")
		return
	case len(kinds) > 1:
		k.at(path+"."+kinds[1], "stands beside "+kinds[0]+", and only one of options, number and pattern can say what may be given; remove the others")
		return
	}
	for i, option := range rule.Options {
		if _, problem := rule.accept(option); problem != "" && option != "" {
			k.at(path+".options["+strconv.Itoa(i)+"]", strings.TrimSuffix(problem, "."))
		}
	}
	k.defaultOf(path, kinds[0], rule)
}

// defaultOf checks the default, and writes it as it is sent. A rule that was found wrong before says nothing about it.
func (k *checker) defaultOf(path, kind string, rule *InputRule) {
	broken := map[string]bool{
		"options": len(rule.Options) == 0 || slices.Contains(rule.Options, ""),
		"number":  rule.Number == nil || rule.Number.broken,
		"pattern": rule.Pattern == "",
	}
	if rule.Default == "" || broken[kind] {
		return
	}
	if rule.Required {
		k.at(path+".required", "has no effect beside default, which is sent when nothing is given; remove one of them")
		return
	}
	right, problem := rule.accept(string(rule.Default))
	if problem != "" {
		k.at(path+".default", strings.TrimSuffix(problem, "."))
		return
	}
	rule.Default = Scalar(right)
}
