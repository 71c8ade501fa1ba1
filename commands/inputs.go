package commands

import (
	"maps"
	"regexp"
	"slices"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

// inputArg names the words of a line, and the fields of the form, that give a workflow its inputs.
const inputArg = "input"

// maxAsked is how many choices a question offers; more read badly on a phone.
const maxAsked = 8

var plainValue = regexp.MustCompile(`^[A-Za-z0-9._/:@+-]+$`)

// inputWords are inputs as a line gives them, with a space in front of each. The values have no quotes in them.
func inputWords(given map[string]string) string {
	line := ""
	for _, name := range slices.Sorted(maps.Keys(given)) {
		value := given[name]
		if !plainValue.MatchString(value) {
			value = `"` + value + `"`
		}
		line += " " + name + "=" + value
	}
	return line
}

// inputCodes are inputs as people read them: `canary=10` `region=eu`.
func inputCodes(all map[string]string) bot.Text {
	var out []bot.Text
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, bot.Code(name+"="+all[name]))
	}
	return bot.Join(" ", out...)
}

// inputsLine says what the workflow is given, when the asker gave it something or somebody has to approve just that: first what
// was given, then what the configuration adds.
func inputsLine(d *delivery.Deployment) bot.Text {
	rest := maps.Clone(d.Decided.Inputs)
	for name := range d.Inputs {
		delete(rest, name)
	}
	given, added := inputCodes(d.Inputs), inputCodes(rest)
	switch {
	case given == "" && d.Approval == nil || given+added == "":
		return ""
	case given == "":
		return bot.Textf("With %s, by the configuration", added)
	case added == "":
		return bot.Textf("With %s", given)
	}
	return bot.Textf("With %s, and by the configuration %s", given, added)
}

// inputFields ask in the form for what the service's workflow may be given.
func inputFields(cfg *config.Config, serviceName string, args bot.Args) []bot.Input {
	service, ok := cfg.Service(serviceName)
	if !ok {
		return nil
	}
	var fields []bot.Input
	for _, name := range service.Deploy.Asked() {
		fields = append(fields, inputField(name, service.Deploy.Inputs[name].Rule, args))
	}
	return fields
}

func inputField(name string, rule *config.InputRule, args bot.Args) bot.Input {
	field := bot.Input{Name: bot.PairArg(inputArg, name), Label: rule.Label, Hint: rule.Description, Initial: string(rule.Default), Optional: !rule.Required}
	if field.Label == "" {
		field.Label = name
	}
	if given := args[field.Name]; given != "" {
		field.Initial = given
	}
	for _, option := range rule.Options {
		field.Options = append(field.Options, bot.Option{Value: option})
	}
	if len(rule.Options) > 0 {
		field.Placeholder = "Choose"
		return field
	}
	field.MaxLength = config.MaxInput
	if field.Hint != "" {
		field.Hint += " · "
	}
	field.Hint += "It must be " + rule.Want() + "."
	if rule.Default != "" {
		field.Hint += " Left empty it is " + string(rule.Default) + "."
	}
	return field
}

// checkInputs says at its field what is wrong with an input.
func checkInputs(service *config.Service, values bot.Args, wrong map[string]string) {
	_, mistakes := service.Deploy.Accept(values.Pairs(inputArg))
	for _, m := range mistakes {
		if m.Name == "" {
			m.Name = service.Deploy.Asked()[0] // it is about all of them
		}
		wrong[bot.PairArg(inputArg, m.Name)] = m.Sentence
	}
}

// notDeployed says why not. An input that is missing is asked for with a button per choice.
func (c deployer) notDeployed(req bot.Request, want delivery.Want, err error) (bot.Reply, error) {
	if m, ok := missingInput(err); ok {
		return askForInput(want, req.Arg("answer"), m), nil
	}
	return c.refused(req, want, err)
}
