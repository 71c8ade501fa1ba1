package commands

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"shipmate/bot"
	"shipmate/incident"
)

// shownArg begins the names of what the form to edit an incident carries along: what each field held when it was opened. Others go on
// changing the incident while somebody writes. A mark of it is carried, since there is no room for long texts.
const shownArg = "shown."

func markOf(value string) string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(value)))
	return hex.EncodeToString(sum[:6])
}

// editForm holds what there is now.
func editForm(d Deps) func(bot.FormRequest) bot.Form {
	return func(r bot.FormRequest) bot.Form {
		f := bot.Form{Title: "Incident", Submit: "Change it", Fields: []bot.Input{
			{Name: "title", Label: "What is wrong", MaxLength: 150}, severityInput(r.Config),
			{Name: "impact", Label: "What do customers see", Optional: true, Long: true, MaxLength: 1000}}}
		i, err := incidentOfForm(d, r)
		if err != nil { // it is refused
			return f
		}
		f.Intro = incidentHeadline(i)
		for n, value := range []string{i.Title, i.Severity, i.Impact} {
			in := &f.Fields[n]
			if in.Initial = value; in.MaxLength > 0 {
				in.Initial = cutTo(value, in.MaxLength)
			}
			if name := shownArg + in.Name; r.Args != nil && r.Args[name] == "" {
				r.Args[name] = markOf(in.Initial)
			}
		}
		return f
	}
}

// editedIn is what somebody changed in the form. What they left as it was shown may be something else by now, and stays.
func editedIn(args bot.Args) incident.Edit {
	changed := func(name string) string {
		if args[shownArg+name] == markOf(args[name]) {
			return ""
		}
		return args[name]
	}
	return incident.Edit{Title: changed("title"), Severity: changed("severity"), Impact: changed("impact")}
}
