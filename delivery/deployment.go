package delivery

import (
	"crypto/sha256"
	"encoding/base32"
	"regexp"
	"strings"
	"time"

	"shipmate/config"
)

// Deployment is one wish to have a commit run in an environment, and everything that came of it. It is the record behind
// the live card; fields are only ever added.
type Deployment struct {
	// ID is also the correlation ID that the workflow run carries.
	ID string `json:"id"`
	// Request is the ID of the request that asked for it.
	Request string `json:"request"`
	// Version rises with every write.
	Version int `json:"version"`
	// Stage rises whenever what one can do with the deployment changes.
	Stage int `json:"stage"`
	// State is where it stands.
	State State `json:"state"`

	Service     string `json:"service"`
	Environment string `json:"environment"`
	Repo        string `json:"repo"`
	// Ref is the branch, tag or commit that was asked for; PromotedFrom tells when it was what runs in an environment.
	Ref string `json:"ref"`
	// Commit is what the ref was when it was asked for; nothing else is deployed.
	Commit Commit `json:"commit"`
	// Before is what ran there when it was asked for.
	Before Before `json:"before,omitzero"`
	// Changes are what differs from that; nil when it is not known.
	Changes *Changes `json:"changes,omitempty"`

	By     string `json:"by"` // Slack ID
	Reason string `json:"reason,omitempty"`
	// Announced are the channels beside its card's in which it is shown.
	Announced []string `json:"announced,omitempty"`
	// Inputs are what the asker gave the workflow; all that it is given stands in Decided.
	Inputs map[string]string `json:"inputs,omitempty"`
	// Channel is where it was asked for, Home the channel of the service's team.
	Channel string `json:"channel,omitempty"`
	Home    string `json:"home,omitempty"`

	Created    time.Time `json:"created"`             // when it was asked for
	Attempted  time.Time `json:"attempted,omitzero"`  // when it was first about to be dispatched
	Resent     time.Time `json:"resent,omitzero"`     // when it was about to be dispatched once more
	Dispatched time.Time `json:"dispatched,omitzero"` // when its run was known
	Started    time.Time `json:"started,omitzero"`    // when the run's first job began
	Ended      time.Time `json:"ended,omitzero"`
	Noticed    time.Time `json:"noticed,omitzero"` // when GitHub was first read to say so, which an outage makes later

	// Run is what does the work: a workflow run, or a deployment on GitHub when others carry it out (Decided.Deployment).
	Run     *Run     `json:"run,omitempty"`
	Jobs    []Job    `json:"jobs,omitempty"` // at most maxJobs
	Failure *Failure `json:"failure,omitempty"`
	Cancel  *Cancel  `json:"cancel,omitempty"`

	// Open are the gates it waits for. Waits are those it has waited for, each from when to when; with what its asker was refused by
	// before, from the first refusal on.
	Open  []Gate `json:"open,omitempty"`
	Waits []Wait `json:"waits,omitempty"`
	// Expires is when it does not wait any longer, Cleared when nothing was in its way any more; both are zero for one that did
	// not wait.
	Expires time.Time `json:"expires,omitzero"`
	Cleared time.Time `json:"cleared,omitzero"`
	// Closing is the freeze of the configuration that it would run into while it waits, and Warned when people were told that
	// it is near.
	Closing *Window   `json:"closing,omitempty"`
	Warned  time.Time `json:"warned,omitzero"`
	// Approval is what approvers were asked and have said; nil when none are needed.
	Approval *Approval `json:"approval,omitempty"`
	// Start is that who asked for it was asked to say when it starts.
	Start *Start `json:"start,omitempty"`

	// Denied are the gates that had closed when it was about to be sent, or that did not open in time.
	Denied []Gate `json:"denied,omitempty"`

	// Rollback says from what it goes back; nil for a deployment that does not. RolledBack says what undid it.
	Rollback   *Rollback   `json:"rollback,omitempty"`
	RolledBack *RolledBack `json:"rolled_back,omitempty"`

	// Glass says what was skipped; nil for a deployment that passed all its gates.
	Glass *Glass `json:"glass,omitempty"`
	// Site is where it is to be seen, as whoever carries it out says. Record is what GitHub is told of it beside its run.
	Site   string  `json:"site,omitempty"`
	Record *Record `json:"record,omitempty"`
	// Health is how it has done since it succeeded; nil while it has not, or when nobody looks.
	Health *Health `json:"health,omitempty"`

	RetryOf string   `json:"retry_of,omitempty"`
	Retried *Retried `json:"retried,omitempty"`

	// Unread is set while GitHub cannot be read.
	Unread *Trouble `json:"unread,omitempty"`
	// Late is when it was noticed that the run does not start.
	Late time.Time `json:"late,omitzero"`
	// Missing is since when GitHub does not know the run any more.
	Missing time.Time `json:"missing,omitzero"`
	// Lost says why nobody knows what became of it.
	Lost Loss `json:"lost,omitempty"`

	// Decided is the configuration it was decided by; following it uses this copy.
	Decided Decided `json:"decided"`
}

