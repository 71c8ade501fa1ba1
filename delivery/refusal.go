package delivery

import (
	"time"

	"shipmate/config"
)

// Code names a reason to refuse. Codes are stable: people search logs for them and tests name them.
type Code string

// The reasons.
const (
	NoService          Code = "no_service"            // the configuration knows no such service
	NotDeployedThere   Code = "not_deployed_there"    // the service is not deployed to that environment
	InvalidInputs      Code = "invalid_inputs"        // what the workflow is to be given is not what may be given
	NoRef              Code = "no_ref"                // the repository has no such branch, tag or commit
	WorkflowMissing    Code = "workflow_missing"      // the repository has no such workflow
	WorkflowMistakes   Code = "workflow_mistakes"     // the workflow does not declare what it must
	SlotTaken          Code = "slot_taken"            // a deployment there has not ended
	AlreadyRunning     Code = "already_running"       // this commit already runs there; Want.Anyway passes
	Outdated           Code = "outdated"              // the commit goes back or aside from what runs there
	NotInDefaultBranch Code = "not_in_default_branch" // the commit is not in the default branch
	LineageUnread      Code = "lineage_unread"        // GitHub does not tell how the commit lies to others
	NotInOrder         Code = "not_in_order"          // the commit has not succeeded in the environment that comes before
	Soaking            Code = "soaking"               // it has not stood there for long enough
	ChecksPending      Code = "checks_pending"        // checks of the commit have not ended
	ChecksFailed       Code = "checks_failed"         // checks of the commit ended badly
	NoChecks           Code = "no_checks"             // checks are asked for and there are none
	ChecksUnread       Code = "checks_unread"         // what GitHub says of the checks is not all there is
	Locked             Code = "locked"                // somebody has locked it
	AlreadyLocked      Code = "already_locked"        // somebody else has locked it, so nobody can once more
	LockOfAnother      Code = "lock_of_another"       // the lock to be ended is somebody else's; LockWant.Anyway passes
	NotLocked          Code = "not_locked"            // there is no lock to end
	NotPermitted       Code = "not_permitted"         // who asks may not deploy there
	PermissionUnknown  Code = "permission_unknown"    // Slack does not tell who may
	AlreadyWaiting     Code = "already_waiting"       // the same commit waits there
	ApprovalsMissing   Code = "approvals_missing"     // people have to approve first
	ApprovalVoid       Code = "approval_void"         // what was approved is not what would be deployed now
	Rejected           Code = "rejected"              // somebody has rejected it
	StartMissing       Code = "start_missing"         // who asked has to say that it starts
	TooManyWaiting     Code = "too_many_waiting"      // too many deployments wait there
	NothingWaiting     Code = "nothing_waiting"       // no deployment waits there
	NotWaiting         Code = "not_waiting"           // there is nothing to approve, reject or start
	OwnVote            Code = "own_vote"              // who asked cannot approve
	AuthorVote         Code = "author_vote"           // who wrote all of the change cannot approve
	AuthorUnknown      Code = "author_unknown"        // it is not known whether the approver wrote all of the change
	AlreadyVoted       Code = "already_voted"         // one person has one vote
	NotYours           Code = "not_yours"             // only who asked can say that it starts
	Vetoed             Code = "vetoed"                // the commit was rolled back there
	NotVetoed          Code = "not_vetoed"            // there is no veto to end
	StillCancelling    Code = "still_cancelling"      // what is undone has not ended yet
	AlreadyGoingBack   Code = "already_going_back"    // what is under way there is a rollback
	NothingToUndo      Code = "nothing_to_undo"       // no deployment of ours runs there
	NothingGood        Code = "nothing_good"          // no deployment before it stayed good
	NeverGood          Code = "never_good"            // the deployment that is named did not succeed there
	GoesNowhere        Code = "goes_nowhere"          // the commit to go back to is the one to go back from
	NotThereAnyMore    Code = "not_there_any_more"    // what was to be undone is not there any more
	NoGlass            Code = "no_glass"              // the environment lets nobody skip anything
	GlassNotNeeded     Code = "glass_not_needed"      // nothing is in the way
	ReviewOpen         Code = "review_open"           // nobody has signed the review of the same person's last one
	NoReview           Code = "no_review"             // there is nothing to sign
	OwnReview          Code = "own_review"            // somebody else has to sign
	AlreadySigned      Code = "already_signed"        // somebody has
	NoProduction       Code = "no_production"         // nothing says which environment is production
	Frozen             Code = "frozen"                // the environment is closed at this time
	IncidentOpen       Code = "incident_open"         // an incident keeps the service as it is
	NoSource           Code = "no_source"             // it is not said what is to be promoted, and the environment comes after none
	SamePlace          Code = "same_place"            // an environment cannot be promoted to itself
	NothingToPromote   Code = "nothing_to_promote"    // no deployment of Shipmate's has succeeded there
	SourceMoved        Code = "source_moved"          // another commit than the one that was meant runs there by now
	NoServiceOf        Code = "no_service_of"         // the repository is of no service
	NoCommit           Code = "no_commit"             // no repository looked in has the commit
	NoDeployment       Code = "no_deployment"         // there is no deployment with that ID
	NothingRunning     Code = "nothing_running"       // no deployment there to cancel
	AlreadyEnded       Code = "already_ended"         // too late to cancel
	AlreadyCancelled   Code = "already_cancelled"     // somebody asked for it before
	MovedOn            Code = "moved_on"              // the deployment is not in the stage that the asker saw
	NotEnded           Code = "not_ended"             // too early to retry
	AlreadyRetried     Code = "already_retried"       // somebody did it before
	NothingToRetry     Code = "nothing_to_retry"      // it succeeded
	NoWatch            Code = "no_watch"              // there is no watch with that ID
	NothingToRerun     Code = "nothing_to_rerun"      // no run of the pipeline can be run again
	AlreadyRerun       Code = "already_rerun"         // somebody did it before
)

// Refused is a "no" with everything there is to say about it; package commands makes the sentence. Which fields are set
// depends on the Code.
type Refused struct {
	Code        Code
	Service     string
	Environment string
	// From is the environment whose commit was to be promoted.
	From string
	// Deployment is the one that stands in the way, or that was asked about.
	Deployment *Deployment
	// By and Since are who made it so and when.
	By    string
	Since time.Time
	// Commit is the one that was asked for, Ref the branch, tag or commit as it was asked for.
	Commit Commit
	Ref    string
	// Near are names that look like a Ref that does not exist, nearest first; Why is set when it cannot be a name at all, and
	// of an approval that is void to what has moved.
	Near []string
	Why  string
	// Pipeline is the one that was asked about.
	Pipeline *Pipeline
	// Lock is the one that was asked about.
	Lock *Lock
	// Freeze is the one that was asked about.
	Freeze *Freeze
	// Gates are all that have not passed, the first of them being the Code's.
	Gates []Gate
	// Mistakes are what is wrong with the workflow, a sentence each with how to mend it.
	Mistakes []string
	// Given is what the workflow was to be given, as people typed it.
	Given map[string]string
	// Inputs are what is wrong with what the workflow was to be given.
	Inputs []config.InputMistake
	// Workflow and Repo are where the workflow was looked for.
	Workflow string
	Repo     string
	// Environments are those that would be possible.
	Environments []string
}

// Error is for logs.
func (r *Refused) Error() string { return "refused: " + string(r.Code) }

// UserMessage is the bare reason, for whoever has no better words.
func (r *Refused) UserMessage() string {
	return "Shipmate did not do this (" + string(r.Code) + "); nothing was changed."
}
