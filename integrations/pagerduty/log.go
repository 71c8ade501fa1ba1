package pagerduty

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

type wireLogEntry struct {
	ID        string         `json:"id"`
	Type      string         `json:"type"`
	Created   *time.Time     `json:"created_at"`
	Agent     pd.APIObject   `json:"agent"`
	User      pd.APIObject   `json:"user"`
	Assignees []pd.APIObject `json:"assignees"`
	Note      string         `json:"note"`
	Channel   struct {
		Type         string `json:"type"`
		Summary      string `json:"summary"`
		Notification struct {
			Type string `json:"type"`
		} `json:"notification"`
	} `json:"channel"`
}

func (w wireLogEntry) entry() LogEntry {
	e := LogEntry{ID: w.ID, Kind: strings.TrimSuffix(strings.TrimSuffix(w.Type, "_reference"), "_log_entry"), At: when(w.Created),
		Agent: refOf(w.Agent), AgentKind: strings.TrimSuffix(w.Agent.Type, "_reference"), Users: refsOf(w.Assignees),
		Channel: w.Channel.Type, Note: w.Note}
	if e.Kind == "acknowledgement" { // PagerDuty describes it both ways
		e.Kind = "acknowledge"
	}
	if e.Kind == "notify" {
		if w.User.ID != "" {
			e.Users = []Ref{refOf(w.User)}
		}
		if w.Channel.Notification.Type != "" {
			e.Channel = strings.TrimSuffix(w.Channel.Notification.Type, "_notification")
		}
	}
	if e.Kind == "annotate" && e.Note == "" {
		e.Note = w.Channel.Summary
	}
	return e
}

// Log returns what happened to an incident, oldest first, from since on (the zero time: all of it). What happened in the
// very second of since may come again: entries are known by their ID.
func (c *Client) Log(ctx context.Context, incidentID string, since time.Time) ([]LogEntry, error) {
	query := url.Values{"include[]": {"channels"}}
	if !since.IsZero() {
		query.Set("since", stamp(since))
	}
	k := get("read an incident's log", about("incident", incidentID), []string{"incidents", incidentID, "log_entries"}, query, nil)
	list, err := all[wireLogEntry](ctx, c, k, "log_entries")
	if err != nil {
		return nil, err
	}
	slices.Reverse(list) // PagerDuty's newest stands first
	var out []LogEntry
	seen := map[string]bool{}
	for _, w := range list {
		if !seen[w.ID] { // pages shift while they are read
			seen[w.ID] = true
			out = append(out, w.entry())
		}
	}
	slices.SortStableFunc(out, func(a, b LogEntry) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	return out, nil
}

// Level tells from a whole log at which level of its policy an incident stands: PagerDuty does not say it anywhere else.
// Each escalation counts as one level, so after somebody skipped levels it is too low; 0 when the log begins later.
func Level(log []LogEntry) int {
	level := 0
	for _, e := range log {
		switch e.Kind {
		case "trigger", "repeat_escalation_path":
			level = 1
		case "escalate":
			if level > 0 {
				level++
			}
		}
	}
	return level
}
