package incident

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/store"
)

// pagingOf are the subjects that a severity pages for an incident.
func pagingOf(i *Incident, whom []string) []Subject {
	var out []Subject
	add := func(sub Subject) {
		if !slices.Contains(out, sub) {
			out = append(out, sub)
		}
	}
	for _, name := range whom {
		if name != config.ServicesOnCall {
			add(Subject{Team, name})
			continue
		}
		for _, service := range i.Services {
			add(Subject{Of, service})
		}
	}
	return out
}

// page wants subjects paged for a severity: each once per severity, however often that is reached, until the incident is opened again.
func (i *Incident) page(severity string, subs []Subject) {
	for _, sub := range subs {
		if !slices.ContainsFunc(i.Paged, func(p Paging) bool { return p.Severity == severity && p.Subject == sub && p.Round == i.Reopened }) {
			i.Paged = append(i.Paged, Paging{Severity: severity, Subject: sub, Round: i.Reopened})
		}
	}
}

// request is what the page is known by, the same after a crash.
func (p Paging) request(incident string) string {
	return incident + "/" + itoa(p.Round) + "/" + p.Severity + "/" + p.Subject.Key()
}

// decided tells whether a page was made, or never will be.
func (p Paging) decided() bool { return p.Page != "" || p.Why != "" || p.With != Subject{} }

// pageOut makes the pages that are wanted and not made. Of an incident that is over none is made any more, nor one that would call the
// same people once more.
func (s *Service) pageOut(ctx context.Context, i *Incident) error {
	for n := range i.Paged {
		p := i.Paged[n]
		if p.decided() {
			continue
		}
		var what outcome
		made, err := s.PageRecord(ctx, PageID(p.request(i.ID))) // before a crash: that one calls already, whatever is known now
		if what.page = made; errors.Is(err, ErrNotFound) {
			what, err = s.makePage(ctx, i, n)
		}
		if err != nil {
			return err
		}
		if i, err = s.changeIncident(ctx, i.ID, func(tx store.Tx, i *Incident) error {
			p := &i.Paged[n]
			line := Line{At: s.clock.Now(), Kind: LinePaged, By: i.By, Text: p.Subject.Key()}
			switch {
			case what.page == nil && what.why == "":
				p.With, line.From = what.with, what.with.Key()
			case what.page == nil:
				p.Why, line.Kind, line.From = what.why, LineNotPaged, what.why
			default:
				p.Page, line.Link = what.page.ID, what.page.ID
				i.again(ChoreInvite) // whoever is called is wanted there
			}
			return s.note(tx, i, line)
		}); err != nil {
			return err
		}
	}
	return nil
}

// outcome is what becomes of a page that is wanted: it is made; or it is not, for a reason, a code, or since the page to another subject
// calls the same people.
type outcome struct {
	page *Page
	why  string
	with Subject
}

// makePage makes the nth page of an incident unless there is no need to.
func (s *Service) makePage(ctx context.Context, i *Incident, n int) (outcome, error) {
	p := i.Paged[n]
	if !i.Open() {
		return outcome{why: string(IsOver)}, nil
	}
	if with := s.callsAlready(ctx, i, n); with != (Subject{}) {
		return outcome{with: with}, nil
	}
	made, err := s.Page(ctx, PageWant{Request: p.request(i.ID), At: s.clock.Now(), By: i.By, Channel: i.Where(), Subject: p.Subject,
		Message: i.pageText(), Link: i.Link, Incident: i.ID, Private: i.Private})
	var refused *Refused
	if errors.As(err, &refused) {
		return outcome{why: string(refused.Code)}, nil
	}
	return outcome{page: made}, err
}

// callsAlready is the subject of a page before the nth, for the same severity, that calls by the same escalation policy on PagerDuty and
// has not ended; zero when there is none. It is that, too, when nobody can say which policy it is: to be called twice is better than not
// at all.
func (s *Service) callsAlready(ctx context.Context, i *Incident, n int) Subject {
	asking, cancel := context.WithTimeout(ctx, choreTimeout/2)
	defer cancel()
	p := i.Paged[n]
	for _, before := range i.Paged[:n] {
		if before.Page == "" || before.State.Ended() || before.Severity != p.Severity || before.Round != p.Round {
			continue
		}
		if policy := s.policyCalled(asking, p.Subject); policy != "" && policy == s.policyCalled(asking, before.Subject) {
			return before.Subject
		}
	}
	return Subject{}
}

// policyCalled is the escalation policy by which a page to a subject calls; empty when it calls by none, or nobody can say which.
func (s *Service) policyCalled(ctx context.Context, sub Subject) string {
	p := &Preview{Subject: sub}
	if err := s.route(p, s.current()); err != nil || !p.To.Event {
		return p.To.Policy
	}
	policy, err := s.policyOf(ctx, p.To.Service)
	if err != nil {
		return ""
	}
	return policy
}

// pagedAgain puts the page that is made in the place of one that was not sent in its place in the incident, too.
func (s *Service) pagedAgain(tx store.Tx, w PageWant, page string) error {
	if w.Incident == "" {
		return nil
	}
	_, err := s.changeIncidentIn(tx, w.Incident, func(tx store.Tx, i *Incident) error {
		at := i.pagingOf(w.Again)
		if at < 0 {
			return nil
		}
		i.Paged[at].Page, i.Paged[at].State, i.Paged[at].Shown = page, Sending, true // whoever pages again is shown it
		return s.note(tx, i, Line{At: w.At, Kind: LinePaged, By: w.By, Text: w.Subject.Key(), Link: page})
	})
	return err
}

