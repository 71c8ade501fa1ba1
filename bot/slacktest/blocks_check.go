package slacktest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"
)

// surface is where blocks stand.
type surface int

const (
	inMessage surface = iota
	inModal
	inHome
)

// checker finds everything wrong with blocks and says it as Slack does, with a JSON pointer. What Slack fills in where an
// app leaves it out (ids, emoji, verbatim), it fills in too.
type checker struct {
	on       surface
	blocks   map[string][]rule
	elements map[string][]rule
	parts    map[string][]rule
	said     []string
	markdown int
	table    int
}

func newChecker(on surface) *checker {
	return &checker{on: on, blocks: blockShapes, elements: elementShapes, parts: partShapes}
}

func (k *checker) say(at, format string, args ...any) {
	k.said = append(k.said, fmt.Sprintf("[ERROR] "+format, args...)+" [json-pointer:"+at+"]")
}

// list checks the blocks of a message or view and gives those without a block_id or action_id one.
func (k *checker) list(blocks []any, at string) {
	limit := maxViewBlocks
	if k.on == inMessage {
		limit = maxMessageBlocks
	}
	if len(blocks) > limit {
		k.say(at, "no more than %d items allowed", limit)
	}
	ids := map[string]bool{}
	for i, b := range blocks {
		here := at + "/" + strconv.Itoa(i)
		block, ok := b.(obj)
		if !ok {
			k.say(here, "must be an object")
			continue
		}
		k.block(block, here)
		id, _ := block["block_id"].(string)
		if ids[id] {
			k.say(here+"/block_id", "block_id %q already exists", id)
		}
		ids[id] = true
	}
	if k.markdown > maxMarkdown {
		k.say(at, "markdown blocks must be less than %d characters together", maxMarkdown+1)
	}
	if k.table > maxTableText {
		k.say(at, "tables must be less than %d characters together", maxTableText+1)
	}
}

func (k *checker) block(b obj, at string) {
	kindName, _ := b["type"].(string)
	shape, ok := k.blocks[kindName]
	if !ok {
		k.say(at+"/type", "unsupported type: %s", kindName)
		return
	}
	k.shape(b, append([]rule{str("block_id", 255)}, shape...), at)
	if id, _ := b["block_id"].(string); id == "" {
		b["block_id"] = randomID("", 5)
	}
	switch kindName {
	case "section":
		if b["text"] == nil && b["fields"] == nil {
			k.say(at, "missing required field: text or fields")
		}
	case "image":
		k.imageSource(b, at)
	case "markdown":
		t, _ := b["text"].(string)
		k.markdown += utf8.RuneCountInString(t)
	case "table":
		k.tableRows(b, at)
	case "actions":
		k.uniqueActions(b, at)
	case "input":
		k.inputPlace(b, at)
	}
}

func (k *checker) imageSource(b obj, at string) {
	if (b["image_url"] == nil) == (b["slack_file"] == nil) {
		k.say(at, "must have either image_url or slack_file")
	}
}

func (k *checker) inputPlace(b obj, at string) {
	e, _ := b["element"].(obj)
	if t, _ := e["type"].(string); t == "file_input" && k.on != inModal {
		k.say(at+"/element", "file_input is only allowed in modals")
	}
}

func (k *checker) uniqueActions(b obj, at string) {
	seen := map[string]bool{}
	elements, _ := b["elements"].([]any)
	for i, e := range elements {
		el, _ := e.(obj)
		id, _ := el["action_id"].(string)
		if id != "" && seen[id] {
			k.say(at+"/elements/"+strconv.Itoa(i)+"/action_id", "action_id %q already exists", id)
		}
		seen[id] = true
	}
}

func (k *checker) tableRows(b obj, at string) {
	rows, ok := b["rows"].([]any)
	if !ok || len(rows) == 0 || len(rows) > maxTableRows {
		k.say(at+"/rows", "must have between 1 and %d rows", maxTableRows)
	}
	settings, _ := b["column_settings"].([]any)
	if len(settings) > maxTableColumns {
		k.say(at+"/column_settings", "no more than %d items allowed", maxTableColumns)
	}
	for i, row := range rows {
		cells, ok := row.([]any)
		if !ok || len(cells) == 0 || len(cells) > maxTableColumns {
			k.say(at+"/rows/"+strconv.Itoa(i), "must have between 1 and %d cells", maxTableColumns)
		}
		for _, c := range cells {
			cell, _ := c.(obj)
			t, _ := cell["text"].(string)
			k.table += utf8.RuneCountInString(t)
		}
	}
}

// shape checks an object's properties against its rules.
func (k *checker) shape(o obj, rules []rule, at string) {
	known := map[string]bool{"type": true}
	for _, r := range rules {
		known[r.name] = true
		v, given := o[r.name]
		switch {
		case given && v != nil:
			k.value(v, r, at+"/"+r.name)
		case r.required:
			k.say(at, "missing required field: %s", r.name)
		}
	}
	for name := range o {
		if !known[name] {
			k.say(at, "invalid additional property: %s", name)
		}
	}
}

func (k *checker) value(v any, r rule, at string) {
	switch r.kind {
	case text:
		s, ok := v.(string)
		k.wrong(ok, at, "must be a string")
		k.length(s, r.min, r.max, at)
	case plain, anyText:
		k.text(v, r, at)
	case boolean:
		_, ok := v.(bool)
		k.wrong(ok, at, "must be a boolean")
	case integer:
		n, ok := v.(float64)
		if !ok || n != float64(int(n)) || int(n) < r.min || int(n) > r.max {
			k.say(at, "must be a whole number from %d to %d", r.min, r.max)
		}
	case part:
		k.item(v, r, at)
	case one:
		k.item(v, r, at)
	case texts, parts, many:
		k.items(v, r, at)
	}
}

