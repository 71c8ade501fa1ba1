package adr_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"shipmate/adr"
	"shipmate/integrations/github/githubtest"
	"shipmate/store"
	"shipmate/store/storetest"
)

const twoLogsYAML = `
slack: {admin_channel: "#platform"}
teams: {payments: {channel: "#payments", slack_group: payments-eng}}
services: {checkout: {repo: acme/checkout, team: payments, environments: [staging]}}
environments: {staging: {}}
adr: {repo: acme/decisions, branch: main, announce: ["#architecture"], logs: {web: {dir: web/adr, branch: main}}}
`

// dirs are the directories of the two logs, prefixes how their branches begin.
var (
	dirs     = map[string]string{"main": "doc/adr", "web": "web/adr"}
	prefixes = map[string]string{"main": "adr/", "web": "adr/web/"}
)

// writes are the calls that change something; a failing read is repeated in real time.
var writes = []string{githubtest.OpCreateRef, githubtest.OpCreatePull, githubtest.OpUpdateRef, githubtest.OpUpdatePull, githubtest.OpMergePull, githubtest.OpDeleteRef, githubtest.OpCreateStatus, "git/create-commit", "git/create-tree"}

// crowd is two processes on one store that see to many proposals while everything fails.
type crowd struct {
	*stage
	whole     store.DB // that nothing fails of
	processes [2]*process

	mu     sync.Mutex
	rand   *rand.Rand
	calm   bool                 // nothing fails any more
	due    map[string]time.Time // when each proposal is to be stepped
	hands  map[string][]int     // numbers that were taken by hand, by log
	refs   map[string]bool      // branches that were made by hand
	merges map[string]bool      // proposals that have thumbs
	logs   map[string]string    // of each proposal
}

// process is one instance of the service, until it crashes.
type process struct {
	*adr.Service
	ctx   context.Context
	crash context.CancelFunc
	busy  map[string]bool // what it is stepping: never the same twice at once
}

func (c *crowd) start(n int) {
	ctx, crash := context.WithCancel(c.Context())
	c.processes[n] = &process{Service: c.service(storetest.Failing(c.whole, c.storing)), ctx: ctx, crash: crash, busy: map[string]bool{}}
}

// chance is true once in so many times, as long as anything fails.
func (c *crowd) chance(of int) bool { return !c.calm && c.rand.IntN(of) == 0 }

func (c *crowd) storing() storetest.Failure {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.chance(200) {
		return storetest.Failure(1 + c.rand.IntN(2))
	}
	return storetest.None
}

// meddle is what happens at a call of GitHub: a process crashes, an answer is lost, somebody takes the next number.
func (c *crowd) meddle(call githubtest.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if call.Method == "GET" && !c.chance(20) {
		return // most of what matters happens around changes
	}
	if c.chance(100) {
		n := c.rand.IntN(2)
		c.processes[n].crash()
		c.start(n)
	}
	if call.Phase != githubtest.Before {
		return
	}
	if c.chance(30) {
		c.github.Fault(githubtest.Fault{Match: writes[c.rand.IntN(len(writes))], Times: 1, When: []githubtest.Phase{githubtest.Before, githubtest.After}[c.rand.IntN(2)],
			Kind: []githubtest.Kind{githubtest.Reset, githubtest.Status500, githubtest.Truncate}[c.rand.IntN(3)]})
	}
	often := 100
	if call.Op == githubtest.OpCreateRef {
		often = 12
	}
	if c.chance(often) {
		c.byHand()
	}
}

// byHand has somebody take the next number that they see, with a pull request or with a branch.
func (c *crowd) byHand() {
	log := []string{"main", "web"}[c.rand.IntN(2)]
	n := c.highest(log) + 1
	c.hands[log] = append(c.hands[log], n)
	if branch := fmt.Sprintf("%s%04d", prefixes[log], n); c.rand.IntN(2) == 0 && !slices.Contains(c.repo.Branches(), branch) {
		c.repo.Branch(branch, "main")
		c.refs[branch] = true
		return
	}
	title := fmt.Sprintf("By hand %d", len(c.hands["main"])+len(c.hands["web"]))
	c.repo.OpenFromLaptop(githubtest.LaptopPR{Author: "eve", Title: title, Files: githubtest.Files{path.Join(dirs[log], adr.FileName(n, title)): record(n, title, "d")}})
}

// highest is the highest number of a log that stands on GitHub.
func (c *crowd) highest(log string) int {
	high := slices.Max(append(c.hands[log], 0))
	for _, b := range c.repo.Branches() {
		var n int
		if rest, is := strings.CutPrefix(b, prefixes[log]); is && !strings.Contains(rest, "/") {
			if _, err := fmt.Sscanf(rest, "%d", &n); err == nil {
				high = max(high, n)
			}
		}
	}
	return high
}

