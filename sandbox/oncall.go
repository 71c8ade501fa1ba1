package sandbox

import (
	"time"

	"shipmate/integrations/pagerduty/pagerdutytest"
)

// botAddress is whom Shipmate acts as on PagerDuty for people who have no account there, such as Hugo.
const botAddress = "shipmate@" + domain

// rota is a schedule of the sample company on PagerDuty.
type rota struct {
	id, name, zone string
	people         []string // who take turns of a week, the first one now
	hours          string   // when it begins every weekday; "" all day and every day
	lasts          time.Duration
}

// rotas are who is on call at Acme: payments in Europe, storefront in Asia, and a platform team that keeps office hours.
var rotas = []rota{
	{id: "PROTAPAY", name: "Payments primary", zone: "Europe/Lisbon", people: []string{"ana", "ben"}},
	{id: "PROTAPA2", name: "Payments secondary", zone: "Europe/London", people: []string{"ben", "ana"}},
	{id: "PROTASTO", name: "Storefront primary", zone: "Asia/Tokyo", people: []string{"emi", "dev"}},
	{id: "PROTAST2", name: "Storefront secondary", zone: "Europe/Paris", people: []string{"chloe"}},
	{id: "PROTAPLA", name: "Platform office hours", zone: "Europe/Berlin", people: []string{"greta", "farid"}, hours: "08:00", lasts: 10 * time.Hour},
}

// called is whom an escalation policy calls: a rota, or one person by name.
type called struct {
	rota, person string
	after        time.Duration
}

// pagedTeam is how a team is called.
type pagedTeam struct {
	policy, name string
	levels       []called
	services     map[string]string // service → its ID on PagerDuty
}

var pagedTeams = []pagedTeam{
	{policy: "PPOLPAYM", name: "Payments", services: map[string]string{"checkout": "PSVCCHECK", "ledger": "PSVCLEDGE"},
		levels: []called{{rota: "PROTAPAY", after: 5 * time.Minute}, {rota: "PROTAPA2", after: 10 * time.Minute}}},
	{policy: "PPOLSTOR", name: "Storefront", services: map[string]string{"catalog": "PSVCCATAL", "search-ui": "PSVCSEARC"},
		levels: []called{{rota: "PROTASTO", after: 5 * time.Minute}, {rota: "PROTAST2", after: 10 * time.Minute}}},
	{policy: "PPOLPLAT", name: "Platform", services: map[string]string{"gateway": "PSVCGATEW", "teams-and-people": "PSVCTEAMS"},
		levels: []called{{rota: "PROTAPLA", after: 5 * time.Minute}, {person: "farid", after: 10 * time.Minute}}},
}

// pagerID is somebody's ID on PagerDuty.
func pagerID(name string) string { return "PU" + upper(name) }

func upper(name string) string {
	out := []byte(name)
	for i, c := range out {
		if 'a' <= c && c <= 'z' {
			out[i] = c - 'a' + 'A'
		}
	}
	return string(out)
}

// seedPagerDuty fills the fake PagerDuty. Who is of no engineering team has no account there.
func seedPagerDuty(p *pagerdutytest.Server, now time.Time) {
	for i, e := range employees {
		if e.team == "" {
			continue
		}
		p.AddUser(pagerdutytest.User{ID: pagerID(e.name), Name: e.real, Email: e.email(), Zone: e.tz, Title: e.title, Contacts: []pagerdutytest.Contact{
			{Kind: "push", Address: e.name + "'s phone"}, {Kind: "phone", Address: "155501" + string(rune('0'+i)) + "0", CountryCode: 49, After: 2 * time.Minute},
			{Kind: "email", Address: e.email()}}})
	}
	p.AddUser(pagerdutytest.User{Name: "Shipmate", Email: botAddress})
	for _, r := range rotas {
		p.AddSchedule(r.schedule(now))
	}
	for _, t := range pagedTeams {
		p.AddPolicy(t.escalation())
		for _, name := range sorted(t.services) {
			p.AddService(pagerdutytest.Service{ID: t.services[name], Name: name, Policy: t.policy})
		}
	}
	// Ben stands in for Ana in two days, in the evening: the guide's night is before that, at whatever hour it is tried.
	evening := dayIn(now, "Europe/Lisbon").AddDate(0, 0, 2).Add(18 * time.Hour)
	p.AddOverride("PROTAPAY", pagerID("ben"), evening, evening.Add(4*time.Hour))
}

// guideDays is how long whoever is on call when the stage opens still is: what the guide plays of a night is within it.
const guideDays = 36 * time.Hour

func (r rota) schedule(now time.Time) pagerdutytest.Schedule {
	l := pagerdutytest.Layer{Turn: 7 * 24 * time.Hour, Start: monday(dayIn(now, r.zone)).Add(9 * time.Hour)}
	if l.Start.After(now) {
		l.Start = l.Start.AddDate(0, 0, -7)
	}
	if l.Start.AddDate(0, 0, 7).Before(now.Add(guideDays)) { // turns change on Thursdays then
		l.Start = l.Start.AddDate(0, 0, 3)
	}
	for _, name := range r.people {
		l.Users = append(l.Users, pagerID(name))
	}
	for day := 1; day <= 5 && r.hours != ""; day++ {
		l.Restrictions = append(l.Restrictions, pagerdutytest.Restriction{Day: day, From: r.hours, For: r.lasts})
	}
	return pagerdutytest.Schedule{ID: r.id, Name: r.name, Zone: r.zone, Layers: []pagerdutytest.Layer{l}}
}

func (t pagedTeam) escalation() pagerdutytest.Policy {
	out := pagerdutytest.Policy{ID: t.policy, Name: t.name, Loops: 1}
	for _, c := range t.levels {
		l := pagerdutytest.Level{After: c.after}
		if c.rota != "" {
			l.Schedules = []string{c.rota}
		} else {
			l.Users = []string{pagerID(c.person)}
		}
		out.Levels = append(out.Levels, l)
	}
	return out
}

// dayIn is the midnight that a day began with in a zone.
func dayIn(t time.Time, zone string) time.Time {
	place, err := time.LoadLocation(zone)
	if err != nil {
		panic(err) // the zones are written above
	}
	there := t.In(place)
	return time.Date(there.Year(), there.Month(), there.Day(), 0, 0, 0, 0, place)
}

func monday(day time.Time) time.Time {
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}
