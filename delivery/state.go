package delivery

import "slices"

// State is where a deployment stands.
type State string

// The states. A deployment holds its slot from being wanted until it has ended.
const (
	Waiting     State = "waiting"     // for checks, approvals or a word to start; it holds no slot
	Wanted      State = "wanted"      // written down; nothing was sent to GitHub
	Dispatching State = "dispatching" // it may have been sent; its run is not known yet
	Queued      State = "queued"      // the run is known and waits
	Running     State = "running"     // a job of the run has begun
	Lost        State = "lost"        // nobody knows whether it runs; a person has to look

	Succeeded State = "succeeded"
	Failed    State = "failed"
	Cancelled State = "cancelled"
	Denied    State = "denied"    // a gate closed after it was asked for and before anything was sent
	Expired   State = "expired"   // what it waited for did not come in time
	Abandoned State = "abandoned" // a person freed the slot without knowing what became of it
)

// follows says what may come after each state. Beside it every state may follow itself, and nothing follows an ended one.
var follows = map[State][]State{
	Waiting:     {Wanted, Cancelled, Denied, Expired},
	Wanted:      {Dispatching, Failed, Cancelled, Denied},
	Dispatching: {Wanted, Queued, Running, Lost, Succeeded, Failed, Cancelled}, // wanted again: it was not sent after all
	Queued:      {Running, Lost, Succeeded, Failed, Cancelled, Abandoned},
	Running:     {Queued, Lost, Succeeded, Failed, Cancelled, Abandoned}, // queued again: somebody ran it again on GitHub
	Lost:        {Dispatching, Queued, Running, Succeeded, Failed, Cancelled, Abandoned},
}

// Ended tells whether nothing can follow the state.
func (s State) Ended() bool { return len(follows[s]) == 0 }

// may tells whether next may come after s.
func (s State) may(next State) bool { return s == next || slices.Contains(follows[s], next) }

// Offer is what a person can do with a deployment.
type Offer string

// The offers.
const (
	NoOffer     Offer = ""
	OfferCancel Offer = "cancel" // stop it
	OfferFree   Offer = "free"   // free the slot of a lost one
	OfferRetry  Offer = "retry"  // the same commit once more
	OfferVote   Offer = "vote"   // approve or reject it, or stop it
	OfferStart  Offer = "start"  // say that it starts, or stop it
)

// Offer says what can be done with the deployment now. Stage rises whenever the answer changes.
func (d *Deployment) Offer() Offer {
	switch {
	case d.State == Waiting && d.Start != nil:
		return OfferStart
	case d.State == Waiting && slices.ContainsFunc(d.Open, func(g Gate) bool { return g.Name == "approvals" }):
		return OfferVote
	case d.State == Lost:
		return OfferFree
	case d.State.Ended() && d.Retried == nil && d.State != Succeeded:
		return OfferRetry
	case !d.State.Ended() && d.Cancel == nil:
		return OfferCancel
	}
	return NoOffer
}
