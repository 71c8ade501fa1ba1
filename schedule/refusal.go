package schedule

// Code says why something is not done.
type Code string

// The codes.
const (
	NoSchedule  Code = "schedule.unknown"
	BadTimes    Code = "schedule.times"   // Why says what is wrong
	TooOften    Code = "schedule.often"   // more often than every MinEvery
	TooMany     Code = "schedule.many"    // the person has MaxOwned
	AlreadySo   Code = "schedule.already" // Schedule is so already
	NotRunning  Code = "schedule.held"    // it is paused or stopped, so nothing can be left out
	IsRunning   Code = "schedule.running"
	WasRemoved  Code = "schedule.removed"
	Configured  Code = "schedule.configured" // the configuration names it, so it cannot be removed
	NotYours    Code = "schedule.rights"     // who runs it at once, or has it run again, may not run the line
	NoTeam      Code = "schedule.team"       // there is no team of that name
	NoDigest    Code = "schedule.digest"     // there is no digest with that ID, or the team has none
	NoRecursion Code = "schedule.recursion"  // the line is about schedules
	NoService   Code = "debt.service"        // there is no service of that name
	NoDebt      Code = "debt.unknown"        // Item is no open issue with the label, which is Word
	BadDebt     Code = "debt.text"           // it has no title, or is too long
	BadSnooze   Code = "debt.until"          // it has passed, or is more than MaxSnooze away
	DebtDecided Code = "debt.decided"        // Decision was made about Item before
	NotLinked   Code = "debt.login"          // nobody has confirmed who the person is on GitHub
)

// Refused is a no of this package's.
type Refused struct {
	Code     Code
	Word     string
	Schedule *Schedule
	Why      error // of BadTimes, NotYours
	Item     DebtItem
	Decision *DebtDecision
}

func (r *Refused) Error() string { return "refused: " + string(r.Code) }

func (r *Refused) Unwrap() error { return r.Why }
