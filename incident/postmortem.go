package incident

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

// The names of the domains of post-mortems and of their action items for the runner, which are the first words of their keys.
const (
	// Postmortems has documents written, reminds people of them, and reads what they decide.
	Postmortems = "postmortem"
	// Items makes issues of action items and follows them.
	Items = "item"
)

// PostmortemState is where a post-mortem stands.
type PostmortemState string

// The states of a post-mortem.
const (
	Drafting  PostmortemState = "drafting"   // its document is being put where people write it
	Writing   PostmortemState = "writing"    // people write it, in a pull request or in their channel
	Published PostmortemState = "published"  // the pull request is merged, or its owner says that it is done
	NotNeeded PostmortemState = "not_needed" // somebody said so, with a reason
)

// Ended tells whether nobody is reminded of it any more.
func (s PostmortemState) Ended() bool { return s == Published || s == NotNeeded }

// Postmortem is what is learnt from an incident, from the end of it to its action items. There is one of an incident at most, and it
// has the incident's ID. It is the record behind its card; fields are only ever added.
type Postmortem struct {
	ID       string          `json:"id"`     // that of its incident
	Number   int             `json:"number"` // of its incident
	Request  string          `json:"request,omitempty"`
	Stage    int             `json:"stage"` // rises whenever what the buttons mean changes
	State    PostmortemState `json:"state"`
	Severity string          `json:"severity"`
	Private  bool            `json:"private,omitempty"`
	Services []string        `json:"services,omitempty"`
	Team     string          `json:"team,omitempty"` // of its first service

	Owner    string    `json:"owner"`             // Slack ID
	By       string    `json:"by"`                // Slack ID of who made somebody its owner
	Accepted time.Time `json:"accepted,omitzero"` // when the owner did
	Created  time.Time `json:"created"`
	Due      time.Time `json:"due"`
	Ended    time.Time `json:"ended,omitzero"`
	EndedBy  string    `json:"ended_by,omitempty"` // Slack ID; empty when GitHub's merge ended it
	Why      string    `json:"why,omitempty"`      // why it is not needed

	// Repo, Path and Branch are where its document is proposed. InChannel says that it is posted in the incident's channel and goes
	// nowhere else, and Posted for which end of the incident it was, counted from 1.
	Repo      string `json:"repo,omitempty"`
	Path      string `json:"path,omitempty"`
	Branch    string `json:"branch,omitempty"`
	InChannel bool   `json:"in_channel,omitempty"`
	Posted    int    `json:"posted,omitempty"`

	Attempted time.Time `json:"attempted,omitzero"` // when the pull request was first asked for
	Attempts  int       `json:"attempts,omitempty"`
	Pull      *Pull     `json:"pull,omitempty"`
	Problems  []string  `json:"problems,omitempty"` // what GitHub did not take beside it

	// Wrote names the facts that the document was written from, Refresh the facts that it was last to be brought up to date with, and
	// Left the parts that are not any more.
	Wrote   string      `json:"wrote,omitempty"`
	Refresh Refresh     `json:"refresh,omitzero"`
	Left    []LeftAlone `json:"left,omitempty"`

	// Hitches are what could not be done yet, by what it is.
	Hitches github.Hitches `json:"hitches,omitempty"`

	Reminded  time.Time `json:"reminded,omitzero"` // up to when reminders were due that are over
	Reminders int       `json:"reminders,omitempty"`
	Late      int       `json:"late,omitempty"`   // reminders since it is late
	Snoozed   time.Time `json:"snoozed,omitzero"` // no reminder before

	ItemsRead bool     `json:"items_read,omitempty"`
	Items     []string `json:"items,omitempty"`   // IDs
	Skipped   []string `json:"skipped,omitempty"` // what of the table was not understood, in sentences
	Told      string   `json:"told,omitempty"`    // names what the comment that lists the issues says
}

// Pull is a pull request of a document.
type Pull struct {
	Number   int       `json:"number"`
	URL      string    `json:"url"`
	Opened   time.Time `json:"opened"`
	Closed   bool      `json:"closed,omitempty"`   // without being merged
	ClosedAt time.Time `json:"closed_at,omitzero"` // when that was seen
	MergedAt time.Time `json:"merged_at,omitzero"`
	MergeSHA string    `json:"merge_sha,omitempty"`
}

