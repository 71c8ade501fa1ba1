package schedule

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"shipmate/store"
)

// repoDebts is what was read of one repository.
type repoDebts struct {
	repo  string
	facts DebtFacts
	print string
	// ask are those that people can be asked about, by rule, in the order in which they are.
	ask map[Rule][]DebtItem
}

// gatherDebts reads repositories, one after the other: many reminders are gathered at once.
func (s *Service) gatherDebts(ctx context.Context, r *Reminder, wanted []string, now time.Time) (read []repoDebts, misses map[string]error) {
	misses = map[string]error{}
	for _, repo := range wanted {
		if ctx.Err() != nil {
			return read, misses
		}
		one, err := s.readRepoDebts(ctx, r, repo, now)
		if err != nil {
			s.log.Warn("a reminder could not read technical debt", "team", r.Team, "repo", repo, "err", err)
			misses[repo] = err
			continue
		}
		read = append(read, one)
	}
	return read, misses
}

func (s *Service) readRepoDebts(ctx context.Context, r *Reminder, repo string, now time.Time) (repoDebts, error) {
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	open, err := s.openDebts(ctx, repo)
	if err != nil {
		return repoDebts{}, err
	}
	paid, err := s.repos.paid(ctx, repo, s.current().Debt.IssueLabel(), r.Since)
	if err != nil {
		return repoDebts{}, err
	}
	paid = slices.DeleteFunc(slices.Clone(paid), func(i DebtItem) bool { return !i.Closed.Before(r.Until) }) // the next one tells of those
	said, err := s.standings(ctx, repo)
	if err != nil {
		return repoDebts{}, err
	}
	return debtsOf(repo, open, paid, said, now), nil
}

// debtsOf is how the debt of a repository stands.
func debtsOf(repo string, open, paid []DebtItem, said map[int]*Standing, now time.Time) repoDebts {
	out := repoDebts{repo: repo, print: printOf(open, now), ask: map[Rule][]DebtItem{}}
	f := &out.facts
	f.Count, f.Costs, f.Paid = len(open), map[Cost]int{}, some(paid)
	for _, i := range open {
		f.Costs[i.Cost]++
		st := said[i.Number]
		if st == nil {
			st = &Standing{}
		}
		overdue := st.overdue(i, now)
		switch {
		case st.taken(i, now):
			f.Taken++
			continue
		case st.snoozed(now):
			f.Snoozed++
			continue
		case overdue:
			f.Late++
			f.Overdue = append(f.Overdue, i)
		}
		switch {
		case !st.askable(i, now):
			f.Asked++
		case overdue:
			out.ask[RuleOverdue] = append(out.ask[RuleOverdue], i)
		case i.Cost != "":
			out.ask[RuleDearest] = append(out.ask[RuleDearest], i)
			fallthrough
		default:
			out.ask[RuleOldest] = append(out.ask[RuleOldest], i)
		}
	}
	f.Oldest, f.Dearest = slices.Clone(open), slices.DeleteFunc(slices.Clone(open), func(i DebtItem) bool { return i.Cost == "" })
	f.order()
	return out
}

// printOf is how open debt stands as one comparable word: what there is, what it costs, who has it, and what is overdue.
func printOf(open []DebtItem, now time.Time) string {
	sum := sha256.New()
	all := slices.Clone(open)
	slices.SortFunc(all, func(a, b DebtItem) int { return a.Number - b.Number })
	for _, i := range all {
		fmt.Fprintf(sum, "%d %s %s %q %t\n", i.Number, i.Cost, i.Size, i.Logins, !i.Until.IsZero() && !i.Until.After(now))
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// order puts its lists in order, and keeps of each what is shown.
func (f *DebtFacts) order() {
	byAge(f.Oldest)
	byCost(f.Dearest)
	slices.SortStableFunc(f.Overdue, func(a, b DebtItem) int { return a.Until.Compare(b.Until) })
	for _, list := range []*[]DebtItem{&f.Oldest, &f.Dearest, &f.Overdue} {
		*list = (*list)[:min(len(*list), shownDebts)]
	}
}

// add takes over how the debt of one more repository stands.
func (f *DebtFacts) add(from DebtFacts) {
	if f.Costs == nil {
		f.Costs = map[Cost]int{}
	}
	for cost, n := range from.Costs {
		f.Costs[cost] += n
	}
	f.Count += from.Count
	f.Late += from.Late
	f.Taken += from.Taken
	f.Snoozed += from.Snoozed
	f.Asked += from.Asked
	f.Oldest = slices.Concat(f.Oldest, from.Oldest)
	f.Dearest = slices.Concat(f.Dearest, from.Dearest)
	f.Overdue = slices.Concat(f.Overdue, from.Overdue)
	more := f.Paid.More + from.Paid.More
	f.Paid = some(slices.Concat(f.Paid.All, from.Paid.All))
	f.Paid.More += more
	f.order()
}

// take puts what was read into the reminder, and what was not into what is missing of it.
func (r *Reminder) take(read []repoDebts, misses map[string]error, now time.Time) {
	if r.Prints == nil {
		r.Prints = map[string]string{}
	}
	for _, one := range read {
		if _, before := r.Prints[one.repo]; before {
			continue
		}
		r.Prints[one.repo] = one.print
		r.Facts.add(one.facts)
		delete(r.Missing, one.repo)
	}
	for repo, err := range misses {
		if _, before := r.Prints[repo]; before {
			continue
		}
		if r.Missing == nil {
			r.Missing = map[string]Miss{}
		}
		r.Missing[repo] = r.Missing[repo].again(err, now)
	}
	if r.next().IsZero() {
		r.Ended = now
	}
}

// candidates are the issues that people can be asked about, the first first.
func candidates(read []repoDebts) []DebtQuestion {
	by := map[Rule][]DebtItem{}
	for _, one := range read {
		for rule, items := range one.ask {
			by[rule] = append(by[rule], items...)
		}
	}
	slices.SortStableFunc(by[RuleOverdue], func(a, b DebtItem) int { return a.Until.Compare(b.Until) })
	byCost(by[RuleDearest])
	byAge(by[RuleOldest])
	var out []DebtQuestion
	for _, rule := range []Rule{RuleOverdue, RuleDearest, RuleOldest} {
		for _, item := range by[rule] {
			out = append(out, DebtQuestion{Item: item, Rule: rule})
		}
	}
	return out
}

// maxChosen is how many issues are looked at in one transaction.
const maxChosen = 10

// choose asks about the first issue about which nobody was asked meanwhile.
func (r *Reminder) choose(tx store.Tx, all []DebtQuestion, now time.Time) error {
	if r.Question != nil {
		return nil
	}
	for _, q := range all[:min(len(all), maxChosen)] {
		st, err := standing(tx, q.Item.Repo, q.Item.Number)
		if err != nil {
			return err
		}
		if !st.askable(q.Item, now) {
			continue
		}
		st.Asked, st.Seen, st.Reminder = now, q.Item.Updated, r.ID
		r.Question = &q
		r.Stage++
		return saveStanding(tx, st)
	}
	return nil
}

// CostsSaid are the costs of which there is any, the dearest first.
func (f *DebtFacts) CostsSaid() []Cost {
	out := slices.Collect(maps.Keys(f.Costs))
	slices.SortFunc(out, func(a, b Cost) int { return a.rank() - b.rank() })
	return out
}
