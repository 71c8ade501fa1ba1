package slacktest

// What Block Kit allows (Slack: Block Kit reference; Formatting text; markdown and table blocks), as tables.

// kind is what a property of a block, element or part holds.
type kind int

const (
	anything kind = iota
	text          // a string
	plain         // a plain_text object
	anyText       // a plain_text or mrkdwn object
	texts         // a list of text objects
	boolean
	integer
	part  // an object of another shape, named by of
	parts // a list of them
	one   // an element or block of the types named by of
	many  // a list of them
)

// rule is one property: how it is called, what it holds and how much of it. Lengths are in characters.
type rule struct {
	name     string
	kind     kind
	min, max int // characters of a text, items of a list, value of an integer
	each     int // characters of each item of texts
	of       []string
	required bool
}

func req(r rule) rule { r.required = true; return r }

func str(name string, max int) rule       { return rule{name: name, kind: text, max: max} }
func plainText(name string, max int) rule { return rule{name: name, kind: plain, min: 1, max: max} }
func richText(name string, max int) rule  { return rule{name: name, kind: anyText, min: 1, max: max} }
func yesNo(name string) rule              { return rule{name: name, kind: boolean} }
func number(name string, min, max int) rule {
	return rule{name: name, kind: integer, min: min, max: max}
}
func free(name string) rule          { return rule{name: name} }
func object(name, shape string) rule { return rule{name: name, kind: part, of: []string{shape}} }
func objects(name, shape string, max int) rule {
	return rule{name: name, kind: parts, min: 1, max: max, of: []string{shape}}
}

// menus that share their properties, apart from where the choices come from.
func menu(own ...rule) []rule {
	return append(own, str("action_id", 255), plainText("placeholder", 150), object("confirm", "confirm"), yesNo("focus_on_load"))
}

func choices() []rule {
	return []rule{objects("options", "option", 100), objects("option_groups", "option_group", 100)}
}

func input(own ...rule) []rule {
	return append(own, str("action_id", 255), plainText("placeholder", 150), yesNo("focus_on_load"), object("dispatch_action_config", "dispatch"))
}

// blockShapes are the blocks, by type.
var blockShapes = map[string][]rule{
	"section": {richText("text", 3000), {name: "fields", kind: texts, min: 1, max: 10, each: 2000}, {name: "accessory", kind: one, of: accessories()}, yesNo("expand")},
	"header":  {req(plainText("text", 150)), free("level")},
	"divider": {},
	"context": {req(rule{name: "elements", kind: many, min: 1, max: 10, of: []string{"image", "plain_text", "mrkdwn"}})},
	"actions": {req(rule{name: "elements", kind: many, min: 1, max: 25, of: actionElements()})},
	"input": {
		req(plainText("label", 2000)), plainText("hint", 2000), yesNo("optional"), yesNo("dispatch_action"),
		req(rule{name: "element", kind: one, of: inputElements()}),
	},
	"image":     {str("image_url", 3000), free("slack_file"), req(str("alt_text", 2000)), plainText("title", 2000)},
	"markdown":  {req(rule{name: "text", kind: text, min: 1, max: 12000})},
	"rich_text": {req(free("elements"))},
	"table":     {req(free("rows")), free("column_settings")},
}

