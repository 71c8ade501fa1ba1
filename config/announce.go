package config

import "slices"

// The events that are announced.
const (
	OnWaiting    = "waiting"     // it waits for checks or approvals
	OnStarted    = "started"     // its run has begun
	OnSucceeded  = "succeeded"   // it is there
	OnFailed     = "failed"      // its run failed, or nobody knows what became of it
	OnCancelled  = "cancelled"   // somebody stopped it
	OnUnhealthy  = "unhealthy"   // it is there and did not stay good
	OnRolledBack = "rolled_back" // somebody has undone it
)

// Announcement has deployments shown in a channel beside the one they were asked for in: one message each, kept true.
type Announcement struct {
	// To is the channel: a name in quotes, such as "#general", or its ID.
	To string `json:"to" format:"channel" required:"true"`
	// On are the events at which the message is posted: waiting, started, succeeded, failed, cancelled, unhealthy, rolled_back.
	// Default succeeded and failed. What comes after the first of them changes the message.
	On []string `json:"on,omitempty" format:"event" min:"1"`
	// Services are those whose deployments are announced; all by default.
	Services []string `json:"services,omitempty" format:"name" min:"1"`
	// Environments are those to which deployments are announced; all by default.
	Environments []string `json:"environments,omitempty" format:"name" min:"1"`
}

// Events are those at which the message is posted.
func (a Announcement) Events() []string {
	if len(a.On) == 0 {
		return []string{OnSucceeded, OnFailed}
	}
	return a.On
}

// For tells whether deployments of the service to the environment, by their names, are announced.
func (a Announcement) For(service, environment string) bool {
	return (len(a.Services) == 0 || slices.Contains(a.Services, service)) &&
		(len(a.Environments) == 0 || slices.Contains(a.Environments, environment))
}