// Commit is a commit as people see it.
type Commit struct {
	SHA     string `json:"sha"` // all 40 digits
	Subject string `json:"subject,omitempty"`
	Author  string `json:"author,omitempty"`
	URL     string `json:"url,omitempty"`
	// At is when it was committed; zero when that is not known.
	At time.Time `json:"at,omitzero"`
}

// Short is how a commit's SHA is shown: its first seven digits.
func (c Commit) Short() string { return short(c.SHA) }

func short(sha string) string { return sha[:min(7, len(sha))] }

// Before is what was known to run in an environment. The zero Before means that nobody knows.
type Before struct {
	SHA string `json:"sha,omitempty"`
	// Source says who says so.
	Source Source `json:"source,omitempty"`
	// Doubtful is set when a later deployment did not end well, so that part of it may run.
	Doubtful bool `json:"doubtful,omitempty"`
}

// Source is who says what runs in an environment.
type Source string

// The sources.
const (
	FromLedger Source = "ledger" // a deployment of ours succeeded
	FromGitHub Source = "github" // GitHub's latest successful deployment
)

// Changes are what a deployment brings beside what ran before.
type Changes struct {
	// Status is how the commit lies to what ran: ahead, behind (it goes back), diverged or identical.
	Status string `json:"status"`
	Ahead  int    `json:"ahead,omitempty"`  // commits that come
	Behind int    `json:"behind,omitempty"` // commits that go
	// PullRequests are those that come, newest first; of a deployment that goes back, those that go. At most maxPulls.
	PullRequests []PullRequest `json:"pull_requests,omitempty"`
	// More is how many further pull requests there are; AtLeast says that there may be more still.
	More    int    `json:"more,omitempty"`
	AtLeast bool   `json:"at_least,omitempty"`
	URL     string `json:"url,omitempty"`
}

// PullRequest is a pull request in a list of changes.
type PullRequest struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	Author string `json:"author,omitempty"`
	URL    string `json:"url"`
	// Risks is the section of that name in its text, on one line of bounded length.
	Risks string `json:"risks,omitempty"`
}

// Run is the workflow run that does the work.
type Run struct {
	ID         int64  `json:"id"`
	URL        string `json:"url"`
	Attempt    int    `json:"attempt,omitempty"`
	Status     string `json:"status,omitempty"`     // GitHub's word
	Conclusion string `json:"conclusion,omitempty"` // GitHub's word, once it has completed
}

// Job is one job of the run.
type Job struct {
	Name       string    `json:"name"`
	Status     string    `json:"status"`
	Conclusion string    `json:"conclusion,omitempty"`
	Step       string    `json:"step,omitempty"` // the step it is at, or failed at
	Started    time.Time `json:"started,omitzero"`
	Ended      time.Time `json:"ended,omitzero"`
	URL        string    `json:"url,omitempty"`
}

