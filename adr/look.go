package adr

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"shipmate/config"
	"shipmate/integrations/github"
	"shipmate/store"
	"shipmate/work"
)

// lookSoon and lookLate are how often a pull request is looked at, at first and later: reactions send no webhook, so they are asked for.
const lookSoon, lookLate = time.Minute, 10 * time.Minute

// every is how often a pull request is looked at of which the last thing happened so long ago.
func every(age time.Duration) time.Duration { return max(lookSoon, min(age/60, lookLate)) }

func (s *Service) wantsLook(p *Proposal, now time.Time) time.Time {
	if p.State != Open || p.Pull == nil {
		s.looked.Delete(p.ID)
		return time.Time{}
	}
	kept, _ := s.looked.Load(p.ID)
	last, known := kept.(lastLook)
	if !known || p.Moves != last.moves {
		return now
	}
	return last.at.Add(max(every(now.Sub(newer(p.Opened, p.Moved))), s.github.Pace()))
}

// lastLook is when a pull request was last looked at, and how often its proposal had moved then.
type lastLook struct {
	at    time.Time
	moves int
}

func newer(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// look sees how the pull request stands, what people said of it on GitHub, and ends it when that is decided.
func (s *Service) look(ctx context.Context, p *Proposal, now time.Time) error {
	stands, err := s.github.PullRequestState(ctx, p.Repo, p.Pull.Number)
	if err != nil {
		return err
	}
	switch {
	case stands.Merged || stands.State == "closed":
		return s.end(ctx, p, stands, now)
	case p.closes():
		return s.close(ctx, p)
	}
	texts, said, err := s.texts(ctx, p, stands)
	if err != nil {
		return err
	}
	if texts[stands.Head] == "" && p.Adds() && !p.Renumber {
		if renamed, err := s.followName(ctx, p, stands.Head); renamed || err != nil {
			return cmp.Or(err, error(&notYet{})) // at once, by its new name
		}
	}
	votes, err := s.onGitHub(ctx, p, stands, texts)
	if err != nil {
		return err
	}
	checks, err := s.github.Checks(ctx, p.Repo, stands.Head, stands.Base)
	if err != nil {
		return err
	}
	p, err = s.change(ctx, p.ID, func(_ store.Tx, p *Proposal) error {
		if p.Pull.Head != stands.Head || p.Pull.Since.IsZero() {
			p.Pull.Since = now.UTC()
		}
		p.Merging = "" // it was not
		p.Pull.Head, p.Draft, p.Pull.Checks = stands.Head, stands.Draft, string(others(checks).Verdict())
		p.follow(said)
		if p.Text != texts[stands.Head] { // who wanted it merged wanted something else
			p.MergeBy, p.Ready = "", time.Time{}
		}
		if p.Texts, p.Text = texts, texts[stands.Head]; !slices.Equal(p.GitHubVotes, votes) {
			p.GitHubVotes = votes
			p.moved(now)
		}
		return nil
	})
	if err != nil {
		return inStore(err)
	}
	if err := s.decide(ctx, p, stands, checks); err != nil {
		s.looked.Delete(p.ID) // it is looked at again whenever it is seen to
		return err
	}
	s.looked.Store(p.ID, lastLook{now, p.Moves})
	return nil
}

// moved notes that somebody did something: people are reminded from now on.
func (p *Proposal) moved(now time.Time) {
	delete(p.Hitches, deedLook) // what was in the way may not be any more
	p.Moves++
	p.Moved, p.Nudges, p.Nudged = now.UTC(), 0, time.Time{}
}

// follow has a proposal say what its record says now, when somebody has changed that on GitHub.
func (p *Proposal) follow(r *Record) {
	if r == nil || !p.Adds() {
		return
	}
	if r.Title != "" {
		p.Title = r.Title
	}
	p.Decision = r.Section("Decision")
}

// followName finds a record that somebody gave another name by hand, as the status of its pull request advises where a number is taken.
func (s *Service) followName(ctx context.Context, p *Proposal, head string) (renamed bool, err error) {
	pulls, err := s.github.OpenPullRequestFiles(ctx, p.Repo, p.Dir)
	if err != nil {
		return false, err
	}
	at := slices.IndexFunc(pulls, func(pull github.PullRequestFiles) bool { return pull.Number == p.Pull.Number && pull.Head == head })
	if at < 0 {
		return false, nil
	}
	names := recordNames(config.DecisionLog{Dir: p.Dir}, pulls[at].Files)
	names = slices.DeleteFunc(names, func(name string) bool { n, ok := NumberOf(name); return !ok || p.brings(n) })
	if len(names) != 1 {
		return false, nil
	}
	_, err = s.change(ctx, p.ID, func(tx store.Tx, p *Proposal) error {
		if err := p.release(tx); err != nil {
			return err
		}
		p.Former = append(p.Former, p.File)
		p.Number, _ = NumberOf(names[0])
		p.File, p.Found = path.Join(p.Dir, names[0]), nil
		holder, err := tx.Get(numberKey(p.Scope, p.Number))
		if err != nil || holder != nil { // whose that is, the next judgement says
			return err
		}
		return tx.Put(numberKey(p.Scope, p.Number), []byte(p.ID))
	})
	return err == nil, inStore(err)
}

// texts are the hashes of the record's text by the commit it stands in: the newest, and those that reviews are of. A commit without the
// record has none: thumbs for it count for nothing. said is the newest record, when it is another one than at the last look.
func (s *Service) texts(ctx context.Context, p *Proposal, stands github.PullState) (out map[string]string, said *Record, err error) {
	wanted := []string{stands.Head}
	for _, r := range slices.Concat(stands.Approvals, stands.Objecting) {
		if r.SHA != "" && !slices.Contains(wanted, r.SHA) {
			wanted = append(wanted, r.SHA)
		}
	}
	out = map[string]string{}
	for _, sha := range wanted {
		if known, ok := p.Texts[sha]; ok {
			out[sha] = known
			continue
		}
		name, content, err := s.textAt(ctx, p, sha)
		if err != nil {
			return nil, nil, err
		}
		if name == "" {
			continue
		}
		out[sha] = p.normal(name, content)
		if sha == stands.Head && out[sha] != p.Text {
			r := Parse(name, content)
			said = &r
		}
	}
	return out, said, nil
}

// normal is what thumbs for a proposal are bound to: what its record says, or, where it changes how one stands, how it is to stand, too.
func (p *Proposal) normal(name string, content []byte) string {
	hash := Normal(name, content)
	if p.Change != nil {
		hash += "-" + string(Parse(name, content).Status)
	}
	return hash
}

// others are the checks but what Shipmate itself says of the records.
func others(c github.Checks) github.Checks {
	c.All = slices.DeleteFunc(slices.Clone(c.All), func(one github.Check) bool {
		return one.Name == statusContext || strings.HasPrefix(one.Name, statusContext+"/")
	})
	return c
}

// textAt is a proposal's record in a commit, by the name it had there; "" when it has none.
func (s *Service) textAt(ctx context.Context, p *Proposal, sha string) (name string, content []byte, err error) {
	files := append([]string{p.File}, p.Former...)
	if p.Next != 0 {
		files = append(files, renamed(p))
	}
	for _, file := range files {
		content, _, err := s.github.ReadFile(ctx, p.Repo, sha, file)
		if err == nil || !github.IsNotFound(err) {
			return path.Base(file), content, err
		}
	}
	return "", nil, nil
}

// onGitHub are the thumbs given there: reviews, each for the commit that was looked at, and reactions, each for the text that stood there
// when it was first seen. One that is first seen together with another text may be older than that, and is for what stood there before.
func (s *Service) onGitHub(ctx context.Context, p *Proposal, stands github.PullState, texts map[string]string) ([]Vote, error) {
	reactions, err := s.github.Reactions(ctx, p.Repo, p.Pull.Number)
	if err != nil {
		return nil, err
	}
	seen := texts[stands.Head]
	if p.Text != "" {
		seen = p.Text
	}
	var out []Vote
	for _, r := range stands.Approvals {
		out = append(out, Vote{Thumb: Up, Where: InReview, Login: r.Login, At: r.At.UTC(), Text: texts[r.SHA]})
	}
	for _, r := range stands.Objecting {
		out = append(out, Vote{Thumb: Down, Where: InReview, Login: r.Login, At: r.At.UTC(), Text: texts[r.SHA]})
	}
	for _, r := range reactions {
		if r.Bot {
			continue
		}
		v := Vote{Thumb: Up, Where: ByReaction, Login: r.Login, At: r.At.UTC(), Text: seen}
		if !r.Up {
			v.Thumb = Down
		}
		for _, old := range p.GitHubVotes {
			if old.Where == ByReaction && strings.EqualFold(old.Login, v.Login) && old.Thumb == v.Thumb && old.At.Equal(v.At) {
				v.Text = old.Text
			}
		}
		out = append(out, v)
	}
	err = s.db.View(ctx, func(snap store.Snapshot) error {
		for n := range out {
			person, err := s.people.OnGitHub(snap, out[n].Login)
			if err != nil {
				return err
			}
			out[n].By = person
		}
		return nil
	})
	return out, inStore(err)
}

// wake has a proposal seen to at once.
func (s *Service) wake(tx store.Tx, id string) error {
	return work.Wake(tx, Proposals, id, time.Time{})
}
