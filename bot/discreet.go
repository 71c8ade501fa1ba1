package bot

import (
	"context"
	"regexp"
	"strings"
)

// recordNumber is a word that names a record by its number, "#12", as far as it stands at the beginning of what follows a name.
var recordNumber = regexp.MustCompile(`^#[A-Za-z-]*[0-9]+(\s|$)`)

// kept is the line of a request as the audit log keeps it: whole, or without what a discreet command was told in free words.
func (b *Bot) kept(e entry, decision string) (line string, whole bool) {
	c, rest, ok := b.router.find(e.Line)
	if !ok || rest == "" || c.Discreet == nil {
		return e.Line, true
	}
	ctx, cancel := context.WithTimeout(b.base, storeTimeout)
	defer cancel()
	if !c.Discreet(ctx, Request{ID: e.ID, At: e.At, Via: e.Via, User: e.User, Channel: e.Channel, Thread: e.Thread, Line: e.Line, Config: b.settings()}) {
		return e.Line, true
	}
	number := strings.TrimSpace(recordNumber.FindString(rest))
	if fits := decision == "allowed" || decision == "refused"; number == rest || fits && !b.router.takesFreeWords(c) {
		return e.Line, true
	}
	return strings.Join(strings.Fields(c.Name+" "+number+" …"), " "), false
}

// takesFreeWords tells whether a command has an argument that may be anything.
func (r *router) takesFreeWords(c *Command) bool {
	for _, u := range r.usages[c.Name] {
		for _, sl := range u.slots {
			if _, known := r.kinds[sl.name]; sl.rest || !known {
				return true
			}
		}
	}
	return false
}
