package adr

import (
	"shipmate/clock"
	"shipmate/config"
	"shipmate/integrations/github"
)

// Written is how people's text stands in a section of that level.
var Written = written

// Bare is a service that can only read.
func Bare(c *github.Client, cfg *config.Config) *Service {
	return &Service{github: c, clock: clock.System(), current: func() *config.Config { return cfg }}
}
