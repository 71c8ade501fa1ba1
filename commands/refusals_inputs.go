package commands

import (
	"errors"
	"maps"
	"strings"

	"shipmate/bot"
	"shipmate/config"
	"shipmate/delivery"
)

// invalidInputs says of each input what is wrong, and how one that is missing is typed.
func invalidInputs(r *delivery.Refused) bot.Message {
	var all []string
	var missing []string
	for _, m := range r.Inputs {
		if all = append(all, m.Sentence); m.Missing {
			missing = append(missing, m.Name+"=…")
		}
	}
	out := text("Not deployed: %s", sentences(all))
	if len(missing) > 0 {
		out.Parts = []bot.Part{bot.Small(bot.Textf("Say the same again with %s after the environment.", bot.Code(strings.Join(missing, " "))))}
	}
	return out
}

// sentences are the first of them, one after the other.
func sentences(all []string) bot.Text {
	t := bot.Plain(strings.Join(all[:min(len(all), maxNamed)], " "))
	if more := len(all) - maxNamed; more > 0 {
		t = bot.Textf("%s And %s.", t, count(more, "more mistake"))
	}
	return t
}

// missingInput is the first input that is missing, when nothing is wrong but that some are, and it has few enough options to ask.
func missingInput(err error) (config.InputMistake, bool) {
	var r *delivery.Refused
	if !errors.As(err, &r) || r.Code != delivery.InvalidInputs {
		return config.InputMistake{}, false
	}
	for _, m := range r.Inputs {
		if !m.Missing {
			return config.InputMistake{}, false
		}
	}
	first := r.Inputs[0]
	return first, len(first.Options) > 0 && len(first.Options) <= maxAsked
}

// askForInput asks which one, with a line for each that is otherwise what was asked for.
func askForInput(want delivery.Want, answer string, m config.InputMistake) bot.Reply {
	reply := bot.Reply{Message: text("Which %s?", bot.Code(m.Name)), Question: &bot.Question{}}
	for _, option := range m.Options {
		with := want
		with.Inputs = maps.Clone(want.Inputs)
		if with.Inputs == nil {
			with.Inputs = map[string]string{}
		}
		with.Inputs[m.Name] = option
		reply.Question.Options = append(reply.Question.Options, bot.Button{Label: option, Line: wantLine(with, answer)})
	}
	return reply
}

// wantLine is the line that asks for just that.
func wantLine(w delivery.Want, answer string) string {
	return deployLine(&delivery.Deployment{Service: w.Service, Environment: w.Environment, Commit: delivery.Commit{SHA: w.Ref}, Ref: w.Asked,
		Inputs: w.Inputs}, answer, w.Reason)
}