// next picks something that is due for a process; time moves when nothing is, and nothing is under way.
func (c *crowd) next(n int) (p *process, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p = c.processes[n]
	now, soonest := c.clock.Now(), time.Time{}
	var ids []string
	for id, at := range c.due {
		switch {
		case p.busy[id]:
		case !at.After(now):
			ids = append(ids, id)
		case soonest.IsZero() || at.Before(soonest):
			soonest = at
		}
	}
	if len(ids) == 0 {
		if !soonest.IsZero() && len(c.processes[0].busy)+len(c.processes[1].busy) == 0 {
			c.clock.Set(soonest)
		}
		return p, ""
	}
	slices.Sort(ids)
	id = ids[c.rand.IntN(len(ids))]
	p.busy[id] = true
	return p, id
}

// step has a process see to something, and keeps when that is to be seen to again.
func (c *crowd) step(p *process, id string) {
	step := p.StepProposal
	if isLog(id) {
		step = p.StepLog
	}
	next, err := step(p.ctx, id)
	if err != nil && p.ctx.Err() == nil && !errors.Is(err, storetest.ErrStorage) {
		c.Errorf("%s: %v", id, err)
	}
	switch {
	case err != nil || next.IsZero():
		next = c.clock.Now().Add(time.Second)
	case isLog(id):
		next = next.Add(30 * time.Minute) // it judges them all each time
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(p.busy, id)
	if _, wanted := c.due[id]; wanted {
		c.due[id] = next
	}
}

// settle runs both processes until every proposal is as it should be.
func (c *crowd) settle(what string, done func(*adr.Proposal) bool) {
	c.Helper()
	ids := []string{}
	for id := range c.due {
		ids = append(ids, id)
	}
	deadline := time.Now().Add(5 * time.Minute) // of the machine: it never takes so long, also with the race detector on a busy one
	var workers sync.WaitGroup
	for n := range 6 {
		workers.Go(func() {
			for c.left() && time.Now().Before(deadline) {
				p, id := c.next(n % 2)
				if id == "" {
					time.Sleep(50 * time.Microsecond) // another worker has the rest in hand
					continue
				}
				c.step(p, id)
				if isLog(id) {
					continue
				}
				if q, err := c.Service.Proposal(c.Context(), id); err == nil && done(q) {
					c.mu.Lock()
					delete(c.due, id)
					c.wakeNext(q.Log)
					c.mu.Unlock()
				}
			}
		})
	}
	workers.Wait()
	shown := 0
	for id := range c.due {
		if shown++; !isLog(id) && shown < 4 {
			p := c.proposal(id)
			c.Errorf("%d are not so at %s after %d calls: %s: %s: %s %d in %s, %+v, found %+v", len(c.due)-2, c.clock.Now(), len(c.github.Calls()), what, id, p.State, p.Number, p.Log, p.Hitches, p.Found)
		}
	}
	for _, id := range ids {
		c.due[id] = c.clock.Now()
	}
	if c.Failed() {
		c.FailNow()
	}
}

// wakeNext has the one that waits for its turn in a log look at once, as the runner does.
func (c *crowd) wakeNext(log string) {
	for _, id := range slices.Sorted(maps.Keys(c.due)) {
		if c.logs[id] == log {
			c.due[id] = c.clock.Now()
			return
		}
	}
}

func (c *crowd) left() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.due) > 2 // the logs are always there
}

// wish asks one of the processes until it has written something down.
func (c *crowd) wish(fn func(*adr.Service) error) {
	for {
		c.mu.Lock()
		p := c.processes[c.rand.IntN(2)]
		c.mu.Unlock()
		if err := fn(p.Service); err == nil {
			return
		} else if !errors.Is(err, storetest.ErrStorage) {
			c.Error(err)
			return
		}
	}
}

