package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"shipmate/store"
)

// Finding is one thing somebody who looks after Shipmate should know.
type Finding struct {
	Level Level
	Text  Text // one sentence: what is so
	Mend  Text // what to do about it; empty when there is nothing to do
}

// Level is how bad a finding is; a higher one is worse.
type Level int

// The levels of findings.
const (
	Fine    Level = iota // as it should be
	Notice               // worth knowing
	Warning              // something does not work as it was meant to, or soon will not
	Problem              // something people rely on does not work
)

// String is the level in one word.
func (l Level) String() string {
	return [...]string{"fine", "notice", "warning", "problem"}[l]
}

// Diagnose looks at everything between Shipmate and Slack. It asks Slack for what it must not believe from memory and
// returns when ctx ends at the latest, then with the findings that say so.
func (b *Bot) Diagnose(ctx context.Context) []Finding {
	var rooms, groups []Finding
	var wg sync.WaitGroup
	wg.Go(func() { rooms = b.checkChannels(ctx) })
	wg.Go(func() { groups = b.checkGroups(ctx) })
	wg.Wait()
	return slices.Concat(b.checkSockets(), b.checkScopes(), rooms, groups, b.checkBacklog(), b.checkParked(ctx), b.checkClock())
}

func (b *Bot) checkSockets() []Finding {
	h := b.sockets.hearing()
	var ages []string
	for _, age := range h.Open {
		ages = append(ages, age.String())
	}
	slices.Sort(ages)
	const mend = "Check the way from this machine to Slack (wss, port 443) and the app token; the log has every attempt."
	switch n := len(h.Open); {
	case n == 0:
		return []Finding{{Problem, Textf("No connection to Slack delivers since %s; the last ended with: %s.",
			Clock(b.clock.Now().Add(-time.Since(h.DeafSince))), reasonOr(h.Reason)), mend}}
	case n == 1 && h.Open[0] > 2*b.sockets.cfg.Second:
		return []Finding{{Warning, Textf("Only one connection to Slack stands, for %s; the other ended with: %s. %d attempts have failed since.",
			ages[0], reasonOr(h.Reason), h.Failures), mend}}
	case h.Failures > 0:
		return []Finding{{Notice, Textf("%d connections to Slack stand, after %d attempts that failed; the last ended with: %s.", n, h.Failures, reasonOr(h.Reason)), ""}}
	}
	return []Finding{{Fine, Textf("Slack: %s, open for %s.", plural(len(ages), "connection"), strings.Join(ages, " and ")), ""}}
}

func reasonOr(reason string) string {
	if reason == "" {
		return "no reason given"
	}
	return mask(reason)
}

// checkScopes compares what the token may do, as Slack's last answer said, with what is needed.
func (b *Bot) checkScopes() []Finding {
	b.api.mu.Lock()
	have := b.api.scopes
	b.api.mu.Unlock()
	if have == nil {
		return []Finding{{Notice, "Slack has not said yet what the bot token may do.", ""}}
	}
	var out []Finding
	needed := neededScopes(b.router.commands)
	for _, s := range Scopes(b.router.commands) {
		if !slices.Contains(have, s) {
			out = append(out, Finding{Problem, Textf("The bot token lacks the scope %s, which is for %s.", Code(s), needed[s]),
				"Give the app the manifest that `shipmate manifest` prints, and install it again."})
		}
	}
	if out == nil {
		return []Finding{{Fine, Textf("The bot token has all %d scopes it needs.", len(needed)), ""}}
	}
	return out
}

func (b *Bot) checkBacklog() []Finding {
	waiting, most := b.queue.ahead(), b.settings().Limits.Backlog
	f := Finding{Fine, Textf("%s under way or waiting; %d may.", plural(waiting, "request"), most), ""}
	if waiting*10 > most {
		f.Level, f.Mend = Warning, "Whatever is slow now holds them up: look at the other lines, and at the log."
	}
	return []Finding{f}
}

// checkParked counts the requests that were put aside.
func (b *Bot) checkParked(ctx context.Context) []Finding {
	var n int
	var last parked
	err := b.db.View(ctx, func(s store.Snapshot) error {
		n = 0
		for _, data := range s.Scan(parkedPrefix, "") {
			var p parked
			if decode(data, &p) == nil && p.At.After(last.At) {
				last = p
			}
			n++
		}
		return nil
	})
	switch {
	case err != nil:
		return []Finding{{Problem, "The store cannot be read.", Textf("The log says why: %s.", mask(err.Error()))}}
	case n == 0:
		return nil
	}
	return []Finding{{Warning, Textf("%s aside, the last %s: %s.", plural(n, "request was put", "requests were put"), Time(last.At), mask(last.Why)),
		Textf("The log has it under %s. Who asked can ask again.", Code(reference(last.Entry.ID)))}}
}

// maxSkew is how far clocks may be apart before times people read, and what "10 minutes ago" means to another service,
// become wrong.
const maxSkew = 5 * time.Second

func (b *Bot) checkClock() []Finding {
	b.api.mu.Lock()
	skew, known := b.api.skew, b.api.dated
	b.api.mu.Unlock()
	switch {
	case !known || skew.Abs() <= maxSkew:
		return nil
	case skew > 0:
		return []Finding{{Warning, Textf("This machine's clock is %s behind Slack's.", skew.Round(time.Second)), "Let it follow a time server (NTP)."}}
	}
	return []Finding{{Warning, Textf("This machine's clock is %s ahead of Slack's.", -skew.Round(time.Second)), "Let it follow a time server (NTP)."}}
}

// plural says "1 connection", "2 connections"; many is the plural when it is not one with an s.
func plural(n int, one string, many ...string) string {
	switch {
	case n == 1:
		return "1 " + one
	case len(many) > 0:
		return fmt.Sprintf("%d %s", n, many[0])
	}
	return fmt.Sprintf("%d %ss", n, one)
}
