package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"shipmate/integrations/pagerduty/pagerdutytest"
)

var pagerTemplate = template.Must(template.New("pagerduty.html").ParseFS(webFiles, "web/pagerduty.html"))

// pagerPage is what PagerDuty's own side shows: who is on call, what is open, and what happened to it.
type pagerPage struct {
	Problem   string
	Now       string
	Rotas     []pagerRota
	Incidents []pagerIncident
	One       bool // a single incident, with its history
}

type pagerRota struct{ Name, Who, Clock string }

// pagerIncident is an incident as the page shows it.
type pagerIncident struct {
	ID       string
	Number   int
	Title    string
	Status   string
	Open     bool
	Where    string // "checkout, level 2"
	Assigned string
	Since    string
	Told     []pagerTold
	Log      []pagerLine
	Notes    []pagerLine
	People   []pagerPerson
}

type pagerTold struct{ At, Name, How, Clock string }

type pagerLine struct{ At, Text string }

type pagerPerson struct {
	ID, Name string
	First    bool // whose turn it is
}

// servePagerDuty shows the page that messages link to. It is as up or down as PagerDuty is.
func (s *Stage) servePagerDuty(w http.ResponseWriter, r *http.Request) {
	p := pagerPage{Now: stamp(s.clock.Now())}
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	id, one := strings.CutPrefix(r.PathValue("rest"), "incidents/")
	switch err := s.askPagerDuty(ctx); {
	case err != nil:
		p.Problem = err.Error()
	case one:
		p.One = true
		p.Incidents = s.incidents(func(i pagerdutytest.Incident) bool { return i.ID == id })
		if len(p.Incidents) == 0 {
			p.Problem = "There is no such incident"
		}
	default:
		p.Incidents, p.Rotas = s.incidents(func(pagerdutytest.Incident) bool { return true }), s.onCallNow()
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err := pagerTemplate.Execute(w, p); err != nil {
		s.opts.Log.Debug("a page of PagerDuty was not sent", "err", err)
	}
}

// askPagerDuty asks whether it is up.
func (s *Stage) askPagerDuty(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.pager.APIURL()+"/abilities", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Token token="+pagerdutytest.DefaultToken)
	req.Header.Set("Accept", "application/vnd.pagerduty+json;version=2")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return errors.New("PagerDuty gave no answer")
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("PagerDuty answered %s", res.Status)
	}
	return nil
}

// stamp is a time on the stage's clock, for pages that do not know who reads them.
func stamp(t time.Time) string { return t.UTC().Format("Mon 2 Jan 15:04:05 UTC") }

// onCallNow is whom each rota calls now, and what time it is for them.
func (s *Stage) onCallNow() []pagerRota {
	names := s.pagerPeople()
	var out []pagerRota
	for _, r := range rotas {
		one := pagerRota{Name: r.name, Who: "nobody"}
		if id, ok := s.pager.OnCallNow(r.id); ok {
			one.Who, one.Clock = names[id].Name, clockOf(names[id], s.clock.Now())
		}
		out = append(out, one)
	}
	return out
}

func clockOf(u pagerdutytest.User, at time.Time) string {
	zone, err := time.LoadLocation(u.Zone)
	if err != nil {
		return ""
	}
	return at.In(zone).Format("15:04")
}

func (s *Stage) pagerPeople() map[string]pagerdutytest.User {
	out := map[string]pagerdutytest.User{}
	for _, u := range s.pager.Users() {
		out[u.ID] = u
	}
	return out
}

// incidents are those that are wanted, what is open first, the newest first.
func (s *Stage) incidents(wanted func(pagerdutytest.Incident) bool) []pagerIncident {
	names, told := s.pagerPeople(), s.pager.Notifications()
	all := slices.DeleteFunc(s.pager.Incidents(), func(i pagerdutytest.Incident) bool { return !wanted(i) })
	rank := map[string]int{"triggered": 0, "acknowledged": 1, "resolved": 2}
	slices.SortStableFunc(all, func(a, b pagerdutytest.Incident) int {
		return cmp.Or(rank[a.Status]-rank[b.Status], b.Number-a.Number)
	})
	var out []pagerIncident
	for _, i := range all {
		out = append(out, pagerIncidentOf(i, names, told))
	}
	return out
}

