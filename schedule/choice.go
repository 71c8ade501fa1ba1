package schedule

import (
	"context"
	"time"

	"shipmate/config"
	"shipmate/store"
)

// Choice is what a team wants its digests to be: what it chose, and what the configuration says of all digests where it chose nothing.
type Choice struct {
	Sections []config.DigestSection `json:"sections,omitempty"`
	Quiet    string                 `json:"quiet,omitempty"`
	Details  string                 `json:"details,omitempty"`
	By       string                 `json:"by,omitempty"` // Slack ID; empty while nobody chose anything
	At       time.Time              `json:"at,omitzero"`
	Request  string                 `json:"request,omitempty"`
}

// choice is what holds for a team.
func (s *Service) choice(g store.Getter, team *config.Team) (Choice, error) {
	c, _, err := store.Load[Choice](g, choiceKey(team.Name))
	if err != nil {
		return c, err
	}
	all := s.current().Digest.WithDefaults()
	if len(c.Sections) == 0 {
		c.Sections = all.Sections
	}
	if c.Quiet == "" {
		c.Quiet = all.Quiet
	}
	if c.Details == "" {
		c.Details = all.Details
	}
	return c, nil
}

// Choice is what a team wants its digests to be.
func (s *Service) Choice(ctx context.Context, name string) (c Choice, err error) {
	team, ok := s.current().Team(name)
	if !ok {
		return c, &Refused{Code: NoTeam, Word: name}
	}
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		c, err = s.choice(snap, team)
		return err
	})
	return c, err
}

// Choose has a team's digests be so from the next one on. Sections are put into the usual order.
func (s *Service) Choose(ctx context.Context, name string, c Choice) (Choice, error) {
	team, ok := s.current().Team(name)
	if !ok {
		return c, &Refused{Code: NoTeam, Word: name}
	}
	c.Sections = inOrder(c.Sections)
	c.At = c.At.UTC()
	err := s.db.Update(ctx, func(tx store.Tx) error {
		was, found, err := store.Load[Choice](tx, choiceKey(team.Name))
		if err != nil || found && was.Request == c.Request {
			return err
		}
		return store.Save(tx, choiceKey(team.Name), c)
	})
	return c, err
}

// Chosen is what a request made a team choose, or ErrNotFound.
func (s *Service) Chosen(ctx context.Context, name, request string) (c Choice, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) (err error) {
		var found bool
		c, found, err = store.Load[Choice](snap, choiceKey(name))
		if err == nil && (!found || c.Request != request) {
			err = ErrNotFound
		}
		return err
	})
	return c, err
}

// inOrder are sections in the order in which digests have them.
func inOrder(sections []config.DigestSection) []config.DigestSection {
	var out []config.DigestSection
	for _, one := range config.DigestSections {
		for _, section := range sections {
			if section == one {
				out = append(out, one)
				break
			}
		}
	}
	return out
}
