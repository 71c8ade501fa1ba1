package slacktest

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// readParams collects the parameters of a call from its query, form or JSON body, each as text: what is not a string
// in JSON stays JSON, which is also how forms carry blocks.
func (c *call) readParams(r *http.Request) error {
	c.params = map[string]string{}
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		c.token, c.header = bearer, true
	}
	if c.method == "upload" {
		return nil
	}
	c.addForm(r.URL.Query())
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	err := c.readBody(media)
	if token := c.params["token"]; token != "" && !c.header {
		c.token = token
	}
	delete(c.params, "token")
	return err
}

func (c *call) readBody(media string) error {
	switch {
	case len(c.rawBody) == 0:
		return nil
	case media == "application/json" || c.method == "response_url":
		fields, err := mustBeJSON(c.rawBody)
		if err != nil {
			return err
		}
		c.addJSON(fields)
		return nil
	case media == "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(c.rawBody))
		if err != nil {
			return refuse("invalid_form_data")
		}
		c.addForm(form)
		return nil
	case media == "":
		return refuse("missing_post_type")
	}
	return refuse("invalid_post_type")
}

func (c *call) addForm(form url.Values) {
	for k, v := range form {
		c.params[k] = v[0]
	}
}

func (c *call) addJSON(fields map[string]json.RawMessage) {
	for k, raw := range fields {
		var text string
		switch {
		case string(raw) == "null":
		case raw[0] == '"' && json.Unmarshal(raw, &text) == nil:
			c.params[k] = text
		default:
			c.params[k] = string(raw)
		}
	}
}

func (c *call) has(name string) bool { _, ok := c.params[name]; return ok }

func (c *call) str(name string) string { return c.params[name] }

func (c *call) raw(name string) json.RawMessage {
	if c.params[name] == "" {
		return nil
	}
	return json.RawMessage(c.params[name])
}

func (c *call) yes(name string) bool { return c.params[name] == "true" || c.params[name] == "1" }

func (c *call) number(name string, otherwise int) int {
	n, err := strconv.Atoi(c.params[name])
	if err != nil {
		return otherwise
	}
	return n
}

func (c *call) list(name string) []string {
	text := c.params[name]
	var items []string
	if strings.HasPrefix(text, "[") && json.Unmarshal([]byte(text), &items) == nil {
		return items
	}
	for _, item := range strings.Split(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func isEmptyList(raw json.RawMessage) bool {
	text := strings.TrimSpace(string(raw))
	return text == "" || text == "null" || text == "[]" || text == `""`
}

func nonEmpty(raw json.RawMessage) json.RawMessage {
	if isEmptyList(raw) {
		return nil
	}
	return raw
}
