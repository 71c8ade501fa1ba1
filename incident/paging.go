package incident

import (
	"context"
	"errors"
	"slices"

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

// page wants subjects paged for a severity: each once per incident and severity, however often it is reached.
func (i *Incident) page(severity string, subs []Subject) {
	for _, sub := range subs {
		if !slices.ContainsFunc(i.Paged, func(p Paging) bool { return p.Severity == severity && p.Subject == sub }) {
			i.Paged = append(i.Paged, Paging{Severity: severity, Subject: sub})
		}
	}
}

// pageOut makes the pages that are wanted and not made. The page's ID comes from the incident, the severity and who is paged, so
// that it is the same page after a crash.
func (s *Service) pageOut(ctx context.Context, i *Incident) error {
	for n, p := range i.Paged {
		if p.Page != "" || p.Why != "" {
			continue
		}
		made, err := s.Page(ctx, PageWant{Request: i.ID + "/" + p.Severity + "/" + p.Subject.Key(), At: s.clock.Now(), By: i.By, Channel: i.Where(),
			Subject: p.Subject, Message: i.pageText(), Link: i.Link, OfIncident: true})
		var refused *Refused
		switch {
		case errors.As(err, &refused):
			p.Why = string(refused.Code)
		case err != nil:
			return err
		default:
			p.Page = made.ID
		}
		if _, err := s.changeIncident(ctx, i.ID, func(tx store.Tx, i *Incident) error {
			i.Paged[n] = p
			line := Line{At: s.clock.Now(), Kind: LinePaged, By: i.By, Text: p.Subject.Key(), Link: p.Page}
			if p.Why != "" {
				line.Kind, line.From = LineNotPaged, p.Why
			}
			if made != nil {
				i.again(ChoreInvite) // whoever is called is wanted there
				if err := tx.Put(ofIncident(made.ID), []byte(i.ID)); err != nil {
					return err
				}
			}
			return s.note(tx, i, line)
		}); err != nil {
			return err
		}
	}
	return nil
}

// pageText is what whoever is woken reads. Of a private incident PagerDuty is told no more than its number: more people read there.
func (i *Incident) pageText() string {
	if i.Private {
		return i.Name() + " " + i.Severity + ": restricted incident"
	}
	return i.Name() + " " + i.Severity + ": " + i.Title
}

// tellIncident writes into the timeline of its incident what has become of a page.
func (s *Service) tellIncident(tx store.Tx, before PageState, p *Page) error {
	if before == p.State || p.State != Acknowledged && p.State != Resolved && p.State != NotSent {
		return nil
	}
	id, err := tx.Get(ofIncident(p.ID))
	if err != nil || id == nil {
		return err
	}
	_, err = s.changeIncidentIn(tx, string(id), func(tx store.Tx, i *Incident) error {
		line := Line{At: s.clock.Now(), Kind: LineAcknowledged, Text: p.Subject.Key(), Link: p.ID}
		switch p.State {
		case Acknowledged:
			for _, m := range p.Moments {
				if m.Kind == "acknowledge" {
					line.At = m.At
					if m.Who != nil {
						line.Whom = m.Who.Slack
						line.From = m.Who.Name
					}
				}
			}
			if i.Acked.IsZero() {
				i.Acked = line.At
			}
		case Resolved:
			line.Kind, line.At = LinePageOver, p.Ended
		case NotSent:
			line.Kind, line.From = LineNotPaged, p.Why
		}
		return s.note(tx, i, line)
	})
	return err
}
