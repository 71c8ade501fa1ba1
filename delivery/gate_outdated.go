package delivery

import (
	"context"

	"shipmate/config"
	"shipmate/integrations/github"
)

// Lineage is how a commit lies to what runs there and to the default branch. What is not asked for or not known is empty.
type Lineage struct {
	// ToRunning is how it lies to what runs there: ahead, behind, diverged or identical.
	ToRunning string
	// ToDefault is how it lies to the default branch; behind or identical is in it.
	ToDefault string
}

// outdatedGate keeps a commit out that goes back or aside from what runs there, or that is not in the default branch, where the
// environment asks for that. What GitHub does not tell has not passed.
func outdatedGate(f *Facts) *Gate {
	e := f.Environment
	if !e.ForwardOnly && !e.DefaultBranchOnly || f.Rollback != nil {
		return nil
	}
	if e.DefaultBranchOnly {
		g := &Gate{Verdict: Closed, At: f.rule("default_branch_only")}
		switch f.Lineage.ToDefault {
		case "behind", "identical":
		case "":
			g.Code = LineageUnread
			return g
		default:
			g.Code = NotInDefaultBranch
			return g
		}
	}
	g := &Gate{Verdict: Passed, At: f.rule("forward_only")}
	switch {
	case !e.ForwardOnly:
		g.At = f.rule("default_branch_only")
	case f.Bound.From == "" || f.Bound.From == f.Commit.SHA: // nothing is known to run there, or just this
	case f.Lineage.ToRunning == "":
		g.Verdict, g.Code = Closed, LineageUnread
	case f.Lineage.ToRunning != "ahead" && f.Lineage.ToRunning != "identical":
		g.Verdict, g.Code = Closed, Outdated
	}
	return g
}

// lineage asks GitHub what the environment's rules want to know of the commit. Of a commit it does not know it tells nothing.
func (s *Service) lineage(ctx context.Context, d *Deployment, from string, e *config.Environment) (out Lineage, err error) {
	if e.ForwardOnly && from != "" && from != d.Commit.SHA {
		if out.ToRunning, err = s.github.Lineage(ctx, d.Repo, from, d.Commit.SHA); err != nil && !github.IsNotFound(err) {
			return out, err
		}
	}
	if e.DefaultBranchOnly {
		if out.ToDefault, err = s.github.Lineage(ctx, d.Repo, d.Decided.Branch, d.Commit.SHA); err != nil && !github.IsNotFound(err) {
			return out, err
		}
	}
	return out, nil
}
