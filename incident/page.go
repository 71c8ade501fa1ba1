package incident

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"shipmate/store"
	"shipmate/work"
)

// PageState is where a page stands.
type PageState string

// The states of a page.
const (
	Sending      PageState = "sending"      // it is being handed to PagerDuty
	Accepted     PageState = "accepted"     // PagerDuty took it and has not shown what it made of it
	Triggered    PageState = "triggered"    // PagerDuty calls people, and nobody has acknowledged
	Acknowledged PageState = "acknowledged" // somebody sees to it
	Resolved     PageState = "resolved"
	Withdrawn    PageState = "withdrawn"  // its incident was over before PagerDuty took it
	NotSent      PageState = "not_sent"   // it was given up: what to do instead is for people
	Unfollowed   PageState = "unfollowed" // it is open for so long that it is no longer looked at
)

// Ended tells whether nothing more is done about the page.
func (s PageState) Ended() bool {
	return s == Resolved || s == NotSent || s == Withdrawn || s == Unfollowed
}

// open tells whether PagerDuty has an incident of it that somebody can do something about.
func (s PageState) open() bool { return s == Triggered || s == Acknowledged }

const (
	// WarnAfter is when people are told that PagerDuty has not taken a page yet.
	WarnAfter = time.Minute
	// GiveUpAfter is when a page is given up that PagerDuty did not take.
	GiveUpAfter = 15 * time.Minute
	// SilentAfter is when a page is called unanswered: how long PagerDuty's own advice gives each level before the next is called
	// (PagerDuty incident response documentation: On-call, escalation time-out of 5 minutes).
	SilentAfter = 5 * time.Minute
	// FollowFor is how long a page is looked at that nobody resolves.
	FollowFor = 72 * time.Hour
	// maxSummary is the longest summary PagerDuty keeps, in characters (PagerDuty: Events API v2).
	maxSummary = 1024
	// maxMoments is how much of a page's history is kept: the first and the newest.
	maxMoments = 60
)

// Page is a wish that somebody be called, and what became of it. It is the record behind its card; fields are only ever added.
type Page struct {
	ID      string    `json:"id"` // also the key of its incident on PagerDuty
	Request string    `json:"request"`
	Stage   int       `json:"stage"` // rises whenever what the buttons mean changes
	State   PageState `json:"state"`

	By      string    `json:"by"`                // Slack ID
	ByName  string    `json:"by_name,omitempty"` // for those who read it outside Slack
	Channel string    `json:"channel,omitempty"`
	Home    string    `json:"home,omitempty"` // the channel of the team that is called
	Created time.Time `json:"created"`
	Ended   time.Time `json:"ended,omitzero"`

	Subject Subject `json:"subject"`
	Message string  `json:"message"`
	// Link is the page of what it is about, if it was asked for from one: a message, a deployment.
	Link string `json:"link,omitempty"`
	// Called are those who were on call when it was asked for, as the person who confirmed saw them.
	Called []Calling `json:"called,omitempty"`
	// Incident is the ID of the incident that pages; empty when a person does. Private says that it is a restricted one.
	Incident string `json:"incident,omitempty"`
	Private  bool   `json:"private,omitempty"`
	// To is how it is handed over.
	To Route `json:"to"`

	// Tries counts the times it was sent; Trying is set while nobody knows how the last one ended, and Unclear once one may have
	// arrived though no answer did.
	Tries   int       `json:"tries,omitempty"`
	Trying  bool      `json:"trying,omitempty"`
	Unclear bool      `json:"unclear,omitempty"`
	Taken   time.Time `json:"taken,omitzero"` // when PagerDuty accepted it
	// Trouble is why PagerDuty could not be asked last; nil when it could.
	Trouble *Trouble `json:"trouble,omitempty"`
	// Late says that people were told that it is not accepted yet.
	Late bool `json:"late,omitempty"`
	// Through is when PagerDuty showed it after people were told that it was late.
	Through time.Time `json:"through,omitzero"`
	// Why it was given up, one sentence.
	Why string `json:"why,omitempty"`
	// Again is the page that was asked for in its place.
	Again string `json:"again,omitempty"`

	// Alarm is what PagerDuty made of it.
	Alarm *Alarm `json:"alarm,omitempty"`
	// Moments are what happened, in order.
	Moments []Moment `json:"moments,omitempty"`
	Seen    string   `json:"seen,omitempty"` // the newest log entry of PagerDuty's that was read
	// Escalated is when the newest escalation was that the timeline of its incident has.
	Escalated time.Time `json:"escalated,omitzero"`
	// Waiting is since when nobody has answered: when PagerDuty took it, or called people again after an answer; zero while
	// somebody sees to it.
	Waiting time.Time `json:"waiting,omitzero"`
	// Silent is when nobody had answered for SilentAfter; zero while they may.
	Silent time.Time `json:"silent,omitzero"`
	// Acts are what people did with it from here.
	Acts []Act `json:"acts,omitempty"`
}

