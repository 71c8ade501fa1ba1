package delivery

import (
	"context"

	"shipmate/config"
	"shipmate/store"
)

// People is what is asked about people. Whoever cannot be asked answers with an error, which is a no.
type People struct {
	// May tells whether a person, a Slack ID, is one of the principals.
	May func(ctx context.Context, person string, of []config.Principal) (bool, error)
	// Mention gives the Slack IDs of user groups and people to mention when principals are asked for something.
	Mention func(ctx context.Context, of []config.Principal) ([]string, error)
	// Login is the person's login on GitHub, "" without one; only a proven one says who somebody is.
	Login func(g store.Getter, person string) (login string, proven bool, err error)
}

// Permission is what is known of whether somebody may deploy.
type Permission struct {
	Allowed bool
	Known   bool // Slack said so
}

// permission asks whether who asks may deploy the service there, in the way they want to. Of nobody nothing is known.
func (s *Service) permission(ctx context.Context, f *Facts) (Permission, error) {
	if f.By == "" {
		return Permission{}, nil
	}
	allowed, err := s.people.May(ctx, f.By, f.allowed())
	if err != nil {
		return Permission{}, &peopleUnread{err}
	}
	return Permission{Allowed: allowed, Known: true}, nil
}

// peopleUnread says that nobody can be asked who is who. It passes: what needs to know is tried again.
type peopleUnread struct{ err error }

func (e *peopleUnread) Error() string { return "asking who may: " + e.err.Error() }
func (e *peopleUnread) Unwrap() error { return e.err }

// UserMessage is the reason in words for people.
func (e *peopleUnread) UserMessage() string { return "Nobody tells who is who." }

// permissionGate lets only those deploy who may. Who is not known to be one of them may not.
func permissionGate(f *Facts) *Gate {
	g := &Gate{Verdict: Passed, At: f.deployersAt(), By: f.By}
	if !f.Permission.Allowed {
		g.Verdict, g.Code, g.Who = Closed, NotPermitted, f.allowed()
	}
	if !f.Permission.Known {
		g.Verdict, g.Code = NotYet, PermissionUnknown
	}
	return g
}

// deployersAt is the line that says who may deploy there.
func (f *Facts) deployersAt() string {
	if f.Glass && f.Environment.BreakGlass != nil && len(f.Environment.BreakGlass.By) > 0 {
		return f.rule("break_glass.by")
	}
	if len(f.Environment.Deployers) > 0 {
		return f.rule("deployers")
	}
	return f.Config.At("services." + f.Service.Name + ".team")
}
