package delivery

import (
	"slices"
	"time"

	"shipmate/store"
)

const day = 24 * time.Hour

// counting is statistics on the way.
type counting struct {
	Stats
	leads, recoveries []int64 // seconds
	parts             [wheres][]int64
	days              map[int64]bool
	first             time.Time // when the first ended that was looked at
	older             bool      // there are others before the period
}

// read counts what ended in one place, from the newest to the oldest.
func (t *counting) read(snap store.Snapshot, p StatsPlace) error {
	var good time.Time // when the next one succeeded, after the one that is looked at, and stayed
	under := endedUnder(p.Service, p.Environment)
	for key, value := range snap.Scan(under, under+backwards(t.Until)) {
		o, err := readOutcome(key, value)
		if err != nil {
			return err
		}
		if o.ended.Before(t.Since) {
			t.older = true
			return nil
		}
		if t.first.IsZero() || o.ended.Before(t.first) {
			t.first = o.ended
		}
		t.add(o, good)
		if o.State == Succeeded && !o.Undone {
			good = o.ended
		}
	}
	return nil
}

// add counts one; good is when the next one succeeded there and stayed, zero while none has.
func (t *counting) add(o outcome, good time.Time) {
	if !o.Back {
		t.judge(o, good)
	}
	bar := t.bar(o.ended)
	switch {
	case o.Undone:
		bar.Undone++
	case o.State != Succeeded:
		t.Otherwise++
	case o.Back:
		bar.Rollbacks++
	default:
		bar.Good++
	}
	if o.State != Succeeded {
		return
	}
	t.Deployments++
	t.days[o.ended.Unix()/int64(day.Seconds())] = true
	if o.Back || o.Glass {
		t.Unplanned++
	}
	if o.Lead > 0 {
		t.leads = append(t.leads, o.Lead)
	}
	for where, s := range o.Spent {
		if s > 0 {
			t.parts[where] = append(t.parts[where], s)
		}
	}
}

// judge counts whether a change failed, and how long that was so.
func (t *counting) judge(o outcome, good time.Time) {
	if o.State != Succeeded && !o.Undone {
		return
	}
	t.Changes++
	if !o.Undone {
		return
	}
	t.Undone++
	if good.IsZero() {
		t.Unrecovered++
		return
	}
	t.recoveries = append(t.recoveries, seconds(good.Sub(o.ended)))
}

// bar is the one that a time falls into. They are counted back from the end of the period, so the oldest may begin before it.
func (t *counting) bar(at time.Time) *Bar {
	width := 7 * day
	if t.Days <= 14 {
		width = day
	}
	if t.Bars == nil {
		n := int((time.Duration(t.Days)*day + width - 1) / width)
		for i := n; i > 0; i-- {
			t.Bars = append(t.Bars, Bar{From: t.Until.Add(-time.Duration(i) * width)})
		}
	}
	back := int(t.Until.Sub(at) / width)
	return &t.Bars[max(0, len(t.Bars)-1-back)]
}

// done are the statistics when all is counted.
func (t *counting) done() Stats {
	if !t.older {
		t.Begins = t.first
	}
	t.OnDays = len(t.days)
	t.Lead, t.Recovery = middle(t.leads), middle(t.recoveries)
	for where, all := range t.parts {
		m := middle(all)
		t.Spent[where] = Spent{Median: m.Median, Of: m.Of}
		for _, s := range all {
			t.Spent[where].Total += time.Duration(s) * time.Second
		}
	}
	return t.Stats
}

// middle is the median of seconds; of an even number of them the middle between the two in the middle.
func middle(all []int64) Middle {
	if len(all) == 0 {
		return Middle{}
	}
	slices.Sort(all)
	n := len(all)
	return Middle{Median: time.Duration(all[(n-1)/2]+all[n/2]) * time.Second / 2, Of: n}
}