// Route is how a page gets to PagerDuty: as an event of a service there, or as an incident on a service that calls a person or a
// policy.
type Route struct {
	Service string `json:"service"`          // ID on PagerDuty
	Event   bool   `json:"event,omitempty"`  // through the Events API
	User    string `json:"user,omitempty"`   // whom the incident is assigned to
	Policy  string `json:"policy,omitempty"` // by which it calls
	From    string `json:"from,omitempty"`   // in whose name, an address
}

// Calling is somebody who would be called, and at which level.
type Calling struct {
	Who   Person        `json:"who"`
	Level int           `json:"level"`
	After time.Duration `json:"after,omitempty"` // how long their level is given before the next is called
}

// Alarm is a page on PagerDuty.
type Alarm struct {
	ID       string    `json:"id"`
	Number   int       `json:"number,omitempty"`
	URL      string    `json:"url,omitempty"`
	Assigned []Person  `json:"assigned,omitempty"`
	Acked    []Person  `json:"acked,omitempty"` // who acknowledged
	Level    int       `json:"level,omitempty"`
	Urgency  string    `json:"urgency,omitempty"`
	AsOf     time.Time `json:"as_of"` // when PagerDuty said so
}

// Moment is one thing that happened to a page.
type Moment struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"` // trigger, notify, acknowledge, escalate, resolve, annotate, …: PagerDuty's words
	Who  *Person   `json:"who,omitempty"`
	To   []Person  `json:"to,omitempty"`
	How  string    `json:"how,omitempty"` // phone, sms, …
	Note string    `json:"note,omitempty"`
}

// Trouble is why PagerDuty cannot be asked.
type Trouble struct {
	Since time.Time `json:"since"`
	Why   string    `json:"why"`
	Tries int       `json:"tries"`
}

// PageWant is whom somebody wants called.
type PageWant struct {
	// Request is the ID of the request; the same request makes the same page.
	Request string
	At      time.Time
	By      string // Slack ID
	Channel string
	Subject Subject
	Message string
	Link    string
	// Incident is the ID of the incident that pages, and Private says that it is a restricted one, of which PagerDuty reads no more
	// than the message.
	Incident string
	Private  bool
	// Again is the page that was not sent and that this one is in the place of.
	Again string
}

// PageID is the page that a request makes, the same however often it is asked: "p-" and ten characters.
func PageID(request string) string {
	sum := sha256.Sum256([]byte("page\x00" + request))
	return "p-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:10]
}

var pageID = regexp.MustCompile(`^p-[a-z2-7]{10}$`)

// IsPageID tells whether s is written like the ID of a page.
func IsPageID(s string) bool { return pageID.MatchString(s) }

// PageRecord returns the page with that ID, or ErrNotFound.
func (s *Service) PageRecord(ctx context.Context, id string) (*Page, error) {
	var p *Page
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		p, err = loadPage(snap, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading page %s: %w", id, err)
	}
	return p, nil
}

// Page writes down that somebody is to be called; steps do it. The same request makes one page. The errors are those of Preview.
func (s *Service) Page(ctx context.Context, w PageWant) (*Page, error) {
	p, err := s.PageRecord(ctx, PageID(w.Request))
	if !errors.Is(err, ErrNotFound) {
		return p, err
	}
	preview, err := s.preview(ctx, w, s.justAsked)
	if err != nil {
		return nil, err
	}
	cfg := s.current()
	planned := Page{ID: PageID(w.Request), Request: w.Request, Stage: 1, State: Sending, By: w.By, ByName: s.nameOf(ctx, w.By), Channel: w.Channel,
		Home: homeOf(cfg, w.Subject), Created: w.At.UTC(), Subject: w.Subject, Message: strings.TrimSpace(w.Message), Link: w.Link,
		Called: preview.Called, To: preview.To, Incident: w.Incident, Private: w.Private}
	if w.Private {
		planned.ByName, planned.Link = "Shipmate", ""
	}
	planned.To.From, _ = s.from(ctx, w.By)
	err = work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		p, err = loadPage(tx, planned.ID)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		if w.Again != "" {
			if _, err := s.changePageIn(tx, w.Again, func(_ store.Tx, old *Page) error { return old.again(planned.ID) }); err != nil {
				return err
			}
			if err := s.pagedAgain(tx, w, planned.ID); err != nil {
				return err
			}
		}
		copied := planned
		p = &copied
		if err := store.Save(tx, pageKey(p.ID), p); err != nil {
			return err
		}
		if err := tx.Put(openKey(p), []byte(p.ID)); err != nil {
			return err
		}
		if err := wakePage(tx, p.ID); err != nil {
			return err
		}
		return wakePageCard(tx, p.ID)
	})
	if err != nil {
		return nil, fmt.Errorf("writing a page: %w", err)
	}
	return p, nil
}

// again notes the page in the place of one that was not sent. There is one: whoever presses second learns of the first.
func (p *Page) again(id string) error {
	switch {
	case p.State != NotSent:
		return &Refused{Code: WasSent, Page: p}
	case p.Again != "":
		return &Refused{Code: PagedAgain, Page: p}
	}
	p.Again = id
	return nil
}

// card is the runner's domain of the live messages.
const card = "card"
