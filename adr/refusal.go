package adr

// Code says why something is refused.
type Code string

// The reasons.
const (
	NoLog      Code = "no_log"      // the configuration knows no such log, or none at all
	NoTitle    Code = "no_title"    // a decision without a word
	BadTitle   Code = "bad_title"   // a title that cannot stand in a record; Word says why
	NoNumber   Code = "no_number"   // there is no record with that number
	ByHand     Code = "by_hand"     // its record is in the pull request Other, at Word, that somebody opened by hand
	NoProposal Code = "no_proposal" // it is not being proposed
	AlreadySo  Code = "already_so"  // it stands so already
	Ended      Code = "ended"       // it is decided, or closed
	NoVote     Code = "no_vote"     // the person's thumb does not count there
	NoThumb    Code = "no_thumb"    // they gave none in Slack
	NoReason   Code = "no_reason"   // it needs one
	Superseded Code = "superseded"  // Number was superseded before, by Other
	StandsAs   Code = "stands_as"   // the record Number has the status Word, from which it cannot come to the one that is wanted
	OnlyStatus Code = "only_status" // it only changes a status, so that nothing of it can be recorded as rejected
	NoPlace    Code = "no_place"    // the record Number, the file Word, has no place for a status
	NoAuthor   Code = "no_author"   // nobody is known to have the login Word, who opened the pull request Number
	TooLate    Code = "too_late"    // GitHub is being asked to merge it
	IsDraft    Code = "is_draft"    // its pull request is a draft, which GitHub does not merge
	StillOpen  Code = "still_open"  // it is being proposed still
	NotTaken   Code = "not_taken"   // nobody else has its number
	NoPull     Code = "no_pull"     // there is no such pull request open, or it has no records
	NotOne     Code = "not_one"     // the pull request adds another number of records than one
	FromFork   Code = "from_fork"   // its branch is in somebody's fork, where Shipmate cannot write
	Decided    Code = "decided"     // it has its thumbs, so that it is not rejected any more
)

// Refused is a "no" with its reason; package commands makes the words.
type Refused struct {
	Code     Code
	Word     string    // what was asked for, or why it cannot be
	Number   int       // of the record that was asked for
	Other    int       // number of the one that it has to do with
	Log      string    // the log's name
	Proposal *Proposal // which it is about, as it stands
}

// Error is for logs.
func (r *Refused) Error() string { return "refused: " + string(r.Code) }
