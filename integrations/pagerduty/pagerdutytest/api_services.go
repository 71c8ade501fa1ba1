package pagerdutytest

import "time"

func (q *request) service(s *service) obj {
	o := q.thing("service", s.ID, s.Name, "service-directory")
	o["self"] = q.s.base + "/services/" + s.ID
	o["name"], o["description"], o["status"], o["created_at"] = s.Name, s.Description, q.w.serviceStatus(s), stamp(s.Created)
	o["escalation_policy"], o["teams"] = q.policyRef(s.Policy), q.teamRefs(s.Teams)
	o["auto_resolve_timeout"], o["acknowledgement_timeout"], o["last_incident_timestamp"] = nil, nil, nil
	if s.AckTimeout > 0 {
		o["acknowledgement_timeout"] = int(s.AckTimeout / time.Second)
	}
	for _, i := range q.w.Incidents {
		if i.Service == s.ID {
			o["last_incident_timestamp"] = stamp(i.Created)
		}
	}
	o["alert_creation"] = "create_alerts_and_incidents"
	o["incident_urgency_rule"] = obj{"type": "constant", "urgency": "high"}
	o["support_hours"], o["scheduled_actions"], o["addons"] = nil, []obj{}, []obj{}
	integrations := []obj{}
	if s.Integration != "" {
		one := q.integration(s, "events_api_v2_inbound_integration_reference")
		if q.includes("integrations") {
			one = q.wholeIntegration(s)
		}
		integrations = append(integrations, one)
	}
	o["integrations"] = integrations
	return o
}

// integration is a reference to a service's integration.
func (q *request) integration(s *service, kind string) obj {
	o := q.thing(kind, s.Integration, "Events API v2", "services/"+s.ID+"/integrations")
	return o
}

// wholeIntegration is one with its key.
func (q *request) wholeIntegration(s *service) obj {
	o := q.integration(s, "events_api_v2_inbound_integration")
	o["name"], o["created_at"], o["service"], o["vendor"], o["integration_key"] = "Events API v2", stamp(s.Created), q.serviceRef(s.ID), nil, s.Key
	return o
}

func listServices(q *request) reply {
	var list []*service
	for _, s := range q.w.Services {
		if q.like(s.Name) {
			list = append(list, s)
		}
	}
	return paged(q, "services", list, q.service)
}

func getService(q *request) reply {
	s := q.w.service(q.vars["id"])
	if s == nil {
		return q.notFound()
	}
	return ok(obj{"service": q.service(s)})
}

func getIntegration(q *request) reply {
	s := q.w.service(q.vars["id"])
	if s == nil || s.Integration != q.vars["integration"] {
		return q.notFound()
	}
	return ok(obj{"integration": q.wholeIntegration(s)})
}
