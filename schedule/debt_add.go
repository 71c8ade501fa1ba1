package schedule

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

// DebtState is how far an issue has come that somebody wants written.
type DebtState string

// The states.
const (
	DebtOpening DebtState = "opening"
	DebtOpen    DebtState = "open"   // it is on GitHub
	DebtFailed  DebtState = "failed" // it was given up
)

// NewDebt is an issue of the register that somebody wants written.
type NewDebt struct {
	ID      string    `json:"id"`
	Request string    `json:"request"`
	By      string    `json:"by"` // Slack ID
	At      time.Time `json:"at"`
	Service string    `json:"service"`
	Repo    string    `json:"repo"`
	Title   string    `json:"title"`
	Text    string    `json:"text,omitempty"` // what it costs, in Markdown
	Cost    Cost      `json:"cost,omitempty"`
	Size    string    `json:"size,omitempty"`
	Link    string    `json:"link,omitempty"`   // to the code
	Source  string    `json:"source,omitempty"` // the message it came from
	State   DebtState `json:"state"`
	Stage   int       `json:"stage,omitempty"`

	// Attempted is when it was first tried, and Latest when it was last, so that what was sent is looked for first.
	Attempted time.Time     `json:"attempted,omitzero"`
	Latest    time.Time     `json:"latest,omitzero"`
	Hitch     *github.Hitch `json:"hitch,omitempty"` // why it is not there yet

	Issue    int       `json:"issue,omitempty"`
	URL      string    `json:"url,omitempty"`
	Problems []string  `json:"problems,omitempty"` // what GitHub has not taken, in sentences for people
	Ended    time.Time `json:"ended,omitzero"`
}

// Item is the issue that it has become.
func (d *NewDebt) Item() DebtItem {
	return DebtItem{Repo: d.Repo, Number: d.Issue, Title: cutTitle(d.Title), URL: d.URL, Cost: d.Cost, Size: d.Size, Created: d.At}
}

// NewDebtWant is what somebody wants written down.
type NewDebtWant struct {
	Request string
	At      time.Time
	By      string // Slack ID
	Service string
	Title   string
	Text    string // what it costs
	Cost    Cost
	Size    string
	Link    string // to the code; https://…
	Source  string // the message it came from
}

const (
	// maxDebtText is how long what it costs may be, in bytes: Slack's forms take 3,000 characters.
	maxDebtText = 16 << 10
	// giveUp is how long something that GitHub does not take is tried.
	giveUp = 3 * 24 * time.Hour
)

// NewDebtID is the ID of the issue that a request wants.
func NewDebtID(request string) string { return hashed("t-", "debt", request) }

// AddDebt wants technical debt written down as an issue, or returns what the request wanted before.
func (s *Service) AddDebt(ctx context.Context, w NewDebtWant) (*NewDebt, error) {
	if d, err := s.NewDebt(ctx, NewDebtID(w.Request)); !errors.Is(err, ErrNotFound) {
		return d, err
	}
	service, ok := s.current().Service(w.Service)
	if !ok {
		return nil, &Refused{Code: NoService, Word: w.Service}
	}
	d := &NewDebt{ID: NewDebtID(w.Request), Request: w.Request, By: w.By, At: w.At.UTC(), Service: service.Name, Repo: string(service.Repo), Title: strings.Join(strings.Fields(w.Title), " "),
		Text: strings.TrimSpace(w.Text), Cost: w.Cost, Size: w.Size, Link: w.Link, Source: w.Source, State: DebtOpening}
	if d.Title == "" || len(d.Text) > maxDebtText {
		return nil, &Refused{Code: BadDebt}
	}
	err := s.db.Update(ctx, func(tx store.Tx) error {
		created, err := store.Create(tx, debtKey(d.ID), d)
		if err != nil || !created {
			return err
		}
		return work.Wake(tx, DebtDomain, d.ID, time.Time{})
	})
	if err != nil {
		return nil, fmt.Errorf("writing down debt: %w", err)
	}
	return d, nil
}

// NewDebt returns the issue with that ID that somebody wants, or ErrNotFound.
func (s *Service) NewDebt(ctx context.Context, id string) (d *NewDebt, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		d, err = loadOne[NewDebt](snap, debtKey(id))
		return err
	})
	return d, err
}

