package incident

import "time"

// Code names a reason to refuse. Codes are stable: people search logs for them and tests name them.
type Code string

// The reasons.
const (
	NoPagerDuty     Code = "no_pagerduty"      // no token was given, so PagerDuty cannot be asked
	NoSubject       Code = "no_subject"        // the configuration knows no such team or service
	NoRota          Code = "no_rota"           // the configuration does not say where on PagerDuty it is
	NotLinked       Code = "not_linked"        // the person has no account on PagerDuty that is known to be theirs
	NobodyToPage    Code = "nobody_to_page"    // nobody is on call
	NoPageService   Code = "no_page_service"   // there is no service on PagerDuty to open the page on
	NotAnyMore      Code = "not_any_more"      // the page has ended
	AlreadyDone     Code = "already_done"      // somebody has done that already
	WasSent         Code = "was_sent"          // the page was sent, so there is nothing to page again
	PagedAgain      Code = "paged_again"       // somebody has paged again
	NotYet          Code = "not_yet"           // PagerDuty has not taken the page yet
	TooMuch         Code = "too_much"          // so much is wanted of the page and not done yet that nothing more is taken
	EmptyMessage    Code = "empty_message"     // a page without a word
	NotOnCall       Code = "not_on_call"       // there is nothing to give: the person is not on call there
	OnCallAlready   Code = "on_call_already"   // there is nothing to take: the person is on call for all of that time
	BadSpan         Code = "bad_span"          // an override that ends before it begins, or is too long
	OfferGone       Code = "offer_gone"        // the offer was answered, or has run out
	NotYours        Code = "not_yours"         // only the person it was offered to can answer
	NoSchedule      Code = "no_schedule"       // PagerDuty or the configuration knows no such schedule
	NoTitle         Code = "no_title"          // an incident without a word
	NoSeverity      Code = "no_severity"       // the configuration knows no such severity
	NoStatus        Code = "no_status"         // there is no such status
	NoRole          Code = "no_role"           // there is no such role
	TooManyServices Code = "too_many_services" // of one incident
	RoleTaken       Code = "role_taken"        // somebody else has it
	NoReason        Code = "no_reason"         // it needs one
	IsOver          Code = "is_over"           // the incident is resolved
	AlreadySo       Code = "already_so"        // it stands so already
	WhichSchedule   Code = "which_schedule"    // the person is on call by several
)

// Refused is a "no" with its reason; package commands makes the words.
type Refused struct {
	Code      Code
	Subject   Subject
	Person    string // Slack ID
	Account   string // on PagerDuty
	Claim     string // what the person says of themselves, and nobody has confirmed
	Kept      bool   // what was tried is done once it is known who they are
	Word      string // what was said
	Until     time.Time
	Incident  *Incident
	Page      *Page
	Handover  *Handover
	Schedules []Ref // to choose from

	Postmortem *Postmortem
}

func (r *Refused) Error() string { return "refused: " + string(r.Code) }

// configured says whether PagerDuty can be asked at all.
func (s *Service) configured() error {
	if !s.pager.Configured() {
		return &Refused{Code: NoPagerDuty}
	}
	return nil
}
