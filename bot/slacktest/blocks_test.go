package slacktest_test

import (
	"fmt"
	"strings"
	"testing"
)

type o = map[string]any

func many(n int, f func(i int) any) []any {
	var list []any
	for i := range n {
		list = append(list, f(i))
	}
	return list
}

func chars(n int) string { return strings.Repeat("ä", n) }

func md(n int) o { return o{"type": "mrkdwn", "text": chars(n)} }

func option(text, value int) o { return o{"text": plainText(chars(text)), "value": chars(value)} }

func with(base o, key string, v any) o {
	c := o{}
	for k, x := range base {
		c[k] = x
	}
	c[key] = v
	return c
}

// TestBlockLimits checks each limit of Block Kit: n is the most that fits, and one more is refused.
func TestBlockLimits(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits, noEvents)
	button := func(key string, v any) o { return with(o{"type": "button", "text": plainText("x")}, key, v) }
	actions := func(e ...any) any { return o{"type": "actions", "elements": e} }
	options := func(kind string, n int) any {
		return actions(o{"type": kind, "options": many(n, func(int) any { return option(1, 1) })})
	}
	confirm := func(key string, n int) any {
		c := o{"title": plainText("x"), "text": plainText("x"), "confirm": plainText("x"), "deny": plainText("x")}
		return actions(button("confirm", with(c, key, plainText(chars(n)))))
	}
	menu := func(key string, v any) any {
		return actions(with(o{"type": "static_select", "options": []any{option(1, 1)}}, key, v))
	}
	input := func(key string, n int) any {
		b := o{"type": "input", "label": plainText("x"), "element": o{"type": "plain_text_input"}}
		return with(b, key, plainText(chars(n)))
	}
	field := func(key string, n int) any {
		return o{"type": "input", "label": plainText("x"), "element": o{"type": "plain_text_input", key: n}}
	}
	one := func(f func(n int) any) func(int) []any { return func(n int) []any { return []any{f(n)} } }
	for name, c := range map[string]struct {
		n     int
		build func(n int) []any
	}{
		"blocks in a message": {50, func(n int) []any { return many(n, func(int) any { return o{"type": "divider"} }) }},
		"block_id":            {255, one(func(n int) any { return o{"type": "divider", "block_id": chars(n)} })},
		"action_id":           {255, one(func(n int) any { return actions(button("action_id", chars(n))) })},
		"section text":        {3000, one(func(n int) any { return o{"type": "section", "text": md(n)} })},
		"section fields":      {10, one(func(n int) any { return o{"type": "section", "fields": many(n, func(int) any { return md(1) })} })},
		"section field":       {2000, one(func(n int) any { return o{"type": "section", "fields": []any{md(n)}} })},
		"header":              {150, one(func(n int) any { return o{"type": "header", "text": plainText(chars(n))} })},
		"context elements":    {10, one(func(n int) any { return o{"type": "context", "elements": many(n, func(int) any { return md(1) })} })},
		"actions elements":    {25, one(func(n int) any { return actions(many(n, func(int) any { return button("value", "x") })...) })},
		"button text":         {75, one(func(n int) any { return actions(button("text", plainText(chars(n)))) })},
		"button value":        {2000, one(func(n int) any { return actions(button("value", chars(n))) })},
		"button url":          {3000, one(func(n int) any { return actions(button("url", chars(n))) })},
		"option text":         {75, one(func(n int) any { return menu("options", []any{option(n, 1)}) })},
		"option value":        {150, one(func(n int) any { return menu("options", []any{option(1, n)}) })},
		"select options":      {100, one(func(n int) any { return options("static_select", n) })},
		"select groups": {100, one(func(n int) any {
			return actions(o{"type": "static_select", "option_groups": many(n, func(int) any {
				return o{"label": plainText("x"), "options": []any{option(1, 1)}}
			})})
		})},
		"overflow options": {5, one(func(n int) any { return options("overflow", n) })},
		"radio buttons":    {10, one(func(n int) any { return options("radio_buttons", n) })},
		"checkboxes":       {10, one(func(n int) any { return options("checkboxes", n) })},
		"confirm title":    {100, one(func(n int) any { return confirm("title", n) })},
		"confirm text":     {300, one(func(n int) any { return confirm("text", n) })},
		"confirm button":   {30, one(func(n int) any { return confirm("confirm", n) })},
		"deny button":      {30, one(func(n int) any { return confirm("deny", n) })},
		"placeholder":      {150, one(func(n int) any { return menu("placeholder", plainText(chars(n))) })},
		"input label":      {2000, one(func(n int) any { return input("label", n) })},
		"input hint":       {2000, one(func(n int) any { return input("hint", n) })},
		"input max_length": {3000, one(func(n int) any { return field("max_length", n) })},
		"input min_length": {3000, one(func(n int) any { return field("min_length", n) })},
		"image url":        {3000, one(func(n int) any { return o{"type": "image", "alt_text": "x", "image_url": chars(n)} })},
		"image alt text":   {2000, one(func(n int) any { return o{"type": "image", "alt_text": chars(n), "image_url": "x"} })},
		"markdown":         {12000, one(func(n int) any { return o{"type": "markdown", "text": chars(n)} })},
		"markdown together": {12000, func(n int) []any {
			return []any{o{"type": "markdown", "text": chars(6000)}, o{"type": "markdown", "text": chars(n - 6000)}}
		}},
		"table rows":    {100, one(func(n int) any { return o{"type": "table", "rows": many(n, func(int) any { return cells(1, 1) })} })},
		"table columns": {20, one(func(n int) any { return o{"type": "table", "rows": []any{cells(n, 1)}} })},
		"table text":    {10000, one(func(n int) any { return o{"type": "table", "rows": []any{cells(1, n)}} })},
	} {
		if a := g.call("chat.postMessage", "channel", "C0PAY", "text", "x", "blocks", asJSON(c.build(c.n))); a.code() != "" {
			t.Errorf("%s: %d is refused: %s", name, c.n, a.raw)
		}
		a := g.call("chat.postMessage", "channel", "C0PAY", "text", "x", "blocks", asJSON(c.build(c.n+1)))
		if a.code() != "invalid_blocks" || !strings.Contains(a.messages(), "json-pointer:/blocks") {
			t.Errorf("%s: %d is taken: %s", name, c.n+1, a.raw[:min(len(a.raw), 300)])
		}
	}
}

