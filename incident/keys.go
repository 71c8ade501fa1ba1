package incident

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"shipmate/store"
)

// The keys of this package:
//
//	page/record/<id>                  the record of a page (Page)
//	page/open/<kind>/<name>/<id>      the ID of a page to that subject that has not ended
//	page/act/<request>                the page that a request's act is for (acted)
//	page/wish/<person>                what somebody tried before PagerDuty knew them (Wish)
//	rota/policy/<PagerDuty service>   its escalation policy, and when that was read
//	rota/known/<kind>/<name>          who is on call there as PagerDuty last said (known)
//	handover/record/<id>              a shift that changes hands (Handover)
//	handover/answer/<request>         the hand-over that a request answered (answered)
//
//	incident/record/<id>              the record of an incident (Incident)
//	incident/number/<-n>              the ID of the incident of that number, the newest first
//	incident/last                     the highest number that is taken
//	incident/open/<id>                the ID of one that is not resolved
//	incident/room/<channel>           the ID of the incident that runs in a channel
//	incident/frozen/<service>         the IDs of the incidents that keep deployments of a service out
//	incident/of/<service>             the IDs of its incidents that are not resolved
//	incident/ended/<deployment>       how it ended, while not all their timelines say so (endedDeploy)
//	incident/asked/<request>          the incident a request changed (asked)
//	incident/line/<id>/<time>/<line>  a line of its timeline (Line)
//	incident/source/<channel>/<ts>    the key of the line that a message stands in
//
//	postmortem/record/<incident>      the post-mortem of an incident (Postmortem)
//	postmortem/asked/<request>        the incident whose post-mortem a request changed (asked)
//	item/record/<id>                  an action item (Item)
//	item/service/<service>            the IDs of a service's open action items that everybody may know of
var (
	incidentPrefix = store.Key(Incidents, "record") + "/"
	numberPrefix   = store.Key(Incidents, "number") + "/"
	lastNumber     = store.Key(Incidents, "last")
	openIncidents  = store.Key(Incidents, "open") + "/"
	roomPrefix     = store.Key(Incidents, "room") + "/"
	askedPrefix    = store.Key(Incidents, "asked") + "/"
	linePrefix     = store.Key(Incidents, "line") + "/"
	sourcePrefix   = store.Key(Incidents, "source") + "/"

	postmortemPrefix      = store.Key(Postmortems, "record") + "/"
	postmortemAskedPrefix = store.Key(Postmortems, "asked") + "/"
	itemPrefix            = store.Key(Items, "record") + "/"

	pagePrefix   = store.Key(Pages, "record") + "/"
	actPrefix    = store.Key(Pages, "act") + "/"
	wishPrefix   = store.Key(Pages, "wish") + "/"
	policyPrefix = store.Key(Rotas, "policy") + "/"
	knownPrefix  = store.Key(Rotas, "known") + "/"
)

func incidentKey(id string) string      { return incidentPrefix + store.Key(id) }
func numberKey(n int) string            { return numberPrefix + fmt.Sprintf("%09d", 999_999_999-n) }
func openIncidentKey(id string) string  { return openIncidents + store.Key(id) }
func roomKey(channel string) string     { return roomPrefix + store.Key(channel) }
func frozenKey(service string) string   { return store.Key(Incidents, "frozen", service) }
func ofKey(service string) string       { return store.Key(Incidents, "of", service) }
func endedKey(deployment string) string { return store.Key(Incidents, "ended", deployment) }
func askedKey(request string) string    { return askedPrefix + store.Key(request) }
func linesOf(id string) string          { return linePrefix + store.Key(id) + "/" }
func sourceKey(channel, ts string) string {
	return sourcePrefix + store.Key(channel, ts)
}

func postmortemKey(id string) string           { return postmortemPrefix + store.Key(id) }
func postmortemAskedKey(request string) string { return postmortemAskedPrefix + store.Key(request) }
func itemKey(id string) string                 { return itemPrefix + store.Key(id) }
func itemsOfService(name string) string        { return store.Key(Items, "service", name) }

func pageKey(id string) string        { return pagePrefix + store.Key(id) }
func openUnder(sub Subject) string    { return store.Key(Pages, "open", string(sub.Kind), sub.Name) + "/" }
func openKey(p *Page) string          { return openUnder(p.Subject) + store.Key(p.ID) }
func actKey(request string) string    { return actPrefix + store.Key(request) }
func wishKey(person string) string    { return wishPrefix + store.Key(person) }
func policyKey(service string) string { return policyPrefix + store.Key(service) }
func knownKey(sub Subject) string     { return knownPrefix + store.Key(string(sub.Kind), sub.Name) }

// movedKey holds when a shift last changed hands here: what PagerDuty said before may hold no more.
var movedKey = store.Key(Rotas, "moved")

// everyRota is the one record of the domain that keeps rotas fresh.
const everyRota = "all"

// aged is something that was read at a time.
type aged[T any] struct {
	Value T         `json:"value"`
	At    time.Time `json:"at"`
}

func cutPrefix(word, prefix string) (string, bool) {
	if len(word) < len(prefix) || !strings.EqualFold(word[:len(prefix)], prefix) {
		return word, false
	}
	return word[len(prefix):], true
}

func itoa(n int) string { return strconv.Itoa(n) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
