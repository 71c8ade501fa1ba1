package incident_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"shipmate/clock"
	"shipmate/config"
	"shipmate/incident"
	"shipmate/integrations/github/githubtest"
	"shipmate/integrations/pagerduty"
	"shipmate/integrations/pagerduty/pagerdutytest"
	"shipmate/store"
	"shipmate/store/storetest"
)

// night is three in the morning in Berlin.
var night = time.Date(2026, 3, 9, 2, 0, 0, 0, time.UTC)

const shipmateYAML = `
slack: {admin_channel: "#platform"}
pagerduty: {from: bot@acme.example}
teams:
  payments: {channel: "#payments", slack_group: payments-eng, escalation_policy: PPOLPAY}
  storefront: {channel: "#storefront", slack_group: storefront, schedule: PSCHEDWEB}
  nowhere: {channel: "#nowhere", slack_group: nobody}
services:
  checkout: {repo: acme/checkout, team: payments, aliases: [shop], pagerduty_service: PSVCPAY, depends_on: [catalog], environments: [staging],
             links: {runbook: "https://runbooks.example/checkout"}}
  catalog: {repo: acme/catalog, team: storefront, pagerduty_service: PSVCWEB, environments: [staging]}
  plain: {repo: acme/plain, team: nowhere, environments: [staging]}
environments: {staging: {}}
incidents: {updates: ["#status"]}
`

// stage is a PagerDuty with a team on call, and a Service before it.
type stage struct {
	*testing.T
	*incident.Service
	clock  *clock.Manual
	pager  *pagerdutytest.Server
	github *githubtest.Server
	db     store.DB
	config *config.Config

	mu       sync.Mutex
	accounts map[string]string // proven accounts on PagerDuty, by person
	claims   map[string]string
	deaf     bool // Slack tells nothing
	nameless bool // Slack does not tell names
	zones    map[string]*time.Location
	logins   map[string]string // proven logins on GitHub, by person
	issues   map[string]int    // how many issues of a post-mortem are open, as runs has seen it
	notes    map[string]incident.Note
	rooms    roomKeeper
	deploys  []incident.Deploy

	onGitHub atomic.Pointer[func(githubtest.Call)]
	life     context.Context // of the process
	die      func()
}

// the people, by their names in Slack IDs and PagerDuty's.
const (
	anaSlack, anaID = "U0ANA", "PANA001"
	benSlack, benID = "U0BEN", "PBEN001"
	cySlack, cyID   = "U0CY", "PCY0001"
	dee             = "U0DEE" // not on PagerDuty
)

var addresses = map[string]string{anaSlack: "ana@acme.example", benSlack: "ben@acme.example", cySlack: "cy@acme.example", dee: "dee@acme.example"}

