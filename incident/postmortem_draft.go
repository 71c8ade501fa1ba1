package incident

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/store"
)

// facts are what a document is written from, as the store has them.
type facts struct {
	Incident   *Incident
	Postmortem *Postmortem
	Lines      []Line
	Zone       *time.Location
}

// maxDocLines is how much of a timeline a document has: the beginning and the end of one that is longer.
const maxDocLines = 500

// factsOf reads them in one snapshot.
func (s *Service) factsOf(ctx context.Context, id string) (*facts, error) {
	f := &facts{Zone: time.UTC}
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		if f.Postmortem, err = loadPostmortem(snap, id); err != nil {
			return err
		}
		if f.Incident, err = loadIncident(snap, id); err != nil {
			return err
		}
		f.Lines, err = linesIn(snap, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading what the post-mortem of %s is written from: %w", id, err)
	}
	if t, ok := s.current().Team(f.Postmortem.Team); ok {
		f.Zone = t.Location()
	}
	return f, nil
}

// linesIn are the lines of an incident, oldest first.
func linesIn(snap store.Snapshot, id string) ([]Line, error) {
	var out []Line
	for _, value := range snap.Scan(linesOf(id), "") {
		var l Line
		if err := json.Unmarshal(value, &l); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// sum names the facts: with other ones the document says something else. What people are called is none of them.
func (f *facts) sum() string {
	i, p := f.Incident, f.Postmortem
	data, err := json.Marshal([]any{i.Title, i.Severity, i.Services, i.Impact, i.Link, i.By, i.Roles, i.Created, i.Acked, i.Mitigated, i.Resolved, i.ResolvedBy,
		i.Reopened, i.Paged, i.Suspect, i.Earlier, p.Owner, p.Due, f.Lines, f.Zone.String()})
	if err != nil { // of plain values: cannot fail
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}

// document writes the facts down. known is false when Slack did not tell some of the names.
func (s *Service) document(ctx context.Context, f *facts) (d document, known bool) {
	i, p := f.Incident, f.Postmortem
	n, known := s.namesIn(ctx, f)
	d = document{ID: i.Name(), Title: n.words(i.Title), Severity: i.Severity, Owner: cmp.Or(n.names[p.Owner], somebody), Services: i.Services,
		Declared: i.Created, Acked: i.Acked, Mitigated: i.Mitigated, Resolved: i.Resolved, Due: p.Due, Reopened: i.Reopened,
		DeclaredBy: n.who(i.By), Link: address(i.Link), Impact: n.plain(i.Impact), Zone: f.Zone}
	if i.ResolvedBy != "" {
		d.ResolvedBy = n.who(i.ResolvedBy)
	}
	for _, role := range Roles {
		if h, ok := i.Roles[role]; ok {
			d.Holders = append(d.Holders, fmt.Sprintf("%s: %s", role, n.name(h.Person)))
		}
	}
	for _, page := range i.Paged {
		if line := n.paged(page); line != "" {
			d.Paged = append(d.Paged, line)
		}
	}
	for _, one := range i.Suspect {
		d.Deploys = append(d.Deploys, docDeploy{At: one.Began, Service: markdown(one.Service), Environment: markdown(one.Environment), SHA: one.SHA[:min(7, len(one.SHA))],
			URL: address(one.URL), Text: n.plain(one.Subject), State: strings.ReplaceAll(one.State, "_", " "), Why: one.Why(i.Created)})
	}
	for _, c := range i.Earlier {
		d.Earlier = append(d.Earlier, c.line())
	}
	d.timelineOf(n, f.Lines)
	return d, known
}

func (d *document) timelineOf(n naming, lines []Line) {
	if d.Cut = max(0, len(lines)-maxDocLines); d.Cut > 0 {
		lines = slices.Concat(lines[:1], lines[1+d.Cut:]) // how it began stays
	}
	for _, l := range lines {
		d.Lines = append(d.Lines, docLine{At: l.At, What: n.line(l)})
	}
}

// line is an open action item in a document.
func (c Cited) line() string {
	t := markdown(c.Action)
	if c.URL != "" {
		t = fmt.Sprintf("[%s](<%s>)", t, address(c.URL))
	}
	t = fmt.Sprintf("INC-%d: %s", c.Number, t)
	if !c.Due.IsZero() {
		t += ", due " + c.Due.Format(time.DateOnly)
	}
	return t
}

// namesIn finds what everybody is called who stands in a document. known is false when Slack did not tell all.
func (s *Service) namesIn(ctx context.Context, f *facts) (n naming, known bool) {
	n, known = naming{roles: map[string]string{}, names: map[string]string{}}, true
	i := f.Incident
	people := append(i.People(), f.Postmortem.Owner, i.ResolvedBy)
	for _, l := range f.Lines {
		people = append(people, l.By, l.Whom)
		if l.Kind == LineRole {
			people = append(people, l.From)
		}
		if kind, name, _ := strings.Cut(l.Text, "/"); Kind(kind) == Someone {
			people = append(people, name)
		}
		for _, m := range slackID.FindAllString(l.Text, 20) {
			people = append(people, strings.TrimPrefix(m, "@"))
		}
	}
	asked := map[string]bool{"": true}
	for _, person := range people {
		if asked[person] {
			continue
		}
		asked[person] = true
		name, err := s.people.Name(ctx, person)
		if err != nil && slackPerson(person) {
			known = false
		}
		if err == nil && name != person && name != "" {
			n.names[person] = name
		}
	}
	titles := map[Role]string{Commander: "the commander", Comms: "the communications lead", Scribe: "the scribe"}
	for _, role := range slices.Backward(Roles) { // who has several goes by the first
		if h, ok := i.Roles[role]; ok {
			n.roles[h.Person] = titles[role]
		}
	}
	return n, known
}

// slackPerson tells whether somebody is called so by Slack, and it is no word that looks like it.
func slackPerson(id string) bool { return slackID.FindString(id) == id }
