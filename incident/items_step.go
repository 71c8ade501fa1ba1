package incident

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
)

const (
	// itemEvery is how often an open issue is looked at, closedEvery one that is closed, for closedFor, since people open them again.
	itemEvery   = time.Hour
	closedEvery = 24 * time.Hour
	closedFor   = 14 * 24 * time.Hour
)

// StepItem opens the issue of an action item, follows it, and reminds its owner when it is late. It says when to look again.
func (s *Service) StepItem(ctx context.Context, id string) (time.Time, error) {
	it, err := s.Item(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	now := s.clock.Now()
	next := s.wantsItem(it, now)
	if !next.IsZero() && !next.After(now) {
		err := s.seeToItem(ctx, it, now)
		if ctx.Err() != nil {
			return time.Time{}, ctx.Err()
		}
		var failed *stored
		if errors.As(err, &failed) {
			return time.Time{}, failed.error
		}
		if it, err = s.changeItem(ctx, id, func(_ store.Tx, it *Item) error {
			if err == nil {
				it.Hitch = nil
				return nil
			}
			var h github.Hitch
			if it.Hitch != nil {
				h = *it.Hitch
			}
			h = h.Again(err, now)
			it.Hitch = &h
			return nil
		}); err != nil {
			return time.Time{}, err
		}
		next = s.wantsItem(it, now)
	}
	at, err := s.remindItem(ctx, it, now)
	return soonest(next, at), err
}

// wantsItem is when GitHub is asked about it next.
func (s *Service) wantsItem(it *Item, now time.Time) time.Time {
	at := now
	last := s.askedAt("item" + it.ID)
	switch {
	case it.State == ItemOpening:
	case it.State == ItemOpen && !last.IsZero():
		at = last.Add(itemEvery)
	case it.State == ItemClosed && now.Sub(it.Closed) > closedFor:
		s.looked.Delete("item" + it.ID)
		return time.Time{}
	case it.State == ItemClosed:
		at = later(last, it.Closed).Add(closedEvery)
	}
	if it.Hitch != nil {
		return later(at, it.Hitch.Next)
	}
	return at
}

func (s *Service) seeToItem(ctx context.Context, it *Item, now time.Time) error {
	if it.State == ItemOpening {
		return s.openItem(ctx, it, now)
	}
	issue, err := s.github.Issue(ctx, it.Repo, it.Issue)
	if err != nil {
		return err
	}
	s.looked.Store("item"+it.ID, now)
	_, err = s.changeItem(ctx, it.ID, func(_ store.Tx, it *Item) error {
		it.URL = issue.URL
		switch {
		case issue.State == "closed" && it.State == ItemOpen:
			it.State, it.Closed, it.Reason = ItemClosed, later(issue.ClosedAt, it.Created), issue.StateReason
		case issue.State == "open" && it.State == ItemClosed:
			it.State, it.Closed, it.Reason, it.Reminded = ItemOpen, time.Time{}, "", now
		}
		return nil
	})
	return inStore(err)
}

// openItem opens the issue. When it is tried is written down before, so that what was sent is looked for first the next time, and sent
// again only after it could have been found.
func (s *Service) openItem(ctx context.Context, it *Item, now time.Time) error {
	since, latest := it.Attempted, it.Latest
	if _, err := s.changeItem(ctx, it.ID, func(_ store.Tx, it *Item) error {
		if it.Attempted.IsZero() {
			it.Attempted, it.Latest = now, now
		} else if !now.Before(it.Latest.Add(github.IssueSearch)) { // this time it may be sent
			it.Latest = now
		}
		return nil
	}); err != nil {
		return inStore(err)
	}
	want := github.NewIssue{Repo: it.Repo, Title: it.Action, Body: it.body(), Labels: []string{s.current().Postmortem.ItemLabel()}, Request: "item-" + it.ID,
		Retry: !since.IsZero(), Since: since, Latest: latest}
	if it.Login != "" {
		want.Assignees = []string{it.Login}
	}
	issue, err := s.github.EnsureIssue(ctx, want)
	if err != nil {
		return err
	}
	s.looked.Store("item"+it.ID, now)
	_, err = s.changeItem(ctx, it.ID, func(_ store.Tx, it *Item) error {
		it.State, it.Issue, it.URL, it.Problems = ItemOpen, issue.Number, issue.URL, issue.Problems
		if issue.State == "closed" {
			it.State, it.Closed, it.Reason = ItemClosed, later(issue.ClosedAt, it.Created), issue.StateReason
		}
		return nil
	})
	return inStore(err)
}

// body is the description of its issue.
func (it *Item) body() string {
	var b strings.Builder
	fmt.Fprintf(&b, "An action item of the [post-mortem of INC-%d](%s).\n\n", it.Number, it.From)
	row := func(label, value string) {
		if value != "" {
			fmt.Fprintf(&b, "- %s: %s\n", label, markdown(value))
		}
	}
	row("Owner", it.Owner)
	if !it.Due.IsZero() {
		row("Due", it.Due.Format(time.DateOnly))
	}
	row("Due", it.DueText)
	row("Type", it.Type)
	b.WriteString("\nClosing this issue is what says that it is done.\n")
	return b.String()
}

// remindItem reminds the owner of a late action item more and more rarely, in their working hours; whoever owned the post-mortem where
// the owner is not known.
func (s *Service) remindItem(ctx context.Context, it *Item, now time.Time) (time.Time, error) {
	if it.State == ItemClosed || it.Due.IsZero() {
		return time.Time{}, nil
	}
	person := it.Person
	if person == "" {
		p, err := s.Postmortem(ctx, it.Postmortem)
		if errors.Is(err, ErrNotFound) { // so long ago that nobody is left to be reminded
			return time.Time{}, nil
		}
		if err != nil {
			return time.Time{}, err
		}
		person = p.Owner
	}
	hours := s.hours(ctx, person, it.Team)
	y, m, d := it.Due.Date()
	// The day is over when it is over where they live; a reminder is due with the first working hour after that.
	over := time.Date(y, m, d+1, 0, 0, 0, 0, hours.Zone).UTC()
	at := over
	if it.Reminders > 0 || !it.Reminded.Before(over) {
		at = planned(over, it.Reminded)
	}
	if at = hours.Next(later(at, now)); at.After(now) {
		return at, nil
	}
	it, err := s.changeItem(ctx, it.ID, func(tx store.Tx, it *Item) error {
		it.Reminded, it.Reminders = now, it.Reminders+1
		return s.tell(tx, Note{Person: person, Topic: Items, ID: it.ID + "-late-" + itoa(it.Reminders), At: now, Item: it})
	})
	if err != nil {
		return time.Time{}, err
	}
	return later(hours.Next(planned(over, it.Reminded)), now), nil
}
