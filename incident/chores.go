package incident

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"shipmate/integrations/pagerduty"
	"shipmate/store"
)

const (
	// choreFor is how long a chore is tried, and how long it waits for what it stands on.
	choreFor = time.Hour
	// choreTimeout bounds one try of one, on the machine's clock, so that none keeps the others waiting.
	choreTimeout = 20 * time.Second
)

// chore does one of the chores if it is wanted, and notes how that went.
func (s *Service) chore(ctx context.Context, id, name string) (*Incident, error) {
	i, err := s.Record(ctx, id)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	c := i.Chores[name]
	if c == nil || c.State != Wanted || now.Before(c.Next) {
		return i, nil
	}
	gen := c.Gen
	bounded, cancel := context.WithTimeout(ctx, choreTimeout)
	ready, err := s.doChore(bounded, i, name)
	cancel()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == nil && !ready && now.Sub(i.Created) < choreFor:
		return i, nil // something else comes first
	}
	return s.changeIncident(ctx, id, func(_ store.Tx, i *Incident) error {
		c := i.Chores[name]
		switch {
		case c == nil || c.Gen != gen: // wanted anew meanwhile
			return nil
		case err == nil && !ready:
			c.State, c.Why = Failed, "What it stands on was never there."
			return nil
		case err == nil:
			c.State, c.Why, c.Next = Done, "", time.Time{}
			return nil
		}
		why, forGood, wait := s.whyNot(err)
		if c.Since.IsZero() {
			c.Since = now
		}
		c.Tries++
		c.Why = why
		c.Next = now.Add(max(pause(c.Tries), wait))
		if forGood || now.Sub(c.Since) > choreFor {
			c.State = Failed
		}
		return nil
	})
}

// doChore does it. ready is false when what it stands on is not there yet.
func (s *Service) doChore(ctx context.Context, i *Incident, name string) (ready bool, err error) {
	if name == ChoreSettle {
		return true, s.settle(ctx, i)
	}
	if name == ChoreRoom {
		return true, s.makeRoom(ctx, i)
	}
	if name == ChoreShow {
		return s.showPostmortem(ctx, i)
	}
	if i.Room.ID == "" { // none yet, or it runs where it was declared, where nothing is ours to tidy
		return i.Chores[ChoreRoom].State == Failed, nil
	}
	switch name {
	case ChoreInvite:
		return true, s.invite(ctx, i)
	case ChoreTopic:
		return true, s.rooms.Topic(ctx, i.Room.ID, s.topic(ctx, i))
	case ChoreBookmark:
		return true, s.bookmarks(ctx, i)
	case ChorePin:
		return s.pin(ctx, i)
	}
	return true, fmt.Errorf("nobody knows the chore %s", name)
}

func (s *Service) makeRoom(ctx context.Context, i *Incident) error {
	if i.Room.ID != "" {
		return nil
	}
	channel, name, err := s.rooms.Ensure(ctx, RoomWant{ID: i.ID, Name: i.roomName(s.current().Incidents.Name), Private: i.Private, Since: i.Created,
		Purpose: i.purpose()})
	if err != nil {
		return err
	}
	s.channels.Store(channel, true)
	_, err = s.changeIncident(ctx, i.ID, func(tx store.Tx, i *Incident) error {
		i.Room.ID, i.Room.Name = channel, name
		return s.rooms.Header(tx, i.ID, channel)
	})
	return err
}

// roomName fills in how the channel is called. Of a private incident nothing of its title shows, since Slack tells everybody who
// is invited the name.
func (i *Incident) roomName(pattern string) string {
	title, service := i.Title, ""
	if len(i.Services) > 0 {
		service = i.Services[0]
	}
	if i.Private {
		title, service = "restricted", "restricted"
	}
	return strings.NewReplacer("{number}", strconv.Itoa(i.Number), "{date}", i.Created.Format("2006-01-02"), "{severity}", i.Severity,
		"{service}", service, "{title}", title).Replace(pattern)
}

func (i *Incident) purpose() string {
	if i.Private {
		return i.Name()
	}
	return i.Name() + ": " + i.Title
}

// topic is how it stands, for the top of the channel, where a mention is not shown as one.
func (s *Service) topic(ctx context.Context, i *Incident) string {
	t := fmt.Sprintf("%s · %s · %s", i.Severity, i.Status, i.Title)
	if h, ok := i.Roles[Commander]; ok {
		t += " · commander @" + s.nameOf(ctx, h.Person)
	}
	return t
}

