package bot

import (
	"maps"
	"slices"
)

// filledIn is the form as it is made from what was filled in, which may ask for other things than the one it was filled in on.
func (b *Bot) filledIn(c *Command, st formState, v view, user string) Form {
	args := Args{}
	for name, value := range st.Args {
		if _, there := v.State.Values[name]; !there {
			args[name] = value
		}
	}
	maps.Copy(args, values(v))
	return c.Form(FormRequest{Args: args, Channel: st.Channel, User: user, Message: st.Message, Config: b.settings()})
}

// asked are the values of the form's own fields; what was filled in for fields it does not have any more is left out.
func (f Form) asked(filled Args) Args {
	out := Args{}
	for _, in := range f.Fields {
		if v, ok := filled[in.Name]; ok {
			out[in.Name] = v
		}
	}
	return out
}

// asksMore tells whether the form has fields that were not shown. Slack sends the state of every field it shows, also of those
// that are empty.
func (f Form) asksMore(shown map[string]map[string]inputState) bool {
	return slices.ContainsFunc(f.Fields, func(in Input) bool { _, there := shown[in.Name]; return !there })
}
