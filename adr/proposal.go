package adr

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

// State is how far a proposal has come.
type State string

// The states, in their order.
const (
	Numbering State = "numbering" // it waits for its number and its pull request
	Open      State = "open"      // its pull request is open
	Accepted  State = "accepted"  // it was merged
	Rejected  State = "rejected"  // it was recorded as rejected
	Overtaken State = "overtaken" // it was recorded as superseded, by one that was decided before it
	Closed    State = "closed"    // its pull request was closed, and nothing is recorded; its number is not given again
)

// Ended tells whether nothing more is decided about it.
func (s State) Ended() bool { return s != Numbering && s != Open }

// Proposal is a decision that somebody proposes, and what became of it.
type Proposal struct {
	ID      string    `json:"id"`
	Request string    `json:"request"` // the request it was asked for by
	Stage   int       `json:"stage"`   // counted up when its buttons come to mean something else
	State   State     `json:"state"`
	By      string    `json:"by"` // its author, a Slack ID
	ByName  string    `json:"by_name,omitempty"`
	Zone    string    `json:"zone,omitempty"`    // where they live, an IANA name
	Channel string    `json:"channel,omitempty"` // where it was asked for
	Created time.Time `json:"created"`
	Opened  time.Time `json:"opened,omitzero"` // when its pull request was there
	Ended   time.Time `json:"ended,omitzero"`

	// Log is where its record goes, by its name in the configuration; Scope, Repo, Dir and Base are where that was when it was asked for.
	// Where the configuration names no directory, Dir is found, for good, when it gets its number.
	Log   string `json:"log"`
	Scope string `json:"scope"`
	Repo  string `json:"repo"`
	Dir   string `json:"dir,omitempty"`
	Base  string `json:"base,omitempty"` // empty for the default branch

	// Number is its number once it has one; Floor the highest that it cannot have.
	Number int `json:"number,omitempty"`
	Floor  int `json:"floor,omitempty"`
	// Renumber says that it is to get another number, Next the one it gets, once that is known, and Former are the files that it was.
	Renumber bool     `json:"renumber,omitempty"`
	Next     int      `json:"next,omitempty"`
	Former   []string `json:"former,omitempty"`
	// Adopted says that somebody opened its pull request by hand.
	Adopted bool   `json:"adopted,omitempty"`
	Branch  string `json:"branch,omitempty"`
	File    string `json:"file,omitempty"` // path of the record in the repository

	// What it says. Draft says that only the title was given, and the rest is written on GitHub.
	Title        string   `json:"title"`
	Context      string   `json:"context,omitempty"`
	Decision     string   `json:"decision,omitempty"`
	Consequences string   `json:"consequences,omitempty"`
	Alternatives string   `json:"alternatives,omitempty"`
	Services     []string `json:"services,omitempty"`
	Supersedes   []Old    `json:"supersedes,omitempty"`
	Reviewers    []string `json:"reviewers,omitempty"` // Slack IDs
	Draft        bool     `json:"draft,omitempty"`

	// Change is what it changes of a record that is there; nil for a new record. Number, Title and File are those of that record then.
	Change *Change `json:"change,omitempty"`
	// Ending is how it is to end without having been decided for; SupersededBy the number of the decision that overtook it.
	Ending       *Ending `json:"ending,omitempty"`
	SupersededBy int     `json:"superseded_by,omitempty"`

	// Votes are the thumbs that people gave in Slack, one each; GitHubVotes those that were found on GitHub when it was last looked at.
	Votes       []Vote `json:"votes,omitempty"`
	GitHubVotes []Vote `json:"github_votes,omitempty"`
	// Text is the hash of what the record says (see Normal), Texts the same by commit, of those that matter for thumbs.
	Text  string            `json:"text,omitempty"`
	Texts map[string]string `json:"texts,omitempty"`
	Moved time.Time         `json:"moved,omitzero"`  // when somebody last did something
	Moves int               `json:"moves,omitempty"` // how often somebody did
	// Nudges counts how often people were reminded of it since; Nudged is when they last were.
	Nudges int       `json:"nudges,omitempty"`
	Nudged time.Time `json:"nudged,omitzero"`
	Ready  time.Time `json:"ready,omitzero"` // when its author was told that it can be merged

	Attempts int            `json:"attempts,omitempty"` // how often its pull request was asked for
	Pull     *Pull          `json:"pull,omitempty"`
	Problems []string       `json:"problems,omitempty"` // what is missing beside it, in sentences
	Found    []Problem      `json:"found,omitempty"`    // what is wrong with its records
	Merging  string         `json:"merging,omitempty"`  // the commit that GitHub is being asked to merge
	MergeBy  string         `json:"merge_by,omitempty"` // who wants it merged, where Shipmate does not by itself; a Slack ID
	Hitches  github.Hitches `json:"hitches,omitempty"`  // what could not be done yet, by what it is
}

