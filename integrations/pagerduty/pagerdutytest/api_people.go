package pagerdutytest

import (
	"fmt"
	"slices"
	"time"
)

func listAbilities(q *request) reply {
	abilities := []string{"teams", "urgencies", "manual_alert_merging"}
	if !q.s.opts.NoResponders {
		abilities = append(abilities, "coordinated_responding")
	}
	return ok(obj{"abilities": abilities})
}

func (q *request) user(u *user) obj {
	o := q.thing("user", u.ID, u.Name, "users")
	o["name"], o["email"], o["time_zone"], o["role"], o["color"] = u.Name, u.Email, u.Zone, u.Role, "teal"
	o["avatar_url"] = "https://secure.gravatar.com/avatar/" + u.ID + ".png"
	o["description"], o["invitation_sent"], o["job_title"] = nil, false, u.Title
	o["teams"], o["notification_rules"] = []obj{}, []obj{}
	o["contact_methods"] = each(u.Ways, func(c *way) obj {
		return obj{"id": c.ID, "type": c.kind() + "_contact_method_reference", "summary": c.Label, "self": q.s.base + "/users/" + u.ID + "/contact_methods/" + c.ID, "html_url": nil}
	})
	return o
}

func (c *way) kind() string {
	if c.Kind == "push" {
		return "push_notification"
	}
	return c.Kind
}

func listUsers(q *request) reply {
	var list []*user
	for _, u := range q.w.Users {
		if q.like(u.Name) {
			list = append(list, u)
		}
	}
	return paged(q, "users", list, q.user)
}

func getUser(q *request) reply {
	u := q.w.user(q.vars["id"])
	if u == nil {
		return q.notFound()
	}
	return ok(obj{"user": q.user(u)})
}

func listContactMethods(q *request) reply {
	u := q.w.user(q.vars["id"])
	if u == nil {
		return q.notFound()
	}
	return ok(obj{"contact_methods": each(u.Ways, func(c *way) obj {
		o := obj{"id": c.ID, "type": c.kind() + "_contact_method", "summary": c.Label, "self": q.s.base + "/users/" + u.ID + "/contact_methods/" + c.ID, "html_url": nil, "label": c.Label, "address": c.Address}
		switch c.Kind {
		case "phone", "sms":
			o["country_code"], o["blacklisted"], o["enabled"] = c.CountryCode, false, true
		case "email":
			o["send_short_email"] = false
		case "push":
			o["device_type"], o["blacklisted"], o["created_at"], o["sounds"] = "ios", false, stamp(q.now), []obj{}
		}
		return o
	})})
}

func (q *request) policy(p *policy) obj {
	o := q.thing("escalation_policy", p.ID, p.Name, "escalation_policies")
	o["name"], o["num_loops"], o["description"], o["on_call_handoff_notifications"] = p.Name, p.Loops, "", "if_has_services"
	o["teams"] = q.teamRefs(p.Teams)
	var services []string
	for _, s := range q.w.Services {
		if s.Policy == p.ID {
			services = append(services, s.ID)
		}
	}
	o["services"] = each(services, q.serviceRef)
	o["escalation_rules"] = each(p.Levels, func(l *level) obj {
		targets := append(each(l.Users, q.userRef), each(l.Schedules, q.scheduleRef)...)
		return obj{"id": l.ID, "escalation_delay_in_minutes": int(l.After / time.Minute), "targets": targets}
	})
	return o
}

func listPolicies(q *request) reply {
	var list []*policy
	for _, p := range q.w.Policies {
		if q.like(p.Name) {
			list = append(list, p)
		}
	}
	return paged(q, "escalation_policies", list, q.policy)
}

func getPolicy(q *request) reply {
	p := q.w.policy(q.vars["id"])
	if p == nil {
		return q.notFound()
	}
	return ok(obj{"escalation_policy": q.policy(p)})
}

// duty is one on-call.
type duty struct {
	user       string
	schedule   string // "" for who stands in the policy
	policy     string
	level      int
	start, end time.Time // zero for always
}

// duties are the on-calls of a window, in the order of policies, levels and time.
func (w *world) duties(since, until time.Time) []duty {
	var out []duty
	for _, p := range w.Policies {
		for n, l := range p.Levels {
			for _, id := range l.Users {
				out = append(out, duty{user: id, policy: p.ID, level: n + 1})
			}
			for _, id := range l.Schedules {
				for _, one := range w.schedule(id).final(since, until) {
					out = append(out, duty{one.User, id, p.ID, n + 1, one.Start, one.End})
				}
			}
		}
	}
	return out
}

func listOnCalls(q *request) reply {
	since, ok1 := q.moment("since", q.now)
	until, ok2 := q.moment("until", latest(since, q.now))
	if !ok1 || !ok2 || until.Before(since) {
		return q.invalid("since and until must be times, the first before the second")
	}
	if until.Sub(since) > 90*24*time.Hour {
		return q.invalid("until must be within 90 days of since")
	}
	var list []duty
	seen := map[string]bool{}
	for _, d := range q.w.duties(since, until) {
		if !q.wants("user_ids[]", d.user) || !q.wants("escalation_policy_ids[]", d.policy) || !q.wants("schedule_ids[]", d.schedule) {
			continue
		}
		combination := fmt.Sprint(d.policy, d.level, d.user)
		if q.query.Get("earliest") == "true" && seen[combination] {
			continue
		}
		seen[combination] = true
		list = append(list, d)
	}
	slices.SortStableFunc(list, func(a, b duty) int { return a.start.Compare(b.start) })
	return paged(q, "oncalls", list, q.onCall)
}

func (q *request) onCall(d duty) obj {
	o := obj{"user": q.userRef(d.user), "escalation_policy": q.policyRef(d.policy), "escalation_level": d.level, "schedule": nil,
		"start": stampOrNil(d.start), "end": stampOrNil(d.end)}
	if q.includes("users") {
		o["user"] = q.user(q.w.user(d.user))
	}
	if d.schedule != "" {
		o["schedule"] = q.scheduleRef(d.schedule)
	}
	return o
}