// changeNewDebt changes it in one transaction, with its card.
func (s *Service) changeNewDebt(ctx context.Context, id string, fn func(*NewDebt)) (d *NewDebt, err error) {
	err = work.Update(ctx, s.db, func(tx store.Tx) error {
		if d, err = loadOne[NewDebt](tx, debtKey(id)); err != nil {
			return err
		}
		before := d.State
		fn(d)
		if d.State != before {
			d.Stage++
		}
		if err := store.Save(tx, debtKey(id), d); err != nil {
			return err
		}
		return s.changed(tx, DebtDomain, id)
	})
	return d, err
}

// StepDebt writes the issue that somebody wants, once, and says when to try again.
func (s *Service) StepDebt(ctx context.Context, id string) (time.Time, error) {
	d, err := s.NewDebt(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	if err != nil || d.State != DebtOpening {
		return time.Time{}, err
	}
	now := s.clock.Now()
	if d.Hitch != nil && d.Hitch.Next.After(now) {
		return d.Hitch.Next, nil
	}
	// When it is tried is written down before, so that what was sent is looked for first the next time, and sent again only after it could
	// have been found.
	since, latest := d.Attempted, d.Latest
	if d, err = s.changeNewDebt(ctx, id, func(d *NewDebt) {
		if d.Attempted.IsZero() {
			d.Attempted, d.Latest = now, now
		} else if !now.Before(d.Latest.Add(github.IssueSearch)) { // this time it may be sent
			d.Latest = now
		}
	}); err != nil {
		return time.Time{}, err
	}
	label := s.current().Debt.IssueLabel()
	issue, wrong := s.github.EnsureIssue(ctx, github.NewIssue{Repo: d.Repo, Title: d.Title, Body: d.body(s.called(ctx, d.By)), Labels: []string{label}, Request: "debt-" + d.ID,
		Retry: !since.IsZero(), Since: since, Latest: latest})
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err()
	}
	if wrong == nil {
		s.repos.forgetDebts(d.Repo, label)
	}
	d, err = s.changeNewDebt(ctx, id, func(d *NewDebt) {
		if wrong == nil {
			d.State, d.Issue, d.URL, d.Problems, d.Hitch, d.Ended = DebtOpen, issue.Number, issue.URL, issue.Problems, nil, now
			return
		}
		d.Hitch = hitched(d.Hitch, wrong, now)
		if now.Sub(d.At) > giveUp {
			d.State, d.Ended = DebtFailed, now
		}
	})
	if err != nil || d.State != DebtOpening {
		return time.Time{}, err
	}
	return d.Hitch.Next, nil
}

// Trouble is why it is not there, a sentence for people; "" while nobody needs to know.
func (d *NewDebt) Trouble() string { return trouble(d.Hitch, d.State == DebtFailed) }

func trouble(h *github.Hitch, over bool) string {
	if h == nil || !h.Said && !over {
		return ""
	}
	return h.Why
}

// hitched is a hitch after one more failure.
func hitched(h *github.Hitch, err error, now time.Time) *github.Hitch {
	var was github.Hitch
	if h != nil {
		was = *h
	}
	again := was.Again(err, now)
	return &again
}

// called is how a person wants to be called on GitHub, as Markdown.
func (s *Service) called(ctx context.Context, person string) string {
	if name := s.people.Name(ctx, person); name != "" {
		return plainLine(name)
	}
	return "somebody"
}

// body is the description of its issue. What it costs and how large it is can be read back, see readDebt.
func (d *NewDebt) body(by string) string {
	var b strings.Builder
	if d.Text != "" {
		b.WriteString(safeMarkdown(d.Text) + "\n\n")
	}
	row := func(label, value string) {
		if value != "" {
			fmt.Fprintf(&b, "- %s: %s\n", label, value)
		}
	}
	row("Cost", string(d.Cost))
	row("Size", d.Size)
	row("Service", plainLine(d.Service))
	row("Code", webAddress(d.Link))
	from := ""
	if d.Source != "" {
		from = fmt.Sprintf(", from [a message](%s)", d.Source)
	}
	fmt.Fprintf(&b, "\nWritten down by %s in Slack%s. The lines Cost (low, medium, high) and Size (S, M, L, XL) may be edited.\n", by, from)
	return b.String()
}
