package adr

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
)

// propose opens the pull request. That it is tried is written down before, so that it is looked for first the next time.
func (s *Service) propose(ctx context.Context, p *Proposal) (github.Proposed, error) {
	retry := p.Attempts > 0
	p, err := s.change(ctx, p.ID, func(_ store.Tx, p *Proposal) error { p.Attempts++; return nil })
	if err != nil {
		return github.Proposed{}, inStore(err)
	}
	files, err := s.files(ctx, p)
	if err != nil {
		return github.Proposed{}, err
	}
	reviewers, err := s.logins(ctx, p.Reviewers)
	if err != nil {
		return github.Proposed{}, inStore(err)
	}
	return s.github.EnsurePullRequest(ctx, github.Proposal{Repo: p.Repo, Base: p.Base, Branch: p.Branch, Title: p.Subject(), Body: p.description(),
		Message: "Propose " + p.Subject(), Files: files, Request: p.ID, Draft: p.Draft, Reviewers: reviewers, Retry: retry})
}

// Subject is what it is about, in a line: the title of its pull request.
func (p *Proposal) Subject() string {
	subject := fmt.Sprintf("%s: %s", p.Name(), p.Title)
	if p.Change == nil {
		return subject
	}
	switch p.Change.To {
	case StatusDeprecated:
		return "Deprecate " + subject
	case StatusRejected:
		return "Reject " + subject
	}
	return "Accept " + subject
}

// files are the record, and those of the records that change with it.
func (s *Service) files(ctx context.Context, p *Proposal) ([]github.File, error) {
	base, err := s.github.Resolve(ctx, p.Repo, p.Base)
	if err != nil {
		return nil, err
	}
	if p.Change != nil {
		content, _, err := s.github.ReadFile(ctx, p.Repo, base.SHA, p.File)
		if err != nil {
			return nil, err
		}
		edited, err := SetStatus(path.Base(p.File), content, p.Change.To, "")
		return []github.File{{Path: p.File, Content: edited}}, err
	}
	template, _, err := s.github.ReadFile(ctx, p.Repo, base.SHA, path.Join(p.Dir, TemplateFile))
	if err != nil && !github.IsNotFound(err) {
		return nil, err
	}
	others, err := s.superseding(ctx, p, base.SHA)
	return append([]github.File{{Path: p.File, Content: p.render(string(template))}}, others...), err
}

// render is the record as it is written first. It says that it is accepted from the start, since that is what it says when it is merged:
// until then its pull request says that it is proposed.
func (p *Proposal) render(template string) []byte {
	return Draft{Number: p.Number, Title: p.Title, Date: p.Created.Format(time.DateOnly), Status: StatusAccepted, Context: p.Context, Decision: p.Decision,
		Consequences: p.Consequences, Alternatives: p.Alternatives, Services: p.Services, Supersedes: p.refs()}.Render(template)
}

// logins are those of the people who are known on GitHub.
func (s *Service) logins(ctx context.Context, people []string) ([]string, error) {
	var out []string
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, person := range people {
			login, err := s.people.GitHub(snap, person)
			if err != nil {
				return err
			}
			if login != "" {
				out = append(out, login)
			}
		}
		return nil
	})
	return out, err
}

// description is what stands in the pull request beside the record: only what does not change.
func (p *Proposal) description() string {
	var b strings.Builder
	who := p.ByName
	if who == "" {
		who = "somebody"
	}
	if p.Change != nil {
		fmt.Fprintf(&b, "%s proposes from Slack that the status of `%s` becomes %s. Nothing else of the record changes.\n", markdown(who), p.File, p.Change.To)
	} else {
		fmt.Fprintf(&b, "A decision that %s proposes from Slack. Its record is `%s`.\n", markdown(who), p.File)
	}
	for _, o := range p.Supersedes {
		fmt.Fprintf(&b, "\nIt supersedes ADR-%d: %s.\n", o.Number, markdown(o.Title))
	}
	if p.Draft {
		b.WriteString("\nOnly its title was given: write the rest on this branch, and mark the pull request as ready when it may be decided.\n")
	}
	return b.String()
}

// markdown escapes people's text where Markdown is read.
func markdown(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune("\\`*_[]<>#@|~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