func newStage(t *testing.T, opts ...func(*pagerdutytest.Options)) *stage {
	t.Helper()
	s := &stage{T: t, clock: clock.NewManual(night), db: storetest.Rerunning(storetest.New(t)), accounts: map[string]string{}, claims: map[string]string{},
		notes: map[string]incident.Note{}}
	s.rooms = roomKeeper{made: map[string]string{}, refused: map[string]error{}, during: map[string]func(){}, headers: map[string]string{}, pages: map[string]string{}}
	o := pagerdutytest.Options{Clock: s.clock, EventDelay: time.Second}
	for _, opt := range opts {
		opt(&o)
	}
	s.pager = pagerdutytest.New(o)
	t.Cleanup(s.pager.Close)
	t.Cleanup(func() {
		for _, p := range s.pager.Problems() {
			t.Errorf("PagerDuty does not know: %s", p)
		}
	})
	phone := func(n string) []pagerdutytest.Contact {
		return []pagerdutytest.Contact{{Kind: "phone", Address: n, CountryCode: 49}}
	}
	s.pager.AddUser(pagerdutytest.User{ID: anaID, Name: "Ana Lopez", Email: "ana@acme.example", Zone: "Europe/Berlin", Contacts: phone("1511111111")})
	s.pager.AddUser(pagerdutytest.User{ID: benID, Name: "Ben Okafor", Email: "ben@acme.example", Zone: "America/Los_Angeles", Contacts: phone("1522222222")})
	s.pager.AddUser(pagerdutytest.User{ID: cyID, Name: "Cy Young", Email: "cy@acme.example", Zone: "Europe/Berlin", Contacts: phone("1533333333")})
	s.pager.AddUser(pagerdutytest.User{ID: "PBOT001", Name: "Shipmate", Email: "bot@acme.example"})
	week := 7 * 24 * time.Hour
	s.pager.AddSchedule(pagerdutytest.Schedule{ID: "PSCHEDPAY", Name: "Payments primary", Zone: "Europe/Berlin",
		Layers: []pagerdutytest.Layer{{Users: []string{anaID, benID}, Start: night.Add(-24 * time.Hour).Truncate(24 * time.Hour), Turn: week}}})
	s.pager.AddSchedule(pagerdutytest.Schedule{ID: "PSCHEDWEB", Name: "Storefront", Zone: "Europe/Berlin",
		Layers: []pagerdutytest.Layer{{Users: []string{cyID}, Start: night.Add(-24 * time.Hour), Turn: week}}})
	s.pager.AddPolicy(pagerdutytest.Policy{ID: "PPOLPAY", Name: "Payments", Loops: 1, Levels: []pagerdutytest.Level{
		{After: 5 * time.Minute, Schedules: []string{"PSCHEDPAY"}}, {After: 10 * time.Minute, Users: []string{cyID}}}})
	s.pager.AddPolicy(pagerdutytest.Policy{ID: "PPOLWEB", Name: "Storefront", Levels: []pagerdutytest.Level{{After: 5 * time.Minute, Schedules: []string{"PSCHEDWEB"}}}})
	s.pager.AddService(pagerdutytest.Service{ID: "PSVCPAY", Name: "Checkout", Policy: "PPOLPAY"})
	s.pager.AddService(pagerdutytest.Service{ID: "PSVCWEB", Name: "Catalog", Policy: "PPOLWEB"})
	s.openGitHub()
	s.configure(shipmateYAML)
	s.connect(pagerdutytest.DefaultToken)
	return s
}

// configure puts another configuration in force.
func (s *stage) configure(yaml string) {
	s.Helper()
	cfg, mistakes, _ := config.Parse("shipmate.yaml", []byte(yaml), config.Options{})
	if len(mistakes) > 0 {
		s.Fatal(mistakes)
	}
	s.config = cfg
}

// connect makes the service, as after a start.
func (s *stage) connect(token string) {
	s.Helper()
	client, err := pagerduty.New(pagerduty.Config{APIURL: s.pager.APIURL(), EventsURL: s.pager.EventsURL(), Token: token, From: "bot@acme.example",
		Clock: s.clock, Timeout: 2 * time.Second, ReadPauses: []time.Duration{time.Millisecond, time.Millisecond}})
	if err != nil {
		s.Fatal(err)
	}
	s.Service, err = incident.New(incident.Config{DB: s.db, PagerDuty: client, GitHub: s.asksGitHub(), Clock: s.clock, Current: func() *config.Config { return s.config },
		Deploys: ledger{s}, Rooms: s.rooms.rooms(), Freed: s.letsGo, People: incident.People{
			Account: func(_ store.Getter, person string) (string, bool, error) {
				s.mu.Lock()
				defer s.mu.Unlock()
				if account := s.accounts[person]; account != "" {
					return account, true, nil
				}
				return s.claims[person], false, nil
			},
			Person: func(_ store.Getter, account string) (string, bool, error) {
				s.mu.Lock()
				defer s.mu.Unlock()
				for person, is := range s.accounts {
					if is == account {
						return person, true, nil
					}
				}
				return "", false, nil
			},
			Email: func(_ context.Context, person string) (string, error) {
				if s.deaf {
					return "", errors.New("Slack does not answer")
				}
				return addresses[person], nil
			},
			ByEmail: func(_ context.Context, address string) (string, error) {
				for person, is := range addresses {
					if is == address && !s.deaf {
						return person, nil
					}
				}
				return "", nil
			},
			Name: func(_ context.Context, person string) (string, error) {
				if s.nameless {
					return "", errors.New("Slack does not answer")
				}
				return strings.ToLower(person[2:]), nil
			},
			Zone: func(_ context.Context, person string) (*time.Location, error) {
				if s.zones[person] == nil {
					return nil, errors.New("Slack does not tell")
				}
				return s.zones[person], nil
			},
			GitHub: func(_ store.Getter, person string) (string, error) { return s.logins[person], nil },
			OnGitHub: func(_ store.Getter, login string) (string, error) {
				for person, is := range s.logins {
					if is == login {
						return person, nil
					}
				}
				return "", nil
			},
		},
		Tell: func(_ store.Tx, n incident.Note) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.notes[n.Topic+" "+n.ID] = n // as the bot does: once per ID
			return nil
		}})
	if err != nil {
		s.Fatal(err)
	}
}

