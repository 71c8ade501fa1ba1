package slacktest

import (
	"encoding/base64"
	"slices"
	"strings"
)

func historyMethods() map[string]method {
	read := []string{"channels:history", "groups:history", "im:history"}
	return map[string]method{
		"conversations.history": {run: (*Server).history, perMin: tier3, scopes: read},
		"conversations.replies": {run: (*Server).replies, perMin: tier3, scopes: read},
	}
}

// span is the part of a channel or thread a call asks for.
type span struct {
	oldest, latest string // "" when open
	inclusive      bool
	limit          int
}

func readSpan(c *call) (span, error) {
	sp := span{inclusive: c.yes("inclusive"), limit: c.number("limit", 100)}
	var ok bool
	if c.str("oldest") != "" {
		if sp.oldest, ok = readTS(c.str("oldest")); !ok {
			return sp, refuse("invalid_ts_oldest")
		}
	}
	if c.str("latest") != "" {
		if sp.latest, ok = readTS(c.str("latest")); !ok {
			return sp, refuse("invalid_ts_latest")
		}
	}
	if sp.limit == 0 {
		sp.limit = 100
	}
	if sp.limit < 0 || sp.limit > 1000 {
		return sp, refuse("invalid_limit")
	}
	return sp, nil
}

// cut returns the messages within the span.
func (sp span) cut(list []*Message) []*Message {
	from, to := 0, len(list)
	if sp.oldest != "" {
		from = firstNotBefore(list, sp.oldest)
		if !sp.inclusive && from < to && list[from].TS == sp.oldest {
			from++
		}
	}
	if sp.latest != "" {
		to = firstNotBefore(list, sp.latest)
		if sp.inclusive && to < len(list) && list[to].TS == sp.latest {
			to++
		}
	}
	if from > to {
		return nil
	}
	return list[from:to]
}

func cursorTS(c *call) (string, error) {
	if c.str("cursor") == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(c.str("cursor"))
	ts, ok := strings.CutPrefix(string(raw), "next_ts:")
	if err != nil || !ok || !validTS(ts) {
		return "", refuse("invalid_cursor")
	}
	return ts, nil
}

func nextCursor(ts string) string { return base64.StdEncoding.EncodeToString([]byte("next_ts:" + ts)) }

// member finds a channel whose messages the bot may read: it has to be in it.
func (s *Server) member(c *call) (*room, error) {
	r, err := s.readable(c, "history")
	if err != nil {
		return nil, err
	}
	if !r.members[s.BotUserID] {
		return nil, refuse("not_in_channel")
	}
	return r, nil
}

// asked is what both listings are asked for: the channel, the span of time, and where the page before ended.
func (s *Server) asked(c *call) (r *room, sp span, cursor string, err error) {
	if r, err = s.member(c); err != nil {
		return r, sp, "", err
	}
	if sp, err = readSpan(c); err != nil {
		return r, sp, "", err
	}
	cursor, err = cursorTS(c)
	return r, sp, cursor, err
}

// history lists a channel's messages, newest first, without what is only in threads.
func (s *Server) history(c *call) (obj, error) {
	r, sp, below, err := s.asked(c)
	if err != nil {
		return nil, err
	}
	if below != "" {
		sp.latest, sp.inclusive = below, false
		if c.yes("inclusive") && sp.oldest != "" {
			sp.inclusive = true // the cursor's own message was on the page before
		}
	}
	list := []obj{}
	more, last := false, ""
	for _, m := range slices.Backward(sp.cut(r.messages)) {
		if m.inThread() && !m.Broadcast || m.TS == below {
			continue
		}
		if len(list) == sp.limit {
			more = true
			break
		}
		list, last = append(list, s.wire(m, c.yes("include_all_metadata"))), m.TS
	}
	return historyPage(list, more, last), nil
}

func historyPage(list []obj, more bool, last string) obj {
	result := obj{"messages": list, "has_more": more}
	if more {
		result["response_metadata"] = obj{"next_cursor": nextCursor(last)}
	}
	return result
}

// replies lists a thread, oldest first, its parent always at the head of the first page.
func (s *Server) replies(c *call) (obj, error) {
	r, sp, above, err := s.asked(c)
	if err != nil {
		return nil, err
	}
	thread, terr := r.threadOf(c.str("ts"))
	if terr != nil || thread == "" {
		return nil, refuse("thread_not_found")
	}
	list := []obj{}
	if parent := r.find(thread); above == "" && parent != nil {
		list = append(list, s.wire(parent, c.yes("include_all_metadata")))
	}
	more, last := false, ""
	for _, m := range sp.cut(r.threads[thread]) {
		if above != "" && !tsBefore(above, m.TS) {
			continue
		}
		if len(list) == sp.limit {
			more = true
			break
		}
		list, last = append(list, s.wire(m, c.yes("include_all_metadata"))), m.TS
	}
	if last == "" {
		last = thread
	}
	return historyPage(list, more, last), nil
}
