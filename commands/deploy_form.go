package commands

import (
	"slices"
	"strings"

	"shipmate/bot"
	"shipmate/config"
)

// maxRef is how long a branch's or tag's name may be.
const maxRef = 255

// deployForm asks for what the line of deploy says.
func deployForm(r bot.FormRequest) bot.Form {
	service := bot.Input{Name: "service", Label: "Service", Placeholder: "What", Initial: r.Args["service"]}
	for _, name := range r.Config.ServiceNames() {
		service.Options = append(service.Options, bot.Option{Value: name})
	}
	if len(service.Options) == 1 {
		service.Initial = service.Options[0].Value
	}
	environment := bot.Input{Name: "environment", Label: "Environment", Placeholder: "Where to", Initial: r.Args["environment"]}
	for _, name := range environmentsInOrder(r.Config, service.Initial) {
		environment.Options = append(environment.Options, bot.Option{Value: name})
	}
	fields := []bot.Input{
		service,
		environment,
		{Name: "ref", Label: "Branch, tag or commit", Optional: true, MaxLength: maxRef, Initial: r.Args["ref"],
			Hint: "Left empty it is the newest commit of the default branch."},
	}
	fields = append(fields, inputFields(r.Config, service.Initial, r.Args)...)
	return bot.Form{
		Title: "Deploy", Submit: "Deploy", Slow: true,
		Fields: append(fields, bot.Input{Name: "reason", Label: "Reason", Optional: true, MaxLength: 500, Initial: r.Args["reason"]}),
		Check:  func(values bot.Args) map[string]string { return checkDeploy(r.Config, values) },
	}
}

// environmentsInOrder are all environments as services list them: the given service, then those that are deployed to most
// places. One that comes after no other is the first, so that nobody meets production at the top of the list.
func environmentsInOrder(cfg *config.Config, service string) []string {
	services := cfg.ServiceNames()
	slices.SortStableFunc(services, func(a, b string) int {
		return len(cfg.Services[b].Environments) - len(cfg.Services[a].Environments)
	})
	var all, names []string
	for _, name := range append([]string{service}, services...) {
		if s, ok := cfg.Service(name); ok {
			all = append(all, s.Environments...)
		}
	}
	for _, name := range append(all, cfg.EnvironmentNames()...) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	first := slices.IndexFunc(names, func(name string) bool {
		e, ok := cfg.Environment(name)
		return ok && e.After == ""
	})
	if first > 0 {
		front := names[first]
		names = slices.Insert(slices.Delete(names, first, first+1), 0, front)
	}
	return names
}

// checkDeploy says what cannot be right whatever GitHub knows.
func checkDeploy(cfg *config.Config, values bot.Args) map[string]string {
	wrong := map[string]string{}
	service, ok := cfg.Service(values["service"])
	if ok && values["environment"] != "" && !service.DeploysTo(values["environment"]) {
		wrong["environment"] = service.Name + " is not deployed there. It is deployed to " + words(service.Environments, "and") + "."
		if len(service.Environments) == 0 {
			wrong["environment"] = service.Name + " is not deployed anywhere: the configuration names no environment for it."
		}
	}
	if ref := strings.TrimSpace(values["ref"]); strings.ContainsAny(ref, " ~^:?*[\\") || strings.Contains(ref, "..") {
		wrong["ref"] = "A branch, tag or commit has no spaces and none of ~ ^ : ? * [ \\ in its name."
	}
	if ok {
		checkInputs(service, values, wrong)
	}
	return wrong
}