// Pull is the pull request of a proposal.
type Pull struct {
	Number int    `json:"number"`
	URL    string `json:"url"`
	Head   string `json:"head,omitempty"` // SHA of its newest commit
	// Since is when that commit was first seen.
	Since time.Time `json:"since,omitzero"`
	// Checks sum up what GitHub says of that commit, as github.Checks.Verdict does.
	Checks   string `json:"checks,omitempty"`
	MergeSHA string `json:"merge_sha,omitempty"`
}

// Old is a record that a proposal supersedes.
type Old struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	File   string `json:"file"` // its name in the directory
}

// Change is a change of a record's status that is proposed.
type Change struct {
	From Status `json:"from"`
	To   Status `json:"to"`
}

// Ending is how somebody ends a proposal that is not decided for.
type Ending struct {
	By     string    `json:"by"` // Slack ID
	Why    string    `json:"why,omitempty"`
	At     time.Time `json:"at"`
	Record bool      `json:"record,omitempty"` // it is recorded as rejected; else its pull request is closed
}

// Name is how it is called: "ADR-12", or its ID while it has no number.
func (p *Proposal) Name() string {
	if p.Number == 0 {
		return p.ID
	}
	return fmt.Sprintf("ADR-%d", p.Number)
}

// Stuck tells whether its pull request cannot be opened until somebody does something.
func (p *Proposal) Stuck() bool { return p.State == Numbering && p.Hitches[deedOpen].Said }

// Adds tells whether it adds a record, rather than changing what one says.
func (p *Proposal) Adds() bool { return p.Change == nil }

// Has tells whether all of the words stand in what was proposed, in any case.
func (p *Proposal) Has(words []string) bool {
	return hasAll(folded(strings.Join([]string{p.Name(), p.Title, p.Context, p.Decision, p.Consequences, p.Alternatives}, "\n")), foldedAll(words))
}

// ProposalID is the ID of the proposal that a request makes.
func ProposalID(request string) string {
	sum := sha256.Sum256([]byte("adr\x00" + request))
	return "a-" + strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:10]
}

var proposalID = regexp.MustCompile(`^a-[a-z2-7]{10}$`)

// IsProposalID tells whether s is written like the ID of a proposal.
func IsProposalID(s string) bool { return proposalID.MatchString(s) }

// Log finds a log by its name, the main one for "".
func (s *Service) Log(name string) (config.DecisionLog, error) {
	if name == "" {
		name = config.MainLog
	}
	log, ok := s.current().DecisionLog(name)
	if !ok {
		return log, &Refused{Code: NoLog, Word: name}
	}
	return log, nil
}

// Proposal returns the proposal with that ID, or ErrNotFound.
func (s *Service) Proposal(ctx context.Context, id string) (*Proposal, error) {
	var p *Proposal
	err := s.db.View(ctx, func(snap store.Snapshot) (err error) {
		p, err = loadProposal(snap, id)
		return err
	})
	return p, err
}