func pagerIncidentOf(i pagerdutytest.Incident, names map[string]pagerdutytest.User, told []pagerdutytest.Notification) pagerIncident {
	out := pagerIncident{ID: i.ID, Number: i.Number, Title: i.Title, Status: i.Status, Open: i.Status != "resolved", Where: serviceOnPager(i.Service),
		Since: stamp(i.Created), Assigned: namesOf(i.Assigned, names)}
	if i.Level > 0 && out.Open {
		out.Where += fmt.Sprintf(", level %d", i.Level)
	}
	for _, n := range told {
		if n.Incident == i.ID {
			out.Told = append(out.Told, pagerTold{At: stamp(n.At), Name: n.Name, How: n.Kind, Clock: clockOf(names[n.User], n.At)})
		}
	}
	for _, l := range i.Log {
		out.Log = append(out.Log, pagerLine{stamp(l.At), logWords(l, names)})
	}
	for _, n := range i.Notes {
		out.Notes = append(out.Notes, pagerLine{names[n.User].Name + ", " + stamp(n.At), n.Text})
	}
	for _, e := range employees {
		if id := pagerID(e.name); e.team != "" && out.Open {
			out.People = append(out.People, pagerPerson{ID: id, Name: e.real, First: len(i.Assigned) > 0 && i.Assigned[0] == id})
		}
	}
	return out
}

func logWords(l pagerdutytest.Line, names map[string]pagerdutytest.User) string {
	words := strings.ReplaceAll(l.Kind, "_", " ")
	if to := namesOf(l.Users, names); to != "" {
		words += " " + to
	}
	if l.Way != "" {
		words += " by " + l.Way
	}
	if u, ok := names[l.By]; ok {
		words += ", by " + u.Name
	}
	return words
}

func namesOf(ids []string, names map[string]pagerdutytest.User) string {
	var out []string
	for _, id := range ids {
		out = append(out, names[id].Name)
	}
	return strings.Join(out, ", ")
}

// serviceOnPager is the name of a service of Acme's by its ID on PagerDuty.
func serviceOnPager(id string) string {
	for _, t := range pagedTeams {
		for name, known := range t.services {
			if known == id {
				return name
			}
		}
	}
	return id
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// doPagerDuty is somebody doing something with an incident on PagerDuty's own side, as on their phone: Action says what, Value
// names the incident.
func (s *Stage) doPagerDuty(_ context.Context, a ask) (answer, error) {
	return answer{}, s.onPagerDuty(a.Action, a.Value, a.As)
}

func (s *Stage) onPagerDuty(deed, incident, user string) (err error) {
	all := s.pager.Incidents()
	at := slices.IndexFunc(all, func(i pagerdutytest.Incident) bool { return i.ID == incident })
	_, known := s.pagerPeople()[user]
	do := map[string]func(incident, user string){"acknowledge": s.pager.Ack, "resolve": s.pager.Resolve, "escalate": s.pager.Escalate}[deed]
	switch {
	case at < 0 || !known || do == nil:
		return errors.New("PagerDuty knows no such incident, person or deed")
	case all[at].Status == "resolved":
		return errors.New("it is resolved already")
	case deed == "escalate" && all[at].Level == s.lastLevel(all[at].Policy):
		return errors.New("that is the last level; it is called again by itself")
	}
	do(incident, user)
	return nil
}

// lastLevel is the last level of a policy of Acme's.
func (s *Stage) lastLevel(policy string) int {
	for _, t := range pagedTeams {
		if t.policy == policy {
			return len(t.levels)
		}
	}
	return 0
}

// unanswered counts the incidents that nobody has acknowledged.
func (s *Stage) unanswered() int {
	n := 0
	for _, i := range s.pager.Incidents() {
		if i.Status == "triggered" {
			n++
		}
	}
	return n
}

// pagerLevers are what can go wrong with PagerDuty.
func (s *Stage) pagerLevers() []*lever {
	down := &toggle{set: func() (func(), func() bool, error) {
		s.pager.Down(true)
		return func() { s.pager.Down(false) }, nil, nil
	}}
	return []*lever{
		down.lever(leverState{ID: "pagerduty-down", Group: groupPager, Label: "PagerDuty is down", Hint: "Every call is answered with 503"}),
		s.pagerFault("pagerduty-slow", "PagerDuty is slow", "Every answer takes four seconds",
			pagerdutytest.Fault{Match: "*", Kind: pagerdutytest.Slow, For: 4 * time.Second}),
		s.pagerFault("pagerduty-429", "PagerDuty is rate limiting", "Calls are refused with 429, retry after 20 s",
			pagerdutytest.Fault{Match: "*", Kind: pagerdutytest.RateLimit, RetryAfter: 20 * time.Second}),
		s.pagerFault("pagerduty-lost", "Lose an event's answer", "The next page is taken, but Shipmate is not told",
			pagerdutytest.Fault{Match: pagerdutytest.OpEvent, When: pagerdutytest.After, Kind: pagerdutytest.Reset, Times: 1}),
	}
}

func (s *Stage) pagerFault(id, label, hint string, f pagerdutytest.Fault) *lever {
	sw := &toggle{set: func() (func(), func() bool, error) {
		before := len(s.pager.Faults())
		release := s.pager.Fault(f)
		spent := func() bool { return f.Times > 0 && len(s.pager.Faults()) <= before }
		return release, spent, nil
	}}
	return sw.lever(leverState{ID: id, Group: groupPager, Label: label, Hint: hint})
}
