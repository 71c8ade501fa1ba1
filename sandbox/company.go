package sandbox

import (
	"time"

	"shipmate/bot/slacktest"
	"shipmate/clock"
)

// room is a channel of the sample company.
type room struct {
	name  string
	topic string
	bot   bool // Shipmate is a member
}

var rooms = []room{
	{"general", "Company-wide announcements and the odd cake", true},
	{"payments", "checkout and ledger", true},
	{"storefront", "catalog and search-ui", true},
	{"platform", "gateway, pipelines, and Shipmate itself", true},
	{"incidents", "Every incident, one message each", true},
	{"status", "How incidents go, for those who do not work on them", true},
}

// line is something somebody said some time before the stage opened.
type line struct {
	ago     time.Duration
	room    string
	who     string
	text    string
	replies []reply
	emoji   string // a reaction, by everybody in reacts
	reacts  []string
}

type reply struct{ who, text string }

// talk is what was said at Acme before the reader came, oldest first.
var talk = []line{
	{26 * time.Hour, "general", "hugo", "Autumn sale opens on Monday at 9:00. Thank you all for getting the new checkout ready :tada:", nil, "tada", []string{"ana", "chloe", "dev"}},
	{25 * time.Hour, "storefront", "chloe", "Facet counts are off by one when a filter is empty. #12 in catalog has the fix, it would be nice to see it on staging.", nil, "eyes", []string{"emi"}},
	{24 * time.Hour, "platform", "farid", "Shipmate is in the team channels now. Type `/shipmate help`, or just try `/deploy checkout staging`.", nil, "rocket", []string{"greta", "ben"}},
	{5 * time.Hour, "payments", "ben", "VAT rounding for Switzerland is merged. Who takes it to staging?", []reply{{"ana", "I will, in a bit."}, {"ben", "Great, thanks!"}}, "", nil},
	{4 * time.Hour, "storefront", "emi", "search-ui's end-to-end tests were flaky again tonight. I am looking into the browser pool.", nil, "pray", []string{"dev", "chloe"}},
	{90 * time.Minute, "general", "greta", "There is cake in the Berlin kitchen :coffee:", nil, "heart", []string{"farid", "ana"}},
	{35 * time.Minute, "payments", "ana", "Staging is free as far as I can see. Shipping *checkout* in a minute.", nil, "+1", []string{"ben"}},
}

// seedSlack fills the fake workspace: people, groups, channels, and what was said. c is moved through the past to date it
// and stands at now afterwards.
func seedSlack(s *slacktest.Server, c *clock.Manual, now time.Time) error {
	ids := map[string]string{}
	var everyone []string
	for _, e := range employees {
		u := s.AddUser(slacktest.User{Name: e.name, RealName: e.real, Email: e.email(), TZ: e.tz, Admin: e.admin})
		ids[e.name] = u.ID
		everyone = append(everyone, u.ID)
	}
	for _, team := range teamNames {
		s.AddGroup(slacktest.UserGroup{Handle: team + "-eng", Name: title(team) + " engineers", Users: idsOf(ids, membersOf(team))})
	}
	for _, r := range rooms {
		members := everyone
		if r.bot {
			members = append(members[:len(members):len(members)], s.BotUserID)
		}
		s.AddChannel(slacktest.Channel{Name: r.name, Topic: r.topic, Members: members, Creator: ids["farid"]})
	}
	for _, l := range talk {
		c.Set(now.Add(-l.ago))
		if err := tell(s, c, ids, l); err != nil {
			return err
		}
	}
	c.Set(now)
	return nil
}

func tell(s *slacktest.Server, c *clock.Manual, ids map[string]string, l line) error {
	room, _ := s.Channel(l.room)
	said, err := s.Say(ids[l.who], room.ID, "", l.text)
	if err != nil {
		return err
	}
	for _, who := range l.reacts {
		if _, err := s.React(ids[who], room.ID, said.TS, l.emoji); err != nil {
			return err
		}
	}
	for _, r := range l.replies {
		c.Advance(3 * time.Minute)
		if _, err := s.Say(ids[r.who], room.ID, said.TS, r.text); err != nil {
			return err
		}
	}
	return nil
}

func idsOf(ids map[string]string, people []employee) []string {
	var out []string
	for _, e := range people {
		out = append(out, ids[e.name])
	}
	return out
}