// elementShapes are what stands in blocks, by type.
var elementShapes = map[string][]rule{
	"button": {
		req(plainText("text", 75)), str("action_id", 255), str("url", 3000), str("value", 2000), free("style"),
		object("confirm", "confirm"), str("accessibility_label", 75), free("visible_to_user_ids"),
	},
	"overflow":                   {str("action_id", 255), req(objects("options", "option", 5)), object("confirm", "confirm")},
	"radio_buttons":              {str("action_id", 255), req(objects("options", "option", 10)), object("initial_option", "option"), object("confirm", "confirm"), yesNo("focus_on_load")},
	"checkboxes":                 {str("action_id", 255), req(objects("options", "option", 10)), objects("initial_options", "option", 10), object("confirm", "confirm"), yesNo("focus_on_load")},
	"static_select":              menu(append(choices(), object("initial_option", "option"))...),
	"multi_static_select":        menu(append(choices(), objects("initial_options", "option", 100), number("max_selected_items", 1, 1e6))...),
	"external_select":            menu(object("initial_option", "option"), number("min_query_length", 0, 1e6)),
	"multi_external_select":      menu(objects("initial_options", "option", 100), number("min_query_length", 0, 1e6), number("max_selected_items", 1, 1e6)),
	"users_select":               menu(free("initial_user")),
	"multi_users_select":         menu(free("initial_users"), number("max_selected_items", 1, 1e6)),
	"channels_select":            menu(free("initial_channel"), yesNo("response_url_enabled")),
	"multi_channels_select":      menu(free("initial_channels"), number("max_selected_items", 1, 1e6)),
	"conversations_select":       menu(free("initial_conversation"), yesNo("default_to_current_conversation"), yesNo("response_url_enabled"), free("filter")),
	"multi_conversations_select": menu(free("initial_conversations"), yesNo("default_to_current_conversation"), free("filter"), number("max_selected_items", 1, 1e6)),
	"datepicker":                 menu(free("initial_date")),
	"timepicker":                 menu(free("initial_time"), free("timezone")),
	"datetimepicker":             {str("action_id", 255), free("initial_date_time"), object("confirm", "confirm"), yesNo("focus_on_load")},
	"plain_text_input":           input(str("initial_value", 3000), yesNo("multiline"), number("min_length", 0, 3000), number("max_length", 1, 3000)),
	"email_text_input":           input(free("initial_value")),
	"url_text_input":             input(free("initial_value")),
	"number_input":               input(req(yesNo("is_decimal_allowed")), free("initial_value"), free("min_value"), free("max_value")),
	"rich_text_input":            input(free("initial_value")),
	"file_input":                 {str("action_id", 255), free("filetypes"), number("max_files", 1, 10)},
	"image":                      {str("image_url", 3000), free("slack_file"), req(str("alt_text", 2000))},
	"plain_text":                 {req(rule{name: "text", kind: text, min: 1, max: 2000}), yesNo("emoji")},
	"mrkdwn":                     {req(rule{name: "text", kind: text, min: 1, max: 2000}), yesNo("verbatim")},
}

// partShapes are what stands in elements.
var partShapes = map[string][]rule{
	"option":       {req(richText("text", 75)), req(rule{name: "value", kind: text, min: 1, max: 150}), richText("description", 75), str("url", 3000)},
	"option_group": {req(plainText("label", 75)), req(objects("options", "option", 100))},
	"confirm":      {req(plainText("title", 100)), req(richText("text", 300)), req(plainText("confirm", 30)), req(plainText("deny", 30)), free("style")},
	"dispatch":     {free("trigger_actions_on")},
}

func selects() []string {
	return []string{
		"static_select", "multi_static_select", "external_select", "multi_external_select", "users_select", "multi_users_select",
		"channels_select", "multi_channels_select", "conversations_select", "multi_conversations_select",
	}
}

func pickers() []string {
	return append(selects(), "datepicker", "timepicker", "radio_buttons", "checkboxes")
}

func accessories() []string { return append(pickers(), "button", "overflow", "image") }

func actionElements() []string { return append(pickers(), "button", "overflow", "datetimepicker") }

func inputElements() []string {
	return append(pickers(), "datetimepicker", "plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input")
}

// Limits of whole surfaces.
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxMarkdown      = 12000 // characters of all markdown blocks together
	maxTableRows     = 100
	maxTableColumns  = 20
	maxTableText     = 10000 // characters of all cells of all tables
	maxView          = 250_000
)

// viewShape is a modal or home tab without its blocks.
func viewShape(modal bool) []rule {
	shape := []rule{
		req(str("type", 10)), str("private_metadata", 3000), str("callback_id", 255), str("external_id", 255), req(free("blocks")),
	}
	if modal {
		shape = append(shape, req(plainText("title", 24)), plainText("submit", 24), plainText("close", 24), yesNo("clear_on_close"),
			yesNo("notify_on_close"), yesNo("submit_disabled"))
	}
	return shape
}