// invite brings in those who have something to do with it. Into a private incident nobody is brought in for being on call alone: who
// has a role is, and who acknowledged a page of it.
func (s *Service) invite(ctx context.Context, i *Incident) error {
	people := i.People()
	if !i.Private {
		people = append(people, s.whoIsOn(ctx, i, people)...)
		for _, p := range i.Paged {
			if p.Page == "" {
				continue
			}
			page, err := s.PageRecord(ctx, p.Page)
			if err != nil {
				continue
			}
			for _, c := range page.Called {
				if c.Level <= 1 && c.Who.Slack != "" && !slices.Contains(people, c.Who.Slack) {
					people = append(people, c.Who.Slack)
				}
			}
		}
	}
	failed, err := s.rooms.Invite(ctx, i.Room.ID, people)
	if err == nil && len(failed) > 0 {
		return &NotInvited{People: failed}
	}
	return err
}

// whoIsOn are those who are on call for its services and are not there yet: they are wanted there whether they are paged or not.
// Of services that nobody knows to be on call for there are none.
func (s *Service) whoIsOn(ctx context.Context, i *Incident, there []string) []string {
	var out []string
	asking, cancel := context.WithTimeout(ctx, choreTimeout/2)
	defer cancel()
	for _, name := range i.Services {
		a, err := s.justAsked(asking, Subject{Of, name})
		if err != nil {
			continue
		}
		for _, shift := range a.OnCall() {
			if who := shift.Who.Slack; who != "" && !slices.Contains(there, who) && !slices.Contains(out, who) {
				out = append(out, who)
			}
		}
	}
	return out
}

// NotInvited says whom Slack did not let in.
type NotInvited struct{ People []string }

func (e *NotInvited) Error() string {
	return fmt.Sprintf("%d people could not be invited", len(e.People))
}

// UserMessage is the sentence for people.
func (e *NotInvited) UserMessage() string {
	return fmt.Sprintf("Slack did not let %d of the people in.", len(e.People))
}

// bookmarks links what one looks for in an incident: its services' dashboards and runbooks, and where it was noticed.
func (s *Service) bookmarks(ctx context.Context, i *Incident) error {
	const most = 10 // a bar of more is no help
	n := 0
	put := func(title, link string) error {
		if n++; n > most || link == "" {
			return nil
		}
		return s.rooms.Bookmark(ctx, i.Room.ID, title, link)
	}
	for _, name := range i.Services {
		service, ok := s.current().Service(name)
		if !ok {
			continue
		}
		for _, label := range sortedKeys(service.Links) {
			if err := put(service.Name+" "+label, service.Links[label]); err != nil {
				return err
			}
		}
	}
	if i.Link == "" {
		return nil
	}
	return put("Where it was noticed", i.Link)
}

// pin pins the header once it stands.
func (s *Service) pin(ctx context.Context, i *Incident) (bool, error) {
	var ts string
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		ts, err = s.rooms.HeaderAt(snap, i.ID)
		return err
	})
	if err != nil || ts == "" {
		return false, err
	}
	return true, s.rooms.Pin(ctx, i.Room.ID, ts)
}

// settle resolves the pages of a resolved incident, each by itself, in the name of whoever resolved it. Those that have ended, and
// those that end by themselves, are left.
func (s *Service) settle(ctx context.Context, i *Incident) error {
	if i.Open() {
		return nil
	}
	var failed error
	for _, p := range i.Paged {
		if p.Page == "" {
			continue
		}
		page, err := s.PageRecord(ctx, p.Page)
		switch {
		case errors.Is(err, ErrNotFound):
			continue
		case err == nil && page.State == Unfollowed && page.Alarm != nil:
			from, _ := s.from(ctx, i.ResolvedBy)
			err = s.pager.Resolve(ctx, from, page.Alarm.ID)
		case err == nil && !page.State.Ended():
			_, err = s.Act(ctx, ActWant{Request: fmt.Sprintf("%s/resolved/%d/%s", i.ID, i.Reopened, page.ID), At: s.clock.Now(), By: i.ResolvedBy,
				Page: page.ID, Deed: Resolve, AsBot: true})
		}
		switch refusedCode(err) {
		case NotAnyMore: // it ended meanwhile
		case NotYet, TooMuch: // it takes more before long
			failed = cmp.Or(failed, error(&stillSending{}))
		default:
			failed = cmp.Or(err, failed)
		}
	}
	return failed
}

// stillSending says that a page is on its way to PagerDuty. It is there or given up before long.
type stillSending struct{}

func (*stillSending) Error() string { return "a page is being handed to PagerDuty" }

// whyNot says why a chore was not done, whether trying again is of no use, and how long to wait otherwise.
func (s *Service) whyNot(err error) (why string, forGood bool, wait time.Duration) {
	var some *NotInvited
	var sending *stillSending
	var pager *pagerduty.Error
	switch {
	case errors.As(err, &some):
		return some.UserMessage(), true, 0
	case errors.As(err, &sending):
		return "One of them is still being handed to PagerDuty.", false, 10 * time.Second
	case errors.As(err, &pager):
		why, wait = explain(err)
		return why, !pagerduty.IsPassing(err) && !pagerduty.IsUnclear(err), wait
	case errors.Is(err, context.DeadlineExceeded):
		return "It took too long.", false, 0
	}
	return s.rooms.Refuses(err)
}