// Refresh is an attempt to bring a document up to date. N tells those with the same facts apart.
type Refresh struct {
	N     int       `json:"n,omitempty"`
	Facts string    `json:"facts,omitempty"`
	At    time.Time `json:"at,omitzero"`
}

// Name is how it is called: "INC-12".
func (p *Postmortem) Name() string { return fmt.Sprintf("INC-%d", p.Number) }

// Overdue tells whether it is late.
func (p *Postmortem) Overdue(now time.Time) bool { return !p.State.Ended() && now.After(p.Due) }

// swept tells whether nothing is done for it any more, so that it may be forgotten after its time.
func (p *Postmortem) swept() bool {
	return p.State == NotNeeded || p.State == Published && (p.ItemsRead || p.Pull == nil)
}

// request is how everything of it is found again on GitHub.
func (p *Postmortem) request() string { return "postmortem-" + p.ID }

// Postmortem is the post-mortem of an incident, by the incident's ID, or ErrNotFound.
func (s *Service) Postmortem(ctx context.Context, id string) (*Postmortem, error) {
	var p *Postmortem
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		p, err = loadPostmortem(snap, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the post-mortem of %s: %w", id, err)
	}
	return p, nil
}

func loadPostmortem(g store.Getter, id string) (*Postmortem, error) {
	p, found, err := store.Load[Postmortem](g, postmortemKey(id))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrNotFound
	}
	return &p, nil
}

// ListPostmortems are all that have not ended, the first that is due first, and of the others as many as are asked for, the newest
// first.
func (s *Service) ListPostmortems(ctx context.Context, ended int) (open, over []*Postmortem, err error) {
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		open, over = nil, nil
		for _, value := range snap.Scan(postmortemPrefix, "") {
			var p Postmortem
			if err := json.Unmarshal(value, &p); err != nil {
				return err
			}
			if p.State.Ended() {
				over = append(over, &p)
			} else {
				open = append(open, &p)
			}
		}
		return nil
	})
	slices.SortFunc(open, func(a, b *Postmortem) int { return cmp.Or(a.Due.Compare(b.Due), a.Number-b.Number) })
	slices.SortFunc(over, func(a, b *Postmortem) int { return b.Number - a.Number })
	return open, over[:min(len(over), ended)], err
}

// savePostmortem writes it and has its card redrawn.
func (s *Service) savePostmortem(tx store.Tx, p *Postmortem) error {
	if err := store.Save(tx, postmortemKey(p.ID), p); err != nil {
		return err
	}
	return work.Wake(tx, card, postmortemCard+p.ID, time.Time{})
}

// postmortemCard begins the names of the live messages of post-mortems.
const postmortemCard = "postmortem/"

// changePostmortem writes one change of a post-mortem. A change that changes nothing writes nothing.
func (s *Service) changePostmortem(ctx context.Context, id string, fn func(store.Tx, *Postmortem) error) (*Postmortem, error) {
	var p *Postmortem
	err := work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		p, err = s.changePostmortemIn(tx, id, fn)
		return err
	})
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		return nil, refused
	case err != nil:
		return nil, fmt.Errorf("writing the post-mortem of %s: %w", id, err)
	}
	return p, nil
}

func (s *Service) changePostmortemIn(tx store.Tx, id string, fn func(store.Tx, *Postmortem) error) (*Postmortem, error) {
	p, err := loadPostmortem(tx, id)
	if err != nil {
		return nil, err
	}
	offers := p.offers()
	if changed, err := differs(p, func() error { return fn(tx, p) }); err != nil || !changed {
		return p, err
	}
	if p.offers() != offers {
		p.Stage++
	}
	return p, s.savePostmortem(tx, p)
}

// offers is what the buttons mean, as one comparable value.
func (p *Postmortem) offers() string {
	return fmt.Sprint(p.State, p.Owner, p.Accepted.IsZero(), p.Reminders, p.Snoozed.Unix(), p.Pull != nil)
}

// wakePostmortem has the document of an incident looked at after something of the incident has changed.
func (s *Service) wakePostmortem(tx store.Tx, id string) error {
	known, err := tx.Get(postmortemKey(id))
	if err != nil || known == nil {
		return err
	}
	if err := work.Wake(tx, card, postmortemCard+id, time.Time{}); err != nil {
		return err
	}
	return work.Wake(tx, Postmortems, id, time.Time{})
}