// letsGo notes that services are not kept out any more, by a key for each so that what does not come to pass is not noted.
func (s *stage) letsGo(tx store.Tx, services []string) error {
	for _, name := range services {
		key := store.Key("freed", name)
		n, _, err := store.Load[int](tx, key)
		if err != nil {
			return err
		}
		if err := store.Save(tx, key, n+1); err != nil {
			return err
		}
	}
	return nil
}

// ledger is what was deployed.
type ledger struct{ *stage }

// Recent implements incident.Deploys.
func (s ledger) Recent(_ context.Context, services []string, since time.Time) ([]incident.Deploy, error) {
	return slices.DeleteFunc(slices.Clone(s.deploys), func(d incident.Deploy) bool {
		return !slices.Contains(services, d.Service) || d.Began.Before(since)
	}), nil
}

// told are the IDs of what a person was told.
func (s *stage) told(person string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, n := range s.notes {
		if n.Person == person {
			out = append(out, n.ID)
		}
	}
	slices.Sort(out)
	return out
}

// pages has ana... somebody page checkout.
func (s *stage) pages(fns ...func(*incident.PageWant)) *incident.Page {
	s.Helper()
	w := incident.PageWant{Request: fmt.Sprintf("r%d", s.clock.Now().UnixNano()), At: s.clock.Now(), By: dee, Channel: "C0PAY",
		Subject: incident.Subject{Kind: incident.Of, Name: "checkout"}, Message: "payments fail"}
	for _, fn := range fns {
		fn(&w)
	}
	p, err := s.Page(context.Background(), w)
	if err != nil {
		s.Fatal(err)
	}
	return p
}

func to(kind incident.Kind, name string) func(*incident.PageWant) {
	return func(w *incident.PageWant) { w.Subject = incident.Subject{Kind: kind, Name: name} }
}

// page is the record as it stands.
func (s *stage) page(id string) *incident.Page {
	s.Helper()
	p, err := s.PageRecord(context.Background(), id)
	if err != nil {
		s.Fatal(err)
	}
	return p
}

// until steps a page, and moves time to its next step, until it is in a state.
func (s *stage) until(id string, want incident.PageState) *incident.Page {
	s.Helper()
	return s.untilPage(id, string(want), func(p *incident.Page) bool { return p.State == want })
}

func (s *stage) untilPage(id, what string, ok func(*incident.Page) bool) *incident.Page {
	s.Helper()
	for range 500 {
		p := s.page(id)
		if ok(p) {
			return p
		}
		next, err := s.StepPage(context.Background(), id)
		if err != nil {
			s.Fatal(err)
		}
		if p = s.page(id); ok(p) {
			return p
		}
		if next.IsZero() {
			s.Fatalf("it is %s, not %s, and nothing more happens: %s", p.State, what, p.Why)
		}
		if next.After(s.clock.Now()) {
			s.clock.Set(next)
		}
	}
	p := s.page(id)
	s.Fatalf("it is %s at %s, not %s: %+v, %s", p.State, s.clock.Now(), what, p.Trouble, p.Why)
	return nil
}

// onPagerDuty are the incidents that PagerDuty has of a page.
func (s *stage) onPagerDuty(page string) []pagerdutytest.Incident {
	var out []pagerdutytest.Incident
	for _, i := range s.pager.Incidents() {
		if i.Key == page {
			out = append(out, i)
		}
	}
	return out
}