func (k *checker) wrong(ok bool, at, what string) {
	if !ok {
		k.say(at, "%s", what)
	}
}

func (k *checker) length(s string, min, max int, at string) {
	n := utf8.RuneCountInString(s)
	if n < min {
		k.say(at, "must be more than %d characters", min-1)
	}
	if max > 0 && n > max {
		k.say(at, "must be less than %d characters", max+1)
	}
}

func (k *checker) text(v any, r rule, at string) {
	o, ok := v.(obj)
	if !ok {
		k.say(at, "must be a text object")
		return
	}
	t, _ := o["type"].(string)
	if t != "plain_text" && (t != "mrkdwn" || r.kind == plain) {
		k.say(at+"/type", "must be a valid text type, not %q", t)
	}
	only, usual := "emoji", true
	if t == "mrkdwn" {
		only, usual = "verbatim", false
	}
	k.shape(o, []rule{req(rule{name: "text", kind: text, min: r.min, max: r.max}), yesNo(only)}, at)
	if o[only] == nil {
		o[only] = usual // Slack fills it in
	}
}

func (k *checker) items(v any, r rule, at string) {
	list, ok := v.([]any)
	k.wrong(ok, at, "must be an array")
	if ok && len(list) < r.min {
		k.say(at, "no fewer than %d items allowed", r.min)
	}
	if len(list) > r.max {
		k.say(at, "no more than %d items allowed", r.max)
	}
	for i, item := range list {
		here := at + "/" + strconv.Itoa(i)
		if r.kind == texts {
			k.text(item, rule{kind: anyText, min: 1, max: r.each}, here)
			continue
		}
		k.item(item, r, here)
	}
}

// item checks a part, or an element of one of the types allowed here.
func (k *checker) item(v any, r rule, at string) {
	o, ok := v.(obj)
	if !ok {
		k.say(at, "must be an object")
		return
	}
	if r.kind == part || r.kind == parts {
		k.shape(o, k.parts[r.of[0]], at)
		return
	}
	t, _ := o["type"].(string)
	if !slices.Contains(r.of, t) {
		k.say(at+"/type", "unsupported type: %s", t)
		return
	}
	k.shape(o, k.elements[t], at)
	k.element(o, t, at)
}

// element checks what one property alone cannot tell, and names an element that has no action_id.
func (k *checker) element(o obj, t, at string) {
	switch t {
	case "image":
		k.imageSource(o, at)
		return
	case "plain_text", "mrkdwn":
		return
	case "static_select", "multi_static_select":
		if (o["options"] == nil) == (o["option_groups"] == nil) {
			k.say(at, "must have either options or option_groups")
		}
		k.initialOffered(o, at)
	case "radio_buttons", "checkboxes":
		k.initialOffered(o, at)
	case "users_select", "multi_users_select":
		k.initialPeople(o, at)
	case "button":
		if style, has := o["style"]; has && style != "primary" && style != "danger" {
			k.say(at+"/style", "must be one of primary, danger")
		}
	}
	if id, _ := o["action_id"].(string); id == "" {
		o["action_id"] = randomID("", 5)
	}
}

// initialOffered checks that what is chosen at the start is one of the element's own options (Slack: Block Kit reference).
func (k *checker) initialOffered(o obj, at string) {
	offered, _ := o["options"].([]any)
	groups, _ := o["option_groups"].([]any)
	for _, g := range groups {
		group, _ := g.(obj)
		more, _ := group["options"].([]any)
		offered = append(slices.Clone(offered), more...)
	}
	initial, _ := o["initial_options"].([]any)
	if one := o["initial_option"]; one != nil {
		initial = append(slices.Clone(initial), one)
	}
	for _, chosen := range initial {
		if !slices.ContainsFunc(offered, func(x any) bool { return reflect.DeepEqual(x, chosen) }) {
			k.say(at, "initial option must be one of the options")
		}
	}
}

// initialPeople checks that people chosen at the start are IDs, and no more than may be chosen.
func (k *checker) initialPeople(o obj, at string) {
	if one := o["initial_user"]; one != nil {
		id, ok := one.(string)
		k.wrong(ok && id != "", at+"/initial_user", "must be a user ID")
	}
	if some := o["initial_users"]; some != nil {
		list, ok := some.([]any)
		k.wrong(ok, at+"/initial_users", "must be an array")
		for i, one := range list {
			id, ok := one.(string)
			k.wrong(ok && id != "", at+"/initial_users/"+strconv.Itoa(i), "must be a user ID")
		}
		if most, limited := o["max_selected_items"].(float64); limited && len(list) > int(most) {
			k.say(at+"/initial_users", "no more than %d items allowed", int(most))
		}
	}
}

// checkedBlocks returns blocks as they are kept: checked, and with their ids filled in. nil when there are none.
func (s *Server) checkedBlocks(raw json.RawMessage, on surface) (json.RawMessage, *apiError) {
	if isEmptyList(raw) {
		return nil, nil
	}
	var blocks []any
	if json.Unmarshal(raw, &blocks) != nil {
		return nil, refuse("invalid_blocks_format")
	}
	k := newChecker(on)
	k.list(blocks, "/blocks")
	if len(k.said) > 0 {
		return nil, refuse("invalid_blocks", k.said...)
	}
	return mustJSON(blocks), nil
}
