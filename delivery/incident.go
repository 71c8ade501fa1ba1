package delivery

import (
	"fmt"

	"shipmate/store"
)

// Hold is an incident that keeps deployments of a service out: it is open, bad enough for that, and nobody has mitigated it.
type Hold struct {
	ID       string `json:"id,omitempty"`
	Number   int    `json:"number,omitempty"`
	Title    string `json:"title,omitempty"`
	Severity string `json:"severity,omitempty"` // the name of one
	Status   string `json:"status,omitempty"`
	// Private says that nobody is told of it who is not in it.
	Private bool   `json:"private,omitempty"`
	By      string `json:"by,omitempty"`      // Slack ID of who declared it
	Channel string `json:"channel,omitempty"` // where it runs; empty when that is nowhere
}

// rank puts those that may be spoken of first.
func (h Hold) rank() int {
	if h.Private {
		return 1
	}
	return 0
}

// Incidents reads the incidents that keep deployments of a service out. It is called in the transaction that decides about one, and
// an error refuses the deployment.
type Incidents func(g store.Getter, service string) ([]Hold, error)

// readHolds is Incidents without anything of the private ones: gates are written into records and shown to everybody.
func (s *Service) readHolds(g store.Getter, service string) ([]Hold, error) {
	all, err := s.incidents(g, service)
	if err != nil {
		return nil, fmt.Errorf("reading the incidents of %s: %w", service, err)
	}
	var out []Hold
	for _, h := range all {
		if h.Private {
			h = Hold{Private: true}
		}
		out = append(out, h)
	}
	return out, nil
}

// Freed has the lines of services looked at in all their environments, since an incident does not keep them out any more. However
// many there are it is one operation of the runner. Deployments that wait need no word: an incident ends one only when it is time to
// start.
func Freed(tx store.Tx, services []string) error {
	switch len(services) {
	case 0:
		return nil
	case 1:
		return wakeLines(tx, services[0], "")
	}
	return wakeLines(tx, "", "")
}

// Ended hears that a deployment which was sent has ended, in the transaction that ends it: what an error would keep from ending. So it
// makes only a few operations, however many have to know.
type Ended func(tx store.Tx, d *Deployment) error

// wasSent tells whether a deployment that ended may have changed something: it had a run, or nobody knows whether it had one.
func (d *Deployment) wasSent(before State) bool { return d.Run != nil || before == Lost }