// Numbered returns the proposal that has, or had, a number in a log, or ErrNotFound.
func (s *Service) Numbered(ctx context.Context, scope string, n int) (*Proposal, error) {
	var p *Proposal
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		id, err := snap.Get(numberKey(scope, n))
		if err != nil {
			return err
		}
		if id == nil {
			return ErrNotFound
		}
		p, err = loadProposal(snap, string(id))
		return err
	})
	return p, err
}

// OfPull returns the proposal with a pull request; nil when it was made by somebody else.
func (s *Service) OfPull(ctx context.Context, repo string, number int) (*Proposal, error) {
	var p *Proposal
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		id, err := snap.Get(pullKey(repo, number))
		if p = nil; err != nil || id == nil {
			return err
		}
		if p, err = loadProposal(snap, string(id)); errors.Is(err, ErrNotFound) { // it was swept meanwhile
			return nil
		}
		return err
	})
	return p, err
}

// OpenProposals are those of a log, or of all for "", that are not decided, the oldest first.
func (s *Service) OpenProposals(ctx context.Context, scope string) ([]*Proposal, error) {
	var out []*Proposal
	err := s.db.View(ctx, func(snap store.Snapshot) error {
		out = nil
		for _, id := range snap.Scan(openPrefix, "") {
			p, err := loadProposal(snap, string(id))
			if err != nil {
				return err
			}
			if scope == "" || p.Scope == scope {
				out = append(out, p)
			}
		}
		return nil
	})
	slices.SortFunc(out, func(a, b *Proposal) int { return a.Created.Compare(b.Created) })
	return out, err
}

func loadProposal(g store.Getter, id string) (*Proposal, error) {
	p, found, err := store.Load[Proposal](g, proposalKey(id))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrNotFound
	}
	return &p, nil
}

// card is the domain of live messages, and proposalCard begins the names of those of proposals.
const (
	card         = "card"
	proposalCard = "decision/"
)

// saveProposal writes it, among the open ones until it has ended, and has its card redrawn.
func (s *Service) saveProposal(tx store.Tx, p *Proposal) error {
	if err := store.Save(tx, proposalKey(p.ID), p); err != nil {
		return err
	}
	var err error
	if p.State.Ended() {
		if err := tx.Put(endedKey(p), []byte(p.ID)); err != nil {
			return err
		}
		err = tx.Delete(openKey(p.ID))
	} else {
		err = tx.Put(openKey(p.ID), []byte(p.ID))
	}
	if err != nil {
		return err
	}
	return work.Wake(tx, card, proposalCard+p.ID, time.Time{})
}

// change writes one change of a proposal. A change that changes nothing writes nothing.
func (s *Service) change(ctx context.Context, id string, fn func(store.Tx, *Proposal) error) (*Proposal, error) {
	var p *Proposal
	err := work.Update(ctx, s.db, func(tx store.Tx) (err error) {
		p, err = s.changeIn(tx, id, fn)
		return err
	})
	var refused *Refused
	switch {
	case errors.As(err, &refused):
		return nil, refused
	case err != nil:
		return nil, fmt.Errorf("writing the proposal %s: %w", id, err)
	}
	return p, nil
}

func (s *Service) changeIn(tx store.Tx, id string, fn func(store.Tx, *Proposal) error) (*Proposal, error) {
	p, err := loadProposal(tx, id)
	if err != nil {
		return nil, err
	}
	before, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	offers := p.offers()
	if err := fn(tx, p); err != nil {
		return nil, err
	}
	if after, err := json.Marshal(p); err != nil || string(before) == string(after) {
		return p, err
	}
	if p.offers() != offers {
		p.Stage++
	}
	return p, s.saveProposal(tx, p)
}

// offers is what the buttons mean, as one comparable value.
func (p *Proposal) offers() string {
	return fmt.Sprint(p.State, p.Pull != nil, p.Ready.IsZero(), p.Text, p.Stuck())
}
