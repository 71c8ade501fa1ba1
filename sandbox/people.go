package sandbox

import (
	"hash/fnv"
	"strings"
	"unicode/utf8"

	"shipmate/bot/slacktest"
)

// domain is Acme's, for e-mail addresses; .example never resolves (RFC 2606).
const domain = "acme.example"

// employee is one of the people of the sample company.
type employee struct {
	name  string // handle on Slack and login on GitHub
	real  string
	title string
	team  string // "" for those of no engineering team
	tz    string
	hue   int // of the avatar, in degrees
	admin bool
}

// employees are Acme's people; the first is whom a reader starts as.
var employees = []employee{
	{name: "ana", real: "Ana Costa", title: "Payments engineer", team: "payments", tz: "Europe/Lisbon", hue: 18},
	{name: "ben", real: "Ben Okafor", title: "Payments lead", team: "payments", tz: "Europe/London", hue: 255},
	{name: "chloe", real: "Chloé Martin", title: "Storefront lead", team: "storefront", tz: "Europe/Paris", hue: 330},
	{name: "dev", real: "Dev Patel", title: "Storefront engineer", team: "storefront", tz: "Asia/Kolkata", hue: 145},
	{name: "emi", real: "Emi Tanaka", title: "Storefront engineer", team: "storefront", tz: "Asia/Tokyo", hue: 48},
	{name: "farid", real: "Farid Haddad", title: "Platform engineer", team: "platform", tz: "Europe/Berlin", hue: 200, admin: true},
	{name: "greta", real: "Greta Lind", title: "Platform engineer", team: "platform", tz: "Europe/Stockholm", hue: 90},
	{name: "hugo", real: "Hugo Ramos", title: "Product manager", tz: "America/New_York", hue: 285},
}

// teamNames are the engineering teams, each with its channel and user group.
var teamNames = []string{"payments", "storefront", "platform"}

func (e employee) email() string { return e.name + "@" + domain }

func membersOf(team string) []employee {
	var out []employee
	for _, e := range employees {
		if e.team == team {
			out = append(out, e)
		}
	}
	return out
}

// Person is somebody of the workspace as the page shows them.
type Person struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Real     string `json:"real"`
	Title    string `json:"title"`
	TZ       string `json:"tz"`
	Initials string `json:"initials"`
	Hue      int    `json:"hue"`
	Admin    bool   `json:"admin"`
	Bot      bool   `json:"bot"`
	Me       bool   `json:"me"`
}

func personOf(u slacktest.User, me string) Person {
	p := Person{ID: u.ID, Name: u.Name, Real: u.RealName, TZ: u.TZ, Admin: u.Admin, Bot: u.IsBot, Me: u.ID == me, Hue: hueOf(u.Name)}
	if p.Real == "" {
		p.Real = u.Name
	}
	p.Initials = initials(p.Real)
	p.Bot = p.Bot || u.ID == slackbotID
	for _, e := range employees {
		if e.name == u.Name {
			p.Title, p.Hue = e.title, e.hue
		}
	}
	return p
}

// slackbotID is the ID Slackbot has in every workspace.
const slackbotID = "USLACKBOT"

func initials(name string) string {
	var out strings.Builder
	for i, word := range strings.Fields(name) {
		if i == 2 {
			break
		}
		r, _ := utf8.DecodeRuneInString(word)
		out.WriteRune(r)
	}
	return strings.ToUpper(out.String())
}

func hueOf(name string) int {
	h := fnv.New32a()
	h.Write([]byte(name))
	return int(h.Sum32() % 360)
}