// pagingOf is which of the pages of an incident has that ID, also before that is written down; -1 for none.
func (i *Incident) pagingOf(page string) int {
	return slices.IndexFunc(i.Paged, func(p Paging) bool { return p.Page == page || p.Page == "" && PageID(p.request(i.ID)) == page })
}

// pageText is what whoever is woken reads. Of a private incident PagerDuty is told no more than its number: more people read there.
func (i *Incident) pageText() string {
	if i.Private {
		return i.Name() + ": restricted incident"
	}
	return i.Name() + " " + i.Severity + ": " + i.Title
}

// calledOff tells since when the incident of a page is over, if it is, so that nobody is to be called any more.
func (s *Service) calledOff(ctx context.Context, p *Page) (since time.Time, ok bool) {
	if p.Incident == "" {
		return time.Time{}, false
	}
	i, err := s.Record(ctx, p.Incident)
	if err != nil || i.Open() {
		return time.Time{}, false
	}
	return i.Resolved, true
}

// tellIncident writes down in its incident how a page stands and who has acknowledged it, and in the timeline what has become of it.
func (s *Service) tellIncident(tx store.Tx, before PageState, answered []string, p *Page) error {
	fresh := without(p.answered(), answered)
	if before == p.State && len(fresh) == 0 || p.Incident == "" {
		return nil
	}
	_, err := s.changeIncidentIn(tx, p.Incident, func(tx store.Tx, i *Incident) error {
		first := i.noteAnswer(p)
		if fresh = without(fresh, i.Answered); len(fresh) > 0 {
			i.Answered = append(i.Answered, fresh...)
			i.again(ChoreInvite)
		}
		if before == p.State {
			return nil
		}
		line := Line{At: s.clock.Now(), Text: p.Subject.Key(), Link: p.ID}
		switch p.State {
		case Acknowledged:
			return s.note(tx, i, p.ackLine(line))
		case Resolved:
			if first && before != Acknowledged { // somebody did both before it was looked at
				if err := s.note(tx, i, p.ackLine(line)); err != nil {
					return err
				}
			}
			line.Kind, line.At = LinePageOver, p.Ended
		case NotSent:
			line.Kind, line.From = LineNotPaged, p.Why
		case Withdrawn:
			line.Kind, line.From = LineNotPaged, string(IsOver)
		default:
			return nil
		}
		return s.note(tx, i, line)
	})
	return unlessSwept(err)
}

// noteAnswer writes down how a page of the incident stands, and who answered it first. It tells whether that is new.
func (i *Incident) noteAnswer(p *Page) (fresh bool) {
	first := slices.IndexFunc(p.Moments, func(m Moment) bool { return m.Kind == "acknowledge" })
	if first >= 0 && i.Acked.IsZero() {
		i.Acked = p.Moments[first].At
	}
	at := i.pagingOf(p.ID)
	if at < 0 {
		return false
	}
	page := &i.Paged[at]
	if page.State = p.State; first < 0 || !page.Acked.IsZero() {
		return false
	}
	page.Acked, page.AckedBy = p.Moments[first].At, p.Moments[first].Who
	return true
}

// ackLine is a line with who acknowledged the page last.
func (p *Page) ackLine(line Line) Line {
	line.Kind = LineAcknowledged
	for _, m := range p.Moments {
		if m.Kind == "acknowledge" {
			line.At = m.At
			if m.Who != nil {
				line.Whom, line.From = m.Who.Slack, m.Who.Name
			}
		}
	}
	return line
}

// tellEscalations writes into the timeline of its incident to whom a page went on, each time once; moments are all there are.
func (s *Service) tellEscalations(tx store.Tx, p *Page, moments []Moment) error {
	var lines []Line
	for _, m := range moments {
		if m.Kind != "escalate" || !m.At.After(p.Escalated) {
			continue
		}
		line := Line{At: m.At, Kind: LineEscalated, Text: p.Subject.Key(), Link: p.ID}
		if m.Who != nil {
			line.By = m.Who.Slack
		}
		var names []string
		for _, who := range m.To {
			names = append(names, who.Name)
		}
		if line.From = strings.Join(names, ", "); len(m.To) == 1 {
			line.Whom = m.To[0].Slack
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 || p.Incident == "" {
		return nil
	}
	p.Escalated = lines[len(lines)-1].At
	_, err := s.changeIncidentIn(tx, p.Incident, func(tx store.Tx, i *Incident) error {
		for _, line := range lines {
			if err := s.note(tx, i, line); err != nil {
				return err
			}
		}
		return nil
	})
	return unlessSwept(err)
}

// unlessSwept leaves an incident be that is not kept any more.
func unlessSwept(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// answered are those who acknowledged a page, as far as they are known on Slack.
func (p *Page) answered() []string {
	var out []string
	add := func(who *Person) {
		if who != nil && who.Slack != "" && !slices.Contains(out, who.Slack) {
			out = append(out, who.Slack)
		}
	}
	for _, m := range p.Moments {
		if m.Kind == "acknowledge" {
			add(m.Who)
		}
	}
	if p.Alarm != nil {
		for n := range p.Alarm.Acked {
			add(&p.Alarm.Acked[n])
		}
	}
	return out
}