func cells(n, text int) []any {
	return many(n, func(int) any { return o{"type": "raw_text", "text": chars(text)} })
}

func TestBlockRules(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits, noEvents)
	button := func(id string) o { return o{"type": "button", "action_id": id, "text": plainText("x")} }
	for name, c := range map[string]struct {
		block any
		want  string
	}{
		"no object":              {1, "must be an object"},
		"unknown type":           {o{"type": "carousell"}, "unsupported type"},
		"empty section":          {o{"type": "section"}, "text or fields"},
		"empty text":             {o{"type": "section", "text": md(0)}, "more than 0 characters"},
		"text no object":         {o{"type": "section", "text": "x"}, "must be a text object"},
		"header in mrkdwn":       {o{"type": "header", "text": md(1)}, "valid text type"},
		"emoji in mrkdwn":        {o{"type": "section", "text": with(md(1), "emoji", true)}, "invalid additional property: emoji"},
		"additional property":    {o{"type": "divider", "colour": "red"}, "invalid additional property: colour"},
		"input in actions":       {o{"type": "actions", "elements": []any{o{"type": "plain_text_input"}}}, "unsupported type"},
		"no elements":            {o{"type": "actions", "elements": []any{}}, "no fewer than 1"},
		"same action_id":         {o{"type": "actions", "elements": []any{button("a"), button("a")}}, "already exists"},
		"style":                  {o{"type": "actions", "elements": []any{with(button("a"), "style", "red")}}, "must be one of primary, danger"},
		"button without text":    {o{"type": "actions", "elements": []any{o{"type": "button"}}}, "missing required field: text"},
		"select without options": {o{"type": "actions", "elements": []any{o{"type": "static_select"}}}, "either options or option_groups"},
		"image without source":   {o{"type": "image", "alt_text": "x"}, "either image_url or slack_file"},
		"value no string":        {o{"type": "actions", "elements": []any{with(button("a"), "value", 1)}}, "must be a string"},
		"flag no boolean":        {o{"type": "input", "optional": "yes", "label": plainText("x"), "element": o{"type": "plain_text_input"}}, "must be a boolean"},
		"file input":             {o{"type": "input", "label": plainText("x"), "element": o{"type": "file_input"}}, "only allowed in modals"},
		"elements no list":       {o{"type": "actions", "elements": "x"}, "must be an array"},
	} {
		a := g.call("chat.postMessage", "channel", "C0PAY", "text", "x", "blocks", asJSON([]any{c.block}))
		if a.code() != "invalid_blocks" || !strings.Contains(a.messages(), c.want) {
			t.Errorf("%s: %s, want %q", name, a.raw, c.want)
		}
	}
	twice := asJSON([]any{o{"type": "divider", "block_id": "a"}, o{"type": "divider", "block_id": "a"}})
	if a := g.call("chat.postMessage", "channel", "C0PAY", "text", "x", "blocks", twice); a.code() != "invalid_blocks" {
		t.Errorf("the same block_id twice: %s", a.raw)
	}
}

func TestViewLimits(t *testing.T) {
	t.Parallel()
	g := newStage(t, noLimits, noEvents)
	a := g.connect()
	base := modal(o{"type": "divider"})
	for name, c := range map[string]struct {
		n     int
		build func(n int) o
	}{
		"title":            {24, func(n int) o { return with(base, "title", plainText(chars(n))) }},
		"submit":           {24, func(n int) o { return with(base, "submit", plainText(chars(n))) }},
		"close":            {24, func(n int) o { return with(base, "close", plainText(chars(n))) }},
		"private_metadata": {3000, func(n int) o { return with(base, "private_metadata", chars(n)) }},
		"callback_id":      {255, func(n int) o { return with(base, "callback_id", chars(n)) }},
		"external_id":      {255, func(n int) o { return with(base, "external_id", fmt.Sprint(chars(n))) }},
		"blocks":           {100, func(n int) o { return with(base, "blocks", many(n, func(int) any { return o{"type": "divider"} })) }},
		"files": {10, func(n int) o {
			return with(base, "blocks", []any{inputBlock("f", o{"type": "file_input", "max_files": n})})
		}},
	} {
		open := func(n int) answer {
			return g.callJSON("views.open", o{"trigger_id": g.trigger(a), "view": c.build(n)})
		}
		if got := open(c.n); got.code() != "" {
			t.Errorf("%s: %d is refused: %s", name, c.n, got.raw)
		}
		if got := open(c.n + 1); got.code() != "invalid_arguments" {
			t.Errorf("%s: %d is taken", name, c.n+1)
		}
	}
}
