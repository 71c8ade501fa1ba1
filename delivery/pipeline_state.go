package delivery

import "shipmate/integrations/github"

// CheckState is where a check of a commit stands. Only CheckSuccess, CheckNeutral and CheckSkipped are good.
type CheckState = github.State

// The states of a check.
const (
	CheckExpected       = github.Expected // required, and nobody has reported it yet
	CheckQueued         = github.Queued
	CheckRunning        = github.Running
	CheckSuccess        = github.Success
	CheckFailure        = github.Failure
	CheckCancelled      = github.Cancelled
	CheckSkipped        = github.Skipped
	CheckNeutral        = github.Neutral
	CheckTimedOut       = github.TimedOut
	CheckActionRequired = github.ActionRequired
	CheckStale          = github.Stale
)