// ended schedules the post-mortem of an incident that was resolved, in the transaction that resolves it, if its severity asks for one.
// One that there is keeps its owner and is due anew.
func (s *Service) ended(tx store.Tx, i *Incident, at time.Time) error {
	cfg := s.current()
	_, err := loadPostmortem(tx, i.ID)
	switch {
	case err == nil:
		_, err = s.changePostmortemIn(tx, i.ID, func(_ store.Tx, p *Postmortem) error {
			if !p.State.Ended() {
				p.Severity, p.Services, p.Due, p.Reminded, p.Late, p.Snoozed = i.Severity, slices.Clone(i.Services), at.UTC().Add(cfg.PostmortemDue(i.Severity)), at.UTC(), 0, time.Time{}
			}
			return nil
		})
		return err
	case !errors.Is(err, ErrNotFound):
		return err
	case !cfg.Postmortem.Needs(i.Severity):
		return nil
	}
	_, err = s.plan(tx, i, "", at, i.ResolvedBy)
	var refused *Refused
	if errors.As(err, &refused) { // the incident is over all the same
		return nil
	}
	return err
}

// plan makes the post-mortem of an incident: whoever commands it owns the post-mortem, else by.
func (s *Service) plan(tx store.Tx, i *Incident, request string, at time.Time, by string) (*Postmortem, error) {
	cfg := s.current()
	p := &Postmortem{ID: i.ID, Number: i.Number, Request: request, Stage: 1, State: Drafting, Severity: i.Severity, Private: i.Private,
		Services: slices.Clone(i.Services), Owner: by, By: by, Created: at.UTC(), Due: later(i.Resolved, i.Created).UTC().Add(cfg.PostmortemDue(i.Severity)),
		Reminded: at.UTC(), Branch: "postmortem/" + strings.ToLower(i.Name())}
	if h, ok := i.Roles[Commander]; ok {
		p.Owner = h.Person
	}
	for _, name := range i.Services {
		if service, ok := cfg.Service(name); ok {
			p.Team = service.Team
			break
		}
	}
	switch {
	case i.Private:
		p.Repo = string(cfg.Postmortem.PrivateRepo)
		p.InChannel = p.Repo == ""
	case cfg.Postmortem.Repo == "":
		return nil, &Refused{Code: NoRepo, Incident: i}
	default:
		p.Repo = string(cfg.Postmortem.Repo)
	}
	if p.InChannel {
		p.Branch = ""
	} else {
		p.Path = cfg.Postmortem.DocumentsIn() + "/" + strings.ToLower(i.Name()) + slug(i.Title) + ".md"
	}
	if err := s.savePostmortem(tx, p); err != nil {
		return nil, err
	}
	switch channel := i.Where(); {
	case !i.settled():
		i.again(ChoreShow) // as soon as it is known where
	case channel != "":
		if err := s.rooms.Postmortem(tx, p.ID, channel); err != nil {
			return nil, err
		}
	}
	if err := s.askOwner(tx, p, i, at); err != nil {
		return nil, err
	}
	return p, work.Wake(tx, Postmortems, p.ID, time.Time{})
}

// settled tells whether it is known where the incident runs: it has its channel, or will have none.
func (i *Incident) settled() bool {
	room := i.Chores[ChoreRoom]
	return i.Room.ID != "" || room == nil || room.State == Failed
}

// askOwner has somebody told that the post-mortem is theirs, unless they said so themselves.
func (s *Service) askOwner(tx store.Tx, p *Postmortem, i *Incident, at time.Time) error {
	return s.tell(tx, Note{Person: p.Owner, Topic: Postmortems, ID: p.ID + "-owner-" + p.Owner + "-" + itoa(int(at.Unix())), At: at, Incident: i, Postmortem: p, Ask: true})
}

// slug is a title as it stands in a file's name, with a hyphen before it; empty when nothing of it can.
func slug(title string) string {
	const most = 50
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= most {
			break
		}
	}
	if s := strings.Trim(b.String(), "-"); s != "" {
		return "-" + s
	}
	return ""
}
