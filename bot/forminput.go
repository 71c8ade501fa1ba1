package bot

import (
	"cmp"

	"github.com/slack-go/slack"
)

// input renders one field of a form (Slack: Block Kit reference).
func input(in Input) *slack.InputBlock {
	var hint *slack.TextBlockObject
	if in.Hint != "" {
		hint = plain(in.Hint, 2000)
	}
	b := slack.NewInputBlock(in.Name, plain(in.Label, 2000), hint, in.element())
	b.Optional = in.Optional || in.Box != "" // or Slack would insist on the tick
	return b
}

func (in Input) element() slack.BlockElement {
	switch {
	case in.Box != "":
		return in.box()
	case in.People == 1:
		e := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain(in.Placeholder, 150), "v")
		e.InitialUser = in.Initial
		return e
	case in.People > 1:
		e := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeUser, plain(in.Placeholder, 150), "v")
		e.MaxSelectedItems = &in.People
		people := Args{"": in.Initial}.List("")
		e.InitialUsers = people[:min(len(people), in.People)]
		return e
	case len(in.Options) > 0 && in.Several > 0:
		return in.several()
	case len(in.Options) > 100:
		e := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, plain(in.Placeholder, 150), "v")
		zero := 0
		e.MinQueryLength = &zero
		e.InitialOption = option(in.Options, in.Initial)
		return e
	case len(in.Options) > 0:
		e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(in.Placeholder, 150), "v", in.options()...)
		e.InitialOption = option(in.Options, in.Initial)
		return e
	}
	e := slack.NewPlainTextInputBlockElement(plain(in.Placeholder, 150), "v")
	e.MaxLength = min(max(in.MaxLength, 0), maxTyped)
	e.Multiline, e.InitialValue = in.Long, shortenPlain(in.Initial, cmp.Or(e.MaxLength, maxTyped))
	return e
}

// several is a field in which several options are chosen.
func (in Input) several() *slack.MultiSelectBlockElement {
	kind, options := slack.MultiOptTypeExternal, []*slack.OptionBlockObject(nil)
	if len(in.Options) <= 100 {
		kind, options = slack.MultiOptTypeStatic, in.options()
	}
	e := slack.NewOptionsMultiSelectBlockElement(kind, plain(in.Placeholder, 150), "v", options...)
	e.MaxSelectedItems = &in.Several
	if zero := 0; kind == slack.MultiOptTypeExternal {
		e.MinQueryLength = &zero
	}
	for _, value := range (Args{"": in.Initial}).List("") {
		if o := option(in.Options, value); o != nil && len(e.InitialOptions) < in.Several {
			e.InitialOptions = append(e.InitialOptions, o)
		}
	}
	return e
}

func (in Input) options() []*slack.OptionBlockObject {
	var out []*slack.OptionBlockObject
	for _, o := range in.Options {
		out = append(out, option([]Option{o}, o.Value))
	}
	return out
}

// maxTyped is how much can be typed into a field, in characters.
const maxTyped = 3000

// ticked is the argument of a box that is ticked.
const ticked = "yes"

func (in Input) box() *slack.CheckboxGroupsBlockElement {
	yes := slack.NewOptionBlockObject(ticked, plain(in.Box, 75), nil)
	e := slack.NewCheckboxGroupsBlockElement("v", yes)
	if in.Initial == ticked {
		e.InitialOptions = []*slack.OptionBlockObject{yes}
	}
	return e
}

// option finds the option of a value; nil when there is none.
func option(all []Option, value string) *slack.OptionBlockObject {
	for _, o := range all {
		if o.Value == value && value != "" {
			return slack.NewOptionBlockObject(o.Value, plain(cmp.Or(o.Label, o.Value), 75), plain(o.Description, 75))
		}
	}
	return nil
}