// Many proposals in two logs of one repository, two processes, crashes, lost answers, failing commits, and people who number by hand: no
// number is given twice, none is missing, and each proposal has one pull request and one branch.
func TestNumbersWhateverCrashes(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Run(fmt.Sprint(seed), func(t *testing.T) {
		c := &crowd{stage: newStage(t), rand: rand.New(rand.NewPCG(seed, 0)), due: map[string]time.Time{}, hands: map[string][]int{}, refs: map[string]bool{}, merges: map[string]bool{}, logs: map[string]string{}}
		c.configure(twoLogsYAML)
		c.whole = c.db
		c.start(0)
		c.start(1)
		meddle := c.meddle
		c.onGitHub.Store(&meddle)
		c.due["main"], c.due["web"] = c.clock.Now(), c.clock.Now()
		var wishing sync.WaitGroup
		proposals := 100
		if testing.Short() {
			proposals = 40
		}
		for n := range proposals {
			w := adr.Want{Request: request(), At: c.clock.Now(), By: []string{ana, ben, cy, dee}[n%4], Title: fmt.Sprintf("Thing number %d", n), Context: "c", Decision: "d",
				Log: []string{"main", "web"}[n/4%2]}
			wishing.Go(func() {
				c.wish(func(s *adr.Service) error {
					p, err := s.Propose(t.Context(), w)
					if err == nil {
						c.mu.Lock()
						c.due[p.ID], c.logs[p.ID] = c.clock.Now(), p.Log
						c.mu.Unlock()
					}
					return err
				})
			})
		}
		wishing.Wait()
		c.settle("it is open", func(p *adr.Proposal) bool { return p.State == adr.Open })
		c.decideSome()
		c.settle("it is decided, and no number is taken", func(p *adr.Proposal) bool { return !p.Renumber && !p.Taken() && (p.State.Ended() || !c.merges[p.ID]) })
		c.mu.Lock()
		c.calm = true
		c.mu.Unlock()
		c.checkNumbers()
		c.checkPulls()
	})
}

// decideSome gives some proposals their thumbs, and has those renumbered whose number somebody took.
func (c *crowd) decideSome() {
	c.mu.Lock()
	c.calm = true // nobody takes more numbers from now on
	c.mu.Unlock()
	c.github.ClearFaults()
	c.watches(c.Service)
	ids := slices.Sorted(func(yield func(string) bool) {
		for id := range c.due {
			if !isLog(id) && !yield(id) {
				return
			}
		}
	})
	for n, id := range ids {
		p := c.proposal(id)
		if n%10 == 0 {
			c.merges[id] = true
			for _, by := range []string{ana, ben, cy} {
				if by != p.By {
					c.thumb(id, by, adr.Up)
				}
			}
		}
		if p.Taken() {
			if _, err := c.Renumber(c.Context(), request(), id, c.clock.Now()); err != nil {
				c.Fatal(err)
			}
		}
	}
	c.mu.Lock()
	c.calm = false
	c.mu.Unlock()
}

// all are the proposals, by log and number.
func (c *crowd) all() []*adr.Proposal {
	var out []*adr.Proposal
	for id := range c.due {
		if !isLog(id) {
			out = append(out, c.proposal(id))
		}
	}
	slices.SortFunc(out, func(a, b *adr.Proposal) int {
		return cmp.Or(cmp.Compare(a.Log, b.Log), cmp.Compare(a.Number, b.Number))
	})
	return out
}

func (c *crowd) checkNumbers() {
	c.Helper()
	high, taken := map[string]int{}, map[string]map[int]string{"main": {}, "web": {}}
	for _, p := range c.all() {
		if other := taken[p.Log][p.Number]; other != "" {
			c.Errorf("%s has the number of %s: %d in %s", p.ID, other, p.Number, p.Log)
		}
		taken[p.Log][p.Number], high[p.Log] = p.ID, p.Number
		ref := p.Branch
		if p.State == adr.Accepted {
			ref = "main"
		}
		if _, there := c.repo.File(ref, p.File); !there || !strings.HasPrefix(path.Base(p.File), fmt.Sprintf("%04d-", p.Number)) {
			c.Errorf("%s has no %s", ref, p.File)
		}
	}
	for log, top := range high {
		for n := 1; n <= top; n++ {
			if taken[log][n] == "" && !slices.Contains(c.hands[log], n) {
				c.Errorf("%s has no number %d of %d", log, n, top)
			}
		}
	}
}

func (c *crowd) checkPulls() {
	c.Helper()
	from := map[string]int{}
	for _, pull := range c.github.Pulls("acme/decisions") {
		if pull.State == "open" {
			from[pull.Pull.Head]++
		}
	}
	for _, b := range c.branches() {
		if from[b] != 1 && !c.refs[b] {
			c.Errorf("the branch %s has %d open pull requests", b, from[b])
		}
	}
	for _, p := range c.all() {
		n := 0
		for _, pull := range c.github.Pulls("acme/decisions") {
			if strings.Contains(pull.Body, p.ID) {
				n++
			}
		}
		if n != 1 {
			c.Errorf("%s has %d pull requests", p.Name(), n)
		}
	}
}

// isLog tells whether what is due is a log, and no proposal.
func isLog(id string) bool { return id == "main" || id == "web" }
