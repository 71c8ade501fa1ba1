package pagerdutytest

// allRoutes is what this server speaks: operation ids and paths as in PagerDuty's descriptions.
func allRoutes() []*route {
	routes := []*route{
		{op: "listAbilities", method: "GET", path: "/abilities", handle: listAbilities},
		{op: "listOnCalls", method: "GET", path: "/oncalls", tight: true, handle: listOnCalls},

		{op: "listUsers", method: "GET", path: "/users", handle: listUsers},
		{op: "getUser", method: "GET", path: "/users/{id}", handle: getUser},
		{op: "getUserContactMethods", method: "GET", path: "/users/{id}/contact_methods", handle: listContactMethods},

		{op: "listEscalationPolicies", method: "GET", path: "/escalation_policies", handle: listPolicies},
		{op: "getEscalationPolicy", method: "GET", path: "/escalation_policies/{id}", handle: getPolicy},

		{op: "listSchedules", method: "GET", path: "/schedules", handle: listSchedules},
		{op: "getSchedule", method: "GET", path: "/schedules/{id}", handle: getSchedule},
		{op: "listScheduleOverrides", method: "GET", path: "/schedules/{id}/overrides", handle: listOverrides},
		{op: "createScheduleOverride", method: "POST", path: "/schedules/{id}/overrides", handle: createOverrides},
		{op: "deleteScheduleOverride", method: "DELETE", path: "/schedules/{id}/overrides/{override}", handle: deleteOverride},

		{op: "listServices", method: "GET", path: "/services", handle: listServices},
		{op: "getService", method: "GET", path: "/services/{id}", handle: getService},
		{op: "getServiceIntegration", method: "GET", path: "/services/{id}/integrations/{integration}", handle: getIntegration},

		{op: "listIncidents", method: "GET", path: "/incidents", handle: listIncidents},
		{op: "createIncident", method: "POST", path: "/incidents", tight: true, from: true, handle: createIncident},
		{op: "updateIncidents", method: "PUT", path: "/incidents", tight: true, from: true, handle: updateIncidents},
		{op: "getIncident", method: "GET", path: "/incidents/{id}", handle: getIncident},
		{op: "updateIncident", method: "PUT", path: "/incidents/{id}", from: true, handle: updateIncident},
		{op: "listIncidentLogEntries", method: "GET", path: "/incidents/{id}/log_entries", handle: listLogEntries},
		{op: "listIncidentNotes", method: "GET", path: "/incidents/{id}/notes", handle: listNotes},
		{op: "createIncidentNote", method: "POST", path: "/incidents/{id}/notes", from: true, handle: createNote},
		{op: "createIncidentSnooze", method: "POST", path: "/incidents/{id}/snooze", from: true, handle: createSnooze},
		{op: "createIncidentResponderRequest", method: "POST", path: "/incidents/{id}/responder_requests", handle: createResponders},

		{op: "createV2Event", method: "POST", path: "/v2/enqueue", events: true, handle: enqueue},
	}
	for _, r := range routes {
		r.compile()
	}
	return routes
}
