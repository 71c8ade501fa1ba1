package config

import (
	"fmt"
	"strings"
)

// place is where a key and its value stand, counted from 1.
type place struct {
	line, col           int // of the key; of the item in a list
	valueLine, valueCol int
}

// At says where a key path such as "environments.production.freeze[0]" stands: "shipmate.yaml:33:5". For a key that is not
// in the file (a default) it says where the section around it stands, at last the file alone.
func (c *Config) At(path string) string {
	for ; path != ""; path = parent(path) {
		if p, ok := c.places[path]; ok {
			return fmt.Sprintf("%s:%d:%d", c.file, p.line, p.col)
		}
	}
	return c.file
}

func parent(path string) string {
	end := strings.LastIndexAny(path, ".[")
	return path[:max(end, 0)]
}