// Took is how long the job took, or has been running at now; 0 before it starts.
func (j Job) Took(now time.Time) time.Duration {
	switch {
	case j.Started.IsZero():
		return 0
	case !j.Ended.IsZero():
		return max(0, j.Ended.Sub(j.Started))
	}
	return max(0, now.Sub(j.Started))
}

// Failure is why a deployment failed. Without a Job it failed before any job did.
type Failure struct {
	Job  string   `json:"job,omitempty"`
	Step string   `json:"step,omitempty"`
	URL  string   `json:"url,omitempty"`
	Log  []string `json:"log,omitempty"` // the step's last lines, bounded by maxLogLines and maxLine
	Why  string   `json:"why,omitempty"` // one sentence, when there is more to say than the job
}

// Cancel is the wish to stop a deployment.
type Cancel struct {
	By string    `json:"by"` // Slack ID
	At time.Time `json:"at"`
	// Request is the ID of the request that said so.
	Request string `json:"request"`
	// Sent is when GitHub was last asked to stop the run.
	Sent time.Time `json:"sent,omitzero"`
}

// Retried is what somebody started instead.
type Retried struct {
	ID string    `json:"id"`
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Trouble is that GitHub cannot be read, or takes nothing.
type Trouble struct {
	Since time.Time `json:"since"`
	Why   string    `json:"why"` // one sentence for people
	Tries int       `json:"tries"`
	// People says that it is not GitHub: nobody tells who is who, so that nobody knows who may.
	People bool `json:"people,omitempty"`
}

// Loss is why it is not known what became of a deployment.
type Loss string

// The ways to lose a deployment.
const (
	NeverSeen  Loss = "never_seen" // dispatched without a clear answer, and no run with its ID appeared
	RunGone    Loss = "run_gone"   // GitHub does not know the run any more
	Unreadable Loss = "unreadable" // GitHub could not be read for lostAfter
	// Unstoppable says that somebody wants it stopped, which nobody can from here.
	Unstoppable Loss = "unstoppable"
)

// Decided is the configuration a deployment was decided by.
type Decided struct {
	Workflow string `json:"workflow,omitempty"`
	// Deployment says that a deployment is created on GitHub instead, for whoever listens.
	Deployment bool `json:"deployment,omitempty"`
	// Record says that GitHub is told of it beside its run, and Site where it will be to be seen.
	Record bool   `json:"record,omitempty"`
	Site   string `json:"site,omitempty"`

	Branch string            `json:"branch"`           // the default branch, on which the workflow is dispatched
	Inputs map[string]string `json:"inputs,omitempty"` // fixed, given and by default
	Search config.Duration   `json:"search"`
	Start  config.Duration   `json:"start"`
	Links  map[string]string `json:"links,omitempty"`
	// Next is the one environment of the service that comes after this one; empty when there is none, or more than one.
	Next string `json:"next,omitempty"`
	// Health is how it is found out whether it stays good; nil when nobody looks.
	Health *HealthCheck `json:"health,omitempty"`
}

// Took is how long the deployment took from being asked for, or has taken at now.
func (d *Deployment) Took(now time.Time) time.Duration {
	if !d.Ended.IsZero() {
		now = d.Ended
	}
	return max(0, now.Sub(d.Created))
}

// Waited is how long whoever asked has waited for the news of how it ended: from asking until the end was noticed. It is 0
// before that.
func (d *Deployment) Waited() time.Duration {
	told := d.Noticed
	if told.Before(d.Ended) {
		told = d.Ended // it was ended here, not read
	}
	return max(0, told.Sub(d.Created))
}

// IsID tells whether a word has the form of a deployment's ID.
func IsID(word string) bool { return idPattern.MatchString(word) }

var idPattern = regexp.MustCompile(`^d-[a-z2-7]{10}$`)

// ID is the deployment that a request makes, the same however often it is asked: "d-" and ten characters.
func ID(request string) string {
	sum := sha256.Sum256([]byte(request))
	return "d-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:10]
}