// one is the only incident that PagerDuty has of a page.
func (s *stage) one(page string) pagerdutytest.Incident {
	s.Helper()
	all := s.onPagerDuty(page)
	if len(all) != 1 {
		s.Fatalf("PagerDuty has %d incidents of %s", len(all), page)
	}
	return all[0]
}

func (s *stage) refuses(want incident.Code, err error) *incident.Refused {
	s.Helper()
	var r *incident.Refused
	if !errors.As(err, &r) || r.Code != want {
		s.Fatalf("got %v, want the refusal %s", err, want)
	}
	return r
}

// roomKeeper is where people talk: it remembers what was asked of it, and refuses what it is told to.
type roomKeeper struct {
	mu      sync.Mutex
	made    map[string]string // channels by incident
	headers map[string]string
	pages   map[string]string // where their cards stand
	names   []string
	private []string
	invited []string
	topics  []string
	links   []string
	pins    []string
	shown   []string
	learnt  []string // where the messages about post-mortems stand
	texts   []string // parts of documents
	said    []string
	refused map[string]error  // by what
	during  map[string]func() // what happens, once, while that is asked
	lost    bool              // where the header stands is not known
}

// forGood is a refusal that trying again does not change.
type forGood string

func (e forGood) Error() string { return string(e) }

func (k *roomKeeper) rooms() incident.Rooms {
	do := func(what string, fn func()) error {
		k.mu.Lock()
		defer k.mu.Unlock()
		if meanwhile := k.during[what]; meanwhile != nil {
			delete(k.during, what)
			meanwhile()
		}
		if err := k.refused[what]; err != nil {
			return err
		}
		fn()
		return nil
	}
	return incident.Rooms{
		Ensure: func(_ context.Context, r incident.RoomWant) (channel, name string, err error) {
			err = do("room", func() {
				if k.made[r.ID] == "" {
					k.made[r.ID] = fmt.Sprintf("C0ROOM%d", len(k.made)+1)
					k.names = append(k.names, r.Name)
					if r.Private {
						k.private = append(k.private, r.Name)
					}
				}
				channel, name = k.made[r.ID], r.Name
			})
			return channel, name, err
		},
		Invite: func(_ context.Context, _ string, people []string) (failed []string, err error) {
			return nil, do("invite", func() { k.invited = append(k.invited, people...) })
		},
		Topic: func(_ context.Context, _, topic string) error {
			return do("topic", func() { k.topics = append(k.topics, topic) })
		},
		Bookmark: func(_ context.Context, _, title, _ string) error {
			return do("bookmark", func() { k.links = append(k.links, title) })
		},
		Header: func(_ store.Tx, id, _ string) error {
			return do("header", func() { k.headers[id] = "1.0" })
		},
		Page: func(_ store.Tx, page, channel string) error { return do("page", func() { k.pages[page] = channel }) },
		Show: func(_ store.Tx, id, channel string) error {
			return do("show", func() {
				if !slices.Contains(k.shown, channel) { // as the bot does: once
					k.shown = append(k.shown, channel)
				}
			})
		},
		HeaderAt: func(_ store.Getter, id string) (ts string, err error) {
			return ts, do("header at", func() {
				if !k.lost {
					ts = k.headers[id]
				}
			})
		},
		Postmortem: func(_ store.Tx, id, channel string) error {
			return do("postmortem", func() {
				if line := channel + " " + id; !slices.Contains(k.learnt, line) {
					k.learnt = append(k.learnt, line)
				}
			})
		},
		Pin: func(_ context.Context, _, ts string) error { return do("pin", func() { k.pins = append(k.pins, ts) }) },
		Say: func(_ store.Tx, channel, id string, a incident.Announcement) error {
			return do("say", func() {
				if line := channel + " " + a.Kind + " " + id; !slices.Contains(k.said, line) {
					k.said = append(k.said, line)
					for _, p := range a.Passages {
						k.texts = append(k.texts, strings.Join([]string{p.Heading, p.Text, p.Ask}, "\n"))
					}
				}
			})
		},
		Refuses: func(err error) (string, bool, time.Duration) {
			var never forGood
			return err.Error(), errors.As(err, &never), 0
		},
	}
}
