package delivery

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"shipmate/store"
)

// Domain is the first word of this package's keys and its name for the runner.
const Domain = "delivery"

// The keys of this package:
//
//	delivery/deployment/<id>                                  the record
//	delivery/slot/<service>/<environment>                     the ID of the deployment that holds it
//	delivery/running/<service>/<environment>                  what runs there (Ledger)
//	delivery/succeeded/<service>/<environment>/<sha>          that the commit succeeded there (Success)
//	delivery/lock/<service|*>/<environment>                    a lock (Lock)
//	delivery/veto/<service>/<environment>/<sha>               a veto (Veto)
//	delivery/vetorequest/<request>                            the veto a request ended (answer of Veto)
//	delivery/review/<person>                                  the ID of their break-glass that nobody has signed
//	delivery/lockrequest/<request>                            the lock a request made or ended (answer of Lock)
//	delivery/freeze/<environment|*>                           a freeze somebody made (Freeze)
//	delivery/freezerequest/<request>                          the freeze a request made or ended (answer of Freeze)
//	delivery/line/<service>/<environment>                     who wants to be told when it is free (line)
//	delivery/linerequest/<request>                            the place in line a request was given (answer of Spot)
//	delivery/waiting/<service>/<environment>                  the IDs of those that wait there, oldest first
//	delivery/approved/<hash of Bound>                         the approvals that were given for it (given)
//	delivery/newest/<service>/<environment>                   the ID of the newest deployment
//	delivery/request/<request>                                the deployment a request cancelled (answered)
//	delivery/history/<service|*>/<environment|*>/<-time>/<id>  the ID: their order is newest first
//	delivery/held/<service>/<environment>/<Slack ID>          since when somebody is refused there (held)
//	delivery/ended/<service>/<environment>/<-time>/<id>       how one ended, by the time of the end (outcome)
const anyName = "*" // all services, or all environments; no name can be it (package config)

var (
	deploymentPrefix = store.Key(Domain, "deployment") + "/"
	historyPrefix    = store.Key(Domain, "history") + "/"
	slotPrefix       = store.Key(Domain, "slot") + "/"
	runningPrefix    = store.Key(Domain, "running") + "/"
	waitingPrefix    = store.Key(Domain, "waiting") + "/"
	approvedPrefix   = store.Key(Domain, "approved") + "/"
	newestPrefix     = store.Key(Domain, "newest") + "/"
	lockPrefix       = store.Key(Domain, "lock") + "/"
	vetoPrefix       = store.Key(Domain, "veto") + "/"
	vetoRequests     = store.Key(Domain, "vetorequest") + "/"
	reviewPrefix     = store.Key(Domain, "review") + "/"
	lockRequests     = store.Key(Domain, "lockrequest") + "/"
	freezePrefix     = store.Key(Domain, "freeze") + "/"
	freezeRequests   = store.Key(Domain, "freezerequest") + "/"
	linePrefix       = store.Key(Domain, "line") + "/"
	lineRequests     = store.Key(Domain, "linerequest") + "/"
	succeededPrefix  = store.Key(Domain, "succeeded") + "/"
	requestPrefix    = store.Key(Domain, "request") + "/"
	heldPrefix       = store.Key(Domain, "held") + "/"
	endedPrefix      = store.Key(Domain, "ended") + "/"
)

func deploymentKey(id string) string { return deploymentPrefix + store.Key(id) }

func slotKey(service, environment string) string { return slotPrefix + store.Key(service, environment) }

func runningKey(service, environment string) string {
	return runningPrefix + store.Key(service, environment)
}

func lockKey(service, environment string) string {
	return lockPrefix + store.Key(cmp.Or(service, anyName), environment)
}

func vetoKey(service, environment, sha string) string {
	return vetoPrefix + store.Key(service, environment, sha)
}

func vetoRequestKey(request string) string { return vetoRequests + store.Key(request) }

func reviewKey(person string) string { return reviewPrefix + store.Key(person) }

func lockRequestKey(request string) string { return lockRequests + store.Key(request) }

func freezeKey(environment string) string {
	return freezePrefix + store.Key(cmp.Or(environment, anyName))
}

func freezeRequestKey(request string) string { return freezeRequests + store.Key(request) }

func lineKey(service, environment string) string { return linePrefix + store.Key(service, environment) }

func lineRequestKey(request string) string { return lineRequests + store.Key(request) }

func succeededKey(service, environment, sha string) string {
	return succeededPrefix + store.Key(service, environment, sha)
}

func waitingKey(service, environment string) string {
	return waitingPrefix + store.Key(service, environment)
}

func approvedKey(b Bound) string { return approvedPrefix + store.Key(hash(b)) }

func newestKey(service, environment string) string {
	return newestPrefix + store.Key(service, environment)
}

func requestKey(request string) string { return requestPrefix + store.Key(request) }

// historyUnder is the prefix of the deployments of a service to an environment; either may be empty for all.
func historyUnder(service, environment string) string {
	return historyPrefix + store.Key(cmp.Or(service, anyName), cmp.Or(environment, anyName)) + "/"
}

// historyKeys are the keys under which a deployment is found, for each way of asking.
func historyKeys(d *Deployment) []string {
	tail := store.Key(backwards(d.Created), d.ID)
	return []string{
		historyUnder("", "") + tail,
		historyUnder(d.Service, "") + tail,
		historyUnder("", d.Environment) + tail,
		historyUnder(d.Service, d.Environment) + tail,
	}
}

// heldKey is where it is kept that a person was refused in a place.
func heldKey(service, environment, person string) string {
	return heldPrefix + store.Key(service, environment, person)
}

// endedUnder is the prefix of the outcomes of a service in an environment.
func endedUnder(service, environment string) string {
	return endedPrefix + store.Key(service, environment) + "/"
}

// endedKey is where the outcome of a deployment that has ended stands.
func endedKey(d *Deployment) string {
	return endedUnder(d.Service, d.Environment) + store.Key(backwards(d.Ended), d.ID)
}

// backwards is a time that sorts the later ones first.
func backwards(t time.Time) string { return fmt.Sprintf("%019d", math.MaxInt64-t.UnixNano()) }

// lastOf is the last word of a key: the ID, where the key is an index.
func lastOf(key string) string { return key[strings.LastIndexByte(key, '/')+1:] }
