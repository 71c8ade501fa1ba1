package pagerduty

import "time"

// Ref is a thing of PagerDuty's by its ID, with what it is called and where people look at it.
type Ref struct {
	ID   string
	Name string // PagerDuty's summary
	URL  string // its page; empty when PagerDuty shows none
}

// User is a person with a PagerDuty account.
type User struct {
	ID    string
	Name  string
	Email string
	Zone  string // IANA name, such as Europe/Berlin, unless somebody gave PagerDuty another
	URL   string
	Role  string // owner, admin, user, limited_user, observer, read_only_user, restricted_access …
}

// ContactMethod is a way PagerDuty can reach a person.
type ContactMethod struct {
	Kind        string // phone, sms, email, push, whatsapp …
	Address     string // number without the country code, e-mail address or device
	Label       string // the person's own word for it: Work, Mobile
	CountryCode int    // of phone and sms; 0 else
}

// OnCall is one person being on call for one level of an escalation policy. The same person comes once for every level,
// policy and schedule.
type OnCall struct {
	User     User
	Schedule Ref // zero when the person stands in the policy itself and is on call always
	Policy   Ref
	Level    int // 1 is notified first
	Start    time.Time
	End      time.Time // Start and End are zero for somebody who is on call always
}

// OnCallQuery narrows what OnCalls returns; the zero query asks for everybody who is on call now.
type OnCallQuery struct {
	Policies, Schedules, Users []string  // IDs; none of a kind means all
	Since, Until               time.Time // zero means now; Until is at most 90 days after Since
	Earliest                   bool      // of each person, policy and level only the first, which answers "when next"
}

// Policy is an escalation policy: who is notified, and who after them.
type Policy struct {
	Ref
	Loops  int // how often the levels are gone through again when nobody acknowledges
	Levels []PolicyLevel
	Teams  []Ref
}

// PolicyLevel is a step of a policy: everybody in Targets is notified, and after Delay without an answer the next level.
type PolicyLevel struct {
	Delay   time.Duration
	Targets []Target
}

// Target is whom a level notifies.
type Target struct {
	Kind string // "user" or "schedule"
	Ref
}

// Schedule is an on-call schedule in the window that was asked for.
type Schedule struct {
	Ref
	Zone      string     // IANA name, or the name Rails has for a zone
	Entries   []Entry    // who is on call when, overrides applied, oldest first; they may begin before the window and end after it
	Overrides []Override // those that touch the window
	Users     []Ref
}

// Entry is a shift. Where none covers a moment, nobody is on call.
type Entry struct {
	User       Ref
	Start, End time.Time
}

// Override puts a person on call in the place of whoever would be.
type Override struct {
	ID         string
	User       Ref
	Start, End time.Time
}

// Service is what incidents happen to.
type Service struct {
	Ref
	Status string // active, warning, critical, maintenance, disabled
	Policy Ref
	Teams  []Ref
}

// Incident is an incident as it stands.
type Incident struct {
	ID           string
	Number       int
	Title        string
	Key          string // incident key; PagerDuty tells none of those that Trigger opened, only IncidentByKey fills it in there
	Status       string // triggered, acknowledged, resolved
	Urgency      string // high, low
	URL          string
	Service      Ref
	Policy       Ref
	Created      time.Time
	Resolved     time.Time // zero until then
	Assigned     []Ref
	Acknowledged []Acknowledgement // oldest first; empty again when the incident is escalated, reassigned or times out
	Requests     []ResponderAsk    // who was asked to join
}

// Open reports that the incident is not resolved.
func (i Incident) Open() bool { return i.Status != StatusResolved }

// The statuses of an incident.
const (
	StatusTriggered    = "triggered"
	StatusAcknowledged = "acknowledged"
	StatusResolved     = "resolved"
)

// Acknowledgement tells that somebody has taken an incident, and since when.
type Acknowledgement struct {
	User Ref
	At   time.Time
}

// LogEntry is something that happened to an incident.
type LogEntry struct {
	ID        string
	Kind      string // trigger, acknowledge, escalate, assign, notify, resolve, annotate, snooze, unacknowledge, responder_request …
	At        time.Time
	Agent     Ref    // who or what did it
	AgentKind string // user, service, integration …
	Users     []Ref  // who was assigned or notified
	Channel   string // of a notify, how: sms, phone, email, push; else by what it came: web_trigger, api, timeout …
	Note      string // of an annotate, its text
}

// NewIncident is an incident to be opened. At most one of User and Policy is set; without either the service's own policy
// decides.
type NewIncident struct {
	From    string // e-mail of who opens it; Config.From when empty
	Service string // ID
	Title   string // required, one line
	Body    string
	Key     string // incident key: one open incident per service and key; required, as it is what a repetition is known by
	Urgency string // high, low, or empty for what the service says
	User    string // ID of who is to be assigned; who opens it for themselves acknowledges it and is not notified
	Policy  string // ID
	Retry   bool   // a call before failed unclearly: look for Key among all incidents first
}

// Event is what Trigger sends.
type Event struct {
	Service   string            // PagerDuty's ID of the service; its routing key is looked up
	Key       string            // dedup_key, required, at most 255 characters
	Summary   string            // required; cut to 1024 characters
	Source    string            // what is in trouble; "shipmate" when empty
	Severity  string            // info, warning, error, critical; critical when empty
	Link      string            // address people should look at
	LinkText  string            // what Link is called
	Client    string            // who sends it, shown as "view in …"; with ClientURL
	ClientURL string            // where Client leads
	Details   map[string]string // shown as a table
}

// ResponderRequest asks more people to join an incident.
type ResponderRequest struct {
	From      string // e-mail of who asks; Config.From when empty
	Requester string // ID of the user who asks
	Incident  string // ID
	Message   string // what they read
	Users     []string
	Policies  []string // IDs
}

// ResponderAsk is that somebody was asked to join an incident.
type ResponderAsk struct {
	Requester Ref
	At        time.Time
	Message   string
	Users     []Ref // who were asked, whether by name or by their policy
}
