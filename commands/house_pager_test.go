package commands_test

import (
	"context"
	"time"

	"shipmate/bot"
	"shipmate/commands"
	"shipmate/config"
	"shipmate/delivery"
	"shipmate/incident"
	"shipmate/integrations/pagerduty"
	"shipmate/integrations/pagerduty/pagerdutytest"
	"shipmate/store"
)

// openPagerDuty opens a PagerDuty where ana is on call for payments and ben is called after her, and puts what keeps pages before it.
func (h *house) openPagerDuty() {
	h.Helper()
	h.pager = pagerdutytest.New(pagerdutytest.Options{Clock: h.clock, EventDelay: time.Second})
	h.Cleanup(h.pager.Close)
	h.pager.AddUser(pagerdutytest.User{ID: "PANA", Name: "Ana", Email: "ana@acme.example", Zone: "Europe/Berlin"})
	h.pager.AddUser(pagerdutytest.User{ID: "PBEN", Name: "Ben", Email: "ben@acme.example", Zone: "America/Los_Angeles"})
	h.pager.AddUser(pagerdutytest.User{Name: "Shipmate", Email: "shipmate@acme.example"})
	h.pager.AddSchedule(pagerdutytest.Schedule{ID: "PROTA", Name: "Payments primary", Zone: "Europe/Berlin",
		Layers: []pagerdutytest.Layer{{Users: []string{"PANA"}, Start: h.clock.Now().Add(-time.Hour), Turn: 7 * 24 * time.Hour}}})
	h.pager.AddSchedule(pagerdutytest.Schedule{ID: "PSECOND", Name: "Payments secondary", Zone: "Europe/Berlin",
		Layers: []pagerdutytest.Layer{{Users: []string{"PBEN"}, Start: h.clock.Now().Add(-time.Hour), Turn: 7 * 24 * time.Hour}}})
	h.pager.AddPolicy(pagerdutytest.Policy{ID: "PPAYMENTS", Name: "Payments", Levels: []pagerdutytest.Level{
		{After: 5 * time.Minute, Schedules: []string{"PROTA"}}, {After: 10 * time.Minute, Schedules: []string{"PSECOND"}}}})
	h.pager.AddService(pagerdutytest.Service{ID: "PCHECKOUT", Name: "Checkout", Policy: "PPAYMENTS"})
	client, err := pagerduty.New(pagerduty.Config{APIURL: h.pager.APIURL(), EventsURL: h.pager.EventsURL(), Token: pagerdutytest.DefaultToken,
		From: "shipmate@acme.example", Clock: h.clock, Timeout: 5 * time.Second, ReadPauses: []time.Duration{time.Millisecond, time.Millisecond}})
	if err != nil {
		h.Fatal(err)
	}
	h.deps.Incidents, err = incident.New(incident.Config{DB: h.db, PagerDuty: client, GitHub: h.client, Clock: h.clock, Current: func() *config.Config { return h.config },
		People: h.peopleOnCall(), Rooms: h.rooms(), Deploys: commands.Ledger{Deliveries: h.deps.Delivery}, Freed: delivery.Freed,
		Tell: func(tx store.Tx, n incident.Note) error {
			if kind, id, ok := commands.IncidentNoteCard(n); ok {
				return h.built().TellCard(tx, n.Person, kind, id)
			}
			if kind, id, ok := commands.IncidentReminder(n); ok {
				return h.built().Remind(tx, n.Person, kind, id)
			}
			return h.built().Tell(tx, n.Person, n.Topic, n.ID, commands.IncidentNote(n))
		}})
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) rooms() incident.Rooms {
	r := commands.Rooms(h.built)
	r.Header = func(tx store.Tx, id, channel string) error {
		return h.built().Place(tx, commands.IncidentKind, id, channel)
	}
	r.HeaderAt = func(g store.Getter, id string) (string, error) {
		_, ts, _, err := bot.CardAt(g, commands.IncidentKind, id)
		return ts, err
	}
	r.Page = func(tx store.Tx, page, channel string) error {
		return h.built().Place(tx, commands.PageKind, page, channel)
	}
	r.Postmortem = func(tx store.Tx, id, channel string) error {
		return h.built().Place(tx, commands.PostmortemKind, id, channel)
	}
	r.Show = func(tx store.Tx, id, channel string) error {
		kind, news, beside := commands.IncidentShown(id, channel)
		return h.built().PlaceBeside(tx, kind, news, channel, beside)
	}
	r.Say = func(tx store.Tx, channel, id string, what incident.Announcement) error {
		if kind, id, ok := commands.IncidentNewsReminder(what); ok {
			return h.built().Remind(tx, channel, kind, id)
		}
		return h.built().Announce(tx, channel, id, commands.IncidentNews(what))
	}
	return r
}

func (h *house) peopleOnCall() incident.People {
	return incident.People{
		Account: func(g store.Getter, person string) (string, bool, error) {
			return h.deps.Links.Login(g, person, bot.OnPagerDuty)
		},
		Person: func(g store.Getter, account string) (string, bool, error) {
			return h.deps.Links.Person(g, bot.OnPagerDuty, account)
		},
		Email:   func(ctx context.Context, person string) (string, error) { return h.built().EmailOf(ctx, person) },
		ByEmail: func(ctx context.Context, address string) (string, error) { return h.built().WithEmail(ctx, address) },
		Name:    func(ctx context.Context, person string) (string, error) { return h.built().NameOf(ctx, person) },
		Zone:    func(ctx context.Context, person string) (*time.Location, error) { return h.built().ZoneOf(ctx, person) },
		GitHub: func(g store.Getter, person string) (string, error) {
			login, proven, err := h.deps.Links.Login(g, person, bot.OnGitHub)
			if !proven { // a claim of their own names nobody to give work to
				login = ""
			}
			return login, err
		},
		OnGitHub: func(g store.Getter, login string) (string, error) {
			person, proven, err := h.deps.Links.Person(g, bot.OnGitHub, login)
			if !proven {
				person = ""
			}
			return person, err
		},
	}
}

// paged has ana page checkout, while no bot runs, until the page stands so, and returns its ID.
func (h *house) paged(want incident.PageState) string {
	h.Helper()
	h.pager.Down(want == incident.NotSent)
	defer h.pager.Down(false)
	p, err := h.deps.Incidents.Page(context.Background(), incident.PageWant{Request: "to be " + string(want), At: h.clock.Now(), By: h.ana, Channel: h.payments,
		Subject: incident.Subject{Kind: incident.Of, Name: "checkout"}, Message: "it is down"})
	if err != nil {
		h.Fatal(err)
	}
	for p.State != want {
		next, err := h.deps.Incidents.StepPage(context.Background(), p.ID)
		if err != nil {
			h.Fatal(err)
		}
		if next.After(h.clock.Now()) {
			h.clock.Set(next)
		}
		if p, err = h.deps.Incidents.PageRecord(context.Background(), p.ID); err != nil {
			h.Fatal(err)
		}
	}
	return p.ID
}

// offered is a hand-over of its own that ben offers ana.
func (h *house) offered() string {
	h.Helper()
	h.clock.Advance(time.Second)
	o, err := h.deps.Incidents.Handover(context.Background(), incident.HandoverWant{Request: "offer at " + h.clock.Now().String(), At: h.clock.Now(),
		By: h.ben, Channel: h.payments, To: h.ana, Subject: incident.Subject{Kind: incident.Team, Name: "payments"}, For: 2 * time.Hour})
	if err != nil {
		h.Fatal(err)
	}
	return o.ID
}
